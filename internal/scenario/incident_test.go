// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// An alarm is a Sink that is told of incidents.
type alarm struct{ told []leadtype.Incident }

func (*alarm) Record(context.Context, []*leadsync.Outcome) error { return nil }

func (a *alarm) Incident(_ context.Context, incident leadtype.Incident) error {
	a.told = append(a.told, incident)
	return nil
}

// One cause in more than a fifth of a batch is an incident, told once, and in Health until a
// batch shows none of it.
func TestOneCauseOfManyLeadsIsAnIncident(t *testing.T) {
	t.Parallel()
	org, sink := sftest.NewOrg(t), new(alarm)
	org.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
		if row["Title"] == "Refused" {
			return &sftest.RowError{StatusCode: "STRING_TOO_LONG", Message: "refused", Fields: []string{"Title"}}
		}
		return nil
	})
	next := 0
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Gather: leadsync.NoGather,
		Sink: leadsync.Tee(sink, leadsync.SinkFunc(func(context.Context, []*leadsync.Outcome) error { return nil }))})
	batch := func(leads, refused int, stored bool) {
		t.Helper()
		all := make([]*leadsync.Lead, leads)
		for i := range all {
			next++
			all[i] = scenario.Ada()
			all[i].ID, all[i].LastName = leadsync.LeadID(fmt.Sprint(next)), fmt.Sprintf("Lovelace %d", next)
			all[i].Email, all[i].JobTitle = fmt.Sprintf("ada%d@analytical.example", next), "Countess"
			if i < refused {
				all[i].JobTitle = "Refused"
			}
		}
		if stored {
			_, err := syncer.Capture(t.Context(), all...)
			require.NoError(t, err)
			require.NoError(t, syncer.Drain(t.Context()))
			return
		}
		_, err := syncer.Sync(t.Context(), all...)
		require.NoError(t, err)
	}
	health := func() []leadtype.Incident {
		t.Helper()
		h, err := syncer.Health(t.Context())
		require.NoError(t, err)
		return h.Incidents
	}
	batch(19, 19, true)
	require.Empty(t, health(), "a small batch shows nothing")
	batch(20, 4, false)
	require.Empty(t, health(), "a fifth is not more than that")
	batch(20, 5, true)
	require.Len(t, health(), 1)
	require.Equal(t, []string{"Title"}, health()[0].Fields)
	require.Equal(t, leadtype.Owed, health()[0].Kind)
	require.Equal(t, leadsync.DataValueValidation, health()[0].Code)
	require.Equal(t, []int{5, 20}, []int{health()[0].Leads, health()[0].Of})
	require.False(t, health()[0].At.IsZero())
	require.Contains(t, health()[0].String(), "Lead.Title was left out")
	batch(40, 40, false)
	batch(20, 1, true)
	require.Len(t, sink.told, 1, "it is told once, however many batches show it")
	require.Len(t, health(), 1)
	batch(20, 0, false)
	require.Len(t, health(), 1, "what a host syncs itself says nothing of captured leads")
	closed := true
	org.AddRule("Lead", sftest.Rule{Name: "closed", Refuses: func(map[string]any) bool { return closed }})
	batch(25, 0, true)
	dismissed, err := syncer.By("Ann").Dismiss(t.Context(), leadsync.Filter{}, "closed")
	require.NoError(t, err)
	require.Equal(t, 25, dismissed)
	require.Len(t, health(), 1, "a person's decisions end none, they did before, and neither do failures")
	closed = false
	batch(20, 0, true)
	require.Empty(t, health())
	batch(20, 20, false)
	require.Len(t, sink.told, 2, "and again when it is back")
	batch(20, 0, false)
	require.Empty(t, health(), "it was shown by such leads")
	batch(20, 20, true)
	require.Len(t, sink.told, 3)
	require.Equal(t, health(), sink.told[2:])
}
