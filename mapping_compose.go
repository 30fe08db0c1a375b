package leadsync

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// mapped is what one lead wants of one record, or why it cannot be written for the lead.
type mapped struct {
	Fields   salesforce.Fields
	Warnings []Warning
	Err      *Error
}

// mapRecord asks the Mapper for a record's fields. What a host's own Mapper returns
// is converted: a value that no field takes would fail the whole call for the other
// leads.
func (s *mappingSet) mapRecord(lead *Lead, target Target) mapped {
	fields, warnings, err := s.mapper.Map(lead, target)
	if err != nil {
		return mapped{Err: mapError(lead.ID, target.Object, err)}
	}
	m := mapped{Fields: fields, Warnings: warnings}
	if _, rows := s.mapper.(*Mapping); !rows {
		m = m.fit(lead, target)
	}
	return m
}

// fit converts the fields of a host's own Mapper to what the record takes.
func (m mapped) fit(lead *Lead, target Target) mapped {
	if target.Describe == nil {
		return mapped{Err: mapError(lead.ID, target.Object, unseen(target.Object))}
	}
	describe := target.ofRecordType(recordTypeIn(m.Fields, target.Describe))
	converted := make(salesforce.Fields, len(m.Fields))
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		field, ok := describe.Field(name)
		if !ok || field.Type == salesforce.TypeID {
			f := &fault{MissingRemoteField, name, "the object has no such field to write"}
			return mapped{Err: joinFaults(lead.ID, target.Object, []*fault{f})}
		}
		value, notes, problem := convert(field, m.Fields[name], Options{})
		if problem != nil {
			return mapped{Err: joinFaults(lead.ID, target.Object, []*fault{faultOf(problem)})}
		}
		converted[field.Name] = value
		m.Warnings = append(m.Warnings, warningsOf(target.Object, notes)...)
	}
	m.Fields = converted
	return m
}

// recordTypeIn returns the record type that unconverted fields choose, nil for none.
func recordTypeIn(fields salesforce.Fields, describe *salesforce.Describe) any {
	field, ok := describe.Field(recordTypeField)
	for name, value := range fields {
		if ok && strings.EqualFold(name, recordTypeField) {
			chosen, _, _ := convert(field, value, Options{}) // fit reports what is wrong
			return chosen
		}
	}
	return nil
}

// compose returns all that a lead wants of a record: what the Mapper returned for it,
// and the answers to qualifiers.
func (s *mappingSet) compose(lead *Lead, target Target, m mapped) mapped {
	if m.Err != nil {
		return m
	}
	// Only now the record type is known, and with it which options there are.
	target.Describe = target.ofRecordType(m.Fields[recordTypeField])
	answers, more, faults := mapAnswers(s.qualifiers, lead, target)
	if len(faults) > 0 {
		return mapped{Err: joinFaults(lead.ID, target.Object, faults)}
	}
	m.Warnings = slices.Concat(m.Warnings, more)
	if target.Object == salesforce.ObjectLead || target.Object == salesforce.ObjectContact {
		m.Warnings = append(m.Warnings, s.unusedAnswers(lead)...)
	}
	if len(answers) > 0 {
		m.Fields = maps.Clone(m.Fields)
		maps.Copy(m.Fields, answers)
	}
	err := checkWhole(lead, target, m.Fields)
	if err == nil {
		err = s.checkOwner(lead, target.Object, m.Warnings)
	}
	if err != nil {
		return mapped{Err: err}
	}
	return m
}

// checkWhole checks what the fields of a record say together: dependent picklists,
// and then the objects of ids.
func checkWhole(lead *Lead, target Target, fields salesforce.Fields) *Error {
	faults := checkDependents(target, fields)
	if len(faults) == 0 {
		faults = checkReferences(target, fields)
	}
	return joinFaults(lead.ID, target.Object, faults)
}

// checkOwner holds an owner that is not one active User against the policy.
func (s *mappingSet) checkOwner(lead *Lead, object salesforce.Object, warnings []Warning) *Error {
	i := slices.IndexFunc(warnings, func(w Warning) bool { return w.Code == OwnerInvalid && w.Field == ownerField })
	if i < 0 || s.owners != HoldOwner {
		return nil
	}
	return joinFaults(lead.ID, object, []*fault{{OwnerInvalid, ownerField, warnings[i].Reason}})
}
