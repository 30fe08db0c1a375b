// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/sqlite"
)

// oldFile creates a file as version 1 wrote it, with a cleared, a failed and a
// waiting lead, and the remains of a deleted one.
func oldFile(t *testing.T, failed *leadsync.Outcome) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leads.db")
	script, err := os.ReadFile("migrations/1.sql")
	require.NoError(t, err)
	outcome, err := json.Marshal(failed)
	require.NoError(t, err)
	edit(t, path, string(script)+`
		INSERT INTO lead (id, connection, lead_id, sequence, event, strategy, stage, state, attempts, generation, code, data,
		outcome) VALUES
			(1, 'org', 'L1', 1, 'expo', 's', 'cleared', '', 1, 1, '', '{"id":"L1","eventId":"expo"}',
			'{"leadId":"L1","stage":"cleared","action":"updated","trace":{},"at":"2026-03-01T09:00:00Z"}'),
			(2, 'org', 'L2', 2, 'expo', 's', 'failed', '', 1, 1, '`+string(failed.Err.Code)+`', '{"id":"L2","eventId":"expo"}',
			'`+string(outcome)+`'),
			(3, 'org', 'L3', 3, 'expo', 's', 'pre-sync', 'queued', 0, 0, '', '{"id":"L3","eventId":"expo"}', ''),
			(4, 'org', 'L4', 4, 'expo', 's', 'pre-sync', 'queued', 0, 0, '',
			'{"id":"L4","eventId":"expo","notes":"canary-of-old"}', '');
		INSERT INTO history (lead, at, change, stage, state, generation, outcome) VALUES
			(1, 1000000, 'captured', 'pre-sync', 'queued', 0, ''), (2, 1000000, 'captured', 'pre-sync', 'queued', 0, ''),
			(3, 3000000, 'captured', 'pre-sync', 'queued', 0, ''), (1, 2000000, 'settled', 'cleared', '', 1, ''),
			(2, 2000000, 'settled', 'failed', '', 1, '`+string(outcome)+`'), (3, 4000000, 'unclaimed', 'pre-sync', 'queued', 0,
			'');
		DELETE FROM lead WHERE id = 4;
		PRAGMA application_id = 1819507054;
		PRAGMA user_version = 1;`)
	return path
}

func TestOpenMigratesAFileOfVersion1(t *testing.T) {
	t.Parallel()
	failed := &leadsync.Outcome{LeadID: "L2", Stage: leadsync.Failed, At: time.Unix(2, 0).UTC(),
		Err: &leadsync.Error{Op: "create", Code: leadsync.OwnerInvalid, LeadID: "L2", Object: "Lead",
			Fields: []string{"OwnerId"}}}
	path := oldFile(t, failed)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Contains(before, []byte("canary-of-old")), "version 1 left deleted data in the file")

	kept, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	entries := list(t, kept)
	require.Len(t, entries, 3)
	require.Equal(t, time.Unix(2, 0).UTC(), entries[0].Since)
	require.Equal(t, time.Unix(3, 0).UTC(), entries[2].Since)
	require.Equal(t, failed, entries[1].Last)
	counts, err := kept.Count(t.Context(), connection,
		leadsync.Filter{Codes: []leadsync.Code{leadsync.OwnerInvalid}, Causes: []leadtype.CauseKey{failed.CauseKey()}})
	require.NoError(t, err)
	require.Equal(t, int64(6), counts.Version)
	require.Equal(t, []store.Count{{Stage: leadsync.Failed, Code: leadsync.OwnerInvalid,
		Cause: failed.CauseKey(), Leads: 1,
		Oldest: "L2", Since: time.Unix(2, 0).UTC(), Sample: failed}}, counts.Groups)
	counts, err = kept.Count(t.Context(), connection, leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared}})
	require.NoError(t, err)
	require.Equal(t, leadsync.Updated, counts.Groups[0].Action)
	steps, err := kept.History(t.Context(), connection, "L2")
	require.NoError(t, err)
	require.Len(t, steps, 2)
	require.Equal(t, failed, steps[1].Outcome)

	capture(t, kept, "L5")
	require.NoError(t, kept.Close())
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.False(t, bytes.Contains(after, []byte("canary-of-old")), "the file was rewritten")
	require.Len(t, list(t, open(t, path, nil)), 4, "and opens again")
}

// A file of version 2 has no later activities and no index of pending creates.
func TestOpenMigratesAFileOfVersion2(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	script := schemaOf(t, 2)
	edit(t, path, script+`
		INSERT INTO lead (id, connection, lead_id, sequence, event, strategy, stage, state, attempts, generation, data,
		intents, outcome, action, since) VALUES
			(1, 'org', 'L1', 1, 'expo', 's', 'cleared', '', 1, 1, '{"id":"L1","eventId":"expo"}', '',
			'{"leadId":"L1","stage":"cleared","action":"updated","trace":{},"at":"2026-03-01T09:00:00Z"}', 'updated', 2000000),
			(2, 'org', 'L2', 2, 'expo', 's', 'pre-sync', 'in-flight', 1, 1, '{"id":"L2","eventId":"expo"}',
			'[{"kind":"person","object":"Lead","sentAt":"2026-03-01T09:00:00Z"}]', '', '', 3000000);
		INSERT INTO lease (connection, owner, epoch, until) VALUES ('org', 'dead', 7, 9000000);
		INSERT INTO history (lead, at, change, stage, state, generation) VALUES (1, 1000000, 'captured', 'pre-sync',
		'queued', 0), (2, 3000000, 'captured', 'pre-sync', 'queued', 0);
		PRAGMA application_id = 1819507054;
		PRAGMA user_version = 2;`)

	kept := open(t, path, nil)
	entries := list(t, kept)
	require.Len(t, entries, 2)
	require.Equal(t, leadsync.Updated, entries[0].Last.Action)
	require.Equal(t, store.StateQueued, entries[1].State, "the process that claimed it is dead")
	waiting, err := kept.List(t.Context(), connection, leadsync.Filter{Unanswered: true})
	require.NoError(t, err)
	require.Equal(t, entries[1:], waiting)
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Minute)
	require.NoError(t, err)
	require.Equal(t, int64(8), lease.Epoch)
	require.NoError(t, kept.AddActivities(t.Context(), connection, "L1", store.StateQueued,
		[]leadsync.Activity{{ID: "A", Kind: leadsync.ActivityCall}}))
	claimed, err := kept.Claim(t.Context(), lease, 10)
	require.NoError(t, err)
	require.Len(t, claimed, 2)
	require.Len(t, claimed[0].Lead.Activities, 1)
}

// A file of version 3 remembers no records. The history knows which leads created some,
// and the outcomes which are leads'.
func TestOpenDerivesTheRecordsOfAFileOfVersion3(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	script := schemaOf(t, 3)
	edit(t, path, script+`
		INSERT INTO lead (id, connection, lead_id, sequence, event, strategy, stage, state, data, outcome, action) VALUES
			(1, 'org', 'L1', 1, '', '', 'cleared', '', '{"id":"L1"}', '{"id":"00Q00000000000AAAA"}', 'updated'),
			(2, 'org', 'L2', 2, '', '', 'cleared', '', '{"id":"L2"}', '{"id":"00Q00000000000AAAA"}', 'updated'),
			(3, 'org', 'L3', 3, '', '', 'cleared', '', '{"id":"L3"}',
				'{"id":"00300000000000BAAA","accountId":"00100000000000CAAA"}', 'created'),
			(4, 'org', 'L4', 4, '', '', 'failed', '', '{"id":"L4"}', '{"leadId":"L4"}', ''),
			(5, 'org', 'L5', 5, '', '', 'pre-sync', 'queued', '{"id":"L5"}', '', '');
		INSERT INTO history (lead, at, change, stage, state, generation, action, outcome) VALUES
			(1, 1, 'settled', 'cleared', '', 1, 'created', '{"id":"00Q00000000000AAAA"}'),
			(1, 2, 'settled', 'cleared', '', 2, 'updated', '{"id":"00Q00000000000AAAA"}'),
			(2, 1, 'settled', 'cleared', '', 1, 'updated', '{"id":"00Q00000000000AAAA"}');
		PRAGMA application_id = 1819507054;
		PRAGMA user_version = 3;`)

	found, err := open(t, path, nil).Records(t.Context(), connection,
		[]salesforce.ID{"00Q00000000000AAAA", "00300000000000BAAA", "00100000000000CAAA"})
	require.NoError(t, err)
	require.Equal(t, map[salesforce.ID]leadtype.RecordMemory{
		"00Q00000000000AAAA": {ID: "00Q00000000000AAAA", Lead: "L1"},
		"00300000000000BAAA": {ID: "00300000000000BAAA", Lead: "L3"},
		"00100000000000CAAA": {ID: "00100000000000CAAA"},
	}, found)
}

// Leads of earlier files whose ids are alike stay, and no further one is taken.
func TestOpenKeepsLeadsWhoseIDsAreAlike(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	script := schemaOf(t, 3)
	edit(t, path, script+`
		INSERT INTO lead (connection, lead_id, sequence, event, strategy, stage, state, data)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
			SELECT 'org', 'L' || i, i, '', '', 'pre-sync', 'queued', '{}' FROM n;
		INSERT INTO lead (connection, lead_id, sequence, event, strategy, stage, state, data) VALUES
			('org', 'aB', 3001, '', '', 'pre-sync', 'queued', '{}'), ('org', 'Ab', 3002, '', '', 'pre-sync', 'queued', '{}'),
			('org', 'plain', 3003, '', '', 'pre-sync', 'queued', '{}'), ('org', 'ä', 3004, '', '', 'pre-sync', 'queued', '{}');
		PRAGMA application_id = 1819507054;
		PRAGMA user_version = 3;`)
	report, err := open(t, path, nil).Capture(t.Context(), connection,
		queued("aB", "Ab", "AB", "l2500", "PLAIN", "Ä", "plain", "ä"))
	require.NoError(t, err)
	require.Equal(t, 4, report.Replaced)
	require.Len(t, report.Alike, 4)
	require.Contains(t, []leadsync.LeadID{"aB", "Ab"}, report.Alike[2])
	delete(report.Alike, 2)
	require.Equal(t, map[int]leadsync.LeadID{3: "L2500", 4: "plain", 5: "ä"}, report.Alike)
}

// The before-images of earlier files are found by Forget and by Expire. What cannot be read
// keeps nothing from migrating.
func TestOpenFindsTheImagesOfAFileOfVersion3(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	script := schemaOf(t, 3)
	image := func(record string) string {
		return `{"id":"` + record + `","stage":"cleared","trace":{},"at":"2026-03-01T09:00:00Z","parts":[{"kind":"person",` +
			`"object":"Lead","id":"` + record + `","changes":[{"field":"Title","before":"secret","after":"x"}]}]}`
	}
	edit(t, path, script+`
		INSERT INTO lead (id, connection, lead_id, sequence, event, strategy, stage, state, data, outcome, action) VALUES
			(1, 'org', 'shares', 1, '', '', 'cleared', '', '{"id":"shares"}', '`+image("00Q00000000000AEAQ")+`', 'updated'),
			(2, 'org', 'gone', 2, '', '', 'cleared', '', '{"id":"gone"}', '{"id":"00Q00000000000AEAQ"}', 'created'),
			(3, 'org', 'expires', 3, '', '', 'cleared', '', '{"id":"expires"}', '`+image("00Q00000000000BEAQ")+`', 'updated'),
			(4, 'org', 'bad', 4, '', '', 'failed', '', '{"id":"bad"', '{"id":', '');
		INSERT INTO history (lead, at, change, stage, state, generation, code, outcome) VALUES
			(1, 1000000, 'settled', 'cleared', '', 1, '', '{"id":"00Q00000000000AEAQ"}'),
			(3, 1000000, 'settled', 'cleared', '', 1, '', '{"id":"00Q00000000000BEAQ"}'),
			(4, 1000000, 'settled', 'failed', '', 1, 'UNKNOWN', '{"id":');
		PRAGMA application_id = 1819507054;
		PRAGMA user_version = 3;`)

	kept := open(t, path, nil)
	changes := func(lead leadsync.LeadID) leadtype.FieldChange {
		t.Helper()
		entries, err := kept.List(t.Context(), connection, store.Filter{Leads: []leadtype.LeadID{lead}})
		require.NoError(t, err)
		return entries[0].Last.Parts[0].Changes[0]
	}
	require.Equal(t, "secret", changes("shares").Before)
	require.NoError(t, kept.Forget(t.Context(), connection, "gone", ""))
	require.True(t, changes("shares").Removed)
	require.Equal(t, "secret", changes("expires").Before)
	_, err := kept.Expire(t.Context(), connection, time.Unix(2, 0), 10)
	require.NoError(t, err)
	require.True(t, changes("expires").Removed)
	require.Len(t, list(t, kept), 3)
}

// asVersion4 makes a file what version 4 would have made it: what later versions have added is
// taken away again.
func asVersion4(t *testing.T, path string) {
	t.Helper()
	asVersion5(t, path)
	edit(t, path, `DROP TABLE search; DROP INDEX lead_since;
		ALTER TABLE lead DROP COLUMN words; ALTER TABLE lead DROP COLUMN terms; PRAGMA user_version = 4`)
}

// A file of version 4 has no terms. Filters find its leads as they find those of a new file,
// without the leads that cannot be read.
func TestOpenFillsTheSearchOfAFileOfVersion4(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	kept, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	ids := make([]leadsync.LeadID, 2*sqlite.FilledAtOnce+500)
	for i := range ids {
		ids[i] = leadsync.LeadID(fmt.Sprintf("Lead %d", i))
	}
	capture(t, kept, ids...)
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	claimed, err := kept.Claim(t.Context(), lease, len(ids)-1)
	require.NoError(t, err)
	settlements := make([]store.Settlement, len(claimed))
	for i, c := range claimed {
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: &leadsync.Outcome{
			LeadID: c.Lead.ID, Stage: leadsync.Cleared, ID: salesforce.ID(fmt.Sprintf("00Q%012d", i%7)),
			Warnings: []leadtype.Warning{{Kind: leadtype.Unfit, Field: fmt.Sprintf("F%d", i%3), Reason: "r"}}}}
	}
	_, err = kept.Settle(t.Context(), lease, settlements)
	require.NoError(t, err)
	_, err = kept.Capture(t.Context(), "another", queued("Lead 1"))
	require.NoError(t, err)
	terms := func(st *sqlite.Store) []string {
		got, err := st.Strings(t.Context(), `SELECT connection || sequence || term FROM search
			UNION ALL SELECT connection || sequence || 't' || term FROM word_lead JOIN lead ON id = doc ORDER BY 1`)
		require.NoError(t, err)
		return got
	}
	before := terms(kept)
	require.GreaterOrEqual(t, len(before), 5*len(claimed), "two words, a record, a kind and a cause")
	require.NoError(t, kept.Close())

	asVersion4(t, path)
	kept, err = sqlite.Open(path, nil)
	require.NoError(t, err)
	require.Equal(t, before, terms(kept))
	entries, err := kept.List(t.Context(), connection, leadsync.Filter{Record: "00Q000000000003", Newest: true, Limit: 2})
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.NoError(t, kept.Damage(t.Context(), connection, "Lead 1", "outcome", "{"))
	require.NoError(t, kept.Damage(t.Context(), connection, "Lead 2", "data", "{"))
	require.NoError(t, kept.Close())
	asVersion4(t, path)
	again := open(t, path, nil)
	require.Less(t, len(terms(again)), len(before))
	sound(t, again)
	for _, id := range []leadsync.LeadID{"Lead 1", "Lead 2", "Lead 1234"} {
		entries, err := again.List(t.Context(), connection, leadsync.Filter{Text: string(id), Leads: []leadsync.LeadID{id}})
		require.NoError(t, err)
		require.Len(t, entries, 1, "of a lead that cannot be read, its id can")
	}
	require.NoError(t, again.Forget(t.Context(), connection, "Lead 2", ""))
}

func asVersion5(t *testing.T, path string) {
	t.Helper()
	asVersion6(t, path)
	edit(t, path, `DROP TABLE decision; ALTER TABLE history DROP COLUMN by_whom; PRAGMA user_version = 5`)
}

func asVersion8(t *testing.T, path string) {
	t.Helper()
	asVersion11(t, path)
	edit(t, path, `DROP TRIGGER search_added; DROP TRIGGER search_removed; DROP TRIGGER lead_of_event;
		DROP VIEW event_warning; DROP TABLE event_warned; PRAGMA user_version = 8`)
}

// asVersion7 gives a file the words of its leads in their rows, and the indexes that were replaced.
func asVersion7(t *testing.T, path string) {
	t.Helper()
	asVersion8(t, path)
	edit(t, path, `
		DROP INDEX connection_automatic;
		ALTER TABLE lead ADD COLUMN words TEXT NOT NULL DEFAULT '[]';
		CREATE TABLE listed AS SELECT doc, term FROM word_lead; -- which has no index by lead
		CREATE INDEX listed_doc ON listed (doc);
		UPDATE lead SET words = coalesce((SELECT json_group_array('t' || substr(term, instr(term, '_') + 1))
			FROM listed WHERE doc = lead.id), '[]');
		DROP TABLE listed;
		INSERT INTO search (connection, term, sequence) SELECT connection, value, sequence FROM lead, json_each(words);
		DROP TABLE word_lead; DROP TABLE word; DROP TABLE warned;
		DROP INDEX lead_tally; DROP INDEX lead_since; ALTER TABLE lead DROP COLUMN tally; DROP TABLE tally;
		CREATE INDEX lead_filter ON lead (connection, sequence, stage, state, code, event, action, cause, since);
		CREATE INDEX lead_event ON lead (connection, event, strategy);
		CREATE INDEX lead_since ON lead (connection, since, sequence);
		CREATE INDEX lead_in_flight ON lead (connection) WHERE state = 'in-flight';
		PRAGMA user_version = 7`)
}

func asVersion6(t *testing.T, path string) {
	t.Helper()
	asVersion7(t, path)
	for _, column := range []string{"link", "mode", "token", "token_version", "token_used_at",
		"token_locked_by", "token_locked_until", "incident"} {
		edit(t, path, `ALTER TABLE connection DROP COLUMN `+column)
	}
	edit(t, path, `DROP TABLE settings; DROP TABLE org_schema; DROP TABLE call_hour; DROP TABLE once;
		PRAGMA user_version = 6`)
}

// A file of version 7 counts nothing: what it has is counted once, as it would have been.
func TestOpenCountsTheLeadsOfAFileOfVersion7(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	kept, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	capture(t, kept, "L1", "L2", "L3", "L4")
	lease, err := kept.Acquire(t.Context(), connection, "a", time.Hour)
	require.NoError(t, err)
	claimed, err := kept.Claim(t.Context(), lease, 3)
	require.NoError(t, err)
	_, err = kept.Settle(t.Context(), lease, []store.Settlement{
		{LeadID: "L1", Generation: 1, Outcome: &leadsync.Outcome{LeadID: "L1", Stage: leadsync.Cleared,
			Warnings: []leadtype.Warning{{Kind: leadtype.Unfit, Field: "F", Reason: "r"}}}},
		{LeadID: "L2", Generation: 1, Outcome: refused("L2", 1)}})
	require.NoError(t, err)
	require.Len(t, claimed, 3)
	require.NoError(t, kept.Close())
	counted := func(st *sqlite.Store) []string {
		got, err := st.Strings(t.Context(), `SELECT connection || event || strategy || stage || state || action || code ||
			cause || leads FROM tally UNION ALL SELECT connection || term || leads FROM warned
			UNION ALL SELECT connection || event || term || leads FROM event_warned ORDER BY 1`)
		require.NoError(t, err)
		return got
	}
	kept, err = sqlite.Open(path, nil)
	require.NoError(t, err)
	before := counted(kept)
	require.NotEmpty(t, before)
	require.NoError(t, kept.Close())

	asVersion7(t, path)
	again := open(t, path, nil)
	require.Equal(t, before, counted(again))
	sound(t, again)
	found, err := again.List(t.Context(), connection, leadsync.Filter{Text: "l3"})
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// A file of version 6 keeps nothing of connections but the org.
func TestOpenMigratesAFileOfVersion6(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	kept, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	capture(t, kept, "L1")
	_, err = kept.Bind(t.Context(), connection, "00D00000000000AEAY")
	require.NoError(t, err)
	require.NoError(t, kept.Close())

	asVersion6(t, path)
	again := open(t, path, nil)
	got, err := again.Connection(t.Context(), connection)
	require.NoError(t, err)
	require.Equal(t, store.Connection{Name: connection, Org: "00D00000000000AEAY"}, got)
	require.NoError(t, again.SetSettings(t.Context(), connection, 0, []byte("{}"), "ada"))
	due, err := again.DueConnections(t.Context(), "", 10)
	require.NoError(t, err)
	require.Equal(t, []string{connection}, due)
}

// A file of version 5 does not say who decided.
func TestOpenMigratesAFileOfVersion5(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	kept, err := sqlite.Open(path, nil)
	require.NoError(t, err)
	capture(t, kept, "L1")
	_, err = kept.Push(t.Context(), connection, leadsync.Filter{}, "")
	require.NoError(t, err)
	before, err := kept.History(t.Context(), connection, "L1")
	require.NoError(t, err)
	require.NoError(t, kept.Close())

	asVersion5(t, path)
	again := open(t, path, nil)
	after, err := again.History(t.Context(), connection, "L1")
	require.NoError(t, err)
	require.Equal(t, before, after)
	_, err = again.Push(t.Context(), connection, leadsync.Filter{}, "ada")
	require.NoError(t, err)
	after, err = again.History(t.Context(), connection, "L1")
	require.NoError(t, err)
	require.Equal(t, "ada", after[2].By)
	require.NoError(t, again.Forget(t.Context(), connection, "L1", "ada"))
	own, err := again.History(t.Context(), connection, "")
	require.NoError(t, err)
	require.Len(t, own, 1)
	require.Equal(t, store.Step{At: own[0].At, Kind: store.StepForgotten, By: "ada"}, own[0])
}

// schemaOf returns the statements that make a file of a version.
func schemaOf(t *testing.T, version int) string {
	t.Helper()
	script := ""
	for v := 1; v <= version; v++ {
		text, err := os.ReadFile(fmt.Sprintf("migrations/%d.sql", v))
		require.NoError(t, err)
		script += string(text)
	}
	return script
}
