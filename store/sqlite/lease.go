// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
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
	var lease store.Lease
	held := false
	err := s.tx(ctx, "acquire a lease", func(tx *multirow.Tx) error {
		if owner == "" {
			return errors.New("a lease needs an owner")
		}
		row, err := readLease(ctx, tx, connection, owner, stored.Micros(s.now()))
		if err != nil {
			return err
		}
		if held = row.owner != owner && (row.owner != "" && stored.Micros(s.now()) < row.until || row.wantedBy != ""); held {
			if !waits || row.wantedBy != "" {
				return nil
			}
			row.wantedBy, row.wantedUntil = owner, stored.Micros(s.now().Add(store.WantFor))
			return row.write(ctx, tx, connection)
		}
		if row.owner != owner {
			row.owner, row.epoch = owner, row.epoch+1
			if err := s.endClaims(ctx, tx, connection); err != nil {
				return err
			}
		}
		row.until = stored.Micros(s.now().Add(ttl))
		lease = store.Lease{Connection: connection, Owner: owner, Epoch: row.epoch, Until: stored.FromMicros(row.until),
			Wanted: row.wantedBy != ""}
		return row.write(ctx, tx, connection)
	})
	switch {
	case err != nil:
		return store.Lease{}, err
	case held:
		return store.Lease{}, store.ErrLeaseHeld
	}
	return lease, nil
}

// A leaseRow is the row of a connection's lease.
type leaseRow struct {
	owner       string // empty when it was given back
	epoch       int64
	until       int64
	wantedBy    string // the owner that the next lease is kept for
	wantedUntil int64
}

// readLease returns the row as it is for an owner: it is wanted by another or not.
func readLease(ctx context.Context, tx *multirow.Tx, connection, owner string, now int64) (leaseRow, error) {
	var row leaseRow
	err := tx.QueryRow(ctx, `SELECT owner, epoch, until, wanted_by, wanted_until FROM lease WHERE connection = ?`,
		connection).Scan(&row.owner, &row.epoch, &row.until, &row.wantedBy, &row.wantedUntil)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if row.wantedUntil <= now || row.wantedBy == owner {
		row.wantedBy, row.wantedUntil = "", 0
	}
	return row, err
}

func (r *leaseRow) write(ctx context.Context, tx *multirow.Tx, connection string) error {
	_, err := tx.Exec(ctx, `INSERT INTO lease (connection, owner, epoch, until, wanted_by, wanted_until)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (connection) DO UPDATE
		SET owner = ?2, epoch = ?3, until = ?4, wanted_by = ?5, wanted_until = ?6`,
		connection, r.owner, r.epoch, r.until, r.wantedBy, r.wantedUntil)
	return err
}

// Release implements leadsync.Store.
func (s *Store) Release(ctx context.Context, lease store.Lease) error {
	return s.tx(ctx, "release a lease", func(tx *multirow.Tx) error {
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
func held(ctx context.Context, tx *multirow.Tx, lease store.Lease) (until int64, err error) {
	err = tx.QueryRow(ctx,
		`SELECT until FROM lease WHERE connection = ? AND owner = ? AND owner <> '' AND epoch = ?`,
		lease.Connection, lease.Owner, lease.Epoch).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, store.ErrLeaseLost
	}
	return until, err
}

// valid checks that the lease is held and has not run out.
func (s *Store) valid(ctx context.Context, tx *multirow.Tx, lease store.Lease) error {
	until, err := held(ctx, tx, lease)
	if err == nil && s.now().UnixMicro() >= until {
		err = store.ErrLeaseLost
	}
	return err
}

// endAllClaims queues every lead in flight and drops the leases, which belong to a
// process that used the file before.
func (s *Store) endAllClaims(ctx context.Context, tx *multirow.Tx) error {
	connections, err := column[string](ctx, tx, `SELECT connection FROM lease WHERE owner <> ''`)
	if err != nil {
		return err
	}
	for _, connection := range connections {
		if err := s.endClaims(ctx, tx, connection); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE lease SET owner = '', until = 0, wanted_by = '', wanted_until = 0`)
	return err
}

// endClaims queues the connection's leads in flight.
func (s *Store) endClaims(ctx context.Context, tx *multirow.Tx, connection string) error {
	if err := s.stampIntents(ctx, tx, connection); err != nil {
		return err
	}
	before, err := version(ctx, tx)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO history (lead, at, change, stage, state, generation)
		SELECT id, ?2, 'unclaimed', stage, iif(next_state = '', 'queued', next_state), generation FROM lead
		WHERE `+inFlight, connection, stored.Micros(s.now()))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE lead SET state = iif(next_state = '', 'queued', next_state), next_state = '',
			retry_at = next_at, next_at = 0
		WHERE `+inFlight, connection)
	if err != nil {
		return err
	}
	return tally.Recount(ctx, tx, changedAfter, before)
}

// inFlight are the leads of a connection, the first parameter, in flight.
const inFlight = `tally IN (SELECT id FROM tally WHERE connection = ?1 AND state = 'in-flight')`

// stampIntents sets the last time at which the intents of leads in flight may have
// been sent.
func (s *Store) stampIntents(ctx context.Context, tx *multirow.Tx, connection string) error {
	var until int64
	err := tx.QueryRowContext(ctx, `SELECT until FROM lease WHERE connection = ?`, connection).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // no lead was ever claimed
	}
	if err != nil {
		return err
	}
	last := stored.FromMicros(min(until, stored.Micros(s.now())))
	ids, err := column[int64](ctx, tx,
		`SELECT id FROM lead WHERE `+inFlight+` AND intents <> ''`, connection)
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

func stampIntent(ctx context.Context, tx *multirow.Tx, id int64, last time.Time) error {
	var text string
	if err := tx.QueryRowContext(ctx, `SELECT intents FROM lead WHERE id = ?`, id).Scan(unpacked{&text}); err != nil {
		return err
	}
	text, err := stored.StampIntents(text, last)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE lead SET intents = ? WHERE id = ?`, packed.Pack(text), id)
	return err
}
