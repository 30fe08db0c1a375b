// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Acquire implements leadsync.Store.
func (s *Store) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	return s.lend(ctx, connection, owner, ttl, false)
}

// Want implements leadsync.Store.
func (s *Store) Want(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	return s.lend(ctx, connection, owner, ttl, true)
}

// lend takes or renews a lease, or keeps the next one for an owner that waits.
func (s *Store) lend(ctx context.Context, connection, owner string, ttl time.Duration,
	waits bool) (store.Lease, error) {
	if owner == "" {
		return store.Lease{}, errors.New("postgres: acquire a lease: a lease needs an owner")
	}
	var lease store.Lease
	held := false
	err := s.tx(ctx, "acquire a lease", connection, lockLease|makeConnection,
		func(ctx context.Context, t *transaction) error {
			row := &t.lease
			if row.wantedUntil <= t.now || row.wantedBy == owner {
				row.wantedBy, row.wantedUntil = "", 0
			}
			if held = row.owner != owner && (row.owner != "" && t.now < row.until || row.wantedBy != ""); held {
				if !waits || row.wantedBy != "" {
					return nil
				}
				row.wantedBy, row.wantedUntil = owner, t.now+store.WantFor.Microseconds()
				return t.writeLease(ctx)
			}
			if row.owner != owner {
				if err := t.endClaims(ctx); err != nil {
					return err
				}
				row.owner, row.epoch = owner, row.epoch+1
			}
			row.until = t.now + ttl.Microseconds()
			lease = store.Lease{Connection: connection, Owner: owner, Epoch: row.epoch, Until: stored.FromMicros(row.until),
				Wanted: row.wantedBy != ""}
			return t.writeLease(ctx)
		})
	switch {
	case err != nil:
		return store.Lease{}, err
	case held:
		return store.Lease{}, store.ErrLeaseHeld
	}
	return lease, nil
}

func (t *transaction) writeLease(ctx context.Context) error {
	row := &t.lease
	return t.exec(ctx, `UPDATE leadsync.lease SET owner = $2, epoch = $3, until = $4, wanted_by = $5, wanted_until = $6
		WHERE connection = $1`, t.id, escape(row.owner), row.epoch, row.until, escape(row.wantedBy), row.wantedUntil)
}

// held checks that the lease, which may have run out, was not taken over or released.
func (t *transaction) held(lease store.Lease) error {
	if t.id == 0 || t.lease.owner == "" || t.lease.owner != lease.Owner || t.lease.epoch != lease.Epoch {
		return store.ErrLeaseLost
	}
	return nil
}

// valid checks that the lease is held and has not run out.
func (t *transaction) valid(lease store.Lease) error {
	if err := t.held(lease); err != nil || t.now < t.lease.until {
		return err
	}
	return store.ErrLeaseLost
}

// Release implements leadsync.Store.
func (s *Store) Release(ctx context.Context, lease store.Lease) error {
	return s.tx(ctx, "release a lease", lease.Connection, lockLease, func(ctx context.Context, t *transaction) error {
		if err := t.held(lease); err != nil {
			return err
		}
		if err := t.endClaims(ctx); err != nil {
			return err
		}
		t.lease.owner, t.lease.until = "", 0
		return t.writeLease(ctx)
	})
}

// endClaims queues the connection's leads in flight, if there are any. A transaction that has
// the lease locked locks the connection for it only then.
func (t *transaction) endClaims(ctx context.Context) error {
	inFlight := false
	err := t.query(ctx, func(rows pgx.Rows) error { return rows.Scan(&inFlight) },
		`SELECT EXISTS (SELECT 1 FROM leadsync.lead WHERE connection = $1 AND state = 'in-flight')`, t.id)
	if err != nil || !inFlight {
		return err
	}
	if err := t.lockConnection(ctx); err != nil {
		return err
	}
	if err := t.stampIntents(ctx); err != nil {
		return err
	}
	t.change(1)
	return t.exec(ctx, `WITH ended AS (
			UPDATE leadsync.lead SET state = CASE WHEN next_state = '' THEN 'queued' ELSE next_state END, next_state = '',
				retry_at = next_at, next_at = 0
			WHERE connection = $1 AND state = 'in-flight'
			RETURNING sequence, stage, state, generation)
		INSERT INTO leadsync.history (connection, at, sequence, change, stage, state, generation)
		SELECT $1::int8, $2::int8, sequence, 'unclaimed', stage, state, generation FROM ended ORDER BY sequence`,
		t.id, t.now)
}

// stampIntents sets the last time at which the intents of leads in flight may have been sent.
func (t *transaction) stampIntents(ctx context.Context) error {
	last := stored.FromMicros(min(t.lease.until, t.now))
	var sequences []int64
	var intents []string
	err := t.query(ctx, func(rows pgx.Rows) error {
		var sequence int64
		var list string
		err := rows.Scan(&sequence, &list)
		if err == nil {
			list, err = stored.StampIntents(list, last)
		}
		sequences, intents = append(sequences, sequence), append(intents, list)
		return err
	}, `SELECT sequence, intents FROM leadsync.lead WHERE connection = $1 AND state = 'in-flight' AND intents <> ''
		ORDER BY sequence FOR UPDATE`, t.id)
	if err != nil || len(sequences) == 0 {
		return err
	}
	return t.exec(ctx, given(`$2::int8[], $3::text[]`, `sequence, intents`)+
		`UPDATE leadsync.lead SET intents = v.intents FROM given AS v
		WHERE lead.connection = v.connection AND lead.sequence = v.sequence`, t.id, sequences, intents)
}

// A leaseRow is the row of a connection's lease.
type leaseRow struct {
	owner       string // empty when it was given back
	epoch       int64
	until       int64
	wantedBy    string // the owner that the next lease is kept for
	wantedUntil int64
}

func (r *leaseRow) scan(connection *int64) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		return rows.Scan(connection, text(&r.owner), &r.epoch, &r.until, text(&r.wantedBy), &r.wantedUntil)
	}
}
