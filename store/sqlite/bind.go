// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
)

// Bind implements leadsync.Store. A connection that is bound already is only read.
func (s *Store) Bind(ctx context.Context, connection string, org salesforce.ID) (salesforce.ID, error) {
	bound, err := boundTo(ctx, s.read, connection)
	if err != nil {
		return "", wrap(ctx, "bind", err)
	}
	if bound != "" || org == "" {
		return bound, nil
	}
	err = s.tx(ctx, "bind", func(tx *multirow.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO connection (name, org) VALUES (?1, ?2)
			ON CONFLICT (name) DO UPDATE SET org = iif(org = '', ?2, org) RETURNING org`, connection, string(org)).
			Scan(&bound)
	})
	return bound, err
}

func boundTo(ctx context.Context, from queryer, connection string) (org salesforce.ID, err error) {
	err = from.QueryRowContext(ctx, `SELECT org FROM connection WHERE name = ?`, connection).Scan(&org)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return org, err
}

// Rebind implements leadsync.Store.
func (s *Store) Rebind(ctx context.Context, lease store.Lease, org salesforce.ID, by string) error {
	return s.tx(ctx, "rebind", func(tx *multirow.Tx) error {
		if err := s.valid(ctx, tx, lease); err != nil {
			return err
		}
		bound, err := boundTo(ctx, tx, lease.Connection)
		if err != nil || bound == org {
			return err
		}
		if err := s.endClaims(ctx, tx, lease.Connection); err != nil {
			return err
		}
		if err := s.dropRecords(ctx, tx, lease.Connection, by); err != nil {
			return err
		}
		for _, statement := range []string{`DELETE FROM record WHERE connection = ?`,
			`DELETE FROM image WHERE connection = ?`} {
			if _, err := tx.ExecContext(ctx, statement, lease.Connection); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO connection (name, org) VALUES (?1, ?2)
			ON CONFLICT (name) DO UPDATE SET org = ?2, run_state = x''`, lease.Connection, string(org))
		if err != nil {
			return err
		}
		return s.decide(ctx, tx, lease.Connection, store.Step{Kind: store.StepRebound, By: by})
	})
}

// dropRecords drops what is known of the records of a connection's leads, a page of
// leads at a time.
func (s *Store) dropRecords(ctx context.Context, tx *multirow.Tx, connection, by string) error {
	outcomes := newOutcomeWriter(tx, connection)
	for last := int64(0); ; {
		ids, err := column[int64](ctx, tx, `SELECT sequence FROM lead WHERE connection = ? AND sequence > ?
			AND (outcome <> '' OR intents <> '') ORDER BY sequence LIMIT 500`, connection, last)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return outcomes.finish(ctx)
		}
		for _, last = range ids {
			if err := s.dropRecordsOf(ctx, tx, outcomes, connection, last, by); err != nil {
				return err
			}
		}
	}
}

func (s *Store) dropRecordsOf(ctx context.Context, tx *multirow.Tx, outcomes *outcomeWriter, connection string,
	sequence int64, by string) error {
	var lead leadKey
	var generation int64
	var stage, state, before, terms string
	err := tx.QueryRowContext(ctx, `UPDATE lead SET intents = '' WHERE connection = ? AND sequence = ?
		RETURNING id, sequence, event, stage, state, generation, outcome, terms`, connection, sequence).
		Scan(&lead.id, &lead.sequence, &lead.event, &stage, &state, &generation, unpacked{&before}, &terms)
	if err != nil {
		return err
	}
	outcome, err := stored.DecodeOutcome(before)
	if err != nil {
		outcome = nil // it stays as it is, and cannot be read
	}
	var to encoded
	if outcome != nil {
		if to, err = encode(outcome.Rebound()); err != nil {
			return err
		}
		if err := outcomes.keepStep(ctx, lead.id, before); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE lead SET outcome = ?, action = ?, code = ?, cause = ?, terms = ?
			WHERE id = ?`,
			to.outcome, to.action, to.code, to.cause, to.terms, lead.id); err != nil {
			return err
		}
		if err := tally.Recount(ctx, tx, `SELECT ?`, lead.id); err != nil {
			return err
		}
		// After the row, from which terms that cannot be read are made again.
		if err := outcomes.search.replace(ctx, connection, lead, terms, to.terms.String); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, insertHistory, lead.id, stored.Micros(s.now()), string(store.StepRebound), stage, state,
		generation, to.action.String, to.code.String, to.step, by)
	return err
}
