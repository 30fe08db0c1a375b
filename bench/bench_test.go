// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The program starts itself again, so the tests do.
func TestMain(m *testing.M) {
	if as := os.Getenv(role); as != "" {
		exitOn(serveChild(as, os.Stdin, os.Stdout))
		return
	}
	os.Exit(m.Run())
}

// play has a contestant do the job of so many leads, in this process.
func play(t *testing.T, c contestant, leads int) run {
	t.Helper()
	o, err := newOrg(leads, 0)
	require.NoError(t, err)
	defer o.close()
	require.Error(t, o.check(), "nothing is done yet")
	s, err := takeSeat(t.Context(), order{Contestant: c.key, Leads: leads, Job: &o.address})
	require.NoError(t, err)
	before := o.tally()
	require.NoError(t, s.do(t.Context()))
	counted := o.tally().sub(before)
	require.NoError(t, s.close())
	require.NoError(t, o.check())
	return run{session: before.Calls, tally: counted}
}

func TestEveryContestantDoesTheJob(t *testing.T) {
	t.Parallel()
	calls := map[string]int{"sync": 3, "go-composites": 8, "floor": 4}
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
	require.NoError(t, o.check())
	row := o.fake.Rows(objectTask)[7]
	o.fake.Delete(objectTask, row["Id"].(string))
	require.ErrorContains(t, o.check(), "lead 7 has 1 records, 1 memberships and 0 Tasks")
	o.fake.Insert(objectTask, map[string]any{"WhoId": row["WhoId"], "Subject": "Meeting", "Status": "Completed",
		"ActivityDate": "2026-05-04", "Description": "at another stand"})
	require.ErrorContains(t, o.check(), "lead 7 has 1 records, 1 memberships and 0 Tasks")
	require.NoError(t, s.close())
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
	require.Contains(t, lines[2], "| go-salesforce, composites | 8 (+0) | 1.00 |")
	require.Contains(t, lines[3], "| net/http, composites of five | 4 (+0) |")
}

func TestFlagsAreChecked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"more"}, {"-leads", "0"}, {"-leads", "1,x"}, {"-runs", "0"}, {"-delay", "-1s"},
		{"-only", "sync,other"}} {
		_, err := parseFlags(args)
		require.Error(t, err, args)
	}
}

func TestMedianIsTheMiddle(t *testing.T) {
	t.Parallel()
	require.Zero(t, median[float64](nil))
	require.Equal(t, 2.0, median([]float64{3, 1, 2}))
	require.Equal(t, 2.5, median([]float64{4, 1, 2, 3}))
}
