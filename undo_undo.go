package leadsync

import (
	"context"
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// An undoer reverts what outcomes say was done to an org.
type undoer struct {
	client   undoClient
	sessions *sessions
	set      *mappingSet
	writer   *writer // makes the writes that restore fields
	now      func() time.Time
}

// An undoClient reads and writes records, as a Client does.
type undoClient interface {
	Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error)
	Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error)
}

// revert reverts outcomes, in any order. The error is the context's own, or a *Error,
// when the connection stopped the work: without a report nothing was written.
func (u *undoer) revert(ctx context.Context, outcomes []*Outcome, opts RevertOptions) (*RevertReport, error) {
	r := &reverting{undoer: u, opts: opts, report: &RevertReport{At: u.now()}, byID: make(map[salesforce.ID]*touched)}
	r.gather(outcomes)
	if len(r.records) == 0 {
		return r.report, nil
	}
	if err := r.look(ctx); err != nil {
		return nil, err
	}
	r.decide()
	return r.report, r.carryOut(ctx)
}

// A reverting is a revert in progress.
type reverting struct {
	*undoer
	opts    RevertOptions
	session *session
	records []*touched // in the order in which they were first written
	byID    map[salesforce.ID]*touched
	report  *RevertReport
	stopped error // what the connection turned out to lack, or the context's
}

// gather collects what outcomes did, by record.
func (r *reverting) gather(outcomes []*Outcome) {
	outcomes = slices.DeleteFunc(slices.Clone(outcomes), func(o *Outcome) bool { return o == nil })
	slices.SortStableFunc(outcomes, func(a, b *Outcome) int { return a.At.Compare(b.At) })
	for _, out := range outcomes {
		for i := range out.Parts {
			r.add(out, &out.Parts[i])
		}
	}
}

// add notes what a part of an outcome did to its record.
func (r *reverting) add(out *Outcome, part *Part) {
	if part.ID == "" {
		if part.Err != nil && part.Err.Code == UncertainWrite {
			r.leave(reversalOf(out, part), UncertainWrite, "the response to a create was lost: sync the lead first, "+
				"which looks for the record")
		}
		return
	}
	t := r.byID[part.ID.ID18()]
	if t == nil {
		if t = r.begin(out, part); t == nil {
			return
		}
	}
	t.created = t.created || part.Action == Created
	t.last = out.At
	if !slices.Contains(t.Leads, out.LeadID) {
		t.Leads = append(t.Leads, out.LeadID)
	}
	t.changes = append(t.changes, part.Changes...)
}

// begin adds the record of a part, or returns nil where there is nothing to revert.
func (r *reverting) begin(out *Outcome, part *Part) *touched {
	if part.Action != Created && len(part.Changes) == 0 {
		if part.Kind == PartCustom && part.Action == Updated {
			r.leave(reversalOf(out, part), UncertainWrite, "the record existed before it was to be created, and its "+
				"earlier values are unknown")
		}
		return nil
	}
	if _, err := salesforce.ParseID(string(part.ID)); err != nil {
		r.leave(reversalOf(out, part), DataValueValidation, "the outcome is damaged: it holds no valid id")
		return nil
	}
	t := &touched{Reversal: Reversal{Kind: part.Kind, Object: part.Object, ID: part.ID.ID18()}, first: out.At}
	r.byID[t.ID] = t
	r.records = append(r.records, t)
	return t
}

func reversalOf(out *Outcome, part *Part) *Reversal {
	return &Reversal{Kind: part.Kind, Object: part.Object, ID: part.ID, Leads: []LeadID{out.LeadID}}
}

// leave lists what is not reverted.
func (r *reverting) leave(record *Reversal, code Code, reason string, fields ...string) {
	r.refuse(record, &Error{Op: "revert", Object: record.Object, Code: code, Fields: fields, Reason: reason})
}

func (r *reverting) refuse(record *Reversal, err *Error) {
	left := *record
	left.Fields, left.Err = nil, err
	r.report.Left = append(r.report.Left, left)
}
