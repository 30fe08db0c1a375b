// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A hazard is a lead of the demo file with a value that would make a record worse if it
// were written as it came.
type hazard struct {
	lead  leadsync.LeadID
	about string
	field string // that the value is for
}

// hazards are those of the demo file.
func hazards() []hazard {
	return []hazard{
		{"L0241", "a phone number with a sentence behind it", "Phone"},
		{"L0242", "[not provided] as the company", "Company"},
		{"L0243", "N/A as the job title", "Title"},
		{"L0244", "a job title that a rep has corrected", "Title"},
		{"L0245", "5.000 employees", "NumberOfEmployees"},
		{"L0246", "another name at a shared address", "Email"},
		{"L0247", "a city, and a whole address in Salesforce", "City"},
		{"L0248", "an opt-out", "HasOptedOutOfEmail"},
		{"L0249", "a misspelt option of a picklist", "Timeline__c"},
		{"L0250", "noreply@ as the e-mail address", "Email"},
	}
}

// writeHazards says what became of each hazard of which an outcome is known.
func writeHazards(w io.Writer, outcomes map[leadsync.LeadID]*leadsync.Outcome) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	printed := false
	for _, h := range hazards() {
		o := outcomes[h.lead]
		if o == nil {
			continue
		}
		if !printed {
			fmt.Fprint(w, "\nLeads of the demo with a value that would have made a record worse:\n")
			printed = true
		}
		object := o.Object
		if o.Err != nil {
			object = cmp.Or(o.Err.Object, object)
		}
		fmt.Fprintf(table, "  %s\t%s\t%s.%s\t%s\n", h.lead, h.about, object, h.field, became(o, h.field))
	}
	table.Flush()
}

// became says in plain words what became of a lead's value for a field of its person.
func became(o *leadsync.Outcome, field string) string {
	if o.Err != nil {
		if errors.Is(o.Err, leadsync.AmbiguousMatch) && field == "Email" {
			return "held: another person at this address"
		}
		return fmt.Sprintf("%s: %s", o.Stage, o.Err.Code)
	}
	for _, w := range o.Warnings {
		if w.Field == field {
			return w.Kind.Done()
		}
	}
	for _, part := range o.Parts {
		for _, change := range part.Changes {
			if part.Kind == leadtype.PartPerson && change.Field == field {
				return fmt.Sprintf("written: %v", change.After)
			}
		}
	}
	return "written, or there already"
}

// before lets the org of this process have a past: a web form brought the title of
// demoorg.EditedLead, and a rep has corrected it since. The calls are not the run's.
func (s *session) before(ctx context.Context, org *sftest.Org, config *leadsync.Config) error {
	client, err := connectTo(org)
	if err != nil {
		return err
	}
	earlier := *config
	earlier.Sink = nil
	syncer, err := leadsync.New(client, &earlier)
	if err != nil {
		return err
	}
	outcomes, err := syncer.Sync(ctx, &leadsync.Lead{ID: "web-0001", EventID: "web-form", FirstName: "Edith",
		LastName: "Clarke", Email: demoorg.EditedLead, Company: "Clarke Lines", JobTitle: "Mgr",
		CapturedAt: time.Date(2026, 4, 20, 8, 0, 0, 0, time.UTC)})
	if err != nil {
		return err
	}
	if o := outcomes[0]; o.Object == salesforce.ObjectLead && o.Action == leadsync.Updated {
		org.Update(string(o.Object), string(o.ID), map[string]any{"Title": "Managing Director"})
		fmt.Fprintln(s.log, "before the event: a lead of a web form was synced, and a rep has corrected its title since")
	}
	return nil
}
