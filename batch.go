package leadsync

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce"
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
	results, err := d.syncGroups(held, claimed, items)
	var failure *Error
	if !errors.As(err, &failure) {
		failure = refusedCall(results)
	}
	if failure != nil {
		d.fail(failure)
	}
	if errSettle := d.settle(ctx, claimed, results, failure); errSettle != nil {
		return errSettle
	}
	switch {
	case failure != nil:
		return failure
	case errors.Is(context.Cause(held), ErrLeaseLost):
		return ErrLeaseLost // or about to be: all was given back
	case held.Err() != nil:
		return nil // stopped
	case err == nil:
		d.resume(ctx)
	}
	return err
}

// syncGroups syncs what is to be tried again in small batches on its own, after
// the rest. The results of leads that were not reached are empty.
func (d *drainer) syncGroups(ctx context.Context, claimed []Claimed, items []*item) ([]result, error) {
	if d.failures > 0 {
		return d.tryApart(ctx, items)
	}
	results := make([]result, len(items))
	for _, group := range groups(claimed) {
		part := make([]*item, len(group))
		for k, i := range group {
			part[k] = items[i]
		}
		synced, err := d.sync(ctx, part, d.journal)
		for k, res := range synced {
			results[group[k]] = res
		}
		if err != nil || refusedCall(synced) != nil {
			return results, err
		}
	}
	return results, nil
}

// tryApart finds out whether syncing goes on after a failure: each lead is a batch of
// its own, and each call is sent once. Where one lead gets through, what the others
// met is their own.
func (d *drainer) tryApart(ctx context.Context, items []*item) ([]result, error) {
	ctx = salesforce.WithoutRetries(ctx)
	results, met := make([]result, len(items)), make([]*Error, len(items))
	var failed error
	through := false
	for i, it := range items {
		synced, err := d.sync(ctx, []*item{it}, d.journal)
		copy(results[i:], synced)
		switch {
		case err == nil && refusedCall(synced) == nil:
			through = true
		case !mayBeItsOwn(err):
			return results, err
		default:
			failed = err
			errors.As(err, &met[i])
		}
	}
	if !through {
		return results, failed
	}
	for i, it := range items {
		if met[i] != nil && results[i].outcome == nil {
			results[i] = d.s.fail(it, met[i])
		}
	}
	return results, nil
}

// mayBeItsOwn reports whether the failure of a call may be the doing of a lead in it,
// such as a lookup that takes too long, though it looks like an outage.
func mayBeItsOwn(err error) bool {
	var e *Error
	return errors.As(err, &e) && !pauses(e) && !daily(e) && !ofConnection(e)
}

// groups divides leads, by index, into those that are synced together: the small
// groups come after the rest.
func groups(claimed []Claimed) [][]int {
	bySize := make(map[int][]int)
	for i := range claimed {
		size := claimed[i].together()
		bySize[size] = append(bySize[size], i)
	}
	var all [][]int
	for _, size := range slices.Sorted(maps.Keys(bySize)) {
		all = slices.AppendSeq(all, slices.Chunk(bySize[size], cmp.Or(size, len(claimed))))
	}
	return all
}

// together returns how many leads that failed like this one are tried again in one
// batch, 0 for any number.
func (c *Claimed) together() int {
	if c.Attempts < 2 || c.Last == nil || c.Last.Stage != PreSync || c.Last.Err == nil {
		return 0
	}
	return together(c.Last.Err)
}

// journal keeps intents in the Store.
func (d *drainer) journal(ctx context.Context, intents map[LeadID][]Intent) error {
	if len(intents) == 0 {
		return nil
	}
	return d.s.cfg.Store.Journal(ctx, d.lease, intents)
}

// refusedCall returns a refusal that no lead had a part in, though others of the
// batch may have been written before it.
func refusedCall(results []result) *Error {
	for _, res := range results {
		if out := res.outcome; out != nil && out.Err != nil && ofConnection(out.Err) {
			return forLead(out.Err, "")
		}
	}
	return nil
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
		out := results[i].outcome
		if out == nil {
			settlements[i] = giveBack(c, failure, now, d.pause)
			continue
		}
		free := d.retry(out, c.Attempts, now)
		settlements[i] = Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: out, Intents: results[i].intents, Free: free}
		outcomes = append(outcomes, out)
	}
	stale, err := d.s.cfg.Store.Settle(ctx, d.lease, settlements)
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		d.s.cfg.Logger.WarnContext(ctx, "leadsync: outcomes came too late to count", "leads", len(stale))
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
		noted.EventID = c.Lead.EventID
		if noted.Stage == Cleared {
			noted.Parts = knownParts(&noted)
		}
	}
	noted.Stage, noted.Action, noted.Err = PreSync, "", forLead(failure, c.Lead.ID)
	noted.At, noted.RetryAt = now, now.Add(pause)
	back.Outcome = &noted
	return back
}

// retry turns a failure that may pass by itself into a wait. It reports whether
// the connection was at fault, so that the attempt does not count.
func (d *drainer) retry(out *Outcome, attempts int, now time.Time) (free bool) {
	switch {
	case out.Err == nil || pauses(out.Err):
		return out.Err != nil
	case out.Stage != Failed:
		return false
	case ofConnection(out.Err):
		out.Stage, out.RetryAt = PreSync, now.Add(d.pause)
		return true
	}
	if wait, ok := retryOf(out.Err.Code).after(attempts, d.random()); ok {
		out.Stage, out.RetryAt = PreSync, now.Add(wait)
	}
	return false
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
				d.s.cfg.Logger.WarnContext(ctx, "leadsync: the lease was not renewed", "error", err)
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
