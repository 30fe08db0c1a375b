// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/riversync"
	"github.com/leadsync/leadsync/store"
)

// jobs returns what syncs by jobs of River, and what captures leads with their job in one transaction.
func (o *options) jobs(ctx context.Context, f *fleet.Fleet) (work func(context.Context) error, take captureFunc,
	err error) {
	pool, err := pgxpool.New(ctx, o.postgres)
	if err != nil {
		return nil, nil, err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return nil, nil, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, nil, err
	}
	jobs, err := riversync.New(f, nil)
	if err != nil {
		return nil, nil, err
	}
	cfg := new(river.Config)
	if !o.idle {
		workers := river.NewWorkers()
		if err := jobs.Register(workers); err != nil {
			return nil, nil, err
		}
		cfg = &river.Config{Workers: workers, PeriodicJobs: []*river.PeriodicJob{jobs.Sweep()},
			Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}}}
	}
	client, err := river.NewClient(riverpgxv5.New(pool), cfg)
	if err != nil {
		return nil, nil, err
	}
	work = func(ctx context.Context) error {
		if err := client.Start(ctx); err != nil {
			return err
		}
		<-client.Stopped() // ctx stops it
		return nil
	}
	take = func(ctx context.Context, customer string, leads ...*leadsync.Lead) (report store.CaptureReport, err error) {
		var some *leadsync.BatchError // refuses these leads, and not the transaction
		failed := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			report, err = jobs.CaptureTx(ctx, client, tx, customer, leads...) // a host has more to store here
			if errors.As(err, &some) {
				return nil
			}
			return err
		})
		if failed != nil {
			return report, failed
		}
		return report, err
	}
	return work, take, nil
}
