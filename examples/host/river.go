// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

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
func (o *options) jobs(ctx context.Context, f *fleet.Fleet) (func(context.Context) error, captureFunc, error) {
	pool, err := pgxpool.New(ctx, o.postgres)
	if err != nil {
		return nil, nil, err
	}
	driver, cfg := riverpgxv5.New(pool), new(river.Config)
	migrator, err := rivermigrate.New(driver, nil)
	if err == nil {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		return nil, nil, err
	}
	jobs, err := riversync.New(f, nil)
	if err == nil && !o.idle {
		err = jobs.AddTo(cfg, 8)
	}
	if err != nil {
		return nil, nil, err
	}
	client, err := river.NewClient(driver, cfg)
	if err != nil {
		return nil, nil, err
	}
	work := func(ctx context.Context) error {
		if err := client.Start(ctx); err != nil {
			return err
		}
		<-client.Stopped() // ctx stops it
		return nil
	}
	take := func(ctx context.Context, customer string, leads ...*leadsync.Lead) (store.CaptureReport, error) {
		return jobs.Capture(ctx, client, pool, customer, leads...) // CaptureTx if there is more to store
	}
	return work, take, nil
}
