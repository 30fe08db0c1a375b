// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// Guest calls do while no other process works on the connection, and no Run or other
// Guest of this one: it waits for the lease until ctx ends. The context of do ends with
// ctx, and when the lease is lost. op is the name of what is done, for errors: the
// context's own, or a *Error.
func (r *Runner) Guest(ctx context.Context, op string, do func(ctx context.Context) error) error {
	t := r.newTenant()
	if isWithin(ctx, t.queue()) {
		return do(ctx) // as a Sink or a hook does: its caller has the lease
	}
	t.wants = true
	defer t.release(ctx)
	err := t.giveBackLate(ctx)
	if err == nil {
		err = t.await(ctx)
	}
	if err != nil {
		return verdict.StoreError(ctx, op, err)
	}
	if err := r.awaitJob(ctx, &t, op); err != nil {
		return err
	}
	held, letGo := t.hold(ctx)
	defer letGo()
	work, stop := context.WithCancelCause(r.withJobs(within(ctx, t.queue()), guestJobs{&t}))
	defer stop(nil)
	defer context.AfterFunc(held, func() { stop(context.Cause(held)) })()
	err = do(work)
	lost := context.Cause(work)
	if errors.Is(lost, store.ErrLeaseLost) && ctx.Err() == nil && errors.Is(err, context.Canceled) {
		return &leadtype.Error{Op: op, Code: leadtype.RowContention, Reason: "another process has taken over the connection",
			Err: lost}
	}
	return err
}

// await acquires the lease, however long another process has it.
func (t *tenant) await(ctx context.Context) error {
	for {
		err := t.acquire(ctx)
		if !errors.Is(err, store.ErrLeaseHeld) {
			return err
		}
		t.wants = true
		select {
		case <-time.After(askAgain/2 + rand.N(askAgain/2)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// guestJobs is the load.Journal of a guest.
type guestJobs struct{ *tenant }

// Begin implements load.Journal.
func (g guestJobs) Begin(ctx context.Context, job salesforce.ID) error { return g.setJob(ctx, job) }

// End implements load.Journal.
func (g guestJobs) End(ctx context.Context, _ salesforce.ID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if err := g.setJob(ctx, ""); err != nil {
		g.log.WarnContext(ctx, "leadsync: the end of a bulk job was not kept", "error", err)
	}
}

// setJob keeps which job may be at work, beside what Run has handed on.
func (t *tenant) setJob(ctx context.Context, job salesforce.ID) error {
	data, err := t.store.RunState(ctx, t.connection)
	if err != nil {
		return err
	}
	h := readHandover(data)
	h.Job = job
	return t.store.SetRunState(ctx, t.lease, h.encode())
}

// awaitJob waits for the end of the job of an earlier process. The guest has the lease when it
// returns without an error, and gives it back in between.
func (r *Runner) awaitJob(ctx context.Context, t *tenant, op string) error {
	for n := 0; r.Jobs != nil; n++ {
		data, err := r.Store.RunState(ctx, r.Connection)
		if err != nil {
			return verdict.StoreError(ctx, op, err)
		}
		job := readHandover(data).Job
		if job == "" {
			return nil
		}
		ended, err := r.Jobs.Ended(ctx, job)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return verdict.ForLead(verdict.Classify(op, "", err), leadtype.LeadID(""))
		case ended:
			return verdict.StoreError(ctx, op, t.setJob(ctx, ""))
		}
		if err := t.rejoin(ctx, lookAgain(n)); err != nil {
			return verdict.StoreError(ctx, op, err)
		}
	}
	return nil
}

// rejoin gives the lease back for a while.
func (t *tenant) rejoin(ctx context.Context, after time.Duration) error {
	t.giveBack(ctx)
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return t.await(ctx)
}
