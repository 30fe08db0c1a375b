// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
	"github.com/leadsync/leadsync/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	server.DSN(b) // its start is not measured
	storetest.Benchmark(b, func(b *testing.B) leadsync.Store {
		b.Helper()
		on := pool(b)
		opened, err := postgres.New(b.Context(), on, &postgres.Options{Schema: schema(b, on)})
		require.NoError(b, err)
		b.ResetTimer()
		return opened
	})
}

// BenchmarkMany measures summaries and pages of LEADSYNC_BENCH_LEADS leads, 20,000 without it, of which nine tenths are
// synced, like those of BenchmarkMillion of store/sqlite, in tables that the server has vacuumed.
func BenchmarkMany(b *testing.B) {
	leads, err := strconv.Atoi(os.Getenv("LEADSYNC_BENCH_LEADS"))
	if err != nil {
		leads = 20_000
	}
	on := pool(b)
	opened, err := postgres.New(b.Context(), on, &postgres.Options{Schema: schema(b, on)})
	require.NoError(b, err)
	fill(b, opened, leads)
	_, err = opened.Strings(b.Context(), `VACUUM ANALYZE leadsync.lead, leadsync.search, leadsync.history, leadsync.tally`)
	require.NoError(b, err)
	syncer, err := leadsync.New(absent{}, &leadsync.Config{Store: opened, Connection: connection})
	require.NoError(b, err)
	measure := func(name string, do func() error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, do())
			}
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
		"code":          {Codes: []leadsync.Code{leadsync.Unknown}}, "event": {Event: "expo-3"},
		"event of none":   {Event: "none"},
		"event and stage": {Event: "expo-3", Stages: failed},
	} {
		filter.Limit = 50
		measure("page of "+name, func() error { _, err := syncer.Leads(b.Context(), filter); return err })
	}
}

// absent is a Salesforce that nothing asks.
type absent struct{ leadsync.Client }

// fill captures leads, and syncs nine tenths of them.
func fill(b *testing.B, opened *postgres.Store, leads int) {
	b.Helper()
	for n := 0; n < leads; n += 1000 {
		several := make([]store.Captured, 1000)
		for i := range several {
			k := n + i
			several[i] = store.Captured{State: store.StateQueued, Lead: &leadtype.Lead{
				ID: leadtype.LeadID(fmt.Sprintf("lead-%08d", k)), EventID: fmt.Sprintf("expo-%d", k%10), Strategy: "s",
				FirstName: fmt.Sprintf("First%d", k%2000), LastName: fmt.Sprintf("Last%d", k%20_000),
				Email:   fmt.Sprintf("first%d.last%d@company%d.example", k%2000, k, k%5000),
				Company: fmt.Sprintf("Company %d Ltd", k%5000)}}
		}
		_, err := opened.Capture(b.Context(), connection, several)
		require.NoError(b, err)
	}
	lease, err := opened.Acquire(b.Context(), connection, "a", time.Hour)
	require.NoError(b, err)
	for n := 0; n < leads*9/10; {
		claimed, err := opened.Claim(b.Context(), lease, 1000)
		require.NoError(b, err)
		settlements := make([]store.Settlement, len(claimed))
		for i, c := range claimed {
			n++
			settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: outcomeOf(n, c.Lead.ID)}
		}
		stale, err := opened.Settle(b.Context(), lease, settlements)
		require.NoError(b, err)
		require.Empty(b, stale)
	}
}

// outcomeOf is the outcome of the nth lead.
func outcomeOf(n int, id leadtype.LeadID) *leadtype.Outcome {
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
