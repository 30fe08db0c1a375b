// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/pgtest"
)

// The program starts itself again, so the tests do.
func TestMain(m *testing.M) {
	if as := os.Getenv(role); as != "" {
		exitOn(serveChild(as, os.Stdin, os.Stdout))
		return
	}
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

var server pgtest.Server

// play has a contestant do the job of so many leads, in this process.
func play(t *testing.T, c contestant, leads int) run {
	t.Helper()
	o, err := newOrg(leads, 0)
	require.NoError(t, err)
	defer o.close()
	require.Error(t, o.check(objectContact, objectLead), "nothing is done yet")
	if c.postgres {
		o.address.Postgres = server.DSN(t)
	}
	s, err := takeSeat(t.Context(), order{Contestant: c.key, Leads: leads, Job: &o.address})
	require.NoError(t, err)
	before := o.tally()
	require.NoError(t, s.do(t.Context()))
	counted := o.tally().sub(before)
	disk, err := s.close()
	require.NoError(t, err)
	require.Equal(t, c.key == "sqlite", disk > 0)
	require.NoError(t, o.check(objectContact, objectLead))
	return run{session: before.Calls, tally: counted}
}

func TestEveryContestantDoesTheJob(t *testing.T) {
	t.Parallel()
	calls := map[string]int{"sync": 2, "memory": 2, "sqlite": 2, "postgres": 2, "go-composites": 8,
		"go-collections": 8, "go-records": 104, "simpleforce": 104, "floor": 4}
	for _, c := range contestants() {
		t.Run(c.key, func(t *testing.T) {
			t.Parallel()
			done := play(t, c, 20)
			require.Equal(t, calls[c.key], done.tally.Calls)
			require.EqualValues(t, 20+18+20, done.tally.Rows, "people, members, Tasks")
			require.Positive(t, done.tally.Received)
			require.Positive(t, done.tally.Sent)
		})
	}
}

// What was not done is found, so that no contestant is measured by half the job.
func TestAJobThatIsNotDoneFails(t *testing.T) {
	t.Parallel()
	o, err := newOrg(20, 0)
	require.NoError(t, err)
	defer o.close()
	s, err := takeSeat(t.Context(), order{Contestant: "floor", Leads: 20, Job: &o.address})
	require.NoError(t, err)
	require.NoError(t, s.do(t.Context()))
	require.NoError(t, o.check(objectContact, objectLead))
	row := o.fake.Rows(objectTask)[7]
	o.fake.Delete(objectTask, row["Id"].(string))
	require.ErrorContains(t, o.check(objectContact, objectLead), "lead 7 has 1 records, 1 memberships and 0 Tasks")
	o.fake.Insert(objectTask, map[string]any{"WhoId": row["WhoId"], "Subject": "Meeting", "Status": "Completed",
		"ActivityDate": "2026-05-04", "Description": "at another stand"})
	require.ErrorContains(t, o.check(objectContact, objectLead), "lead 7 has 1 records, 1 memberships and 0 Tasks")
	_, err = s.close()
	require.NoError(t, err)
}

// The processes, the turns and the table.
func TestAContestRunsInProcessesOfItsOwn(t *testing.T) {
	t.Parallel()
	var out, progress strings.Builder
	c, err := parseFlags([]string{"-leads", "20", "-runs", "2", "-delay", "1ms", "-only", "go-composites,floor"})
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	require.NoError(t, measureAll(ctx, c, &out, &progress))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 4, out.String())
	require.Contains(t, lines[2], "| go-salesforce, composites | 8 (+0) |")
	require.Contains(t, lines[3], "| net/http, composites of five | 4 (+0) |")
}

func TestTheCallsOfOtherCasesAreCounted(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		count       func(context.Context, int) (tally, error)
		leads       int
		least, most int
	}{
		"again":                       {countAgain(nil), 20, 1, 1},
		"Accounts and Contacts":       {countAccounts, 20, 2, 4},
		"Accounts and Contacts again": {countAgain(leadsync.AccountsAndContacts), 20, 1, 1},
		"live":                        {countLive(1_000_000, 0), 30, 2 * 4, 3 * 5}, // five windows, the last one short
		"live, without a window":      {countLive(1_000_000, leadsync.NoGather), 10, 2 * 10, 3 * 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counted, err := tc.count(t.Context(), tc.leads)
			require.NoError(t, err)
			require.GreaterOrEqual(t, counted.Calls, tc.least)
			require.LessOrEqual(t, counted.Calls, tc.most)
		})
	}
}

func TestFlagsAreChecked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"more"}, {"-leads", "0"}, {"-leads", "1,x"}, {"-runs", "0"}, {"-delay", "-1s"},
		{"-only", "sync,other"}} {
		_, err := parseFlags(args)
		require.Error(t, err, args)
	}
}

// What people wrote above the marker stays.
func TestAReportReplacesWhatWasMeasuredBefore(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "performance.md")
	write := func(text string) error {
		return writeFile(name, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
	}
	require.NoError(t, write("first"))
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, append([]byte("# Title\n\n"), text...), 0o600))
	require.NoError(t, write("second"))
	text, err = os.ReadFile(name)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "# Title\n\n"+marker+"\nMeasured on "), string(text))
	require.True(t, strings.HasSuffix(string(text), runtime.Version()+".\n\nsecond"), string(text))
	failed := errors.New("failed")
	require.ErrorIs(t, writeFile(name, func(io.Writer) error { return failed }), failed)
	kept, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, text, kept)
}

func TestMedianIsTheMiddle(t *testing.T) {
	t.Parallel()
	require.Zero(t, median[float64](nil))
	require.Equal(t, 2.0, median([]float64{3, 1, 2}))
	require.Equal(t, 2.5, median([]float64{4, 1, 2, 3}))
}
