// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestSOQLCounts(t *testing.T) {
	t.Parallel()
	res := (&api{t, crowd(t)}).query("SELECT COUNT() FROM Lead l WHERE l.City != 'London'")
	require.InDelta(t, 3, res.at("totalSize"), 0)
	require.Equal(t, []any{}, res.at("records"))
}

// FIELDS() of custom fields needs a LIMIT of 200, or as few ids (SOQL reference,
// FIELDS()).
func TestSOQLSelectsAllFields(t *testing.T) {
	t.Parallel()
	org := crowd(t)
	a := &api{t, org}
	id := org.Rows("Lead")[0]["Id"].(string)
	for _, tail := range []string{
		" LIMIT 1", " WHERE Id = '" + id + "'", " WHERE City = 'London' AND Id IN ('" + id + "')",
	} {
		all := a.query("SELECT FIELDS(ALL) FROM Lead" + tail)
		require.Equal(t, "Ada", all.at("records", 0, "LastName"), tail)
		require.Contains(t, all.at("records", 0), "Topics__c")
		custom := a.query("SELECT Name, FIELDS(CUSTOM) FROM Lead" + tail)
		require.Equal(t, "A;B", custom.at("records", 0, "Topics__c"))
		require.NotContains(t, custom.at("records", 0), "LastName")
	}
	standard := a.query("SELECT FIELDS(STANDARD), Topics__c FROM Lead")
	require.Equal(t, "London", standard.at("records", 0, "City"))
	require.NotContains(t, standard.at("records", 0), "Code__c")
}

func TestSOQLRefusesToSelect(t *testing.T) {
	t.Parallel()
	org := crowd(t)
	manyIDs := "'" + strings.Repeat("00Q000000000001AAA','", 200) + "00Q000000000001AAA'"
	for _, tc := range []struct{ soql, code, message string }{
		{"SELECT FIELDS(ALL) FROM Lead", "MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200"},
		{
			"SELECT FIELDS(CUSTOM) FROM Lead LIMIT 201", "MALFORMED_QUERY",
			"The SOQL FIELDS function must have a LIMIT of at most 200",
		},
		{
			"SELECT FIELDS(ALL) FROM Lead WHERE Id IN (" + manyIDs + ")", "MALFORMED_QUERY",
			"The SOQL FIELDS function must have a LIMIT of at most 200",
		},
		{
			"SELECT FIELDS(ALL) FROM Lead WHERE Id = null OR City = 'London'", "MALFORMED_QUERY",
			"The SOQL FIELDS function must have a LIMIT of at most 200",
		},
		{"SELECT FIELDS(SOME) FROM Lead LIMIT 1", "MALFORMED_QUERY", "unexpected token: 'SOME'"},
		{"SELECT Id, FIELDS(ALL) FROM User LIMIT 200", "INVALID_FIELD", "duplicate field selected: Id"},
		{
			"SELECT TYPEOF Account WHEN Account THEN Id END FROM Contact", "MALFORMED_QUERY",
			"TYPEOF cannot be used with the relationship 'Account'",
		},
		{
			"SELECT TYPEOF Who WHEN Campaign THEN Id END FROM Task", "INVALID_TYPE",
			"'Campaign' is not a type of the relationship 'Who'",
		},
		{"SELECT TYPEOF Who WHEN Lead THEN Foo END FROM Task", "INVALID_FIELD", "No such column 'Foo' on entity 'Lead'"},
		{
			"SELECT TYPEOF Who WHEN Lead THEN Id ELSE Company END FROM Task", "INVALID_FIELD",
			"No such column 'Company' on entity 'Name'",
		},
		{
			"SELECT toLabel(Status), TYPEOF Who WHEN Lead THEN Id END FROM Task", "MALFORMED_QUERY",
			"Column:8\nfunctions are not allowed in a query with TYPEOF",
		},
		{"SELECT Who.Name, TYPEOF Who WHEN Lead THEN Id END FROM Task", "INVALID_FIELD", "duplicate field selected: Who"},
		{
			"SELECT TYPEOF Who WHEN Lead THEN Id END, Who.Name FROM Task", "INVALID_FIELD",
			"duplicate field selected: Who.Name",
		},
		{
			"SELECT TYPEOF Who WHEN Lead THEN Id END, TYPEOF Who WHEN Lead THEN Id END FROM Task", "INVALID_FIELD",
			"duplicate field selected: Who",
		},
	} {
		t.Run(tc.soql[:min(60, len(tc.soql))], func(t *testing.T) {
			t.Parallel()
			res := (&api{t, org}).query(tc.soql)
			require.Equal(t, 400, res.Status)
			require.Equal(t, tc.code, res.code())
			require.Contains(t, res.at(0, "message"), tc.message)
		})
	}
}

// What a path may start with: nothing, the object, its alias, or the alias that
// FROM gives a parent.
func TestSOQLKnowsAliasesInFrom(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	account := org.Insert("Account", fields{"Name": "Acme"})
	org.Insert("Contact", fields{"LastName": "Boss", "AccountId": account})
	for _, soql := range []string{
		"SELECT Contact.Account.Name FROM Contact",
		"SELECT c.Account.Name FROM Contact c WHERE c.LastName = 'Boss'",
		"SELECT c.Account.Name FROM Contact AS c",
		"SELECT a.Name FROM Contact c, c.Account a WHERE a.Name = 'ACME'",
		"SELECT o.Name, a.Name FROM Contact c, c.Account a, a.Owner o WHERE o.Alias = 'integ'",
		"SELECT Account.Name FROM Contact, Contact.Account WHERE Account.Name = 'Acme'",
	} {
		require.Equal(t, "Acme", a.query(soql).at("records", 0, "Account", "Name"), soql)
	}
	require.Equal(t, "INVALID_FIELD", a.query("SELECT a.Name FROM Contact c, c.Nothing a").code())
}

func TestSOQLShowsLabelsAndFormats(t *testing.T) {
	t.Parallel()
	res := (&api{t, crowd(t)}).query(
		"SELECT toLabel(Status), toLabel(Status) s, FORMAT(CreatedDate), FORMAT(Day__c) d, FORMAT(AnnualRevenue) r, " +
			"FORMAT(NumberOfEmployees) n FROM Lead WHERE LastName IN ('Ada', 'Cyd')",
	)
	require.Contains(t, res.Text,
		`"Status":"Open - Not Contacted","s":"Open - Not Contacted","CreatedDate":"3/10/2026, 12:00 PM",`+
			`"d":"3/10/2026","r":null,"n":"10"}`)
	require.Contains(t, res.Text, `"r":"$1","n":null}`)
}

func TestSOQLFormatsNumbers(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for _, tc := range []struct {
		amount any
		want   any
	}{
		{1234567.5, "$1,234,567.50"}, {-1234, "-$1,234.00"}, {-123, "-$123.00"}, {0, "$0.00"},
		{999.999, "$1,000.00"}, {nil, nil},
	} {
		org.Insert("Opportunity", fields{
			"Name": fmt.Sprint("Deal ", tc.amount), "StageName": "New", "CloseDate": "2026-01-01", "Amount": tc.amount,
		})
		res := a.query("SELECT FORMAT(Amount) FROM Opportunity WHERE Name = 'Deal " + fmt.Sprint(tc.amount) + "'")
		require.Equal(t, tc.want, res.at("records", 0, "Amount"))
	}
}

// TYPEOF shows the fields that the parent's kind asks for (SOQL reference,
// TYPEOF).
func TestSOQLSelectsByKindOfParent(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	account := org.Insert("Account", fields{"Name": "Acme"})
	contact := org.Insert("Contact", fields{"LastName": "Boss", "AccountId": account})
	lead := org.Insert("Lead", fields{"LastName": "Ada", "Company": "Engines"})
	for _, who := range []any{contact, lead, nil} {
		org.Insert("Task", fields{"Subject": "Call", "WhoId": who})
	}
	res := a.query(
		"SELECT TYPEOF Who WHEN Contact THEN LastName, Account.Name WHEN Lead THEN Company END, Subject FROM Task",
	)
	require.Equal(t, map[string]any{"type": "Contact", "url": base + "/sobjects/Contact/" + contact},
		res.at("records", 0, "Who", "attributes"))
	require.Equal(t, "Acme", res.at("records", 0, "Who", "Account", "Name"))
	require.Equal(t, "Engines", res.at("records", 1, "Who", "Company"))
	require.Contains(t, res.at("records", 2), "Who")
	require.Nil(t, res.at("records", 2, "Who"))

	res = a.query("SELECT TYPEOF Who WHEN Contact THEN LastName ELSE Name, Type END FROM Task")
	require.Equal(t, "Ada", res.at("records", 1, "Who", "Name"))
	require.Equal(t, "Lead", res.at("records", 1, "Who", "Type"))
	require.Nil(t, a.query("SELECT TYPEOF Who WHEN Contact THEN LastName END FROM Task").at("records", 1, "Who"))
}

func TestSOQLScopes(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	other := org.Insert("User", fields{
		"LastName": "Other", "Username": "other@fake.example", "Email": "other@fake.example", "Alias": "other",
	})
	addLead(org, "mine@example.com")
	org.Insert("Lead", fields{"LastName": "L", "Company": "C", "Email": "theirs@example.com", "OwnerId": other})
	require.Equal(t, []string{"mine@example.com"},
		a.column("SELECT Email FROM Lead USING SCOPE mine WHERE Company != null", "Email"))
	require.Len(t, a.column("SELECT Email FROM Lead USING SCOPE everything", "Email"), 2)
	require.Len(t, a.column("SELECT Email FROM Lead LIMIT 5 FOR VIEW", "Email"), 2)
	require.Len(t, a.column("SELECT Email FROM Lead FOR REFERENCE", "Email"), 2)
}

// What Salesforce could run and the fake cannot is not passed off as an error
// of the statement.
func TestSOQLBeyondTheFakeFailsTheTest(t *testing.T) {
	t.Parallel()
	for _, soql := range []string{
		"SELECT MAX(CALENDAR_YEAR(CreatedDate)) FROM Lead",
		"SELECT Id FROM Lead WITH SECURITY_ENFORCED", "SELECT Id FROM Lead WITH USER_MODE",
		"SELECT Id FROM Lead UPDATE VIEWSTAT",
		"SELECT Id FROM Lead USING SCOPE team", "SELECT Id FROM Lead ORDER BY CALENDAR_YEAR(CreatedDate)",
		"SELECT Id FROM Lead, Contact",
		"SELECT (SELECT Id FROM Contacts) c FROM Account", "SELECT Id FROM Lead WHERE FORMAT(City) = 'a'",
		"SELECT Id FROM Lead WHERE CreatedDate NOT IN (TODAY)",
		"SELECT Profile.Name FROM PermissionSet", "SELECT Individual.Name FROM User", "SELECT Asset.Name FROM Case",
		"SELECT Id, (SELECT Id FROM assets) FROM Account", "SELECT Id, (SELECT Id FROM Histories) FROM Lead",
		"SELECT TYPEOF What WHEN Asset THEN Name END FROM Task", "SELECT Id, ProfileId FROM PermissionSet",
		"SELECT Id FROM Lead WHERE dandbcompanyid = null",
		"SELECT Who.Owner.Name FROM Task", "SELECT TYPEOF Who.Owner WHEN User THEN Id END FROM Task",
		"SELECT TYPEOF Lead.Owner WHEN User THEN Id END FROM CampaignMember",
	} {
		t.Run(soql, func(t *testing.T) {
			t.Parallel()
			tb := &spy{}
			org := sftest.NewOrg(tb)
			defer org.Close()
			require.Equal(t, 501, (&api{t, org}).query(soql).Status)
			require.Len(t, tb.complaints, 1)
		})
	}
}

// The names are those of relationships of other objects.
func TestSOQLRefusesARelationshipOfAnotherObject(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for _, path := range []string{"Lead.Profile", "Case.Individual", "Contact.Manager", "Lead.Asset", "Account.Contract",
		"Contact.DandbCompany", "Account.Pricebook2", "User.OperatingHours"} {
		object, relationship, _ := strings.Cut(path, ".")
		res := a.query("SELECT " + relationship + ".Name FROM " + object)
		res.refused(t, 400, "INVALID_FIELD")
		require.Contains(t, res.Text, "Didn't understand relationship '"+relationship+"' in field path.", path)
		a.query("SELECT "+relationship+"Id FROM "+object).refused(t, 400, "INVALID_FIELD")
	}
}
