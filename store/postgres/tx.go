// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// A transaction is one of a connection.
//
// Locks are taken in this order: the lease's row, the connection's row, then rows of leads by
// their sequence. Who has neither of the first two locked, or only the lease's, changes leads in flight and
// leads that it skips when others hold them, so that no two transactions wait for each other.
type transaction struct {
	store *Store
	db    session
	now   int64 // the database's clock once the locks were held, in microseconds

	id                          int64 // of the connection, 0 when there is none
	org                         string
	suppressor                  []byte
	sequence, version           int64 // the last ones given
	lease                       leaseRow
	firstSequence, firstVersion int64

	own          bool // it begins and commits; otherwise it is within one of the host
	begun, ended bool
	folds        bool // what was counted, at the end
}

// What a transaction locks.
type locks int

const (
	lockLease      locks = 1 << iota
	lockConnection       // to give sequences and versions
	makeConnection       // that is not there yet
	ownTransaction       // is not the host's
)

// tx runs do in a transaction with rows of a connection locked. do may run more than once.
// Errors name the operation op.
func (s *Store) tx(ctx context.Context, op, connection string, what locks,
	do func(ctx context.Context, t *transaction) error) error {
	var err error
	for range tries {
		if err = s.try(ctx, connection, what, do); err == nil || ctx.Err() != nil || !repeats(err) {
			break
		}
	}
	return wrap(ctx, op, err)
}

// try runs do in a transaction of its own. It begins with the first statements and ends with
// the last ones, so that neither takes a round trip.
func (s *Store) try(ctx context.Context, connection string, what locks,
	do func(ctx context.Context, t *transaction) error) error {
	on, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer on.Release() // which closes it while a transaction is open
	err = s.within(ctx, on, connection, what|ownTransaction, do)
	if err != nil && !on.Conn().IsClosed() && on.Conn().PgConn().TxStatus() != 'I' {
		_, _ = on.Exec(ctx, `ROLLBACK`)
	}
	return err
}

// within runs do in a transaction: one that it begins, or one of the host's.
func (s *Store) within(ctx context.Context, on session, connection string, what locks,
	do func(ctx context.Context, t *transaction) error) error {
	t := &transaction{store: s, db: on, own: what&ownTransaction != 0}
	if err := t.lock(ctx, connection, what); err != nil {
		return err
	}
	if t.id == 0 && what&makeConnection != 0 {
		if err := t.exec(ctx, `WITH made AS (
				INSERT INTO leadsync.connection (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id)
			INSERT INTO leadsync.lease (connection) SELECT id FROM made`, escape(connection)); err != nil {
			return err
		}
		if err := t.lock(ctx, connection, what); err != nil {
			return err
		}
	}
	if err := do(ctx, t); err != nil || t.ended {
		return err
	}
	return t.end(ctx, t.batch())
}

// end sends the last statements of a transaction, with what ends it. do may leave it to within.
func (t *transaction) end(ctx context.Context, b *batch) error {
	t.ended = true
	if t.folds {
		t.fold(b)
	}
	if t.sequence != t.firstSequence || t.version != t.firstVersion {
		b.exec(`UPDATE leadsync.connection SET sequence = $2, version = $3 WHERE id = $1`, t.id, t.sequence, t.version)
	}
	if t.own {
		b.exec(`COMMIT`)
	}
	return t.send(ctx, b)
}

// preferIndexes has the server plan the statements of a transaction by indexes, and anew for the
// tables as they are: a plan that it makes, and keeps, while a table is small would read all rows of a
// connection for each lead that is looked up, also when they are many, until the server examines the
// table. Statements that take milliseconds are not to be compiled either.
const preferIndexes = `SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
	set_config('plan_cache_mode', 'force_custom_plan', true)`

// lock locks the rows and reads them, and then the clock.
func (t *transaction) lock(ctx context.Context, connection string, what locks) error {
	b := t.batch()
	if t.own && !t.begun {
		b.exec(`BEGIN ISOLATION LEVEL READ COMMITTED`)
		b.exec(preferIndexes)
		t.begun = true
	}
	if what&lockLease != 0 {
		b.query(t.lease.scan(&t.id), `SELECT connection, owner, epoch, until, wanted_by, wanted_until FROM leadsync.lease
			WHERE connection = (SELECT id FROM leadsync.connection WHERE name = $1) FOR UPDATE`, escape(connection))
	}
	if what&lockConnection != 0 {
		b.query(func(rows pgx.Rows) error {
			return rows.Scan(&t.id, text(&t.org), &t.suppressor, &t.sequence, &t.version)
		}, `SELECT id, org, suppressor, sequence, version FROM leadsync.connection WHERE name = $1 FOR UPDATE`,
			escape(connection))
	}
	if what&(lockLease|lockConnection) == 0 && connection != "" {
		b.query(func(rows pgx.Rows) error { return rows.Scan(&t.id) },
			`SELECT id FROM leadsync.connection WHERE name = $1`, escape(connection))
	}
	b.now(&t.now)
	err := t.send(ctx, b)
	t.firstSequence, t.firstVersion = t.sequence, t.version
	return err
}

// lockConnection locks the connection's row after the lease's.
func (t *transaction) lockConnection(ctx context.Context) error {
	err := t.query(ctx, func(rows pgx.Rows) error {
		return rows.Scan(text(&t.org), &t.suppressor, &t.sequence, &t.version)
	}, `SELECT org, suppressor, sequence, version FROM leadsync.connection WHERE id = $1 FOR UPDATE`, t.id)
	t.firstSequence, t.firstVersion = t.sequence, t.version
	return err
}

// change gives the connection its next version, since the transaction changes some leads.
func (t *transaction) change(leads int) {
	t.version = t.firstVersion + 1
	t.folds = t.folds || leads >= foldedLeads || t.version%foldedAfter == 0
}

func (t *transaction) batch() *batch { return t.store.newBatch() }

func (t *transaction) send(ctx context.Context, b *batch) error {
	for _, p := range b.earlier {
		var err error
		if p.statements != nil {
			err = t.db.SendBatch(ctx, p.statements).Close()
		} else {
			_, err = t.db.Conn().PgConn().CopyFrom(ctx, p.rows, t.store.sql(p.copy))
		}
		if err != nil {
			return err
		}
	}
	return b.send(ctx, t.db)
}

func (t *transaction) exec(ctx context.Context, statement string, args ...any) error {
	_, err := t.db.Exec(ctx, t.store.sql(statement), args...)
	return err
}

// count is exec for a statement of which the number of rows is asked for.
func (t *transaction) count(ctx context.Context, statement string, args ...any) (int, error) {
	tag, err := t.db.Exec(ctx, t.store.sql(statement), args...)
	return int(tag.RowsAffected()), err
}

func (t *transaction) query(ctx context.Context, each func(rows pgx.Rows) error, statement string, args ...any) error {
	return t.store.query(ctx, t.db, each, statement, args...)
}
