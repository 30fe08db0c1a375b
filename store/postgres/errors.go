// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// The errors of this package, besides those of pgx and PostgreSQL.
var (
	// ErrSchema is returned by Open and New for a schema that this version cannot use: a
	// newer version has migrated it, or, with Options.NoMigrations, it is to be migrated.
	ErrSchema = errors.New("the schema is not that of this version of leadsync")
	// ErrServer is returned by Open and New for a server that is older than PostgreSQL 15,
	// or a database whose encoding is not UTF8.
	ErrServer = errors.New("PostgreSQL 15 or newer is required, with a database in UTF8")
)

// errPanicked is what becomes of a capture that shares a transaction with one that panics, in a hook
// of the host's pool.
var errPanicked = errors.New("postgres: capture: a capture in the same transaction has panicked")

// errNoTx is what becomes of a call that lacks its transaction.
var errNoTx = errors.New("the transaction is nil")

var errEscape = errors.New("a text in the database has an unknown escape")

// wrap adds the operation to an error. The error of the context takes the place of what pgx
// makes of it. What may quote a row is dropped.
func wrap(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if cancelled := ctx.Err(); cancelled != nil {
		err = cancelled
	}
	var server *pgconn.PgError
	if errors.As(err, &server) {
		server.Detail, server.Where, server.InternalQuery = "", "", ""
		switch server.Code {
		case "42P05", "26000": // a prepared statement exists already, or does not
			err = fmt.Errorf("%w: a pooler between mixes up prepared statements: "+
				"set default_query_exec_mode=exec in the connection string", err)
		case "42P01", "3F000": // no such table, or schema
			err = fmt.Errorf("%w: the store's schema is not in this database: "+
				"it was dropped, or the transaction is not one of the database that the store was opened on", err)
		}
	}
	return fmt.Errorf("postgres: %s: %w", op, err)
}

// tries is how often a transaction is tried that the server, or a connection of the pool that
// was closed meanwhile, did not carry out.
const tries = 4

// repeats reports whether a transaction that failed so may be tried again at once, because
// nothing of it has happened: it was the victim of a deadlock or a conflict, or never sent.
func repeats(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Code == "40001" || server.Code == "40P01"
	}
	return pgconn.SafeToRetry(err)
}

// isOfRow reports whether the server refused what a statement was to write, so that the
// others of a group may succeed without it.
func isOfRow(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) &&
		(strings.HasPrefix(server.Code, "22") || strings.HasPrefix(server.Code, "23") || strings.HasPrefix(server.Code, "54"))
}
