// SPDX-License-Identifier: Apache-2.0

package demoorg

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A Kind says what an org knows of a generated person.
type Kind int

// The kinds: two of ten persons are Contacts, three are Leads, five are new.
const (
	New Kind = iota
	Contact
	Lead
)

// A Person is one of a generated crowd.
type Person struct {
	First, Last, Email string
	Company, Domain    string
	// Kind is how the org of SeedMix knows the person.
	Kind Kind
	// Member says that the person is a member of the campaign there.
	Member bool
}

// companies is how many companies the crowd works for.
const companies = 97

// Mix returns person i of the crowd, counted from 0. It is always the same.
func Mix(i int) Person {
	domain := fmt.Sprintf("company-%d.example", i%companies)
	p := Person{
		First: fmt.Sprintf("Gen%d", i), Last: fmt.Sprintf("Person%d", i), Email: fmt.Sprintf("gen.%d@%s", i, domain),
		Company: fmt.Sprintf("Company %d", i%companies), Domain: domain,
		Member: i%10 == 0,
	}
	switch i % 10 {
	case 0, 1:
		p.Kind = Contact
	case 2, 3, 4:
		p.Kind = Lead
	}
	return p
}

// SeedMix makes an org that knows half of the first n persons of the crowd: what
// Setup prepares, and the Contacts with their Accounts, the Leads and the
// campaign's members that Mix says.
func SeedMix(org *sftest.Org, n int) {
	Setup(org)
	accounts := map[string]string{}
	for i := range n {
		p := Mix(i)
		switch p.Kind {
		case Contact:
			if accounts[p.Company] == "" {
				accounts[p.Company] = addAccount(org, p.Company, "https://www."+p.Domain)
			}
			id := addContact(org, accounts[p.Company], p.First, p.Last, p.Email)
			if p.Member {
				addMember(org, "ContactId", id, "Sent")
			}
		case Lead:
			addLead(org, p.First, p.Last, p.Email, p.Company)
		case New:
		}
	}
}
