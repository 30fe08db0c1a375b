package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// actAsMain makes the test binary behave as quickstart itself, so that a test
// can kill it without taking the test along.
const actAsMain = "QUICKSTART_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(actAsMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

// A victim is a quickstart process that dies at a chosen request.
type victim struct {
	mu      sync.Mutex
	process *os.Process
	at      int // the request of this process at which it is killed, 0 for none
	seen    int
	fault   *sftest.Fault // what becomes of that request
	killed  bool
}

// meet is told of each request before the org carries it out.
func (v *victim) meet(*http.Request, int) *sftest.Fault {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen++
	if v.seen != v.at {
		return nil
	}
	v.killed = v.process.Kill() == nil
	return v.fault
}

// run starts quickstart and waits for its end. It is killed at request at.
func (v *victim) run(t *testing.T, org *sftest.Org, at int, fault *sftest.Fault, args ...string) (result, bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append(args, "-url", org.URL())...)
	cmd.Env = append(os.Environ(), actAsMain+"=1", tokenVariable+"="+org.Token())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	v.mu.Lock()
	require.NoError(t, cmd.Start())
	v.process, v.at, v.seen, v.fault, v.killed = cmd.Process, at, 0, fault, false
	v.mu.Unlock()
	_ = cmd.Wait()
	v.mu.Lock()
	defer v.mu.Unlock()
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}, v.killed
}

// TestKilledRunsLoseAndDoubleNothing kills quickstart again and again with the
// same -db, at requests from the first to the last and with every fate that the
// request under way can have, and then lets it finish.
func TestKilledRunsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	kills, leads := 3, 300
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		kills, leads = 20, 2500
	}
	fates := []*sftest.Fault{
		nil, // carried out, and nobody hears of it
		{DropBefore: true},
		{CommitLater: 300 * time.Millisecond},
		{Delay: 100 * time.Millisecond},
	}
	org := sftest.NewOrg(t)
	demoorg.SeedMix(org, leads)
	v := new(victim)
	org.Fail(v.meet)
	args := []string{"-n", fmt.Sprint(leads), "-db", filepath.Join(t.TempDir(), "leads.db"), "-verify-after", "2s", "-json"}

	const requests = 10 // of one process, about
	done := 0
	for i := 0; done < kills; i++ {
		require.Less(t, i, 3*kills, "the processes end before they can be killed")
		at := 2 + i%requests
		if kills < requests {
			at = 2 + i // the writes come with the third request
		}
		if _, killed := v.run(t, org, at, fates[i%len(fates)], args...); killed {
			done++
		}
	}
	r, _ := v.run(t, org, 0, nil, args...)
	require.Equal(t, exitDone, r.code, r.stderr)
	s := r.summary(t)
	require.Equal(t, leads, s.Leads)
	require.Zero(t, s.Frozen+s.Failed, r.stderr)
	requireOneOfEach(t, org, leads)
}

// requireOneOfEach checks that the org has every generated person, member and
// task once.
func requireOneOfEach(t *testing.T, org *sftest.Org, leads int) {
	t.Helper()
	once := func(what string, want int, rows []map[string]any, fields ...string) {
		seen := make(map[string]int)
		for _, row := range rows {
			var key strings.Builder
			for _, field := range fields {
				fmt.Fprintf(&key, "%v\n", row[field])
			}
			seen[strings.ToLower(key.String())]++
		}
		require.Len(t, seen, want, what)
		require.Len(t, rows, want, what+" doubled")
	}
	once("people", leads, append(org.Rows("Lead"), org.Rows("Contact")...), "Email")
	once("members", leads, org.Rows("CampaignMember"), "CampaignId", "LeadId", "ContactId")
	once("tasks", leads, org.Rows("Task"), "WhoId")
}
