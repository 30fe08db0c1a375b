// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func fill(org *sftest.Org, n int) {
	for i := range n {
		addLead(org, fmt.Sprintf("p%d@example.com", i))
	}
}

// pages follows nextRecordsUrl and answers the size of each page.
func (a *api) pages(soql string, headers ...string) []int {
	a.t.Helper()
	var sizes []int
	path := "/query?q=" + escape(soql)
	for path != "" {
		res := a.do("GET", path, nil, headers...)
		require.Equal(a.t, 200, res.Status, res.Text)
		sizes = append(sizes, len(res.at("records").([]any)))
		next, more := res.at("nextRecordsUrl").(string)
		require.Equal(a.t, !more, res.at("done"))
		path = strings.TrimPrefix(next, base)
	}
	return sizes
}

// docs/salesforce.md, Limits and Queries: pages of 2,000, a locator to the
// next, a hint for smaller ones.
func TestQueryAnswersInPages(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	fill(org, 2500)
	res := a.query("SELECT Id FROM Lead")
	require.InDelta(t, 2500, res.at("totalSize"), 0)
	require.Regexp(t, `^/services/data/v62\.0/query/0r8\w{15}-2000$`, res.at("nextRecordsUrl"))
	require.Equal(t, []int{2000, 500}, a.pages("SELECT Id FROM Lead"))
	require.Equal(t, []int{1000, 1000, 500}, a.pages("SELECT Id FROM Lead", "Sforce-Query-Options", "batchSize=1000"))
	require.Len(t, a.pages("SELECT Id FROM Lead", "Sforce-Query-Options", "batchSize=1"), 13, "at least 200 a page")
	require.Equal(t, []int{2000}, a.pages("SELECT Id FROM Lead LIMIT 2000"))
}

// Two custom long texts shrink a page to 200 (docs/salesforce.md, Limits).
func TestQueryOfLongTextsHasSmallPages(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for _, name := range []string{"One__c", "Two__c"} {
		org.DefineField("Lead", sftest.Field{Name: name, Type: "textarea"})
	}
	fill(org, 300)
	require.Equal(t, []int{300}, a.pages("SELECT Id, One__c FROM Lead"))
	require.Equal(t, []int{200, 100}, a.pages("SELECT Id, One__c, Two__c FROM Lead"))
}

func TestQueryPageMayBeSmaller(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithPageSize(3))
	fill(org, 7)
	require.Equal(t, []int{3, 3, 1}, a.pages("SELECT Id FROM Lead"))
	require.Equal(t, "INVALID_QUERY_LOCATOR", a.do("GET", "/query/0r8dM0000000001-3", nil).code())
}

// Locators do not live for ever (docs/salesforce.md, Queries).
func TestQueryLocatorsGrowStale(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithPageSize(1))
	fill(org, 2)
	next := a.query("SELECT Id FROM Lead").at("nextRecordsUrl").(string)
	for range 100 {
		a.query("SELECT Id FROM Lead")
	}
	res, err := a.send("GET", next, nil)
	require.NoError(t, err)
	require.Equal(t, 404, res.Status)
	require.Equal(t, "INVALID_QUERY_LOCATOR", res.code())
}

// A page of a composite's query is fetched in another
// (docs/salesforce.md, Limits).
func TestQueryPagesWithinComposite(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithPageSize(2))
	fill(org, 3)
	next := a.composite(false, get("q", "/query?q="+escape("SELECT Email FROM Lead")))[0].at("nextRecordsUrl").(string)
	res := a.composite(false, part{Method: "GET", URL: next, Ref: "n"})[0]
	require.Equal(t, "p2@example.com", res.at("records", 0, "Email"))
	require.Equal(t, true, res.at("done"))
}

func TestQueryAllShowsDeletedRows(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	id := addLead(org, "a@example.com")
	org.Delete("Lead", id)
	require.Empty(t, a.column("SELECT Id FROM Lead WHERE Email = 'a@example.com'", "Id"))
	res := a.do("GET", "/queryAll?q="+escape("SELECT Id, IsDeleted FROM Lead WHERE Email = 'a@example.com'"), nil)
	require.Equal(t, id, res.at("records", 0, "Id"))
	require.Equal(t, true, res.at("records", 0, "IsDeleted"))
}

// Datetimes are written without a colon in the zone (docs/salesforce.md, SOQL),
// numbers with a fraction where the field may have one.
func TestQueryWritesValuesAsSalesforceDoes(t *testing.T) {
	t.Parallel()
	org := crowd(t)
	res := (&api{t, org}).query(
		"SELECT CreatedDate, NumberOfEmployees, AnnualRevenue, Vip__c, Day__c, Email FROM Lead WHERE LastName IN " +
			"('Ada','Cyd')",
	)
	require.Contains(t, res.Text,
		`"CreatedDate":"2026-03-10T12:00:00.000+0000","NumberOfEmployees":10,"AnnualRevenue":null,"Vip__c":true,`+
			`"Day__c":"2026-03-10","Email":"ada@example.com"`)
	require.Contains(t, res.Text, `"AnnualRevenue":1.0,"Vip__c":false,"Day__c":null`)
}
