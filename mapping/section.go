// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Lookup is a field that refers to another record of the lead. Where the lead
// has no such record, or the field does not take its object, an existing record
// keeps its value, and a new one is created without; where the org requires the field
// the record is dropped for the lead, with a warning. The Mapping's Locked and
// Missing hold for lookups too.
type Lookup struct {
	// Field is the API name of the field, such as Contact__c.
	Field string       `json:"field"`
	To    LookupTarget `json:"to"`
	// CreateOnly leaves the field of an existing record alone.
	CreateOnly bool `json:"createOnly,omitempty"`
}

// A LookupTarget is what a Lookup refers to: one of the constants, or the object
// of another section. Lookups among sections must not go round in a circle. It is
// compared without regard to case.
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

// takes reports whether a field that refers to the objects may refer to the
// target.
func (t LookupTarget) takes(referenceTo []salesforce.Object) bool {
	target := salesforce.Object(t)
	return slices.ContainsFunc(referenceTo, func(o salesforce.Object) bool {
		if target.Equal(salesforce.Object(ToPerson)) {
			return value.MatchedObject(o) == salesforce.ObjectLead || value.MatchedObject(o) == salesforce.ObjectContact
		}
		return o.Equal(target)
	})
}

// customObjects returns the sections for objects beside Lead, Contact and Account,
// each after those that it refers to.
func (m *Mapping) customObjects() []*Section {
	var order []*Section
	placed := make(map[*Section]bool)
	var place func(*Section)
	place = func(section *Section) {
		if placed[section] {
			return
		}
		placed[section] = true
		for _, lookup := range section.Lookups {
			if parent := m.custom(salesforce.Object(lookup.To)); parent != nil {
				place(parent)
			}
		}
		order = append(order, section)
	}
	for i := range m.Sections {
		if value.IsCustom(m.Sections[i].Object) {
			place(&m.Sections[i])
		}
	}
	return order
}

// custom returns the section for an object beside Lead, Contact and Account, nil
// when there is none.
func (m *Mapping) custom(o salesforce.Object) *Section {
	for i := range m.Sections {
		if section := &m.Sections[i]; section.Object.Equal(o) && value.IsCustom(o) {
			return section
		}
	}
	return nil
}

// keyRow returns the row that fills the key, nil where the lead's id does.
func (o *Section) keyRow() *Rule {
	for i := range o.Rules {
		if strings.EqualFold(o.Rules[i].Field, o.Key) {
			return &o.Rules[i]
		}
	}
	return nil
}

// lookupFields are the fields of the lookups.
func (o *Section) lookupFields() []string {
	fields := make([]string, len(o.Lookups))
	for i, lookup := range o.Lookups {
		fields[i] = lookup.Field
	}
	return fields
}

// keyField returns the field that identifies the section's records, or the reason why
// there is none.
func (o *Section) keyField(describe *salesforce.Describe) (*salesforce.Field, *leadtype.Error) {
	refuse := func(code leadtype.Code, reason string) (*salesforce.Field, *leadtype.Error) {
		return nil, &leadtype.Error{Op: "plan", Object: o.Object, Code: code, Fields: []string{o.Key}, Reason: reason}
	}
	field, ok := describe.Field(o.Key)
	switch {
	case !ok:
		return refuse(leadtype.MissingRemoteField, value.UnseenField)
	case !field.ExternalID || !keyType(field.Type):
		return refuse(leadtype.DataValueValidation, "must be a text field that is an External ID")
	case !field.Createable:
		return refuse(leadtype.ConnectionPermission, value.LockedField)
	}
	return field, nil
}

// keyOf returns the key of a lead's record, "" when it is blank. It is never cut:
// two leads must not come to share a record by that.
func (m *Mapping) keyOf(section *Section, field *salesforce.Field,
	lead *leadtype.Lead) (string, *leadtype.Error) {
	var v any = string(lead.ID)
	if row := section.keyRow(); row != nil {
		run := mapRun{Mapping: m, lead: lead, zone: value.EventZone(lead.CapturedAt)}
		var f *fault
		if v, f = run.value(row); f != nil {
			return "", joinFaults(lead.ID, section.Object, []*fault{f})
		}
	}
	converted, _, problem := value.Convert(field, v, value.Options{Zone: value.EventZone(lead.CapturedAt), Refuse: true})
	if problem != nil {
		return "", joinFaults(lead.ID, section.Object, []*fault{faultOf(problem)})
	}
	text, _ := converted.(string)
	return text, nil
}
