package leadsync

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	// settleTimeout bounds what is still done with the store after a stop.
	settleTimeout = 2 * time.Minute
	// stopGrace is how long a batch may go on after a stop.
	stopGrace = 20 * time.Second
)

// batch syncs claimed leads and settles them. The error is ErrLeaseLost, the
// store's, or a *Error of the connection.
func (d *drainer) batch(ctx context.Context, claimed []Claimed) error {
	held, letGo := d.hold(ctx)
	defer letGo()
	items := make([]*item, len(claimed))
	for i, c := range claimed {
		items[i] = &item{lead: c.Lead, intents: c.Intents, last: c.Last}
	}
	results, err := d.sync(held, items, func(ctx context.Context, intents map[LeadID][]Intent) error {
		if len(intents) == 0 {
			return nil
		}
		return d.s.cfg.Store.Journal(ctx, d.lease, intents)
	})
	var failure *Error
	if errors.As(err, &failure) {
		d.fail(err)
	}
	if errSettle := d.settle(ctx, claimed, results, failure); errSettle != nil {
		return errSettle
	}
	if err == nil && d.failures > 0 {
		d.failures = 0
		d.s.cfg.Logger.InfoContext(ctx, "leadsync: syncing goes on", "connection", d.s.cfg.Connection)
	}
	if held.Err() != nil && failure == nil {
		return nil // stopped, or the lease was about to end: all was given back
	}
	return err
}

// settle records what became of the leads. Those without a result are given
// back, with the failure if there is one.
func (d *drainer) settle(ctx context.Context, claimed []Claimed, results []result, failure *Error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	now := d.s.cfg.Now()
	settlements := make([]Settlement, len(claimed))
	outcomes := make([]*Outcome, 0, len(results))
	for i, c := range claimed {
		settlements[i] = giveBack(c, failure, now, d.pause)
		if results != nil {
			out := results[i].outcome
			d.retry(out, c.Attempts, now)
			settlements[i].Outcome, settlements[i].Intents = out, results[i].intents
			settlements[i].Free = out.Err != nil && out.Err.pauses()
			outcomes = append(outcomes, out)
		}
	}
	stale, err := d.s.cfg.Store.Settle(ctx, d.lease, settlements)
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		d.s.cfg.Logger.WarnContext(ctx, "leadsync: outcomes came too late to count", "connection", d.s.cfg.Connection, "leads", len(stale))
		outcomes = slices.DeleteFunc(outcomes, func(out *Outcome) bool { return slices.Contains(stale, out.LeadID) })
	}
	d.s.record(ctx, outcomes)
	return nil
}

// giveBack settles a lead that was not synced as if it had not been claimed. A
// failure of the connection is noted on it, so that a person sees why it waits.
func giveBack(c Claimed, failure *Error, now time.Time, pause time.Duration) Settlement {
	back := Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Intents: c.Intents, Free: true}
	if failure == nil {
		return back
	}
	noted := Outcome{LeadID: c.Lead.ID, EventID: c.Lead.EventID}
	if c.Last != nil {
		noted = *c.Last
	}
	noted.Stage, noted.Action, noted.Err = PreSync, "", failure.forLead(c.Lead.ID)
	noted.At, noted.RetryAt = now, now.Add(pause)
	back.Outcome = &noted
	return back
}

// retry turns a failure that may pass by itself into a wait.
func (d *drainer) retry(out *Outcome, attempts int, now time.Time) {
	if out.Stage != Failed || out.Err == nil {
		return
	}
	if wait, ok := retryAfter(out.Err.Code, attempts, d.random()); ok {
		out.Stage = PreSync
		out.RetryAt = now.Add(wait)
	}
}

// retryAfter returns how long after the attempts so far a lead that failed with
// code is tried again, and false when it is not (PRODUCT.md 10).
func retryAfter(code Code, attempts int, random float64) (time.Duration, bool) {
	var most int // attempts
	var least, longest time.Duration
	switch code.retry() {
	case retryOnce:
		most, least, longest = 2, 30*time.Second, time.Minute
	case retryLimited:
		most, least, longest = 3, time.Minute, 5*time.Minute
	case retrySlowly:
		most, least, longest = 5, time.Minute, 16*time.Minute
	case retrySoon:
		most, least, longest = 8, time.Second, 5*time.Minute
	case retryVerified:
		most, least, longest = attempts+1, time.Minute, 10*time.Minute
	case retryNever, retryPaused:
		return 0, false
	}
	return backoff(attempts, least, longest, random), attempts < most
}

// hold keeps the lease while a batch is under way. The context that it returns
// ends before the lease does, when somebody else took the lease, and a while
// after ctx: a stop lets the batch finish. The caller calls letGo.
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
	ttl := d.s.cfg.LeaseTTL
	tick := time.NewTicker(ttl / 4)
	defer tick.Stop()
	expiry := time.AfterFunc(ttl*3/4, func() { cancel(ErrLeaseLost) })
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
				d.s.cfg.Logger.WarnContext(ctx, "leadsync: the lease was not renewed", "connection", d.lease.Connection, "error", err)
			}
		}
	}
}

// renewOnce renews the lease, in good time before it runs out.
func (d *drainer) renewOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, d.s.cfg.LeaseTTL/4)
	defer cancel()
	lease, err := d.s.cfg.Store.Acquire(ctx, d.lease.Connection, d.owner, d.s.cfg.LeaseTTL)
	if errors.Is(err, ErrLeaseHeld) || err == nil && lease.Epoch != d.lease.Epoch {
		return ErrLeaseLost
	}
	return err
}
