// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
)

// Push implements leadsync.Store.
func (s *Store) Push(ctx context.Context, connection string, filter store.Filter, by string,
	asks ...leadtype.Ask) (int, error) {
	ask := leadtype.Ask{}.Join(asks...)
	over, err := json.Marshal(ask.Over)
	if err != nil {
		return 0, wrap(ctx, "push", err)
	}
	var pushed int64
	err = s.tx(ctx, "push", func(tx *multirow.Tx) error {
		text, args, err := query.Whole(connection, filter)
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
		if len(ask.Over) > 0 || ask.Owed {
			if err := unpackOutcomes(ctx, tx, before); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, keepAsk, len(ask.Over) > 0, ask.Owed, before)
			if err != nil {
				return err
			}
		}
		// A filter with a version no longer selects these leads.
		result, err := tx.ExecContext(ctx, `UPDATE lead SET stage = 'pre-sync', state = 'queued', retry_at = 0, attempts = 0,
			since = ?1, waited = 0, outcome = `+withAsk+`
			WHERE id IN (SELECT lead FROM history WHERE id > ?5)`, now, len(ask.Over) > 0, ask.Owed, string(over), before)
		if err != nil {
			return err
		}
		if pushed, err = result.RowsAffected(); err != nil {
			return err
		}
		return tally.Recount(ctx, tx, changedAfter, before)
	})
	if err != nil {
		return 0, err
	}
	return int(pushed), nil
}

// unpackOutcomes gives the leads that have changed after a version their last outcomes as JSON, which
// withAsk and keepAsk read. The next outcome of each is packed again.
func unpackOutcomes(ctx context.Context, tx *multirow.Tx, version int64) error {
	unpack := multirow.Writer{Tx: tx, Statement: setOutcomes}
	for last := int64(0); ; {
		page, err := outcomesAfter(ctx, tx, packedAfter, last, version)
		if err != nil || len(page) == 0 {
			return errors.Join(err, unpack.Flush(ctx))
		}
		for _, row := range page {
			last = row.id
			if err := unpack.Add(ctx, row.id, packed.Unpack(row.outcome)); err != nil {
				return err
			}
		}
	}
}

// packedAfter finds the leads after an id, of those that have changed after a version, with outcomes that
// are packed.
const packedAfter = `SELECT id, outcome FROM lead WHERE id > ? AND id IN (SELECT lead FROM history WHERE id > ?)
	AND outcome >= char(1) AND outcome < char(2) ORDER BY id LIMIT 500`

// setOutcomes sets the last outcomes of leads.
var setOutcomes = multirow.Statement{Before: `UPDATE OR FAIL lead SET outcome = v.column2 FROM (VALUES `,
	After: `) AS v WHERE lead.id = v.column1`, Columns: 2}

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

// keepAsk keeps the ask of the last outcome, before withAsk changes it, for the step of the history that refers
// to that outcome.
const keepAsk = `UPDATE history
	SET outcome = '` + stored.LastOutcome + `' || coalesce(json_extract(lead.outcome, '$.ask'), 'null')
	FROM lead WHERE history.lead = lead.id AND lead.id IN (SELECT lead FROM history WHERE id > ?3)
	AND history.outcome = '` + stored.LastOutcome + `' AND json_valid(lead.outcome)
	AND (?1 OR ?2 AND json_array_length(lead.outcome, '$.owed') > 0)`

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
	return s.entries(ctx, filter, text, args)
}

// entries returns the leads whose row ids a query finds, in the order of a filter.
func (s *Store) entries(ctx context.Context, filter store.Filter, text string, args []any) ([]store.Entry, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT sequence, stage, state, attempts, retry_at, since, generation, `+
		stored.ColumnsWith(query.ID, filter.Detail)+` FROM lead WHERE id IN (`+text+`)
		ORDER BY sequence`+query.Descending(filter), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []store.Entry
	var e store.Entry // of the row
	var retryAt, since int64
	var columns stored.Text
	into := append([]any{&e.Sequence, &e.Stage, &e.State, &e.Attempts, &retryAt, &since, &e.Generation}, dest(&columns)...)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		v := columns.ReadAs(filter.Detail)
		e.RetryAt, e.Since = stored.FromMicros(retryAt), stored.FromMicros(since)
		e.Lead, e.Intents, e.Last, e.Unreadable = v.Lead, v.Intents, v.Last, v.Unreadable
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// due reads when the first leads are due of those that are queued, those that wait and those in flight.
const due = `SELECT
	iif(EXISTS (SELECT 1 FROM lead WHERE connection = ?1 AND state = 'queued' AND retry_at <= 0), 0,
		(SELECT min(retry_at) FROM lead WHERE connection = ?1 AND state = 'queued' AND retry_at > 0)),
	(SELECT min(retry_at) FROM lead WHERE connection = ?1 AND state = 'waiting' AND retry_at > 0 AND retry_at <= ?2),
	(SELECT until FROM lease WHERE connection = ?1
		AND EXISTS (SELECT 1 FROM tally WHERE connection = ?1 AND state = 'in-flight'))`

// Due implements leadsync.Store.
func (s *Store) Due(ctx context.Context, connection string) (wait time.Duration, waits bool, err error) {
	now := s.now()
	var queued, waiting, inFlight sql.NullInt64
	err = s.read.QueryRowContext(ctx, due, connection, now.UnixMicro()).
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
