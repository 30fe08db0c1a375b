// SPDX-License-Identifier: Apache-2.0

package riversync

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store"
)

// A txStore is a Store that captures leads in a transaction of the host, as store/postgres does.
type txStore interface {
	CaptureTx(ctx context.Context, tx pgx.Tx, connection string, leads []store.Captured) (store.CaptureReport, error)
}

// CaptureTx captures leads of a connection as fleet.Fleet.Capture does, in a transaction of the host,
// and inserts the connection's job in it, for when the leads have gathered: if tx commits, both
// happen, and otherwise neither. The Store has to be one of store/postgres, in the database of River
// and of tx.
//
// The errors are those of Capture, and those of Insert. After a *leadsync.BatchError the leads that
// are not in it are captured, and their job is inserted; after any other the transaction is as it
// was before, and may go on. So a host commits after a BatchError, too; Capture does.
//
// Until tx ends, other captures of the connection wait, and so does the end of a job that it has
// already: capture last, and commit soon. The Store reads the connection's settings outside of tx:
// where it shares a pool with the host's transactions, the pool needs more connections than there
// are such transactions at a time. A transaction should call it once: one that has captured for
// one connection and now does for another may wait for a pool that is used up by captures which
// wait for it, until ctx ends; and if it has to, then for the connections always in the same order.
func (j *Jobs) CaptureTx(ctx context.Context, client *river.Client[pgx.Tx], tx pgx.Tx, name string,
	leads ...*leadsync.Lead) (store.CaptureReport, error) {
	kept, ok := j.fleet.Store().(txStore)
	if !ok {
		return store.CaptureReport{}, &leadsync.Error{Op: "capture", Code: leadsync.DataValueValidation,
			Fields: []string{"store"}, Reason: "cannot capture in a transaction: use store/postgres"}
	}
	var report store.CaptureReport
	var refused *leadsync.BatchError
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { // a savepoint
		var due dueAt
		captured, err := j.fleet.CaptureBy(ctx, name,
			func(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
				due = dueOf(leads)
				return kept.CaptureTx(ctx, tx, connection, leads)
			}, leads...)
		if err != nil && !errors.As(err, &refused) {
			return err
		}
		if report = captured; !due.ever {
			return nil
		}
		return j.insertTx(ctx, client, tx, name, due.at)
	})
	switch {
	case err != nil:
		return store.CaptureReport{}, asOwn(ctx, "capture", err)
	case refused != nil:
		return report, refused
	}
	return report, nil
}

// Capture is CaptureTx in a transaction of its own, which it begins on db: a pool or a connection of
// River's database. The leads that are not in a *leadsync.BatchError, and their job, are committed.
func (j *Jobs) Capture(ctx context.Context, client *river.Client[pgx.Tx], db Beginner, name string,
	leads ...*leadsync.Lead) (store.CaptureReport, error) {
	var report store.CaptureReport
	var refused *leadsync.BatchError
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) (err error) {
		report, err = j.CaptureTx(ctx, client, tx, name, leads...)
		if errors.As(err, &refused) {
			return nil
		}
		return err
	})
	switch {
	case err != nil:
		return store.CaptureReport{}, asOwn(ctx, "capture", err)
	case refused != nil:
		return report, refused
	}
	return report, nil
}

// A Beginner begins transactions, as a *pgxpool.Pool and a *pgx.Conn do.
type Beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// A dueAt is when leads are due, if ever.
type dueAt struct {
	ever bool
	at   time.Time // zero for now
}

// dueOf returns when the first of leads is due. Frozen ones count, as the mode may be
// changing, and those that wait for enrichment do not.
func dueOf(leads []store.Captured) (due dueAt) {
	for _, lead := range leads {
		switch {
		case lead.State == store.StateWaiting:
		case !due.ever || lead.DueAt.Before(due.at):
			due = dueAt{ever: true, at: lead.DueAt}
		}
	}
	return due
}
