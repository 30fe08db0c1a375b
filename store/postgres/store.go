// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/leadsync/leadsync/store"
)

// A Store is a leadsync.Store in a PostgreSQL database. It is safe for concurrent use, and
// any number of Stores and processes may use one database.
type Store struct {
	pool     *pgxpool.Pool
	own      bool                          // Close closes the pool
	schema   string                        // quoted, with the dot after it
	clock    func() time.Time              // instead of the database's, for tests
	rewrite  func(statement string) string // for tests, nil otherwise
	captures captureQueues
}

var _ store.Store = (*Store)(nil)

// A session is a connection to the server, or a transaction of one.
type session interface {
	executor
	Conn() *pgx.Conn
}

// An executor is a pool or a transaction.
type executor interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// sql returns a statement for the store's schema. All statements name the default one.
func (s *Store) sql(statement string) string {
	if s.rewrite != nil {
		statement = s.rewrite(statement)
	}
	return strings.ReplaceAll(statement, DefaultSchema+".", s.schema)
}

// given begins a statement that joins rows with values, which it names given: the arrays with
// columns, and the connection, the first parameter, in the column connection. A table is to be
// joined by both columns of its key. Were it only asked for the rows of one connection, before
// the server has counted rows it would take them for few, and read them all for each value.
func given(arrays, columns string) string {
	return `WITH given AS MATERIALIZED (
		SELECT $1::int8 AS connection, * FROM unnest(` + arrays + `) AS v (` + columns + `)) `
}

// leadOf looks up the lead of_lead of given, whose folded id is of_folded, in a lateral join, for each by itself: for
// another join the server reads all leads, until they are many more than those it looks up. Nor is the state asked for
// there: the index of the leads in flight has dead entries of all that were. The column last is the outcome that the
// lead had, and terms are those of it, and place is where the row is, by which it is found again while nobody else may
// change it.
const leadOf = `SELECT connection, sequence, state, generation, outcome AS last, terms, ctid AS place
	FROM leadsync.lead
	WHERE connection = given.connection AND folded = of_folded AND lead_id = of_lead LIMIT 1`

// A batch is statements that are sent together and carried out one after the other.
type batch struct {
	store *Store
	pgx.Batch
	earlier []part // what is sent before its statements
}

// A part of a batch is statements, or rows that a statement copies.
type part struct {
	statements *pgx.Batch
	copy       string
	rows       io.Reader
}

func (s *Store) newBatch() *batch { return &batch{store: s} }

func (b *batch) exec(statement string, args ...any) { b.Queue(b.store.sql(statement), args...) }

// query has the rows of a statement read by each, which scans one.
func (b *batch) query(each func(rows pgx.Rows) error, statement string, args ...any) {
	b.Queue(b.store.sql(statement), args...).Query(func(rows pgx.Rows) error { return eachRow(rows, each) })
}

// copiedLeads is how many leads a change has at least of which the rows are copied. That takes a round trip for each
// table, and the server less time for each row.
const copiedLeads = 300

// copy adds rows to columns of a table. The server inserts them while the next are made.
func (b *batch) copy(table string, rows io.Reader) {
	if b.Len() > 0 {
		b.earlier = append(b.earlier, part{statements: &pgx.Batch{QueuedQueries: b.QueuedQueries}})
		b.Batch = pgx.Batch{}
	}
	b.earlier = append(b.earlier, part{copy: `COPY leadsync.` + table + ` FROM STDIN (FORMAT binary)`, rows: rows})
}

// now reads the database's clock, in microseconds.
func (b *batch) now(to *int64) {
	if b.store.clock != nil {
		*to = b.store.clock().UnixMicro()
		return
	}
	b.query(func(rows pgx.Rows) error { return rows.Scan(to) },
		`SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8`)
}

func (b *batch) send(ctx context.Context, db executor) error {
	if b.Len() == 0 {
		return ctx.Err()
	}
	return db.SendBatch(ctx, &b.Batch).Close()
}

func eachRow(rows pgx.Rows, each func(rows pgx.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// query has the rows of one statement read by each, which scans one.
func (s *Store) query(ctx context.Context, db executor, each func(rows pgx.Rows) error, statement string,
	args ...any) error {
	rows, err := db.Query(ctx, s.sql(statement), args...)
	if err != nil {
		return err
	}
	return eachRow(rows, each)
}

// byIndexes has the server read the leads of a filter by indexes, in their order. By how many leads are alike on
// average, it would take those of a large connection for few, and read and sort all. Nor is it to compile statements.
const byIndexes = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
	set_config('jit', 'off', true)`

// read is query for leads of a filter, in one round trip.
func (s *Store) read(ctx context.Context, each func(rows pgx.Rows) error, statement string, args ...any) error {
	return s.readBy(ctx, byIndexes, each, statement, args...)
}

// planOnce is byIndexes for statements of which the server is to make one plan for all parameters, as good as any
// other: to plan one takes longer than to carry it out.
const planOnce = byIndexes + `, set_config('plan_cache_mode', 'force_generic_plan', true)`

// readBy is read with what the server is told of plans.
func (s *Store) readBy(ctx context.Context, plans string, each func(rows pgx.Rows) error, statement string,
	args ...any) error {
	b := s.newBatch()
	b.exec(plans)
	b.query(each, statement, args...)
	return b.send(ctx, s.pool)
}
