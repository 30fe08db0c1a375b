// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// Capture implements leadsync.Store. A capture that is being written is cancelled with its
// context only when those of all that share its transaction are.
func (s *Store) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	p, err := newCaptureCall(ctx, leads)
	if err != nil {
		return store.CaptureReport{}, err
	}
	if err := s.commit(ctx, connection, p); err != nil {
		return store.CaptureReport{}, err
	}
	return p.report, nil
}

// CaptureTx is Capture in a transaction of the host: the leads are captured if it commits. The
// report is what is true then. When it fails, the host may go on in the transaction, in which
// nothing has happened; where ctx has ended meanwhile, pgx may have closed its connection, and
// with that the transaction.
//
// Until the transaction ends, other captures of the connection, and what Run records of it,
// wait. So it should be short, and capture last, for several connections always in the
// same order. In a transaction with a higher isolation than READ COMMITTED it fails, with a
// serialization failure, when others have captured since that began.
func (s *Store) CaptureTx(ctx context.Context, tx pgx.Tx, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	p, err := newCaptureCall(ctx, leads)
	if err != nil {
		return store.CaptureReport{}, err
	}
	if err := s.captureIn(ctx, tx, connection, p); err != nil {
		return store.CaptureReport{}, err
	}
	return p.report, nil
}

// captureIn writes a call in a transaction of the host.
func (s *Store) captureIn(ctx context.Context, tx pgx.Tx, connection string, p *captureCall) error {
	if tx == nil {
		return wrap(ctx, "capture", errNoTx)
	}
	savepoint, err := tx.Begin(ctx)
	if err != nil {
		return wrap(ctx, "capture", err)
	}
	err = s.within(ctx, savepoint, connection, lockConnection|makeConnection,
		func(ctx context.Context, t *transaction) error { return t.capture(ctx, []*captureCall{p}) })
	if err == nil {
		err = ctx.Err()
	}
	unended := context.WithoutCancel(ctx)
	if err == nil {
		return wrap(unended, "capture", savepoint.Commit(unended))
	}
	_ = savepoint.Rollback(unended)
	return wrap(ctx, "capture", err)
}

// newCaptureCall encodes leads.
func newCaptureCall(ctx context.Context, leads []store.Captured) (*captureCall, error) {
	p := &captureCall{ctx: ctx, leads: leads, data: make([]string, len(leads)), folded: make([]string, len(leads)),
		done: make(chan struct{})}
	for i, captured := range leads {
		p.folded[i] = captured.Lead.ID.Folded()
		var err error
		if p.data[i], err = stored.EncodeLead(captured.Lead); err != nil {
			return nil, fmt.Errorf("postgres: capture: %w", err)
		}
	}
	return p, nil
}

// commit waits until a call is committed, together with those of others.
func (s *Store) commit(ctx context.Context, connection string, p *captureCall) error {
	if err := ctx.Err(); err != nil {
		return wrap(ctx, "capture", err)
	}
	q := s.captures.enter(connection, p)
	defer s.captures.leave(connection, q)
	select {
	case q.slot <- struct{}{}:
		func() {
			defer func() { <-q.slot }()
			s.captureAll(connection, q)
		}()
	case <-p.done:
	case <-ctx.Done():
		if s.captures.withdraw(q, p) {
			return wrap(ctx, "capture", ctx.Err())
		}
	}
	<-p.done
	if p.err != nil && ctx.Err() != nil {
		return wrap(ctx, "capture", p.err) // the context of the group has no deadline
	}
	return p.err
}

// captureAll writes the waiting calls in one transaction. If the server refuses what one of
// them has, each is written in its own transaction, so that only the faulty ones fail.
func (s *Store) captureAll(connection string, q *captureQueue) {
	group := s.captures.take(q)
	if len(group) == 0 {
		return
	}
	for _, p := range group {
		p.err = errPanicked // until it is written
	}
	defer func() {
		for _, p := range group {
			close(p.done)
		}
	}()
	err := s.captureGroup(connection, group)
	for _, p := range group {
		p.err = err
		if len(group) > 1 && isOfRow(err) {
			p.err = errPanicked
			p.err = s.captureGroup(connection, []*captureCall{p})
		}
	}
}

func (s *Store) captureGroup(connection string, group []*captureCall) error {
	ctx, cancel := whileOneWaits(group)
	defer cancel()
	return s.tx(ctx, "capture", connection, lockConnection|makeConnection,
		func(ctx context.Context, t *transaction) error { return t.capture(ctx, group) })
}

// whileOneWaits returns a context that ends when those of all calls have, since cancelling one
// must not fail the others.
func whileOneWaits(group []*captureCall) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(group[0].ctx))
	waiting := new(atomic.Int64)
	waiting.Store(int64(len(group)))
	stops := make([]func() bool, len(group))
	for i, p := range group {
		stops[i] = context.AfterFunc(p.ctx, func() {
			if waiting.Add(-1) == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}

// capture writes a group of calls.
func (t *transaction) capture(ctx context.Context, group []*captureCall) error {
	w := &captureWriter{t: t, now: stored.FromMicros(t.now), rows: make(map[leadtype.LeadID]*leadRow),
		alike: make(map[string]leadtype.LeadID), suppressed: make(map[string]bool)}
	if err := w.read(ctx, group); err != nil {
		return err
	}
	for _, p := range group {
		p.report, p.err = store.CaptureReport{Strategies: make(map[string][]string)}, nil
		if p.add != nil {
			w.add(p.add)
		}
		for i := range p.leads {
			if err := w.capture(p, i); err != nil {
				return err
			}
		}
	}
	return w.write(ctx, group)
}

// AddActivities implements leadsync.Store.
func (s *Store) AddActivities(ctx context.Context, connection string, lead leadtype.LeadID, state store.State,
	activities []leadtype.Activity) error {
	p := newAddition(ctx, lead, state, activities)
	if err := s.commit(ctx, connection, p); err != nil {
		return err
	}
	return wrap(ctx, "capture", p.add.err)
}

// AddActivitiesTx is AddActivities in a transaction of the host, as CaptureTx is Capture.
func (s *Store) AddActivitiesTx(ctx context.Context, tx pgx.Tx, connection string, lead leadtype.LeadID,
	state store.State, activities []leadtype.Activity) error {
	p := newAddition(ctx, lead, state, activities)
	if err := s.captureIn(ctx, tx, connection, p); err != nil {
		return err
	}
	return wrap(ctx, "capture", p.add.err)
}

func newAddition(ctx context.Context, lead leadtype.LeadID, state store.State,
	activities []leadtype.Activity) *captureCall {
	return &captureCall{ctx: ctx, done: make(chan struct{}),
		add: &addition{lead: lead, state: state, activities: activities}}
}
