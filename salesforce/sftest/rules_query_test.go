// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// What docs/salesforce.md says under Queries and SOQL.
func TestRulesOfQueries(t *testing.T) {
	t.Parallel()
	keeps(t, "1", []rule{
		{"a query is totalSize, done and records with their attributes", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "a@example.com")
			require.JSONEq(t,
				`{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Lead","url":"`+base+`/sobjects/Lead/`+id+`"},"Id":"`+
					id+`"}]}`, a.query("SELECT Id FROM Lead").Text)
		}},
		{"nextRecordsUrl is a locator and an offset, except on the last page", func(t *testing.T, org *sftest.Org, a *api) {
			fill(org, 2001)
			res := a.query("SELECT Id FROM Lead")
			require.Regexp(t, `^`+base+`/query/0r8[0-9A-Za-z]{15}-2000$`, res.at("nextRecordsUrl"))
			require.Equal(t, []any{2001.0, false}, []any{res.at("totalSize"), res.at("done")})
			last, err := a.send("GET", res.at("nextRecordsUrl").(string), nil)
			require.NoError(t, err)
			require.Equal(t, true, last.at("done"))
			require.NotContains(t, last.Body, "nextRecordsUrl")
		}},
		{"COUNT() is a totalSize, COUNT(Id) an AggregateResult without url", func(t *testing.T, org *sftest.Org, a *api) {
			addLead(org, "a@example.com")
			require.JSONEq(t, `{"totalSize":1,"done":true,"records":[]}`, a.query("SELECT COUNT() FROM Lead").Text)
			require.JSONEq(t, `{"totalSize":1,"done":true,"records":[{"attributes":{"type":"AggregateResult"},"expr0":1}]}`,
				a.query("SELECT COUNT(Id) FROM Lead").Text)
		}},
		{"a parent is a row with attributes, or null", func(t *testing.T, org *sftest.Org, a *api) {
			account := org.Insert("Account", fields{"Name": "Acme"})
			org.Insert("Contact", fields{"LastName": "A", "AccountId": account})
			org.Insert("Contact", fields{"LastName": "B"})
			res := a.query("SELECT Account.Name FROM Contact ORDER BY LastName")
			require.Equal(t, "Account", res.at("records", 0, "Account", "attributes", "type"))
			require.Contains(t, res.at("records", 1), "Account")
			require.Nil(t, res.at("records", 1, "Account"))
		}},
		{"child rows are a result of their own, with pages of their own", func(t *testing.T, _ *sftest.Org, _ *api) {
			org, a := newAPI(t, sftest.WithPageSize(2))
			account := org.Insert("Account", fields{"Name": "Acme"})
			for _, name := range []string{"A", "B", "C"} {
				org.Insert("Contact", fields{"LastName": name, "AccountId": account})
			}
			res := a.query("SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account")
			children := func(name string) any { return res.at("records", 0, "Contacts", name) }
			require.Equal(t, []any{3.0, false}, []any{children("totalSize"), children("done")})
			require.Len(t, children("records"), 2)
			next, err := a.send("GET", children("nextRecordsUrl").(string), nil)
			require.NoError(t, err)
			require.Equal(t, "C", next.at("records", 0, "LastName"))
			require.Equal(t, true, next.at("done"))
		}},
		{"a stale locator is 404 INVALID_QUERY_LOCATOR", func(t *testing.T, _ *sftest.Org, a *api) {
			a.do("GET", "/query/0r8dM0000000001-2000", nil).refused(t, 404, "INVALID_QUERY_LOCATOR")
		}},
		{"queryAll adds deleted rows", func(t *testing.T, org *sftest.Org, a *api) {
			org.Delete("Lead", addLead(org, "a@example.com"))
			require.InDelta(t, 0, a.query("SELECT Id FROM Lead").at("totalSize"), 0)
			require.InDelta(t, 1, a.do("GET", "/queryAll?q=SELECT+Id+FROM+Lead", nil).at("totalSize"), 0)
		}},
		{"columns=true describes the columns", func(t *testing.T, _ *sftest.Org, a *api) {
			res := a.do("GET", "/query?columns=true&q="+url.QueryEscape("SELECT Id, Account.Name, IsDeleted FROM Contact"), nil)
			require.Equal(t, []any{"Contact", "003", false, true},
				[]any{res.at("entityName"), res.at("keyPrefix"), res.at("groupBy"), res.at("idSelected")})
			require.Equal(t, []any{"Id", "Account", "Name", "IsDeleted"},
				[]any{
					res.at("columnMetadata", 0, "columnName"), res.at("columnMetadata", 1, "columnName"),
					res.at("columnMetadata", 1, "joinColumns", 0, "columnName"), res.at("columnMetadata", 2, "columnName"),
				})
			require.Equal(t, true, res.at("columnMetadata", 2, "booleanType"))
			res = a.do("GET", "/query?columns=true&q="+url.QueryEscape("SELECT City, COUNT(Id) n FROM Lead GROUP BY City"), nil)
			require.Equal(t, []any{true, false, true},
				[]any{res.at("groupBy"), res.at("columnMetadata", 0, "aggregate"), res.at("columnMetadata", 1, "aggregate")})
		}},
		{"Sforce-Query-Options is a hint of 200 to 2,000 rows", func(t *testing.T, org *sftest.Org, a *api) {
			fill(org, 300)
			for options, rows := range map[string]int{
				"batchSize=200": 200, "batchSize=1": 200, "batchSize=250": 250, "batchSize=9000": 300, "nonsense": 300,
			} {
				require.Len(t, a.do("GET", "/query?q=SELECT+Id+FROM+Lead", nil, "Sforce-Query-Options", options).at("records"),
					rows, options)
			}
		}},
	})
	keeps(t, "7", soqlRules())
}

// selects is the LastNames of the Leads of crowd that a condition lets through.
func selects(t *testing.T, where string) string {
	t.Helper()
	a := &api{t, crowd(t)}
	return strings.Join(a.column("SELECT LastName FROM Lead WHERE "+where+" ORDER BY LastName", "LastName"), " ")
}

func soqlRules() []rule {
	var rules []rule
	for _, c := range []struct{ fact, where, want string }{
		{`the escape \' is a quote`, `City = 'O\'Hara'`, "Bob"},
		{`the escape \\ is a backslash`, `City = 'back\\slash'`, "Dan"},
		{`the escape \uXXXX is a character`, `City = '\u004cond\u006fn'`, "Ada"},
		{`LIKE has \_ and \% for themselves`, `City LIKE '50\%\_off'`, "Cyd"},
		{"= is blind to case", "City = 'LONDON'", "Ada"},
		{"IN is blind to case", "City IN ('LONDON', 'x')", "Ada"},
		{"LIKE is blind to case", "City LIKE 'LON%'", "Ada"},
		{"a case-sensitive unique field is compared exactly", "Code__c = 'AB'", "Bob"},
		{"_ is one character, % zero or more", "City LIKE '_ondo%n'", "Ada"},
		{"= null finds what is empty", "Email = null", "Bob Cyd"},
		{"!= null finds what is not", "Email != null", "Ada Dan"},
		{"the empty string is null", "Email = ''", "Bob Cyd"},
		{"null of a checkbox is false", "Vip__c = null", "Bob Cyd Dan"},
		{"AND and OR with parentheses", "(City = 'London' AND Vip__c = true) OR City LIKE 'back%'", "Ada Dan"},
		{"a date without quotes", "Day__c = 2026-03-10", "Ada"},
		{"a datetime with Z", "CreatedDate < 2026-03-01T00:00:00Z", "Cyd"},
		{"a datetime with a zone", "CreatedDate < 2026-03-01T01:00:00+01:00", "Cyd"},
		{"INCLUDES wants all of a; b", "Topics__c INCLUDES ('A;B')", "Ada"},
		{"INCLUDES wants one of the list", "Topics__c INCLUDES ('A', 'B')", "Ada Bob"},
	} {
		rules = append(rules, rule{"SOQL: " + c.fact, func(t *testing.T, _ *sftest.Org, _ *api) {
			require.Equal(t, c.want, selects(t, c.where))
		}})
	}
	for _, c := range []struct{ fact, soql, code string }{
		{"any other backslash is an error", `SELECT Id FROM Lead WHERE City = 'a\q'`, "MALFORMED_QUERY"},
		{"the escapes of LIKE are for LIKE alone", `SELECT Id FROM Lead WHERE City = 'a\%'`, "MALFORMED_QUERY"},
		{"LIKE is for text alone", "SELECT Id FROM Lead WHERE NumberOfEmployees LIKE '1%'", "INVALID_QUERY_FILTER_OPERATOR"},
		{
			"AND beside OR needs parentheses", "SELECT Id FROM Lead WHERE City = 'a' AND City = 'b' OR City = 'c'",
			"MALFORMED_QUERY",
		},
		{
			"three semi-joins are too many",
			"SELECT Id FROM Lead WHERE Id IN (SELECT LeadId FROM CampaignMember) AND OwnerId IN (SELECT Id FROM User) " +
				"AND Id NOT IN (SELECT LeadId FROM CampaignMember)",
			"MALFORMED_QUERY",
		},
		{
			"a semi-join has an id or a reference on its left",
			"SELECT Id FROM Lead WHERE City IN (SELECT Id FROM User)", "INVALID_QUERY_FILTER_OPERATOR",
		},
		{
			"a semi-join is not allowed under OR",
			"SELECT Id FROM Lead WHERE City = 'a' OR OwnerId IN (SELECT Id FROM User)", "MALFORMED_QUERY",
		},
		{
			"semi-joins do not nest",
			"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE OwnerId IN (SELECT Id FROM User))",
			"MALFORMED_QUERY",
		},
		{"a semi-join is not over Task", "SELECT Id FROM Account WHERE Id IN (SELECT WhatId FROM Task)", "MALFORMED_QUERY"},
		{
			"five levels of parents and not six",
			"SELECT ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.Id FROM Contact", "MALFORMED_QUERY",
		},
		{"long text does not filter", "SELECT Id FROM Lead WHERE Description = 'a'", "INVALID_FIELD"},
		{"long text does not sort", "SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD"},
		{"long text does not group", "SELECT Description FROM Lead GROUP BY Description", "INVALID_FIELD"},
		{
			"a datetime has no quotes", "SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01T00:00:00Z'",
			"INVALID_FIELD",
		},
		{"an unknown object is INVALID_TYPE", "SELECT Id FROM Nothing", "INVALID_TYPE"},
		{"an unknown field is INVALID_FIELD", "SELECT Nothing FROM Lead", "INVALID_FIELD"},
	} {
		rules = append(rules, rule{"SOQL: " + c.fact, func(t *testing.T, _ *sftest.Org, a *api) {
			a.query(c.soql).refused(t, 400, c.code)
		}})
	}
	return append(rules,
		rule{`SOQL: the escapes \n \r \t \b \" are their characters, in capitals ` +
			`too`, func(t *testing.T, org *sftest.Org, a *api) {
			org.Insert("Lead", fields{"LastName": "Escaped", "Company": "C", "Street": "a\n\r\t\b\"z"})
			for _, escapes := range []string{`\n\r\t\b\"`, `\N\R\T\B\"`} {
				require.Equal(t, []string{"Escaped"}, a.column(`SELECT LastName FROM Lead WHERE Street = 'a`+escapes+`z'`,
					"LastName"))
			}
		}},
		rule{"twenty queries of children and not more", func(t *testing.T, org *sftest.Org, a *api) {
			children := repeat(21, func(i int) string {
				org.DefineObject(fmt.Sprintf("Kind%d__c", i), fmt.Sprintf("b%02d", i),
					sftest.Field{Name: "Account__c", Type: "reference", ReferenceTo: []string{"Account"}})
				return fmt.Sprintf("(SELECT Id FROM Kind%ds__r)", i)
			})
			require.Equal(t, 200, a.query("SELECT "+strings.Join(children[1:], ", ")+" FROM Account").Status)
			a.query("SELECT "+strings.Join(children, ", ")+" FROM Account").refused(t, 400, "MALFORMED_QUERY")
		}},
		rule{"fifty-five relationships to parents and not more", func(t *testing.T, org *sftest.Org, a *api) {
			names := repeat(56, func(i int) string {
				org.DefineField("Lead", sftest.Field{
					Name: fmt.Sprintf("P%d__c", i), Type: "reference", ReferenceTo: []string{"Account"},
				})
				return fmt.Sprintf("P%d__r.Name", i)
			})
			require.Equal(t, 200, a.query("SELECT "+strings.Join(names[1:], ", ")+" FROM Lead").Status)
			a.query("SELECT "+strings.Join(names, ", ")+" FROM Lead").refused(t, 400, "MALFORMED_QUERY")
		}},
		rule{"an error names row and column under a caret", func(t *testing.T, _ *sftest.Org, a *api) {
			require.Equal(t,
				"\nFROM Nothing\n     ^\nERROR at Row:2:Column:6\nsObject type 'Nothing' is not supported. If you are "+
					"attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference "+
					"your WSDL or the describe call for the appropriate names.",
				a.query("SELECT Id\nFROM Nothing").at(0, "message"))
		}},
		rule{"a parent that is missing is null, as in an outer join", func(t *testing.T, org *sftest.Org, a *api) {
			org.Insert("Contact", fields{"LastName": "Alone"})
			require.Equal(t, []string{"Alone"}, a.column("SELECT LastName FROM Contact WHERE Account.Name = null", "LastName"))
		}},
		rule{"NOT IN is not NOT: nulls count among those not in the list", func(t *testing.T, _ *sftest.Org, _ *api) {
			require.Equal(t, "Bob Cyd Dan", selects(t, "Email NOT IN ('ada@example.com')"))
			require.Equal(t, "Dan", selects(t, "Email NOT IN ('ada@example.com', null)"))
		}},
		rule{"nulls come first unless NULLS LAST", func(t *testing.T, _ *sftest.Org, _ *api) {
			a := &api{t, crowd(t)}
			require.Equal(t, []string{"Cyd", "Dan", "Ada", "Bob"},
				a.column("SELECT LastName FROM Lead ORDER BY NumberOfEmployees, LastName", "LastName"))
			require.Equal(t, []string{"Ada", "Bob", "Cyd", "Dan"},
				a.column("SELECT LastName FROM Lead ORDER BY NumberOfEmployees NULLS LAST, LastName", "LastName"))
		}},
		rule{"a datetime comes with milliseconds and a zone without a colon", func(t *testing.T, _ *sftest.Org, _ *api) {
			require.Equal(t, []string{"2026-03-10T12:00:00.000+0000"},
				(&api{t, crowd(t)}).column("SELECT CreatedDate FROM Lead WHERE LastName = 'Ada'", "CreatedDate"))
		}},
		rule{"a converted Lead is still queried and no longer searched", func(t *testing.T, org *sftest.Org, a *api) {
			org.Convert(addLead(org, "ada@example.com"))
			require.Equal(t, true, a.query("SELECT IsConverted FROM Lead").at("records", 0, "IsConverted"))
			require.Empty(t, a.do("GET", "/search?q="+escape("FIND {ada@example.com} RETURNING Lead"), nil).at("searchRecords"))
		}},
		rule{"an id is found by 15 and 18 characters, the latter in any case", func(t *testing.T, org *sftest.Org, a *api) {
			id := addLead(org, "a@example.com")
			for _, form := range []string{id, id[:15], strings.ToLower(id), strings.ToUpper(id)} {
				require.Equal(t, []string{id}, a.column("SELECT Id FROM Lead WHERE Id = '"+form+"'", "Id"), form)
			}
		}},
	)
}

// Totals of GROUP BY ROLLUP and CUBE (SOQL reference).
func TestSOQLRollsGroupsUp(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for _, lead := range [][2]string{{"Web", "Hot"}, {"Web", "Cold"}, {"Web", "Hot"}, {"Fair", "Hot"}} {
		org.Insert("Lead", fields{"LastName": "L", "Company": "C", "LeadSource": lead[0], "Rating": lead[1]})
	}
	groups := func(soql string) (lines []string) {
		res := a.query(soql)
		require.Equal(t, 200, res.Status, res.Text)
		for i := range res.at("records").([]any) {
			cell := func(name string) string {
				if text, ok := res.at("records", i, name).(string); ok {
					return text
				}
				return "*"
			}
			n, _ := res.at("records", i, "n").(float64)
			lines = append(lines, cell("LeadSource")+" "+cell("Rating")+" "+string(rune('0'+int(n))))
		}
		return lines
	}
	const sources, both = "Web * 3,Fair * 1", "Web Hot 2,Web Cold 1,Fair Hot 1,"
	join := func(soql string) string { return strings.Join(groups(soql), ",") }
	require.Equal(t, sources+",* * 4",
		join(
			"SELECT LeadSource, COUNT(Id) n FROM Lead GROUP BY ROLLUP(LeadSource) ORDER BY GROUPING(LeadSource), LeadSource",
		))
	require.Equal(t, both+"Web * 3,Fair * 1,* * 4",
		join("SELECT LeadSource, Rating, COUNT(Id) n FROM Lead GROUP BY ROLLUP(LeadSource, Rating)"))
	require.Equal(t, both+"* Hot 3,* Cold 1,Web * 3,Fair * 1,* * 4",
		join("SELECT LeadSource, Rating, COUNT(Id) n FROM Lead GROUP BY CUBE(LeadSource, Rating)"))
	require.Equal(t, "* * 4",
		join("SELECT LeadSource, COUNT(Id) n FROM Lead GROUP BY ROLLUP(LeadSource) HAVING GROUPING(LeadSource) = 1"))
	require.Equal(t, "* * 1",
		join(
			"SELECT GROUPING(LeadSource) n FROM Lead GROUP BY ROLLUP(LeadSource) ORDER BY GROUPING(LeadSource) DESC LIMIT 1",
		))
	require.Empty(t, groups("SELECT LeadSource FROM Lead WHERE City = 'x' GROUP BY ROLLUP(LeadSource)"))
}

// Distances of addresses with coordinates (SOQL reference, DISTANCE).
func TestSOQLMeasuresDistances(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for name, at := range map[string][2]any{
		"Paris": {48.8566, 2.3522}, "London": {51.5074, -0.1278}, "Rome": {41.9028, 12.4964}, "Nowhere": {nil, nil},
	} {
		org.Insert("Account", fields{"Name": name, "BillingLatitude": at[0], "BillingLongitude": at[1]})
	}
	const fromParis = "DISTANCE(BillingAddress, GEOLOCATION(48.8566, 2.3522), 'km')"
	require.Equal(t, []string{"London", "Paris"},
		a.column("SELECT Name FROM Account WHERE "+fromParis+" < 400 ORDER BY Name", "Name"))
	require.Equal(t, []string{"Rome"}, a.column("SELECT Name FROM Account WHERE "+fromParis+" > 400", "Name"))
	require.Equal(t, []string{"Paris", "London", "Rome", "Nowhere"},
		a.column("SELECT Name FROM Account ORDER BY "+fromParis+" NULLS LAST", "Name"))
	res := a.query("SELECT Name, " + fromParis + ", " + strings.Replace(fromParis, "km", "mi", 1) +
		" miles FROM Account WHERE Name = 'London'")
	require.InDelta(t, 343.6, res.at("records", 0, "expr0"), 1)
	require.InDelta(t, 213.5, res.at("records", 0, "miles"), 1)
	require.Nil(t, a.query("SELECT "+fromParis+" d FROM Account WHERE Name = 'Nowhere'").at("records", 0, "d"))
}
