// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres"
)

// A recorder keeps the statements that a pool sends.
type recorder struct {
	mu         sync.Mutex
	operation  string
	statements map[string]recorded // by text
	sent       int
	trips      int // to the server and back
}

// A recorded is the operation that first sent a statement, and with what.
type recorded struct {
	operation string
	args      []any
}

func (r *recorder) note(statement string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent++
	if _, ok := r.statements[statement]; !ok {
		r.statements[statement] = recorded{r.operation, args}
	}
}

// doing notes the operation that sends statements from now on.
func (r *recorder) doing(operation string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.operation = operation
}

// clear forgets all statements.
func (r *recorder) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent, r.trips, r.statements = 0, 0, make(map[string]recorded)
}

// count returns how many statements were sent.
func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent
}

// trip counts a round trip.
func (r *recorder) trip() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trips++
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	r.trip()
	r.note(data.SQL, data.Args)
	return ctx
}

func (*recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	r.trip()
	return ctx
}

func (r *recorder) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	r.note(data.SQL, data.Args)
}

func (*recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// many fills a schema with the leads of one connection with many and of some with few, most of
// them cleared, as a server has them after months.
const many = `
	INSERT INTO leadsync.connection (name, sequence, version)
		SELECT 'c' || n, 20000, 20000 FROM generate_series(1, 40) AS n;
	INSERT INTO leadsync.lease (connection) SELECT id FROM leadsync.connection ON CONFLICT DO NOTHING;
	INSERT INTO leadsync.lead (connection, sequence, lead_id, folded, event, strategy, stage, state, retry_at, since,
			code, intents, data, words)
		SELECT connection, n, 'L' || n, 'l' || n, 'event ' || n % 20, 'leads-only',
			CASE WHEN n % 50 = 0 THEN 'pre-sync' WHEN n % 50 = 1 THEN 'failed' ELSE 'cleared' END,
			CASE WHEN n % 50 = 0 THEN 'queued' ELSE '' END, CASE WHEN n % 100 = 0 THEN 1 << 62 ELSE 0 END, n,
			CASE WHEN n % 50 = 1 THEN 'DATA_VALUE_VALIDATION' ELSE '' END, CASE WHEN n % 500 = 0 THEN '[]' ELSE '' END,
			'{"lastName":"' || repeat('x', 200) || '"}', '{"t' || md5((n % 3000)::text) || '"}'
		FROM (SELECT id AS connection, CASE WHEN name = 'c1' THEN 20000 ELSE 500 END AS leads FROM leadsync.connection) AS c,
			generate_series(1, leads) AS n;
	INSERT INTO leadsync.history (connection, sequence, at, change, stage, state, generation)
		SELECT connection, sequence, since, 'captured', stage, state, 0 FROM leadsync.lead;
	INSERT INTO leadsync.search (connection, term, sequence)
		SELECT connection, 't' || md5((sequence % 3000)::text), sequence FROM leadsync.lead;
	INSERT INTO leadsync.image (connection, record, sequence)
		SELECT connection, 'r' || sequence, sequence FROM leadsync.lead;
	INSERT INTO leadsync.record (connection, id, lead_id)
		SELECT connection, lpad(sequence::text, 18, '0'), lead_id FROM leadsync.lead`

// traced returns a store in a schema of its own, with its name, and what records its statements.
func traced(t *testing.T) (kept *postgres.Store, plain *pgxpool.Pool, name string, seen *recorder) {
	t.Helper()
	plain = pool(t)
	name = schema(t, plain)
	seen = &recorder{statements: make(map[string]recorded)}
	config := plain.Config()
	config.ConnConfig.Tracer = seen
	on, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(on.Close)
	kept, err = postgres.New(t.Context(), on, &postgres.Options{Schema: name})
	require.NoError(t, err)
	return kept, plain, name, seen
}

// crowded returns a store with many leads, and what records its statements.
func crowded(t *testing.T) (*postgres.Store, *pgxpool.Pool, *recorder) {
	t.Helper()
	kept, plain, name, seen := traced(t)
	in := func(text string) string { return strings.ReplaceAll(text, postgres.DefaultSchema+".", `"`+name+`".`) }
	_, err := plain.Exec(t.Context(), in(many))
	require.NoError(t, err)
	for _, table := range []string{"lead", "history", "search", "image", "record", "connection", "lease"} {
		_, err = plain.Exec(t.Context(), in(`VACUUM ANALYZE leadsync.`+table))
		require.NoError(t, err)
	}
	seen.clear()
	return kept, plain, seen
}

// use calls all that runs often, and what people do with filters.
func use(t *testing.T, kept *postgres.Store, connection string, doing func(operation string)) {
	t.Helper()
	ctx := t.Context()
	doing("capture")
	_, err := kept.Capture(ctx, connection, captured("new", "L7"))
	require.NoError(t, err)
	doing("activities")
	require.NoError(t, kept.AddActivities(ctx, connection, "new", store.StateQueued,
		[]leadtype.Activity{{ID: "A", Kind: leadtype.ActivityNote, Notes: "Met."}}))
	doing("due")
	_, _, err = kept.Due(ctx, connection)
	require.NoError(t, err)
	doing("due connections")
	due, err := kept.DueConnections(ctx, "", 256)
	require.NoError(t, err)
	require.Contains(t, due, connection)
	doing("abandoned connections")
	_, err = kept.Abandoned(ctx, 256)
	require.NoError(t, err)
	doing("acquire")
	lease, err := kept.Acquire(ctx, connection, "a", time.Hour)
	require.NoError(t, err)
	doing("claim")
	claimed, err := kept.Claim(ctx, lease, 100)
	require.NoError(t, err)
	require.NotEmpty(t, claimed)
	intents := make(map[leadtype.LeadID][]leadtype.Intent)
	var settlements []store.Settlement
	for i, c := range claimed {
		intents[c.Lead.ID] = []leadtype.Intent{{Kind: leadtype.PartTask, Key: "k"}}
		if i%2 == 0 {
			settlements = append(settlements, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
				Outcome: &leadtype.Outcome{LeadID: c.Lead.ID, Stage: leadtype.Cleared, Action: leadtype.Created},
				Records: []leadtype.RecordMemory{{ID: "000000000000000007"}}})
		}
	}
	doing("journal")
	require.NoError(t, kept.Journal(ctx, lease, intents))
	doing("settle")
	_, err = kept.Settle(ctx, lease, settlements)
	require.NoError(t, err)
	doing("release")
	require.NoError(t, kept.Release(ctx, lease))
	doing("records")
	_, err = kept.Records(ctx, connection, []salesforce.ID{"000000000000000007", "000000000000000008"})
	require.NoError(t, err)
	doing("history")
	_, err = kept.History(ctx, connection, "L7")
	require.NoError(t, err)
	doing("prune")
	_, err = kept.Prune(ctx, connection, time.Now().Add(time.Hour))
	require.NoError(t, err)
	doing("connection")
	_, err = kept.Connection(ctx, connection)
	require.NoError(t, err)
	for name, filter := range filters() {
		doing("list " + name)
		_, err = kept.List(ctx, connection, filter)
		require.NoError(t, err)
		doing("count " + name)
		filter.Limit, filter.Newest, filter.After = 0, false, 0
		_, err = kept.Count(ctx, connection, filter)
		require.NoError(t, err)
		doing("push " + name)
		_, err = kept.Push(ctx, connection, filter, "ada")
		require.NoError(t, err)
	}
}

// filters are the first pages of lists, the newest leads first, and a later one.
func filters() map[string]store.Filter {
	all := map[string]store.Filter{
		"all":               {},
		"after":             {After: 500},
		"event":             {Event: "event 3"},
		"leads":             {Leads: []leadtype.LeadID{"L7", "L8"}},
		"stage":             {Stages: []leadtype.Stage{leadtype.Failed}},
		"state":             {States: []store.State{store.StateFrozen}},
		"code":              {Codes: []leadtype.Code{leadtype.DataValueValidation}},
		"cause":             {Causes: []leadtype.CauseKey{"x"}},
		"warning":           {Warnings: []leadtype.WarningKind{leadtype.Unfit}},
		"record":            {Record: "00Q000000000001AAA"},
		"text":              {Text: "ada lovelace"},
		"time":              {From: time.UnixMicro(900), Until: time.UnixMicro(990)},
		"intents":           {Unanswered: true},
		"version":           {Version: 1},
		"stage and version": {Stages: []leadtype.Stage{leadtype.Failed}, Version: 1},
		"event and time":    {Event: "event 3", From: time.UnixMicro(900)},
	}
	for name, filter := range all {
		filter.Limit, filter.Newest = 50, true
		all[name] = filter
	}
	return all
}

// A statement that runs often must not read all rows of a table: neither by the plan for its
// parameters, nor by the one for any that the server makes of a prepared statement.
func TestStatementsReadNoWholeTable(t *testing.T) {
	t.Parallel()
	kept, plain, seen := crowded(t)
	for _, connection := range []string{"c1", "c7"} {
		use(t, kept, connection, seen.doing)
	}
	on, err := plain.Acquire(t.Context())
	require.NoError(t, err)
	defer on.Release()
	explained, releases := 0, false
	for statement, how := range seen.statements {
		if first := strings.Fields(statement)[0]; !strings.Contains("SELECT WITH INSERT UPDATE DELETE", first) {
			continue
		}
		explained++
		for _, plan := range []string{explain(t, on.Conn(), statement, how.args), explainAny(t, on.Conn(), statement)} {
			require.Empty(t, readWhole(plan), "%s: %s\n%s", how.operation, statement, plan)
			releases = releases || how.operation == "push state" && strings.Contains(plan, "(kind = ")
		}
	}
	require.Greater(t, explained, 50)
	require.True(t, releases, "each batch looks for frozen leads")

	// The control: without an index of the leads that are due, they are looked for among all.
	_, err = kept.Strings(t.Context(), `DROP INDEX leadsync.lead_due, leadsync.lead_queued, leadsync.lead_later`)
	require.NoError(t, err)
	seen.clear()
	_, err = kept.DueConnections(t.Context(), "", 256)
	require.NoError(t, err)
	for statement, how := range seen.statements {
		plan := explain(t, on.Conn(), statement, how.args)
		require.NotEmpty(t, readWhole(plan), plan)
	}
}

// someRows are the indexes of few leads or records, which may be read for all connections.
var someRows = []string{"lead_queued", "lead_later", "lead_due", "lead_waiting", "lead_in_flight", "lead_frozen",
	"lead_gathers", "lead_unanswered", "lead_held", "record_lead"}

// scans are the lines of a plan that read the large tables, with the table or the index.
var scans = regexp.MustCompile(`Seq Scan on (lead|history|search|image|record) |` +
	`(?:Index (?:Only )?Scan (?:Backward )?using|Bitmap Index Scan on) ((?:lead|history|search|image|record)_\w+)`)

// bounded are the conditions of an index that keep to a connection, or to leads that are alike.
var bounded = regexp.MustCompile(`\((connection|kind) = `)

// readWhole returns the tables and indexes that a plan reads from end to end, not just for a
// connection.
func readWhole(plan string) (whole []string) {
	lines := strings.Split(plan, "\n")
	for i, line := range lines {
		found := scans.FindStringSubmatch(line)
		switch {
		case found == nil || slices.Contains(someRows, found[2]):
		case found[1] != "":
			whole = append(whole, found[1])
		case i+1 == len(lines) || !bounded.MatchString(lines[i+1]):
			whole = append(whole, found[2])
		}
	}
	return whole
}

// explain returns the plan of a statement for its parameters.
func explain(t *testing.T, on *pgx.Conn, statement string, args []any) string {
	t.Helper()
	rows, err := on.Query(t.Context(), `EXPLAIN `+statement, args...)
	require.NoError(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err, statement)
	return strings.Join(lines, "\n")
}

// explainAny returns the plan of a statement for any parameters.
func explainAny(t *testing.T, on *pgx.Conn, statement string) string {
	t.Helper()
	prepared, err := on.Prepare(t.Context(), "explained", statement)
	require.NoError(t, err)
	defer func() { require.NoError(t, on.Deallocate(t.Context(), "explained")) }()
	_, err = on.Exec(t.Context(), `SET plan_cache_mode = force_generic_plan`)
	require.NoError(t, err)
	with := ``
	if n := len(prepared.ParamOIDs); n > 0 {
		with = `(` + strings.TrimSuffix(strings.Repeat(`NULL, `, n), `, `) + `)`
	}
	return explain(t, on, `EXECUTE explained`+with, nil)
}
