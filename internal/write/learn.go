// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"

	"github.com/leadsync/leadsync/leadtype"
)

// learn adds to records what a part that was found or written teaches of its record.
func (x *Execution) learn(records []leadtype.RecordMemory, lead *leadtype.LeadPlan, planned *leadtype.PlannedPart,
	part *leadtype.Part) []leadtype.RecordMemory {
	if part.ID == "" || part.Err != nil || part.Kind != leadtype.PartPerson && part.Kind != leadtype.PartAccount {
		return records
	}
	record := leadtype.RecordMemory{ID: part.ID.ID18()}
	if lead.Adopted && part.Kind == leadtype.PartPerson {
		record.Lead = lead.LeadID
	}
	if planned.Change != leadtype.Unplanned {
		change := &x.plan.Changes[planned.Change]
		if change.Create && slices.Index(change.Leads, lead.LeadID) == 0 {
			record.Lead = lead.LeadID
		}
		noteWritten(&record, change)
	}
	return append(records, record)
}
