package leadsync

import (
	"github.com/leadsync/leadsync/salesforce"
)

// A Strategy says how the record of a lead is found, and what is created when
// there is none. It is pure: it does no I/O, so that the library can look up a
// thousand leads at once, and it is safe for concurrent use.
type Strategy interface {
	// Name is the strategy's stable name: captured leads carry it.
	Name() string
	// Probes returns what to look for, in order: the first hit wins. Probes for
	// Account come into play only when a Contact is to be created. Probes
	// with a blank value are skipped.
	Probes(lead *Lead) []Probe
	// NoHit returns what to create when no probe finds the person.
	NoHit(lead *Lead) NoHit
}

// A Probe is one way to find a record: an object's field and the value sought.
type Probe struct {
	Object salesforce.Object `json:"object"`
	// Field is compared as Salesforce compares it, without regard to case. Id
	// follows a merge to the surviving record; Account's Website is compared by
	// registrable domain, and Account's Name with case, punctuation and legal
	// form folded.
	Field string `json:"field"`
	// Value is personal data: it is never logged.
	Value string `json:"-"`
}

// NoHit is what a Strategy creates when nothing was found.
type NoHit struct {
	// Person is the object that the person becomes: Lead or Contact.
	Person salesforce.Object
	// Account says that a Contact is created within an Account: the one that
	// the probes found, else a new one.
	Account bool
}

// A MatchTrace says why a record was chosen. It holds ids and rules, no values.
type MatchTrace struct {
	Strategy string       `json:"strategy,omitempty"`
	Probes   []ProbeTrace `json:"probes,omitempty"`
	// Rule is the rule that decided, in words.
	Rule string `json:"rule,omitempty"`
	// FoldedInto is the lead of the same batch whose record this lead shares.
	FoldedInto LeadID `json:"foldedInto,omitempty"`
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
