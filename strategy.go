// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Strategy says how the record of a lead is found, and what is created when there is
// none. It must do no I/O, because a thousand leads are looked up at once, and must be
// safe for concurrent use. One that panics fails its lead; see Config.Logger.
type Strategy interface {
	// Name is the strategy's stable name: captured leads carry it.
	Name() string
	// Probes returns what to look for, in order: the first hit wins. Those for Account
	// count only when a Contact is to be created. Those with a blank value are skipped.
	Probes(lead *Lead) []leadtype.Probe
	// NoHit returns what to create when no probe finds the person.
	NoHit(lead *Lead) leadtype.NoHit
}

// A builtinStrategy is one of the three strategies of the library, by name.
type builtinStrategy string

// The strategies of the library. The name of each is its text, such as "leads-only".
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

// builtinStrategies are those that Settings and captured leads can always name.
func builtinStrategies() []Strategy {
	return []Strategy{LeadsAndContacts, LeadsOnly, AccountsAndContacts}
}

// Name returns the strategy's name, such as leads-and-contacts.
func (s builtinStrategy) Name() string { return string(s) }

// Probes returns what the strategy looks for, in order.
func (s builtinStrategy) Probes(lead *Lead) []leadtype.Probe {
	probes := make([]leadtype.Probe, 0, 4)
	if s != LeadsOnly {
		probes = append(probes,
			leadtype.Probe{Object: salesforce.ObjectContact, Field: "Id", Value: string(lead.ContactID)},
			leadtype.Probe{Object: salesforce.ObjectContact, Field: "Email", Value: lead.Email})
	}
	if s == AccountsAndContacts {
		return append(probes,
			leadtype.Probe{Object: salesforce.ObjectAccount, Field: "Id", Value: string(lead.AccountID)},
			leadtype.Probe{Object: salesforce.ObjectAccount, Field: "Website",
				Value: identity.CompanyDomain(lead.Website, lead.Email)},
			leadtype.Probe{Object: salesforce.ObjectAccount, Field: "Name", Value: lead.Company})
	}
	return append(probes,
		leadtype.Probe{Object: salesforce.ObjectLead, Field: "Id", Value: string(lead.LeadID)},
		leadtype.Probe{Object: salesforce.ObjectLead, Field: "Email", Value: lead.Email})
}

// NoHit returns a Lead, or for AccountsAndContacts a Contact in an Account.
func (s builtinStrategy) NoHit(*Lead) leadtype.NoHit {
	if s == AccountsAndContacts {
		return leadtype.NoHit{Person: salesforce.ObjectContact, Account: true}
	}
	return leadtype.NoHit{Person: salesforce.ObjectLead}
}
