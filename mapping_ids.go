package leadsync

import (
	"maps"
	"slices"

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
