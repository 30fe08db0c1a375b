// SPDX-License-Identifier: Apache-2.0

package stored

import (
	"encoding/json"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A Row is what a capture reads of a lead that a store has.
type Row struct {
	Data, Activities string
	State            store.State // in which it is, or is to be after its claim
	DueAt            time.Time   // in that state
	InFlight         bool
	Cause            leadtype.CauseKey // of the last outcome
}

// Same reports whether a capture of this data changes nothing.
func (r *Row) Same(data string, state store.State) bool {
	waits := !r.InFlight && r.State == store.StateWaiting
	return r.Data == data && (!waits || state == store.StateWaiting) && r.Cause != store.UnreadableCause()
}

// A Recapture is what comes of a capture of a lead that the store has. Only where it is
// Changed the row changes.
type Recapture struct {
	Full, Stale, Changed bool
	Lead                 *leadtype.Lead
	Data, Activities     string
	State                store.State
	DueAt                time.Time
}

// Capture returns what comes of a capture. It reads the row as a Store has to: data and
// activities that cannot be read are replaced.
func (r *Row) Capture(captured store.Captured, now time.Time) (Recapture, error) {
	row := *r
	merged := store.Merged{Lead: store.Dated(captured.Lead, now), State: captured.State, DueAt: captured.Due()}
	kept := store.Kept{Lead: new(leadtype.Lead), State: row.State}
	if Decode(row.Activities, &kept.Activities) != nil {
		kept.Activities, row.Activities, row.Cause = nil, "", store.UnreadableCause()
	}
	if DecodeLead(row.Data, kept.Lead) == nil && kept.Lead.ID == captured.Lead.ID {
		merged = store.Merge(kept, captured, now)
	}
	data, err := EncodeLead(merged.Lead)
	if err != nil {
		return Recapture{}, err
	}
	if merged.Full(&kept, len(data)) {
		return Recapture{Full: true}, nil
	}
	to := Recapture{Stale: merged.Stale, Lead: merged.Lead, Data: data, Activities: row.Activities,
		Changed: len(merged.Activities) > 0 || !row.Same(data, merged.State), State: merged.State, DueAt: merged.DueAt}
	if len(merged.Activities) > 0 {
		text, err := json.Marshal(append(kept.Activities, merged.Activities...))
		if err != nil {
			return Recapture{}, err
		}
		to.Activities = string(text)
	}
	if row.State == merged.State {
		to.DueAt = merged.State.Earlier(row.DueAt, merged.DueAt)
	}
	return to, nil
}

// Count counts the capture in a report as that of the lead with this index.
func (r *Recapture) Count(report *store.CaptureReport, index int) {
	switch {
	case r.Full:
		report.FullAt = append(report.FullAt, index)
	case r.Stale:
		report.Stale++
	case r.Changed:
		report.Replaced++
	default:
		report.Same++
	}
}

// AppendActivities returns the later activities of a lead, as they are stored, extended by
// the activities that it does not have, and "" when it has all of them.
func AppendActivities(id leadtype.LeadID, data, stored string, activities []leadtype.Activity) (string, error) {
	lead := new(leadtype.Lead)
	if err := DecodeLead(data, lead); err != nil {
		return "", store.Unreadable(id, store.PartLead)
	}
	var later []leadtype.Activity
	if err := Decode(stored, &later); err != nil {
		return "", store.Unreadable(id, store.PartActivities)
	}
	lead.AddActivities(later...)
	before := len(lead.Activities)
	lead.AddActivities(activities...)
	if len(lead.Activities) == before {
		return "", nil
	}
	text, err := json.Marshal(append(later, lead.Activities[before:]...))
	if err == nil {
		err = leadtype.CheckActivities(id, len(lead.Activities), len(text))
	}
	return string(text), err
}
