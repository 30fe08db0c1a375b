// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// explain asks for the plans of a query.
func (a *api) explain(soql string) *response {
	a.t.Helper()
	return a.do("GET", "/query/?explain="+url.QueryEscape(soql), nil)
}

// plans are the plans of a query in short: operation, fields, cardinality and cost.
func (a *api) plans(soql string) []string {
	a.t.Helper()
	res := a.explain(soql)
	require.Equal(a.t, 200, res.Status, res.Text)
	plans := []string{}
	for _, v := range res.at("plans").([]any) {
		p := v.(map[string]any)
		plans = append(plans, fmt.Sprintf("%s %v %v of %v at %.3f", p["leadingOperationType"], p["fields"],
			p["cardinality"], p["sobjectCardinality"], p["relativeCost"]))
	}
	return plans
}

// thousand is an org with 1,000 leads: every tenth at Acme, every fifth with a key.
func thousand(t *testing.T) (*sftest.Org, *api) {
	t.Helper()
	org, a := newAPI(t)
	org.DefineField("Lead", sftest.Field{Name: "Key__c", ExternalID: true})
	for i := range 1000 {
		lead := map[string]any{"LastName": fmt.Sprintf("Name %03d", i), "Company": "Other",
			"Email": fmt.Sprintf("%03d@example.com", i)}
		if i%10 == 0 {
			lead["Company"] = "Acme"
		}
		if i%5 == 0 {
			lead["Key__c"] = fmt.Sprint("key", i)
		}
		org.Insert("Lead", lead)
	}
	return org, a
}

// The shape is that of the REST API guide, Get Feedback on Query Performance.
func TestQueryPlansAreExplained(t *testing.T) {
	t.Parallel()
	_, a := thousand(t)
	const note = `[{"description":"Not considering filter for optimization because unindexed","fields":["IsDeleted"],` +
		`"tableEnumOrId":"Lead"}]`
	require.JSONEq(t, `{"plans":[
		{"cardinality":1,"fields":["Email"],"leadingOperationType":"Index","notes":`+note+`,
		"relativeCost":0.0033333333333333335,"sobjectCardinality":1000,"sobjectType":"Lead"},
		{"cardinality":1,"fields":[],"leadingOperationType":"TableScan","notes":`+note+`,
		"relativeCost":0.6688333333333334,"sobjectCardinality":1000,"sobjectType":"Lead"}],
		"sourceQuery":"SELECT Id FROM Lead WHERE Email = '010@example.com' AND Company = 'Acme'"}`,
		a.explain("SELECT Id FROM Lead WHERE Email = '010@example.com' AND Company = 'Acme'").Text)
	require.NotContains(t, a.in("v32.0", "GET", "/query?explain=SELECT+Id+FROM+Lead", nil).Text, "notes",
		"notes are there since v33.0")
}

func TestQueryPlansHaveTheIndexesThatAConditionCanUse(t *testing.T) {
	t.Parallel()
	org, a := thousand(t)
	owner := org.UserID()
	for where, want := range map[string][]string{
		"Company = 'Acme'":              {"TableScan [] 100 of 1000 at 0.883"},
		"OwnerId = '" + owner + "'":     {"TableScan [] 1000 of 1000 at 2.833", "Index [OwnerId] 1000 of 1000 at 3.333"},
		"CreatedById = '" + owner + "'": {"TableScan [] 1000 of 1000 at 2.833"},
		"Key__c LIKE 'key%'":            {"TableScan [] 200 of 1000 at 1.100", "Index [Key__c] 200 of 1000 at 2.000"},
		"Name LIKE 'Name 00%'":          {"Index [Name] 10 of 1000 at 0.033", "TableScan [] 10 of 1000 at 0.688"},
		"Name LIKE '%00'":               {"TableScan [] 10 of 1000 at 0.688"},
		"Email != null":                 {"TableScan [] 1000 of 1000 at 2.833"},
		"Email = null":                  {"TableScan [] 0 of 1000 at 0.667"},
		"Email = '000@example.com' OR Key__c = 'key5'": {"Index [Email Key__c] 2 of 1000 at 0.020",
			"TableScan [] 2 of 1000 at 0.671"},
		"Email = '000@example.com' OR Company = 'Acme'": {"TableScan [] 100 of 1000 at 0.883"},
		"(Email = '000@example.com' AND (CreatedDate > 2000-01-01T00:00:00Z AND Company = 'Acme'))": {
			"Index [Email] 1 of 1000 at 0.003", "TableScan [] 1 of 1000 at 0.669",
			"Index [CreatedDate] 1000 of 1000 at 3.333"},
		"Owner.Name = 'Integration User'": {"TableScan [] 1000 of 1000 at 2.833"},
		"NOT Email = '000@example.com'":   {"TableScan [] 999 of 1000 at 2.831"},
	} {
		require.Equal(t, want, a.plans("SELECT Id FROM Lead WHERE "+where), where)
	}
}

// The costs of orgs of 1,001 and 2,549 Accounts (recorded).
func TestQueryPlansCostAsRecorded(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for i := range 2549 {
		city := "Here"
		if i < 501 {
			city = "There"
		}
		if i == 1001 {
			require.Contains(t, a.explain("SELECT Id FROM Account WHERE BillingCity = 'There'").Text,
				`"relativeCost":1.7521666666666669,"sobjectCardinality":1001`)
			require.Contains(t, a.explain("SELECT Id FROM Account LIMIT 10").Text,
				`"relativeCost":0.03333333333333333,"sobjectCardinality":1001`)
		}
		org.Insert("Account", map[string]any{"Name": "Engines", "BillingCity": city})
	}
	require.Contains(t, a.explain("SELECT Id, Name FROM Account").Text,
		`"relativeCost":2.8324836601307193,"sobjectCardinality":2549`)
}

func TestQueryPlansUseALimit(t *testing.T) {
	t.Parallel()
	_, a := thousand(t)
	require.Equal(t, []string{"Other [] 10 of 1000 at 0.033", "TableScan [] 1000 of 1000 at 2.833"},
		a.plans("SELECT Id FROM Lead LIMIT 10"))
	require.Equal(t, []string{"TableScan [] 1000 of 1000 at 2.833"}, a.plans("SELECT Id FROM Lead ORDER BY Name LIMIT 10"))
	require.Equal(t, []string{"TableScan [] 0 of 0 at 0.000"}, a.plans("SELECT COUNT() FROM Campaign"))
	require.Equal(t, []string{"Index [Id] 1 of 1 at 0.000", "TableScan [] 1 of 1 at 0.650"},
		a.plans("SELECT Id FROM User WHERE Id = '"+a.org.UserID()+"'"), "an index comes first in the smallest object")
}

func TestQueryPlansRefuseWhatTheyCannotExplain(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	a.explain("SELECT FROM").refused(t, 400, "MALFORMED_QUERY")
	a.explain("SELECT Nonsense FROM Lead").refused(t, 400, "INVALID_FIELD")
	a.do("GET", "/query?explain=", nil).refused(t, 400, "MALFORMED_QUERY")
	for _, path := range []string{
		"/queryAll?explain=SELECT+Id+FROM+Lead", "/query?explain=00O000000000001", "/query?explain=00B000000000001AAA",
		"/query?explain=SELECT+Id+FROM+EntityDefinition", "/tooling/query?explain=SELECT+Id+FROM+EntityDefinition",
	} {
		tb := &spy{}
		org := sftest.NewOrg(tb)
		require.Equal(t, 501, (&api{t, org}).do("GET", path, nil).Status, path)
		require.Len(t, tb.complaints, 1, path)
		org.Close()
	}
	org, a := newAPI(t)
	org.AddRule("Lead", sftest.Rule{Name: "A", Refuses: func(map[string]any) bool { return false }})
	require.JSONEq(t, `{"plans":[{"cardinality":1,"fields":[],"leadingOperationType":"TableScan","notes":[],
		"relativeCost":0.65,"sobjectCardinality":1,"sobjectType":"ValidationRule"}],
		"sourceQuery":"SELECT Id FROM ValidationRule"}`,
		a.do("GET", "/tooling/query?explain=SELECT+Id+FROM+ValidationRule", nil).Text)
}
