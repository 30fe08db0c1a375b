package leadsync

import (
	"github.com/leadsync/leadsync/internal/identity"
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
	// registrable domain, where pages at social networks and other hosts of
	// everyone's pages are nobody's; and Account's Name with case, punctuation and
	// legal form folded.
	Field string `json:"field"`
	// Value is personal data: it is never logged.
	Value string `json:"-"`
}

// String names the probe's object and field, never the value, whatever prints
// it.
func (p Probe) String() string { return string(p.Object) + "." + p.Field }

// GoString is String.
func (p Probe) GoString() string { return p.String() }

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

// A builtinStrategy is one of the three strategies of the library, by name.
type builtinStrategy string

// The strategies of the library.
const (
	// LeadsAndContacts probes Contact Id, Contact Email, Lead Id and Lead Email,
	// and creates a Lead when none hits.
	LeadsAndContacts builtinStrategy = "leads-and-contacts"
	// LeadsOnly probes Lead Id and Lead Email, and creates a Lead when none hits.
	LeadsOnly builtinStrategy = "leads-only"
	// AccountsAndContacts probes Contact Id and Contact Email. When none hits it
	// creates a Contact, in the Account that is known by id, or found by website
	// domain or company name, else in a new one. The domain is that of the lead's
	// website, or where that is a page at a social network or the like that of the
	// e-mail address; free mail and disposable addresses have none.
	AccountsAndContacts builtinStrategy = "accounts-and-contacts"
)

// Name returns the strategy's name, such as leads-and-contacts.
func (s builtinStrategy) Name() string { return string(s) }

// Probes returns the strategy's row of the table in README.
func (s builtinStrategy) Probes(lead *Lead) []Probe {
	contact := []Probe{
		{Object: salesforce.ObjectContact, Field: "Id", Value: string(lead.ContactID)},
		{Object: salesforce.ObjectContact, Field: "Email", Value: lead.Email},
	}
	person := []Probe{
		{Object: salesforce.ObjectLead, Field: "Id", Value: string(lead.LeadID)},
		{Object: salesforce.ObjectLead, Field: "Email", Value: lead.Email},
	}
	switch s {
	case LeadsOnly:
		return person
	case AccountsAndContacts:
		return append(contact,
			Probe{Object: salesforce.ObjectAccount, Field: "Id", Value: string(lead.AccountID)},
			Probe{Object: salesforce.ObjectAccount, Field: "Website", Value: identity.CompanyDomain(lead.Website, lead.Email)},
			Probe{Object: salesforce.ObjectAccount, Field: "Name", Value: lead.Company})
	}
	return append(contact, person...)
}

// NoHit returns a Lead, or for AccountsAndContacts a Contact in an Account.
func (s builtinStrategy) NoHit(*Lead) NoHit {
	if s == AccountsAndContacts {
		return NoHit{Person: salesforce.ObjectContact, Account: true}
	}
	return NoHit{Person: salesforce.ObjectLead}
}
