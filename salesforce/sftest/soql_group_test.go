// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// deals are Opportunities of two campaigns and of none.
func deals(t *testing.T) *api {
	t.Helper()
	org, a := newAPI(t)
	org.DefineField("Lead", sftest.Field{Name: "Size__c", Type: "picklist", Options: []string{"Small", "Big"}})
	for _, lead := range []fields{
		{"City": "London", "NumberOfEmployees": 10, "AnnualRevenue": 1, "Size__c": "Small", "CreatedDate": day(2025, 12, 31)},
		{"City": "LONDON", "NumberOfEmployees": 20, "AnnualRevenue": 2, "Size__c": "Big", "CreatedDate": day(2026, 2, 1)},
		{"City": "Paris", "NumberOfEmployees": 5, "CreatedDate": day(2026, 5, 1)},
		{"CreatedDate": day(2026, 5, 2)},
	} {
		lead["LastName"], lead["Company"] = "L", "C"
		org.Insert("Lead", lead)
	}
	return a
}

// The answers of aggregates: AggregateResult without a url, expr0 and so on
// where there is no alias (docs/salesforce.md, Queries).
func TestSOQLAggregates(t *testing.T) {
	t.Parallel()
	a := deals(t)
	for _, tc := range []struct{ soql, want string }{
		{"SELECT COUNT(Id) FROM Lead", `{"attributes":{"type":"AggregateResult"},"expr0":4}`},
		{"SELECT COUNT(Id) FROM Lead WHERE City = 'Rome'", `{"attributes":{"type":"AggregateResult"},"expr0":0}`},
		{"SELECT MAX(City) FROM Lead WHERE City = 'Rome'", `"expr0":null}`},
		{"SELECT COUNT(City), COUNT_DISTINCT(City) d, COUNT(Id) FROM Lead", `"expr0":3,"d":2,"expr1":4}`},
		{
			"SELECT SUM(NumberOfEmployees), AVG(NumberOfEmployees), MIN(NumberOfEmployees), MAX(NumberOfEmployees) FROM " +
				"Lead WHERE City LIKE 'L%'",
			`"expr0":30,"expr1":15.0,"expr2":10,"expr3":20}`,
		},
		{
			"SELECT SUM(AnnualRevenue), AVG(AnnualRevenue), MIN(AnnualRevenue) FROM Lead",
			`"expr0":3.0,"expr1":1.5,"expr2":1.0}`,
		},
		{"SELECT MIN(CreatedDate), MAX(City) FROM Lead", `"expr0":"2025-12-31T00:00:00.000+0000","expr1":"Paris"}`},
		{"SELECT MIN(Size__c), MAX(Size__c) FROM Lead", `"expr0":"Small","expr1":"Big"}`},
		{
			"SELECT FORMAT(MIN(CreatedDate)) since, FORMAT(SUM(AnnualRevenue)) FROM Lead",
			`"since":"12/31/2025, 12:00 AM","expr0":"$3"}`,
		},
	} {
		res := a.query(tc.soql)
		require.Contains(t, res.Text, tc.want, tc.soql)
		require.InDelta(t, 1, res.at("totalSize"), 0)
	}
}

func TestSOQLGroups(t *testing.T) {
	t.Parallel()
	a := deals(t)
	for _, tc := range []struct {
		soql string
		want []map[string]any
	}{
		{
			"SELECT City, COUNT(Id) FROM Lead GROUP BY City ORDER BY City",
			[]map[string]any{{"City": nil, "expr0": 1}, {"City": "London", "expr0": 2}, {"City": "Paris", "expr0": 1}},
		},
		{
			"SELECT City c FROM Lead GROUP BY City ORDER BY COUNT(Id) DESC, City NULLS LAST",
			[]map[string]any{{"c": "London"}, {"c": "Paris"}, {"c": nil}},
		},
		{"SELECT City FROM Lead GROUP BY City HAVING COUNT(Id) > 1", []map[string]any{{"City": "London"}}},
		{
			"SELECT City FROM Lead WHERE NumberOfEmployees > 5 GROUP BY City HAVING SUM(NumberOfEmployees) >= 30 AND " +
				"City LIKE 'l%'",
			[]map[string]any{{"City": "London"}},
		},
		{
			"SELECT City FROM Lead GROUP BY City HAVING COUNT(Id) = 1 AND (NOT City = null)",
			[]map[string]any{{"City": "Paris"}},
		},
		{
			"SELECT City FROM Lead GROUP BY City HAVING MAX(Company) LIKE 'x%' OR City LIKE 'p%'",
			[]map[string]any{{"City": "Paris"}},
		},
		{"SELECT City FROM Lead GROUP BY City HAVING City IN ('paris', 'rome')", []map[string]any{{"City": "Paris"}}},
		{
			"SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) n FROM Lead GROUP BY CALENDAR_YEAR(CreatedDate) ORDER BY " +
				"CALENDAR_YEAR(CreatedDate)",
			[]map[string]any{{"y": 2025, "n": 1}, {"y": 2026, "n": 3}},
		},
		{
			"SELECT DAY_ONLY(CreatedDate) FROM Lead GROUP BY DAY_ONLY(CreatedDate) ORDER BY MIN(CreatedDate) LIMIT 1",
			[]map[string]any{{"expr0": "2025-12-31"}},
		},
		{
			"SELECT Owner.Name, COUNT(Id) FROM Lead GROUP BY Owner.Name",
			[]map[string]any{{"Name": "Integration User", "expr0": 4}},
		},
		{"SELECT City FROM Lead GROUP BY City ORDER BY City LIMIT 1 OFFSET 1", []map[string]any{{"City": "London"}}},
		{"SELECT City, Status FROM Lead WHERE City = 'Rome' GROUP BY City, Status", []map[string]any{}},
		{"SELECT toLabel(Status) s FROM Lead GROUP BY Status", []map[string]any{{"s": "Open - Not Contacted"}}},
	} {
		t.Run(tc.soql, func(t *testing.T) {
			t.Parallel()
			res := (&api{t, a.org}).query(tc.soql)
			got := []map[string]any{}
			for _, record := range res.at("records").([]any) {
				columns := record.(map[string]any)
				require.Equal(t, map[string]any{"type": "AggregateResult"}, columns["attributes"])
				delete(columns, "attributes")
				got = append(got, columns)
			}
			require.Equal(t, fmt.Sprint(tc.want), fmt.Sprint(got))
		})
	}
}

func TestSOQLRefusesGroups(t *testing.T) {
	t.Parallel()
	a := deals(t)
	for _, tc := range []struct{ soql, code, message string }{
		{"SELECT City, COUNT(Id) FROM Lead", "MALFORMED_QUERY", "Field must be grouped or aggregated: City"},
		{"SELECT Company FROM Lead GROUP BY City", "MALFORMED_QUERY", "Field must be grouped or aggregated: Company"},
		{
			"SELECT City FROM Lead GROUP BY City ORDER BY Company", "MALFORMED_QUERY",
			"Ordered field must be grouped or aggregated: Company",
		},
		{
			"SELECT City FROM Lead GROUP BY City HAVING Company = 'x'", "MALFORMED_QUERY",
			"Field must be grouped or aggregated: Company",
		},
		{
			"SELECT CALENDAR_YEAR(CreatedDate) FROM Lead", "MALFORMED_QUERY",
			"Field must be grouped or aggregated: CreatedDate",
		},
		{
			"SELECT MAX(City) FROM Lead GROUP BY City", "MALFORMED_QUERY",
			"ERROR at Row:1:Column:12\nGrouped field should not be aggregated: City",
		},
		{
			"SELECT COUNT(Id) FROM Lead OFFSET 1", "MALFORMED_QUERY",
			"Non-grouped query that uses overall aggregate functions cannot also use OFFSET",
		},
		// recorded
		{
			"SELECT COUNT(Id) FROM Lead GROUP BY Id", "MALFORMED_QUERY",
			"ERROR at Row:1:Column:14\nGrouped field should not be aggregated: Id",
		},
		{
			"SELECT CreatedDate FROM Lead GROUP BY CreatedDate", "INVALID_FIELD",
			"ERROR at Row:1:Column:39\nfield 'CreatedDate' can not be grouped in a query call",
		},
		{
			"SELECT Description FROM Lead GROUP BY Description", "INVALID_FIELD",
			"field 'Description' can not be grouped in a query call",
		},
		{"SELECT SUM(City) FROM Lead", "INVALID_FIELD", "field City does not support aggregate operator SUM"},
		{"SELECT MAX(IsConverted) FROM Lead", "INVALID_FIELD", "field IsConverted does not support aggregate operator MAX"},
		{"SELECT MAX(Foo) FROM Lead", "INVALID_FIELD", "No such column 'Foo' on entity 'Lead'"},
		{
			"SELECT COUNT(Id) FROM Lead LIMIT 1", "MALFORMED_QUERY",
			"Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
		},
		{"SELECT COUNT(Id) City, City FROM Lead GROUP BY City", "MALFORMED_QUERY", "duplicate alias: City"},
		{"SELECT COUNT(Id) FROM Lead HAVING COUNT(Id) > 1", "MALFORMED_QUERY", "unexpected token: 'HAVING'"},
		{"SELECT COUNT() FROM Lead GROUP BY City", "MALFORMED_QUERY", "COUNT() cannot be used with"},
		{"SELECT COUNT() FROM Lead ORDER BY City", "MALFORMED_QUERY", "COUNT() cannot be used with"},
		{"SELECT COUNT(), Id FROM Lead", "MALFORMED_QUERY", "unexpected token: ','"},
		{"SELECT SUM() FROM Lead", "MALFORMED_QUERY", "unexpected token: ')'"},
		{"SELECT FIELDS(ALL), COUNT(Id) FROM Lead GROUP BY City", "MALFORMED_QUERY", "only fields and aggregates"},
		{
			"SELECT City FROM Lead GROUP BY City HAVING Id IN (SELECT LeadId FROM CampaignMember)", "MALFORMED_QUERY",
			"not allowed in HAVING",
		},
		{"SELECT City FROM Lead GROUP BY City HAVING COUNT(Id) > 'x'", "INVALID_FIELD", "must be of type int"},
	} {
		res := a.query(tc.soql)
		require.Equal(t, 400, res.Status, tc.soql)
		require.Equal(t, tc.code, res.code(), tc.soql)
		require.Contains(t, res.at(0, "message"), tc.message)
	}
}

// Groups do not come in pages (SOQL reference, Considerations for GROUP BY).
func TestSOQLRefusesManyGroups(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithPageSize(3))
	fill(org, 2001)
	require.Equal(t, "EXCEEDED_ID_LIMIT", a.query("SELECT Email FROM Lead GROUP BY Email").code())
	require.Len(t, a.column("SELECT Email FROM Lead GROUP BY Email LIMIT 2000", "Email"), 2000)
}

func TestSOQLOrdersPicklistsByTheirOptions(t *testing.T) {
	t.Parallel()
	a := deals(t)
	require.Equal(t, []string{"Small", "Big"},
		a.column("SELECT Size__c FROM Lead WHERE Size__c != null ORDER BY Size__c", "Size__c"))
}
