// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// FindOption returns the active option of a picklist whose value, or else whose
// label, equals text without regard to case, and false when there is none.
func FindOption(field *salesforce.Field, text string) (string, bool) {
	if option, ok := field.Option(text); ok {
		return option.Value, true
	}
	for _, option := range field.PicklistValues {
		if option.Active && (SameName(option.Label, text) || SameName(option.Value, text)) {
			return option.Value, true
		}
	}
	return "", false
}

// Allowed reports whether each of the options, separated by ";", of a dependent picklist
// may be chosen where its controlling field has the value.
func Allowed(field, controller *salesforce.Field, value any, options string) bool {
	index := controllingIndex(controller, value)
	for _, option := range SplitValues(options) {
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
		if ticked, _ := parseBool(TextOf(value, nil)); ticked {
			return 1
		}
		return 0
	}
	text := strings.TrimSpace(TextOf(value, nil))
	return slices.IndexFunc(controller.PicklistValues, func(v salesforce.PicklistValue) bool {
		return SameName(v.Value, text)
	})
}

// validFor reads the bitmap of an option, the first value in the highest bit of
// the first byte (unverified).
func validFor(option salesforce.PicklistValue, index int) bool {
	bits, err := base64.StdEncoding.DecodeString(option.ValidFor)
	return err == nil && index/8 < len(bits) && bits[index/8]&(0x80>>(index%8)) != 0
}
