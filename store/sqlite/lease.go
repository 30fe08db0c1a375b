// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// Acquire implements leadsync.Store.
func (s *Store) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	lease := store.Lease{Connection: connection, Owner: owner}
	err := s.tx(ctx, "acquire a lease", func(tx *sql.Tx) error {
		if owner == "" {
			return errors.New("a lease needs an owner")
		}
		now := s.now()
		var holder string
		var until int64
		err := tx.QueryRowContext(ctx, `SELECT owner, epoch, until FROM lease WHERE connection = ?`, connection).
			Scan(&holder, &lease.Epoch, &until)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if holder != owner {
			if holder != "" && now.UnixMicro() < until {
				return store.ErrLeaseHeld
			}
			lease.Epoch++
			if err := s.endClaims(ctx, tx, connection); err != nil {
				return err
			}
		}
		lease.Until = fromMicros(micros(now.Add(ttl)))
		_, err = tx.ExecContext(ctx, `INSERT INTO lease (connection, owner, epoch, until) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT (connection) DO UPDATE SET owner = ?2, epoch = ?3, until = ?4`,
			connection, owner, lease.Epoch, micros(lease.Until))
		return err
	})
	if err != nil {
		return store.Lease{}, err
	}
	return lease, nil
}

// Release implements leadsync.Store.
func (s *Store) Release(ctx context.Context, lease store.Lease) error {
	return s.tx(ctx, "release a lease", func(tx *sql.Tx) error {
		if _, err := held(ctx, tx, lease); err != nil {
			return err
		}
		if err := s.endClaims(ctx, tx, lease.Connection); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE lease SET owner = '', until = 0 WHERE connection = ?`, lease.Connection)
		return err
	})
}

// held returns the end of the lease, which may be in the past, or ErrLeaseLost when
// it was taken over or released.
func held(ctx context.Context, tx *sql.Tx, lease store.Lease) (until int64, err error) {
	err = tx.QueryRowContext(ctx,
		`SELECT until FROM lease WHERE connection = ? AND owner = ? AND owner <> '' AND epoch = ?`,
		lease.Connection, lease.Owner, lease.Epoch).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, store.ErrLeaseLost
	}
	return until, err
}

// valid checks that the lease is held and has not run out.
func (s *Store) valid(ctx context.Context, tx *sql.Tx, lease store.Lease) error {
	until, err := held(ctx, tx, lease)
	if err == nil && s.now().UnixMicro() >= until {
		err = store.ErrLeaseLost
	}
	return err
}

// endAllClaims queues every lead in flight and drops the leases, which belong to a
// process that used the file before.
func (s *Store) endAllClaims(ctx context.Context, tx *sql.Tx) error {
	connections, err := column[string](ctx, tx, `SELECT connection FROM lease WHERE owner <> ''`)
	if err != nil {
		return err
	}
	for _, connection := range connections {
		if err := s.endClaims(ctx, tx, connection); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE lease SET owner = '', until = 0 WHERE owner <> ''`)
	return err
}

// endClaims queues the connection's leads in flight.
func (s *Store) endClaims(ctx context.Context, tx *sql.Tx, connection string) error {
	if err := s.stampIntents(ctx, tx, connection); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO history (lead, at, change, stage, state, generation)
		SELECT id, ?2, 'unclaimed', stage, iif(next_state = '', 'queued', next_state), generation FROM lead
		WHERE connection = ?1 AND state = 'in-flight'`, connection, micros(s.now()))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE lead SET state = iif(next_state = '', 'queued', next_state), next_state = '',
			retry_at = next_at, next_at = 0
		WHERE connection = ?1 AND state = 'in-flight'`, connection)
	return err
}

// stampIntents sets the last time at which the intents of leads in flight may have
// been sent.
func (s *Store) stampIntents(ctx context.Context, tx *sql.Tx, connection string) error {
	var until int64
	err := tx.QueryRowContext(ctx, `SELECT until FROM lease WHERE connection = ?`, connection).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // no lead was ever claimed
	}
	if err != nil {
		return err
	}
	last := fromMicros(min(until, micros(s.now())))
	ids, err := column[int64](ctx, tx,
		`SELECT id FROM lead WHERE connection = ? AND state = 'in-flight' AND intents <> ''`, connection)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := stampIntent(ctx, tx, id, last); err != nil {
			return err
		}
	}
	return nil
}

func stampIntent(ctx context.Context, tx *sql.Tx, id int64, last time.Time) error {
	var text string
	if err := tx.QueryRowContext(ctx, `SELECT intents FROM lead WHERE id = ?`, id).Scan(&text); err != nil {
		return err
	}
	var intents []leadtype.Intent
	if decode(text, &intents) != nil {
		return nil // Claim says so
	}
	for i := range intents {
		if sent := &intents[i].SentAt; sent.Before(last) {
			*sent = last
		}
	}
	text, err := encodeIntents(intents)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE lead SET intents = ? WHERE id = ?`, text, id)
	return err
}
