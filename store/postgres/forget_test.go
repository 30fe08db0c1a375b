// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// canary is in everything that is known of the lead that is forgotten.
const canary = "canary4711"

// columns returns the columns of the schema of which a row holds the canary, in any case, and
// all columns with a text.
func columns(t *testing.T, in *postgres.Store, name string) (holding, all []string) {
	t.Helper()
	all, err := in.Strings(t.Context(), `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = $1 AND data_type IN ('text', 'bytea') ORDER BY 1`, name)
	require.NoError(t, err)
	for _, one := range all {
		table, column, _ := strings.Cut(one, ".")
		found, err := in.Strings(t.Context(), `SELECT '' FROM leadsync.`+table+` WHERE `+column+
			`::text ILIKE '%' || $1 || '%' OR `+column+`::text LIKE '%' || encode($1::text::bytea, 'hex') || '%' LIMIT 1`,
			canary)
		require.NoError(t, err)
		if len(found) > 0 {
			holding = append(holding, one)
		}
	}
	return holding, all
}

func TestForgetLeavesNothingInAnyRow(t *testing.T) {
	t.Parallel()
	on := pool(t)
	name := schema(t, on)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: name})
	require.NoError(t, err)
	const id, record = leadtype.LeadID("CANARY4711"), salesforce.ID("00Q00000000000AEAQ")
	lead := &leadtype.Lead{ID: id, EventID: canary, Strategy: canary, LastName: canary, Email: canary + "@example.com"}
	_, err = opened.Capture(t.Context(), connection, append(captured("other"),
		store.Captured{Lead: lead, State: store.StateQueued}))
	require.NoError(t, err)
	require.NoError(t, opened.AddActivities(t.Context(), connection, id, store.StateQueued,
		[]leadtype.Activity{{Kind: leadtype.ActivityNote, Notes: canary}}))
	lease, err := opened.Acquire(t.Context(), connection, "a", time.Minute)
	require.NoError(t, err)
	claimed, err := opened.Claim(t.Context(), lease, 10)
	require.NoError(t, err)
	require.Len(t, claimed, 2)
	outcome := func(of leadtype.LeadID) *leadtype.Outcome {
		return &leadtype.Outcome{LeadID: of, Stage: leadtype.Failed, Object: "Lead", ID: record,
			Err: &leadtype.Error{Op: canary, Code: leadtype.Code(canary), LeadID: of, Reason: canary},
			Parts: []leadtype.Part{{Kind: leadtype.PartPerson, Object: "Lead", ID: record, Changes: []leadtype.FieldChange{
				{Field: "Description", Before: canary, After: canary}}}}}
	}
	other := outcome("other")
	other.Err = &leadtype.Error{Op: "update", Code: leadtype.Unknown, LeadID: "other"}
	settled := store.Settlement{LeadID: id, Generation: claimed[1].Generation, Outcome: outcome(id),
		Intents: []leadtype.Intent{{Kind: leadtype.PartTask, Key: canary}},
		Records: []leadtype.RecordMemory{{ID: record, Lead: id}}}
	_, err = opened.Settle(t.Context(), lease, []store.Settlement{
		{LeadID: "other", Generation: claimed[0].Generation, Outcome: other}, settled})
	require.NoError(t, err)
	_, err = opened.Push(t.Context(), connection, store.Filter{Leads: []leadtype.LeadID{id}}, "")
	require.NoError(t, err)
	claimed, err = opened.Claim(t.Context(), lease, 1) // and settled once more, so that its history has an outcome
	require.NoError(t, err)
	settled.Generation = claimed[0].Generation
	_, err = opened.Settle(t.Context(), lease, []store.Settlement{settled})
	require.NoError(t, err)
	require.NoError(t, opened.Note(t.Context(), connection, store.Step{Kind: store.StepReverted, By: canary}, id))

	holding, all := columns(t, opened, name)
	require.Equal(t, []string{"history.by_whom", "history.outcome", "lead.activities", "lead.code", "lead.data",
		"lead.event", "lead.folded", "lead.intents", "lead.lead_id", "lead.outcome", "lead.strategy", "lead.words",
		"record.lead_id", "search.term", "tally.code", "tally.event", "tally.strategy"}, holding)
	// Every other column that may hold a text of a lead. A new one is in one of the lists.
	require.Subset(t, append(holding, strings.Fields(`connection.name connection.org connection.suppressor
		decision.by_whom decision.change decision.mode history.change history.stage history.state image.record
		lead.action lead.cause lead.next_state lead.stage lead.state lead.terms lease.owner lease.run_state
		lease.wanted_by plan.plan record.id record.written suppressed.hash once.data once.key org_schema.schema
		profile.incident profile.link profile.mode profile.token profile.token_locked_by settings.by_whom
		settings.settings suppressed.person tally.action tally.cause tally.stage tally.state warned.term
		event_warned.event event_warned.term`)...), all)

	require.NoError(t, opened.Forget(t.Context(), connection, id, "", store.Suppress))
	holding, _ = columns(t, opened, name)
	require.Empty(t, holding)
	require.Equal(t, []leadtype.LeadID{"other"}, kept(t, opened))
}
