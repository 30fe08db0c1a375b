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
	trial   bool          // it is to find out whether the budget allows more
	// together is with how many leads at most an item is tried at its next attempt, where
	// that changes; own has the items whose failure is not the connection's.
	together map[*match.Item]int
	own      map[*match.Item]bool
	attempts map[*match.Item]int
	later    map[*match.Item]bool // not tried, as others of the group are locked
	// through says that a part did not fail, read and wrote that a look-up and a write were
	// answered, and outage that nothing got through.
	through, read, wrote, outage bool

	held  context.Context // ends before the lease does
	letGo func()
}

// Claim takes up to d.limit() due leads under the lease. The batch is nil when there are
// none, or another process has the lease. Between two batches, others that wait for the
// lease get it.
func (d *Drainer) Claim(ctx context.Context) (*Batch, error) {
	err := d.enter(ctx)
	if err == nil && d.worked && d.wanted() {
		d.giveBack(ctx) // and queues up again
		err = d.enter(ctx)
	}
	switch {
	case errors.Is(err, store.ErrLeaseHeld):
		d.refused()
		return nil, nil
	case err != nil:
		return nil, err
	case d.heeds && d.handover.remaining(d.Now()) > 0:
		return nil, nil // another process has found out why to wait
	}
	if awaits, err := d.awaitsJob(ctx); awaits || err != nil {
		return nil, err
	}
	trial := d.handover.Probe
	if trial {
		if err := d.try(ctx); err != nil {
			return nil, err
		}
	}
	claimed, err := d.claimReadable(ctx, d.limit())
	if err == nil {
		claimed, err = d.claimMore(ctx, claimed)
	}
	if err == nil {
		claimed, err = d.freezeWaited(ctx, claimed)
	}
	if err != nil || len(claimed) == 0 {
		return nil, err
	}
	d.handover.Probe, d.worked = false, true
	b := &Batch{d: d, trial: trial, claimed: claimed, items: make([]*match.Item, len(claimed)),
		together: make(map[*match.Item]int), own: make(map[*match.Item]bool),
		attempts: make(map[*match.Item]int), later: make(map[*match.Item]bool)}
	for i, c := range claimed {
		b.items[i] = match.NewItem(c.Lead, c.Intents, c.Last)
		b.attempts[b.items[i]] = c.Attempts
	}
	b.held, b.letGo = d.hold(ctx)
	b.held = d.withJobs(b.held, d)
	return b, nil
}

// try finds out whether calls have come free, at most with the call by which a session is
// read. It returns the error of a spent budget when they have not.
func (d *Drainer) try(ctx context.Context) error {
	asked, err := d.Look(ctx)
	var failure *leadtype.Error
	switch {
	case errors.As(err, &failure):
		d.fail(failure)
		return failure
	case err != nil || !asked:
		return err
	}
	if spent := d.overBudget(); spent != nil {
		d.fail(spent)
		return spent
	}
	return nil
}

// overBudget returns the error of a trial that finds the budget spent, nil if it is not.
func (d *Drainer) overBudget() *leadtype.Error {
	d.handover.notice(d.Budget.usage(), d.Now())
	spent := d.Budget.spent(&d.handover, d.Now())
	if spent != nil {
		d.handover.Probe = true
	}
	return spent
}

// claimReadable claims due leads, and fails those that the Store cannot read, so that the
// others are synced. It returns none when none is due.
func (d *Drainer) claimReadable(ctx context.Context, limit int) ([]store.Claimed, error) {
	for {
		claimed, err := d.Store.Claim(ctx, d.lease, limit)
		if err != nil || len(claimed) == 0 {
			return nil, err
		}
		now := d.Now()
		readable, failed := divideUnreadable(claimed, now)
		if len(failed) == 0 {
			return readable, nil
		}
		var outcomes []*leadtype.Outcome
		for _, f := range failed {
			d.Logger.ErrorContext(ctx, "leadsync: a stored lead cannot be read", "error", f.Outcome.Err)
			outcomes = append(outcomes, f.Outcome)
		}
		if _, err := d.Store.Settle(ctx, d.lease, failed); err != nil {
			return nil, err
		}
		d.Record(ctx, outcomes, waited(claimed, outcomes, now))
		if len(readable) > 0 {
			return readable, nil
		}
	}
}

// Sync syncs the batch in parts; see trials. It stops at a failure that no lead can
// cause, when two parts fail as they do in an outage and none gets through, and when the
// first lead of a batch that was to find out whether syncs succeed again got through.
func (b *Batch) Sync(sync syncFunc) {
	returns := false
	defer func() {
		if !returns {
			b.letGo() // a hook ended the goroutine (runtime.Goexit), and Finish is not called
		}
	}()
	var tried []*trial
	for _, t := range b.trials() {
		if b.waits(t, tried) {
			for _, it := range t.items {
				b.later[it] = true
			}
			continue
		}
		t.run(b.held, sync, b.journal, b.d.Now)
		tried = append(tried, t)
		if t.broken != nil || b.probes() && t.failure == nil || isOutage(tried) {
			break
		}
	}
	b.judge(tried)
	b.shrink(tried)
	returns = true
}

// Finish records what became of the batch and gives back the leads that were not
// reached. The error is ErrLeaseLost, the store's, or a *Error of the connection.
func (b *Batch) Finish(ctx context.Context) error {
	defer b.letGo()
	var failure *leadtype.Error
	if errors.As(b.err, &failure) {
		b.d.fail(failure)
	}
	if err := b.record(ctx, failure); err != nil {
		return err
	}
	if h := &b.d.handover; b.wrote && !h.Canary.IsZero() && ctx.Err() == nil {
		h.Canary = time.Time{}
		b.d.hasten(ctx)
	}
	switch {
	case failure != nil:
		return failure
	case errors.Is(context.Cause(b.held), store.ErrLeaseLost):
		return store.ErrLeaseLost // or about to be: all was given back
	case b.held.Err() != nil:
		return nil // stopped
	case b.err == nil && b.through:
		b.d.resume(ctx)
	}
	return b.err
}

// record settles the leads in the store and sends their outcomes to the Sink.
func (b *Batch) record(ctx context.Context, failure *leadtype.Error) error {
	now := b.d.Now()
	settlements, outcomes := b.settlements(failure, now)
	inOrder(settlements)
	for from := 0; from < len(settlements); from += b.d.BatchSize {
		part := settlements[from:min(from+b.d.BatchSize, len(settlements))]
		if err := b.settle(ctx, b.claimed[from:from+len(part)], part, outcomes); err != nil {
			b.d.told(settlements[from+len(part):], func(leadtype.LeadID) bool { return false })
			return err
		}
	}
	return nil
}

// settlements returns what became of the leads claimed, and the outcomes of those that were
// reached.
func (b *Batch) settlements(failure *leadtype.Error, now time.Time) (settlements []store.Settlement,
	outcomes map[leadtype.LeadID]*leadtype.Outcome) {
	d := b.d
	settlements = make([]store.Settlement, len(b.claimed))
	outcomes = make(map[leadtype.LeadID]*leadtype.Outcome, len(b.items))
	r := retrying{at: now, pause: d.handover.Pause, random: d.random(), verifyAfter: d.VerifyAfter,
		canary: d.handover.Canary}
	for i, c := range b.claimed {
		out := b.items[i].Outcome
		if out == nil && b.later[b.items[i]] {
			settlements[i] = r.putOff(&c)
			continue
		}
		if out == nil {
			settlements[i] = giveBack(c, failure, now, d.handover.Pause)
			if noted, ok := b.together[b.items[i]]; ok && settlements[i].Outcome != nil {
				settlements[i].Outcome.Together = noted
			}
			continue
		}
		d.warnUnenriched(b.items[i])
		out.Together = b.togetherOf(b.items[i])
		free := r.retry(b.items[i], c.Attempts, b.own[b.items[i]])
		out.Suspect = suspectOf(b.items[i])
		if out.Stage != leadtype.Cleared && c.Last != nil {
			out.Ask = c.Last.Ask // it is still to be done
		}
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
			Outcome: out, Intents: b.items[i].Journal(), Free: free, Records: b.items[i].Records}
		outcomes[c.Lead.ID] = out
	}
	d.handover.Canary = r.canary
	return settlements, outcomes
}

// settle settles some of the leads.
func (b *Batch) settle(ctx context.Context, claimed []store.Claimed, settlements []store.Settlement,
	of map[leadtype.LeadID]*leadtype.Outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	d := b.d
	var outcomes []*leadtype.Outcome
	for i := range settlements {
		if out := of[settlements[i].LeadID]; out != nil {
			outcomes = append(outcomes, out)
		}
	}
	stale, err := d.Store.Settle(ctx, d.lease, settlements)
	d.told(settlements, func(id leadtype.LeadID) bool { return err == nil && !slices.Contains(stale, id) })
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		d.Logger.WarnContext(ctx, "leadsync: stale outcomes discarded (lease lost)", "leads", len(stale))
		outcomes = slices.DeleteFunc(outcomes, func(out *leadtype.Outcome) bool { return slices.Contains(stale, out.LeadID) })
	}
	d.Record(within(ctx, d.queue()), outcomes, waited(claimed, outcomes, d.Now()))
	return nil
}

// waited returns how long the lead of each outcome, one of those claimed, has waited.
func waited(claimed []store.Claimed, outcomes []*leadtype.Outcome, now time.Time) []time.Duration {
	since := make(map[leadtype.LeadID]time.Time, len(claimed))
	for _, c := range claimed {
		since[c.Lead.ID] = c.Since
	}
	all := make([]time.Duration, len(outcomes))
	for i, out := range outcomes {
		all[i] = max(0, now.Sub(since[out.LeadID]))
	}
	return all
}

// inOrder lets the last of the settlements that remember a record remember all that the batch
// wrote to it, in the order of the writes: its parts may have been taken in another order than
// that of the claims, and a lead may have been looked at twice.
func inOrder(settlements []store.Settlement) {
	last := make(map[salesforce.ID]int, len(settlements))
	of := make(map[salesforce.ID][]leadtype.RecordMemory) // those of several leads
	for i := range settlements {
		for _, record := range settlements[i].Records {
			if _, several := last[record.ID]; several {
				of[record.ID] = nil
			}
			last[record.ID] = i
		}
	}
	if len(of) == 0 {
		return
	}
	for i := range settlements {
		for _, record := range settlements[i].Records {
			if records, several := of[record.ID]; several {
				of[record.ID] = append(records, record)
			}
		}
	}
	for id, records := range of {
		if slices.IsSortedFunc(records, func(a, b leadtype.RecordMemory) int { return cmp.Compare(a.Order, b.Order) }) {
			continue
		}
		leadtype.InOrder(records)
		s := &settlements[last[id]]
		s.Records = append(slices.Clip(s.Records), records...)
	}
}

// told says of which records the Store was told with the settlements that are in it.
func (d *Drainer) told(settlements []store.Settlement, settled func(leadtype.LeadID) bool) {
	if d.Told == nil {
		return
	}
	var known, unknown []leadtype.RecordMemory
	for i := range settlements {
		if s := &settlements[i]; settled(s.LeadID) {
			known = append(known, s.Records...)
		} else {
			unknown = append(unknown, s.Records...)
		}
	}
	d.Told(known, true)
	d.Told(unknown, false)
}

// journal keeps intents in the Store. It ends a trial that finds the budget spent before
// anything is written. Once something was, all of it is: a refused value that may be left
// out, or what a second look is for, must not fail a lead for the budget.
func (b *Batch) journal(ctx context.Context, intents map[leadtype.LeadID][]leadtype.Intent) error {
	if b.trial {
		b.trial = false
		if spent := b.d.overBudget(); spent != nil {
			return spent
		}
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(intents)), b.d.BatchSize) {
		of := make(map[leadtype.LeadID][]leadtype.Intent, len(part))
		for _, lead := range part {
			of[lead] = intents[lead]
		}
		if err := b.d.Store.Journal(ctx, b.d.lease, of); err != nil {
			return err
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

// freezeWaited freezes, under Manual, the claimed leads that waited for enrichment until
// their time was over: what was to be pushed when it is enriched is to be pushed without,
// too. It returns the other leads.
func (d *Drainer) freezeWaited(ctx context.Context, claimed []store.Claimed) ([]store.Claimed, error) {
	if mode, _ := d.State.Current(); mode != leadtype.Manual {
		return claimed, nil
	}
	var settlements []store.Settlement
	for _, c := range claimed {
		if !c.Waited {
			continue
		}
		frozen := noted(&c, d.Now()) // without RetryAt
		settlements = append(settlements, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: frozen,
			Intents: c.Intents, Free: true})
	}
	if len(settlements) == 0 {
		return claimed, nil
	}
	if _, err := d.Store.Settle(ctx, d.lease, settlements); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(claimed, func(c store.Claimed) bool { return c.Waited }), nil
}

// warnUnenriched warns that a lead that was to be enriched was synced without.
func (d *Drainer) warnUnenriched(it *match.Item) {
	if d.WaitForEnrichment && it.Lead.EnrichedAt.IsZero() {
		it.Outcome.Warnings = append(it.Outcome.Warnings,
			leadtype.Warning{Kind: leadtype.Dropped, Field: "enrichedAt",
				Reason: "synced without enrichment, which did not come in time"})
	}
}

// claimMore claims, after a full batch, as many leads more as are written together.
func (d *Drainer) claimMore(ctx context.Context, claimed []store.Claimed) ([]store.Claimed, error) {
	if d.Jobs == nil || len(claimed) < d.BatchSize {
		return claimed, nil
	}
	counts, err := d.Store.Count(ctx, d.connection, store.Filter{States: []store.State{store.StateQueued}})
	if err != nil {
		return nil, err
	}
	queued := len(claimed)
	for _, group := range counts.Groups {
		queued += group.Leads
	}
	together := d.Jobs.Together(ctx, queued, d.BatchSize)
	if together <= len(claimed) {
		return claimed, nil
	}
	more, err := d.claimReadable(ctx, together-len(claimed))
	if err != nil {
		return nil, err
	}
	return append(claimed, more...), nil
}
