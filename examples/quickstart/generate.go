// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/examples/internal/demoorg"
)

// generate returns n leads of demoorg's people, each with a company, an event that
// is linked to a campaign, and an activity. They have no CapturedBy: looking up
// reps costs a call, which would distort the number of calls per lead.
func generate(n int) []*leadsync.Lead {
	opened := time.Date(2026, 5, 5, 9, 0, 0, 0, time.FixedZone("CEST", 2*60*60))
	leads := make([]*leadsync.Lead, n)
	for i := range leads {
		p := demoorg.Mix(i)
		leads[i] = &leadsync.Lead{
			ID:      leadsync.LeadID(fmt.Sprintf("gen-%07d", i)),
			EventID: demoEvent, EventName: "Expo 2026",
			CapturedAt: opened.Add(time.Duration(i%30_000) * time.Second),
			FirstName:  p.First, LastName: p.Last, Email: p.Email,
			JobTitle: "Engineer",
			Company:  p.Company, Website: "https://" + p.Domain,
			Activities: []leadsync.Activity{{Kind: leadsync.ActivityMeeting, Notes: "Met at the booth."}},
		}
	}
	return leads
}
