// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5/pgxpool"
)

// DefaultSchema is the schema of Options that name none.
const DefaultSchema = "leadsync"

// minServer is the oldest supported server, as server_version_num has it.
const minServer = 150000

// Options configure Open and New.
type Options struct {
	// Schema is the schema that holds the store's tables, DefaultSchema when empty: up to 63
	// lower-case letters of ASCII, digits and underscores that begin with a letter or an
	// underscore. Stores in different schemas have nothing in common.
	Schema string
	// NoMigrations leaves the schema as it is, for hosts that migrate their database with a
	// tool of their own (see Migrations). Open and New then fail with ErrSchema unless it is
	// the current one.
	NoMigrations bool
}

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// Open connects to a database, given as a connection string or URL as pgxpool.ParseConfig
// takes it, and migrates its schema. Nil options mean the defaults. The caller must call
// Close. The error is ErrSchema, ErrServer, or one of pgx or the server.
func Open(ctx context.Context, dsn string, opts *Options) (*Store, error) {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return nil, wrap(ctx, "open", err)
	}
	s, err := New(ctx, pool, opts)
	if err != nil {
		pool.Close()
		return nil, err
	}
	s.own = true
	return s, nil
}

// New is Open for a pool that the host has, and that it closes itself after Close.
func New(ctx context.Context, pool *pgxpool.Pool, opts *Options) (*Store, error) {
	if pool == nil {
		return nil, errors.New("postgres: open: the pool is nil")
	}
	if opts == nil {
		opts = new(Options)
	}
	schema, err := schemaOf(opts.Schema)
	if err != nil {
		return nil, wrap(ctx, "open", err)
	}
	s := &Store{pool: pool, schema: schema + "."}
	if err := s.prepare(ctx, schema, opts.NoMigrations); err != nil {
		return nil, wrap(ctx, "open", err)
	}
	return s, nil
}

// schemaOf returns the quoted name of a schema.
func schemaOf(name string) (string, error) {
	if name == "" {
		name = DefaultSchema
	}
	if !schemaName.MatchString(name) {
		return "", fmt.Errorf("%q is no name for a schema: see Options.Schema", name)
	}
	return `"` + name + `"`, nil
}

// Close closes the pool that Open made. It waits for calls in progress, and may be called
// more than once.
func (s *Store) Close() error {
	if s.own {
		s.pool.Close()
	}
	return nil
}
