// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"embed"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the latest migration.
const schemaVersion = 10

// Migrations returns the SQL of the migrations, in order, for a host's own tool. Each brings
// the schema (DefaultSchema when empty) from the one before to its own; the first makes the
// schema, where it is missing. Each is to be run once and in a transaction: it records itself
// in the table migration.
func Migrations(schema string) ([]string, error) {
	quoted, err := schemaOf(schema)
	if err != nil {
		return nil, fmt.Errorf("postgres: migrations: %w", err)
	}
	texts := make([]string, schemaVersion)
	for i := range texts {
		if texts[i], err = migration(i+1, quoted); err != nil {
			return nil, fmt.Errorf("postgres: migrations: %w", err)
		}
	}
	return texts, nil
}

// migration returns the SQL of a migration, for a schema with a quoted name.
func migration(version int, schema string) (string, error) {
	text, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", version))
	return strings.ReplaceAll(string(text), DefaultSchema, schema), err
}

// prepare checks the server and brings the schema up to date.
func (s *Store) prepare(ctx context.Context, schema string, noMigrations bool) error {
	var server int
	var encoding string
	err := s.pool.QueryRow(ctx, `SELECT current_setting('server_version_num')::int8, current_setting('server_encoding')`).
		Scan(&server, &encoding)
	if err != nil {
		return err
	}
	if server < minServer || encoding != "UTF8" {
		return fmt.Errorf("%w: this is %d.%d with %s", ErrServer, server/10000, server%10000, encoding)
	}
	version, err := s.version(ctx, s.pool, schema)
	switch {
	case err != nil || version == schemaVersion:
		return err
	case version > schemaVersion || noMigrations:
		return fmt.Errorf("%w: it is %d, this version has %d", ErrSchema, version, schemaVersion)
	}
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		return s.migrate(ctx, tx, schema)
	})
}

// version returns the schema's, 0 where there is none.
func (s *Store) version(ctx context.Context, db executor, schema string) (int, error) {
	var exists bool
	// to_regclass would not see what others have made while this transaction waited for them.
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS c
			JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relname = 'migration')`, strings.Trim(schema, `"`)).Scan(&exists)
	if err != nil {
		return 0, err
	}
	if !exists {
		return 0, nil
	}
	var version int
	err = db.QueryRow(ctx, s.sql(`SELECT coalesce(max(version), 0)::int8 FROM leadsync.migration`)).Scan(&version)
	return version, err
}

// migrate runs what is missing. Others that migrate the schema wait for the transaction.
func (s *Store) migrate(ctx context.Context, tx pgx.Tx, schema string) error {
	key := fnv.New64a()
	_, _ = key.Write([]byte("leadsync " + schema)) // it never fails
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1::int8)`, int64(key.Sum64())); err != nil {
		return err
	}
	version, err := s.version(ctx, tx, schema)
	if err != nil {
		return err
	}
	for v := version + 1; v <= schemaVersion; v++ {
		text, err := migration(v, schema)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, text, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", v, err)
		}
	}
	return nil
}
