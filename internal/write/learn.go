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
		if lost {
			if noteSent(&record, change, x.describe); record.Written != "" {
				record.NoteSentAt(x.at)
			}
		} else {
			noteWritten(&record, change, x.results[planned.Change].Landed, x.describe)
			eachForm(change, x.describe, func(field *salesforce.Field, f *leadtype.FieldChange) {
				record.NoteForm(field, f.After, f.FormOf)
			})
		}
	}
	if (part.Kind == leadtype.PartCustom || part.Kind == leadtype.PartMember) && record.Written == "" {
		return records
	}
	return append(records, record)
}

// noteSent remembers the values of a change whose write has no response. Whether a text was
// appended the record tells.
func noteSent(record *leadtype.RecordMemory, change *leadtype.Change, describe describer) {
	eachRemembered(change, describe, func(field *salesforce.Field, f *leadtype.FieldChange) {
		if len(f.Appended) == 0 {
			record.NoteOpen(field, f.After, *f.CapturedAt)
		}
	})
}

// noteWritten remembers the values that a change has written to fields, or the texts that were
// appended to them. What automation made of a value is the connection's too.
func noteWritten(record *leadtype.RecordMemory, change *leadtype.Change, landed salesforce.Fields, describe describer) {
	var few [16]leadtype.WrittenValue
	values := few[:0]
	eachRemembered(change, describe, func(field *salesforce.Field, f *leadtype.FieldChange) {
		if len(f.Appended) > 0 {
			record.NoteAll(values)
			values = values[:0]
			for _, text := range f.Appended {
				record.NoteAppended(field, text, *f.CapturedAt)
			}
			return
		}
		v := f.After
		if now, read := landed[field.Name]; read {
			v = now
		}
		values = append(values, leadtype.WrittenValue{Field: field, Value: v, CapturedAt: *f.CapturedAt})
	})
	record.NoteAll(values)
}
