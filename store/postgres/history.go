// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// A stepList is steps to be added to the history.
type stepList struct {
	sequences, generations            []int64
	changes, stages, states, outcomes []string
	by                                []string
	differ                            bool // not all are alike
}

func (l *stepList) add(sequence int64, change store.StepKind, stage leadtype.Stage, state store.State,
	generation int64, outcome, by string) {
	l.by = append(l.by, escape(by))
	l.sequences, l.generations = append(l.sequences, sequence), append(l.generations, generation)
	l.changes, l.stages = append(l.changes, string(change)), append(l.stages, escape(stage))
	l.states, l.outcomes = append(l.states, escape(state)), append(l.outcomes, outcome)
	last := len(l.by) - 1
	l.differ = l.differ || l.by[0] != l.by[last] || l.generations[0] != generation || l.changes[0] != l.changes[last] ||
		l.stages[0] != l.stages[last] || l.states[0] != l.states[last] || l.outcomes[0] != outcome
}

func (l *stepList) insert(b *batch, t *transaction) {
	const columns = `INSERT INTO leadsync.history
		(connection, at, sequence, change, stage, state, generation, outcome, by_whom)`
	switch {
	case len(l.sequences) == 0:
	case l.differ:
		b.exec(columns+` SELECT $1::int8, $2::int8, sequence, change, stage, state, generation, outcome, by_whom
			FROM unnest($3::int8[], $4::text[], $5::text[], $6::text[], $7::int8[], $8::text[], $9::text[])
				WITH ORDINALITY AS v (sequence, change, stage, state, generation, outcome, by_whom, n) ORDER BY n`,
			t.id, t.now, l.sequences, l.changes, l.stages, l.states, l.generations, l.outcomes, l.by)
	default: // those of many leads are mostly alike: the server has less to read
		b.exec(columns+` SELECT $1::int8, $2::int8, sequence, $4::text, $5::text, $6::text, $7::int8, $8::text, $9::text
			FROM unnest($3::int8[]) WITH ORDINALITY AS v (sequence, n) ORDER BY n`,
			t.id, t.now, l.sequences, l.changes[0], l.stages[0], l.states[0], l.generations[0], l.outcomes[0], l.by[0])
	}
}

// History implements leadsync.Store.
func (s *Store) History(ctx context.Context, connection string, lead leadtype.LeadID) ([]store.Step, error) {
	var steps []store.Step
	statement := stepsOf
	if lead == "" {
		statement = decisions
	}
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error {
		var step store.Step
		var at int64
		var outcome, last string
		err := rows.Scan(&at, text(&step.Kind), text(&step.Stage), text(&step.State), &step.Generation, &outcome, &last,
			text(&step.By), text(&step.Mode))
		if err != nil {
			return err
		}
		step.At = stored.FromMicros(at)
		if step.Outcome, err = stored.StepOutcome(outcome, last); err != nil {
			step.Outcome = store.UnreadableOutcome(lead, step.Stage)
		}
		steps = append(steps, step)
		return nil
	}, statement, escape(connection), escape(lead), fold(lead))
	if err != nil {
		return nil, wrap(ctx, "read the history", err)
	}
	return steps, nil
}

// stepsOf and decisions read the history of a lead, and a connection's own.
const (
	stepsOf = `SELECT history.at, change, history.stage, history.state, history.generation, history.outcome,
			CASE WHEN ` + refersToLast + ` THEN lead.outcome ELSE '' END, by_whom, ''
		FROM leadsync.history JOIN leadsync.lead USING (connection, sequence)
		WHERE lead.connection = ` + connectionID + ` AND folded = $3 AND lead_id = $2 ORDER BY history.id`
	decisions = `SELECT at, change, '', '', 0::int8, '', '', by_whom, mode FROM leadsync.decision
		WHERE connection = ` + connectionID + ` AND $2 = '' AND $3 = '' ORDER BY id`
)

// Note implements leadsync.Store.
func (s *Store) Note(ctx context.Context, connection string, step store.Step, leads ...leadtype.LeadID) error {
	return s.tx(ctx, "note a step", connection, lockConnection|makeConnection,
		func(ctx context.Context, t *transaction) error {
			b := t.batch()
			for _, lead := range leads {
				if lead == "" {
					t.decide(b, step)
				}
			}
			t.change(len(leads))
			b.exec(given(`$5::text[], $6::text[]`, `of_lead, of_folded`)+`
				INSERT INTO leadsync.history (connection, at, change, by_whom, sequence, stage, state, generation)
				SELECT $1::int8, $2::int8, $3::text, $4::text, sequence, stage, state, generation
				FROM given CROSS JOIN LATERAL (SELECT sequence, stage, state, generation FROM leadsync.lead
					WHERE connection = given.connection AND folded = of_folded AND lead_id = of_lead LIMIT 1) AS one`,
				t.id, t.now, string(step.Kind), escape(step.By), escapeAll(leads), foldAll(leads))
			return t.send(ctx, b)
		})
}

// decide adds a step to the connection's own history.
func (t *transaction) decide(b *batch, step store.Step) {
	b.exec(`INSERT INTO leadsync.decision (connection, at, change, by_whom, mode) VALUES ($1, $2, $3, $4, $5)`,
		t.id, t.now, string(step.Kind), escape(step.By), escape(step.Mode))
}

// prunedAtOnce is how many steps one transaction of Prune examines, which limits how long
// captures wait.
const prunedAtOnce = 20_000

// Prune implements leadsync.Store. It looks at all steps, without a lock: their ids ascend, but not always their times,
// as where the server has begun with a clock that was ahead.
func (s *Store) Prune(ctx context.Context, connection string, before time.Time) (int, error) {
	pruned, err := s.pruneDecisions(ctx, connection, before)
	if err != nil {
		return 0, err
	}
	for last := int64(0); ; {
		var old, deleted int64
		err := s.query(ctx, s.pool, func(rows pgx.Rows) error { return rows.Scan(&old) }, nextOld,
			escape(connection), last, stored.Micros(before))
		if err != nil || old == 0 {
			return pruned, wrap(ctx, "prune", err)
		}
		err = s.tx(ctx, "prune", connection, lockConnection, func(ctx context.Context, t *transaction) error {
			return t.query(ctx, func(rows pgx.Rows) error { return rows.Scan(&last, &deleted) },
				prunePage, t.id, stored.Micros(before), old-1, prunedAtOnce)
		})
		if err != nil {
			return pruned, err
		}
		pruned += int(deleted)
	}
}

// nextOld finds the next step that is old enough.
const nextOld = `SELECT id FROM leadsync.history WHERE connection = ` + connectionID + ` AND id > $2 AND at < $3
	ORDER BY id LIMIT 1`

// pruneDecisions prunes the connection's own history.
func (s *Store) pruneDecisions(ctx context.Context, connection string, before time.Time) (int, error) {
	pruned := 0
	err := s.tx(ctx, "prune", connection, lockConnection, func(ctx context.Context, t *transaction) error {
		var err error
		pruned, err = t.count(ctx, `DELETE FROM leadsync.decision WHERE connection = $1 AND at < $2
			AND id < (SELECT max(id) FROM leadsync.decision WHERE connection = $1)`, t.id, stored.Micros(before))
		return err
	})
	return pruned, err
}

// prunePage removes steps of a page, and returns where it ends, and how many it has removed.
const prunePage = `WITH steps AS MATERIALIZED (
		SELECT connection, at, id, sequence FROM leadsync.history WHERE connection = $1 AND id > $3 ORDER BY id LIMIT $4),
	page AS MATERIALIZED (SELECT connection, id, sequence FROM steps WHERE at < $2),
	latest AS MATERIALIZED (
		SELECT connection, sequence, (SELECT later.id FROM leadsync.history AS later WHERE later.connection = one.connection
				AND later.sequence = one.sequence ORDER BY later.connection DESC, later.sequence DESC, later.id DESC LIMIT 1) AS id
		FROM (SELECT DISTINCT connection, sequence FROM page) AS one),
	gone AS (
		DELETE FROM leadsync.history USING page JOIN latest USING (connection, sequence)
		WHERE history.connection = page.connection AND history.sequence = page.sequence AND history.id = page.id
			AND latest.id > page.id
		RETURNING history.id)
	SELECT (SELECT coalesce(max(id), $3) FROM steps), (SELECT count(*) FROM gone)`
