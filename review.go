// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/drain"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// By returns s for someone who decides: what its Push, Choose, Dismiss, Forget, Unsuppress, SetMode, Rebind and Revert
// change has a Step in the History with who as Step.By, the name by which the host knows them. All else is shared with
// s. The calls refuse, with DATA_VALUE_VALIDATION of the field by, more than 256 bytes, invalid UTF-8, blanks alone,
// and control characters. Nobody is named without By, or by an empty who. It may be personal data: it is kept in the
// history, in a choice's trace and in a dismissal's warning, and not logged. That of a Forget remains when the lead is
// gone, so it should not be the lead's own.
func (s *Syncer) By(who string) *Syncer {
	by := *s
	by.by = who
	return &by
}

// WithAdvisor returns s with another Config.Advisor, as for a page in another language. All else is shared with s.
func (s *Syncer) WithAdvisor(advisor *leadtype.Advisor) *Syncer {
	worded := *s
	worded.cfg.Advisor = advisor
	return &worded
}

// Push queues the leads that match the filter, due at once and with their attempts reset, and returns how many. It
// takes frozen, failed and cleared leads alike, also those that were dismissed, and those that wait for enrichment,
// which are synced without it: name States to release an event's frozen leads (store.StateFrozen), and Stages to
// retry what failed (Failed). Leads that are being synced are left alone. What is known of the org's schema is read
// again, also in another process for leads that failed for it, but once a minute at most. The Filter of a group or a
// cause of a Summary takes exactly the leads that were counted, except those that changed since.
//
// Of a lead that is done nothing is written again but what has changed, and what is owed to it (Filter.Warnings with
// leadtype.Owed): that is sent once more. Fields that were kept as they are, by leadtype.KeptExisting and the like, are
// written over where asks name them, as in leadtype.Ask{Over: []string{"Contact.Title"}}, each with its before-image.
//
// The error is a *Error around the store's, or the context's own; or it is DATA_VALUE_VALIDATION
// for a field of Ask.Over that neither a rule under mapping.UnlessEdited nor an answer fills.
func (s *Syncer) Push(ctx context.Context, filter Filter, asks ...leadtype.Ask) (int, error) {
	ask := leadtype.Ask{Owed: true}.Join(asks...)
	if err := cmp.Or(verdict.OfPerson("push", s.by), s.checkOver(ask.Over)); err != nil {
		return 0, err
	}
	tried, err := s.hasTried(ctx, filter)
	if err != nil {
		return 0, verdict.StoreError(ctx, "push", err)
	}
	n, err := s.cfg.Store.Push(ctx, s.cfg.Connection, filter, s.by, ask)
	if err != nil {
		return 0, verdict.StoreError(ctx, "push", err)
	}
	if tried {
		s.sessions.Expire() // the org may have been repaired
	}
	s.runner.State.Wake()
	return n, nil
}

// checkOver checks the names of fields that are to be written over.
func (s *Syncer) checkOver(names []string) error {
	for _, name := range names {
		object, field, _ := strings.Cut(name, ".")
		if !s.set.KeepsEdited(salesforce.Object(object), field) {
			return &Error{Op: "push", Code: DataValueValidation, Fields: []string{name},
				Reason: "no rule under unless-edited and no answer fills it: name fields as in Contact.Title"}
		}
	}
	return nil
}

// hasTried reports whether leads that match the filter have been synced, or failed.
func (s *Syncer) hasTried(ctx context.Context, filter Filter) (bool, error) {
	if filter.Stages == nil {
		filter.Stages = []Stage{Failed, Cleared}
	}
	filter.Stages = slices.DeleteFunc(slices.Clone(filter.Stages), func(stage Stage) bool { return stage == PreSync })
	filter.Limit = 1
	entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, filter)
	return len(entries) > 0, err
}

// Leads returns the captured leads that match the filter, in order of first capture, or the
// newest first with Filter.Newest. The error is a *Error around the store's, or the context's own.
func (s *Syncer) Leads(ctx context.Context, filter Filter) ([]Entry, error) {
	entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, filter)
	return entries, verdict.StoreError(ctx, "list", err)
}

// Search returns a page of Leads at a cost that does not grow with the leads. Where few match it ends early: the
// search continues with its Next as Filter.After. See [store.Searcher]. The error is that of Leads.
func (s *Syncer) Search(ctx context.Context, filter Filter) (store.Page, error) {
	page, err := store.Search(ctx, s.cfg.Store, s.cfg.Connection, filter)
	return page, verdict.StoreError(ctx, "list", err)
}

// Summary counts the captured leads that match the filter. After, Limit and Newest are ignored. The Store does
// the counting, at one moment: of each cause only one lead is loaded, and a few more where the fix names the
// options that a picklist lacks.
//
// The Filter of a group or a cause selects the leads that were counted, except those that have changed since:
// Push with it retries exactly those. The error is a *Error around the store's, or the context's own.
func (s *Syncer) Summary(ctx context.Context, filter Filter) (review.Summary, error) {
	summary, err := review.SummarizeStore(ctx, s.cfg.Store, s.cfg.Connection, filter, s.cfg.Advisor)
	return summary, verdict.StoreError(ctx, "summarize", err)
}

// Counts is Summary without Warnings, for which a Store may read each lead that a filter finds.
func (s *Syncer) Counts(ctx context.Context, filter Filter) (review.Summary, error) {
	summary, err := review.CountStore(ctx, s.cfg.Store, s.cfg.Connection, filter, s.cfg.Advisor)
	return summary, verdict.StoreError(ctx, "summarize", err)
}

// Events counts the captured leads that match the filter by event and stage, in order of the
// event's id. After and Limit are ignored. Summary with an event's Filter says more of one event.
// The error is a *Error around the store's, or the context's own.
func (s *Syncer) Events(ctx context.Context, filter Filter) ([]store.EventCount, error) {
	counts, err := s.cfg.Store.CountEvents(ctx, s.cfg.Connection, filter)
	return counts, verdict.StoreError(ctx, "count the events", err)
}

// ExportCSV writes the captured leads that match the filter as review.WriteEntriesCSV
// does, in the order of Leads, without ever holding more than a page of them. It reads them
// twice, first to learn the columns; leads captured after that are left out. opts may be nil.
//
// The error is the context's own, or a *Error around the store's or w's; with ROW_CONTENTION, a lead was given a field
// in between that has no column. What was written is then incomplete: export again.
func (s *Syncer) ExportCSV(ctx context.Context, w io.Writer, filter Filter, opts *review.CSVOptions) error {
	return review.Export(w, func(detail store.Detail, each func([]Entry) error) error {
		filter.Detail = detail
		return s.pages(ctx, "export", filter, func(entries []Entry) error {
			if filter.Newest && filter.After == 0 { // those captured before the second time would come first
				filter.After = entries[0].Sequence + 1
			}
			return each(entries)
		})
	}, opts.WithAdvisor(s.cfg.Advisor))
}

// ReadCSV reads a file that ExportCSV wrote and that people have corrected, and returns its leads
// with the corrections, to be captured again: capturing leads without corrections changes nothing.
// See [review.ReadCSV] for what is taken from the file, and for the errors. opts may be nil.
func (s *Syncer) ReadCSV(ctx context.Context, r io.Reader, opts *review.ReadOptions) ([]*Lead, error) {
	return review.ReadCSV(r, func(ids []LeadID) ([]Entry, error) {
		entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, Filter{Leads: ids})
		return entries, verdict.StoreError(ctx, "read csv", err)
	}, opts)
}

// History returns what changed a captured lead, when and by whom, the oldest step first. A lead that the Store does
// not have has none. That of an empty id is what people decided of the connection: its modes, its orgs, and that leads
// were forgotten or may be captured again. Outcomes lack Salesforce's own messages and before-images; Leads returns
// the last one whole. The error is a *Error around the store's, or the context's own.
func (s *Syncer) History(ctx context.Context, lead LeadID) ([]store.Step, error) {
	steps, err := s.cfg.Store.History(ctx, s.cfg.Connection, lead)
	return steps, verdict.StoreError(ctx, "read the history", err)
}

// PruneHistory removes the steps of the captured leads that are older than before, except the last of each lead, and
// returns how many. The leads stay as they are, with their last outcomes and the records that they have in Salesforce.
// It also removes the before-images for which Config.KeepBefore is over. Call it from time to time, so that the Store
// does not grow with every attempt: a database file reuses the space, but does not shrink. The error is a *Error
// around the store's, or the context's own: some steps may be removed then.
func (s *Syncer) PruneHistory(ctx context.Context, before time.Time) (int, error) {
	pruned, err := s.cfg.Store.Prune(ctx, s.cfg.Connection, before)
	for expired := pageSize; err == nil && expired == pageSize; {
		expired, err = s.cfg.Store.Expire(ctx, s.cfg.Connection, s.cfg.Now().Add(-s.cfg.KeepBefore), pageSize)
	}
	return pruned, verdict.StoreError(ctx, "prune the history", err)
}

// Forget removes a lead from the Store with everything that is kept of it: its data, its outcomes and its history. No
// count includes it afterwards, and captured again it is a new lead, unless store.Suppress is among the options: then
// later captures of its id, or of its e-mail address under any id, are refused, until Unsuppress. Two keyed hashes are
// kept for that; see store.Suppressor.
//
// The lead's records in Salesforce are left alone. Where another lead shares one, the before-images of that lead hold
// what was in the record, so the values of the record are removed from them, and Salesforce's messages about it:
// Revert lists those fields instead of restoring them. A later sync of the other lead may find what is still in the
// record, and has it in its before-image again. The forgotten lead's id remains in the trace of a lead that was folded
// into its record, so an id should not itself be personal data. Forgetting a lead twice is no error.
//
// Forget waits for a lead that is being synced, and for one that shares its record: until its batch ends, and at most
// until the lease of a process that died runs out. When the context ends first, nothing is removed, and the error is a
// *Error under which errors.Is finds store.ErrInFlight and the context's. Any other error is a *Error around the
// store's, or the context's own: the lead may or may not be gone, so forget it again.
func (s *Syncer) Forget(ctx context.Context, lead LeadID, options ...store.ForgetOption) error {
	if err := verdict.OfPerson("forget", s.by); err != nil {
		return err
	}
	for {
		err := s.cfg.Store.Forget(ctx, s.cfg.Connection, lead, s.by, options...)
		if !errors.Is(err, store.ErrInFlight) {
			s.pipeline.known.Forget(lead)
			s.pipeline.writer.Forget(lead)
			return verdict.StoreError(ctx, "forget", err)
		}
		select {
		case <-ctx.Done():
			return &Error{Op: "forget", LeadID: lead, Code: RowContention, Reason: "call Forget again when the lead is settled",
				Err: errors.Join(store.ErrInFlight, ctx.Err())}
		case <-time.After(s.cfg.Poll):
		}
	}
}

// Unsuppress lets leads be captured again that were forgotten with store.Suppress: those with this id, and those with
// this e-mail address. Either may be empty. Both hashes of such a lead are removed; another lead with the same address
// stays suppressed. It returns how many leads it found. The error is a *Error around the store's, or the context's own.
func (s *Syncer) Unsuppress(ctx context.Context, lead LeadID, email string) (int, error) {
	if err := verdict.OfPerson("unsuppress", s.by); err != nil {
		return 0, err
	}
	n, err := s.cfg.Store.Unsuppress(ctx, s.cfg.Connection, lead, email, s.by)
	return n, verdict.StoreError(ctx, "unsuppress", err)
}

// Choose decides which record a lead is, or which account it belongs to, and queues the lead. It has to be one for
// which leadtype.AwaitsChoice: several records match, one has another person's name, the org reports a duplicate, or a
// converted Lead is held. record, of 15 or 18 characters, is one of leadtype.Candidates of its last outcome, or
// leadtype.NewRecord where the lead is none of them: then a record is created, or an account, although others have its
// address or a duplicate rule alerts. A rule that blocks does so still: the lead fails with DUPLICATE_RECORD, and a
// Reason that says so.
//
// The choice is kept by later syncs, restarts and captures, until the lead's e-mail address, name or company changes.
// Where the record chosen was merged, its survivor counts; where it was converted, Config.Converted does; where it is
// gone, the lead is matched as if nobody had chosen, with a warning of kind leadtype.Chosen.
//
// The error is a *Error: DATA_VALUE_VALIDATION when there is no such lead, when it does not wait for a choice or when
// record is not among the candidates, ROW_CONTENTION when the lead changed in the meantime, as when two people choose
// at once, or one around the store's; or it is the context's own.
func (s *Syncer) Choose(ctx context.Context, lead LeadID, record salesforce.ID) error {
	if err := verdict.OfPerson("choose", s.by); err != nil {
		return err
	}
	entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, Filter{Leads: []LeadID{lead}})
	if err != nil {
		return verdict.StoreError(ctx, "choose", err)
	}
	if len(entries) == 0 {
		return &Error{Op: "choose", LeadID: lead, Code: DataValueValidation, Fields: []string{"id"},
			Reason: "no such lead was captured"}
	}
	out, refused := write.Choose(&entries[0], record, s.by)
	if refused != nil {
		return refused
	}
	return s.resolve(ctx, entries[0], out)
}

// resolve enters what a person chose for a lead, and wakes Run.
func (s *Syncer) resolve(ctx context.Context, e Entry, out *Outcome) error {
	out.At = s.cfg.Now()
	resolution := store.Resolution{LeadID: e.Lead.ID, Generation: e.Generation, Outcome: out, By: s.by}
	stale, err := s.cfg.Store.Resolve(ctx, s.cfg.Connection, []store.Resolution{resolution})
	switch {
	case err != nil:
		return verdict.StoreError(ctx, "choose", err)
	case len(stale) > 0:
		return &Error{Op: "choose", LeadID: e.Lead.ID, Code: RowContention, Fields: []string{"id"},
			Reason: "the lead has changed in the meantime"}
	}
	s.runner.State.Wake()
	return nil
}

// Dismiss clears the failed leads that match the filter, without syncing them, and returns how many. Their outcomes
// get the action Dismissed and a Warning with the failure's code, with who decided it and with reason (why, at most
// 1,000 bytes). Both are required, so call it as in s.By("ada@host.example").Dismiss(ctx, filter, "left the
// company"); they are kept as they are and should hold no data of the lead. The outcomes are sent to the Sink. The
// lead's records in Salesforce stay. A dismissed lead that is captured with other data, or pushed, is synced.
//
// Dismiss takes the leads in pages: when it fails, the leads counted so far are dismissed. The
// error is a *Error, around the store's unless an argument is refused, or the context's own.
func (s *Syncer) Dismiss(ctx context.Context, filter Filter, reason string) (int, error) {
	if err := cmp.Or(verdict.OfRemark("dismiss", "by", s.by), verdict.OfPerson("dismiss", s.by),
		verdict.OfRemark("dismiss", "reason", reason)); err != nil {
		return 0, err
	}
	if filter.Stages != nil && !slices.Contains(filter.Stages, Failed) {
		return 0, nil
	}
	filter.Stages = []Stage{Failed}
	dismissed := 0
	err := s.pages(ctx, "dismiss", filter, func(entries []Entry) error {
		resolutions := make([]store.Resolution, len(entries))
		outcomes := make([]*Outcome, len(entries))
		for i, e := range entries {
			outcomes[i] = write.DismissedOutcome(e.Lead, e.Last, s.by, reason)
			outcomes[i].At = s.cfg.Now()
			resolutions[i] = store.Resolution{LeadID: e.Lead.ID, Generation: e.Generation, Outcome: outcomes[i],
				By: s.by}
		}
		stale, err := s.cfg.Store.Resolve(ctx, s.cfg.Connection, resolutions)
		if err != nil {
			return verdict.StoreError(ctx, "dismiss", err)
		}
		outcomes = slices.DeleteFunc(outcomes, func(o *Outcome) bool { return slices.Contains(stale, o.LeadID) })
		dismissed += len(outcomes)
		s.recorder.RecordFrom(ctx, drain.FromPerson, outcomes)
		return nil
	})
	return dismissed, err
}

// pageSize is how many leads are read at a time when there may be any number.
const pageSize = 500

// pages calls each with the leads that match the filter, a page at a time.
func (s *Syncer) pages(ctx context.Context, op string, filter Filter, each func([]Entry) error) error {
	left := filter.Limit
	for {
		filter.Limit = pageSize
		if left > 0 {
			filter.Limit = min(left, pageSize)
		}
		entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, filter)
		if err != nil {
			return verdict.StoreError(ctx, op, err)
		}
		if len(entries) == 0 {
			return nil
		}
		if err := each(entries); err != nil {
			return err
		}
		filter.After = entries[len(entries)-1].Sequence
		if left -= len(entries); left == 0 || len(entries) < filter.Limit {
			return nil
		}
	}
}

// A Filter selects captured leads, and the zero Filter all of them. It has a JSON form, so
// that a page can send a filter back. See [store.Filter].
type Filter = store.Filter

// An Entry is a captured lead with its stage, its last outcome and its place in the
// queue. See [store.Entry].
type Entry = store.Entry
