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

// newUpdate returns the journal entry of an update that writes a remembered field: whoever
// reads the record later without knowing the update would take its values for those of a
// person. It returns false for any other change.
func newUpdate(plan *leadtype.Plan, part *leadtype.PlannedPart, describe describer) (leadtype.Intent, bool) {
	if part.Change == leadtype.Unplanned || !remembers(part.Kind) {
		return leadtype.Intent{}, false
	}
	change := &plan.Changes[part.Change]
	if change.Create {
		return leadtype.Intent{}, false
	}
	record := leadtype.RecordMemory{ID: change.ID.ID18()}
	fields := make(map[string]string)
	eachRemembered(change, describe, func(field *salesforce.Field, f *leadtype.FieldChange) {
		if len(f.Appended) == 0 {
			fields[field.Name] = record.Sent(field, f.After, *f.CapturedAt)
		}
	})
	return leadtype.Intent{Kind: part.Kind, Object: part.Object, Record: record.ID, Update: true, Fields: fields,
		PlannedAt: plan.At, SentAt: plan.At}, len(fields) > 0
}

// leadUpdates returns the updates of a lead that are journalled.
func leadUpdates(plan *leadtype.Plan, lead *leadtype.LeadPlan, describe describer) []leadtype.Intent {
	var updates []leadtype.Intent
	for i := range lead.Parts {
		if update, ok := newUpdate(plan, &lead.Parts[i], describe); ok {
			updates = append(updates, update)
		}
	}
	return updates
}

// withUpdates adds updates to earlier ones, which are the same where they were to write the
// same.
func withUpdates(earlier, updates []leadtype.Intent) []leadtype.Intent {
	all := slices.Clone(earlier)
	for _, update := range updates {
		all = slices.DeleteFunc(all, func(i leadtype.Intent) bool {
			return i.Record == update.Record && maps.Equal(i.Fields, update.Fields)
		})
		all = append(all, update)
	}
	return all[max(0, len(all)-maxUpdates):]
}
