// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"net/url"
	"testing"

	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Overwriting is the default mapping with rules that overwrite what others have written,
// where it has mapping.UnlessEdited for another field than Email.
func Overwriting() *leadsync.Mapping {
	m := leadsync.DefaultMapping()
	for i := range m.Sections {
		for k := range m.Sections[i].Rules {
			rule := &m.Sections[i].Rules[k]
			if rule.Write == mapping.UnlessEdited && rule.Field != "Email" {
				rule.Write = mapping.Overwrite
			}
		}
	}
	return m
}

// ClientOf returns a client of org that repeats requests without waiting.
func ClientOf(t testing.TB, org *sftest.Org) *salesforce.Client {
	t.Helper()
	address, err := url.Parse(org.URL())
	fatal(t, err)
	client, err := salesforce.New(org.URL(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{Hosts: []string{address.Host}, JitterFunc: func() float64 { return 0 }})
	fatal(t, err)
	return client
}

// SyncerOf returns a Syncer for org.
func SyncerOf(t testing.TB, org *sftest.Org, cfg *leadsync.Config) *leadsync.Syncer {
	t.Helper()
	syncer, err := leadsync.New(ClientOf(t, org), cfg)
	fatal(t, err)
	return syncer
}

// SyncOne syncs one lead, which must clear, and returns its outcome.
func SyncOne(t testing.TB, syncer *leadsync.Syncer, lead *leadsync.Lead) *leadsync.Outcome {
	t.Helper()
	outcomes, err := syncer.Sync(t.Context(), lead)
	fatal(t, err)
	if len(outcomes) != 1 || outcomes[0].Stage != leadsync.Cleared {
		t.Fatalf("the lead did not clear: %v", outcomes)
	}
	return outcomes[0]
}

// StoredIn returns all leads that the Syncer's store has.
func StoredIn(t testing.TB, syncer *leadsync.Syncer) []leadsync.Entry {
	t.Helper()
	entries, err := syncer.Leads(t.Context(), leadsync.Filter{})
	fatal(t, err)
	return entries
}

// DescribesOf reads describes of objects from org as a host would.
func DescribesOf(t testing.TB, org *sftest.Org,
	objects ...salesforce.Object) map[salesforce.Object]*salesforce.Describe {
	t.Helper()
	reads := make([]salesforce.Read, len(objects))
	for i, object := range objects {
		reads[i] = salesforce.DescribeObject(object, "")
	}
	results, err := ClientOf(t, org).Read(t.Context(), reads...)
	fatal(t, err)
	describes := make(map[salesforce.Object]*salesforce.Describe)
	for i, result := range results {
		fatal(t, result.Err)
		describes[objects[i]] = result.Describe
	}
	return describes
}

func fatal(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// InsertContact inserts a Contact and returns its id.
func InsertContact(org *sftest.Org, last, email string) string {
	return org.Insert("Contact", map[string]any{"LastName": last, "Email": email})
}

// InsertLead inserts a Lead and returns its id.
func InsertLead(org *sftest.Org, last, email string) string {
	return org.Insert("Lead", map[string]any{"LastName": last, "Email": email, "Company": "Somewhere"})
}

// Expo inserts a campaign whose statuses are, in order, Sent (the default), Responded
// and Met.
func Expo(org *sftest.Org) salesforce.ID {
	id := org.Insert("Campaign", map[string]any{"Name": "Expo", "IsActive": true})
	org.Insert("CampaignMemberStatus",
		map[string]any{"CampaignId": id, "Label": "Met", "SortOrder": 9, "HasResponded": true})
	return salesforce.ID(id)
}

// VisitOrg returns an org with AddVisits.
func VisitOrg(t testing.TB, options ...sftest.Option) *sftest.Org {
	t.Helper()
	org := sftest.NewOrg(t, options...)
	AddVisits(org)
	return org
}

// AddVisits defines the custom objects Visit__c and Region__c, each with a key and
// Visit__c with lookups, and a key on Opportunity.
func AddVisits(org *sftest.Org) {
	org.DefineObject("Region__c", "a0R", sftest.Field{Name: "Code__c", ExternalID: true, Unique: true})
	org.DefineObject("Visit__c", "a0V",
		sftest.Field{Name: "VisitKey__c", ExternalID: true, Unique: true},
		sftest.Field{Name: "Lead__c", Type: "reference", ReferenceTo: []string{"Lead"}},
		sftest.Field{Name: "Contact__c", Type: "reference", ReferenceTo: []string{"Contact"}},
		sftest.Field{Name: "Account__c", Type: "reference", ReferenceTo: []string{"Account"}},
		sftest.Field{Name: "Opportunity__c", Type: "reference", ReferenceTo: []string{"Opportunity"}},
		sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}},
		sftest.Field{Name: "Notes__c", Type: "textarea"},
		sftest.Field{Name: "Booth__c"},
	)
	org.DefineField("Opportunity", sftest.Field{Name: "DealKey__c", ExternalID: true, Unique: true})
}

// WritesOf returns how many rows the requests so far wrote.
func WritesOf(org *sftest.Org) int {
	n := 0
	for _, r := range org.Requests() {
		n += r.Writes
	}
	return n
}

// IssuePaths returns the path and the code of each issue.
func IssuePaths(issues []mapping.Issue) []string {
	var paths []string
	for _, issue := range issues {
		paths = append(paths, issue.Path+" "+string(issue.Code))
	}
	return paths
}
