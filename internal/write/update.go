// SPDX-License-Identifier: Apache-2.0

package write

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// maxUpdates is how many updates of a lead without a response are kept, the latest ones.
// Most repeat what an earlier one was to write, and count once.
const maxUpdates = 16

// A describer returns the describe of an object, nil when it is not known.
type describer = func(salesforce.Object) *salesforce.Describe

// remembers reports whether records of a kind are remembered.
func remembers(kind leadtype.PartKind) bool {
	return kind != leadtype.PartTask
}

// eachRemembered calls do for the fields of a change whose values are remembered.
func eachRemembered(change *leadtype.Change, describe describer, do func(*salesforce.Field, *leadtype.FieldChange)) {
	eachField(change, describe, func(f *leadtype.FieldChange) bool { return f.CapturedAt != nil }, do)
}

// eachForm calls do for the fields of a change of whose values the form is remembered.
func eachForm(change *leadtype.Change, describe describer, do func(*salesforce.Field, *leadtype.FieldChange)) {
	eachField(change, describe, func(f *leadtype.FieldChange) bool { return f.FormOf != "" }, do)
}

// eachField calls do for the fields of a change that fit.
func eachField(change *leadtype.Change, describe describer, fits func(*leadtype.FieldChange) bool,
	do func(*salesforce.Field, *leadtype.FieldChange)) {
	of := describe(change.Object)
	if of == nil {
		return
	}
	for i := range change.Fields {
		if f := &change.Fields[i]; fits(f) {
			if field, ok := of.Field(f.Field); ok {
				do(field, f)
			}
		}
	}
}

// newUpdate returns the journal entry of an update: whoever reads the record later without
// knowing the update would take its values for those of a person, and nobody would know what it
// has replaced. It returns false for any other change.
func newUpdate(plan *leadtype.Plan, part *leadtype.PlannedPart, describe describer) (leadtype.Intent, bool) {
	if part.Change == leadtype.Unplanned {
		return leadtype.Intent{}, false
	}
	change := &plan.Changes[part.Change]
	if change.Create {
		return leadtype.Intent{}, false
	}
	id := change.ID.ID18()
	fields := make(map[string]string)
	eachRemembered(change, describe, func(field *salesforce.Field, f *leadtype.FieldChange) {
		if len(f.Appended) == 0 && remembers(part.Kind) {
			sent := leadtype.RecordMemory{ID: id}
			sent.NoteOpen(field, f.After, *f.CapturedAt)
			fields[field.Name] = string(sent.Written)
		}
	})
	update := leadtype.Intent{Kind: part.Kind, Object: part.Object, Key: part.Key, Record: id, Update: true,
		Fields: fields, Changes: imageOf(change), Replaced: change.Replaced, PlannedAt: plan.At, SentAt: plan.At}
	return update, len(fields) > 0 || update.HoldsValues()
}

// imageOf returns the before-image of an update, but for the fields that Refs fill.
func imageOf(change *leadtype.Change) []leadtype.FieldChange {
	changes := slices.Clone(change.Fields)
	for i := range changes {
		changes[i].CapturedAt, changes[i].FormOf, changes[i].Appended = nil, "", nil // they are of the plan
	}
	return changes
}

// appendUpdates appends the updates of a lead that are journalled.
func appendUpdates(updates []leadtype.Intent, plan *leadtype.Plan, lead *leadtype.LeadPlan,
	describe describer) []leadtype.Intent {
	for i := range lead.Parts {
		if update, ok := newUpdate(plan, &lead.Parts[i], describe); ok {
			updates = append(updates, update)
		}
	}
	return updates
}

// writesSame reports whether a later update of a record writes the fields of an earlier one. It
// read them when the earlier one was not there, or not any more. One whose before-image an
// outcome has says nothing of it.
func writesSame(earlier, later *leadtype.Intent) bool {
	if !earlier.HoldsValues() {
		return true
	}
	field := func(a, b leadtype.FieldChange) bool { return a.Field == b.Field }
	sameKeys := func(a, b any) bool { return true }
	return slices.EqualFunc(earlier.Changes, later.Changes, field) &&
		maps.EqualFunc(earlier.Replaced, later.Replaced, sameKeys)
}

// withUpdates adds updates to earlier ones, which are the same where they were to write the
// same.
func withUpdates(earlier, updates []leadtype.Intent) []leadtype.Intent {
	if len(earlier) == 0 && len(updates) <= 1 {
		return updates
	}
	all := slices.Clone(earlier)
	for _, update := range updates {
		all = slices.DeleteFunc(all, func(i leadtype.Intent) bool {
			return i.Record == update.Record && maps.Equal(i.Fields, update.Fields) && writesSame(&i, &update)
		})
		all = append(all, update)
	}
	return all[max(0, len(all)-maxUpdates):]
}
