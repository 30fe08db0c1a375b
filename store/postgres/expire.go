// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/store/internal/stored"
)

// Expire implements leadsync.Store.
func (s *Store) Expire(ctx context.Context, connection string, before time.Time, limit int) (int, error) {
	due := false
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error { return rows.Scan(&due) }, `SELECT EXISTS (
		SELECT 1 FROM leadsync.lead WHERE connection = `+connectionID+` AND held > 0 AND held < $2)`,
		escape(connection), stored.Micros(before))
	if err != nil || !due {
		return 0, wrap(ctx, "expire", err)
	}
	expired := 0
	err = s.tx(ctx, "expire", connection, lockConnection, func(ctx context.Context, t *transaction) error {
		e := &expiry{transaction: t, before: stored.Micros(before), oldest: make(map[int64]int64),
			last: make(map[int64]int64)}
		if err := e.expire(ctx, max(limit, 0)); err != nil {
			return err
		}
		expired = len(e.sequences)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return expired, nil
}

// An expiry is leads of which what is old expires.
type expiry struct {
	*transaction
	before    int64
	sequences []int64
	outcomes  []string
	journals  []string
	oldest    map[int64]int64 // by sequence: since when the rest is kept
	last      map[int64]int64 // by sequence: when the last step with an outcome was

	stepsOf      []int64 // the leads of those that are rewritten
	steps        []int64
	stepOutcomes []string
}

// expire expires what is old of the leads with the oldest, and notes since when the rest is
// kept.
func (e *expiry) expire(ctx context.Context, limit int) error {
	err := e.query(ctx, func(rows pgx.Rows) error {
		var sequence int64
		var outcome, journal string
		err := rows.Scan(&sequence, &outcome, &journal)
		e.sequences, e.outcomes = append(e.sequences, sequence), append(e.outcomes, outcome)
		e.journals = append(e.journals, journal)
		return err
	}, `SELECT sequence, outcome, intents FROM leadsync.lead
		WHERE connection = $1 AND held > 0 AND held < $2 ORDER BY held, sequence LIMIT $3 FOR UPDATE`, e.id, e.before, limit)
	if err != nil || len(e.sequences) == 0 {
		return err
	}
	err = e.query(ctx, e.step, `SELECT id, sequence, at, outcome FROM leadsync.history
		WHERE connection = $1 AND sequence = ANY ($2::int8[]) AND outcome <> '' ORDER BY id`, e.id, e.sequences)
	if err != nil {
		return err
	}
	held := make([]int64, len(e.sequences))
	for i, sequence := range e.sequences {
		// The last outcome is that of the last step with one. Without such a step it is older.
		bare, err := e.expireOne(sequence, e.last[sequence], e.outcomes[i])
		if err != nil {
			return err
		}
		e.outcomes[i], held[i] = cmp.Or(bare, e.outcomes[i]), e.oldest[sequence]
		journal, since, err := stored.ExpireIntents(e.journals[i], e.before)
		if err != nil {
			return err
		}
		if e.journals[i] = journal; since > 0 && (held[i] == 0 || since < held[i]) {
			held[i] = since
		}
	}
	b := e.batch()
	if len(e.steps) > 0 {
		setSteps(b, e.id, e.stepsOf, e.steps, e.stepOutcomes)
	}
	b.exec(given(`$2::int8[], $3::text[], $4::text[], $5::int8[]`, `sequence, outcome, intents, held`)+
		`UPDATE leadsync.lead SET outcome = v.outcome, intents = v.intents, held_since = v.held FROM given AS v
		WHERE lead.connection = v.connection AND lead.sequence = v.sequence`, e.id, e.sequences, e.outcomes, e.journals, held)
	return e.send(ctx, b)
}

// step expires the outcome of a step.
func (e *expiry) step(rows pgx.Rows) error {
	var id, sequence, at int64
	var outcome string
	if err := rows.Scan(&id, &sequence, &at, &outcome); err != nil {
		return err
	}
	e.last[sequence] = at
	bare, err := e.expireOne(sequence, at, outcome)
	if bare != "" {
		e.steps, e.stepsOf = append(e.steps, id), append(e.stepsOf, sequence)
		e.stepOutcomes = append(e.stepOutcomes, bare)
	}
	return err
}

// expireOne returns an outcome without what expires when it is old, and notes since when
// something is kept. It is empty where nothing changes.
func (e *expiry) expireOne(sequence, at int64, last string) (string, error) {
	outcome, err := stored.DecodeOutcome(last)
	switch {
	case err != nil || outcome == nil || !outcome.Expires():
		return "", nil // what cannot be read stays as it is
	case at >= e.before:
		e.oldest[sequence] = cmp.Or(e.oldest[sequence], at)
		return "", nil
	}
	bare, err := json.Marshal(outcome.Expired())
	return string(bare), err
}
