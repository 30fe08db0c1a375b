// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// checkDependents looks at the restricted dependent picklists among fields,
// which are all that is to be written to the target: each option must be one
// that the controlling field's value allows, but that the record may keep what it
// holds beside the same value. Where that value is not known, because it was not
// read or Salesforce supplies a default, Salesforce decides.
func checkDependents(target Target, fields salesforce.Fields) []*fault {
	var faults []*fault
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field, ok := target.Describe.Field(name)
		text, isText := fields[name].(string)
		if !ok || !isText || !field.DependentPicklist || !field.RestrictedPicklist {
			continue
		}
		controller, ok := target.Describe.Field(field.ControllerName)
		if !ok {
			continue
		}
		v, known := controllingValue(&target, controller, fields)
		if target.holds(field, text) && target.holds(controller, v) {
			continue
		}
		if known && !value.Allowed(field, controller, v, text) {
			faults = append(faults, unfit(field.Name, fmt.Sprintf("is not an option for the value of %s", controller.Name)))
		}
	}
	return faults
}

// checkReferences looks at the ids among fields, which are all that is to be
// written to the target: each must be of a record that its field may refer to, as
// far as the prefixes of ids show it. Only the org knows whether there is such a record.
func checkReferences(target Target, fields salesforce.Fields) []*fault {
	var faults []*fault
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field, ok := target.Describe.Field(name)
		id, isText := fields[name].(string)
		if !ok || !isText || field.Type != salesforce.TypeReference {
			continue
		}
		if target.holds(field, id) {
			continue // whatever it is, it is not written
		}
		if reason := value.Misreference(target.Describe, field, salesforce.ID(id), target.Other); reason != "" {
			faults = append(faults, unfit(field.Name, reason))
		}
	}
	return faults
}

// holds reports whether the record has a value already.
func (t *Target) holds(field *salesforce.Field, v any) bool {
	current, known := t.current(field)
	return known && !t.Creates() && value.SameValue(field, current, v)
}

// controllingValue returns the value that the controlling field will have.
func controllingValue(target *Target, controller *salesforce.Field, fields salesforce.Fields) (any, bool) {
	if v, ok := fields[controller.Name]; ok {
		return v, true
	}
	current, known := target.current(controller)
	if known && value.IsBlank(current) && target.Creates() {
		isDefault := func(v salesforce.PicklistValue) bool { return v.DefaultValue }
		hasDefault := slices.ContainsFunc(controller.PicklistValues, isDefault)
		return current, !hasDefault && !controller.DefaultedOnCreate
	}
	return current, known
}
