package leadsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/leadsync/leadsync/salesforce"
)

// Candidates returns the records among which a person may choose for a lead that
// failed with AMBIGUOUS_MATCH: those that the probe found, or that a duplicate
// rule named, without those that cannot be the person's or the account's. A
// page reads what it shows of them with salesforce.Client.Retrieve. It returns nil
// for any other outcome, and for nil.
func Candidates(o *Outcome) []Candidate {
	if o == nil || o.Err == nil || o.Err.Code != AmbiguousMatch {
		return nil
	}
	var found []Candidate
	for _, p := range o.Trace.Probes {
		if p.Object == o.Err.Object && slices.Contains(o.Err.Fields, p.Field) {
			found = append(found, p.Candidates...)
		}
	}
	var sf *salesforce.Error
	if errors.As(o.Err.Err, &sf) {
		for _, d := range sf.Duplicates {
			found = append(found, Candidate{Object: cmp.Or(d.Object, objectOfID(d.ID)), ID: d.ID.ID18()})
		}
	}
	return slices.DeleteFunc(found, func(c Candidate) bool {
		return c.Note == noteDeleted || c.Note == noteNoHit || c.Object != salesforce.ObjectAccount && !o.Trace.Tried(c.Object)
	})
}

// Choose decides which record a lead that failed with AMBIGUOUS_MATCH is, or
// which account it belongs to, and queues the lead. record, of 15 or 18
// characters, is one of Candidates of its last outcome. The choice outlives a
// re-capture of the lead.
//
// The error is a *Error: DATA_VALUE_VALIDATION when there is no such lead, when it
// does not wait for a choice or when record is not among the candidates,
// ROW_CONTENTION when the lead changed meanwhile, or one around the store's. Or
// it is the context's own.
func (s *Syncer) Choose(ctx context.Context, lead LeadID, record salesforce.ID) error {
	refuse := func(code Code, field, reason string) error {
		return &Error{Op: "choose", LeadID: lead, Code: code, Fields: []string{field}, Reason: reason}
	}
	entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, Filter{Leads: []LeadID{lead}})
	switch {
	case err != nil:
		return storeError(ctx, "choose", err)
	case len(entries) == 0:
		return refuse(DataValueValidation, "id", "no such lead was captured")
	case entries[0].Stage != Failed || entries[0].Last == nil || entries[0].Last.Code() != AmbiguousMatch:
		return refuse(DataValueValidation, "id", "the lead does not wait for a choice")
	}
	candidates := Candidates(entries[0].Last)
	chosen := slices.IndexFunc(candidates, func(c Candidate) bool { return c.ID.Equal(record) })
	if chosen < 0 {
		return refuse(DataValueValidation, "record", "is not among the candidates")
	}
	out := entries[0].Last.choose(candidates[chosen])
	out.At = s.cfg.Now()
	stale, err := s.cfg.Store.Resolve(ctx, s.cfg.Connection, []Resolution{{LeadID: lead, Generation: entries[0].Generation, Outcome: out}})
	switch {
	case err != nil:
		return storeError(ctx, "choose", err)
	case len(stale) > 0:
		return refuse(RowContention, "id", "the lead has changed meanwhile")
	}
	s.wake()
	return nil
}

// choose returns the outcome with a candidate as the known record, waiting.
func (o *Outcome) choose(c Candidate) *Outcome {
	out := *o
	out.Stage, out.Trace.Chosen = PreSync, c.ID
	if c.Object == salesforce.ObjectAccount {
		out.AccountID = c.ID
	} else {
		out.Object, out.ID = c.Object, c.ID
	}
	return &out
}

// maxRemark is how long a dismissal's words may be, in bytes.
const maxRemark = 1000

// Dismiss clears the failed leads that match the filter, without syncing them,
// and returns how many. Their outcome is cleared by the action Dismissed, and has
// a Warning of the failure's code with by, who decided it, and reason, why: both
// are needed, of at most 1,000 bytes each, and kept as they are, so they should
// hold no data of the lead. The Sink is told. What Salesforce holds stays. A
// dismissed lead that is captured with other data, or pushed, is synced.
//
// Dismiss goes through the leads in pages: when it fails, those counted are
// dismissed. The error is a *Error, around the store's unless a word is missing,
// or the context's own.
func (s *Syncer) Dismiss(ctx context.Context, filter Filter, by, reason string) (int, error) {
	for _, word := range []struct{ field, text string }{{"by", by}, {"reason", reason}} {
		if err := checkRemark(word.field, word.text); err != nil {
			return 0, err
		}
	}
	if filter.Stages != nil && !slices.Contains(filter.Stages, Failed) {
		return 0, nil
	}
	filter.Stages = []Stage{Failed}
	dismissed := 0
	err := s.pages(ctx, "dismiss", filter, func(entries []Entry) error {
		resolutions := make([]Resolution, len(entries))
		outcomes := make([]*Outcome, len(entries))
		for i, e := range entries {
			outcomes[i] = e.dismissed(by, reason)
			outcomes[i].At = s.cfg.Now()
			resolutions[i] = Resolution{LeadID: e.Lead.ID, Generation: e.Generation, Outcome: outcomes[i]}
		}
		stale, err := s.cfg.Store.Resolve(ctx, s.cfg.Connection, resolutions)
		if err != nil {
			return storeError(ctx, "dismiss", err)
		}
		outcomes = slices.DeleteFunc(outcomes, func(o *Outcome) bool { return slices.Contains(stale, o.LeadID) })
		dismissed += len(outcomes)
		s.record(ctx, outcomes)
		return nil
	})
	return dismissed, err
}

func checkRemark(field, text string) error {
	refuse := func(code Code, reason string) error {
		return &Error{Op: "dismiss", Code: code, Fields: []string{field}, Reason: reason}
	}
	switch {
	case strings.TrimSpace(text) == "":
		return refuse(RequiredFieldMissing, "a dismissal says who decided it, and why")
	case !utf8.ValidString(text):
		return refuse(DataValueValidation, "is not valid UTF-8")
	case len(text) > maxRemark:
		return refuse(DataValueValidation, fmt.Sprintf("has more than %d bytes", maxRemark))
	}
	return nil
}

// dismissed is the outcome of a failed lead that a person leaves as it is.
func (e *Entry) dismissed(by, reason string) *Outcome {
	out := Outcome{LeadID: e.Lead.ID, EventID: e.Lead.EventID, Stage: Failed}
	if e.Last != nil {
		out = *e.Last
	}
	warning := Warning{Code: out.Code(), Reason: fmt.Sprintf("dismissed by %s: %s", by, reason)}
	if out.Err != nil {
		warning.Object = out.Err.Object
	}
	out.Warnings = append(slices.Clone(out.Warnings), warning)
	out.Stage, out.Action, out.Err = Cleared, Dismissed, nil
	return &out
}

// pageSize is how many leads are read at a time where there may be any number.
const pageSize = 500

// pages goes through the leads that match the filter, a page at a time.
func (s *Syncer) pages(ctx context.Context, op string, filter Filter, each func([]Entry) error) error {
	left := filter.Limit
	for {
		filter.Limit = pageSize
		if left > 0 {
			filter.Limit = min(left, pageSize)
		}
		entries, err := s.cfg.Store.List(ctx, s.cfg.Connection, filter)
		if err != nil {
			return storeError(ctx, op, err)
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
