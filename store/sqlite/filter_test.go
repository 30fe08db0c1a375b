// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"

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
		{"stages", leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}, Limit: 50}, "COVERING INDEX lead_filter"},
		{"states and codes", leadsync.Filter{States: []store.State{store.StateFrozen},
			Codes: []leadsync.Code{leadsync.Unknown}}, "COVERING INDEX lead_filter"},
		{"causes", leadsync.Filter{Codes: []leadsync.Code{leadsync.Unknown}, Causes: []leadtype.CauseKey{"x"}},
			"COVERING INDEX lead_filter"},
		{"version", leadsync.Filter{Version: 7, Limit: 50}, "COVERING INDEX history_lead (lead=? AND rowid>?)"},
		{"unanswered", leadsync.Filter{Unanswered: true, Limit: 50}, "INDEX lead_unanswered"},
		{"event", leadsync.Filter{Event: "expo"}, "COVERING INDEX lead_filter"},
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

func TestCountsReadOnlyAnIndex(t *testing.T) {
	t.Parallel()
	store := open(t, filepath.Join(t.TempDir(), "leads.db"), nil)
	for _, filter := range []leadsync.Filter{{}, {Event: "expo"}, {Stages: []leadsync.Stage{leadsync.PreSync}},
		{Causes: []leadtype.CauseKey{"x"}}} {
		plan, err := store.CountPlan(t.Context(), filter)
		require.NoError(t, err)
		require.Contains(t, strings.Join(plan, "; "), "SEARCH lead USING COVERING INDEX lead_filter")
		plan, err = store.CountEventsPlan(t.Context(), filter)
		require.NoError(t, err)
		require.Contains(t, strings.Join(plan, "; "), "SEARCH lead USING COVERING INDEX lead_filter")
	}
}
