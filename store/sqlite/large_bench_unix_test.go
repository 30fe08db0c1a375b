// SPDX-License-Identifier: Apache-2.0

//go:build unix

package sqlite_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// userCPU is the user CPU time that this process has taken.
func userCPU(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano())
}

// personIn is the nth lead of a large file.
func personIn(n int, id leadtype.LeadID) *leadtype.Lead {
	return &leadtype.Lead{ID: id, EventID: fmt.Sprintf("expo-%d", n%10), Strategy: "s",
		FirstName: fmt.Sprintf("First%d", n%2000), LastName: fmt.Sprintf("Last%d", n%20_000),
		Email:   fmt.Sprintf("first%d.last%d@company%d.example", n%2000, n, n%5000),
		Company: fmt.Sprintf("Company %d Ltd", n%5000),
		Notes:   "Met at the booth and asked for a demonstration of the new engines.",
		Answers: map[string][]string{"budget": {"100k"}, "when": {"next quarter"}}}
}

func sequentialID(n int) leadtype.LeadID { return leadtype.LeadID(fmt.Sprintf("lead-%08d", n)) }

func randomID(int) leadtype.LeadID {
	return leadtype.LeadID(fmt.Sprintf("%08x-%016x", rand.Uint32(), rand.Uint64()))
}

// captureLarge captures leads from..until in thousands.
func captureLarge(b *testing.B, st *sqlite.Store, from, until int, id func(int) leadtype.LeadID) {
	b.Helper()
	for n := from; n < until; n += 1000 {
		var captured []store.Captured
		for i := n; i < min(until, n+1000); i++ {
			captured = append(captured, store.Captured{Lead: personIn(i, id(i)), State: store.StateQueued})
		}
		_, err := st.Capture(b.Context(), "org", captured)
		require.NoError(b, err)
	}
}

// outcomeIn is the outcome of the nth lead of a large file.
func outcomeIn(n int, id leadtype.LeadID) *leadtype.Outcome {
	o := &leadtype.Outcome{LeadID: id, Stage: leadtype.Cleared, Action: leadtype.Created, Object: "Contact",
		ID: salesforce.ID(fmt.Sprintf("003%012dAAA", n)), At: time.Unix(1_700_000_000, 0).UTC()}
	switch {
	case n%50 == 0:
		o.Stage, o.Action, o.ID = leadtype.Failed, "", ""
		o.Err = &leadtype.Error{Op: "create", Code: leadtype.Unknown, LeadID: id,
			Fields: []string{fmt.Sprintf("Field%d", n%7)}}
	case n%10 == 0:
		o.Action = leadtype.Updated
	}
	return o
}

// drainLarge claims, journals and settles leads in thousands until none is left, or most are done.
func drainLarge(b *testing.B, st *sqlite.Store, most int) {
	b.Helper()
	lease, err := st.Acquire(b.Context(), "org", "a", time.Hour)
	require.NoError(b, err)
	for n := 0; n < most; {
		claimed, err := st.Claim(b.Context(), lease, 1000)
		require.NoError(b, err)
		if len(claimed) == 0 {
			return
		}
		intents := make(map[leadtype.LeadID][]leadtype.Intent)
		settlements := make([]store.Settlement, len(claimed))
		for i, c := range claimed {
			n++
			intents[c.Lead.ID] = []leadtype.Intent{{Kind: leadtype.PartTask, Key: "k"}}
			settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: outcomeIn(n, c.Lead.ID)}
		}
		require.NoError(b, st.Journal(b.Context(), lease, intents))
		stale, err := st.Settle(b.Context(), lease, settlements)
		require.NoError(b, err)
		require.Empty(b, stale)
	}
}

// perLead reports what a number of leads cost.
func perLead(b *testing.B, leads int, before time.Duration) {
	b.ReportMetric(float64((userCPU(b)-before).Nanoseconds())/float64(leads)/1000, "user-us/lead")
}

func openLarge(b *testing.B) (*sqlite.Store, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "leads.db")
	st, err := sqlite.Open(path, nil)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, st.Close()) })
	return st, path
}

// BenchmarkLarge captures and drains LEADSYNC_BENCH_LEADS leads, 20,000 without it, in one file,
// and reports the user CPU time and the bytes of the file for each.
func BenchmarkLarge(b *testing.B) {
	leads, err := strconv.Atoi(os.Getenv("LEADSYNC_BENCH_LEADS"))
	if err != nil {
		leads = 20_000
	}
	for name, id := range map[string]func(int) leadtype.LeadID{"sequential": sequentialID, "random": randomID} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				st, path := openLarge(b)
				before := userCPU(b)
				captureLarge(b, st, 0, leads, id)
				captured := userCPU(b)
				drainLarge(b, st, leads)
				drained := userCPU(b)
				b.ReportMetric(float64((captured-before).Microseconds())/float64(leads), "capture-us/lead")
				b.ReportMetric(float64((drained-captured).Microseconds())/float64(leads), "drain-us/lead")
				require.NoError(b, st.Close())
				info, err := os.Stat(path)
				require.NoError(b, err)
				b.ReportMetric(float64(info.Size())/float64(leads), "B/lead")
			}
		})
	}
}

// BenchmarkMillion reports the milliseconds of user CPU and of wall that summaries, pages and
// exports take in a file of LEADSYNC_BENCH_FILE, which it makes where there is none.
func BenchmarkMillion(b *testing.B) {
	path := os.Getenv("LEADSYNC_BENCH_FILE")
	if path == "" {
		b.Skip("LEADSYNC_BENCH_FILE names no file")
	}
	_, err := os.Stat(path)
	made := err == nil
	st, err := sqlite.Open(path, nil)
	require.NoError(b, err)
	defer func() { require.NoError(b, st.Close()) }()
	if leads, _ := strconv.Atoi(os.Getenv("LEADSYNC_BENCH_LEADS")); !made {
		captureLarge(b, st, 0, leads, sequentialID)
		drainLarge(b, st, leads*9/10)
	}
	syncer := largeSyncer(b, st)
	measure := func(name string, do func() error) {
		b.Run(name, func(b *testing.B) {
			before := userCPU(b)
			for b.Loop() {
				require.NoError(b, do())
			}
			b.ReportMetric(float64((userCPU(b)-before).Microseconds())/1000/float64(b.N), "user-ms/op")
		})
	}
	measure("summary", func() error { _, err := syncer.Summary(b.Context(), leadsync.Filter{}); return err })
	measure("events", func() error { _, err := syncer.Events(b.Context(), leadsync.Filter{}); return err })
	measure("health", func() error { _, err := syncer.Health(b.Context()); return err })
	failed := []leadsync.Stage{leadsync.Failed}
	for name, filter := range map[string]leadsync.Filter{
		"stage": {Stages: failed}, "state": {States: []store.State{store.StateQueued}},
		"state of none": {States: []store.State{store.StateFrozen}},
		"code of none":  {Codes: []leadsync.Code{leadsync.RateLimit}},
		"code":          {Codes: []leadsync.Code{leadsync.Unknown}},
		"event":         {Event: "expo-3"}, "event of none": {Event: "none"},
		"event and stage": {Event: "expo-3", Stages: failed},
	} {
		filter.Limit = 50
		measure("page of "+name, func() error { _, err := syncer.Leads(b.Context(), filter); return err })
	}
	b.Run("export", func(b *testing.B) {
		for b.Loop() {
			before := userCPU(b)
			require.NoError(b, exportLarge(b, syncer))
			b.ReportMetric((userCPU(b) - before).Seconds(), "user-s/op")
		}
	})
}

// absent is a Salesforce that nothing asks.
type absent struct{ leadsync.Client }

// largeSyncer is a Syncer of a store with many leads.
func largeSyncer(b *testing.B, st leadsync.Store) *leadsync.Syncer {
	b.Helper()
	syncer, err := leadsync.New(absent{}, &leadsync.Config{Store: st, Connection: "org"})
	require.NoError(b, err)
	return syncer
}

func exportLarge(b *testing.B, syncer *leadsync.Syncer) error {
	b.Helper()
	return syncer.ExportCSV(b.Context(), io.Discard, leadsync.Filter{}, nil)
}
