// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// childEnv makes this test binary the child of the kill test, on the file that it
// names.
const childEnv = "LEADSYNC_TEST_KILL"

// openEnv makes it one that opens the file that it names, and closes it.
const openEnv = "LEADSYNC_TEST_OPEN"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		if err := captureForever(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if path := os.Getenv(openEnv); path != "" {
		store, err := sqlite.Open(path, nil)
		if err == nil {
			err = store.Close()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// captureForever captures leads from several callers and prints the id of each
// once it is acknowledged, while it claims some and never settles them.
func captureForever(path string) error {
	store, err := sqlite.Open(path, nil)
	if err != nil {
		return err
	}
	ctx := context.Background()
	run := fmt.Sprint(os.Getpid())
	lease, err := store.Acquire(ctx, connection, run, time.Hour)
	if err != nil {
		return err
	}
	acknowledged, failed := make(chan leadsync.LeadID), make(chan error, 1)
	for caller := range 4 {
		go func() {
			for i := 0; ; i++ {
				id := leadsync.LeadID(fmt.Sprintf("%s-%d-%d", run, caller, i))
				if _, err := store.Capture(ctx, connection, queued(id)); err != nil {
					failed <- err
					return
				}
				acknowledged <- id
			}
		}()
	}
	for n := 1; ; n++ {
		select {
		case id := <-acknowledged:
			fmt.Println(id)
		case err := <-failed:
			return err
		}
		if n%10 == 0 {
			if _, err := store.Claim(ctx, lease, 3); err != nil {
				return err
			}
		}
	}
}

func TestStoreLosesNothingWhenItsProcessIsKilled(t *testing.T) {
	t.Parallel()
	kills := 10
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		kills = 100
	}
	path := filepath.Join(t.TempDir(), "leads.db")
	acknowledged := make(map[leadsync.LeadID]bool)
	for kill := range kills {
		for _, id := range killAfter(t, path, 20+13*kill%60) {
			acknowledged[id] = true
		}
		kept, err := sqlite.Open(path, nil)
		require.NoError(t, err, "a killed process leaves nothing in the way")
		stored := make(map[leadsync.LeadID]bool)
		for i, entry := range list(t, kept) {
			stored[entry.Lead.ID] = true
			require.Equal(t, int64(i+1), entry.Sequence)
			require.Equal(t, store.StateQueued, entry.State, "nothing stays in flight")
		}
		for id := range acknowledged {
			require.True(t, stored[id], "lead %s was acknowledged and is lost", id)
		}
		require.NoError(t, kept.Close())
	}
	require.GreaterOrEqual(t, len(acknowledged), 20*kills)
}

// killAfter runs the child, kills it when it has acknowledged that many leads, and
// returns all that it acknowledged.
func killAfter(t *testing.T, path string, leads int) []leadsync.LeadID {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	var ids []leadsync.LeadID
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		ids = append(ids, leadsync.LeadID(lines.Text()))
		if len(ids) == leads {
			require.NoError(t, child.Process.Kill())
		}
	}
	require.Error(t, child.Wait(), "the child was killed")
	require.GreaterOrEqual(t, len(ids), leads)
	return ids
}
