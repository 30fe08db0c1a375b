// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// selection returns the query for the row ids of a filter's page. It reads indexes and no
// rows. A list of leads is looked up by id: the plus signs keep SQLite from choosing an
// index by sequence. Words that the walk has as common are read from the rows.
func selection(connection string, f store.Filter, way walk) (string, []any, error) {
	where, args, err := conditions(connection, f, way.common...)
	if err != nil {
		return "", nil, err
	}
	sequence := sequenceOf(f)
	if f.After != 0 {
		where += ` AND ` + sequence + ` ` + onward(f) + ` ?`
		args = append(args, f.After)
	}
	if way.last != 0 {
		where += ` AND ` + sequence + ` ` + backward(f) + ` ?`
		args = append(args, way.last)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = -1
	}
	return `SELECT id FROM lead WHERE ` + where + ` ORDER BY ` + sequence + descending(f) + ` LIMIT ?`,
		append(args, limit), nil
}

// onward compares the sequences of later leads of a filter's order with an earlier one.
func onward(f store.Filter) string {
	if f.Newest {
		return `<`
	}
	return `>`
}

// backward compares the sequences of a lead of a filter's order and of those before it with its
// own.
func backward(f store.Filter) string {
	if f.Newest {
		return `>=`
	}
	return `<=`
}

// descending is the order of a filter's page in SQL.
func descending(f store.Filter) string {
	if f.Newest {
		return ` DESC`
	}
	return ``
}

// sequenceOf is the column sequence as a filter's conditions name it.
func sequenceOf(f store.Filter) string {
	if f.Leads != nil {
		return `+sequence`
	}
	return `sequence`
}

// A where is a condition in the making.
type where struct {
	text string
	args []any
}

func (w *where) and(text string, args ...any) {
	w.text += ` AND ` + text
	w.args = append(w.args, args...)
}

// conditions returns the SQL for a filter without its page. common are words of its text that
// are looked for in the leads.
func conditions(connection string, f store.Filter, common ...string) (string, []any, error) {
	w := &where{`connection = ?`, []any{connection}}
	if f.Event != "" {
		w.and(`event = ?`, f.Event)
	}
	for _, list := range []struct {
		column string
		given  bool
		values any
	}{
		{"lead_id", f.Leads != nil, f.Leads},
		{"stage", f.Stages != nil, f.Stages},
		{"state", f.States != nil, f.States},
		{"code", f.Codes != nil, f.Codes},
		{"cause", f.Causes != nil, f.Causes},
	} {
		if !list.given {
			continue
		}
		values, err := json.Marshal(list.values) // one parameter, however many
		if err != nil {
			return "", nil, err
		}
		w.and(list.column+` IN (SELECT value FROM json_each(?))`, string(values))
	}
	if err := w.search(connection, f, common); err != nil {
		return "", nil, err
	}
	if !f.From.IsZero() || !f.Until.IsZero() {
		until := int64(math.MaxInt64)
		if !f.Until.IsZero() {
			until = stored.Micros(f.Until)
		}
		w.and(sequenceOf(f)+` IN (SELECT sequence FROM lead WHERE connection = ? AND since >= ? AND since < ?)`,
			connection, stored.Micros(f.From), until)
	}
	if f.Unanswered {
		w.and(`intents <> ''`)
	}
	if f.Version != 0 {
		w.and(`NOT EXISTS (SELECT 1 FROM history WHERE history.lead = lead.id AND history.id > ?)`, f.Version)
	}
	return w.text, w.args, nil
}

// Push implements leadsync.Store.
func (s *Store) Push(ctx context.Context, connection string, filter store.Filter, by string,
	asks ...leadtype.Ask) (int, error) {
	ask := leadtype.Ask{}.Join(asks...)
	over, err := json.Marshal(ask.Over)
	if err != nil {
		return 0, wrap(ctx, "push", err)
	}
	var pushed int64
	err = s.tx(ctx, "push", func(tx *sql.Tx) error {
		text, args, err := selection(connection, filter, walk{})
		if err != nil {
			return err
		}
		before, err := version(ctx, tx)
		if err != nil {
			return err
		}
		now := stored.Micros(s.now())
		_, err = tx.ExecContext(ctx, `INSERT INTO history (lead, at, change, stage, state, generation, by_whom)
			SELECT id, ?, 'pushed', 'pre-sync', 'queued', generation, ? FROM lead
			WHERE id IN (`+text+`) AND state <> 'in-flight'`, append([]any{now, by}, args...)...)
		if err != nil {
			return err
		}
		// A filter with a version no longer selects these leads.
		result, err := tx.ExecContext(ctx, `UPDATE lead SET stage = 'pre-sync', state = 'queued', retry_at = 0, attempts = 0,
			since = ?1, waited = 0, outcome = `+withAsk+`
			WHERE id IN (SELECT lead FROM history WHERE id > ?5)`, now, len(ask.Over) > 0, ask.Owed, string(over), before)
		if err != nil {
			return err
		}
		pushed, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(pushed), nil
}

// withAsk is the last outcome with what is asked for beside what was asked for before, where
// leadtype.Outcome.Heeds says so: its parameters are whether that is fields (?2), whether it
// is owed values (?3), and the fields (?4).
const withAsk = `CASE WHEN json_valid(outcome) AND (?2 OR ?3 AND json_array_length(outcome, '$.owed') > 0)
	THEN json_set(outcome, '$.ask', json_patch(coalesce(json_extract(outcome, '$.ask'), '{}'), json_patch(
		iif(?3, '{"owed":true}', '{}'),
		iif(?2, json_object('over', json((SELECT json_group_array(value) FROM (
			SELECT value FROM json_each(coalesce(json_extract(outcome, '$.ask.over'), '[]'))
			UNION SELECT value FROM json_each(?4))))), '{}'))))
	ELSE outcome END`

// version returns the last id of the history.
func version(ctx context.Context, tx *sql.Tx) (int64, error) {
	var last int64
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM history`).Scan(&last)
	return last, err
}

// List implements leadsync.Store.
func (s *Store) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	entries, err := s.list(ctx, connection, filter)
	if err != nil {
		return nil, wrap(ctx, "list", err)
	}
	return entries, nil
}

func (s *Store) list(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	text, args, err := s.page(ctx, connection, filter)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT sequence, stage, state, attempts, retry_at, since, generation, `+
		leadColumns+` FROM lead WHERE id IN (`+text+`) ORDER BY sequence`+descending(filter), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []store.Entry
	for rows.Next() {
		var e store.Entry
		var retryAt, since int64
		var text stored.Text
		if err := rows.Scan(append([]any{&e.Sequence, &e.Stage, &e.State, &e.Attempts, &retryAt, &since, &e.Generation},
			dest(&text)...)...); err != nil {
			return nil, err
		}
		v := text.Read()
		e.RetryAt, e.Since = stored.FromMicros(retryAt), stored.FromMicros(since)
		e.Lead, e.Intents, e.Last, e.Unreadable = v.Lead, v.Intents, v.Last, v.Unreadable
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// Due implements leadsync.Store.
func (s *Store) Due(ctx context.Context, connection string) (wait time.Duration, waits bool, err error) {
	now := s.now()
	var queued, waiting, inFlight sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT
		(SELECT min(retry_at) FROM lead WHERE connection = ?1 AND state = 'queued'),
		(SELECT min(retry_at) FROM lead WHERE connection = ?1 AND state = 'waiting' AND retry_at > 0 AND retry_at <= ?2),
		(SELECT until FROM lease WHERE connection = ?1
			AND EXISTS (SELECT 1 FROM lead WHERE connection = ?1 AND state = 'in-flight'))`, connection, now.UnixMicro()).
		Scan(&queued, &waiting, &inFlight)
	if err != nil {
		return 0, false, wrap(ctx, "look for due leads", err)
	}
	for _, at := range []sql.NullInt64{queued, waiting, inFlight} {
		if own := max(0, stored.FromMicros(at.Int64).Sub(now)); at.Valid && (!waits || own < wait) {
			wait, waits = own, true
		}
	}
	return wait, waits, nil
}
