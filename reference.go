package leadsync

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// checkReferences looks at the ids among fields, which are all that is to be
// written to the target: each must be of a record that its field may refer to, as
// far as ids tell. Whether there is such a record only the org knows.
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
		if reason := misreference(target.Describe, field, salesforce.ID(id), target.Other); reason != "" {
			faults = append(faults, misfit(field.Name, reason))
		}
	}
	return faults
}

// misreference says why a field cannot hold an id, "" when it may.
func misreference(describe *salesforce.Describe, field *salesforce.Field, id salesforce.ID, other func(salesforce.Object) *salesforce.Describe) string {
	if strings.EqualFold(field.Name, recordTypeField) && len(describe.RecordTypes) > 0 {
		given := slices.ContainsFunc(describe.RecordTypes, func(t salesforce.RecordType) bool { return t.ID.Equal(id) && t.Active && t.Available })
		if !given {
			return "is no active record type of the object that the connected user may give"
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
	return "is the id of another object than " + strings.Join(names, " or ")
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
	return unknown && objectOfID(id) == ""
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
