// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/leadsync/leadsync/salesforce"
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
	// leadsync.Syncer.Dismiss.
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
	// mapping.Section.Key.
	PartCustom PartKind = "custom"
)

// A Part is one record of a lead's outcome.
type Part struct {
	Kind   PartKind          `json:"kind"`
	Object salesforce.Object `json:"object"`
	// Key identifies the part among those of its kind: the campaign of a member, the
	// activity of a task.
	Key string        `json:"key,omitempty"`
	ID  salesforce.ID `json:"id,omitempty"`
	// Action is empty when the part failed or was not reached.
	Action Action `json:"action,omitempty"`
	// Changes is the before-image of a record that was there: each field that was
	// written, with its value before and after. An update whose response was lost
	// has it too. It holds personal data; leadsync.Syncer.Revert uses it. A Store keeps
	// its values for leadsync.Config.KeepBefore.
	Changes []FieldChange `json:"changes,omitempty"`
	// Digest is of the lead's values and the rows of the mapping that the part was made of.
	// As long as it stays the same, the record is not written again.
	Digest string `json:"digest,omitempty"`
	// Owner is who owns a Lead where assignment rules may decide it
	// (leadsync.Config.AutoAssign): the id where it was read, else DecidedByOrg. It is empty
	// for other records.
	Owner string `json:"owner,omitempty"`
	Err   *Error `json:"error,omitempty"`
}

// DecidedByOrg is the Part.Owner of a record whose owner the org's assignment rule has
// decided, and that has not been read since.
const DecidedByOrg = "decided by the org"

// A FieldChange is one field's value before and after.
type FieldChange struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after"`
	// By is the path of the key that Before and After are, such as
	// Region__r.Code__c, where the field refers to a record by mapping.Rule.By. BeforeID is
	// then the id of the record that it referred to.
	By       string        `json:"by,omitempty"`
	BeforeID salesforce.ID `json:"beforeId,omitempty"`
	// PersonField is the field of a person account that is written in place of the Contact's
	// Field, or its relationship where By is set; see Change.PersonAccount.
	PersonField string `json:"personField,omitempty"`
	// Removed says that the values were removed, because the lead that they came from was
	// forgotten or leadsync.Config.KeepBefore was over: Before is not known any more.
	Removed bool `json:"removed,omitempty"`
	// Reason says in a few words what asks for the value: a rule of the mapping such
	// as "overwrite from lastName", the answer to a qualifier, the campaign, the
	// activity. It holds no value of the lead.
	Reason string `json:"reason,omitempty"`
	// CapturedAt is when the lead was captured that After is of, in a Plan and for a field
	// whose value is remembered; see RecordMemory.
	CapturedAt *time.Time `json:"capturedAt,omitempty"`
	// FormOf is the lead that After is of, in a Plan and for a field of whose value only the
	// form is remembered; see RecordMemory.NoteForm.
	FormOf LeadID `json:"formOf,omitempty"`
	// Held says whose Before is, for a field whose value is remembered: a revert gives others
	// their values back as theirs.
	Held Hold `json:"held,omitempty"`
	// Appended are the texts of leads that After has beside what the field had, in a Plan.
	Appended []string `json:"appended,omitempty"`
	// Consent says that the field is an opt-out or a consent, which a revert leaves as it
	// is; see mapping.Raise.
	Consent bool `json:"consent,omitempty"`
}

// UnmarshalJSON keeps numbers as json.Number, so that none loses a digit.
func (f *FieldChange) UnmarshalJSON(data []byte) error {
	type plain FieldChange
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode((*plain)(f))
}
