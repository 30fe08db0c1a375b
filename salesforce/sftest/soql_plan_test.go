package sftest

// This test looks inside: that a lookup goes through an index cannot be told
// from outside but by a clock, and clocks make tests that fail on a busy machine.

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func plannedOrg(n int) (org *Org, campaign string) {
	org = NewOrg(nil)
	org.AddExternalID("Lead")
	campaign = org.Insert("Campaign", map[string]any{"Name": "Expo"})
	for i := range n {
		lead := org.Insert("Lead", map[string]any{"LastName": "L", "Email": fmt.Sprintf("p%d@example.com", i), "LeadsyncKey__c": fmt.Sprint("k", i)})
		org.Insert("CampaignMember", map[string]any{"CampaignId": campaign, "LeadId": lead})
		org.Insert("Account", map[string]any{"Name": fmt.Sprint("Company ", i)})
	}
	return org, campaign
}

func TestLookupsGoThroughAnIndex(t *testing.T) {
	t.Parallel()
	org, campaign := plannedOrg(50)
	id := org.Rows("Lead")[7]["Id"].(string)
	for _, tc := range []struct {
		soql    string
		looksAt int // -1: every row
	}{
		{"SELECT Id FROM Lead WHERE Email IN ('P1@example.com', 'p2@example.com', 'nobody')", 2},
		{"SELECT Id FROM Lead WHERE LeadsyncKey__c = 'K3'", 1},
		{"SELECT Id FROM Lead WHERE Id IN ('" + id + "')", 1},
		{"SELECT Id FROM Lead WHERE City = 'x' AND Email = 'p1@example.com'", 1},
		{"SELECT Id FROM Lead WHERE Email = 'p1@example.com' OR LeadsyncKey__c = 'k2'", 2},
		{"SELECT Id FROM CampaignMember WHERE CampaignId = '" + campaign + "' AND (Lead.Email IN ('p1@example.com') OR Contact.Email IN ('p1@example.com'))", 1},
		{"SELECT Id FROM CampaignMember WHERE LeadId = '" + id + "'", 1},
		{"SELECT Id FROM Lead WHERE Email = 'p1@example.com' OR City = 'x'", -1},
		{"SELECT Id FROM Lead WHERE Email != 'p1@example.com'", -1},
		{"SELECT Id FROM Lead WHERE Email IN ('p1@example.com', null)", -1},
		{"SELECT Id FROM Lead WHERE City = 'x'", -1},
	} {
		t.Run(tc.soql, func(t *testing.T) {
			t.Parallel()
			q, refused := org.query.compile(tc.soql, false)
			require.Nil(t, refused)
			rows, indexed := q.where.candidates(&evaluation{engine: org.query})
			require.Equal(t, tc.looksAt >= 0, indexed)
			if indexed {
				require.Len(t, rows, tc.looksAt)
			}
		})
	}
}

// A thousand LIKEs joined by OR are filed under letters that few of them share.
func TestManyLikesAreNotTriedOneByOne(t *testing.T) {
	t.Parallel()
	var patterns []like
	for i := range 1000 {
		patterns = append(patterns, compileLike(fmt.Sprintf("%%company %d%%", i+1000)))
	}
	m := newLikeMatcher(&path{}, patterns)
	require.Empty(t, m.always)
	for trigram, filed := range m.byTrigram {
		require.LessOrEqual(t, len(filed), 20, string(trigram[:]))
	}
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
		"Leads":    "SELECT Id, Email FROM Lead WHERE Email IN (" + list + ")",
		"Members":  "SELECT Id FROM CampaignMember WHERE CampaignId = '" + campaign + "' AND (Lead.Email IN (" + list + ") OR Contact.Email IN (" + list + "))",
		"Accounts": "SELECT Id FROM Account WHERE " + strings.Join(names, " OR "),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				body := `{"compositeRequest":[{"method":"GET","referenceId":"q","url":"/services/data/v62.0/query?q=` + url.QueryEscape(soql) + `"}]}`
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
		records = append(records, fmt.Sprintf(`{"attributes":{"type":"Lead"},"FirstName":"A","LastName":"L%d","Company":"C","Email":"x%d@example.com"}`, i, i))
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
