// SPDX-License-Identifier: Apache-2.0

package riversync

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/store"
)

// CaptureTx captures leads of a connection as fleet.Fleet.Capture does, in a transaction of the host,
// and inserts the connection's job in it, for when the leads have gathered: if tx commits, both
// happen, and otherwise neither. The Store has to be one of store/postgres, in the database of River
// and of tx.
//
// The errors are those of Capture, and those of Insert. After a *leadsync.BatchError the leads that
// are not in it are captured, and their job is inserted; after any other the transaction is as it
// was before, and may go on, unless ctx has ended: then pgx may have closed its connection. So a host commits after a
// BatchError, too; Capture does.
//
// Until tx ends, other captures of the connection wait, and so does the end of a job that it has
// already: capture last, and commit soon. All of it is in tx, in which the connection's settings are read,
// too: no other connection of a pool is used. A transaction that captures for several connections does
// so always in the same order.
func (j *Jobs) CaptureTx(ctx context.Context, client *river.Client[pgx.Tx], tx pgx.Tx, name string,
	leads ...*leadsync.Lead) (store.CaptureReport, error) {
	kept, err := j.txStore("capture", client, tx)
	if err != nil {
		return store.CaptureReport{}, err
	}
	var report store.CaptureReport
	var refused *leadsync.BatchError
	err = savepoint(ctx, tx, func(tx pgx.Tx) error {
		var due dueAt
		captured, err := j.fleet.CaptureWithin(ctx, noted{fleet.WithinTx(kept, tx), &due}, name, leads...)
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

// CaptureActivitiesTx captures activities of a lead as fleet.Fleet.CaptureActivities does, in a transaction of
// the host, and inserts the connection's job in it, as CaptureTx does with leads.
func (j *Jobs) CaptureActivitiesTx(ctx context.Context, client *river.Client[pgx.Tx], tx pgx.Tx, name string,
	lead leadsync.LeadID, activities ...leadsync.Activity) error {
	kept, err := j.txStore("capture activities", client, tx)
	if err != nil {
		return err
	}
	err = savepoint(ctx, tx, func(tx pgx.Tx) error {
		err := j.fleet.CaptureActivitiesWithin(ctx, fleet.WithinTx(kept, tx), name, lead, activities...)
		if err != nil {
			return err
		}
		return j.insertTx(ctx, client, tx, name, time.Time{})
	})
	return asOwn(ctx, "capture activities", err)
}

// savepoint runs do in a part of a transaction that is undone where do fails, or ctx has ended.
func savepoint(ctx context.Context, tx pgx.Tx, do func(tx pgx.Tx) error) error {
	part, err := tx.Begin(ctx)
	if err != nil {
		return err
	}
	if err = do(part); err == nil {
		err = ctx.Err()
	}
	unended := context.WithoutCancel(ctx)
	if err == nil {
		return part.Commit(unended)
	}
	_ = part.Rollback(unended)
	return err
}

// txStore returns the Store, which has to capture in transactions of the host, for a call with a
// client and a transaction.
func (j *Jobs) txStore(op string, client *river.Client[pgx.Tx], tx pgx.Tx) (fleet.TxStore[pgx.Tx], error) {
	switch {
	case client == nil:
		return nil, refuse(op, "client", absent)
	case tx == nil:
		return nil, refuse(op, "tx", absent)
	}
	kept, ok := j.fleet.Store().(fleet.TxStore[pgx.Tx])
	if !ok {
		return nil, refuse(op, "store", "cannot capture in a transaction: use store/postgres")
	}
	return kept, nil
}

// A noted notes when the leads are due that are captured.
type noted struct {
	fleet.Within
	due *dueAt
}

func (n noted) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	*n.due = dueOf(leads)
	return n.Within.Capture(ctx, connection, leads)
}

// Capture is CaptureTx in a transaction of its own, which it begins on db: a pool or a connection of
// River's database. The leads that are not in a *leadsync.BatchError, and their job, are committed.
func (j *Jobs) Capture(ctx context.Context, client *river.Client[pgx.Tx], db Beginner, name string,
	leads ...*leadsync.Lead) (store.CaptureReport, error) {
	if db == nil {
		return store.CaptureReport{}, refuse("capture", "db", absent)
	}
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
