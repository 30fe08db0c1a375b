// SPDX-License-Identifier: Apache-2.0

package demoorg

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A Kind is how a generated person exists in an org.
type Kind int

// The kinds: two of ten persons are Contacts, three are Leads, five are new.
const (
	New Kind = iota
	Contact
	Lead
)

// A Person is a generated person.
type Person struct {
	First, Last, Email string
	Company, Domain    string
	// Kind is the person's record in an org that SeedMix prepared.
	Kind Kind
	// Member reports whether the person is a member of the campaign there.
	Member bool
}

// companies is the number of companies that the people work for.
const companies = 97

// Mix returns generated person i, counted from 0. It is deterministic.
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

// SeedMix prepares an org in which half of the first n generated people exist:
// what Setup prepares, and the Contacts with their Accounts, the Leads and the
// campaign members that Mix returns.
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
