// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
)

// An audience says who the leads of a schedule are, and what happens around them. Its
// zero value has people who are easy to tell apart: leads 0 and 1 are one person, 2
// and 3 colleagues of theirs, 4 has no e-mail address, and 5 is a colleague of 4.
// Each field adds what tempts a sync to take one person for another.
type audience struct {
	// namesakes adds the leads 6 to 8, who share name and company. Only 8 has an
	// address.
	namesakes bool
	// moves has leads 3 and 4 change company with each capture.
	moves bool
	// corrections has lead 5 correct its address with the second capture.
	corrections bool
	// synced adds leads that the host passes to Sync beside what runs: 9, who is the
	// person of 0 and 1, and 10.
	synced bool
	// merges has people merge records in the org.
	merges bool
	// second is a second store on the org, drained by processes of its own.
	second secondStore
	// system is the name of another system that counts its leads from 0 too, "" for the
	// first one.
	system string
}

// A secondStore is what a second store on the org holds.
type secondStore int

const (
	noSecond    secondStore = iota
	sameLeads               // the same leads, under the same ids
	otherPeople             // leads of other people, under the same ids
)

// captures are how many leads may be captured, from 0.
func (a audience) captures() int {
	if a.namesakes {
		return 9
	}
	return 6
}

// firstSynced is the first of the leads that are passed to Sync, and lastSynced the
// last.
const firstSynced, lastSynced = 9, 10

// person names the person of a lead.
func (a audience) person(n int) string {
	// Two stores cannot know that two ids are one person: a key is a lead's.
	if n == 0 && a.second != sameLeads || n == firstSynced {
		n = 1
	}
	return fmt.Sprint(a.system, n)
}

// lead returns lead n as the host has it for the version-th time, from 1. From the
// second on it has another activity.
func (a audience) lead(n, version int) *leadsync.Lead {
	person, company := a.person(n), n/4
	if n >= a.captures() {
		company = 0
	}
	lead := &leadsync.Lead{
		ID: leadsync.LeadID(fmt.Sprintf("L%d", n)), LastName: "Person " + person,
		Company:  fmt.Sprintf("Company %s%d", a.system, company),
		Email:    fmt.Sprintf("p%s@company%s%d.example", person, a.system, company),
		JobTitle: a.mark("title", n, version), CapturedAt: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC),
		Activities: []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: a.mark("call", n, 1)}},
	}
	if a != (audience{}) {
		lead.Notes = a.mark("notes", n, version)
	}
	if version > 1 {
		lead.Activities = append(lead.Activities, leadsync.Activity{Kind: leadsync.ActivityNote, Notes: a.mark("note", n, 2)})
	}
	a.harden(lead, n, version)
	return lead
}

// harden makes a lead what the audience says.
func (a audience) harden(lead *leadsync.Lead, n, version int) {
	switch n {
	case 3, 4:
		if a.moves {
			lead.Company = fmt.Sprintf("Company %s%d of %d", a.system, version, n)
			lead.Email = fmt.Sprintf("p%s%d@gmail.com", a.system, n) // an address that says nothing of the company
		}
	case 5:
		if a.corrections && version == 1 {
			lead.Email = "mistyped." + lead.Email
		}
	case 6, 7, 8:
		lead.FirstName, lead.LastName, lead.Company = "John"+a.system, "Smith", "Big Firm"+a.system
	}
	switch {
	case n == 4 || n == 6 || n == 7:
		lead.Email = ""
	case n == 8 && a.second == sameLeads:
		// The key of an account is its domain where the lead tells it: two stores that
		// create it for different leads would not have the same.
		lead.Email = "p8@gmail.com"
	}
}

// mark is a text that names its lead.
func (a audience) mark(what string, n, version int) string {
	return fmt.Sprintf("%s of %sL%d, %d", what, a.system, n, version)
}

// audiences are those of the schedules, in an org with key fields or without. All of
// them are hard, and something more happens around each.
func audiences(keyFields bool) []audience {
	hard := audience{namesakes: true, moves: true, corrections: true}
	beside := func(change func(*audience)) audience {
		with := hard
		change(&with)
		return with
	}
	all := []audience{
		hard,
		beside(func(a *audience) { a.merges = true }),
		beside(func(a *audience) { a.synced = true }),
		beside(func(a *audience) { a.second = otherPeople }),
	}
	if keyFields { // without, nothing keeps two stores from creating the same person
		all = append(all, beside(func(a *audience) { a.second = sameLeads }))
	}
	return all
}

// object is what the strategy creates for a person.
func (m *modelSchema) object() salesforce.Object {
	if m.strategy == leadsync.AccountsAndContacts {
		return salesforce.ObjectContact
	}
	return salesforce.ObjectLead
}
