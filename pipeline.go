// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/leadsync/leadsync/internal/drain"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/internal/turn"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
)

// A pipeline takes batches of leads through five stages, each with the result of the one
// before it:
//
//	claim   captured leads that are due are taken from the Store, under a lease
//	match   the records that the leads belong to are looked up
//	plan    what to write is decided, without any I/O
//	write   creates are journalled, then everything is sent
//	settle  each lead gets its outcome
//
// Run and Drain repeat turn: all five, and then the outcomes are recorded in the Store.
// Sync is given its leads, and begins with match. Plan ends after the third stage, and
// Apply begins with the fourth.
//
// Batches of one org whose people or companies may be the same take turns from match to
// settle, whichever Syncer of the process they belong to.
type pipeline struct {
	client   Client
	sessions *org.Sessions
	matcher  *match.Matcher
	planner  *plan.Planner
	writer   *write.Writer
	known    write.Known // the records of the leads that Sync took last
	trace    *Trace      // with every hook set
	now      func() time.Time

	warned atomic.Bool // of a lead that cannot be identified again
}

// turn takes one batch of captured leads through all stages. It returns false when there
// is none to claim.
func (p *pipeline) turn(ctx context.Context, drainer *drain.Drainer) (claimed bool, err error) {
	batch, err := drainer.Claim(ctx)
	if batch == nil {
		return false, err
	}
	batch.Sync(p.sync) // match to settle; in parts after a failure
	return true, batch.Finish(ctx)
}

// sync takes items from match to settle, and those that need it once more. They have
// different ids, and their leads are fit to be synced. A nil journal keeps nothing.
//
// The error says that no lead is to blame: it is the context's, the journal's, or a
// *Error whose code says what the connection lacks. Either nothing was written, and no
// item is settled, or all are.
func (p *pipeline) sync(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
	start := p.now()
	ctx = p.trace.BatchStart(ctx, len(items))
	err := p.identified(ctx)
	if err == nil {
		keys := append(p.matcher.TurnKeys(items), p.known.TurnKeys(items)...)
		err = p.inTurn(ctx, keys, func() error { return p.looks(ctx, items, journal) })
	}
	p.trace.BatchDone(ctx, write.OutcomesOf(items), p.now().Sub(start), err)
	return err
}

// looks takes items from match to settle, and some once more.
func (p *pipeline) looks(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
	stored := journal != nil // the Store knows them
	if !stored {
		p.known.Recall(items)
	}
	err := p.look(ctx, items, journal)
	if err == nil && ctx.Err() == nil {
		err = p.secondLook(ctx, items, journal)
	} else {
		write.Postpone(items)
	}
	if !stored {
		outcomes := write.OutcomesOf(items)
		p.known.Note(outcomes)
		p.warnUnidentified(outcomes)
	}
	return err
}

// warnUnidentified warns once of a lead that no Store keeps and that nothing in the org
// identifies.
func (p *pipeline) warnUnidentified(outcomes []*Outcome) {
	i := slices.IndexFunc(outcomes, write.Unidentified)
	if i >= 0 && !p.warned.Swap(true) {
		outcomes[i].Warnings = append(outcomes[i].Warnings, write.NotIdentifiable(outcomes[i].Object))
	}
}

// identified reads the session of the org where there is none: it has the org's id.
func (p *pipeline) identified(ctx context.Context) error {
	if p.sessions.Current() != nil {
		return nil
	}
	_, err := p.sessions.Session(ctx)
	return err
}

// inTurn calls do while no other work of the process on the org has one of the keys. The
// error may be the context's.
func (p *pipeline) inTurn(ctx context.Context, keys []string, do func() error) error {
	return turn.Do(ctx, p.sessions.Scope(ctx), keys, do)
}

// look takes items from match to settle. When Salesforce refuses a lookup for what it
// asks, they are split until the lead at fault is alone.
func (p *pipeline) look(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
	return drain.SplitRefused(items, p.now, func(part []*match.Item) error {
		planned, err := p.plan(ctx, part)
		if err == nil {
			_, err = p.write(ctx, planned, part, journal)
		}
		return err
	})
}

// stage does one stage, between the hooks of the trace.
func (p *pipeline) stage(ctx context.Context, stage leadtype.PipelineStage, do func(ctx context.Context) error) error {
	start := p.now()
	ctx = p.trace.StageStart(ctx, stage)
	err := do(ctx)
	p.trace.StageDone(ctx, stage, p.now().Sub(start), err)
	return err
}

// plan takes items through match and plan. When leads fail for what is known of the org,
// and the org has changed since, it does so once more: nothing has been written yet.
func (p *pipeline) plan(ctx context.Context, items []*match.Item) (*leadtype.Plan, error) {
	for again := false; ; again = true {
		var found *match.Result
		err := p.stage(ctx, leadtype.MatchStage, func(ctx context.Context) (err error) {
			found, err = p.matcher.Match(ctx, items)
			return err
		})
		if err != nil {
			return nil, err
		}
		var planned *Plan
		_ = p.stage(ctx, leadtype.PlanStage, func(context.Context) error {
			planned = p.planner.Plan(found)
			return nil
		})
		if again || !plan.FailsOfSchema(planned) {
			return planned, nil
		}
		if fresh, err := p.sessions.Renewed(ctx, found.Session); err != nil || fresh == nil {
			return planned, nil //nolint:nilerr // what is known has to do
		}
	}
}

// write takes items from write to settle. written says that something may have been sent.
func (p *pipeline) write(ctx context.Context, planned *Plan, items []*match.Item,
	journal write.JournalFunc) (written bool, err error) {
	var sent *write.Execution
	err = p.stage(ctx, leadtype.WriteStage, func(ctx context.Context) (err error) {
		sent, err = p.writer.Write(ctx, planned, items, journal)
		return err
	})
	if err != nil {
		return false, err
	}
	return true, p.stage(ctx, leadtype.SettleStage, func(context.Context) error { return sent.Settle() })
}

// secondLook is the only step back from a write. It takes those leads from match to settle once more
// whose refusals showed what their plan did not know, such as a record that exists
// already, an owner who may not be one, or a record that has changed. There is no third, but for
// leads of which nothing was written because another of them failed.
func (p *pipeline) secondLook(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
	var first, second []*match.Item
	for _, it := range items {
		if it.Again {
			first, second = append(first, it), append(second, it.Next())
		}
	}
	if len(second) == 0 {
		return nil
	}
	err := p.look(ctx, second, journal)
	if orphans := write.Orphans(second); err == nil && len(orphans) < len(second) {
		err = p.secondLook(ctx, orphans, journal)
	}
	for i, it := range second {
		if it.Outcome == nil {
			write.Postpone(first) // there was no second look
			break
		}
		write.Follow(first[i], it)
	}
	return err
}

// apply takes a plan that a host has kept from a new look at its records to settle. The
// items are nil when nothing was sent.
func (p *pipeline) apply(ctx context.Context, kept *Plan) ([]*match.Item, error) {
	var fresh *Plan
	err := p.stage(ctx, leadtype.MatchStage, func(ctx context.Context) (err error) {
		fresh, err = write.Recheck(ctx, p.client, kept)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]*match.Item, len(fresh.Leads))
	for i := range items {
		items[i] = new(match.Item)
	}
	written, err := p.write(ctx, fresh, items, nil)
	if !written {
		return nil, err
	}
	outcomes := write.OutcomesOf(items)
	p.known.Note(outcomes)
	p.warnUnidentified(outcomes)
	return items, err
}
