// SPDX-License-Identifier: Apache-2.0

package endurance_test

import (
	"fmt"
	"time"

	"github.com/leadsync/leadsync"
)

// A crowd says who the leads of a host's list are. Each field adds what tempts a
// sync to take one person for another; the zero value is a crowd of people with
// an address each, two of every ten leads one person.
type crowd struct {
	// NoEmail takes the address from a third of the leads.
	NoEmail bool
	// Namesakes gives two of every ten leads a name and a company that others have
	// too: one of them never has an address, the other sometimes.
	Namesakes bool
	// Moves has two of every ten leads change company with each capture.
	Moves bool
	// Corrections has a lead of every ten correct its address with the second capture.
	Corrections bool
	// Alike gives all leads one name and company, and no address, for controls.
	Alike bool
}

// hardCrowd has all that a crowd can have.
var hardCrowd = crowd{NoEmail: true, Namesakes: true, Moves: true, Corrections: true}

// person returns the number of a lead's person, which is that of their first lead.
func (c crowd) person(n int) int {
	if n%10 == 2 && !c.Alike {
		return n - 1
	}
	return n
}

// lead returns lead n as the host captures it for the version-th time, from 1. Its
// title, its notes and its activities name it; each version has one activity more.
func (c crowd) lead(n, version int) *leadsync.Lead {
	person := c.person(n)
	lead := &leadsync.Lead{
		ID: leadsync.LeadID(fmt.Sprintf("L%d", n)), EventID: "expo", LastName: fmt.Sprintf("Person %d", person),
		Email: fmt.Sprintf("p%d@company%d.example", person, person%7), Company: fmt.Sprintf("Company %d", person%7),
		JobTitle: fmt.Sprintf("title of L%d, %d", n, version), Notes: fmt.Sprintf("notes of L%d, %d", n, version),
		CapturedAt: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC),
	}
	for v := 1; v <= version; v++ {
		lead.Activities = append(lead.Activities,
			leadsync.Activity{Kind: leadsync.ActivityCall, Notes: fmt.Sprintf("call of L%d, %d", n, v)})
	}
	c.harden(lead, n, version)
	return lead
}

// harden changes a lead as the crowd says.
func (c crowd) harden(lead *leadsync.Lead, n, version int) {
	kind := n % 10
	if c.Alike {
		kind = 3
	}
	if c.Alike || c.NoEmail && (kind == 0 || kind == 3 || kind == 5 || n%20 == 8) {
		lead.Email = ""
	}
	if (c.Alike || c.Namesakes) && kind == 3 {
		lead.LastName, lead.Company = "Visitor", "Walk-ins"
	}
	if c.Namesakes && kind == 8 {
		lead.FirstName, lead.LastName, lead.Company = "John", "Smith", "Big Firm"
		if lead.Email != "" {
			lead.Email = fmt.Sprintf("p%d@gmail.com", n) // an address that says nothing of the company
		}
	}
	if c.Moves && kind == 6 {
		lead.Email = fmt.Sprintf("p%d@gmail.com", n)
	}
	if c.Moves && (kind == 5 || kind == 6) {
		lead.Company = fmt.Sprintf("Company %d of L%d", version, n)
	}
	if c.Corrections && kind == 4 && version == 1 {
		lead.Email = "mistyped." + lead.Email
	}
}
