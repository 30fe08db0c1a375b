// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// README.md has the body of this example; a test compares the two.
func Example() {
	org := sftest.NewOrg(nil, sftest.Existing("Contact", "ada@example.com")) // a fake org, for the example
	defer org.Close()
	host := strings.TrimPrefix(org.URL(), "http://")

	tokens := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}) // any oauth2.TokenSource
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{Hosts: []string{host}})
	if err != nil {
		log.Fatal(err)
	}
	syncer, err := leadsync.New(client, nil) // nil: matches Contacts, then Leads; the recommended mapping
	if err != nil {
		log.Fatal(err)
	}
	outcomes, err := syncer.Sync(context.Background(),
		&leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "Ada@Example.com", JobTitle: "Analyst"},
		&leadsync.Lead{ID: "L2", LastName: "Babbage", Email: "charles@example.com", Company: "Engines"},
		&leadsync.Lead{ID: "L3", LastName: "Menabrea", Email: "luigi(at)example.com", Company: "Turin"},
	)
	for _, o := range outcomes {
		if errors.Is(o.Err, leadsync.DataValueValidation) {
			fmt.Println(o.LeadID, o.Stage, o.Err.Object, o.Err.Fields)
			continue
		}
		fmt.Println(o.LeadID, o.Stage, o.Object, o.Action)
	}
	fmt.Println(err) // a *leadsync.BatchError: the others went through
	// Output:
	// L1 cleared Contact updated
	// L2 cleared Lead created
	// L3 failed Lead [Email]
	// leadsync: map lead "L3" Lead: DATA_VALUE_VALIDATION (Email): is not an e-mail address that Salesforce accepts
}
