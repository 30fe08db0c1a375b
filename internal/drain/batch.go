// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A syncFunc takes items from match to settle, and journals before it writes. The
// error says that no lead is to blame: either nothing was written, and no item is
// settled, or all are.
type syncFunc = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error

// A Batch is the leads that a Drainer has claimed. The caller of Claim must call Finish.
type Batch struct {
	d       *Drainer
	claimed []store.Claimed
	items   []*match.Item // items[i] is claimed[i]'s; not settled where it was not reached
	err     error         // that stopped Sync

	held  context.Context // ends before the lease does
	letGo func()
}

// Claim takes up to d.limit due leads under the lease. The batch is nil when there
// are none, or another process has the lease.
func (d *Drainer) Claim(ctx context.Context) (*Batch, error) {
	switch err := d.acquire(ctx); {
	case errors.Is(err, store.ErrLeaseHeld):
		return nil, nil
	case err != nil:
		return nil, err
	}
	claimed, err := d.Store.Claim(ctx, d.lease, d.limit)
	if err == nil {
		claimed, err = d.freezeWaited(ctx, claimed)
	}
	if err != nil || len(claimed) == 0 {
		return nil, err
	}
	d.probe = false
	b := &Batch{d: d, claimed: claimed, items: make([]*match.Item, len(claimed))}
	for i, c := range claimed {
		b.items[i] = &match.Item{Lead: c.Lead, Intents: c.Intents, Last: c.Last}
	}
	b.held, b.letGo = d.hold(ctx)
	return b, nil
}

// Sync syncs the batch. After a failure each lead is tried alone; else what is to be
// tried again in small batches comes after the rest.
func (b *Batch) Sync(sync syncFunc) {
	if b.d.failures > 0 {
		b.err = b.tryApart(sync)
		return
	}
	for _, group := range groups(b.claimed) {
		part := make([]*match.Item, len(group))
		for k, i := range group {
			part[k] = b.items[i]
		}
		b.err = sync(b.held, part, b.journal)
		if b.err != nil || refusedCall(part) != nil {
			return
		}
	}
}

// tryApart finds out whether syncs succeed again: each lead is a batch of its
// own, and each call is sent once. Where one lead gets through, the failures of the
// others are their own.
func (b *Batch) tryApart(sync syncFunc) error {
	ctx := salesforce.WithoutRetries(b.held)
	failures := make([]*leadtype.Error, len(b.items))
	var failed error
	through := false
	for i := range b.items {
		alone := b.items[i : i+1]
		err := sync(ctx, alone, b.journal)
		switch {
		case err == nil && refusedCall(alone) == nil:
			through = true
		case !mayBeItsOwn(err):
			return err
		default:
			failed = err
			errors.As(err, &failures[i])
		}
	}
	if !through {
		return failed
	}
	for i, it := range b.items {
		if failures[i] != nil && it.Outcome == nil {
			write.Fail(it, failures[i], b.d.Now())
		}
	}
	return nil
}

// Finish records what became of the batch and gives back the leads that were not
// reached. The error is ErrLeaseLost, the store's, or a *Error of the connection.
func (b *Batch) Finish(ctx context.Context) error {
	defer b.letGo()
	var failure *leadtype.Error
	if !errors.As(b.err, &failure) {
		failure = refusedCall(b.items)
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
	case errors.Is(context.Cause(b.held), store.ErrLeaseLost):
		return store.ErrLeaseLost // or about to be: all was given back
	case b.held.Err() != nil:
		return nil // stopped
	case b.err == nil:
		b.d.resume(ctx)
	}
	return b.err
}

// record settles the leads in the store and sends their outcomes to the Sink.
func (b *Batch) record(ctx context.Context, failure *leadtype.Error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	d, now := b.d, b.d.Now()
	settlements := make([]store.Settlement, len(b.claimed))
	outcomes := make([]*leadtype.Outcome, 0, len(b.items))
	for i, c := range b.claimed {
		out := b.items[i].Outcome
		if out == nil {
			settlements[i] = giveBack(c, failure, now, d.pause)
			continue
		}
		d.warnUnenriched(b.items[i])
		free := d.retry(out, c.Attempts, now)
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
			Outcome: out, Intents: b.items[i].Intents, Free: free, Records: b.items[i].Records}
		outcomes = append(outcomes, out)
	}
	stale, err := d.Store.Settle(ctx, d.lease, settlements)
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		d.Logger.WarnContext(ctx, "leadsync: stale outcomes discarded (lease lost)", "leads", len(stale))
		outcomes = slices.DeleteFunc(outcomes, func(out *leadtype.Outcome) bool { return slices.Contains(stale, out.LeadID) })
	}
	d.Record(ctx, outcomes)
	return nil
}

// journal keeps intents in the Store.
func (b *Batch) journal(ctx context.Context, intents map[leadtype.LeadID][]leadtype.Intent) error {
	if len(intents) == 0 {
		return nil
	}
	return b.d.Store.Journal(ctx, b.d.lease, intents)
}

// groups divides leads, by index, into those that are synced together, the small
// groups last.
func groups(claimed []store.Claimed) [][]int {
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
func groupSize(c *store.Claimed) int {
	if c.Attempts < 2 || c.Last == nil || c.Last.Stage != leadtype.PreSync || c.Last.Err == nil {
		return 0
	}
	return verdict.Together(c.Last.Err)
}

// refusedCall returns a refusal that no lead caused, nil for none. Other leads of the
// batch may have been written before it.
func refusedCall(items []*match.Item) *leadtype.Error {
	for _, it := range items {
		if out := it.Outcome; out != nil && out.Err != nil && verdict.OfConnection(out.Err) {
			return verdict.ForLead(out.Err, "")
		}
	}
	return nil
}

// giveBack returns the settlement of a lead that was not synced: as if it had not been
// claimed. A failure of the connection is noted on it, so that a person sees why it
// waits.
func giveBack(c store.Claimed, failure *leadtype.Error, now time.Time, pause time.Duration) store.Settlement {
	back := store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Intents: c.Intents, Free: true}
	if failure == nil {
		return back
	}
	back.Outcome = noted(&c, now)
	back.Outcome.Err, back.Outcome.RetryAt = verdict.ForLead(failure, c.Lead.ID), now.Add(pause)
	return back
}

// noted returns the outcome in Pre-Sync of a lead that was not synced, with the records
// that it had.
func noted(c *store.Claimed, now time.Time) *leadtype.Outcome {
	out := leadtype.Outcome{LeadID: c.Lead.ID}
	if c.Last != nil {
		out = *c.Last
		if out.Stage == leadtype.Cleared {
			out.Parts, out.Earlier = write.KnownParts(&out), write.EarlierOf(&out)
		}
	}
	out.EventID, out.Stage, out.Action, out.Err = c.Lead.EventID, leadtype.PreSync, "", nil
	out.At, out.RetryAt = now, time.Time{}
	return &out
}

// retry turns a failure that may resolve itself into a wait. It reports whether the
// connection was at fault, so that the attempt does not count.
func (d *Drainer) retry(out *leadtype.Outcome, attempts int, now time.Time) (free bool) {
	switch {
	case out.Err == nil || verdict.Pauses(out.Err):
		return out.Err != nil
	case out.Stage != leadtype.Failed:
		return false
	case verdict.OfConnection(out.Err):
		out.Stage, out.RetryAt = leadtype.PreSync, now.Add(d.pause)
		return true
	}
	if wait, ok := verdict.RetryFor(out.Err).After(attempts, d.random()); ok {
		out.Stage, out.RetryAt = leadtype.PreSync, now.Add(wait)
	}
	return false
}
