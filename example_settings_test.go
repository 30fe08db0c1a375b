// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A settings page offers the fields of the org, reports what is wrong with edited
// settings, and checks the org before it stores them.
func ExampleSettings() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.DefineField("Lead",
		sftest.Field{Name: "Tier__c", Type: "picklist", Restricted: true, Options: []string{"Gold", "Silver"}})
	client, ctx := connect(org), context.Background()

	// The objects that the page offers.
	objects := []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact, salesforce.ObjectAccount,
		salesforce.ObjectCampaignMember}
	reads := make([]salesforce.Read, len(objects))
	for i, object := range objects {
		reads[i] = salesforce.DescribeObject(object, "")
	}
	results, err := client.Read(ctx, reads...)
	if err != nil {
		log.Fatal(err)
	}
	describes := make(map[salesforce.Object]*salesforce.Describe)
	for i, result := range results {
		if result.Err != nil {
			log.Fatal(result.Err)
		}
		describes[objects[i]] = result.Describe
	}
	for _, object := range mapping.NewForm(describes, nil, nil).Objects {
		for _, field := range object.Fields {
			if field.Name == "Tier__c" {
				fmt.Println("offered:", object.Object, field.Name, field.Type, len(field.Options), "options")
			}
		}
	}

	for _, edited := range []string{
		`{"version": 1, "strategy": 7}`,
		`{"version": 1, "mapping": {"version": 1, "objects": [{"object": "Lead", "rules": [{"source": "scoreBand", ` +
			`"field": "Teir__c"}]}]}}`,
		`{"version": 1, "qualifiers": [{"name": "tier", "fields": {"Lead": "Tier__c"}, "options": {"big": "Platinum"}}]}`,
		`{"version": 1, "qualifiers": [{"name": "tier", "fields": {"Lead": "Tier__c"}, "options": {"big": "Gold"}}]}`,
	} {
		var settings leadsync.Settings
		if err := json.Unmarshal([]byte(edited), &settings); err != nil {
			fmt.Println(err)
			continue
		}
		cfg := leadsync.Config{} // with what the program decides: Store, Sink, ...
		if err := settings.Fill(&cfg); err != nil {
			fmt.Println(err)
			continue
		}
		if issues := cfg.Validate(describes); issues != nil {
			fmt.Println(issues[0].Path+":", issues[0].Reason)
			continue
		}
		draft, err := leadsync.New(client, &cfg) // only for Preflight, which checks more than Validate
		if err != nil {
			log.Fatal(err)
		}
		report, err := draft.Preflight(ctx)
		if err != nil {
			log.Fatal(err)
		}
		if !report.OK() {
			fmt.Println(report.Findings[0].Path+":", report.Findings[0].Reason)
			continue
		}
		fmt.Println("valid: store and apply them")
	}
	// Output:
	// offered: Lead Tier__c picklist 2 options
	// leadsync: read settings: DATA_VALUE_VALIDATION (strategy): must be text, not a number
	// mapping.objects[0].rules[0].field: does not exist or is hidden from the connected user
	// qualifiers[0].options: the restricted picklist has no active option "Platinum"
	// valid: store and apply them
}
