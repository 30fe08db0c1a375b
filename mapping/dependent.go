// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// checkDependents looks at the restricted dependent picklists among fields,
// which are all that is to be written to the target: each option must be one
// that the controlling field's value allows, but that the record may keep what it
// holds beside the same value. Where that value is not known, because it was not
// read or Salesforce supplies a default, Salesforce decides.
func checkDependents(target Target, fields salesforce.Fields) []*fault {
	var faults []*fault
	for _, t := range textsOf(&target, fields, func(field *salesforce.Field) bool {
		return field.DependentPicklist && field.RestrictedPicklist
	}) {
		field, text := t.field, t.text
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

// A textIn is the text that is to be written to a field.
type textIn struct {
	field *salesforce.Field
	text  string
}

// textsOf returns the texts among fields that are to be written to some fields of a target, which
// are few, by name.
func textsOf(target *Target, fields salesforce.Fields, isOne func(*salesforce.Field) bool) []textIn {
	var texts []textIn
	for name, v := range fields {
		text, isText := v.(string)
		if !isText {
			continue
		}
		if field, ok := target.Describe.Field(name); ok && isOne(field) {
			texts = append(texts, textIn{field, text})
		}
	}
	slices.SortFunc(texts, func(a, b textIn) int { return strings.Compare(a.field.Name, b.field.Name) })
	return texts
}

// checkReferences looks at the ids among fields, which are all that is to be
// written to the target: each must be of a record that its field may refer to, as
// far as the prefixes of ids show it. Only the org knows whether there is such a record.
func checkReferences(target Target, fields salesforce.Fields) []*fault {
	var faults []*fault
	for _, t := range textsOf(&target, fields, func(field *salesforce.Field) bool {
		return field.Type == salesforce.TypeReference
	}) {
		field, id := t.field, t.text
		if target.holds(field, id) {
			continue // whatever it is, it is not written
		}
		if f := misreference(target.Describe, field, id, target.Other); f != nil {
			faults = append(faults, f)
		}
	}
	return faults
}

// misreference is the fault of an id that a field cannot hold, nil when it may.
func misreference(
	describe *salesforce.Describe, field *salesforce.Field, id string,
	other func(salesforce.Object) *salesforce.Describe,
) *fault {
	reason, denied := value.Misreference(describe, field, salesforce.ID(id), other)
	switch {
	case reason == "":
		return nil
	case denied:
		return &fault{code: leadtype.ConnectionPermission, field: field.Name, reason: reason}
	}
	return unfit(field.Name, reason)
}

// holds reports whether the record has a value already.
func (t *Target) holds(field *salesforce.Field, v any) bool {
	current, known := t.current(field)
	return known && !t.Creates() && value.SameValue(field, current, v)
}

// controllerOf returns what the options of a dependent picklist depend on: the value that
// its controlling field will have, of the first of the fields to be written that has one,
// else of the record. It is nil where that is not known or blank, and for another field.
func controllerOf(target *Target, field *salesforce.Field, written ...salesforce.Fields) *value.Controller {
	if !field.DependentPicklist {
		return nil
	}
	controller, ok := target.Describe.Field(field.ControllerName)
	if !ok {
		return nil
	}
	i := slices.IndexFunc(written, func(fields salesforce.Fields) bool {
		_, ok := fields[controller.Name]
		return ok
	})
	var fields salesforce.Fields
	if i >= 0 {
		fields = written[i]
	}
	v, known := controllingValue(target, controller, fields)
	if !known || value.IsBlank(v) && controller.Type != salesforce.TypeBoolean {
		return nil
	}
	return &value.Controller{Field: controller, Value: v}
}

// controllersFirst sorts what fills picklists such that a field comes after the one that
// controls it.
func controllersFirst[T any](pending []T, fieldOf func(T) *salesforce.Field) {
	depth := func(of T) int {
		field, above := fieldOf(of), 0
		for range pending {
			i := slices.IndexFunc(pending, func(other T) bool {
				return field.ControllerName != "" && strings.EqualFold(fieldOf(other).Name, field.ControllerName)
			})
			if i < 0 {
				break
			}
			field, above = fieldOf(pending[i]), above+1
		}
		return above
	}
	slices.SortStableFunc(pending, func(a, b T) int { return cmp.Compare(depth(a), depth(b)) })
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
