// SPDX-License-Identifier: Apache-2.0

// Command plan shows a dry run, its application and its undoing: it plans what
// three leads would change in a fake Salesforce org, applies the plan, and reverts
// it after another user has edited one of the records. It needs no Salesforce
// account:
//
//	go run ./examples/plan
package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/examples/internal/usage"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

const about = `Plans what three leads would change in a fake Salesforce org within this process,
applies the plan, and reverts it after another user has edited one of the records.`

func main() {
	usage.NoFlags("plan", about)
	org := sftest.NewOrg(nil)
	err := run(context.Background(), org, os.Stdout)
	org.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, "plan:", err)
		os.Exit(1)
	}
}

// run fills the org and shows Plan, Apply and Revert on it.
func run(ctx context.Context, org *sftest.Org, stdout io.Writer) error {
	demoorg.Seed(org)
	syncer, err := connect(org)
	if err != nil {
		return err
	}

	plan, err := syncer.Plan(ctx, leads()...)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "== The plan: nothing is written yet\n%s", plan)

	outcomes, err := syncer.Apply(ctx, plan)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, "\n== Applied")
	for _, o := range outcomes {
		fmt.Fprintf(stdout, "lead %s: %s %s %s\n", o.LeadID, o.Action, o.Object, o.ID)
	}

	// A user in Sales corrects a phone number.
	org.Update(string(outcomes[0].Object), string(outcomes[0].ID), map[string]any{"Phone": "+44 20 7946 0999"})

	report, err := syncer.Revert(ctx, outcomes, revert.Options{Delete: true})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n== Reverted, after a user changed a phone number\n%s", report)
	return nil
}

// leads returns a Contact and a Lead of the demo org, and a new person.
func leads() []*leadsync.Lead {
	return []*leadsync.Lead{
		{ID: "L1", EventID: "expo", FirstName: "Ada", LastName: "Lovelace", Email: "ada@acme.example",
			JobTitle: "Head of Analysis", Phone: "+44 20 7946 0100"},
		{ID: "L2", EventID: "expo", FirstName: "Alan", LastName: "Turing", Email: "alan@bletchley.example",
			Company: "Bletchley Park", City: "Milton Keynes"},
		{ID: "L3", EventID: "expo", FirstName: "Hedy", LastName: "Lamarr", Email: "hedy@hopping.example",
			Company:    "Frequency Hopping",
			Activities: []leadsync.Activity{{ID: "A1", Kind: leadsync.ActivityMeeting, Notes: "Wants a demo"}}},
	}
}

// connect returns a syncer for the fake org. For your own,
// salesforce.New("https://example.my.salesforce.com", tokens, nil) is all that
// changes.
func connect(org *sftest.Org) (*leadsync.Syncer, error) {
	address, err := url.Parse(org.URL())
	if err != nil {
		return nil, err
	}
	tokens := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()})
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{Hosts: []string{address.Host}})
	if err != nil {
		return nil, err
	}
	return leadsync.New(client, &leadsync.Config{Campaigns: []leadsync.CampaignLink{
		{EventID: "expo", CampaignID: demoorg.DemoCampaignID, Status: "Attended"},
	}})
}
