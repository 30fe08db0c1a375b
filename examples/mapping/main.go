// SPDX-License-Identifier: Apache-2.0

// Command mapping shows field mapping: a mapping in a JSON file sends leads to
// Contact and Account, to Opportunity, and to a custom object with lookups to
// them; a qualifier maps answers to picklist options, texts are mapped to values, and
// a region is referenced by its code. What is there already stays, an opt-out is only
// ever set, and a value that does not fit is left out. It needs no Salesforce account:
//
//	go run ./examples/mapping
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/examples/internal/usage"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// mappingJSON is what a host would store in its database and let users edit.
//
//go:embed mapping.json
var mappingJSON []byte

const about = `Shows field mapping: syncs leads twice into a fake Salesforce org within this
process, by the mapping in mapping.json, and prints the plan and what was written.`

func main() {
	usage.NoFlags("mapping", about)
	org := sftest.NewOrg(nil)
	err := run(context.Background(), org, os.Stdout)
	org.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mapping:", err)
		os.Exit(1)
	}
}

// run syncs leads by the mapping, twice.
func run(ctx context.Context, org *sftest.Org, stdout io.Writer) error {
	prepare(org)
	syncer, err := connect(org)
	if err != nil {
		return err
	}
	report, err := syncer.Preflight(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "== The mapping\n%s\n== Preflight checks it against the org: OK is %t\n", mappingJSON, report.OK())
	for _, f := range report.Findings {
		if f.Severity != preflight.SeverityInfo {
			fmt.Fprintln(stdout, f)
		}
	}

	plan, err := syncer.Plan(ctx, leads()...)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n== The plan\n%s", plan)

	for _, title := range []string{"Synced", "Synced again"} {
		outcomes, err := syncer.Sync(ctx, leads()...)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "\n== %s\n", title)
		for _, o := range outcomes {
			for _, part := range o.Parts {
				fmt.Fprintf(stdout, "lead %s: %s %s\n", o.LeadID, part.Object, part.Action)
			}
		}
	}
	return nil
}

// prepare sets up what an administrator would: a custom object, key fields, a
// picklist and regions. It also adds a Contact that exists already.
func prepare(org *sftest.Org) {
	org.DefineObject("Region__c", "a0R", sftest.Field{Name: "Code__c", ExternalID: true, Unique: true})
	org.DefineObject("Visit__c", "a0V",
		sftest.Field{Name: "VisitKey__c", ExternalID: true, Unique: true},
		sftest.Field{Name: "Contact__c", Type: "reference", ReferenceTo: []string{"Contact"}},
		sftest.Field{Name: "Badge__c", ReadOnly: true},
		sftest.Field{Name: "Opportunity__c", Type: "reference", ReferenceTo: []string{"Opportunity"}},
		sftest.Field{Name: "At__c", Type: "datetime"},
		sftest.Field{Name: "Interest__c", Type: "multipicklist", Restricted: true,
			Options: []string{"Product Demo", "Pricing"}},
	)
	org.DefineField("Opportunity", sftest.Field{Name: "DealKey__c", ExternalID: true, Unique: true})
	org.DefineField("Account", sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}})
	org.DefineField("Contact", sftest.Field{Name: "Topic__c"})
	org.DefineField("Contact", sftest.Field{Name: "HasOptedOutOfEmail", Label: "Email Opt Out", Type: "boolean"})
	for _, code := range []string{"GB", "AT"} {
		org.Insert("Region__c", map[string]any{"Name": code, "Code__c": code})
	}
	account := org.Insert("Account", map[string]any{"Name": "Analytical Engines"})
	org.Insert("Contact", map[string]any{"LastName": "Lovelace", "Email": "ada@engines.example", "AccountId": account,
		"Title": "Countess", "Description": "Met in 2025"})
}

// leads returns that Contact, and two people of a new company.
func leads() []*leadsync.Lead {
	at := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	return []*leadsync.Lead{
		{ID: "L1", EventName: "Expo 2026", CapturedAt: at, FirstName: "Ada", LastName: "Lovelace",
			Email: "ada@engines.example", JobTitle: "Analyst",
			Company: "Analytical Engines", Country: "gb", Notes: "Wants a quote",
			Answers: map[string][]string{"interest": {"price", "demo"}}},
		{ID: "L2", EventName: "Expo 2026", CapturedAt: at, FirstName: "Hedy", LastName: "Lamarr",
			Email:   "hedy@hopping.example",
			Company: "Frequency Hopping", CompanySize: "11-50", Country: "at",
			Custom:  map[string]any{"topic": "Heizung", "optOut": "yes"},
			Answers: map[string][]string{"interest": {"demo"}}},
		{ID: "L3", EventName: "Expo 2026", CapturedAt: at.Add(time.Hour), FirstName: "George", LastName: "Antheil",
			Email:   "george@hopping.example",
			Company: "Frequency Hopping", Country: "at", Phone: "Please call my office in the afternoon only",
			Custom: map[string]any{"topic": "Piano"}},
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
	token := &oauth2.Token{AccessToken: org.Token()}
	// as in Salesforce's token responses
	token = token.WithExtra(map[string]any{"id": org.URL() + "/id/" + org.OrgID() + "/" + org.UserID()})
	tokens := oauth2.StaticTokenSource(token)
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{Hosts: []string{address.Host}})
	if err != nil {
		return nil, err
	}
	mapping := new(leadsync.Mapping)
	if err := json.Unmarshal(mappingJSON, mapping); err != nil {
		return nil, err
	}
	return leadsync.New(client, &leadsync.Config{
		Strategy: leadsync.AccountsAndContacts,
		Mapper:   mapping,
		Qualifiers: []leadsync.Qualifier{{Name: "interest", Multiple: true,
			Options: map[string]string{"demo": "Product Demo", "price": "Pricing"},
			Fields:  map[salesforce.Object]string{"Visit__c": "Interest__c"}}},
	})
}
