package leadsync

import (
	"context"
	"errors"
	"time"
)

// hold keeps the lease while a batch is under way. The context that it returns ends
// before the lease does, when another process took the lease, and a while after
// ctx: a stop lets the batch finish. The caller calls letGo.
func (d *drainer) hold(ctx context.Context) (held context.Context, letGo func()) {
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
func (d *drainer) renew(ctx, held context.Context, cancel context.CancelCauseFunc) {
	ttl := d.leaseTTL
	tick := time.NewTicker(ttl / 4)
	defer tick.Stop()
	expiry := time.AfterFunc(ttl*3/4-time.Since(d.leased), func() { cancel(ErrLeaseLost) })
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
			case errors.Is(err, ErrLeaseLost):
				cancel(err)
				return
			case err == nil:
				expiry.Reset(ttl * 3 / 4)
			case held.Err() == nil:
				d.logger.WarnContext(ctx, "leadsync: the lease was not renewed", "error", err)
			}
		}
	}
}

// renewOnce renews the lease, in good time before it runs out.
func (d *drainer) renewOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, d.leaseTTL/4)
	defer cancel()
	lease, err := d.store.Acquire(ctx, d.lease.Connection, d.owner, d.leaseTTL)
	if errors.Is(err, ErrLeaseHeld) || err == nil && lease.Epoch != d.lease.Epoch {
		return ErrLeaseLost
	}
	return err
}
