// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Probing is a strategy with fixed probes that creates Leads. It cannot be compared
// with ==.
type Probing []leadtype.Probe

// Name implements leadsync.Strategy.
func (p Probing) Name() string { return "probing" }

// Probes returns p for every lead.
func (p Probing) Probes(*leadsync.Lead) []leadtype.Probe { return p }

// NoHit creates a Lead.
func (p Probing) NoHit(*leadsync.Lead) leadtype.NoHit {
	return leadtype.NoHit{Person: salesforce.ObjectLead}
}

// Ada returns a lead with all fields that a new record needs.
func Ada() *leadsync.Lead {
	return &leadsync.Lead{ID: "L1", FirstName: "Ada", LastName: "Lovelace", Email: "ada@analytical.example",
		Company: "Analytical Engines Ltd"}
}

// EventLeads returns the n leads of the benchmarks, with one activity each.
func EventLeads(n int) []*leadsync.Lead {
	leads := make([]*leadsync.Lead, n)
	for i := range n {
		leads[i] = &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprintf("mix-%d", i)), FirstName: "Pat",
			LastName: fmt.Sprintf("Person %d", i), Email: fmt.Sprintf("p%d@company%d.example", i, i%50),
			Company: fmt.Sprintf("Company %d", i%50), EventID: "expo", JobTitle: "Engineer",
			CapturedAt: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC),
			Activities: []leadsync.Activity{{Kind: leadsync.ActivityMeeting, Notes: "at the stand"}}}
	}
	return leads
}

// EventMix returns n of EventLeads, and inserts who of them is in the org: 20 % are Contacts, 30 %
// Leads, and 10 % are members of the campaign.
func EventMix(org *sftest.Org, n int) ([]*leadsync.Lead, *leadsync.Config) {
	campaign := org.Insert("Campaign", map[string]any{"Name": "Expo", "IsActive": true})
	leads := EventLeads(n)
	for i, lead := range leads {
		member := map[string]any{"CampaignId": campaign}
		switch i % 10 {
		case 0, 1:
			member["ContactId"] = InsertContact(org, "Person", lead.Email)
		case 2, 3, 4:
			member["LeadId"] = InsertLead(org, "Person", lead.Email)
		}
		if i%10 == 0 {
			org.Insert("CampaignMember", member)
		}
	}
	return leads, &leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: salesforce.ID(campaign)}}}
}
