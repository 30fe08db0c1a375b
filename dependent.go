package leadsync

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// checkDependents looks at the restricted dependent picklists among fields,
// which are all that is to be written to the target: each option must be one
// that the controlling field's value allows, but that the record may keep what it
// holds beside the same value. Where that value is not known, because it was not
// read or Salesforce supplies a default, Salesforce decides.
func checkDependents(lead *Lead, target Target, fields salesforce.Fields) error {
	var problems []*Error
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
		value, known := controllingValue(&target, controller, fields)
		if target.holds(field, text) && target.holds(controller, value) {
			continue
		}
		if known && !allowed(field, controller, value, text) {
			problems = append(problems, refuseField(field.Name, fmt.Sprintf("is not an option for the value of %s", controller.Name)))
		}
	}
	return joinProblems("map", lead, target.Object, problems)
}

// holds reports whether the record has a value already.
func (t *Target) holds(field *salesforce.Field, value any) bool {
	current, known := t.current(field)
	return known && !t.creates() && sameValue(field, current, value)
}

// controllingValue returns the value that the controlling field will have.
func controllingValue(target *Target, controller *salesforce.Field, fields salesforce.Fields) (any, bool) {
	if value, ok := fields[controller.Name]; ok {
		return value, true
	}
	value, known := target.current(controller)
	if known && isBlank(value) && target.creates() {
		hasDefault := slices.ContainsFunc(controller.PicklistValues, func(v salesforce.PicklistValue) bool { return v.DefaultValue })
		return value, !hasDefault && !controller.DefaultedOnCreate
	}
	return value, known
}

// allowed reports whether each option of a dependent picklist may be chosen.
func allowed(field, controller *salesforce.Field, value any, options string) bool {
	index := controllingIndex(controller, value)
	for _, option := range splitValues(options) {
		i := slices.IndexFunc(field.PicklistValues, func(v salesforce.PicklistValue) bool { return v.Value == option })
		if index < 0 || i < 0 || !validFor(field.PicklistValues[i], index) {
			return false
		}
	}
	return true
}

// controllingIndex is the place of a value among those of the controlling
// field, -1 for none: of a checkbox false comes before true.
func controllingIndex(controller *salesforce.Field, value any) int {
	if controller.Type == salesforce.TypeBoolean {
		if sameBool(value, true) {
			return 1
		}
		return 0
	}
	text := strings.TrimSpace(textOf(value, nil))
	return slices.IndexFunc(controller.PicklistValues, func(v salesforce.PicklistValue) bool { return strings.EqualFold(v.Value, text) })
}

// validFor reads the bitmap of an option, the first value in the highest bit of
// the first byte (SALESFORCE.md 1, from memory).
func validFor(option salesforce.PicklistValue, index int) bool {
	bits, err := base64.StdEncoding.DecodeString(option.ValidFor)
	return err == nil && index/8 < len(bits) && bits[index/8]&(0x80>>(index%8)) != 0
}
