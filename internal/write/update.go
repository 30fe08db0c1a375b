// SPDX-License-Identifier: Apache-2.0

package write

import (
	"maps"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
)

// maxUpdates is how many updates of a lead without a response are kept, the latest ones.
// Most repeat what an earlier one was to write, and count once.
const maxUpdates = 16

// noteWritten remembers what a change writes to the fields that are remembered of a
// record.
func noteWritten(record *leadtype.RecordMemory, change *leadtype.Change) {
	if email := newText(change, "Email"); email != "" {
		record.Note("Email", email)
	}
}

// newUpdate returns the journal entry of an update that writes a remembered field: whoever
// reads the record later without knowing the update would take its values for those of a
// person. It returns false for any other change.
func newUpdate(plan *leadtype.Plan, part *leadtype.PlannedPart) (leadtype.Intent, bool) {
	if part.Change == leadtype.Unplanned || part.Kind != leadtype.PartPerson && part.Kind != leadtype.PartAccount {
		return leadtype.Intent{}, false
	}
	change := &plan.Changes[part.Change]
	if change.Create {
		return leadtype.Intent{}, false
	}
	record := leadtype.RecordMemory{ID: change.ID.ID18()}
	noteWritten(&record, change)
	return leadtype.Intent{Kind: part.Kind, Object: part.Object, Record: record.ID, Update: true, Fields: record.Written,
		PlannedAt: plan.At, SentAt: plan.At}, len(record.Written) > 0
}

// leadUpdates returns the updates of a lead that are journalled.
func leadUpdates(plan *leadtype.Plan, lead *leadtype.LeadPlan) []leadtype.Intent {
	var updates []leadtype.Intent
	for i := range lead.Parts {
		if update, ok := newUpdate(plan, &lead.Parts[i]); ok {
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
