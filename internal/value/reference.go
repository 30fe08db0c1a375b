// SPDX-License-Identifier: Apache-2.0

package value

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// Misreference returns why a field cannot hold an id, "" when it may. denied says that it
// is for a record type of the object that is not active, or that the connected user may
// not assign.
func Misreference(
	describe *salesforce.Describe, field *salesforce.Field, id salesforce.ID,
	other func(salesforce.Object) *salesforce.Describe,
) (reason string, denied bool) {
	if hasRecordTypes(describe, field) {
		i := slices.IndexFunc(describe.RecordTypes, func(t salesforce.RecordType) bool { return t.ID.Equal(id) })
		switch {
		case i < 0:
			return noRecordType, false
		case !assignable(&describe.RecordTypes[i]):
			return "is a record type that is not active, or that the connected user may not assign", true
		}
		return "", false
	}
	if refersTo(field, id, other) {
		return "", false
	}
	names := make([]string, len(field.ReferenceTo))
	for i, object := range field.ReferenceTo {
		names[i] = string(object)
	}
	return "is not the id of a " + strings.Join(names, " or "), false
}

// hasRecordTypes reports whether a field takes the record types in its object's describe.
func hasRecordTypes(describe *salesforce.Describe, field *salesforce.Field) bool {
	return describe != nil && strings.EqualFold(field.Name, RecordTypeField) && len(describe.RecordTypes) > 0
}

func assignable(t *salesforce.RecordType) bool { return t.Active && t.Available }

// RecordTypeNamed returns the id of the record type that a value names, where field takes
// one: by its developer name, else by its name, without regard to case. Of several types
// of that name the one that the connected user may assign counts. An id is returned as it is.
func RecordTypeNamed(describe *salesforce.Describe, field *salesforce.Field, v any) (any, *Problem) {
	if !hasRecordTypes(describe, field) {
		return v, nil
	}
	text := strings.TrimSpace(TextOf(v, nil))
	id, notID := salesforce.ParseID(text)
	if text == "" || notID == nil && ObjectOfID(id) == ObjectRecordType {
		return v, nil
	}
	for _, name := range []func(*salesforce.RecordType) string{
		func(t *salesforce.RecordType) string { return t.DeveloperName },
		func(t *salesforce.RecordType) string { return t.Name },
	} {
		var named, open []salesforce.ID
		for i := range describe.RecordTypes {
			t := &describe.RecordTypes[i]
			if t.Master || !SameName(name(t), text) {
				continue
			}
			named = append(named, t.ID)
			if assignable(t) {
				open = append(open, t.ID)
			}
		}
		switch {
		case len(open) == 1:
			return string(open[0]), nil
		case len(named) == 1:
			return string(named[0]), nil
		case len(named) > 1:
			return nil, &Problem{Field: field.Name, Reason: "is the name of more than one record type of the object"}
		}
	}
	if notID != nil {
		return nil, &Problem{Field: field.Name, Reason: noRecordType}
	}
	return v, nil
}

const noRecordType = "is not a record type of the object"

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
