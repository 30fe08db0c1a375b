// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"

	"github.com/leadsync/leadsync"
)

// Stories are what happens to leads beside the ends of processes: merges, conversions,
// corrections, two strategies, choices, namesakes.
func Stories() []Story {
	stories := []Story{
		{"a colleague's record is left while it is merged", leftAndMerged},
		{"a choice is synced", func(h *Hostile) { choice(h, false) }},
		{"another record is chosen", func(h *Hostile) { choice(h, true) }},
		{"namesakes", namesakes},
		{"a namesake gets an address, and another one", namesakeWithAddress},
		{"two records of namesakes are merged", namesakesMerged},
		{"a Contact in another company", otherCompany},
		{"a corrected choice", correctedChoice},
		{"a swap across conversions", swapAcrossConversions},
	}
	for _, email := range []string{First, "ada@third.example"} {
		for _, early := range []bool{true, false} {
			when := map[bool]string{true: "before", false: "after"}[early]
			stories = append(stories,
				Story{fmt.Sprintf("merged %s the correction, then %s", when, email), func(h *Hostile) {
					replaced(h, email, early, func(record string) string { return merged(h, record) })
				}},
				Story{fmt.Sprintf("converted %s the correction, then %s", when, email), func(h *Hostile) {
					replaced(h, email, early, func(record string) string {
						contact, _ := h.Org.Convert(record)
						return contact
					})
				}})
		}
	}
	for _, pair := range [][2]leadsync.Strategy{
		{leadsync.LeadsOnly, leadsync.AccountsAndContacts}, {leadsync.AccountsAndContacts, leadsync.LeadsOnly},
		{leadsync.LeadsAndContacts, leadsync.AccountsAndContacts}, {leadsync.LeadsAndContacts, leadsync.LeadsOnly}} {
		stories = append(stories, Story{"strategies " + pair[0].Name() + " and " + pair[1].Name(), func(h *Hostile) {
			strategies(h, pair)
		}})
	}
	return stories
}

// visitor returns Ada with an id, an address and a note.
func visitor(id leadsync.LeadID, email string) *leadsync.Lead {
	lead := Ada()
	lead.ID, lead.Email, lead.JobTitle = id, email, "Countess"
	lead.Activities = []leadsync.Activity{{ID: "n", Kind: leadsync.ActivityNote, Notes: "note of " + string(id)}}
	return lead
}

// merged merges a Lead into one that a person made of the same visitor.
func merged(h *Hostile, record string) string {
	was := h.Org.Row("Lead", record)
	winner := h.Org.Insert("Lead", map[string]any{"FirstName": was["FirstName"], "LastName": was["LastName"],
		"Company": was["Company"], "Email": was["Email"], "Title": was["Title"]})
	h.Org.Merge("Lead", winner, record)
	return winner
}

// replaced corrects a lead whose record something takes the place of, before or after a
// correction that is interrupted.
func replaced(h *Hostile, email string, early bool, replace func(record string) string) {
	h.T.Helper()
	first := h.Settled(h.Captures(visitor("L1", First)))
	h.Cleared(first)
	record := string(first[0].Last.ID)
	if early {
		record = replace(record)
	}
	h.Interrupted(h.Captures(visitor("L1", Wrong(0))))
	if !early {
		record = replace(record)
	}
	last := h.Settled(h.Captures(visitor("L1", email)))
	h.Cleared(last)
	h.Equal("record", string(last[0].Last.ID), record)
	h.Equal("address", h.Org.Row(string(last[0].Last.Object), record)["Email"], any(email))
	people := h.Org.Count("Contact")
	for _, row := range h.Org.Rows("Lead") {
		if row["IsConverted"] != true {
			people++
		}
	}
	h.Equal("people", people, 1)
	h.TaskOf(last[0])
}

// leftAndMerged corrects a lead that was matched with a colleague: the record that it
// leaves is merged while the lead's own is created.
func leftAndMerged(h *Hostile) {
	h.T.Helper()
	const graces = "grace@navy.example"
	grace := h.Org.Insert("Contact", map[string]any{"FirstName": "Grace", "LastName": "Hopper", "Email": graces})
	h.Settled(h.Captures(visitor("L1", graces)))
	h.Interrupted(h.Captures(visitor("L1", First)))
	winner := h.Org.Insert("Contact", map[string]any{"FirstName": "Grace", "LastName": "Hopper"})
	h.Org.Merge("Contact", winner, grace)
	last := h.Settled(h.Captures(visitor("L1", "ada@third.example")))
	if last[0].Last.Err != nil {
		return // held for a person, by its name or for its notes
	}
	h.Cleared(last)
	h.Equal("a record of its own", string(last[0].Last.ID) != grace && string(last[0].Last.ID) != winner, true)
	h.Equal("address", h.Org.Row(string(last[0].Last.Object), string(last[0].Last.ID))["Email"], any("ada@third.example"))
	h.Equal("people", h.Org.Count("Lead")+h.Org.Count("Contact"), 2)
	h.TaskOf(last[0])
}

// strategies syncs two leads of a person, each with a strategy of its own: what their
// interrupted syncs make is what one sync makes.
func strategies(h *Hostile, pair [2]leadsync.Strategy) {
	h.T.Helper()
	two := func(title string) []*leadsync.Lead {
		first, second := visitor("L1", First), visitor("L2", First)
		first.Strategy, second.Strategy = pair[0].Name(), pair[1].Name()
		first.JobTitle, second.JobTitle = title, title
		return []*leadsync.Lead{first, second}
	}
	for _, title := range []string{"Countess", "Analyst"} {
		h.Interrupted(h.Captures(two(title)...))
	}
	last := h.Settled(h.Captures(two("Mathematician")...))
	h.Cleared(last)
	leads, contacts := h.Org.Count("Lead"), h.Org.Count("Contact")
	if leads > 1 || contacts > 1 {
		h.T.Errorf("%d Leads and %d Contacts of one person", leads, contacts)
	}
	if object := last[1].Last.Object; pair[1] == leadsync.AccountsAndContacts && object != "Contact" {
		h.T.Errorf("the second lead has a %s", object)
	}
	for _, e := range last {
		h.Equal("Tasks", len(h.TasksOf(e)), 1) // a lead whose person became a Contact left it on the Lead
		h.Equal("title", h.Org.Row(string(e.Last.Object), string(e.Last.ID))["Title"], any("Mathematician"))
	}
}

// choice syncs a lead to the record that a person chose, or to the one chosen after that.
func choice(h *Hostile, again bool) {
	h.T.Helper()
	var records []string
	for range 2 {
		records = append(records, h.Org.Insert("Contact", map[string]any{"FirstName": "Ada", "LastName": "Lovelace",
			"Email": First}))
	}
	h.Cfg.Ambiguous = leadsync.HoldAmbiguous
	held := h.Settled(h.Captures(visitor("L1", First)))
	h.Equal("held", held[0].Last.Err != nil && held[0].Last.Err.Code == leadsync.AmbiguousMatch, true)
	h.Interrupted(h.Chooses("L1", records[0]))
	chosen := records[0]
	if again {
		chosen = records[1]
		corrected := visitor("L1", Wrong(0)) // which nobody has
		h.Interrupted(h.Captures(corrected))
		h.Settled(h.Captures(visitor("L1", First)))
		last := h.Settled(func(s *leadsync.Syncer) {
			if StoredIn(h.T, s)[0].Stage == leadsync.Failed {
				h.Chooses("L1", chosen)(s)
			}
		})
		if string(last[0].Last.ID) != records[0] && string(last[0].Last.ID) != records[1] {
			h.T.Errorf("the lead has %s, which nobody chose", last[0].Last.ID)
		}
		h.Cleared(last)
		h.TaskOf(last[0])
		return
	}
	last := h.Settled(h.Captures(visitor("L1", First)))
	h.Cleared(last)
	h.Equal("record", string(last[0].Last.ID), chosen)
	h.TaskOf(last[0])
	h.Equal("people", h.Org.Count("Lead")+h.Org.Count("Contact"), 2)
}

// namesakes syncs leads that share their names and company and have no address: each has a
// record and a Task of its own in the end.
func namesakes(h *Hostile) {
	h.T.Helper()
	const n = 5
	h.Cfg.BatchSize = 2
	all := func(title string) []*leadsync.Lead {
		var leads []*leadsync.Lead
		for i := range n {
			lead := visitor(leadsync.LeadID(fmt.Sprint("N", i)), "")
			lead.JobTitle = fmt.Sprint(title, i)
			leads = append(leads, lead)
		}
		return leads
	}
	for range 3 {
		h.Interrupted(h.Captures(all("Visitor ")...))
	}
	last := h.Settled(h.Captures(all("Guest ")...))
	h.Cleared(last)
	h.Equal("people", h.Org.Count("Lead"), n)
	for i, e := range last {
		h.TaskOf(e)
		h.Equal("title", h.Org.Row("Lead", string(e.Last.ID))["Title"], any(fmt.Sprint("Guest ", i)))
	}
}

// namesakeWithAddress corrects a namesake, who has no address, to one and then another.
func namesakeWithAddress(h *Hostile) {
	h.T.Helper()
	one, other := visitor("N0", ""), visitor("N1", "")
	h.Settled(h.Captures(one, other))
	h.Interrupted(h.Captures(visitor("N0", First), other))
	h.Interrupted(h.Captures(visitor("N0", Wrong(0)), other))
	last := h.Settled(h.Captures(visitor("N0", "ada@third.example"), other))
	h.Cleared(last)
	h.Equal("people", h.Org.Count("Lead"), 2)
	for _, e := range last {
		h.TaskOf(e)
		email, _ := h.Org.Row("Lead", string(e.Last.ID))["Email"].(string)
		h.Equal("address of "+string(e.Lead.ID), email, e.Lead.Email)
	}
}

// namesakesMerged merges the records of two of three namesakes: they share one then, and
// nothing is created for them again.
func namesakesMerged(h *Hostile) {
	h.T.Helper()
	three := []*leadsync.Lead{visitor("N0", ""), visitor("N1", ""), visitor("N2", "")}
	entries := h.Settled(h.Captures(three...))
	h.Org.Merge("Lead", string(entries[0].Last.ID), string(entries[1].Last.ID))
	for _, title := range []string{"Analyst", "Mathematician"} {
		for i, lead := range three {
			again := *lead
			again.JobTitle = title
			three[i] = &again
		}
		h.Interrupted(h.Captures(three...))
	}
	last := h.Settled(h.Captures(three...))
	h.Cleared(last)
	h.Equal("people", h.Org.Count("Lead"), 2)
	h.Equal("the merged record", last[1].Last.ID, last[0].Last.ID)
	for _, e := range last {
		h.TaskOf(e)
		h.Equal("title", h.Org.Row("Lead", string(e.Last.ID))["Title"], any("Mathematician"))
	}
}

// otherCompany corrects the company and the address of a Contact.
func otherCompany(h *Hostile) {
	h.T.Helper()
	h.Cfg.Strategy = leadsync.AccountsAndContacts
	of := func(email, company string) *leadsync.Lead {
		lead := visitor("L1", email)
		lead.Company = company
		return lead
	}
	h.Interrupted(h.Captures(of(First, "Analytical Engines")))
	h.Interrupted(h.Captures(of(Wrong(0), "Difference Engines")))
	h.Interrupted(h.Captures(of(Wrong(1), "Analytical Engines")))
	last := h.Settled(h.Captures(of("ada@third.example", "Tabulating Machines")))
	h.Cleared(last)
	h.Equal("people", h.Org.Count("Contact")+h.Org.Count("Lead"), 1)
	h.Equal("address", h.Org.Row("Contact", string(last[0].Last.ID))["Email"], any("ada@third.example"))
	h.TaskOf(last[0])
	names := make(map[any]int)
	for _, account := range h.Org.Rows("Account") {
		if names[account["Name"]]++; names[account["Name"]] > 1 {
			h.T.Errorf("two Accounts of one name")
		}
	}
}

// correctedChoice chooses a record for a lead that is corrected while the choice is synced:
// nobody has the new address, and the record has the lead's name, so that it stays.
func correctedChoice(h *Hostile) {
	h.T.Helper()
	var records []string
	for range 2 {
		records = append(records, h.Org.Insert("Contact", map[string]any{"FirstName": "Ada", "LastName": "Lovelace",
			"Email": Wrong(0)}))
	}
	h.Cfg.Ambiguous = leadsync.HoldAmbiguous
	h.Settled(h.Captures(visitor("L1", Wrong(0))))
	h.Interrupted(h.Chooses("L1", records[0]))
	h.Interrupted(h.Captures(visitor("L1", First)))
	last := h.Settled(h.Captures(visitor("L1", "ada@third.example")))
	h.Cleared(last)
	h.TaskOf(last[0])
	h.Equal("record", string(last[0].Last.ID), records[0])
	h.Equal("people", h.Org.Count("Lead")+h.Org.Count("Contact"), 2)
}

// swapAcrossConversions swaps the addresses of two leads whose records are converted: the
// Leads keep their addresses, and the Contacts get the new ones.
func swapAcrossConversions(h *Hostile) {
	h.T.Helper()
	two := func(ada, grace string) []*leadsync.Lead {
		one, other := visitor("L1", ada), visitor("L2", grace)
		other.FirstName, other.LastName = "Grace", "Hopper"
		return []*leadsync.Lead{one, other}
	}
	const third = "grace@third.example"
	entries := h.Settled(h.Captures(two(First, third)...))
	h.Org.Convert(string(entries[1].Last.ID))
	h.Interrupted(h.Captures(two(third, First)...))
	h.Org.Convert(string(entries[0].Last.ID))
	h.Settled(h.Captures(two(third, First)...))
	last := h.Settled(func(s *leadsync.Syncer) {
		_, err := s.Push(h.T.Context(), leadsync.Filter{})
		fatal(h.T, err)
	})
	h.Cleared(last)
	h.Equal("people", h.Org.Count("Contact"), 2)
	for _, e := range last {
		row := h.Org.Row("Contact", string(e.Last.ID))
		h.Equal("address of "+string(e.Lead.ID), row["Email"], any(e.Lead.Email))
		h.Equal("name of "+string(e.Lead.ID), row["LastName"], any(e.Lead.LastName))
		h.TaskOf(e)
	}
}
