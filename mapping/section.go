// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Section holds the rules for one object: Lead, Contact, Account, Task, or any other,
// custom or standard, such as Visit__c or Opportunity. CampaignMember has none:
// CampaignLink.Fields fill members. Each lead has one record of another object, identified
// by Key.
//
// A lead has a Task for each activity. Without rules it gets a Subject, a Description,
// a Status, an ActivityDate, a TaskSubtype and an owner; the rules of a section for Task
// fill other fields or replace these, but for the Subject and the WhoId. They are applied
// when the Task is created and never later. Beside the lead's source fields they have
// activity.kind, activity.notes, activity.at, activity.by and activity.id. Their Unfit is
// Skip unless it says Fail. Append adds to the notes, and Clear leaves a field out that a
// Task has without rules.
type Section struct {
	Object salesforce.Object `json:"object"`
	// Key is the API name of the field that identifies the object's records: text,
	// External ID, and best unique, because Salesforce lets only users with View
	// All Data upsert by another (docs/salesforce.md, Upsert). The rule for it says
	// what the key is; without one it is the lead's id. Leads of one batch with the
	// same key share a record, and a lead whose key is blank gets none, with a
	// warning. It is needed for, and only for, an object other than Lead, Contact,
	// Account and Task.
	Key string `json:"key,omitempty"`
	// Lookups are the object's fields that refer to the lead's other records.
	Lookups []Lookup `json:"lookups,omitempty"`
	// Rules are applied in their order. A field is the target of one at most. Those for the
	// fields of one address, such as MailingCity, are applied together, by the most careful
	// of their write rules: the address is replaced whole or not at all, a part of one fills
	// blanks of the same address, and where State and Country/Territory picklists are on
	// codes are written in place of texts. docs/data.md (Addresses) has the rules.
	Rules []Rule `json:"rules"`
}

// A Lookup is a field that refers to another record of the lead. Where the lead
// has no such record, or the field does not take its object, an existing record
// keeps its value, and a new one is created without; where the org requires the field
// the record is dropped for the lead, with a warning. The Mapping's Locked and
// Missing hold for lookups too.
type Lookup struct {
	// Field is the API name of the field, such as Contact__c.
	Field string `json:"field"`
	// To is the record that the field refers to.
	To LookupTarget `json:"to"`
	// CreateOnly leaves the field of an existing record alone.
	CreateOnly bool `json:"createOnly,omitempty"`
}

// A LookupTarget is what a Lookup refers to: one of the constants, or the object
// of another section. Lookups among sections must not form a cycle. It is compared without
// regard to case.
type LookupTarget string

// The targets that are no sections of their own.
const (
	// ToPerson is the lead's person, whatever it is.
	ToPerson LookupTarget = "person"
	// ToLead is the person where it is a Lead, ToContact where it is a Contact.
	ToLead    LookupTarget = "lead"
	ToContact LookupTarget = "contact"
	// ToAccount is the person's account: the one that the person is created in, or
	// that a Contact is in.
	ToAccount LookupTarget = "account"
)

// Fits reports whether a field may refer to the target.
func (t LookupTarget) Fits(field *salesforce.Field) bool {
	target := salesforce.Object(t)
	return slices.ContainsFunc(field.ReferenceTo, func(o salesforce.Object) bool {
		if target.Equal(salesforce.Object(ToPerson)) {
			return value.MatchedObject(o) == salesforce.ObjectLead || value.MatchedObject(o) == salesforce.ObjectContact
		}
		return o.Equal(target)
	})
}

// keyRule returns the rule that fills the key, nil where the lead's id does.
func (s *Section) keyRule() *Rule {
	for i := range s.Rules {
		if strings.EqualFold(s.Rules[i].Field, s.Key) {
			return &s.Rules[i]
		}
	}
	return nil
}

// lookupFields are the fields of the lookups.
func (s *Section) lookupFields() []string {
	fields := make([]string, len(s.Lookups))
	for i, lookup := range s.Lookups {
		fields[i] = lookup.Field
	}
	return fields
}

// UnmarshalJSON reads the rules for one object; see Mapping.UnmarshalJSON.
func (s *Section) UnmarshalJSON(data []byte) error {
	type plain Section
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(s)))
}

// UnmarshalJSON reads one lookup; see Mapping.UnmarshalJSON.
func (l *Lookup) UnmarshalJSON(data []byte) error {
	type plain Lookup
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(l)))
}

// activitySources are the source fields that only rules for Tasks have.
var activitySources = []string{"activity.kind", "activity.notes", "activity.at", "activity.by", "activity.id"}

// ofActivity returns the value of a source field that is an activity's, false for another
// field.
func ofActivity(a *leadtype.Activity, source string) (any, bool) {
	switch source {
	case "activity.kind":
		return string(a.Kind), true
	case "activity.notes":
		return a.Notes, true
	case "activity.by":
		return a.By, true
	case "activity.id":
		return a.ID, true
	case "activity.at":
		if a.At.IsZero() {
			return nil, true
		}
		return a.At, true
	}
	return nil, false
}

// taskFields are the fields of a Task that no rule fills.
func taskFields() []string { return []string{"Subject", "WhoId"} }
