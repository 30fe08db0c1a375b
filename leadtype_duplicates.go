package leadsync

import (
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// A DuplicatePolicy says what happens when a duplicate rule or a unique field of
// the org refuses a person or an account because the record exists already.
type DuplicatePolicy string

// The policies for duplicates.
const (
	// ReuseDuplicate takes the record that Salesforce names, if it is the only one
	// and of an object that the strategy looks for. Several are AMBIGUOUS_MATCH, a
	// record of another object is held.
	ReuseDuplicate DuplicatePolicy = "reuse"
	// AllowDuplicate writes the record where the duplicate rule only alerts; one that
	// blocks is held.
	AllowDuplicate DuplicatePolicy = "allow-save"
	// HoldDuplicate fails the lead with DUPLICATE_RECORD for a person to decide.
	HoldDuplicate DuplicatePolicy = "hold"
)

// Tried reports whether the strategy looked for a person among the records of an
// object.
func (t *MatchTrace) Tried(object salesforce.Object) bool {
	return object != salesforce.ObjectAccount &&
		slices.ContainsFunc(t.Probes, func(p ProbeTrace) bool { return p.Object == object })
}
