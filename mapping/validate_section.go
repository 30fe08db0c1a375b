// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// section checks what a section is beside its rules: the key and the lookups.
func (c *mappingCheck) section(path string, section *Section) {
	switch {
	case value.MatchedObject(section.Object) != "" && section.Key != "":
		c.refuse(path+".key", section.Key, "does not apply to %s, whose records a strategy finds", section.Object)
	case section.Object.Equal(salesforce.ObjectTask) && section.Key != "":
		c.refuse(path+".key", section.Key, "does not apply to Task: an activity has its own id")
	case !value.IsCustom(section.Object) && len(section.Lookups) > 0:
		c.refuse(path+".lookups", "", "do not apply to %s", section.Object)
	case !value.IsCustom(section.Object):
		return
	case !value.IsAPIName(section.Key):
		c.add(path+".key", leadtype.RequiredFieldMissing, section.Key,
			"must be the API name of a field: the object needs one that identifies its records")
	}
	for i := range section.Rules {
		rule := &section.Rules[i]
		if rule == section.keyRule() && (rule.Write == Never || rule.Write == Append || rule.By != "") {
			c.refuse(fmt.Sprintf("%s.rules[%d]", path, i), rule.Field,
				"fills the key, so write must not be never or append, and by must be empty")
		}
		if rule == section.keyRule() && rule.Unfit == Skip {
			c.refuse(fmt.Sprintf("%s.rules[%d].unfit", path, i), rule.Field,
				"must not be skip: the rule fills the key, without which there is no record")
		}
	}
	seen := make(map[string]bool)
	for i, lookup := range section.Lookups {
		at := fmt.Sprintf("%s.lookups[%d]", path, i)
		name := strings.ToLower(lookup.Field)
		switch {
		case !value.IsAPIName(name):
			c.add(at+".field", leadtype.RequiredFieldMissing, lookup.Field, "is not the API name of a field")
		case seen[name]:
			c.refuse(at+".field", lookup.Field, "is the field of an earlier lookup")
		case strings.EqualFold(name, section.Key):
			c.refuse(at+".field", lookup.Field, "is the key")
		case slices.ContainsFunc(section.Rules, func(r Rule) bool { return strings.EqualFold(r.Field, name) }):
			c.refuse(at+".field", lookup.Field, "is also the target of a rule")
		}
		seen[name] = true
		c.lookupTarget(at+".to", section, lookup)
	}
}

func (c *mappingCheck) lookupTarget(path string, section *Section, lookup Lookup) {
	to := salesforce.Object(lookup.To)
	switch {
	case to == "":
		c.add(path, leadtype.RequiredFieldMissing, lookup.Field, "is missing: a lookup needs a target")
	case to.Equal(section.Object):
		c.refuse(path, lookup.Field, "is the section's own object")
	case to.Equal(salesforce.Object(ToPerson)) || value.MatchedObject(to) != "":
	case c.mapping.custom(to) == nil:
		c.refuse(path, lookup.Field, "must be one of %s, or the object of another section",
			value.Quoted([]LookupTarget{ToPerson, ToLead, ToContact, ToAccount}))
	case c.mapping.leadsTo(to, section.Object, nil):
		c.refuse(path, lookup.Field, "leads back to %s by lookups", section.Object)
	}
}

// leadsTo reports whether the lookups of a section lead to another one.
func (m *Mapping) leadsTo(from, to salesforce.Object, seen []salesforce.Object) bool {
	section := m.custom(from)
	if section == nil || slices.Contains(seen, value.Folded(from)) {
		return false
	}
	seen = append(seen, value.Folded(from))
	return slices.ContainsFunc(section.Lookups, func(l Lookup) bool {
		next := salesforce.Object(l.To)
		return next.Equal(to) || m.leadsTo(next, to, seen)
	})
}

// sectionFields checks the key and the lookups of a section against its object.
func (c *mappingCheck) sectionFields(path string, section *Section, describe *salesforce.Describe) {
	if !value.IsCustom(section.Object) {
		return
	}
	if _, err := section.keyField(describe); err != nil && value.IsAPIName(section.Key) {
		c.add(path+".key", err.Code, section.Key, "%s", err.Reason)
	}
	for i, lookup := range section.Lookups {
		at := fmt.Sprintf("%s.lookups[%d].field", path, i)
		field, ok := describe.Field(lookup.Field)
		switch {
		case !value.IsAPIName(lookup.Field): // section reports it
		case !ok:
			c.add(at, leadtype.MissingRemoteField, lookup.Field, value.UnseenField)
		case field.Type != salesforce.TypeReference:
			c.refuse(at, field.Name, "has the type %s and is not a reference", field.Type)
		case !lookup.To.Fits(field):
			c.refuse(at, field.Name, "does not refer to %s", lookup.To)
		case !field.Createable && !field.Updateable, lookup.CreateOnly && !field.Createable:
			c.add(at, leadtype.ConnectionPermission, field.Name, "%s", value.WhyLocked(field))
		case !field.Updateable && !lookup.CreateOnly:
			c.add(at, leadtype.ConnectionPermission, field.Name, "can be written on create only: the lookup needs createOnly")
		}
	}
}
