// SPDX-License-Identifier: Apache-2.0

package value

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// Misreference returns why a field cannot hold an id, "" when it may.
func Misreference(
	describe *salesforce.Describe, field *salesforce.Field, id salesforce.ID,
	other func(salesforce.Object) *salesforce.Describe,
) string {
	if strings.EqualFold(field.Name, RecordTypeField) && len(describe.RecordTypes) > 0 {
		given := slices.ContainsFunc(describe.RecordTypes, func(t salesforce.RecordType) bool {
			return t.ID.Equal(id) && t.Active && t.Available
		})
		if !given {
			return "is not an active record type of the object that the connected user may assign"
		}
		return ""
	}
	if refersTo(field, id, other) {
		return ""
	}
	names := make([]string, len(field.ReferenceTo))
	for i, object := range field.ReferenceTo {
		names[i] = string(object)
	}
	return "is not the id of a " + strings.Join(names, " or ")
}

// refersTo reports whether an id may be of one of the objects that a field refers
// to: its prefix is one's, or of no object that is known while one's is not.
func refersTo(field *salesforce.Field, id salesforce.ID, other func(salesforce.Object) *salesforce.Describe) bool {
	unknown := len(field.ReferenceTo) == 0
	for _, object := range field.ReferenceTo {
		switch prefix := keyPrefix(object, other); prefix {
		case id.Prefix():
			return true
		case "":
			unknown = true
		}
	}
	return unknown && ObjectOfID(id) == ""
}

// keyPrefix is what the ids of an object begin with, "" when that is not known.
func keyPrefix(object salesforce.Object, other func(salesforce.Object) *salesforce.Describe) string {
	for prefix, standard := range idPrefixes {
		if standard.Equal(object) {
			return prefix
		}
	}
	if other != nil {
		if describe := other(object); describe != nil {
			return describe.KeyPrefix
		}
	}
	return ""
}
