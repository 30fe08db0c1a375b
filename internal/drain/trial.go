// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A request may fail as it does in an outage because of one lead: something in front of
// Salesforce refuses what the lead says, or a trigger runs too long. Leads whose request
// failed so twice are therefore tried in smaller parts, and those of a part that fails
// where others get through in still smaller ones, until the lead at fault is alone.
// leadtype.Outcome.Together remembers how far that has come.

// parts is the number of parts into which leads whose requests failed are divided.
const parts = 8

// A trial is a part of a batch that is synced by itself, and how that went.
type trial struct {
	items []*match.Item
	// together is how many leads are tried in such a part, 0 for any number.
	together int
	once     bool // calls are not repeated

	broken  error           // a failure that no lead can cause
	failure *leadtype.Error // a failure as in an outage, which a lead may cause
	// reads and writes say that Salesforce answered for some lead, and wrote something.
	reads, writes bool
}

// trials divides the batch. After a failure of the connection two leads are tried, each
// alone. Otherwise those that go together in any number come first, then the small parts.
func (b *Batch) trials() []*trial {
	if b.d.handover.Failures > 0 {
		first := &trial{items: b.items[:1], once: true}
		if len(b.items) == 1 {
			return []*trial{first}
		}
		return []*trial{first, {items: b.items[len(b.items)-1:], once: true}}
	}
	bySize := make(map[int][]*match.Item)
	for i := range b.claimed {
		size := sizeOf(&b.claimed[i])
		bySize[size] = append(bySize[size], b.items[i])
	}
	var all []*trial
	for _, size := range slices.Sorted(maps.Keys(bySize)) {
		for part := range slices.Chunk(bySize[size], cmp.Or(size, len(b.items))) {
			all = append(all, &trial{items: part, together: size, once: size > 0 && failedBefore(part[0].Last)})
		}
	}
	return all
}

// sizeOf returns how many leads that failed like this one are tried again in one part,
// 0 for any number.
func sizeOf(c *store.Claimed) int {
	switch {
	case c.Last == nil || c.Last.Stage != leadtype.PreSync || c.Last.Err == nil:
		return 0
	case c.Last.Together > 0:
		return c.Last.Together
	case c.Attempts < 2:
		return 0
	}
	return verdict.Together(c.Last.Err)
}

// run syncs the part.
func (t *trial) run(ctx context.Context, sync syncFunc, journal write.JournalFunc) {
	if t.once {
		ctx = salesforce.WithoutRetries(ctx)
	}
	err := sync(ctx, t.items, journal)
	var e *leadtype.Error
	switch {
	case err != nil && (!errors.As(err, &e) || !mayBeItsOwn(e)):
		t.broken = err
		return
	case err != nil:
		t.failure = e
		return
	}
	for _, it := range t.items {
		switch out := it.Outcome; {
		case out.Err == nil:
			t.reads, t.writes = true, t.writes || out.Action != leadtype.Unchanged
		case requestFailed(out.Err):
			t.failure = out.Err
		case verdict.OfConnection(out.Err):
			t.broken = verdict.ForLead(out.Err, "")
		case out.Stage == leadtype.Failed:
			t.reads, t.writes = true, true
		}
	}
}

// settled reports whether the part was written.
func (t *trial) settled() bool { return t.items[0].Outcome != nil }

// isOutage reports whether two parts failed and none got through. A lead that was found
// to be at fault does not count.
func isOutage(tried []*trial) bool {
	failed := 0
	for _, t := range tried {
		switch {
		case t.reads:
			return false
		case t.failure != nil && !t.alone():
			failed++
		}
	}
	return failed > 1
}

// alone reports whether the part is a lead that was found to be at fault.
func (t *trial) alone() bool {
	last := t.items[0].Last
	return t.together == 1 && last.Err.Reason == onlyThisFails
}

// judge decides whether the connection was at fault where parts failed, or the leads.
func (b *Batch) judge(tried []*trial) {
	outage := isOutage(tried)
	var reads, writes bool
	for _, t := range tried {
		reads, writes = reads || t.reads, writes || t.writes
	}
	for _, t := range tried {
		switch {
		case t.broken != nil:
			b.err = t.broken
		case t.failure == nil:
		case t.settled():
			own := writes || t.alone()
			b.blame(t, own)
			if !own && (outage || verdict.OfConnection(t.failure)) {
				b.err = verdict.ForLead(t.failure, "")
			}
		case reads || t.alone() || t.together > 0 && !outage:
			for _, it := range t.items {
				write.Fail(it, t.failure, b.d.Now())
			}
			b.blame(t, reads || t.alone())
		default:
			b.err = t.failure
			if b.d.handover.Failures == 0 {
				b.blame(t, false)
			}
		}
	}
}

// blame notes the size of the parts in which the leads of a failed part are tried next. own
// says that other leads got through meanwhile.
func (b *Batch) blame(t *trial, own bool) {
	var failed []*match.Item
	again := 0
	for _, it := range t.items {
		if it.Outcome == nil || it.Outcome.Err != nil && requestFailed(it.Outcome.Err) {
			failed = append(failed, it)
			if failedBefore(it.Last) {
				again++
			}
		}
	}
	for _, it := range failed {
		b.own[it] = own
		switch {
		case own && len(t.items) == 1:
			b.together[it] = 1
			it.Outcome.Err.Reason = onlyThisFails
		case !failedBefore(it.Last):
		case own || it.Last.Together == 0:
			b.together[it] = max(1, (again+parts-1)/parts)
		default:
			b.together[it] = it.Last.Together
		}
	}
}

// togetherOf returns in how large a part an item that is settled is tried next.
func (b *Batch) togetherOf(it *match.Item) int {
	if n, ok := b.together[it]; ok {
		return n
	}
	if it.Outcome.Stage == leadtype.PreSync && it.Last != nil {
		return it.Last.Together // it waits, as for a create without a response
	}
	return 0
}
