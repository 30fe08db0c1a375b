// SPDX-License-Identifier: Apache-2.0

package review

import (
	"cmp"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A WarningGroup is the leads whose last outcome has a warning of a kind.
type WarningGroup struct {
	Kind  leadtype.WarningKind `json:"kind"`
	Count int                  `json:"count"`
	// Leads are the leads of the group in the order they were given, as in Group, and Filter
	// selects them as Group.Filter does.
	Leads  []leadtype.LeadID `json:"leads"`
	Filter store.Filter      `json:"filter"`
	// Causes divide the group, those of most leads first. A lead counts once for each: it may
	// have several, and their counts more than the group's.
	Causes []WarningCause `json:"causes"`
}

// A WarningCause is the leads of a WarningGroup whose warning has the same object, field and
// reason.
type WarningCause struct {
	// Key identifies the cause in store.Filter.WarningCauses.
	Key    leadtype.CauseKey `json:"key"`
	Code   leadtype.Code     `json:"code"` // that a failure of the cause would have
	Object salesforce.Object `json:"object"`
	Field  string            `json:"field"`
	// Reason is that of one of the leads: numbers and ids of records in it are not those of the
	// others.
	Reason string `json:"reason"`
	// Description, Fix and Help say what a failure with the Code would be told; they are empty
	// without one. See leadtype.Advisor.Warning.
	Description string `json:"description"`
	Fix         string `json:"fix"`
	Help        string `json:"help"`
	Count       int    `json:"count"`
	// Leads and Filter are like those of the group, for the leads of this cause.
	Leads  []leadtype.LeadID `json:"leads"`
	Filter store.Filter      `json:"filter"`
}

// addWarnings counts the warnings of a lead.
func (t *tally) addWarnings(id leadtype.LeadID, o *leadtype.Outcome) {
	for _, kind := range o.WarningKinds() {
		t.addWarning(kind, 1, id)
	}
	for _, cause := range o.WarningCauses() {
		if t.causes[cause] != nil {
			t.addWarningCause(cause, leadtype.Warning{}, 1, id)
			continue
		}
		t.addWarningCause(cause, store.SampleWarning(o, cause), 1, id)
	}
}

// addWarning counts leads with a warning of a kind; leads are those that are known by id.
func (t *tally) addWarning(kind leadtype.WarningKind, count int, leads ...leadtype.LeadID) {
	if t.warned == nil {
		t.warned = make(map[leadtype.WarningKind]*WarningGroup)
	}
	group := t.warned[kind]
	if group == nil {
		group = &WarningGroup{Kind: kind}
		t.warned[kind] = group
	}
	group.Count += count
	group.Leads = append(group.Leads, leads...)
}

// addWarningCause is addWarning for a cause, of which sample is one warning.
func (t *tally) addWarningCause(key leadtype.CauseKey, sample leadtype.Warning, count int,
	leads ...leadtype.LeadID) {
	if t.causes == nil {
		t.causes = make(map[leadtype.CauseKey]*WarningCause)
	}
	cause := t.causes[key]
	if cause == nil {
		advice := t.advisor.Warning(&sample)
		cause = &WarningCause{Key: key, Code: sample.Code, Object: sample.Object, Field: sample.Field,
			Reason: sample.Reason, Description: advice.Description, Fix: advice.Fix, Help: advice.Help}
		t.causes[key] = cause
	}
	cause.Count += count
	cause.Leads = append(cause.Leads, leads...)
}

// addWarningCount counts the leads that a Store counted.
func (t *tally) addWarningCount(c store.WarningCount) {
	t.addWarning(c.Kind, c.Leads)
	for _, cause := range c.Causes {
		t.addWarningCause(cause.Cause, cause.Sample, cause.Leads)
	}
}

// warnings returns the groups of warnings, or of notes, the largest first.
func (t *tally) warnings(notes bool) []WarningGroup {
	var groups []WarningGroup
	for kind, group := range t.warned {
		if kind.IsNote() != notes {
			continue
		}
		group.Filter = t.within
		group.Filter.Warnings = []leadtype.WarningKind{kind}
		if group.Leads != nil {
			group.Filter.Leads = group.Leads
		}
		group.Causes = t.warningCauses(kind)
		groups = append(groups, *group)
	}
	slices.SortFunc(groups, func(a, b WarningGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind))
	})
	return groups
}

// warningCauses returns the causes of a kind, the largest first.
func (t *tally) warningCauses(kind leadtype.WarningKind) []WarningCause {
	causes := []WarningCause{}
	for key, cause := range t.causes {
		if key.WarningKind() != kind {
			continue
		}
		cause.Filter = t.within
		cause.Filter.WarningCauses = []leadtype.CauseKey{key}
		if cause.Leads != nil {
			cause.Filter.Leads = cause.Leads
		}
		causes = append(causes, *cause)
	}
	slices.SortFunc(causes, func(a, b WarningCause) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.Key, b.Key))
	})
	return causes
}
