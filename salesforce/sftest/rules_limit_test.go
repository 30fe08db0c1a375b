// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// The numbers of docs/salesforce.md, Limits.
func TestRulesOfLimits(t *testing.T) {
	t.Parallel()
	keeps(t, "0", []rule{
		{"a collection takes 200 rows and not 201", func(t *testing.T, org *sftest.Org, a *api) {
			require.Equal(t, 200, a.do("POST", "/composite/sobjects", collection(false, contacts(200))).Status)
			a.do("POST", "/composite/sobjects", collection(false, contacts(201))).refused(t, 400, "EXCEEDED_ID_LIMIT")
			require.Equal(t, 200, org.Count("Contact"))
		}},
		{"a collection takes 10 runs of rows of one type and not 11", func(t *testing.T, _ *sftest.Org, a *api) {
			mixed := func(runs int) string {
				return strings.Join(repeat(runs, func(i int) string {
					if i%2 == 0 {
						return contacts(2)
					}
					return rows("Account", `{"Name":"A"}`)
				}), ",")
			}
			require.Equal(t, 200, a.do("POST", "/composite/sobjects", collection(false, mixed(10))).Status)
			a.do("POST", "/composite/sobjects", collection(false, mixed(11))).refused(t, 400, "LIMIT_EXCEEDED")
		}},
		{"an upsert of a collection has rows of one type", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Contact", "Lead")
			body := collection(false, rows("Contact", `{"LastName":"L","LeadsyncKey__c":"a"}`),
				rows("Lead", `{"LastName":"L","Company":"C","LeadsyncKey__c":"b"}`))
			require.Equal(t, []string{"", "INVALID_TYPE"},
				a.do("PATCH", "/composite/sobjects/Contact/LeadsyncKey__c", body).rowCodes())
		}},
		{"an upsert of a collection is there since v46", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddExternalID("Contact")
			body := collection(false, rows("Contact", `{"LastName":"L","LeadsyncKey__c":"a"}`))
			a.in("v45.0", "PATCH", "/composite/sobjects/Contact/LeadsyncKey__c", body).refused(t, 404, "NOT_FOUND")
			require.Equal(t, 200, a.in("v46.0", "PATCH", "/composite/sobjects/Contact/LeadsyncKey__c", body).Status)
		}},
		{"some 800 ids fit into a URL, and then comes 414", func(t *testing.T, org *sftest.Org, a *api) {
			ids := func(n int) string { return strings.Repeat(org.UserID()+",", n) }
			require.Equal(t, 200, a.do("GET", "/composite/sobjects/User?fields=Id&ids="+ids(800), nil, "Authorization",
				"Bearer "+org.Token()).Status)
			require.Equal(t, 414, a.do("GET", "/composite/sobjects/User?fields=Id&ids="+ids(870), nil).Status)
		}},
		{"a retrieve by POST has up to 2,000 rows in order, null if missing", func(t *testing.T, org *sftest.Org, a *api) {
			ids := []string{addContact(org, "a@example.com"), "003dM00000zzzzz", addContact(org, "b@example.com")}
			res := a.do("POST", "/composite/sobjects/Contact", fields{"ids": ids, "fields": []string{"Email"}})
			require.Equal(t, "a@example.com", res.at(0, "Email"))
			require.Nil(t, res.at(1))
			require.Equal(t, "b@example.com", res.at(2, "Email"))
			many := repeat(2001, func(int) string { return ids[0] })
			require.Equal(t, 200, a.do("POST", "/composite/sobjects/Contact",
				fields{"ids": many[1:], "fields": []string{"Id"}}).Status)
			a.do("POST", "/composite/sobjects/Contact", fields{"ids": many, "fields": []string{"Id"}}).refused(t, 400,
				"EXCEEDED_ID_LIMIT")
			a.do("POST", "/composite/sobjects/Contact", fields{"ids": ids}).refused(t, 400, "REQUIRED_FIELD_MISSING")
			a.do("GET", "/composite/sobjects/Contact?fields=Id", nil).refused(t, 400, "REQUIRED_FIELD_MISSING")
		}},
		{"a composite of 25 parts, 5 of them queries, is one call", func(t *testing.T, org *sftest.Org, a *api) {
			var parts []part
			for i := range 25 {
				path := []string{"/query?q=SELECT+Id+FROM+Lead", "/sobjects/Lead/describe"}[min(i/5, 1)]
				parts = append(parts, get(fmt.Sprint("r", i), path))
			}
			require.Len(t, a.composite(false, parts...), 25)
			require.Equal(t, 1, org.Calls())
			require.Equal(t, 400, a.composite(false, append(parts, get("r25", "/sobjects/Lead/describe"))...)[0].Status)
		}},
		{"a composite with a sixth query or collection is refused", func(t *testing.T, _ *sftest.Org, a *api) {
			parts := []part{post("c", "/composite/sobjects", collection(false, contacts(1)))}
			for i := range 5 {
				parts = append(parts, get(fmt.Sprint("q", i), "/queryAll?q=SELECT+Id+FROM+Lead"))
			}
			require.Equal(t, "LIMIT_EXCEEDED", a.composite(false, parts...)[0].code())
		}},
		{"a batch has 25 subrequests, and each counts as a call", func(t *testing.T, org *sftest.Org, a *api) {
			list := make([]fields, 26)
			for i := range list {
				list[i] = fields{"method": "GET", "url": "v62.0/limits"}
			}
			require.Equal(t, 200, a.do("POST", "/composite/batch", fields{"batchRequests": list[1:]}).Status)
			require.Equal(t, 25, org.Calls())
			require.Equal(t, 400, a.do("POST", "/composite/batch", fields{"batchRequests": list}).Status)
		}},
		{"a graph request is one call, and exists since v50", func(t *testing.T, org *sftest.Org, a *api) {
			body := graphsOf(graphOf("g", post("a", "/sobjects/Contact", fields{"LastName": "L"})))
			require.Equal(t, 200, a.do("POST", "/composite/graph", body).Status)
			require.Equal(t, 1, org.Calls())
			a.in("v49.0", "POST", "/composite/graph", body).refused(t, 404, "NOT_FOUND")
		}},
		{"a graph takes single records alone", func(t *testing.T, _ *sftest.Org, a *api) {
			for _, p := range []part{get("q", "/query?q=SELECT+Id+FROM+Lead"), post("c", "/composite/sobjects",
				collection(false, contacts(1))), get("d", "/sobjects/Lead/describe")} {
				require.Equal(t, false, a.do("POST", "/composite/graph", graphsOf(graphOf("g", p))).at("graphs", 0,
					"isSuccessful"), p.URL)
			}
		}},
		{"a tree takes 200 records over all trees and not 201", func(t *testing.T, org *sftest.Org, a *api) {
			half := func(ref string, n int) string {
				return treeRow("Account", ref, `,"Contacts":{"records":[`+strings.Join(repeat(n, func(i int) string {
					return treeRow("Contact", fmt.Sprint(ref, i), "")
				}), ",")+"]}")
			}
			require.Equal(t, 400, a.do("POST", "/composite/tree/Account", treeOf(half("a", 99), half("b", 100))).Status)
			require.Zero(t, org.Count("Contact"))
			require.Equal(t, 201, a.do("POST", "/composite/tree/Account", treeOf(half("a", 99), half("b", 99))).Status)
		}},
		{"a tree has 5 levels and not 6", func(t *testing.T, org *sftest.Org, a *api) {
			deep := func(levels int) string {
				row := treeRow("Account", "r1", "")
				for i := 2; i <= levels; i++ {
					row = treeRow("Account", fmt.Sprint("r", i), `,"ChildAccounts":{"records":[`+row+"]}")
				}
				return treeOf(row)
			}
			require.Equal(t, 201, a.do("POST", "/composite/tree/Account", deep(5)).Status)
			require.Equal(t, 400, a.do("POST", "/composite/tree/Account", deep(6)).Status)
			require.Equal(t, 5, org.Count("Account"))
		}},
		{"a tree has 5 types and not 6", func(t *testing.T, org *sftest.Org, a *api) {
			below := []string{}
			for i := range 5 {
				name := fmt.Sprintf("Kind%d__c", i)
				org.DefineObject(name, fmt.Sprintf("a0%d", i),
					sftest.Field{Name: "Account__c", Type: "reference", ReferenceTo: []string{"Account"}})
				below = append(below, fmt.Sprintf(`"Kind%ds__r":{"records":[{"attributes":{"type":%q,"referenceId":"k%d"}}]}`, i,
					name, i))
			}
			send := func(types int) int {
				return a.do("POST", "/composite/tree/Account",
					treeOf(treeRow("Account", "r", ","+strings.Join(below[:types-1], ",")))).Status
			}
			require.Equal(t, []int{201, 400}, []int{send(5), send(6)})
		}},
		{"a page has 2,000 rows, or 200 with two custom long texts", func(t *testing.T, org *sftest.Org, a *api) {
			org.DefineField("Lead", sftest.Field{Name: "Long__c", Type: "textarea"})
			org.DefineField("Lead", sftest.Field{Name: "Longer__c", Type: "textarea"})
			fill(org, 2001)
			require.Equal(t, []int{2000, 1}, a.pages("SELECT Id, Long__c FROM Lead"))
			require.Len(t, a.pages("SELECT Id, Long__c, Longer__c FROM Lead"), 11)
		}},
		{"a statement has 100,000 characters, a string in it 4,000", func(t *testing.T, _ *sftest.Org, a *api) {
			soql := "SELECT Id FROM Lead WHERE City = '" + strings.Repeat("x", 4000) + "'"
			send := func(soql string) *response { return a.composite(false, get("q", "/query?q="+escape(soql)))[0] }
			require.Equal(t, 200, send(soql+strings.Repeat(" ", 100_000-len(soql))).Status)
			require.Equal(t, "MALFORMED_QUERY", send(soql+strings.Repeat(" ", 100_001-len(soql))).code())
			require.Equal(t, "MALFORMED_QUERY", send(strings.Replace(soql, "x", "xx", 1)).code())
		}},
		{"a URI above 16,384 bytes is 414, with the headers 431", func(t *testing.T, _ *sftest.Org, a *api) {
			soql := "/query?q=" + escape("SELECT Id FROM Lead WHERE City IN ('"+strings.Repeat("x','", 4000)+"')")
			require.Equal(t, 414, a.do("GET", soql, nil).Status)
			require.Equal(t, 431, a.do("GET", soql[:15_000], nil, "X-Long", strings.Repeat("x", 2000)).Status)
			require.Equal(t, 200, a.composite(false, get("q", soql))[0].Status)
		}},
		{"OFFSET goes to 2,000", func(t *testing.T, _ *sftest.Org, a *api) {
			require.Equal(t, 200, a.query("SELECT Id FROM Lead OFFSET 2000").Status)
			a.query("SELECT Id FROM Lead OFFSET 2001").refused(t, 400, "NUMBER_OUTSIDE_VALID_RANGE")
		}},
		{"a Developer org has 15,000 calls a day", func(t *testing.T, _ *sftest.Org, a *api) {
			require.Equal(t, "api-usage=1/15000", a.do("GET", "/limits", nil).Header.Get("Sforce-Limit-Info"))
		}},
		{"/services/data counts as no call and carries no Sforce-Limit-Info", func(t *testing.T, org *sftest.Org, a *api) {
			res, err := a.send("GET", "/services/data/", nil, "Authorization", "")
			require.NoError(t, err)
			require.Equal(t, 200, res.Status)
			require.Empty(t, res.Header.Get("Sforce-Limit-Info"))
			require.Zero(t, org.Calls())
		}},
	})
}

// docs/salesforce.md, Limits: the daily limit rolls over 24 hours.
func TestDailyLimitRolls(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	_, a := newAPI(t, sftest.WithAPILimit(2), sftest.WithNow(func() time.Time { return now }))
	call := func(after time.Duration) int {
		now = now.Add(after)
		return a.do("GET", "/limits", nil).Status
	}
	require.Equal(t, []int{200, 200, 403, 200, 403},
		[]int{call(0), call(12 * time.Hour), call(time.Hour), call(11 * time.Hour), call(0)})
}

// docs/salesforce.md, Limits: five requests of 20 seconds at one time and no
// other call, whatever number of short ones.
func TestLongRequestsAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, sftest.WithResends())
		org.SlowRows("Contact", func(map[string]any) time.Duration { return 30 * time.Second })
		a := &api{t, org}
		statuses := make(chan int, 6)
		for range 5 {
			go func() {
				status, _, _ := a.createInProcess()
				statuses <- status
			}()
		}
		<-time.After(19 * time.Second)
		require.Equal(t, 200, a.inProcess("GET", "/limits", "").StatusCode)
		<-time.After(2 * time.Second)
		res := a.inProcess("GET", "/limits", "")
		require.Equal(t, 403, res.StatusCode)
		require.Contains(t, body(t, res), "ConcurrentPerOrgLongTxn Limit exceeded.")
		require.Equal(t, 5, org.Count("Contact"), "the rows are there, the answers are not")
		for range 5 {
			require.Equal(t, 201, <-statuses)
		}
		require.Equal(t, 200, a.inProcess("GET", "/limits", "").StatusCode)
	})
}
