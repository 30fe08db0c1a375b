// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

const manyRows = 100_000

// manyLeads is an org with many Leads, whose e-mail addresses and keys count up.
func manyLeads() *sftest.Org {
	org := sftest.NewOrg(nil, sftest.WithLogSize(0), sftest.WithAPILimit(1<<40))
	org.AddExternalID("Lead")
	for i := range manyRows {
		org.Insert("Lead", fields{
			"LastName": "L", "Company": "C", "Email": fmt.Sprintf("p%d@example.com", i),
			"LeadsyncKey__c": fmt.Sprint("k", i),
		})
	}
	return org
}

// serve answers one request without a network.
func serve(b *testing.B, org *sftest.Org, method, path, body string) string {
	b.Helper()
	r := httptest.NewRequest(method, base+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+org.Token())
	w := httptest.NewRecorder()
	org.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatal(w.Body.String())
	}
	return w.Body.String()
}

// reportMillis reports the time of one round in ms.
func reportMillis(b *testing.B) {
	b.Helper()
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/op")
}

// BenchmarkIndexedQuery finds one of 100,000 Leads. It is to stay under 5 ms.
func BenchmarkIndexedQuery(b *testing.B) {
	org := manyLeads()
	defer org.Close()
	id := org.Rows("Lead")[manyRows/2]["Id"]
	for _, query := range []struct{ name, where string }{
		{"Id", fmt.Sprintf("Id = '%s'", id)},
		{"Email", "Email = 'P5000@example.com'"},
		{"ExternalID", "LeadsyncKey__c IN ('k5000', 'K6000')"},
	} {
		b.Run(query.name, func(b *testing.B) {
			path := "/query?q=" + url.QueryEscape("SELECT Id, Name, Owner.Name FROM Lead WHERE "+query.where+
				" ORDER BY CreatedDate LIMIT 1")
			for b.Loop() {
				if answer := serve(b, org, http.MethodGet, path, ""); !strings.Contains(answer, `"totalSize":1`) {
					b.Fatal(answer)
				}
			}
			reportMillis(b)
		})
	}
}

// BenchmarkUpsert writes 200 Leads of 100,000 by their key, half of them new in
// the first round. It is to stay under 20 ms.
func BenchmarkUpsert(b *testing.B) {
	org := manyLeads()
	defer org.Close()
	records := make([]string, 200)
	for i := range records {
		records[i] = fmt.Sprintf(
			`{"attributes":{"type":"Lead"},"LeadsyncKey__c":"k%d","LastName":"New","Company":"C","Email":"u%d@example.com"}`,
			manyRows-100+i, i,
		)
	}
	body := `{"allOrNone":false,"records":[` + strings.Join(records, ",") + `]}`
	for b.Loop() {
		if answer := serve(b, org, http.MethodPatch, "/composite/sobjects/Lead/LeadsyncKey__c",
			body); strings.Contains(answer, `"success":false`) {
			b.Fatal(answer)
		}
	}
	reportMillis(b)
}

func plannedOrg(n int) (org *sftest.Org, campaign string) {
	org = sftest.NewOrg(nil)
	org.AddExternalID("Lead")
	campaign = org.Insert("Campaign", map[string]any{"Name": "Expo"})
	for i := range n {
		lead := org.Insert("Lead", map[string]any{
			"LastName": "L", "Email": fmt.Sprintf("p%d@example.com", i), "LeadsyncKey__c": fmt.Sprint("k", i),
		})
		org.Insert("CampaignMember", map[string]any{"CampaignId": campaign, "LeadId": lead})
		org.Insert("Account", map[string]any{"Name": fmt.Sprint("Company ", i)})
	}
	return org, campaign
}

// BenchmarkLookup asks a large org for a thousand persons, their memberships and
// their companies.
func BenchmarkLookup(b *testing.B) {
	org, campaign := plannedOrg(100_000)
	var emails, names []string
	for i := range 1000 {
		emails = append(emails, fmt.Sprintf("'p%d@example.com'", i*100))
		names = append(names, fmt.Sprintf("Name LIKE '%%company %d%%'", i*100))
	}
	list := strings.Join(emails, ",")
	for name, soql := range map[string]string{
		"Leads": "SELECT Id, Email FROM Lead WHERE Email IN (" + list + ")",
		"Members": "SELECT Id FROM CampaignMember WHERE CampaignId = '" + campaign + "' AND (Lead.Email IN (" + list +
			") OR Contact.Email IN (" + list + "))",
		"Accounts": "SELECT Id FROM Account WHERE " + strings.Join(names, " OR "),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				body := `{"compositeRequest":[{"method":"GET","referenceId":"q","url":"/services/data/v62.0/query?q=` +
					url.QueryEscape(soql) + `"}]}`
				r := httptest.NewRequest(http.MethodPost, "/services/data/v62.0/composite", strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+org.Token())
				w := httptest.NewRecorder()
				org.Handler().ServeHTTP(w, r)
				if !strings.Contains(w.Body.String(), `"totalSize":`) {
					b.Fatal(w.Body.String()[:200])
				}
			}
		})
	}
}

// BenchmarkCreate writes collections of 200 Leads.
func BenchmarkCreate(b *testing.B) {
	org, _ := plannedOrg(1000)
	var records []string
	for i := range 200 {
		records = append(records,
			fmt.Sprintf(
				`{"attributes":{"type":"Lead"},"FirstName":"A","LastName":"L%d","Company":"C","Email":"x%d@example.com"}`,
				i, i,
			))
	}
	body := `{"records":[` + strings.Join(records, ",") + `]}`
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/services/data/v62.0/composite/sobjects", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+org.Token())
		w := httptest.NewRecorder()
		org.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body.String())
		}
	}
}

// BenchmarkNewOrg makes an org. It is to stay under 20 ms.
func BenchmarkNewOrg(b *testing.B) {
	for b.Loop() {
		sftest.NewOrg(nil).Close()
	}
	reportMillis(b)
}

// BenchmarkMemory reports what 100,000 Leads take. It is to stay under 200 MB.
func BenchmarkMemory(b *testing.B) {
	var before, after runtime.MemStats
	for range b.N {
		runtime.GC()
		runtime.ReadMemStats(&before)
		org := manyLeads()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
		org.Close()
	}
}
