// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

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
// leadtype.Outcome.Together remembers how far that has come; suspect.go decides when a lead
// that is alone fails.

// parts is the number of parts into which leads whose requests failed are divided.
const parts = 8

// A trial is a part of a batch that is synced by itself, and how that went.
type trial struct {
	items []*match.Item
	// together is how many leads are tried in such a part, 0 for any number.
	together int
	once     bool // calls are not repeated
	locked   bool // its leads were locked before

	broken  error           // a failure that no lead can cause
	failure *leadtype.Error // a failure as in an outage, which a lead may cause
	// reads and writes say that Salesforce answered for some lead, and a write of it.
	reads, writes bool
	unread        bool      // a look-up failed
	at            time.Time // when it was over
}

// probes reports whether the batch is to find out whether syncs succeed again.
func (b *Batch) probes() bool { return b.d.handover.Failures > 0 }

// trials divides the batch. After a failure of the connection two leads are tried, each
// alone. Otherwise those that go together in any number come first, then the small parts.
func (b *Batch) trials() []*trial {
	if b.probes() {
		first := &trial{items: b.items[:1], once: true}
		if len(b.items) == 1 {
			return []*trial{first}
		}
		return []*trial{first, {items: b.items[len(b.items)-1:], once: true}}
	}
	groups := make(map[group][]*match.Item)
	for i := range b.claimed {
		of := group{sizeOf(&b.claimed[i]), wasLocked(b.claimed[i].Last)}
		if of.size == 0 {
			of.locked = false
		}
		groups[of] = append(groups[of], b.items[i])
	}
	var all []*trial
	for _, of := range slices.SortedFunc(maps.Keys(groups), group.compare) {
		items := groups[of]
		if of.locked { // not the same ones first each time
			from := int(b.d.random() * float64(len(items)))
			items = slices.Concat(items[from:], items[:from])
		}
		for part := range slices.Chunk(items, cmp.Or(of.size, b.partSize())) {
			all = append(all, &trial{items: part, together: of.size, locked: of.locked,
				once: of.size > 0 && failedBefore(part[0].Last)})
		}
	}
	return all
}

// A group is the leads of a batch that are tried in parts of one size, 0 for any number.
type group struct {
	size   int
	locked bool // rather than failed as in an outage
}

func (g group) compare(other group) int {
	if g.size == other.size && g.locked != other.locked && g.locked {
		return 1
	}
	return cmp.Compare(g.size, other.size)
}

// apartFromOthers is the size of the part of suspects that may all be innocent: they failed
// alone, while nothing else got through.
const apartFromOthers = math.MaxInt

// sizeOf returns how many leads that failed like this one are tried again in one part,
// 0 for any number.
func sizeOf(c *store.Claimed) int {
	switch {
	case c.Last == nil || c.Last.Stage != leadtype.PreSync || c.Last.Err == nil:
		return 0
	case c.Last.Together > 0:
		return c.Last.Together
	case c.Last.Suspect != nil:
		return apartFromOthers
	case c.Attempts < 2:
		return 0
	}
	return verdict.Together(c.Last.Err)
}

// run syncs the part.
func (t *trial) run(ctx context.Context, sync syncFunc, journal write.JournalFunc, now func() time.Time) {
	defer func() {
		t.at = now()
		if t.failure != nil && ctx.Err() != nil { // a stop has cut the request
			t.failure, t.broken = nil, ctx.Err()
		}
	}()
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
		t.failure, t.unread = e, !t.settled()
		return
	}
	for _, it := range t.items {
		switch out := it.Outcome; {
		case out.Err == nil:
			t.reads, t.writes = true, t.writes || it.Wrote
		case requestFailed(out.Err):
			t.failure = out.Err
		case verdict.OfConnection(out.Err):
			t.broken = verdict.ForLead(out.Err, "")
		case out.Stage == leadtype.Failed:
			t.reads, t.writes = true, t.writes || it.Wrote
		}
	}
}

// settled reports whether the part was written.
func (t *trial) settled() bool { return t.items[0].Outcome != nil }

// isOutage reports whether none of the parts got through, and two failed. A lead that was
// found to be at fault does not count.
func isOutage(tried []*trial) bool { return len(failedOf(tried)) > 1 }

// failedOf returns the parts that failed, none when another got through. A lead that was
// found to be at fault does not count.
func failedOf(tried []*trial) (failed []*trial) {
	for _, t := range tried {
		switch {
		case t.reads:
			return nil
		case t.failure != nil && !t.isAtFault():
			failed = append(failed, t)
		}
	}
	return failed
}

// looksLikeOutage reports whether nothing got through: two parts failed, or the only one
// did, and it is of leads that failed before or was to find out whether the outage is over.
func (b *Batch) looksLikeOutage(tried []*trial) bool {
	failed := failedOf(tried)
	return len(failed) > 1 || len(failed) == 1 && (b.probes() || failed[0].suspicious())
}

// suspicious reports whether the leads of the part are tried apart from others.
func (t *trial) suspicious() bool { return t.together > 0 && failedBefore(t.items[0].Last) }

// isAtFault reports whether the part is a lead alone that was found to be at fault.
func (t *trial) isAtFault() bool { return len(t.items) == 1 && isAtFault(t.items[0].Last) }

// judge decides whether the connection was at fault where parts failed, or the leads.
func (b *Batch) judge(tried []*trial) {
	b.outage = b.looksLikeOutage(tried)
	b.note(tried)
	for _, t := range tried {
		own := t.failure != nil && b.contrasts(t)
		switch {
		case t.broken != nil:
			b.err = t.broken
		case t.failure == nil:
		case t.settled():
			b.blame(t, own)
			if !own && !t.isAtFault() && (b.outage || verdict.OfConnection(t.failure)) {
				b.err = verdict.ForLead(t.failure, "")
			}
		case own || t.isAtFault() || t.together > 0 && !b.outage:
			for _, it := range t.items {
				write.Fail(it, t.failure, b.d.Now())
			}
			b.blame(t, own)
		default:
			b.err = t.failure
			if !b.probes() {
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
		if t.unread || it.Outcome == nil || it.Outcome.Err != nil && requestFailed(it.Outcome.Err) {
			failed = append(failed, it)
			if failedBefore(it.Last) {
				again++
			}
		}
	}
	for _, it := range failed {
		b.own[it] = own || t.isAtFault()
		switch {
		case len(t.items) == 1:
			b.suspect(t, own)
		case !failedBefore(it.Last):
		case own || it.Last.Together == 0 && it.Last.Suspect == nil:
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

// partSize returns how many leads of a batch go through the stages together.
func (b *Batch) partSize() int {
	if b.d.Jobs == nil || len(b.items) <= b.d.BatchSize {
		return len(b.items)
	}
	return b.d.Jobs.Together(b.held, len(b.items), b.d.BatchSize)
}
