// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"context"
	"errors"

	"github.com/leadsync/leadsync/internal/drain"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/write"
)

// A lead takes one way, in five stages, each a function of the one before it:
//
//	claim   due leads leave the Store's queue under the connection's lease
//	match   the records that they belong to are looked up
//	plan    what to write is decided, without any I/O
//	write   the creates are journalled, then everything is sent
//	settle  what became of each lead is recorded in the Store and sent to the Sink
//
// Sync takes the same way with the leads that it is given: it claims nothing, and
// settles without the Store. Plan ends after the third stage; Apply begins before
// the fourth.

// turn takes one batch of captured leads all the way, and returns false when there
// is none to claim. Run and Drain repeat it.
func (s *Syncer) turn(ctx context.Context, d *drain.Drainer) (claimed bool, err error) {
	batch, err := d.Claim(ctx)
	if batch == nil {
		return false, err
	}
	batch.Sync(s.syncBatch)
	return true, batch.Settle(ctx)
}

// syncBatch takes items from match to settle. They have different ids, and their
// leads are fit to be synced.
//
// The error says that no lead is to blame: it is the context's, the journal's,
// or a *Error whose code says what the connection lacks. Either nothing was
// written, and no item is settled, or all are.
func (s *Syncer) syncBatch(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
	start := s.cfg.Now()
	ctx = s.cfg.Trace.BatchStart(ctx, len(items))
	err := s.look(ctx, items, journal)
	if err == nil && ctx.Err() == nil {
		err = s.secondLook(ctx, items, journal)
	} else {
		write.Postpone(items)
	}
	s.cfg.Trace.BatchDone(ctx, write.OutcomesOf(items), s.cfg.Now().Sub(start), err)
	return err
}

// look takes items through the stages. A lookup that Salesforce refuses is split
// until the lead at fault is alone.
func (s *Syncer) look(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
	return drain.SplitRefused(items, s.cfg.Now, func(part []*match.Item) error {
		return s.pass(ctx, part, journal)
	})
}

// secondLook takes the leads through the stages once more whose first look showed
// what their plan did not know: a record that a refusal names, an owner or a key
// that is taken, a record that has changed. It is the only step back.
func (s *Syncer) secondLook(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
	var first, second []*match.Item
	for _, it := range items {
		if it.Again {
			first, second = append(first, it), append(second, it.Next())
		}
	}
	if len(second) == 0 {
		return nil
	}
	err := s.look(ctx, second, journal)
	for i, it := range second {
		if it.Outcome == nil {
			write.Postpone(first) // there was no second look
			break
		}
		write.Follow(first[i], it)
	}
	return err
}

// pass takes items from match to settle.
func (s *Syncer) pass(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
	found, err := s.match(ctx, items)
	if err != nil {
		return err
	}
	plan := s.planner.Plan(found)
	written, err := s.writer.Write(ctx, plan, items, journal)
	if err != nil {
		return err
	}
	written.Settle()
	return written.Failure()
}

// match looks up the records of items. When a field is gone since the session
// described the org, it describes the org again and repeats the lookup.
func (s *Syncer) match(ctx context.Context, items []*match.Item) (*match.Result, error) {
	known, err := s.sessions.Session(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.matcher.Match(ctx, known, items)
	if !errors.Is(err, MissingRemoteField) {
		return found, err
	}
	if known, err = s.sessions.Refresh(ctx); err != nil {
		return nil, err
	}
	return s.matcher.Match(ctx, known, items)
}
