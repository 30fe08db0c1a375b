// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
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
	if err := t.await(ctx); err != nil {
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
	err := do(work)
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
