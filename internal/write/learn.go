// SPDX-License-Identifier: Apache-2.0

package write

import (
	"slices"

	"github.com/leadsync/leadsync/leadtype"
)

// learn adds to records what a part that was found or written teaches of its record.
func (x *Execution) learn(records []leadtype.RecordMemory, lead *leadtype.LeadPlan, planned *leadtype.PlannedPart,
	part *leadtype.Part) []leadtype.RecordMemory {
	lost := part.Err != nil && part.Err.Code == leadtype.UncertainWrite
	if part.ID == "" || part.Err != nil && !lost || part.Kind == leadtype.PartMember || part.Kind == leadtype.PartTask {
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
		x.noteWritten(&record, change, lost)
	}
	if part.Kind == leadtype.PartCustom && record.Written == "" {
		return records
	}
	return append(records, record)
}

// noteWritten remembers what a change wrote, or may have written where its response was
// lost.
func (x *Execution) noteWritten(record *leadtype.RecordMemory, change *leadtype.Change, lost bool) {
	session := x.Session()
	if session == nil || session.Describe(change.Object) == nil {
		return
	}
	for i := range change.Fields {
		f := &change.Fields[i]
		field, ok := session.Describe(change.Object).Field(f.Field)
		switch {
		case !ok || f.CapturedAt == nil:
		case lost:
			record.NoteOpen(field, f.After, *f.CapturedAt)
		default:
			record.Note(field, f.After, *f.CapturedAt)
		}
	}
}
