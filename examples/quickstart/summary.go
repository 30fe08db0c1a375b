// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/salesforce"
)

// A summary is what a run did: the object that -json prints. Leads is always
// the sum of Created, Updated, Unchanged, Failed and Frozen, and Rows, where a file was read,
// that of Leads and LeftOut.
type summary struct {
	// Rows are those of the file, and LeftOut those that are not among the leads.
	Rows      int `json:"rows,omitempty"`
	LeftOut   int `json:"left_out,omitempty"`
	Leads     int `json:"leads"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Failed    int `json:"failed"`
	// Frozen counts the leads that are still in Pre-Sync, for any reason.
	Frozen int `json:"frozen"`
	// APICalls includes PreflightCalls.
	APICalls       int64                       `json:"api_calls"`
	PreflightCalls int64                       `json:"preflight_calls"`
	ByCode         map[leadsync.Code]int       `json:"by_code"`
	Objects        map[salesforce.Object]tally `json:"objects"`
	Warnings       int                         `json:"warnings"`
	ElapsedMS      int64                       `json:"elapsed_ms"`
	// Plan is set by -plan only; the counts are then those of the plan.
	Plan *leadsync.Plan `json:"plan,omitempty"`

	outcomes []*leadsync.Outcome // what is known of each lead, for the groups of the text
	notes    int
}

// A tally counts the records of an object, each once.
type tally struct {
	Created int `json:"created"`
	Updated int `json:"updated"`

	unchanged int
}

func newSummary() *summary {
	return &summary{ByCode: map[leadsync.Code]int{}, Objects: map[salesforce.Object]tally{}}
}

// summarize counts leads by their stage in the store and by what the run did with
// them. A lead without an entry was refused by Capture.
func summarize(leads []*leadsync.Lead, entries []leadsync.Entry, refused map[leadsync.LeadID]error,
	did *ledger) *summary {
	did.mu.Lock()
	defer did.mu.Unlock()
	s := newSummary()
	stored := make(map[leadsync.LeadID]*leadsync.Entry, len(entries))
	for i := range entries {
		stored[entries[i].Lead.ID] = &entries[i]
	}
	for _, lead := range leads {
		entry, last := stored[lead.ID], did.last[lead.ID]
		outcome := &leadsync.Outcome{LeadID: lead.ID, Warnings: last.warnings}
		switch {
		case entry == nil || refused[lead.ID] != nil:
			outcome.Stage, outcome.Err = leadsync.Failed, asError(refused[lead.ID])
		case entry.Stage == leadsync.Failed:
			outcome.Stage, outcome.Err = leadsync.Failed, lastError(entry)
		case entry.Stage == leadsync.Cleared:
			outcome.Stage, outcome.Action = leadsync.Cleared, cmp.Or(last.action, leadsync.Unchanged)
		default:
			outcome.Stage = leadsync.PreSync
		}
		s.add(outcome)
	}
	for r, action := range did.records {
		s.countRecord(r.object, action)
	}
	return s
}

// file adds the rows of the file; r is nil where none was read.
func (s *summary) file(r *leadcsv.Report) {
	if r != nil {
		s.Rows, s.LeftOut = r.Rows, len(r.LeftOut)
	}
}

// asError returns the *leadsync.Error of why a lead was refused.
func asError(err error) *leadsync.Error {
	var e *leadsync.Error
	if errors.As(err, &e) {
		return e
	}
	return &leadsync.Error{Code: cmp.Or(leadsync.CodeOf(err), leadsync.Unknown)}
}

func lastError(entry *leadsync.Entry) *leadsync.Error {
	if entry.Last == nil || entry.Last.Err == nil {
		return &leadsync.Error{Code: leadsync.Unknown}
	}
	return entry.Last.Err
}

// add counts a lead. A cleared one that the run did not touch is unchanged.
func (s *summary) add(o *leadsync.Outcome) {
	s.outcomes = append(s.outcomes, o)
	s.Leads++
	switch {
	case o.Stage == leadsync.Failed:
		s.Failed++
		s.ByCode[o.Code()]++
	case o.Stage == leadsync.PreSync:
		s.Frozen++
	case o.Action == leadsync.Created:
		s.Created++
	case o.Action == leadsync.Updated:
		s.Updated++
	default:
		s.Unchanged++
	}
	for _, w := range o.Warnings {
		if w.Kind.IsNote() {
			s.notes++
		} else {
			s.Warnings++
		}
	}
}

func (s *summary) countRecord(object salesforce.Object, action leadsync.Action) {
	t := s.Objects[object]
	switch action {
	case leadsync.Created:
		t.Created++
	case leadsync.Updated:
		t.Updated++
	case leadsync.Unchanged:
		t.unchanged++
	}
	s.Objects[object] = t
}

// objects returns the names of the objects that have a tally, sorted.
func (s *summary) objects() []salesforce.Object { return slices.Sorted(maps.Keys(s.Objects)) }
