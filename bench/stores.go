// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store/memory"
	"github.com/leadsync/leadsync/store/postgres"
	"github.com/leadsync/leadsync/store/sqlite"
)

// A durable does the job by way of a store: it captures the leads, a thousand at a time, and
// drains the store, which syncs them in batches as Run does.
type durable struct {
	*job
	syncer *leadsync.Syncer
	free   func() error
}

func openMemory(ctx context.Context, j *job) (session, error) {
	return openDurable(ctx, j, memory.New(nil), func() error { return nil })
}

func openSQLite(ctx context.Context, j *job) (session, error) {
	file, err := sqlite.Open(filepath.Join(j.Dir, "leads.db"), nil)
	if err != nil {
		return nil, err
	}
	return openDurable(ctx, j, file, file.Close)
}

// openPostgres gives the store a schema of its own, and drops it afterwards.
func openPostgres(ctx context.Context, j *job) (session, error) {
	pool, err := pgxpool.New(ctx, j.Postgres)
	if err != nil {
		return nil, err
	}
	schema := "bench_" + strings.ToLower(rand.Text())
	tables, err := postgres.New(ctx, pool, &postgres.Options{Schema: schema})
	if err != nil {
		pool.Close()
		return nil, err
	}
	return openDurable(ctx, j, tables, func() error {
		closed := tables.Close()
		_, err := pool.Exec(context.WithoutCancel(ctx), "DROP SCHEMA "+pgx.Identifier{schema}.Sanitize()+" CASCADE")
		pool.Close()
		return errors.Join(closed, err)
	})
}

func openDurable(ctx context.Context, j *job, store leadsync.Store, free func() error) (session, error) {
	syncer, err := newSyncer(ctx, j, &leadsync.Config{Store: store})
	if err != nil {
		return nil, errors.Join(err, free())
	}
	return &durable{j, syncer, free}, nil
}

func (d *durable) do(ctx context.Context) error {
	for rest := d.Leads; len(rest) > 0; rest = rest[min(1000, len(rest)):] {
		if _, err := d.syncer.Capture(ctx, rest[:min(1000, len(rest))]...); err != nil {
			return err
		}
	}
	return d.syncer.Drain(ctx)
}

func (d *durable) close() error { return d.free() }
