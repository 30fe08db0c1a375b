// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/postgres/internal/copied"
)

// read reads what a group concerns, and locks the rows of the leads that are there, in their order.
func (w *captureWriter) read(ctx context.Context, group []*captureCall) error {
	var folded []string
	var hashes [][]byte
	suppressor := store.Suppressor{Key: w.t.suppressor}
	for _, p := range group {
		if p.add != nil {
			folded = append(folded, fold(p.add.lead))
		}
		for i, captured := range p.leads {
			folded = append(folded, escape(p.folded[i]))
			if len(suppressor.Key) > 0 {
				hashes = append(hashes, suppressor.Of(captured.Lead)...)
			}
		}
	}
	slices.Sort(folded)
	b := w.t.batch()
	b.query(w.scan, given(`$2::text[]`, `of_folded`)+`, found AS MATERIALIZED (
			SELECT one.connection, one.sequence FROM given CROSS JOIN LATERAL (SELECT connection, sequence FROM leadsync.lead
				WHERE connection = given.connection AND folded = of_folded OFFSET 0) AS one ORDER BY one.sequence)
		SELECT held.* FROM found CROSS JOIN LATERAL (SELECT lead_id, folded, sequence, event, strategy, stage, state,
				next_state, retry_at, next_at, gathers, waited, attempts, generation, since, action, cause, data, activities,
				words
			FROM leadsync.lead WHERE connection = found.connection AND sequence = found.sequence
			LIMIT 1 FOR UPDATE) AS held`, w.t.id, slices.Compact(folded))
	if len(hashes) > 0 {
		b.query(func(rows pgx.Rows) error {
			var hash []byte
			err := rows.Scan(&hash)
			w.suppressed[string(hash)] = true
			return err
		}, `SELECT DISTINCT hash FROM leadsync.suppressed WHERE connection = $1 AND hash = ANY ($2::bytea[])`,
			w.t.id, hashes)
	}
	return w.t.send(ctx, b)
}

func (w *captureWriter) scan(rows pgx.Rows) error {
	r := new(leadRow)
	err := rows.Scan(text(&r.id), text(&r.folded), &r.sequence, text(&r.event), text(&r.strategy), text(&r.stage),
		text(&r.state), text(&r.next), &r.retryAt, &r.nextAt, &r.gathers, &r.waited, &r.attempts, &r.generation, &r.since,
		text(&r.action), text(&r.cause), &r.data, &r.activities, &r.before)
	w.rows[r.id], w.alike[r.folded] = r, r.id
	return err
}

// write writes what has changed, and reads the strategies of the group's events.
func (w *captureWriter) write(ctx context.Context, group []*captureCall) error {
	b := w.t.batch()
	if len(w.steps) > 0 {
		w.writeRows(b)
	}
	known := make(map[string][]string)
	var events []string
	for _, p := range group {
		for _, captured := range p.leads {
			events = append(events, captured.Lead.EventID)
		}
	}
	slices.Sort(events)
	if events = slices.Compact(events); len(events) > 0 {
		b.query(func(rows pgx.Rows) error {
			var event, strategy string
			err := rows.Scan(text(&event), text(&strategy))
			known[event] = append(known[event], strategy)
			return err
		}, strategiesOf, w.t.id, escapeAll(events))
	}
	if err := w.t.end(ctx, b); err != nil {
		return err
	}
	for _, p := range group {
		for _, captured := range p.leads {
			event := captured.Lead.EventID
			if _, reported := p.report.Strategies[event]; !reported {
				p.report.Strategies[event] = slices.Sorted(slices.Values(known[event]))
			}
		}
	}
	return nil
}

// strategiesOf finds the strategies of the leads of events, which are counted.
const strategiesOf = `SELECT event, strategy FROM leadsync.tally WHERE connection = $1 AND event = ANY ($2::text[])
	GROUP BY event, strategy HAVING sum(leads) > 0`

// writeRows writes the rows, their terms and their steps.
func (w *captureWriter) writeRows(b *batch) {
	rows := w.inOrder()
	w.t.change(len(rows))
	var fresh, changed []*leadRow
	var gone termList
	var terms newTerms
	for _, row := range rows {
		switch {
		case row.fresh:
			fresh = append(fresh, row)
			terms.add(row.sequence, row.words)
		case row.changed:
			changed = append(changed, row)
		}
		if row.reworded && !row.fresh {
			gone.add(row.sequence, row.before)
			terms.add(row.sequence, row.words)
		}
	}
	insertRows(b, w.t.id, fresh)
	updateRows(b, w.t.id, changed)
	gone.remove(b, w.t.id)
	terms.insert(b, w.t.id)
	var steps stepList
	for _, s := range w.steps {
		steps.add(s.sequence, s.change, s.stage, s.state, s.generation, "", "")
	}
	steps.insert(b, w.t)
}

// inOrder returns the rows by their sequence, in which their neighbours share a page of the table and its indexes.
func (w *captureWriter) inOrder() []*leadRow {
	return slices.SortedFunc(maps.Values(w.rows), func(a, b *leadRow) int { return cmp.Compare(a.sequence, b.sequence) })
}

// insertRows inserts new leads.
func insertRows(b *batch, connection int64, rows []*leadRow) {
	if len(rows) == 0 {
		return
	}
	if len(rows) >= copiedLeads {
		copyRows(b, connection, rows)
		return
	}
	c := columnsOf(rows)
	folded := make([]string, len(rows))
	for i, row := range rows {
		folded[i] = escape(row.folded)
	}
	b.exec(`INSERT INTO leadsync.lead (connection, sequence, lead_id, folded, event, strategy, stage, state,
			retry_at, gathers, since, data, activities, words)
		SELECT $1::int8, * FROM unnest($2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
			$8::text[], $9::int8[], $10::bool[], $11::int8[], $12::text[], $13::text[], $14::text[])`,
		connection, c.sequences, c.ids, folded, c.events, c.strategies, c.stages, c.states, c.retryAts, c.gathers,
		c.sinces, c.data, c.activities, c.words)
}

// copyRows is insertRows for many.
func copyRows(b *batch, connection int64, rows []*leadRow) {
	b.copy(`lead (connection, sequence, lead_id, folded, event, strategy, stage, state, retry_at, gathers, since, data,
		activities, words)`, copied.Reader(14, len(rows), func(i int, to *copied.Rows) {
		row := rows[i]
		to.Next()
		to.Int(connection)
		to.Int(row.sequence)
		to.Text(escape(row.id))
		to.Text(escape(row.folded))
		to.Text(escape(row.event))
		to.Text(escape(row.strategy))
		to.Text(escape(row.stage))
		to.Text(escape(row.state))
		to.Int(row.retryAt)
		to.Bool(row.gathers)
		to.Int(row.since)
		to.Text(row.data)
		to.Text(row.activities)
		to.Text(row.keeps())
	}))
}

// updateRows writes what captures and activities have changed of leads.
func updateRows(b *batch, connection int64, rows []*leadRow) {
	if len(rows) == 0 {
		return
	}
	c := columnsOf(rows)
	b.exec(given(`$2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int8[], $8::int8[], $9::bool[],
			$10::bool[], $11::int8[], $12::int8[], $13::text[], $14::text[], $15::text[]`, `sequence, event, stage, state,
			next_state, retry_at, next_at, gathers, waited, attempts, since, data, activities, words`)+
		`UPDATE leadsync.lead SET event = v.event, stage = v.stage, state = v.state,
			next_state = v.next_state, retry_at = v.retry_at, next_at = v.next_at, gathers = v.gathers, waited = v.waited,
			attempts = v.attempts, since = v.since, data = v.data, activities = v.activities,
			words = v.words FROM given AS v
		WHERE lead.connection = v.connection AND lead.sequence = v.sequence`,
		connection, c.sequences, c.events, c.stages, c.states, c.nexts, c.retryAts, c.nextAts, c.gathers, c.waited,
		c.attempts, c.sinces, c.data, c.activities, c.words)
}

// leadColumns are the columns of rows.
type leadColumns struct {
	sequences, retryAts, nextAts, attempts, sinces                          []int64
	ids, events, strategies, stages, states, nexts, data, activities, words []string
	gathers, waited                                                         []bool
}

func columnsOf(rows []*leadRow) leadColumns {
	var c leadColumns
	for _, r := range rows {
		c.sequences, c.sinces = append(c.sequences, r.sequence), append(c.sinces, r.since)
		c.retryAts, c.nextAts = append(c.retryAts, r.retryAt), append(c.nextAts, r.nextAt)
		c.attempts = append(c.attempts, r.attempts)
		c.gathers, c.waited = append(c.gathers, r.gathers), append(c.waited, r.waited)
		c.ids, c.events = append(c.ids, escape(r.id)), append(c.events, escape(r.event))
		c.strategies, c.stages = append(c.strategies, escape(r.strategy)), append(c.stages, escape(r.stage))
		c.states, c.nexts = append(c.states, escape(r.state)), append(c.nexts, escape(r.next))
		c.data, c.activities = append(c.data, r.data), append(c.activities, r.activities)
		c.words = append(c.words, r.keeps())
	}
	return c
}
