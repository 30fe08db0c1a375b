// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A lead that fails alone may be at fault, or the connection may be. What tells them apart
// is whether others get through before and after. Where nothing else is left to get
// through, only time does: leadtype.Suspect keeps both. A lead fails when enough attempts
// point to it, or when it has been seen to fail for longer than outages last in which
// look-ups are answered.

const (
	// mostSeen is how long a lead fails alone, though look-ups are answered, until it
	// is taken to be at fault.
	mostSeen = 72 * time.Hour
	// longestGap is what the time between two attempts counts at most: the process may have
	// been stopped, or the clock set.
	longestGap = 24 * time.Hour
	// leastCanary and mostCanary bound the wait of the suspect that shows whether an outage
	// is over.
	leastCanary, mostCanary = 5 * time.Minute, time.Hour
)

// onlyThisFails is the reason of the error of a lead at fault.
const onlyThisFails = "requests with this lead fail while those with others succeed"

// failsForDays is the reason of the error of a lead that failed alone for mostSeen.
const failsForDays = "requests with this lead alone have failed for days, though look-ups are answered"

// isAtFault reports whether others got through while the requests with a lead failed.
func isAtFault(last *leadtype.Outcome) bool {
	return last != nil && last.Stage == leadtype.PreSync && last.Suspect != nil && last.Suspect.Own > 0
}

// note takes in what got through.
func (b *Batch) note(tried []*trial) {
	h := &b.d.handover
	for _, t := range tried {
		b.through = b.through || t.failure == nil && t.broken == nil
		if t.reads {
			b.read, h.Read = true, t.at
		}
		if t.writes {
			b.wrote, h.Wrote = true, t.at
		}
	}
}

// contrasts reports whether others got through meanwhile: what failed, a look-up or a
// write, in this batch or since a lead was tried alone last.
func (b *Batch) contrasts(t *trial) bool {
	got, at := b.read, b.d.handover.Read
	if !t.unread {
		got, at = b.wrote, b.d.handover.Wrote
	}
	last := t.items[0].Last
	if len(t.items) > 1 || last == nil || last.Suspect == nil {
		return got
	}
	// A time to come is of a clock that was set back.
	return got || at.After(last.Suspect.At) && !at.After(t.at)
}

// suspect notes that a lead failed alone. own says that others got through meanwhile.
func (b *Batch) suspect(t *trial, own bool) {
	it := t.items[0]
	if it.Outcome == nil || !own && !failedBefore(it.Last) {
		return
	}
	now := leadtype.Suspect{Tries: 1, At: t.at}
	if last := it.Last; last != nil && last.Stage == leadtype.PreSync && last.Suspect != nil {
		now = *last.Suspect
		now.Tries++
		if gap := t.at.Sub(now.At); gap > 0 && (!t.unread || now.Own > 0) {
			now.For += min(gap, longestGap)
		}
		now.At = t.at
	}
	if own || now.Own >= verdict.Proof && !b.outage && !b.probes() {
		now.Own++
	}
	it.Outcome.Suspect = &now
	if now.Own > 0 {
		b.together[it] = 1
		it.Outcome.Err.Reason = onlyThisFails
	}
}

// suspectOf returns the suspicion of an item that is settled.
func suspectOf(it *match.Item) *leadtype.Suspect {
	if it.Outcome.Suspect == nil && it.Outcome.Stage == leadtype.PreSync && it.Last != nil &&
		it.Last.Stage == leadtype.PreSync {
		return it.Last.Suspect // it waits, as for a create without a response
	}
	return it.Outcome.Suspect
}

// doubt lets a suspect wait, or fail. While no other waits for less, one of those that may
// be innocent shows soon whether an outage is over, and the others wait for it: see hasten.
func (r *retrying) doubt(out *leadtype.Outcome) {
	s := out.Suspect
	tries := s.Tries
	if s.Own >= verdict.Proof {
		tries = s.Own
	}
	wait, again := verdict.RetryOfSuspect(s.Own).After(tries, r.random)
	if due := r.canary.Sub(r.at); s.Own == 0 && (due <= 0 || due > mostCanary) {
		wait = min(max(s.For/8, leastCanary), mostCanary)
		r.canary = r.at.Add(wait)
	}
	if s.For >= mostSeen && s.Own == 0 {
		out.Err.Reason = failsForDays
	}
	if !again || s.For >= mostSeen {
		out.Stage, out.RetryAt = leadtype.Failed, time.Time{}
		return
	}
	out.Stage, out.RetryAt = leadtype.PreSync, r.at.Add(wait)
}

// hasten makes the suspects due that may be innocent: an outage is over, for which they
// wait. Those that cannot be hastened are due later.
func (d *Drainer) hasten(ctx context.Context) {
	filter := store.Filter{States: []store.State{store.StateQueued},
		Codes: []leadtype.Code{leadtype.RemoteUnavailable, leadtype.UncertainWrite, leadtype.Unknown}, Limit: hastenedAtOnce}
	for {
		entries, err := d.Store.List(ctx, d.Connection, filter)
		var waiting []leadtype.LeadID
		for _, e := range entries {
			filter.After = e.Sequence
			if e.Last != nil && e.Last.Suspect != nil && e.Last.Suspect.Own == 0 {
				waiting = append(waiting, e.Lead.ID)
			}
		}
		if err == nil && len(waiting) > 0 {
			_, err = d.Store.Push(ctx, d.Connection, store.Filter{Leads: waiting, States: filter.States}, "")
		}
		if err != nil {
			d.Logger.WarnContext(ctx, "leadsync: leads that waited for the end of an outage wait on", "error", err)
		}
		if err != nil || len(entries) < hastenedAtOnce {
			return
		}
	}
}

// hastenedAtOnce is how many leads hasten reads at a time.
const hastenedAtOnce = 1000
