// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"errors"
	"time"

	"github.com/leadsync/leadsync/store"
)

// stopGrace is how long a batch may continue after a stop.
const stopGrace = 20 * time.Second

// hold keeps the lease while a batch is under way. The context that it returns ends
// before the lease does, when another process took the lease, and a while after
// ctx: a stop lets the batch finish. The caller calls letGo.
func (d *Drainer) hold(ctx context.Context) (held context.Context, letGo func()) {
	held, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.renew(ctx, held, cancel)
	}()
	return held, func() {
		cancel(nil)
		<-ended // no renewal comes after this
	}
}

// renew renews the lease until held ends, and ends held when it must.
func (d *Drainer) renew(ctx, held context.Context, cancel context.CancelCauseFunc) {
	ttl := d.LeaseTTL
	tick := time.NewTicker(ttl / 4)
	defer tick.Stop()
	expiry := time.AfterFunc(ttl*3/4-time.Since(d.leased), func() { cancel(store.ErrLeaseLost) })
	defer expiry.Stop()
	stopped := ctx.Done()
	var grace <-chan time.Time
	for {
		select {
		case <-held.Done():
			return
		case <-stopped:
			stopped = nil
			grace = time.After(stopGrace)
		case <-grace:
			cancel(context.Cause(ctx))
			return
		case <-tick.C:
			switch err := d.renewOnce(held); {
			case errors.Is(err, store.ErrLeaseLost):
				cancel(err)
				return
			case err == nil:
				expiry.Reset(ttl * 3 / 4)
			case held.Err() == nil:
				d.Logger.WarnContext(ctx, "leadsync: the lease was not renewed", "error", err)
			}
		}
	}
}

// renewOnce renews the lease, in good time before it runs out.
func (d *Drainer) renewOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, d.LeaseTTL/4)
	defer cancel()
	lease, err := d.Store.Acquire(ctx, d.lease.Connection, d.owner, d.LeaseTTL)
	if errors.Is(err, store.ErrLeaseHeld) || err == nil && lease.Epoch != d.lease.Epoch {
		return store.ErrLeaseLost
	}
	return err
}
