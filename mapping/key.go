// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// SectionKey returns the field that identifies a section's records, or the reason why
// the object has none that can.
func (s *Set) SectionKey(section *Section, describe *salesforce.Describe) (*salesforce.Field, *leadtype.Error) {
	return section.keyField(describe)
}

// KeyOf returns the key of a lead's record of a section, and the field that holds
// it. The key is "" when it is blank.
func (s *Set) KeyOf(
	section *Section, describe *salesforce.Describe, lead *leadtype.Lead,
) (string, *salesforce.Field, *leadtype.Error) {
	field, err := section.keyField(describe)
	if err != nil {
		return "", nil, err
	}
	key, err := s.cfg.Mapper.(*Mapping).keyOf(section, field, lead)
	return key, field, err
}

// keyField returns the field that identifies the section's records, or the reason why
// there is none.
func (s *Section) keyField(describe *salesforce.Describe) (*salesforce.Field, *leadtype.Error) {
	refuse := func(code leadtype.Code, reason string) (*salesforce.Field, *leadtype.Error) {
		return nil, &leadtype.Error{Op: "plan", Object: s.Object, Code: code, Fields: []string{s.Key}, Reason: reason}
	}
	field, ok := describe.Field(s.Key)
	switch {
	case !ok:
		return refuse(leadtype.MissingRemoteField, value.UnseenField)
	case !field.ExternalID || !keyType(field.Type):
		return refuse(leadtype.DataValueValidation, "must be a text field that is an External ID")
	case !field.Createable:
		return refuse(leadtype.ConnectionPermission, value.WhyLocked(field))
	}
	return field, nil
}

// keyOf returns the key of a lead's record, "" when it is blank. It is never cut:
// two leads must not come to share a record by that.
func (m *Mapping) keyOf(section *Section, field *salesforce.Field,
	lead *leadtype.Lead) (string, *leadtype.Error) {
	var v any = string(lead.ID)
	if rule := section.keyRule(); rule != nil {
		run := mapRun{Mapping: m, lead: lead, zone: value.EventZone(lead.CapturedAt)}
		plain, byDefault, f := run.value(rule)
		if f == nil && !byDefault && !value.IsBlank(plain) {
			plain, f = run.translate(rule, field, plain)
		}
		if f != nil {
			return "", joinFaults(lead.ID, section.Object, []*fault{f})
		}
		v = plain
	}
	converted, _, problem := value.Convert(field, v, value.Options{Zone: value.EventZone(lead.CapturedAt), Refuse: true})
	if problem != nil {
		return "", joinFaults(lead.ID, section.Object, []*fault{faultOf(problem)})
	}
	text, _ := converted.(string)
	return text, nil
}
