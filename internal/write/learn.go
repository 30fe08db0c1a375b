// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// learn adds to records what a part that was found or written teaches of its record.
func (x *Execution) learn(records []leadtype.RecordMemory, lead *leadtype.LeadPlan, planned *leadtype.PlannedPart,
	part *leadtype.Part) []leadtype.RecordMemory {
	lost := part.Err != nil && part.Err.Code == leadtype.UncertainWrite
	if part.ID == "" || part.Err != nil && !lost || !remembers(part.Kind) {
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
		eachRemembered(change, x.describe, func(field *salesforce.Field, f *leadtype.FieldChange) {
			now, read := x.results[planned.Change].Landed[field.Name]
			switch appended := len(f.Appended) > 0; {
			case lost && appended: // the record tells whether it has the text
			case lost:
				record.NoteOpen(field, f.After, *f.CapturedAt)
			case read && !appended: // what automation made of it is the connection's too
				record.Note(field, now, *f.CapturedAt)
			default:
				noteWritten(&record, field, f)
			}
		})
		if !lost {
			eachForm(change, x.describe, func(field *salesforce.Field, f *leadtype.FieldChange) {
				record.NoteForm(field, f.After, f.FormOf)
			})
		}
		if lost && record.Written != "" {
			record.NoteSentAt(x.at)
		}
	}
	if (part.Kind == leadtype.PartCustom || part.Kind == leadtype.PartMember) && record.Written == "" {
		return records
	}
	return append(records, record)
}

// noteWritten remembers the value that was written to a field, or the texts that were
// appended to it.
func noteWritten(record *leadtype.RecordMemory, field *salesforce.Field, f *leadtype.FieldChange) {
	if len(f.Appended) == 0 {
		record.Note(field, f.After, *f.CapturedAt)
	}
	for _, text := range f.Appended {
		record.NoteAppended(field, text, *f.CapturedAt)
	}
}
