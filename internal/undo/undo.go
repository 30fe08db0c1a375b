// SPDX-License-Identifier: Apache-2.0

package undo

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
)

// An Undoer reverts what outcomes say was done to an org.
type Undoer struct {
	Client     Client
	Sessions   *org.Sessions
	Set        *mapping.Set
	Duplicates leadtype.DuplicatePolicy
	Memory     Memory
	// Note is told the leads of which records are to be reverted, before they are; nil: nobody.
	Note   func(ctx context.Context, leads []leadtype.LeadID) error
	Logger *slog.Logger
	Now    func() time.Time
}

// A Memory is what is remembered of records.
type Memory interface {
	// Records returns what is remembered of the records with these ids.
	Records(ctx context.Context, ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error)
	// Tell adds to it.
	Tell(ctx context.Context, records []leadtype.RecordMemory) error
}

// A Client is the part of a host's Client that a revert uses.
type Client interface {
	Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error)
	Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error)
}

// A reverting is a revert in progress.
type reverting struct {
	*Undoer
	opts    revert.Options
	session *org.Session
	records []*record // in the order in which they were first written
	byID    map[salesforce.ID]*record
	report  *revert.Report
	stopped error // what the connection turned out to lack, or the context's
	// remembered is what is to be remembered of the records that were restored.
	remembered []leadtype.RecordMemory
}

// gather collects what outcomes did, by record.
func (r *reverting) gather(outcomes []*leadtype.Outcome) {
	outcomes = slices.DeleteFunc(slices.Clone(outcomes), func(o *leadtype.Outcome) bool { return o == nil })
	outcomes = append(outcomes, justLeft(outcomes)...)
	slices.SortStableFunc(outcomes, func(a, b *leadtype.Outcome) int { return a.At.Compare(b.At) })
	for _, out := range outcomes {
		for i := range out.Parts {
			r.add(out, &out.Parts[i])
		}
	}
}

// justLeft returns what outcomes list of the records that their leads have left, unless
// the outcomes that did it are among them: nothing is undone twice.
func justLeft(outcomes []*leadtype.Outcome) []*leadtype.Outcome {
	type had struct {
		lead   leadtype.LeadID
		record salesforce.ID
	}
	given := make(map[had]bool)
	for _, out := range outcomes {
		given[had{out.LeadID, out.ID.ID18()}] = true
	}
	var left []*leadtype.Outcome
	for _, out := range outcomes {
		for _, o := range out.JustLeft() {
			if !given[had{o.LeadID, o.ID.ID18()}] {
				left = append(left, o)
			}
		}
	}
	return left
}

// add notes what a part of an outcome did to its record.
func (r *reverting) add(out *leadtype.Outcome, part *leadtype.Part) {
	if part.ID == "" {
		if part.Err != nil && part.Err.Code == leadtype.UncertainWrite {
			r.leave(reversalOf(out, part), leadtype.UncertainWrite, "the response to a create was lost: sync the lead first, "+
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
	t.created = t.created || part.Action == leadtype.Created
	t.last = out.At
	if !slices.Contains(t.Leads, out.LeadID) {
		t.Leads = append(t.Leads, out.LeadID)
	}
	for _, change := range part.Changes {
		if !change.Consent {
			t.changes = append(t.changes, change)
		}
	}
}

// begin adds the record of a part, or returns nil where there is nothing to revert.
func (r *reverting) begin(out *leadtype.Outcome, part *leadtype.Part) *record {
	if part.Action != leadtype.Created && len(part.Changes) == 0 {
		if part.Kind == leadtype.PartCustom && part.Action == leadtype.Updated {
			r.leave(reversalOf(out, part), leadtype.UncertainWrite,
				"the record already existed when the sync upserted it, and its earlier values are unknown")
		}
		return nil
	}
	if _, err := salesforce.ParseID(string(part.ID)); err != nil {
		r.leave(reversalOf(out, part), leadtype.DataValueValidation, "the outcome is invalid: it has no valid id")
		return nil
	}
	t := &record{Reversal: revert.Reversal{Kind: part.Kind, Object: part.Object, ID: part.ID.ID18()}, first: out.At}
	r.byID[t.ID] = t
	r.records = append(r.records, t)
	return t
}

func reversalOf(out *leadtype.Outcome, part *leadtype.Part) *revert.Reversal {
	return &revert.Reversal{Kind: part.Kind, Object: part.Object, ID: part.ID, Leads: []leadtype.LeadID{out.LeadID}}
}

// leave lists what is not reverted.
func (r *reverting) leave(record *revert.Reversal, code leadtype.Code, reason string, fields ...string) {
	r.refuse(record, &leadtype.Error{Op: "revert", Object: record.Object, Code: code, Fields: fields, Reason: reason})
}

func (r *reverting) refuse(record *revert.Reversal, err *leadtype.Error) {
	left := *record
	left.Fields, left.Err = nil, err
	r.report.Left = append(r.report.Left, left)
}
