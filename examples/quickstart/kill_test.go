// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
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

// actAsMain makes the test binary run quickstart itself, so that a test can kill
// it as a separate process.
const actAsMain = "QUICKSTART_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(actAsMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

// A moment is when a process is killed: when its nth request arrives, or its nth
// one that writes. The fault is applied to that request.
type moment struct {
	name   string
	nth    int
	writes bool
	fault  *sftest.Fault // nil: carried out, and the response is lost
}

// A victim is a quickstart process that is killed at a moment.
type victim struct {
	mu      sync.Mutex
	process *os.Process
	moment  moment
	seen    int // requests of this process that count towards the moment
	killed  bool
}

// meet is called for each request before the org carries it out.
func (v *victim) meet(r *http.Request, _ int) *sftest.Fault {
	body, _ := io.ReadAll(r.Body)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.moment.nth == 0 || v.moment.writes && !bytes.Contains(body, []byte(`"method":"P`)) {
		return nil
	}
	v.seen++
	if v.seen != v.moment.nth {
		return nil
	}
	v.killed = v.process.Kill() == nil
	return v.moment.fault
}

// run starts quickstart and waits until it is killed or exits.
func (v *victim) run(t *testing.T, org *sftest.Org, m moment, args ...string) (result, bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append(args, "-url", org.URL())...)
	cmd.Env = append(os.Environ(), actAsMain+"=1", tokenVariable+"="+org.Token())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	v.mu.Lock()
	v.moment, v.seen, v.killed = m, 0, false
	require.NoError(t, cmd.Start())
	v.process = cmd.Process
	v.mu.Unlock()
	_ = cmd.Wait()
	v.mu.Lock()
	defer v.mu.Unlock()
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}, v.killed
}

// TestKilledRunsLoseAndDoubleNothing repeatedly kills quickstart, each time
// started with the same -db and as many more leads as take two calls to write, and then lets it
// finish.
// LEADSYNC_TEST_FULL sets the full number of kills.
func TestKilledRunsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	for strategy, people := range map[string][]string{
		"leads-and-contacts":    {"Lead", "Contact"},
		"accounts-and-contacts": {"Contact"}, // it ignores Leads
	} {
		t.Run(strategy, func(t *testing.T) {
			t.Parallel()
			org, leads := killAgainAndAgain(t, strategy)
			requireOneOfEach(t, org, leads, people...)
		})
	}
}

// killAgainAndAgain returns the org after the last run, and the number of leads.
func killAgainAndAgain(t *testing.T, strategy string) (org *sftest.Org, leads int) {
	t.Helper()
	const more = 400 // leads a run
	kills := 4
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		kills = 16
	}
	// The server keeps working on the request for longer than a restart takes, but
	// for less than -verify-after.
	late := &sftest.Fault{CommitLater: 2 * time.Second}
	never := &sftest.Fault{DropBefore: true}
	moments := []moment{
		{"first write late", 1, true, late},
		{"second write unheard", 2, true, nil},
		{"nothing written", 1, true, never},
		{"second write late", 2, true, late},
		{"preflight", 1, false, nil},
		{"second write not carried out", 2, true, never},
		{"first write unheard", 1, true, nil},
		{"lookup", 2, false, nil},
	}
	org = sftest.NewOrg(t)
	demoorg.SeedMix(org, more*kills)
	v := new(victim)
	org.Fail(v.meet)
	db := filepath.Join(t.TempDir(), "leads.db")
	args := func(leads int) []string {
		return []string{"-n", fmt.Sprint(leads), "-strategy", strategy, "-db", db, "-verify-after", "5s", "-json"}
	}
	for i := range kills {
		m := moments[i%len(moments)]
		r, killed := v.run(t, org, m, args(more*(i+1))...)
		require.True(t, killed, "kill %d, %s: the process ended first\n%s", i, m.name, r.stderr)
	}
	r, _ := v.run(t, org, moment{}, args(more*kills)...)
	require.Equal(t, exitDone, r.code, r.stderr)
	s := r.summary(t)
	require.Equal(t, more*kills, s.Leads)
	require.Zero(t, s.Frozen+s.Failed, r.stderr)
	return org, more * kills
}

// requireOneOfEach checks that the org has every generated person, member and
// task exactly once, and no company twice.
func requireOneOfEach(t *testing.T, org *sftest.Org, leads int, people ...string) {
	t.Helper()
	var persons []map[string]any
	for _, object := range people {
		persons = append(persons, org.Rows(object)...)
	}
	requireDistinct(t, leads, persons, "Email")
	requireDistinct(t, leads, org.Rows("CampaignMember"), "CampaignId", "LeadId", "ContactId")
	requireDistinct(t, leads, org.Rows("Task"), "WhoId")
	requireDistinct(t, org.Count("Account"), org.Rows("Account"), "Name")
}

// requireDistinct checks that there are want rows, each with different values of
// the fields.
func requireDistinct(t *testing.T, want int, rows []map[string]any, fields ...string) {
	t.Helper()
	seen := make(map[string]bool)
	for _, row := range rows {
		var key strings.Builder
		for _, field := range fields {
			fmt.Fprintf(&key, "%v\n", row[field])
		}
		seen[strings.ToLower(key.String())] = true
	}
	require.Len(t, seen, want, "rows by %v", fields)
	require.Equal(t, want, len(rows), "duplicate rows by %v", fields)
}
