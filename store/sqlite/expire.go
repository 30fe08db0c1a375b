// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
)

// Expire implements leadsync.Store. When nothing more is due, it clears the file of what
// has expired, as Forget does. What keeps it from that, such as a long read, is no failure:
// the next call tries again.
func (s *Store) Expire(ctx context.Context, connection string, before time.Time, limit int) (int, error) {
	expired, err := s.expire(ctx, connection, stored.Micros(before), max(limit, 0))
	if err != nil {
		return 0, err
	}
	if expired > 0 {
		s.expired.Store(true)
	}
	if expired < limit && s.expired.Load() && s.erase(ctx, false) == nil {
		s.expired.Store(false)
	}
	return expired, nil
}

func (s *Store) expire(ctx context.Context, connection string, before int64, limit int) (int, error) {
	const due = `FROM lead WHERE connection = ? AND held_since > 0 AND held_since < ? AND state <> 'in-flight'`
	var any bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 `+due+`)`, connection, before).Scan(&any)
	if err != nil || !any {
		return 0, wrap(ctx, "expire", err)
	}
	expired := 0
	err = s.tx(ctx, "expire", func(tx *multirow.Tx) error {
		ids, err := column[int64](ctx, tx, `SELECT id `+due+` ORDER BY held_since LIMIT ?`, connection, before, limit)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := expire(ctx, tx, id, before); err != nil {
				return err
			}
		}
		expired = len(ids)
		return nil
	})
	return expired, err
}

// A heldStep is a step of the history with an outcome.
type heldStep struct {
	id, at  int64
	outcome string
}

// expire expires what is old of a lead, and notes since when the rest is kept.
func expire(ctx context.Context, tx *multirow.Tx, id, before int64) error {
	steps, err := heldSteps(ctx, tx, id)
	if err != nil {
		return err
	}
	var whole string
	if err := tx.QueryRowContext(ctx, `SELECT outcome FROM lead WHERE id = ?`, id).Scan(unpacked{&whole}); err != nil {
		return err
	}
	var oldest, last int64
	for _, step := range steps {
		last = step.at
		if oldest, err = expireOne(ctx, tx, "history", step, before, oldest); err != nil {
			return err
		}
	}
	// The last outcome is that of the last step with one. Without such a step it is older.
	if oldest, err = expireOne(ctx, tx, "lead", heldStep{id, last, whole}, before, oldest); err != nil {
		return err
	}
	since, err := expireIntents(ctx, tx, id, before)
	if err != nil {
		return err
	}
	if since > 0 && (oldest == 0 || since < oldest) {
		oldest = since
	}
	_, err = tx.ExecContext(ctx, `UPDATE lead SET held_since = ? WHERE id = ?`, oldest, id)
	return err
}

// expireIntents expires what is old in the journal of a lead. It returns since when values are
// kept there, 0 where there are none.
func expireIntents(ctx context.Context, tx *multirow.Tx, id, before int64) (int64, error) {
	var journal string
	if err := tx.QueryRowContext(ctx, `SELECT intents FROM lead WHERE id = ?`, id).Scan(unpacked{&journal}); err != nil {
		return 0, err
	}
	text, since, err := stored.ExpireIntents(journal, before)
	if err == nil && text != journal {
		_, err = tx.ExecContext(ctx, `UPDATE lead SET intents = ? WHERE id = ?`, packed.Pack(text), id)
	}
	return since, err
}

func heldSteps(ctx context.Context, tx *multirow.Tx, lead int64) ([]heldStep, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, at, outcome FROM history WHERE lead = ? AND outcome <> '' ORDER BY id`,
		lead)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var steps []heldStep
	for rows.Next() {
		var s heldStep
		if err := rows.Scan(&s.id, &s.at, unpacked{&s.outcome}); err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, rows.Err()
}

// expireOne expires an outcome of a table when it is old. It returns the time since when
// something is kept: oldest where that is set.
func expireOne(ctx context.Context, tx *multirow.Tx, table string, step heldStep, before, oldest int64) (int64, error) {
	outcome, err := stored.DecodeOutcome(step.outcome)
	switch {
	case err != nil || outcome == nil || !outcome.Expires():
		return oldest, nil // what cannot be read stays as it is
	case step.at >= before:
		return cmp.Or(oldest, step.at), nil
	}
	text, err := json.Marshal(outcome.Expired())
	if err != nil {
		return oldest, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE `+table+` SET outcome = ? WHERE id = ?`, packed.Pack(string(text)), step.id)
	return oldest, err
}
