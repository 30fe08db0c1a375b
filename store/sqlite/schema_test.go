// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// Every table and index, with whether it holds something of a lead. A new one does not
// get past this test before Forget removes what it holds.
func TestForgetReachesEveryTableAndIndex(t *testing.T) {
	t.Parallel()
	holds := map[string]bool{
		"call_hour":                     false, // the connection and numbers
		"connection":                    false, // its name, its org, its token and a key
		"connection_automatic":          false, // its name
		"decision":                      false, // who decided, the connection
		"decision_connection":           false, // the connection
		"event_warned":                  true,  // the event
		"forgotten":                     false, // the last sequence of a connection
		"history":                       true,  // outcomes
		"history_lead":                  false, // row ids
		"image":                         false, // the ids of records, row ids
		"image_lead":                    false,
		"lead":                          true,
		"lead_due":                      false, // times
		"lead_gathers":                  false,
		"lead_held":                     false, // times
		"lead_later":                    false, // numbers and times
		"lead_queued":                   false, // numbers
		"lead_since":                    false, // times
		"lead_tally":                    false, // numbers
		"lead_unanswered":               false, // numbers
		"lead_waiting":                  false, // numbers
		"lease":                         false, // the connection and its owner
		"once":                          false, // what a sign-in needs
		"org_schema":                    false, // the org's objects and fields
		"plan":                          false, // the connection and the id of a plan
		"plan_order":                    false, // the connection
		"record":                        true,  // the lead that created it
		"record_lead":                   true,
		"search":                        false, // the terms of its outcome
		"settings":                      false, // the connection's
		"sqlite_autoindex_forgotten_1":  false, // the connection
		"sqlite_autoindex_lead_1":       true,  // the id
		"sqlite_autoindex_lead_2":       false, // the sequence
		"sqlite_autoindex_lease_1":      false, // the connection
		"sqlite_autoindex_org_schema_1": false, // the connection
		"sqlite_autoindex_plan_1":       false, // the connection and the id of a plan
		"sqlite_autoindex_settings_1":   false, // the connection and numbers
		"sqlite_schema":                 false,
		"sqlite_sequence":               false, // the last number of a step
		"suppressed":                    false, // keyed hashes
		"unfolded":                      false, // row ids
		"tally":                         true,  // the event and the strategy, the code and the cause
		"tally_empty":                   false,
		"tally_frozen":                  false, // the connection
		"tally_in_flight":               false, // the connection
		"sqlite_autoindex_tally_1":      true,  // like the table
		"warned":                        false, // kinds and causes of warnings
		"word_config":                   false,
		"word_content":                  true,  // the words of the lead
		"word_data":                     true,  // each of them
		"word_idx":                      false, // how some of them begin
	}
	// Every column that may hold something of a lead. A new column is in one of the lists.
	columns := map[string]bool{
		"history.by_whom": true, "history.outcome": true, "lead.activities": true, "lead.data": true, "lead.event": true,
		"lead.spelled": true, "lead.intents": true, "lead.lead_id": true, "lead.outcome": true, "lead.strategy": true,
		"record.lead_id":     true,
		"event_warned.event": true,
		"tally.event":        true, "tally.strategy": true, "word.words": true, "word_content.c0": true,
		"search.term": false, "word_data.block": true, "word_lead.term": true,
		"decision.by_whom": false, // who forgot a lead, which should not be the lead
		"record.written":   false, // digests
	}
	for _, column := range strings.Fields(`
		connection.incident connection.link connection.mode connection.name connection.org
		connection.run_state connection.suppressor connection.token connection.token_locked_by connection.token_locked_until
		connection.token_used_at connection.token_version
		call_hour.calls call_hour.connection call_hour.hour
		decision.at decision.change decision.connection decision.id decision.mode
		event_warned.connection event_warned.leads event_warned.term
		forgotten.connection forgotten.sequence
		history.action history.at history.change history.code history.generation history.id history.lead history.stage
		history.state
		image.connection image.lead image.record
		lead.action lead.attempts lead.cause lead.code lead.connection lead.generation lead.held_since lead.id
		lead.gathers lead.next_at lead.next_state lead.retry_at lead.sequence lead.since lead.stage lead.state lead.terms
		lead.tally lead.waited
		lease.connection lease.epoch lease.owner lease.until lease.wanted_by lease.wanted_until
		once.data once.key once.until
		org_schema.connection org_schema.schema
		plan.connection plan.id plan.plan
		record.connection record.id
		search.connection search.sequence
		settings.at settings.by_whom settings.connection settings.id settings.revision settings.settings
		suppressed.connection suppressed.hash suppressed.person
		unfolded.lead
		tally.action tally.cause tally.code tally.connection tally.id tally.leads tally.stage tally.state
		warned.connection warned.leads warned.term
		word_config.k word_config.v word_content.id word_data.id word_idx.pgno word_idx.segid word_idx.term
		word_lead.col word_lead.doc word_lead.offset`) {
		columns[column] = false
	}
	path := filepath.Join(t.TempDir(), "leads.db")
	st := open(t, path, nil)
	const id = "canary-of-Somebody" // a capital: its folded form is kept too
	captured := marked(id, 5000)    // on pages of its own
	captured[0].Lead.FirstName = canaryWord
	captured[0].Lead.EventID, captured[0].Lead.Strategy = canary(id), canary(id)
	_, err := st.Capture(t.Context(), connection, append(captured, queued("sharing")...))
	require.NoError(t, err)
	require.NoError(t, st.AddActivities(t.Context(), connection, id, store.StateQueued,
		[]leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: canary(id)}}))
	lease, err := st.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	claimed, err := st.Claim(t.Context(), lease, 2)
	require.NoError(t, err)
	own, sharing := refused(id, 5000), refused(id, 5000)
	own.Parts[0].ID, sharing.Parts[0].ID = "00Q000000000001AAA", "00Q000000000001AAA"
	sharing.LeadID, sharing.Warnings, sharing.Err = "sharing", nil, nil
	_, err = st.Settle(t.Context(), lease, []store.Settlement{
		{LeadID: id, Generation: claimed[0].Generation, Outcome: own,
			Intents: []leadtype.Intent{{Kind: leadtype.PartTask, Key: canary(id)}},
			Records: []leadtype.RecordMemory{{ID: "00Q000000000001AAA", Lead: id}}},
		{LeadID: "sharing", Generation: claimed[1].Generation, Outcome: sharing}})
	require.NoError(t, err)

	stale, err := st.Resolve(t.Context(), connection, // so that the step before has a copy of its outcome
		[]store.Resolution{{LeadID: id, Generation: claimed[0].Generation, Outcome: own}})
	require.NoError(t, err)
	require.Empty(t, stale)
	require.NoError(t, st.Note(t.Context(), connection, store.Step{Kind: store.StepReverted, By: canary(id)}, id))

	holding := func() map[string]bool {
		names, err := st.Strings(t.Context(), `SELECT DISTINCT name FROM dbstat`)
		require.NoError(t, err)
		found := make(map[string]bool)
		for _, name := range names {
			pages, err := st.Strings(t.Context(), `SELECT CAST(pageno AS TEXT) FROM dbstat WHERE name = ? AND
				(SELECT instr(data, CAST('canary-of-' AS BLOB)) + instr(data, CAST('`+canaryWord+`' AS BLOB))
				FROM sqlite_dbpage WHERE pgno = pageno) > 0`, name)
			require.NoError(t, err)
			found[name] = len(pages) > 0
		}
		return found
	}
	require.Equal(t, holds, holding())
	require.Equal(t, columns, columnsHolding(t, st))
	require.NoError(t, st.Forget(t.Context(), connection, id, "", store.Suppress))
	for name := range holds {
		holds[name] = false
	}
	require.Equal(t, holds, holding())
	for name := range columns {
		columns[name] = false
	}
	require.Equal(t, columns, columnsHolding(t, st))
	report, err := st.Capture(t.Context(), connection, captured)
	require.NoError(t, err)
	require.Equal(t, 1, report.Suppressed)
	require.Equal(t, holds, holding(), "what is refused is not kept")
}

// canaryWord is a name of a lead that is one word, as table word has it.
const canaryWord = "wrenbird"

// columnsHolding returns every column, with whether it has a canary.
func columnsHolding(t *testing.T, st *sqlite.Store) map[string]bool {
	t.Helper()
	names, err := st.Strings(t.Context(), `SELECT tables.name || '.' || columns.name
		FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
		WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'`)
	require.NoError(t, err)
	found := make(map[string]bool)
	for _, name := range names {
		table, column, _ := strings.Cut(name, ".")
		rows, err := st.Strings(t.Context(), `SELECT 'row' FROM `+table+
			` WHERE instr(CAST(`+column+` AS BLOB), CAST('canary-of-' AS BLOB)) > 0
			OR instr(CAST(`+column+` AS BLOB), CAST('`+canaryWord+`' AS BLOB)) > 0`)
		require.NoError(t, err)
		found[name] = len(rows) > 0
	}
	return found
}
