// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

func TestSchemaIsMigratedOnceByManyPools(t *testing.T) {
	t.Parallel()
	name := schema(t, pool(t))
	var wg sync.WaitGroup
	stores, errs := make([]*postgres.Store, 8), make([]error, 8)
	for i := range stores {
		on := pool(t, "pool_max_conns=2")
		wg.Go(func() { stores[i], errs[i] = postgres.New(t.Context(), on, &postgres.Options{Schema: name}) })
	}
	wg.Wait()
	for i, opened := range stores {
		require.NoError(t, errs[i])
		report, err := opened.Capture(t.Context(), connection, captured("L1"))
		require.NoError(t, err)
		require.Equal(t, store.CaptureReport{New: 1 - min(i, 1), Same: min(i, 1),
			Strategies: map[string][]string{"expo": {"s"}}}, report)
	}
	versions, err := stores[0].Strings(t.Context(), `SELECT version::text FROM leadsync.migration
		ORDER BY migration.version`)
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, versions)
}

func TestOpenedAgainHasWhatWasCaptured(t *testing.T) {
	t.Parallel()
	name := schema(t, pool(t))
	for i := range 3 {
		opened, err := postgres.Open(t.Context(), server.DSN(t), &postgres.Options{Schema: name})
		require.NoError(t, err)
		report, err := opened.Capture(t.Context(), connection, captured("L1"))
		require.NoError(t, err)
		require.Equal(t, min(i, 1), report.Same)
		require.NoError(t, opened.Close())
		require.NoError(t, opened.Close(), "more than once")
		_, err = opened.List(t.Context(), connection, store.Filter{})
		require.Error(t, err)
	}
}

func TestSchemaOfANewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on)}
	_, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), `INSERT INTO `+options.Schema+`.migration (version) VALUES (1000)`)
	require.NoError(t, err)
	_, err = postgres.New(t.Context(), on, options)
	require.ErrorIs(t, err, postgres.ErrSchema)
	require.ErrorContains(t, err, "it is 1000")
}

func TestHostMayMigrateWithItsOwnTool(t *testing.T) {
	t.Parallel()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on), NoMigrations: true}
	_, err := postgres.New(t.Context(), on, options)
	require.ErrorIs(t, err, postgres.ErrSchema)
	var schemas int
	require.NoError(t, on.QueryRow(t.Context(), `SELECT count(*) FROM pg_namespace WHERE nspname = $1`, options.Schema).
		Scan(&schemas))
	require.Zero(t, schemas, "it was made all the same")

	texts, err := postgres.Migrations(options.Schema)
	require.NoError(t, err)
	require.Len(t, texts, postgres.SchemaVersion)
	for _, text := range texts {
		require.NotContains(t, strings.ReplaceAll(text, options.Schema, ""), "leadsync")
		_, err = on.Exec(t.Context(), text)
		require.NoError(t, err)
	}
	opened, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	report, err := opened.Capture(t.Context(), connection, captured("L1"))
	require.NoError(t, err)
	require.Equal(t, 1, report.New)
}

func TestSchemaNeedsAName(t *testing.T) {
	t.Parallel()
	on := pool(t)
	for _, name := range []string{"Upper", "a b", `a"; DROP TABLE x; --`, "1st", "é", "a.b", strings.Repeat("a", 64)} {
		_, err := postgres.New(t.Context(), on, &postgres.Options{Schema: name})
		require.ErrorContains(t, err, "is no name for a schema", name)
		_, err = postgres.Migrations(name)
		require.ErrorContains(t, err, "is no name for a schema", name)
	}
	// A word that SQL reserves is a name like any other.
	_, err := on.Exec(t.Context(), `DROP SCHEMA IF EXISTS "select" CASCADE`)
	require.NoError(t, err)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: "select"})
	require.NoError(t, err)
	_, err = opened.Capture(t.Context(), connection, captured("L1"))
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), `DROP SCHEMA "select" CASCADE`)
	require.NoError(t, err)
}

func TestDatabaseNeedsUTF8(t *testing.T) {
	t.Parallel()
	on := pool(t)
	const name = "leadsync_test_latin1"
	_, err := on.Exec(t.Context(), `DROP DATABASE IF EXISTS `+name)
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), `CREATE DATABASE `+name+`
		ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`)
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), server.DSN(t)+" database="+name, nil)
	require.ErrorIs(t, err, postgres.ErrServer)
	_, err = on.Exec(t.Context(), `DROP DATABASE `+name)
	require.NoError(t, err)
}

// A schema of version 1 counts nothing: what it has is counted once. What changes add is folded.
func TestLeadsOfASchemaOfVersion1AreCounted(t *testing.T) {
	t.Parallel()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on)}
	texts, err := postgres.Migrations(options.Schema)
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), texts[0])
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), strings.ReplaceAll(`
		INSERT INTO leadsync.connection (name, sequence, version) VALUES ('org', 3, 3);
		INSERT INTO leadsync.lease (connection) SELECT id FROM leadsync.connection;
		INSERT INTO leadsync.lead (connection, sequence, lead_id, event, strategy, stage, state, since, version, data)
			SELECT id, n, 'L' || n, 'expo', 's', 'pre-sync', 'queued', n, n, '{"id":"L' || n || '"}'
			FROM leadsync.connection, generate_series(1, 3) AS n;
		INSERT INTO leadsync.search (connection, term, sequence) SELECT connection, 'Wunfit', sequence FROM leadsync.lead`,
		postgres.DefaultSchema+".", `"`+options.Schema+`".`))
	require.NoError(t, err)
	opened, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	counts, err := opened.Count(t.Context(), connection, store.Filter{})
	require.NoError(t, err)
	require.Len(t, counts.Groups, 1)
	require.Equal(t, 3, counts.Groups[0].Leads)
	require.Equal(t, leadtype.LeadID("L1"), counts.Groups[0].Oldest)
	for event, want := range map[string][]store.WarningCount{"": {{Kind: "unfit", Leads: 3}},
		"expo": {{Kind: "unfit", Leads: 3}}, "gala": nil} {
		warned, err := opened.CountWarnings(t.Context(), connection, store.Filter{Event: event})
		require.NoError(t, err)
		require.Equal(t, want, warned)
	}

	for range 200 {
		_, err := opened.Push(t.Context(), connection, store.Filter{}, "")
		require.NoError(t, err)
		_, err = opened.Capture(t.Context(), connection, captured("L1", "L4"))
		require.NoError(t, err)
	}
	rows, err := opened.Strings(t.Context(), `SELECT leads::text FROM leadsync.tally
		UNION ALL SELECT leads::text FROM leadsync.event_warned`)
	require.NoError(t, err)
	require.Less(t, len(rows), 200)
}

// version5 fills a schema of version 5 with leads in all states of two connections, with what is kept of them.
const version5 = `
	INSERT INTO leadsync.connection (name, sequence, version) VALUES ('org', 9, 20), ('other', 9, 9);
	INSERT INTO leadsync.lease (connection, owner, epoch, until) SELECT id, 'gone', 3, 1 FROM leadsync.connection;
	INSERT INTO leadsync.lead (connection, sequence, lead_id, folded, event, strategy, stage, state, retry_at, since,
			version, generation, attempts, action, code, cause, held_since, intents, outcome, data)
		SELECT id, n, 'L' || n, 'l' || n, event, 's', stage, state, retry_at, 1000 + n, n, generation, generation, action,
			code, '', held, intents, outcome, '{"id":"L' || n || '","event_id":"' || event || '","lastName":"Back\\\\slash"}'
		FROM leadsync.connection, (VALUES
			(1, 'expo', 'pre-sync', 'queued', 0, 0, '', '', 0, '', ''),
			(2, 'expo', 'pre-sync', 'queued', 7, 0, '', '', 0, '', ''),
			(3, 'gala', 'pre-sync', 'queued', 1::int8 << 60, 0, '', '', 0, '', ''),
			(4, 'gala', 'pre-sync', 'in-flight', 0, 1, '', '', 5, '[{"kind":"task","key":"k"}]', ''),
			(5, 'gala', 'pre-sync', 'waiting', 8, 0, '', '', 0, '', ''),
			(6, 'gala', 'pre-sync', 'frozen', 0, 0, '', '', 0, '', ''),
			(7, 'expo', 'failed', '', 0, 1, '', 'UNKNOWN', 6, '[{"kind":"task","key":"k"}]',
				'{"lead_id":"L7","stage":"failed"}'),
			(8, 'expo', 'cleared', '', 0, 1, 'created', '', 0, '', '{"lead_id":"L8","stage":"cleared","action":"created"}'),
			(9, 'gala', 'cleared', '', 0, 2, 'created', '', 0, '', '{"lead_id":"L9","stage":"cleared","action":"created"}')
		) AS v (n, event, stage, state, retry_at, generation, action, code, held, intents, outcome);
	INSERT INTO leadsync.history (connection, sequence, at, change, stage, state, generation)
		SELECT connection, sequence, since, 'captured', stage, state, 0 FROM leadsync.lead ORDER BY sequence;
	INSERT INTO leadsync.search (connection, term, sequence)
		SELECT connection, term, sequence FROM leadsync.lead,
			unnest(ARRAY['tback\\\\slash', 'tl' || sequence, 'ta"b{,}']) AS term
		UNION ALL SELECT connection, term, sequence FROM leadsync.lead, unnest(ARRAY['Wunfit', 'R00Q000000000001EAA']) AS term
		WHERE sequence >= 7`

// version6 adds to that, in a schema of version 6, which has a copy of each outcome in its history.
const version6 = `INSERT INTO leadsync.history (connection, sequence, at, change, stage, state, generation, outcome)
	SELECT connection, sequence, since, 'settled', stage, state, generation, outcome
	FROM leadsync.lead WHERE outcome <> ''`

// version8 adds a lead to that whose id is folded, so that a schema of version 8 keeps no folded one.
const version8 = `INSERT INTO leadsync.lead (connection, sequence, lead_id, event, strategy, stage, state, since, data)
	SELECT id, 10, 'l10', 'expo', 's', 'pre-sync', 'queued', 1010, '{"id":"l10","eventId":"expo"}'
	FROM leadsync.connection WHERE name = 'org';
	UPDATE leadsync.connection SET sequence = 10 WHERE name = 'org';
	INSERT INTO leadsync.history (connection, sequence, at, change, stage, state, generation)
		SELECT connection, sequence, since, 'captured', stage, state, 0 FROM leadsync.lead WHERE sequence = 10`

// filled returns a store on a schema of version 5 that was filled, and then on one of a later version too.
func filled(t *testing.T, version int) *postgres.Store {
	t.Helper()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on)}
	texts, err := postgres.Migrations(options.Schema)
	require.NoError(t, err)
	texts = append(append(texts[:5:5], version5), texts[5:version]...)
	if version >= 6 {
		texts = append(texts, version6)
	}
	if version >= 8 {
		texts = append(texts, version8)
	}
	for _, text := range texts {
		_, err = on.Exec(t.Context(), strings.ReplaceAll(text, postgres.DefaultSchema+".", `"`+options.Schema+`".`))
		require.NoError(t, err)
	}
	opened, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	return opened
}

// The history of a schema of version 6 stays as it is, whatever becomes of its leads in the current one.
func TestHistoryOfASchemaOfVersion6IsKept(t *testing.T) {
	t.Parallel()
	opened := filled(t, 6)
	history := func() map[leadtype.LeadID][]store.Step {
		steps := make(map[leadtype.LeadID][]store.Step)
		entries, err := opened.List(t.Context(), connection, store.Filter{})
		require.NoError(t, err)
		require.Len(t, entries, 9)
		for _, entry := range entries {
			steps[entry.Lead.ID], err = opened.History(t.Context(), connection, entry.Lead.ID)
			require.NoError(t, err)
		}
		return steps
	}
	before := history()
	grown := func(after map[leadtype.LeadID][]store.Step) {
		t.Helper()
		for id, steps := range before {
			require.Greater(t, len(after[id]), len(steps), id)
			require.Equal(t, steps, after[id][:len(steps)], id)
		}
		before = after
	}
	require.Equal(t, leadtype.Failed, before["L7"][1].Outcome.Stage)
	require.Equal(t, leadtype.Created, before["L9"][1].Outcome.Action)
	lease, err := opened.Acquire(t.Context(), connection, "a", time.Minute)
	require.NoError(t, err)
	for round := range 3 {
		_, err = opened.Push(t.Context(), connection, store.Filter{}, "", leadtype.Ask{Over: []string{"Lead.Title"}})
		require.NoError(t, err)
		claimed, err := opened.Claim(t.Context(), lease, 10)
		require.NoError(t, err)
		require.Len(t, claimed, 9)
		var settlements []store.Settlement
		for _, c := range claimed {
			settlements = append(settlements, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
				Outcome: &leadtype.Outcome{LeadID: c.Lead.ID, Stage: leadtype.Failed, Object: "Lead",
					Warnings: []leadtype.Warning{{Kind: leadtype.Unfit, Reason: fmt.Sprint(round)}}}})
		}
		stale, err := opened.Settle(t.Context(), lease, settlements)
		require.NoError(t, err)
		require.Empty(t, stale)
		grown(history())
		references, err := opened.Strings(t.Context(), `SELECT outcome FROM leadsync.history
			WHERE connection = 1 AND outcome LIKE '=%'`)
		require.NoError(t, err)
		require.Equal(t, slices.Repeat([]string{"="}, 9), references, "each outcome is kept once")
	}
	var resolutions []store.Resolution
	for id, steps := range before {
		resolutions = append(resolutions, store.Resolution{LeadID: id, Generation: steps[len(steps)-1].Generation,
			Outcome: &leadtype.Outcome{LeadID: id, Stage: leadtype.Cleared, Action: leadtype.Dismissed}})
	}
	stale, err := opened.Resolve(t.Context(), connection, resolutions)
	require.NoError(t, err)
	require.Empty(t, stale)
	grown(history())
	require.NoError(t, opened.Rebind(t.Context(), lease, "00D000000000002EAA", ""))
	grown(history())
}

// What a schema of version 5 has of leads is found, counted, claimed and forgotten like that of the current one.
func TestLeadsOfASchemaOfVersion5AreKept(t *testing.T) {
	t.Parallel()
	opened := filled(t, 5)
	ids := func(filter store.Filter) (found []leadtype.LeadID) {
		entries, err := opened.List(t.Context(), connection, filter)
		require.NoError(t, err)
		for _, entry := range entries {
			found = append(found, entry.Lead.ID)
		}
		return found
	}
	counts, err := opened.Count(t.Context(), connection, store.Filter{})
	require.NoError(t, err)
	require.Len(t, counts.Groups, 6)
	require.Positive(t, counts.Version)
	for want, filter := range map[string]store.Filter{
		"L1 L2 L3 L4 L5 L6 L7 L8 L9": {}, "L1 L2 L7 L8": {Event: "expo"}, "L8 L9": {Stages: []leadtype.Stage{"cleared"}},
		"L9 L8": {Stages: []leadtype.Stage{"cleared"}, Newest: true, Limit: 5}, "L7": {Codes: []leadtype.Code{"UNKNOWN"}},
		"L4 L7": {Unanswered: true}, "L7 L8 L9": {Warnings: []leadtype.WarningKind{leadtype.Unfit}}, "L3": {Text: "l3"},
		"L8":       {Record: "00Q000000000001EAA", Leads: []leadtype.LeadID{"L8"}},
		"L2 L3 L4": {From: time.UnixMicro(1002), Until: time.UnixMicro(1005)},
	} {
		require.Equal(t, want, strings.Trim(fmt.Sprint(ids(filter)), "[]"))
	}
	filter := store.Filter{Version: counts.Version}
	require.Len(t, ids(filter), 9)
	require.NoError(t, opened.Note(t.Context(), connection, store.Step{Kind: store.StepReverted}, "L8"))
	require.Len(t, ids(filter), 8)

	report, err := opened.Capture(t.Context(), connection, captured("L1", "l9"))
	require.NoError(t, err)
	require.Equal(t, map[int]leadtype.LeadID{1: "L9"}, report.Alike)
	require.Equal(t, map[string][]string{"expo": {"s"}}, report.Strategies)
	expired, err := opened.Expire(t.Context(), connection, time.Now(), 10)
	require.NoError(t, err)
	require.Equal(t, 1, expired, "what is in flight holds it")
	lease, err := opened.Acquire(t.Context(), connection, "a", time.Minute)
	require.NoError(t, err)
	claimed, err := opened.Claim(t.Context(), lease, 3)
	require.NoError(t, err)
	require.Len(t, claimed, 3)
	for i, id := range []leadtype.LeadID{"L1", "L2", "L4"} {
		require.Equal(t, id, claimed[i].Lead.ID)
	}
	stale, err := opened.Settle(t.Context(), lease, []store.Settlement{{LeadID: "L4", Generation: claimed[2].Generation,
		Outcome: &leadtype.Outcome{LeadID: "L4", Stage: leadtype.Cleared}}})
	require.NoError(t, err)
	require.Empty(t, stale)
	require.NoError(t, opened.Release(t.Context(), lease))
	for _, id := range ids(store.Filter{}) {
		require.NoError(t, opened.Forget(t.Context(), connection, id, ""))
	}
	left, err := opened.Strings(t.Context(), `SELECT 'search' FROM leadsync.search WHERE connection = 1
		UNION ALL SELECT 'tally' FROM leadsync.tally WHERE connection = 1
		UNION ALL SELECT 'warned' FROM leadsync.event_warned WHERE connection = 1`)
	require.NoError(t, err)
	require.Empty(t, left)
	others, err := opened.Strings(t.Context(), `SELECT count(*)::text FROM leadsync.search WHERE connection = 2`)
	require.NoError(t, err)
	require.Equal(t, []string{"33"}, others)
}

// A lead of a schema of version 8 is found by its id, however that is written, also where its folded id was not kept.
func TestLeadsOfASchemaOfVersion8AreFoundByTheirID(t *testing.T) {
	t.Parallel()
	opened := filled(t, 8)
	report, err := opened.Capture(t.Context(), connection, captured("l10", "L9", "l9", "L10", "new"))
	require.NoError(t, err)
	require.Equal(t, map[int]leadtype.LeadID{2: "L9", 3: "l10"}, report.Alike)
	require.Equal(t, 1, report.New)
	for _, id := range []leadtype.LeadID{"L9", "l10", "new"} {
		entries, err := opened.List(t.Context(), connection, store.Filter{Leads: []leadtype.LeadID{id, "l9", "L10", "NEW"}})
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, id, entries[0].Lead.ID)
		steps, err := opened.History(t.Context(), connection, id)
		require.NoError(t, err)
		require.NotEmpty(t, steps)
		require.NoError(t, opened.Forget(t.Context(), connection, leadtype.LeadID(strings.ToUpper(string(id))+" "), ""))
		require.NoError(t, opened.Forget(t.Context(), connection, id, ""))
		steps, err = opened.History(t.Context(), connection, id)
		require.NoError(t, err)
		require.Empty(t, steps)
	}
	left, err := opened.Strings(t.Context(), `SELECT lead_id || ' ' || folded FROM leadsync.lead
		WHERE connection = 1 AND folded <> lower(lead_id)`)
	require.NoError(t, err)
	require.Empty(t, left)
}

// earlierInsert is how a version of before schema 9 writes a lead: the folded id is kept where it is another.
const earlierInsert = `INSERT INTO leadsync.lead
		(connection, sequence, lead_id, folded, event, strategy, stage, state, since, data)
	SELECT id, sequence + 1, 'l7', '', 'expo', 's', 'pre-sync', 'queued', 1, '{"id":"l7"}' FROM leadsync.connection
	RETURNING lead_id`

// A process of an earlier version that was not stopped writes no lead that would be captured a second time.
func TestAnEarlierVersionWritesNoLeadThatNobodyFinds(t *testing.T) {
	t.Parallel()
	on := pool(t)
	options := &postgres.Options{Schema: schema(t, on)}
	texts, err := postgres.Migrations(options.Schema)
	require.NoError(t, err)
	for _, text := range texts[:9] {
		_, err = on.Exec(t.Context(), text)
		require.NoError(t, err)
	}
	insert := strings.ReplaceAll(earlierInsert, postgres.DefaultSchema+".", `"`+options.Schema+`".`)
	_, err = on.Exec(t.Context(), strings.ReplaceAll(`INSERT INTO leadsync.connection (name) VALUES ('org');
		INSERT INTO leadsync.lease (connection) SELECT id FROM leadsync.connection`,
		postgres.DefaultSchema+".", `"`+options.Schema+`".`))
	require.NoError(t, err)
	_, err = on.Exec(t.Context(), insert)
	require.NoError(t, err, "in schema 9")
	_, err = on.Exec(t.Context(), strings.ReplaceAll(`UPDATE leadsync.connection SET sequence = 1`,
		postgres.DefaultSchema+".", `"`+options.Schema+`".`))
	require.NoError(t, err)

	opened, err := postgres.New(t.Context(), on, options)
	require.NoError(t, err)
	report, err := opened.Capture(t.Context(), connection, captured("l7", "\u200b"))
	require.NoError(t, err)
	require.Equal(t, 1, report.New, "l7 is found")
	require.Equal(t, []leadtype.LeadID{"l7", "\u200b"}, kept(t, opened))
	require.NoError(t, opened.Forget(t.Context(), connection, "l7", ""))
	_, err = on.Exec(t.Context(), insert)
	require.ErrorContains(t, err, "lead_is_folded")
}

func TestNewNeedsAPool(t *testing.T) {
	t.Parallel()
	_, err := postgres.New(t.Context(), nil, nil)
	require.ErrorContains(t, err, "the pool is nil")
}

// Captures of a connection take turns, so that each sees the leads of the one before. If one did not, the server
// would refuse its leads: there are no two whose ids people read alike.
func TestServerKeepsNoTwoLeadsOfOneID(t *testing.T) {
	t.Parallel()
	on := pool(t)
	opened, err := postgres.New(t.Context(), on, &postgres.Options{Schema: schema(t, on)})
	require.NoError(t, err)
	_, err = opened.Capture(t.Context(), connection, captured("L1"))
	require.NoError(t, err)
	again := func(id string) error {
		_, err := opened.Strings(t.Context(), `INSERT INTO leadsync.lead
				(connection, sequence, lead_id, folded, event, strategy, stage, state, since, data)
			SELECT connection, sequence + 1, $1, lower($1), event, strategy, stage, state, since, data FROM leadsync.lead
			RETURNING lead_id`, id)
		return err
	}
	require.ErrorContains(t, again("l1"), "lead_folded")
	require.NoError(t, again("L2"))
}
