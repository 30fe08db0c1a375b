// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// connectionID is the id of the connection whose name is the first parameter.
const connectionID = `(SELECT id FROM leadsync.connection WHERE name = $1)`

// A where is a condition on leads in the making, with its parameters. The first is the
// connection's name.
type where struct {
	text string
	args []any
}

// arg adds a parameter and returns how SQL names it.
func (w *where) arg(value any) string {
	w.args = append(w.args, value)
	return `$` + strconv.Itoa(len(w.args))
}

func (w *where) and(text string) { w.text += ` AND ` + text }

// conditions returns the SQL for a filter without its page. What selects leads by their kind or their time alone
// finds them; else these conditions hold of what the others find.
func conditions(connection string, f store.Filter) *where {
	w := connected(connection)
	if !grouped(f) && !timed(f) || searched(f) {
		w.groups(f)
		w.search(f)
		w.others(f)
		return w
	}
	w.and(`sequence = ANY (ARRAY(SELECT one.sequence FROM (` + w.kinds(f) + `) AS alike
		CROSS JOIN LATERAL (` + ofKinds(`sequence`, w.alike(f), ` OFFSET 0`) + `) AS one))`)
	return w
}

// paged is conditions with the page of a filter, and with its order and limit in SQL. The page of leads of some kinds
// is found without the others: near its beginning, where these leads are as close to each other as they would be by
// chance, else among the first leads of each kind, of as many kinds as there are leads in the page.
func paged(connection string, f store.Filter) (w *where, order string) {
	if f.Limit <= 0 || !grouped(f) || !counted(f) {
		w = conditions(connection, f)
		return w, w.page(f)
	}
	w = connected(connection)
	limit, of := w.arg(int64(f.Limit))+`::int8`, w.alike(f)
	kinds := w.kinds(f)
	direction, is, upTo, begin, far := ``, `>`, `<=`, `greatest($, first - 1)`, `+`
	if f.Newest {
		direction, is, upTo, begin, far = ` DESC`, `<`, `>=`, `least($, last + 1)`, `-`
	}
	after := `NULL`
	if f.After != 0 {
		after = w.arg(f.After)
	}
	begin = strings.Replace(begin, `$`, after+`::int8`, 1)
	order = ` ORDER BY sequence` + direction + ` LIMIT ` + limit
	beyond := ` AND sequence ` + is + ` (SELECT begin FROM span)`
	until := beyond + ` AND sequence ` + upTo + ` (SELECT until FROM span)`
	w.and(`sequence = ANY (ARRAY(WITH alike AS MATERIALIZED (` + kinds + `),
		span AS MATERIALIZED (SELECT ` + begin + ` AS begin, ` + begin + ` ` + far + ` least(` + limit + `, 10000) * 4
				* (last - first + 1) / (SELECT greatest(sum(leads)::int8, 1) FROM alike) AS until
			FROM (SELECT (SELECT min(sequence) FROM leadsync.lead WHERE connection = ` + connectionID + `) AS first,
				(SELECT max(sequence) FROM leadsync.lead WHERE connection = ` + connectionID + `) AS last) AS ends),
		near AS MATERIALIZED (SELECT sequence FROM alike CROSS JOIN LATERAL (
			` + ofKinds(`sequence`, of+until, ` OFFSET 0`) + `) AS one` + order + `),
		heads AS MATERIALIZED (SELECT alike.*, one.sequence AS head FROM alike CROSS JOIN LATERAL (
				` + ofKinds(`sequence`, of+beyond, ` ORDER BY sequence`+direction+` LIMIT 1`) + `) AS one
			WHERE (SELECT count(*) FROM near) < ` + limit + ` ORDER BY head` + direction + ` LIMIT ` + limit + `),
		far AS (SELECT one.sequence FROM heads AS alike CROSS JOIN LATERAL (
			` + ofKinds(`sequence`, of+beyond, order) + `) AS one)
		SELECT sequence FROM near WHERE (SELECT count(*) FROM near) = ` + limit + `
		UNION ALL (SELECT sequence FROM far` + order + `)))`)
	return w, order
}

// kinds is the query for the kinds of leads that a filter selects, but for what table tally does not have.
func (w *where) kinds(f store.Filter) string {
	groups := &where{`connection = ` + connectionID, w.args}
	groups.groups(f)
	w.args = groups.args
	return `SELECT connection, kind, ` + counts + `, sum(leads)::int8 AS leads FROM leadsync.tally WHERE ` + groups.text +
		` GROUP BY connection, kind, ` + counts + ` HAVING sum(leads) > 0`
}

// ofKinds returns the query for leads of a row of kinds with the name alike that fit conditions, with an end, such as
// their order and how many of them.
func ofKinds(columns, of, end string) string {
	return `SELECT ` + columns + ` FROM ((` + notInFlight(columns, of, end) + `)
		UNION ALL (` + inFlight(columns, of+` AND alike.state = 'in-flight'`, end) + `)) AS either` + end
}

// notInFlight and inFlight are ofKinds for a row whose leads are not in flight, and are. These are in no index by their
// kind: they are few, and soon of another.
func notInFlight(columns, of, end string) string {
	return `SELECT ` + columns + ` FROM leadsync.lead
		WHERE lead.kind = alike.kind AND lead.state <> 'in-flight' AND ` + of + end
}

func inFlight(columns, of, end string) string {
	return `SELECT ` + columns + ` FROM leadsync.lead
		WHERE lead.connection = alike.connection AND lead.state = 'in-flight' AND ` + of + end
}

// alike is the condition that a lead is one of a row of kinds with the name alike, with what table tally does not
// have of a filter.
func (w *where) alike(f store.Filter) string {
	of := &where{ofKind, w.args}
	of.others(f)
	w.args = of.args
	return of.text
}

// counts are the columns of a lead by which table tally counts.
const counts = `event, strategy, stage, state, action, code, cause`

// ofKind is the condition that a lead is of the kind of a row with the name alike. Leads of another may have the same
// number. The columns are compared in a way that is in no index, of which the server does not reckon how many leads
// differ: it would take what is left for few, and read all of a kind to find the first.
const ofKind = `coalesce(lead.connection = alike.connection AND lead.event = alike.event
	AND lead.strategy = alike.strategy AND lead.stage = alike.stage AND lead.state = alike.state
	AND lead.action = alike.action AND lead.code = alike.code AND lead.cause = alike.cause, false)`

// grouped, timed and searched report whether a filter has conditions that table tally decides, those of a time, and
// others by which leads are found.
func grouped(f store.Filter) bool {
	return f.Event != "" || f.Stages != nil || f.States != nil || f.Codes != nil || f.Causes != nil
}

func timed(f store.Filter) bool { return !f.From.IsZero() || !f.Until.IsZero() }

func searched(f store.Filter) bool {
	return f.Leads != nil || f.Warnings != nil || f.WarningCauses != nil || f.Text != "" || f.Record != "" || f.Unanswered
}

// groups adds the conditions that table tally decides, and that on ids.
func (w *where) groups(f store.Filter) {
	if f.Event != "" {
		w.and(`event = ` + w.arg(escape(f.Event)))
	}
	if f.Leads != nil {
		w.and(`folded = ANY (` + w.arg(foldAll(f.Leads)) + `::text[])`)
		among(w, `lead_id`, f.Leads)
	}
	among(w, `stage`, f.Stages)
	among(w, `state`, f.States)
	among(w, `code`, f.Codes)
	among(w, `cause`, f.Causes)
}

// others adds the conditions on columns of the lead that table tally does not have.
func (w *where) others(f store.Filter) {
	w.times(f)
	if f.Unanswered {
		w.and(`sequence IN (` + strings.ReplaceAll(journalled, `$1`, connectionID) + `)`)
	}
	if f.Version != 0 {
		w.and(`coalesce((SELECT false FROM leadsync.history WHERE history.connection = lead.connection
			AND history.sequence = lead.sequence AND history.id > ` + w.arg(f.Version) + ` LIMIT 1), true)`)
	}
}

// journalled finds the leads with intents of the connection with an id.
const journalled = `SELECT sequence FROM leadsync.lead WHERE connection = $1 AND unanswered UNION ALL
	SELECT sequence FROM leadsync.lead WHERE connection = $1 AND state = 'in-flight' AND intents <> ''`

// times adds the conditions of Filter.From and Filter.Until.
func (w *where) times(f store.Filter) {
	if !f.From.IsZero() {
		w.and(`since >= ` + w.arg(stored.Micros(f.From)))
	}
	if !f.Until.IsZero() {
		w.and(`since < ` + w.arg(stored.Micros(f.Until)))
	}
}

// among adds that a column has one of some values, unless they are nil.
func among[T ~string](w *where, column string, values []T) {
	if values != nil {
		w.and(column + ` = ANY (` + w.arg(escapeAll(values)) + `::text[])`)
	}
}

// search adds the conditions that table search decides.
func (w *where) search(f store.Filter) {
	for _, terms := range termsOf(f) {
		w.look(`term = ANY (` + w.arg(escapeAll(terms)) + `::text[])`)
	}
	if f.Text == "" {
		return
	}
	words, ok := store.TextWords(f.Text)
	if !ok {
		w.and(`false`)
		return
	}
	for _, word := range words {
		from, until := stored.Beginning(word)
		w.look(`term >= ` + w.arg(escape(from)) + ` AND term < ` + w.arg(escape(until)))
	}
}

func (w *where) look(terms string) {
	w.and(`sequence IN (SELECT sequence FROM leadsync.search WHERE connection = ` + connectionID + ` AND ` + terms + `)`)
}

// page adds the page of a filter, and returns its order and limit in SQL.
func (w *where) page(f store.Filter) string {
	order, after := ` ORDER BY sequence`, ` > `
	if f.Newest {
		order, after = ` ORDER BY sequence DESC`, ` < `
	}
	if f.After != 0 {
		w.and(`sequence` + after + w.arg(f.After))
	}
	if f.Limit > 0 {
		order += ` LIMIT ` + w.arg(int64(f.Limit))
	}
	return order
}

// upTo adds that a lead comes in the order of a filter no later than the one with a sequence.
func (w *where) upTo(f store.Filter, last int64) {
	until := ` <= `
	if f.Newest {
		until = ` >= `
	}
	w.and(`sequence` + until + w.arg(last))
}

// List implements leadsync.Store.
func (s *Store) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	w, order := paged(connection, filter)
	entries, err := s.entries(ctx, w, order, filter.Detail)
	return entries, wrap(ctx, "list", err)
}

// entries returns the leads that fit conditions, in an order, with a detail.
func (s *Store) entries(ctx context.Context, w *where, order string, detail store.Detail) ([]store.Entry, error) {
	var entries []store.Entry
	err := s.read(ctx, func(rows pgx.Rows) error {
		var e store.Entry
		var retryAt, since int64
		var columns stored.Text
		err := rows.Scan(append([]any{&e.Sequence, text(&e.Stage), text(&e.State), &e.Attempts, &retryAt, &since,
			&e.Generation}, scanText(&columns)...)...)
		v := columns.ReadAs(detail)
		e.RetryAt, e.Since = stored.FromMicros(retryAt), stored.FromMicros(since)
		e.Lead, e.Intents, e.Last, e.Unreadable = v.Lead, v.Intents, v.Last, v.Unreadable
		entries = append(entries, e)
		return err
	}, `SELECT sequence, stage, state, attempts, retry_at, since, generation, `+stored.ColumnsOf(detail)+
		` FROM leadsync.lead WHERE `+w.text+order, w.args...)
	return entries, err
}

// Due implements leadsync.Store.
func (s *Store) Due(ctx context.Context, connection string) (wait time.Duration, waits bool, err error) {
	const never = math.MaxInt64
	var now, queued, waiting, inFlight int64
	b := s.newBatch()
	b.now(&now)
	b.query(func(rows pgx.Rows) error { return rows.Scan(&queued, &waiting, &inFlight) }, `SELECT
		coalesce((SELECT retry_at FROM leadsync.lead WHERE connection = c.id AND state = 'queued' AND retry_at <= 0 LIMIT 1),
			(SELECT min(retry_at) FROM leadsync.lead WHERE connection = c.id AND state = 'queued' AND retry_at > 0), $2),
		coalesce((SELECT min(retry_at) FROM leadsync.lead
			WHERE connection = c.id AND state = 'waiting' AND retry_at > 0), $2),
		coalesce((SELECT until FROM leadsync.lease WHERE connection = c.id AND EXISTS (
			SELECT 1 FROM leadsync.lead WHERE connection = c.id AND state = 'in-flight')), $2)
		FROM (VALUES (`+connectionID+`)) AS c (id)`, escape(connection), int64(never))
	if err := b.send(ctx, s.pool); err != nil {
		return 0, false, wrap(ctx, "look for due leads", err)
	}
	if waiting > now { // enrichment may come first
		waiting = never
	}
	at := min(queued, waiting, inFlight)
	if at == never {
		return 0, false, nil
	}
	return max(0, time.Duration(at-now)*time.Microsecond), true, nil
}
