// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Bind implements leadsync.Store. A connection that is bound already is only read.
func (s *Store) Bind(ctx context.Context, connection string, org salesforce.ID) (salesforce.ID, error) {
	var bound salesforce.ID
	err := s.query(ctx, s.pool, func(rows pgx.Rows) error { return rows.Scan(text(&bound)) },
		`SELECT org FROM leadsync.connection WHERE name = $1`, escape(connection))
	if err != nil {
		return "", wrap(ctx, "bind", err)
	}
	if bound != "" || org == "" {
		return bound, nil
	}
	err = s.tx(ctx, "bind", connection, lockConnection|makeConnection,
		func(ctx context.Context, t *transaction) error {
			if bound = salesforce.ID(t.org); bound != "" {
				return nil
			}
			bound = org
			return t.bind(ctx, org)
		})
	if err != nil {
		return "", err
	}
	return bound, nil
}

func (t *transaction) bind(ctx context.Context, org salesforce.ID) error {
	return t.exec(ctx, `UPDATE leadsync.connection SET org = $2 WHERE id = $1`, t.id, escape(org))
}

// Rebind implements leadsync.Store.
func (s *Store) Rebind(ctx context.Context, lease store.Lease, org salesforce.ID, by string) error {
	return s.tx(ctx, "rebind", lease.Connection, lockLease|lockConnection,
		func(ctx context.Context, t *transaction) error {
			if err := t.valid(lease); err != nil || t.org == string(org) {
				return err
			}
			if err := t.endClaims(ctx); err != nil {
				return err
			}
			if err := t.dropRecords(ctx, by); err != nil {
				return err
			}
			b := t.batch()
			b.exec(`DELETE FROM leadsync.record WHERE connection = $1`, t.id)
			b.exec(`DELETE FROM leadsync.image WHERE connection = $1`, t.id)
			b.exec(`UPDATE leadsync.lease SET run_state = '' WHERE connection = $1`, t.id)
			t.decide(b, store.Step{Kind: store.StepRebound, By: by})
			if err := t.send(ctx, b); err != nil {
				return err
			}
			return t.bind(ctx, org)
		})
}

// dropRecords drops what is known of the records of a connection's leads, a page of leads at
// a time.
func (t *transaction) dropRecords(ctx context.Context, by string) error {
	for last := int64(0); ; {
		p := &reboundPage{t: t, by: by}
		err := t.query(ctx, p.scan, `SELECT sequence, stage, state, generation, outcome, terms FROM leadsync.lead
			WHERE connection = $1 AND sequence > $2 AND (outcome <> '' OR intents <> '')
			ORDER BY sequence LIMIT $3 FOR UPDATE`, t.id, last, pageSize)
		if err != nil || len(p.sequences) == 0 {
			return err
		}
		last = p.sequences[len(p.sequences)-1]
		if err := p.write(ctx); err != nil {
			return err
		}
	}
}

// A reboundPage is leads whose last outcomes lose what is true of one org only.
type reboundPage struct {
	t         *transaction
	by        string
	sequences []int64 // all
	changed   []int64 // those with an outcome that can be read
	steps     stepList
	rewritten outcomeList

	outcomes, actions, codes, causes, terms []string
}

func (p *reboundPage) scan(rows pgx.Rows) error {
	var sequence, generation int64
	var stage leadtype.Stage
	var state store.State
	var last, gone string
	if err := rows.Scan(&sequence, text(&stage), text(&state), &generation, &last, &gone); err != nil {
		return err
	}
	p.sequences = append(p.sequences, sequence)
	outcome, err := stored.DecodeOutcome(last)
	if err != nil {
		outcome = nil // it stays as it is, and cannot be read
	}
	var to stored.Outcome
	if outcome != nil {
		rebound := outcome.Rebound()
		if to, err = stored.EncodeOutcome(rebound); err != nil {
			return err
		}
		p.rewritten.add(sequence, last, gone, rebound, to.Terms)
		p.changed, p.terms = append(p.changed, sequence), append(p.terms, array(escapeAll(to.Terms)))
		p.outcomes, p.actions = append(p.outcomes, to.Whole), append(p.actions, escape(to.Action))
		p.codes, p.causes = append(p.codes, escape(to.Code)), append(p.causes, escape(to.Cause))
	}
	p.steps.add(sequence, store.StepRebound, stage, state, generation, stepOutcome(&to), p.by)
	return nil
}

func (p *reboundPage) write(ctx context.Context) error {
	t := p.t
	t.change(len(p.sequences))
	b := t.batch()
	b.exec(`UPDATE leadsync.lead SET intents = '' WHERE connection = $1 AND sequence = ANY ($2::int8[])`,
		t.id, p.sequences)
	if len(p.outcomes) > 0 {
		b.exec(given(`$2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]`,
			`sequence, outcome, action, code, cause, terms`)+
			`UPDATE leadsync.lead SET outcome = v.outcome, action = v.action, code = v.code, cause = v.cause,
				terms = v.terms FROM given AS v
			WHERE lead.connection = v.connection AND lead.sequence = v.sequence`,
			t.id, p.changed, p.outcomes, p.actions, p.codes, p.causes, p.terms)
	}
	if err := p.rewritten.write(ctx, b, t); err != nil {
		return err
	}
	p.steps.insert(b, t)
	return t.send(ctx, b)
}
