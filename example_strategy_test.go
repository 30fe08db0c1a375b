// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"fmt"
	"log"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// byPhone finds people by their mobile phone, and then by e-mail.
type byPhone struct{}

func (byPhone) Name() string { return "by-phone" }

func (byPhone) Probes(lead *leadsync.Lead) []leadtype.Probe {
	phone, _ := lead.Value("mobilePhone").(string)
	return []leadtype.Probe{
		{Object: salesforce.ObjectContact, Field: "MobilePhone", Value: phone},
		{Object: salesforce.ObjectLead, Field: "MobilePhone", Value: phone},
		{Object: salesforce.ObjectContact, Field: "Email", Value: lead.Email},
		{Object: salesforce.ObjectLead, Field: "Email", Value: lead.Email},
	}
}

func (byPhone) NoHit(*leadsync.Lead) leadtype.NoHit {
	return leadtype.NoHit{Person: salesforce.ObjectLead}
}

// Values are compared as text: where an org has phone numbers in several formats, return
// a Probe for each.
func ExampleStrategy() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	org.Insert("Contact", map[string]any{"LastName": "Hopper", "MobilePhone": "+15550100"})

	syncer := newSyncer(org, &leadsync.Config{Strategy: byPhone{}})
	outcomes, err := syncer.Sync(context.Background(),
		&leadsync.Lead{ID: "L1", LastName: "Hopper", MobilePhone: "+15550100", Email: "grace@example.com"},
		&leadsync.Lead{ID: "L2", LastName: "Liskov", MobilePhone: "+15550101", Company: "CLU"})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range outcomes {
		fmt.Println(o.LeadID, o.Object, o.Action, "by", o.Trace.Rule)
	}
	// Output:
	// L1 Contact updated by Contact by MobilePhone
	// L2 Lead created by no hit
}
