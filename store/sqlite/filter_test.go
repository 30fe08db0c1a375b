// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"math/bits"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A filter must not read the rows of leads that it does not select: they are large,
// and there may be a million.
func TestFiltersReadOnlyAnIndex(t *testing.T) {
	t.Parallel()
	kept := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	cases := []struct {
		name   string
		filter leadsync.Filter
		want   string
	}{
		{"all", leadsync.Filter{}, "COVERING INDEX"},
		{"page", leadsync.Filter{After: 7, Limit: 50}, "COVERING INDEX"},
		{"stages", leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}, Limit: 50},
			"INDEX lead_tally (tally=? AND sequence>? AND sequence<?)"},
		{"states and codes", leadsync.Filter{States: []store.State{store.StateFrozen},
			Codes: []leadsync.Code{leadsync.Unknown}, Limit: 50}, "INDEX lead_tally (tally=? AND sequence>? AND sequence<?)"},
		{"causes", leadsync.Filter{Codes: []leadsync.Code{leadsync.Unknown}, Causes: []leadtype.CauseKey{"x"}, Limit: 50},
			"INDEX lead_tally (tally=? AND sequence>? AND sequence<?)"},
		{"version", leadsync.Filter{Version: 7, Limit: 50}, "COVERING INDEX history_lead (lead=? AND rowid>?)"},
		{"unanswered", leadsync.Filter{Unanswered: true, Limit: 50}, "INDEX lead_unanswered"},
		{"event", leadsync.Filter{Event: "expo"}, "COVERING INDEX lead_since (tally=?)"},
		{"newest", leadsync.Filter{Newest: true, After: 7, Limit: 50}, "COVERING INDEX"},
		{"warnings", leadsync.Filter{Warnings: []leadtype.WarningKind{leadtype.Unfit}},
			"SEARCH search USING PRIMARY KEY (connection=? AND term=?)"},
		{"warning causes", leadsync.Filter{WarningCauses: []leadtype.CauseKey{"unfit:a", "unfit:b"}},
			"SEARCH search USING PRIMARY KEY (connection=? AND term=?)"},
		{"record", leadsync.Filter{Record: "00Q000000000001AAA"},
			"SEARCH search USING PRIMARY KEY (connection=? AND term=?)"},
		{"text", leadsync.Filter{Text: "ada lov"},
			"SCAN word VIRTUAL TABLE INDEX"},
		{"time", leadsync.Filter{From: time.Unix(1, 0)}, "COVERING INDEX lead_since (tally=? AND since>? AND since<?)"},
		{"leads", leadsync.Filter{Leads: []leadsync.LeadID{"L1"}}, "(connection=? AND lead_id=?)"},
		{"leads of a stage", leadsync.Filter{Leads: []leadsync.LeadID{"L1"}, Stages: []leadsync.Stage{leadsync.Failed}},
			"(connection=? AND lead_id=?)"},
	}
	for _, c := range cases {
		plan, err := kept.Plan(t.Context(), c.filter)
		require.NoError(t, err)
		require.Contains(t, strings.Join(plan, "; "), c.want, c.name)
		require.NotContains(t, strings.Join(plan, "; "), "SCAN lead", c.name)
	}
}

// No page, count or push by any fields together reads all leads or all terms, nor sorts more than a
// short list, or what a few pages have.
func TestNoFilterScansLeads(t *testing.T) {
	t.Parallel()
	kept := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	fields := []func(*leadsync.Filter){
		func(f *leadsync.Filter) { f.Event = "expo" },
		func(f *leadsync.Filter) { f.Stages = []leadsync.Stage{leadsync.Failed} },
		func(f *leadsync.Filter) { f.States = []store.State{store.StateQueued} },
		func(f *leadsync.Filter) { f.Codes, f.Causes = []leadsync.Code{"x"}, []leadtype.CauseKey{"x"} },
		func(f *leadsync.Filter) { f.Warnings = []leadtype.WarningKind{leadtype.Unfit} },
		func(f *leadsync.Filter) { f.WarningCauses = []leadtype.CauseKey{"unfit:a", "unfit:b"} },
		func(f *leadsync.Filter) { f.Record = "00Q000000000001AAA" },
		func(f *leadsync.Filter) { f.Text = "ada lov" },
		func(f *leadsync.Filter) { f.From = time.Unix(1, 0) },
		func(f *leadsync.Filter) { f.Unanswered = true },
		func(f *leadsync.Filter) { f.Version = 7 },
		func(f *leadsync.Filter) { f.After = 7 },
		func(f *leadsync.Filter) { f.Newest = true },
		func(f *leadsync.Filter) { f.Leads = []leadsync.LeadID{"L1"} },
	}
	most := 3 // conditions at once
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		most = len(fields) // CI runs it without the detector too
	}
	for chosen := range uint(1 << len(fields)) {
		if bits.OnesCount(chosen) > most {
			continue
		}
		filter := leadsync.Filter{Limit: 50}
		for i, set := range fields {
			if chosen>>i&1 == 1 {
				set(&filter)
			}
		}
		plan, err := kept.Plan(t.Context(), filter)
		require.NoError(t, err)
		page := strings.Join(plan, "; ")
		plan, err = kept.CountPlan(t.Context(), filter)
		require.NoError(t, err)
		counts := strings.Join(plan, "; ")
		plan, err = kept.CountWarningsPlan(t.Context(), filter)
		require.NoError(t, err)
		counts += strings.Join(plan, "; ")
		plan, err = kept.CountEventsPlan(t.Context(), filter)
		require.NoError(t, err)
		counts += strings.Join(plan, "; ")
		for _, table := range []string{"SCAN lead", "SCAN search", "SCAN history", "SCAN tally", "SCAN warned"} {
			require.NotContains(t, page+counts, table, "%+v", filter)
		}
		if filter.Leads == nil && filter.Text == "" && !strings.Contains(page, "lead_tally") &&
			!strings.Contains(page, "lead_since") {
			require.NotContains(t, page, "TEMP B-TREE", "%+v", filter)
		}
	}
}

// What the tally says of all leads is not read from them, but for one of each that are alike.
func TestCountsReadTheTally(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	for _, filter := range []leadsync.Filter{{}, {Event: "expo"}, {Stages: []leadsync.Stage{leadsync.PreSync}},
		{Causes: []leadtype.CauseKey{"x"}}, {Event: "expo", Version: 7}} {
		plan, err := store.CountPlan(t.Context(), filter)
		require.NoError(t, err)
		counts := strings.Join(plan, "; ")
		require.Contains(t, counts, "SEARCH tally USING ")
		require.Contains(t, counts, "SEARCH lead USING COVERING INDEX lead_since (tally=?)")
		plan, err = store.CountEventsPlan(t.Context(), filter)
		require.NoError(t, err)
		require.Contains(t, strings.Join(plan, "; "), "SEARCH tally USING ")
	}
	plan, err := store.CountWarningsPlan(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.Contains(t, strings.Join(plan, "; "), "SEARCH warned USING PRIMARY KEY (connection=?)")
	for _, filter := range []leadsync.Filter{{Event: "expo"}, {Event: "expo", Version: 7}} {
		plan, err := store.CountWarningsPlan(t.Context(), filter)
		require.NoError(t, err)
		require.Contains(t, strings.Join(plan, "; "), "SEARCH warned USING PRIMARY KEY (connection=? AND event=?)")
		require.NotContains(t, strings.Join(plan, "; "), "lead_tally")
	}
}
