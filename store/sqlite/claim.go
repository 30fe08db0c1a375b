// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

const insertHistory = `INSERT INTO history (lead, at, change, stage, state, generation, action, code, outcome, by_whom)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// queuedDue and waitingDue select the leads that can be claimed. Each reads an index of
// its own.
const (
	queuedDue = `SELECT id, sequence FROM lead WHERE connection = ?1 AND state = 'queued' AND retry_at <= ?2
		ORDER BY sequence LIMIT ?3`
	waitingDue = `SELECT id, sequence FROM lead WHERE connection = ?1 AND state = 'waiting' AND retry_at > 0
		AND retry_at <= ?2 ORDER BY sequence LIMIT ?3`
)

// Claim implements leadsync.Store.
func (s *Store) Claim(ctx context.Context, lease store.Lease, limit int) ([]store.Claimed, error) {
	var claimed []store.Claimed
	err := s.tx(ctx, "claim", func(tx *sql.Tx) error {
		if err := s.valid(ctx, tx, lease); err != nil {
			return err
		}
		var err error
		claimed, err = s.claim(ctx, tx, lease.Connection, max(limit, 0))
		return err
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func (s *Store) claim(ctx context.Context, tx *sql.Tx, connection string, limit int) ([]store.Claimed, error) {
	rows, err := tx.QueryContext(ctx, `UPDATE lead
		SET state = 'in-flight', retry_at = 0, generation = generation + 1, attempts = attempts + 1, gathers = 0,
			waited = iif(state = 'waiting', 1, waited)
		WHERE id IN (SELECT id FROM (SELECT * FROM (`+queuedDue+`) UNION ALL SELECT * FROM (`+waitingDue+`)
			ORDER BY sequence LIMIT ?3))
		RETURNING sequence, generation, attempts, waited, since, `+leadColumns,
		connection, s.now().UnixMicro(), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	type numbered struct {
		store.Claimed
		sequence int64
	}
	var found []numbered // unsorted: RETURNING has no order
	for rows.Next() {
		var c numbered
		var text stored.Text
		var since int64
		if err := rows.Scan(append([]any{&c.sequence, &c.Generation, &c.Attempts, &c.Waited, &since},
			dest(&text)...)...); err != nil {
			return nil, err
		}
		c.Since = stored.FromMicros(since)
		v := text.Read()
		c.Lead, c.Intents, c.Last, c.Unreadable = v.Lead, v.Intents, v.Last, v.Unreadable
		found = append(found, c)
	}
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Compare(a.sequence, b.sequence) })
	claimed := make([]store.Claimed, len(found))
	for i, c := range found {
		claimed[i] = c.Claimed
	}
	return claimed, rows.Err()
}

// Journal implements leadsync.Store.
func (s *Store) Journal(ctx context.Context, lease store.Lease, intents map[leadtype.LeadID][]leadtype.Intent) error {
	return s.tx(ctx, "journal", func(tx *sql.Tx) error {
		if err := s.valid(ctx, tx, lease); err != nil {
			return err
		}
		update, err := tx.PrepareContext(ctx,
			`UPDATE lead SET intents = ?1, held_since = iif(held_since = 0, ?2, held_since)
				WHERE connection = ?3 AND lead_id = ?4 AND state = 'in-flight'`)
		if err != nil {
			return err
		}
		now := stored.Micros(s.now())
		for id, list := range intents {
			text, err := stored.EncodeIntents(list)
			if err != nil {
				return err
			}
			since := int64(0)
			if slices.ContainsFunc(list, func(i leadtype.Intent) bool { return i.HoldsValues() }) {
				since = now
			}
			result, err := update.ExecContext(ctx, text, since, lease.Connection, string(id))
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil || n == 0 {
				return cmp.Or(err, store.ErrLeaseLost)
			}
		}
		return nil
	})
}

// Settle implements leadsync.Store.
func (s *Store) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	var stale []leadtype.LeadID
	err := s.tx(ctx, "settle", func(tx *sql.Tx) error {
		if _, err := held(ctx, tx, lease); err != nil {
			return err
		}
		w, err := newSettleWriter(ctx, tx, lease.Connection, stored.Micros(s.now()))
		if err != nil {
			return err
		}
		var records []leadtype.RecordMemory
		for _, settlement := range settlements {
			done, err := w.settle(ctx, settlement)
			if err != nil {
				return err
			}
			if !done {
				stale = append(stale, settlement.LeadID)
				continue
			}
			records = append(records, settlement.Records...)
		}
		return remember(ctx, tx, lease.Connection, records)
	})
	if err != nil {
		return nil, err
	}
	return stale, nil
}

// A settleWriter has the statements of Settle.
type settleWriter struct {
	connection      string
	now             int64
	update, history *sql.Stmt
	outcomes        *outcomeWriter
}

// newSettleWriter prepares the statements, which are closed with the transaction.
func newSettleWriter(ctx context.Context, tx *sql.Tx, connection string, now int64) (*settleWriter, error) {
	w := &settleWriter{connection: connection, now: now}
	var err error
	if w.update, err = tx.PrepareContext(ctx, `UPDATE lead SET
		stage = iif(next_state = '', ?1, 'pre-sync'), state = iif(next_state = '', ?2, next_state),
		retry_at = iif(next_state = '', ?3, next_at), next_state = '', next_at = 0,
		waited = iif(?6 IS NULL, waited, 0), attempts = max(0, attempts - ?4), intents = ?5,
		outcome = coalesce(?6, outcome), code = coalesce(?7, code), action = coalesce(?8, action),
		cause = coalesce(?9, cause), terms = coalesce(?14, terms),
		since = iif(next_state = '' AND ?1 <> 'pre-sync', ?10, since)
		WHERE connection = ?11 AND lead_id = ?12 AND state = 'in-flight' AND generation = ?13
		RETURNING id, sequence, stage, state`); err != nil {
		return nil, err
	}
	if w.history, err = tx.PrepareContext(ctx, insertHistory); err != nil {
		return nil, err
	}
	w.outcomes, err = newOutcomeWriter(ctx, tx)
	return w, err
}

// settle settles one lead. It reports false when the claim is stale.
func (w *settleWriter) settle(ctx context.Context, settlement store.Settlement) (bool, error) {
	to, err := stored.NewTarget(settlement)
	if err != nil {
		return false, err
	}
	encoded, err := encodedOf(to.Outcome)
	if err != nil {
		return false, err
	}
	free := 0
	if settlement.Free {
		free = 1
	}
	before := noTerms
	if encoded.terms.Valid {
		if before, err = w.outcomes.termsBefore(ctx, w.connection, settlement.LeadID); err != nil {
			return false, err
		}
	}
	var lead leadKey
	var stage, state string
	err = w.update.QueryRowContext(ctx, string(to.Stage), string(to.State), to.RetryAt, free, to.Intents,
		encoded.outcome, encoded.code, encoded.action, encoded.cause,
		w.now, w.connection, string(settlement.LeadID), settlement.Generation, encoded.terms).
		Scan(&lead.id, &lead.sequence, &stage, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = w.outcomes.note(ctx, w.connection, lead, settlement.Outcome, before, encoded.terms.String, w.now)
	if err != nil {
		return false, err
	}
	_, err = w.history.ExecContext(ctx, lead.id, w.now, string(to.Change), stage, state, settlement.Generation,
		encoded.action.String, encoded.code.String, encoded.public, "")
	return err == nil, err
}
