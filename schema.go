package leadsync

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// folded is an object's name for comparing: Salesforce ignores its case.
func folded(o salesforce.Object) salesforce.Object {
	return salesforce.Object(strings.ToLower(string(o)))
}

// without returns those of list that are not in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
