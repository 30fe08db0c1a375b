// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// library is an org to search in.
func library(t *testing.T, opts ...sftest.Option) (*sftest.Org, *api) {
	t.Helper()
	org, a := newAPI(t, opts...)
	org.Insert("Lead", fields{
		"FirstName": "Ada", "LastName": "Lovelace", "Company": "Analytical Engines", "Email": "ada@engines.example",
		"Phone": "+44 20 7946 0000", "Description": "first programmer",
	})
	org.Insert("Lead", fields{
		"FirstName": "Charles", "LastName": "Babbage", "Company": "Difference Engines",
		"Email": "charles@engines.example",
	})
	org.Insert("Contact", fields{
		"FirstName": "Ada", "LastName": "Byron", "Email": "ada@byron.example", "Title": "Countess Lovelace",
	})
	return org, a
}

// names are the LastNames that a search finds.
func (a *api) names(sosl string) string {
	a.t.Helper()
	res := a.do("GET", "/search/?q="+escape(sosl), nil)
	require.Equal(a.t, 200, res.Status, res.Text)
	return lastNames(res)
}

func lastNames(res *response) string {
	var names []string
	for i := range res.at("searchRecords").([]any) {
		name, _ := res.at("searchRecords", i, "LastName").(string)
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// SOSL reference: what a term finds, and where.
func TestSearchFindsWords(t *testing.T) {
	t.Parallel()
	_, a := library(t)
	for _, tc := range []struct{ sosl, want string }{
		{"FIND {ada} RETURNING Lead(LastName), Contact(LastName)", "Lovelace Byron"},
		{"find {ADA} returning Contact(LastName), Lead(LastName)", "Byron Lovelace"},
		{"FIND {ada lovelace} RETURNING Lead(LastName), Contact(LastName)", "Lovelace Byron"},
		{"FIND {ada lovelace} IN NAME FIELDS RETURNING Lead(LastName), Contact(LastName)", "Lovelace"},
		{`FIND {"engines analytical"} RETURNING Lead(LastName)`, ""},
		{`FIND {"analytical engines"} RETURNING Lead(LastName)`, "Lovelace"},
		{"FIND {love} RETURNING Lead(LastName)", ""},
		{"FIND {love*} RETURNING Lead(LastName)", "Lovelace"},
		{"FIND {l?velace} RETURNING Lead(LastName)", "Lovelace"},
		{"FIND {babbage OR byron} RETURNING Lead(LastName), Contact(LastName)", "Babbage Byron"},
		{"FIND {engines AND NOT difference} RETURNING Lead(LastName)", "Lovelace"},
		{"FIND {engines AND (difference OR nothing)} RETURNING Lead(LastName)", "Babbage"},
		{`FIND {ada\@engines.example} IN EMAIL FIELDS RETURNING Lead(LastName)`, "Lovelace"},
		{"FIND {7946} IN PHONE FIELDS RETURNING Lead(LastName)", "Lovelace"},
		{"FIND {programmer} IN SIDEBAR FIELDS RETURNING Lead(LastName)", ""},
		{"FIND {programmer} IN ALL FIELDS RETURNING Lead(LastName)", "Lovelace"},
		{"FIND {engines} RETURNING Lead(LastName WHERE Company LIKE 'D%')", "Babbage"},
		{"FIND {engines} RETURNING Lead(LastName ORDER BY LastName LIMIT 1)", "Babbage"},
		{"FIND {engines} RETURNING Lead(LastName ORDER BY LastName LIMIT 1 OFFSET 1)", "Lovelace"},
		{"FIND {ada} RETURNING Lead(LastName), Contact(LastName) LIMIT 1", "Lovelace"},
		{`FIND {\{\}\}} RETURNING Lead(LastName)`, ""},
	} {
		require.Equal(t, tc.want, a.names(tc.sosl), tc.sosl)
	}
	res := a.do("GET", "/search?q="+escape("FIND {ada}"), nil)
	require.Len(t, res.at("searchRecords"), 2, "no RETURNING goes through all objects")
	require.Equal(t, "Contact", res.at("searchRecords", 0, "attributes", "type"))
	require.Len(t, a.in("v36.0", "GET", "/search?q="+escape("FIND {ada}"), nil).Body, 2, "before v37 the list alone")
}

// docs/salesforce.md, Queries: MALFORMED_SEARCH, and the limits.
func TestSearchRefusesAndLimits(t *testing.T) {
	t.Parallel()
	org, a := library(t)
	for sosl, code := range map[string]string{
		"":                                     "MALFORMED_SEARCH",
		"FIND ada":                             "MALFORMED_SEARCH",
		"LOOK {ada}":                           "MALFORMED_SEARCH",
		"FIND {a}":                             "MALFORMED_SEARCH",
		"FIND {**}":                            "MALFORMED_SEARCH",
		"FIND {ada":                            "MALFORMED_SEARCH",
		"FIND {(ada}":                          "MALFORMED_SEARCH",
		"FIND {ada OR}":                        "MALFORMED_SEARCH",
		"FIND {ada} IN SOME FIELDS":            "MALFORMED_SEARCH",
		"FIND {ada} IN ALL":                    "MALFORMED_SEARCH",
		"FIND {ada} RETURNING":                 "MALFORMED_SEARCH",
		"FIND {ada} RETURNING Lead(":           "MALFORMED_SEARCH",
		"FIND {ada} RETURNING Lead() LIMIT":    "MALFORMED_SEARCH",
		"FIND {ada} nonsense":                  "MALFORMED_SEARCH",
		"FIND {ada} RETURNING Lead(Id) #":      "MALFORMED_SEARCH",
		"FIND {ada} RETURNING Nothing":         "INVALID_TYPE",
		"FIND {ada} RETURNING Lead(Nothing)":   "INVALID_FIELD",
		"FIND {ada} RETURNING Lead(COUNT(Id))": "MALFORMED_SEARCH",
	} {
		a.do("GET", "/search?q="+escape(sosl), nil).refused(t, 400, code)
	}
	res := a.do("GET", "/search?q="+escape("FIND {ada} RETURNING Nothing"), nil)
	require.Contains(t, res.at(0, "message"), "ERROR at Row:1:Column:22\n")
	require.Equal(t, "No search term found. The search term must be enclosed in braces.",
		a.do("GET", "/search?q=FIND", nil).at(0, "message"))
	text := "FIND {" + strings.Repeat("ada OR ", 1500) + "ada}"
	require.Empty(t, a.do("GET", "/search?q="+strings.ReplaceAll(escape(text), "%20", "+"), nil).at("searchRecords"),
		"more than 10,000 characters find nothing")
	fill(org, 2001)
	require.Len(t, a.do("GET", "/search?q="+escape("FIND {p* OR example} RETURNING Lead"), nil).at("searchRecords"), 2000)
}

// docs/salesforce.md, Queries: the same search in parameters.
func TestParameterizedSearch(t *testing.T) {
	t.Parallel()
	_, a := library(t)
	for _, tc := range []struct{ query, want string }{
		{"q=ada&sobject=Lead&Lead.fields=id,LastName", "Lovelace"},
		{"q=ada&sobject=Lead&sobject=Contact&fields=LastName", "Lovelace Byron"},
		{"q=ada&sobject=Lead,Contact&fields=LastName&overallLimit=1", "Lovelace"},
		{"q=engines&sobject=Lead&Lead.fields=LastName&defaultLimit=1", "Lovelace"},
		{"q=engines&sobject=Lead&Lead.fields=LastName&Lead.where=Company+LIKE+'D%25'", "Babbage"},
		{"q=engines&sobject=Lead&Lead.fields=LastName&Lead.orderBy=LastName&Lead.limit=1", "Babbage"},
		{"q=lovelace&in=NAME&sobject=Contact&fields=LastName", ""},
	} {
		res := a.do("GET", "/parameterizedSearch?"+tc.query, nil)
		require.Equal(t, 200, res.Status, res.Text)
		require.Equal(t, tc.want, lastNames(res), tc.query)
	}
	res := a.do("POST", "/parameterizedSearch",
		`{"q":"engines","in":"ALL","fields":["LastName"],"overallLimit":9,"sobjects":[{"name":"Lead",`+
			`"fields":["Company"],"where":"Company LIKE 'A%'","limit":5}]}`)
	require.Equal(t, []any{"Lovelace", "Analytical Engines"},
		[]any{res.at("searchRecords", 0, "LastName"), res.at("searchRecords", 0, "Company")}, res.Text)
	require.Len(t, a.do("GET", "/parameterizedSearch?q=ada", nil).at("searchRecords"), 2)
	for query, code := range map[string]string{
		"": "MALFORMED_SEARCH", "q=a": "MALFORMED_SEARCH", "q=ada&in=SOME": "MALFORMED_SEARCH",
		"q=ada&overallLimit=0": "MALFORMED_SEARCH", "q=ada&sobject=Nothing": "INVALID_TYPE",
		"q=ada&sobject=Lead&Lead.fields=Nothing": "INVALID_FIELD",
		"q=ada&sobject=Lead&Lead.limit=x":        "MALFORMED_SEARCH",
		"q=ada&sobject=Lead&fields=COUNT()":      "MALFORMED_SEARCH",
	} {
		a.do("GET", "/parameterizedSearch?"+query, nil).refused(t, 400, code)
	}
	a.do("POST", "/parameterizedSearch", `{`).refused(t, 400, "JSON_PARSER_ERROR")
	tb := &spy{}
	narrowed := sftest.NewOrg(tb)
	defer narrowed.Close()
	(&api{t, narrowed}).do("GET", "/parameterizedSearch?q=ada&dataCategory=x", nil).refused(t, 501, "NOT_IMPLEMENTED")
	require.Len(t, tb.complaints, 1)
}

func TestSearchBeyondTheFakeFailsTheTest(t *testing.T) {
	t.Parallel()
	for _, sosl := range []string{
		"FIND {ada} WITH SNIPPET", "FIND {ada} RETURNING Lead(Id USING LISTVIEW = All)",
		"FIND {ada} UPDATE TRACKING",
	} {
		tb := &spy{}
		org := sftest.NewOrg(tb)
		require.Equal(t, 501, (&api{t, org}).do("GET", "/search?q="+escape(sosl), nil).Status, sosl)
		require.Len(t, tb.complaints, 1)
		org.Close()
	}
}
