// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A Stage is the state of a lead: waiting, failed, or done.
type Stage string

// The stages.
const (
	// PreSync is a lead that is queued, waiting, in flight or frozen.
	PreSync Stage = "pre-sync"
	// Failed is a lead that needs attention: its Outcome says why and what to do.
	Failed Stage = "failed"
	// Cleared is a lead whose person, account, memberships, tasks and custom
	// objects are all in Salesforce, or deliberately dropped with a warning.
	Cleared Stage = "cleared"
)

// An Action is what was done to a record, or to a lead's records together.
type Action string

// The actions.
const (
	// Created: the record is new. Of a lead: its person is new.
	Created Action = "created"
	// Updated: the record was changed. Of a lead: its person was there, and
	// something of it was written.
	Updated Action = "updated"
	// Unchanged: Salesforce already holds everything; no write was spent.
	Unchanged Action = "unchanged"
	// Dismissed: a person decided to leave a failed lead as it is; see
	// Syncer.Dismiss.
	Dismissed Action = "dismissed"
)

// A PartKind says what a Part is to its lead.
type PartKind string

// The kinds of part.
const (
	PartPerson  PartKind = "person"
	PartAccount PartKind = "account"
	PartMember  PartKind = "member"
	PartTask    PartKind = "task"
	// PartCustom is a record of another object, of which the lead has one; see
	// Section.Key.
	PartCustom PartKind = "custom"
)

// A Part is one record of a lead's outcome.
type Part struct {
	Kind   PartKind          `json:"kind"`
	Object salesforce.Object `json:"object"`
	// Key identifies the part among those of its kind: the campaign of a member, the activity of
	// a task.
	Key string        `json:"key,omitempty"`
	ID  salesforce.ID `json:"id,omitempty"`
	// Action is empty when the part failed or was not reached.
	Action Action `json:"action,omitempty"`
	// Changes is the before-image of a record that was there: each field that was
	// written, with its value before and after. An update whose answer was lost
	// has it too. It holds personal data; Syncer.Revert uses it.
	Changes []FieldChange `json:"changes,omitempty"`
	Err     *Error        `json:"error,omitempty"`
}

// An Outcome is what happened to one lead.
type Outcome struct {
	LeadID  LeadID `json:"leadId"`
	EventID string `json:"eventId,omitempty"`
	Stage   Stage  `json:"stage"`
	// Action is set on a cleared lead. A lead that was folded into another's
	// record has that record's.
	Action Action `json:"action,omitempty"`
	// Object and ID name the person's record, also that of a lead which failed
	// after it was found or written.
	Object salesforce.Object `json:"object,omitempty"`
	ID     salesforce.ID     `json:"id,omitempty"`
	// AccountID is the account of the person, if the sync knows it.
	AccountID salesforce.ID `json:"accountId,omitempty"`
	// Parts are the records, in the order they depend on each other.
	Parts    []Part     `json:"parts,omitempty"`
	Trace    MatchTrace `json:"trace"`
	Warnings []Warning  `json:"warnings,omitempty"`
	// Err is why the lead failed or waits, nil when it is cleared.
	Err *Error `json:"error,omitempty"`
	// RetryAt is when a lead in Pre-Sync is retried, zero when that does not depend on
	// time.
	RetryAt time.Time `json:"retryAt,omitzero"`
	At      time.Time `json:"at"`
}

// Code returns the code that a Store keeps for the lead: of the error, Unknown
// for a failed lead without one, else "", also of a nil Outcome.
func (o *Outcome) Code() Code {
	switch {
	case o == nil:
		return ""
	case o.Err != nil:
		return o.Err.Code
	case o.Stage == Failed:
		return Unknown
	}
	return ""
}

// CauseKey returns the key of the error's Cause that a Store keeps for the lead,
// "" where Code is.
func (o *Outcome) CauseKey() CauseKey {
	switch {
	case o == nil:
		return ""
	case o.Err != nil:
		return o.Err.CauseKey()
	case o.Stage == Failed:
		return (&Error{Code: Unknown}).CauseKey()
	}
	return ""
}

// ForHistory returns the outcome without Salesforce's own messages, which may
// quote the lead, and without before-images. A Store keeps those on the lead's row
// only, never in its history.
func (o *Outcome) ForHistory() *Outcome {
	public := *o
	public.Err = o.Err.withoutMessage()
	public.Parts = slices.Clone(o.Parts)
	for i := range public.Parts {
		public.Parts[i].Err = public.Parts[i].Err.withoutMessage()
		public.Parts[i].Changes = nil
	}
	return &public
}

// OnlyFailed returns the outcomes that failed, in their order.
func OnlyFailed(outcomes []*Outcome) []*Outcome {
	var failed []*Outcome
	for _, o := range outcomes {
		if o != nil && o.Stage == Failed {
			failed = append(failed, o)
		}
	}
	return failed
}
