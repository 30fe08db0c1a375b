// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"context"
	"time"

	"github.com/leadsync/leadsync/internal/drain"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/internal/write"
)

// A pipeline takes batches of leads through five stages, each with the result of the one
// before it:
//
//	claim   captured leads that are due are taken from the Store, under a lease
//	match   the records that the leads belong to are looked up
//	plan    what to write is decided, without any I/O
//	write   creates are journalled, everything is sent, and each lead gets its outcome
//	settle  the outcomes are recorded in the Store and sent to the Sink
//
// Run and Drain repeat turn, which is all five. Sync is given its leads and has no Store
// to settle them in: it calls sync. Plan ends after the third stage, and Apply begins
// before the fourth.
type pipeline struct {
	matcher *match.Matcher
	planner *plan.Planner
	writer  *write.Writer
	trace   *Trace // with every hook set
	now     func() time.Time
}

// turn takes one batch of captured leads through all stages. It returns false when there
// is none to claim.
func (p *pipeline) turn(ctx context.Context, drainer *drain.Drainer) (claimed bool, err error) {
	batch, err := drainer.Claim(ctx)
	if batch == nil {
		return false, err
	}
	batch.Sync(p.sync) // match, plan, write
	return true, batch.Settle(ctx)
}

// sync takes items from match to write, and returns what became of them: result i is item
// i's. The items have different ids, and their leads are fit to be synced. A nil journal
// keeps nothing.
//
// The error says that no lead is to blame: it is the context's, the journal's, or a
// *Error whose code says what the connection lacks. Without results nothing was written;
// with them, they hold what was.
func (p *pipeline) sync(ctx context.Context, items []*match.Item, journal write.JournalFunc) ([]write.Result, error) {
	start := p.now()
	ctx = p.trace.BatchStart(ctx, len(items))
	results, err := p.look(ctx, items, journal)
	if err == nil && ctx.Err() == nil {
		results, err = p.secondLook(ctx, items, results, journal)
	} else {
		write.Postpone(results)
	}
	p.trace.BatchDone(ctx, write.OutcomesOf(results), p.now().Sub(start), err)
	return results, err
}

// look is match, plan and write. When Salesforce refuses a lookup for what it asks, the
// items are split until the lead at fault is alone.
func (p *pipeline) look(ctx context.Context, items []*match.Item, journal write.JournalFunc) ([]write.Result, error) {
	return drain.SplitRefused(items, p.now, func(part []*match.Item) ([]write.Result, error) {
		found, err := p.matcher.Match(ctx, part)
		if err != nil {
			return nil, err
		}
		planned := p.planner.Plan(found)
		return p.writer.Write(ctx, planned, part, journal)
	})
}

// secondLook is the only step back: it looks once more at the leads whose write showed
// what their plan did not know, such as a record that a refusal names, an owner or a key
// that is taken, or a record that has changed. There is no third look.
func (p *pipeline) secondLook(ctx context.Context, items []*match.Item, first []write.Result,
	journal write.JournalFunc) ([]write.Result, error) {
	var again []*match.Item
	var indexes []int // of again, in items
	for i, result := range first {
		if result.Again {
			again = append(again, &match.Item{Lead: items[i].Lead, Intents: result.Intents, Last: result.Outcome})
			indexes = append(indexes, i)
		}
	}
	if len(again) == 0 {
		return first, nil
	}
	second, err := p.look(ctx, again, journal)
	if len(second) == 0 {
		write.Postpone(first)
	}
	for k, result := range second {
		i := indexes[k]
		first[i] = write.FollowResult(first[i], result)
	}
	return first, err
}
