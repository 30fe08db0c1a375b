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
	// stopGrace is how long a batch may continue after a stop.
	stopGrace = 20 * time.Second
)

// A syncFunc takes items from match to their results, and journals before it writes:
// result i is item i's. The error says that no lead is to blame. Without results
// nothing was written; with them, they hold what was.
type syncFunc = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error)

// A batch is the leads that a drainer has claimed. The caller of claim settles it.
type batch struct {
	d       *drainer
	claimed []Claimed
	items   []*item
	results []result // results[i] is claimed[i]'s; empty for a lead that was not reached
	err     error    // that stopped sync

	held  context.Context // ends before the lease does
	letGo func()
}

// claim takes up to d.limit due leads under the lease. The batch is nil when there
// are none, or another process has the lease.
func (d *drainer) claim(ctx context.Context) (*batch, error) {
	switch err := d.acquire(ctx); {
	case errors.Is(err, ErrLeaseHeld):
		return nil, nil
	case err != nil:
		return nil, err
	}
	claimed, err := d.store.Claim(ctx, d.lease, d.limit)
	if err != nil || len(claimed) == 0 {
		return nil, err
	}
	d.probe = false
	b := &batch{d: d, claimed: claimed, items: make([]*item, len(claimed))}
	for i, c := range claimed {
		b.items[i] = &item{lead: c.Lead, intents: c.Intents, last: c.Last}
	}
	b.held, b.letGo = d.hold(ctx)
	return b, nil
}

// sync takes the batch to its results. After a failure each lead is tried alone;
// else what is to be tried again in small batches comes after the rest.
func (b *batch) sync(sync syncFunc) {
	if b.d.failures > 0 {
		b.results, b.err = b.tryApart(sync)
		return
	}
	b.results = make([]result, len(b.items))
	for _, group := range groups(b.claimed) {
		part := make([]*item, len(group))
		for k, i := range group {
			part[k] = b.items[i]
		}
		synced, err := sync(b.held, part, b.journal)
		for k, res := range synced {
			b.results[group[k]] = res
		}
		if b.err = err; err != nil || refusedCall(synced) != nil {
			return
		}
	}
}

// tryApart finds out whether syncing goes well again: each lead is a batch of its
// own, and each call is sent once. Where one lead gets through, the failures of the
// others are their own.
func (b *batch) tryApart(sync syncFunc) ([]result, error) {
	ctx := salesforce.WithoutRetries(b.held)
	results, failures := make([]result, len(b.items)), make([]*Error, len(b.items))
	var failed error
	through := false
	for i, it := range b.items {
		synced, err := sync(ctx, []*item{it}, b.journal)
		copy(results[i:], synced)
		switch {
		case err == nil && refusedCall(synced) == nil:
			through = true
		case !mayBeItsOwn(err):
			return results, err
		default:
			failed = err
			errors.As(err, &failures[i])
		}
	}
	if !through {
		return results, failed
	}
	for i, it := range b.items {
		if failures[i] != nil && results[i].outcome == nil {
			results[i] = failedResult(it, failures[i], b.d.now())
		}
	}
	return results, nil
}

// settle records what became of the batch and gives back the leads that were not
// reached. The error is ErrLeaseLost, the store's, or a *Error of the connection.
func (b *batch) settle(ctx context.Context) error {
	defer b.letGo()
	var failure *Error
	if !errors.As(b.err, &failure) {
		failure = refusedCall(b.results)
	}
	if failure != nil {
		b.d.fail(failure)
	}
	if err := b.record(ctx, failure); err != nil {
		return err
	}
	switch {
	case failure != nil:
		return failure
	case errors.Is(context.Cause(b.held), ErrLeaseLost):
		return ErrLeaseLost // or about to be: all was given back
	case b.held.Err() != nil:
		return nil // stopped
	case b.err == nil:
		b.d.resume(ctx)
	}
	return b.err
}

// record settles the leads in the store and sends their outcomes to the Sink.
func (b *batch) record(ctx context.Context, failure *Error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	d, now := b.d, b.d.now()
	settlements := make([]Settlement, len(b.claimed))
	outcomes := make([]*Outcome, 0, len(b.results))
	for i, c := range b.claimed {
		out := b.results[i].outcome
		if out == nil {
			settlements[i] = giveBack(c, failure, now, d.pause)
			continue
		}
		free := d.retry(out, c.Attempts, now)
		settlements[i] = Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
			Outcome: out, Intents: b.results[i].intents, Free: free}
		outcomes = append(outcomes, out)
	}
	stale, err := d.store.Settle(ctx, d.lease, settlements)
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		d.logger.WarnContext(ctx, "leadsync: stale outcomes discarded (lease lost)", "leads", len(stale))
		outcomes = slices.DeleteFunc(outcomes, func(out *Outcome) bool { return slices.Contains(stale, out.LeadID) })
	}
	d.record(ctx, outcomes)
	return nil
}

// journal keeps intents in the Store.
func (b *batch) journal(ctx context.Context, intents map[LeadID][]Intent) error {
	if len(intents) == 0 {
		return nil
	}
	return b.d.store.Journal(ctx, b.d.lease, intents)
}

// mayBeItsOwn reports whether a lead may have caused the failure of its call, such as
// a lookup that takes too long, although it looks like an outage.
func mayBeItsOwn(err error) bool {
	var e *Error
	return errors.As(err, &e) && !pauses(e) && !daily(e) && !ofConnection(e)
}

// groups divides leads, by index, into those that are synced together, the small
// groups last.
func groups(claimed []Claimed) [][]int {
	bySize := make(map[int][]int)
	for i := range claimed {
		size := groupSize(&claimed[i])
		bySize[size] = append(bySize[size], i)
	}
	var all [][]int
	for _, size := range slices.Sorted(maps.Keys(bySize)) {
		all = slices.AppendSeq(all, slices.Chunk(bySize[size], cmp.Or(size, len(claimed))))
	}
	return all
}

// groupSize returns how many leads that failed like this one are tried again in one
// batch, 0 for any number.
func groupSize(c *Claimed) int {
	if c.Attempts < 2 || c.Last == nil || c.Last.Stage != PreSync || c.Last.Err == nil {
		return 0
	}
	return together(c.Last.Err)
}

// refusedCall returns a refusal that no lead caused, nil for none. Other leads of the
// batch may have been written before it.
func refusedCall(results []result) *Error {
	for _, res := range results {
		if out := res.outcome; out != nil && out.Err != nil && ofConnection(out.Err) {
			return forLead(out.Err, "")
		}
	}
	return nil
}

// giveBack returns the settlement of a lead that was not synced: as if it had not been
// claimed. A failure of the connection is noted on it, so that a person sees why it
// waits.
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

// retry turns a failure that may resolve itself into a wait. It reports whether the
// connection was at fault, so that the attempt does not count.
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
