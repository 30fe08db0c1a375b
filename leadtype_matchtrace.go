package leadsync

import (
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// A MatchTrace says why a record was chosen. It holds ids and rules, no values.
type MatchTrace struct {
	Strategy string       `json:"strategy,omitempty"`
	Probes   []ProbeTrace `json:"probes,omitempty"`
	// Rule is the rule that decided, in words.
	Rule string `json:"rule,omitempty"`
	// FoldedInto is the lead of the same batch whose record this lead shares.
	FoldedInto LeadID `json:"foldedInto,omitempty"`
	// Chosen is the candidate that a person chose; see Syncer.Choose.
	Chosen salesforce.ID `json:"chosen,omitempty"`
}

// A ProbeTrace is one probe that was tried.
type ProbeTrace struct {
	Probe
	// Skipped says why the probe was not tried, such as "blank".
	Skipped string `json:"skipped,omitempty"`
	// Candidates are all records found, the chosen one first.
	Candidates []Candidate `json:"candidates,omitempty"`
	// Hit says that this probe decided.
	Hit bool `json:"hit,omitempty"`
}

// A Candidate is a record that a probe found.
type Candidate struct {
	Object salesforce.Object `json:"object"`
	ID     salesforce.ID     `json:"id"`
	// Note says what stood against it or where it led, such as "converted" or
	// "merged".
	Note string `json:"note,omitempty"`
}

// Tried reports whether the strategy looked for a person among the records of an
// object.
func (t *MatchTrace) Tried(object salesforce.Object) bool {
	return object != salesforce.ObjectAccount &&
		slices.ContainsFunc(t.Probes, func(p ProbeTrace) bool { return p.Object == object })
}
