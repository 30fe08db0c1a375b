// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"math"
	"strconv"
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

// conditions returns the SQL for a filter without its page.
func conditions(connection string, f store.Filter) *where {
	w := &where{`connection = ` + connectionID, []any{escape(connection)}}
	w.groups(f)
	w.search(f)
	w.others(f)
	return w
}

// groups adds the conditions that table tally decides.
func (w *where) groups(f store.Filter) {
	if f.Event != "" {
		w.and(`event = ` + w.arg(escape(f.Event)))
	}
	among(w, `lead_id`, f.Leads)
	among(w, `stage`, f.Stages)
	among(w, `state`, f.States)
	among(w, `code`, f.Codes)
	among(w, `cause`, f.Causes)
}

// others adds the conditions on columns of the lead that table tally does not have.
func (w *where) others(f store.Filter) {
	w.times(f)
	if f.Unanswered {
		w.and(`intents <> ''`)
	}
	if f.Version != 0 {
		w.and(`version <= ` + w.arg(f.Version))
	}
}

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
	entries, err := s.entries(ctx, conditions(connection, filter), filter)
	return entries, wrap(ctx, "list", err)
}

// entries returns the page of a filter of the leads that fit conditions.
func (s *Store) entries(ctx context.Context, w *where, filter store.Filter) ([]store.Entry, error) {
	order := w.page(filter)
	var entries []store.Entry
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error {
		var e store.Entry
		var retryAt, since int64
		var columns stored.Text
		err := rows.Scan(append([]any{&e.Sequence, text(&e.Stage), text(&e.State), &e.Attempts, &retryAt, &since,
			&e.Generation}, scanText(&columns)...)...)
		v := columns.ReadAs(filter.Detail)
		e.RetryAt, e.Since = stored.FromMicros(retryAt), stored.FromMicros(since)
		e.Lead, e.Intents, e.Last, e.Unreadable = v.Lead, v.Intents, v.Last, v.Unreadable
		entries = append(entries, e)
		return err
	}, `SELECT sequence, stage, state, attempts, retry_at, since, generation, `+stored.ColumnsOf(filter.Detail)+
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
		coalesce((SELECT min(retry_at) FROM leadsync.lead WHERE connection = c.id AND state = 'queued'), $2),
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
