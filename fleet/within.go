// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/store"
)

// A Within keeps what is captured in place of a Fleet's Store, such as in a transaction of the host.
type Within interface {
	Connection(ctx context.Context, name string) (store.Connection, error)
	Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error)
	AddActivities(ctx context.Context, connection string, lead leadsync.LeadID, state store.State,
		activities []leadsync.Activity) error
}

// A TxStore captures in transactions of the host, as that of store/postgres does in a pgx.Tx.
type TxStore[Tx any] interface {
	ConnectionTx(ctx context.Context, tx Tx, name string) (store.Connection, error)
	CaptureTx(ctx context.Context, tx Tx, connection string, leads []store.Captured) (store.CaptureReport, error)
	AddActivitiesTx(ctx context.Context, tx Tx, connection string, lead leadsync.LeadID, state store.State,
		activities []leadsync.Activity) error
}

// WithinTx returns what keeps leads and activities in a transaction.
func WithinTx[Tx any](kept TxStore[Tx], tx Tx) Within { return withinTx[Tx]{kept, tx} }

type withinTx[Tx any] struct {
	kept TxStore[Tx]
	tx   Tx
}

func (w withinTx[Tx]) Connection(ctx context.Context, name string) (store.Connection, error) {
	return w.kept.ConnectionTx(ctx, w.tx, name)
}

func (w withinTx[Tx]) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	return w.kept.CaptureTx(ctx, w.tx, connection, leads)
}

func (w withinTx[Tx]) AddActivities(ctx context.Context, connection string, lead leadsync.LeadID, state store.State,
	activities []leadsync.Activity) error {
	return w.kept.AddActivitiesTx(ctx, w.tx, connection, lead, state, activities)
}

// CaptureWithin is Capture, but reads the connection and stores the leads by in, and the Fleet's Store is
// not used. Leads that are captured under Manual while another process sets the mode to Automatic are
// released by the next Drain, or by Run at its next look for due leads.
func (f *Fleet) CaptureWithin(ctx context.Context, in Within, name string,
	leads ...*leadsync.Lead) (store.CaptureReport, error) {
	c, err := f.connectionOf(ctx, in, "capture", name)
	if err != nil {
		return store.CaptureReport{}, err
	}
	m, err := f.memberOf(&c)
	if err != nil {
		return store.CaptureReport{}, err
	}
	return m.syncer.CaptureBy(org.WithBelonging(ctx), in.Capture, leads...) // Callback has seen to it
}

// CaptureActivitiesWithin is CaptureActivities, as CaptureWithin is Capture.
func (f *Fleet) CaptureActivitiesWithin(ctx context.Context, in Within, name string, lead leadsync.LeadID,
	activities ...leadsync.Activity) error {
	c, err := f.connectionOf(ctx, in, "capture activities", name)
	if err != nil {
		return err
	}
	syncer, err := f.syncerOf(offline{}, activitiesWithin{f.store, in}, &c, c.Mode)
	if err != nil {
		return err
	}
	return syncer.CaptureActivities(org.WithBelonging(ctx), lead, activities...)
}

// connectionOf reads a connection by in.
func (f *Fleet) connectionOf(ctx context.Context, in Within, op, name string) (store.Connection, error) {
	if err := checkName(op, name); err != nil {
		return store.Connection{}, err
	}
	if in == nil {
		return store.Connection{}, refuse(op, "in", "is nil")
	}
	c, err := in.Connection(ctx, name)
	return c, verdict.StoreError(ctx, op, err)
}

// An activitiesWithin is the Store of a Syncer that captures activities, and does nothing else.
type activitiesWithin struct {
	store.Store
	in Within
}

func (s activitiesWithin) AddActivities(ctx context.Context, connection string, lead leadsync.LeadID,
	state store.State, activities []leadsync.Activity) error {
	return s.in.AddActivities(ctx, connection, lead, state, activities)
}
