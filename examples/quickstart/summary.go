// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/leadtype"
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

	groups []group
	warned causes // of warnings and notes
	notes  int
}

// A tally counts the records of an object, each once.
type tally struct {
	Created int `json:"created"`
	Updated int `json:"updated"`

	unchanged int
}

// A group is the leads that failed with one code.
type group struct {
	code   leadsync.Code
	leads  int
	causes causes
}

// causes are the most frequent ones first, once they are sorted.
type causes []cause

// A cause is a number of leads that failed, or had a warning, at the same place
// and by the same rule.
type cause struct {
	object salesforce.Object
	fields string
	reason string
	kind   leadtype.WarningKind // of a warning
	leads  int
	first  leadsync.LeadID
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
		s.Leads++
		entry := stored[lead.ID]
		switch {
		case entry == nil || refused[lead.ID] != nil:
			s.fail(lead.ID, refused[lead.ID])
		case entry.Stage == leadsync.Failed:
			s.fail(lead.ID, lastError(entry))
		case entry.Stage == leadsync.Cleared:
			s.clear(did.last[lead.ID].action)
		default:
			s.Frozen++
		}
		s.warn(lead.ID, did.last[lead.ID].warnings)
	}
	for r, action := range did.records {
		s.countRecord(r.object, action)
	}
	s.sort()
	return s
}

// file adds the rows of the file; r is nil where none was read.
func (s *summary) file(r *leadcsv.Report) {
	if r != nil {
		s.Rows, s.LeftOut = r.Rows, len(r.LeftOut)
	}
}

func lastError(entry *leadsync.Entry) error {
	if entry.Last == nil || entry.Last.Err == nil {
		return leadsync.Unknown
	}
	return entry.Last.Err
}

// clear counts a cleared lead. One that the run did not touch is unchanged.
func (s *summary) clear(action leadsync.Action) {
	switch action {
	case leadsync.Created:
		s.Created++
	case leadsync.Updated:
		s.Updated++
	default:
		s.Unchanged++
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

func (s *summary) fail(id leadsync.LeadID, err error) {
	s.Failed++
	code := cmp.Or(leadsync.CodeOf(err), leadsync.Unknown)
	s.ByCode[code]++
	i := slices.IndexFunc(s.groups, func(g group) bool { return g.code == code })
	if i < 0 {
		s.groups = append(s.groups, group{code: code})
		i = len(s.groups) - 1
	}
	s.groups[i].add(id, err)
}

func (g *group) add(id leadsync.LeadID, err error) {
	g.leads++
	var e *leadsync.Error
	if !errors.As(err, &e) {
		g.causes.add(cause{first: id})
		return
	}
	c := cause{object: e.Object, fields: strings.Join(e.Fields, ", "), reason: e.Reason, first: id}
	var refusal *salesforce.Error
	if c.reason == "" && errors.As(err, &refusal) && refusal.Code != "" {
		c.reason = "Salesforce says " + string(refusal.Code)
	}
	g.causes.add(c)
}

// add counts one more lead.
func (l *causes) add(c cause) {
	for i := range *l {
		same := &(*l)[i]
		if same.object == c.object && same.fields == c.fields && same.reason == c.reason && same.kind == c.kind {
			same.leads++
			return
		}
	}
	c.leads = 1
	*l = append(*l, c)
}

func (s *summary) warn(id leadsync.LeadID, warnings []leadtype.Warning) {
	for _, w := range warnings {
		if w.Kind.IsNote() {
			s.notes++
		} else {
			s.Warnings++
		}
		s.warned.add(cause{object: w.Object, fields: w.Field, reason: w.Reason, kind: w.Kind, first: id})
	}
}

// sort puts the largest first.
func (s *summary) sort() {
	slices.SortFunc(s.groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.leads, a.leads), cmp.Compare(a.code, b.code))
	})
	for _, g := range s.groups {
		g.causes.sort()
	}
	s.warned.sort()
	slices.SortStableFunc(s.warned, func(a, b cause) int { return cmp.Compare(a.kind.Done(), b.kind.Done()) })
}

func (l causes) sort() {
	slices.SortStableFunc(l, func(a, b cause) int { return cmp.Compare(b.leads, a.leads) })
}

// objects returns the names of the objects that have a tally, sorted.
func (s *summary) objects() []salesforce.Object { return slices.Sorted(maps.Keys(s.Objects)) }
