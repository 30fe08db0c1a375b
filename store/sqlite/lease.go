package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/leadsync/leadsync"
)

// Acquire implements leadsync.Store.
func (s *Store) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (leadsync.Lease, error) {
	lease := leadsync.Lease{Connection: connection, Owner: owner}
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
				return leadsync.ErrLeaseHeld
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
		return leadsync.Lease{}, err
	}
	return lease, nil
}

// Release implements leadsync.Store.
func (s *Store) Release(ctx context.Context, lease leadsync.Lease) error {
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

// held returns until when the lease lasts, which may be in the past, or
// ErrLeaseLost when somebody took it over or it was given back.
func held(ctx context.Context, tx *sql.Tx, lease leadsync.Lease) (until int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT until FROM lease WHERE connection = ? AND owner = ? AND owner <> '' AND epoch = ?`,
		lease.Connection, lease.Owner, lease.Epoch).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, leadsync.ErrLeaseLost
	}
	return until, err
}

// valid checks that the lease is held and has not run out.
func (s *Store) valid(ctx context.Context, tx *sql.Tx, lease leadsync.Lease) error {
	until, err := held(ctx, tx, lease)
	if err == nil && s.now().UnixMicro() >= until {
		err = leadsync.ErrLeaseLost
	}
	return err
}

// endClaims queues the connection's leads in flight.
func (s *Store) endClaims(ctx context.Context, tx *sql.Tx, connection string) error {
	return s.unclaim(ctx, tx, `state = 'in-flight' AND connection = ?1`, connection)
}

// endAllClaims queues every lead in flight and drops the leases: they were a
// process's that had this file before.
func (s *Store) endAllClaims(ctx context.Context, tx *sql.Tx) error {
	if err := s.unclaim(ctx, tx, `state = 'in-flight' AND ?1 = ''`, ""); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE lease SET owner = '', until = 0 WHERE owner <> ''`)
	return err
}

func (s *Store) unclaim(ctx context.Context, tx *sql.Tx, which, arg string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO history (lead, at, change, stage, state, generation)
		SELECT id, ?2, 'unclaimed', stage, iif(next_state = '', 'queued', next_state), generation FROM lead WHERE `+which,
		arg, micros(s.now()))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE lead SET state = iif(next_state = '', 'queued', next_state), next_state = '' WHERE `+which, arg)
	return err
}
