// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// crowd is an org with a few rows to ask about; LastName identifies the Leads.
func crowd(t *testing.T) *sftest.Org {
	t.Helper()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	org := sftest.NewOrg(t, sftest.WithNow(func() time.Time { return now }))
	org.DefineField("Lead", sftest.Field{
		Name: "Topics__c", Label: "Topics", Type: "multipicklist", Options: []string{"A", "B", "C"},
	})
	org.DefineField("Lead", sftest.Field{
		Name: "Code__c", Label: "Code", CaseSensitive: true, ExternalID: true, Unique: true,
	})
	org.DefineField("Lead", sftest.Field{Name: "Vip__c", Label: "VIP", Type: "boolean"})
	org.DefineField("Lead", sftest.Field{Name: "Day__c", Label: "Day", Type: "date"})
	org.DefineField("Lead", sftest.Field{Name: "At__c", Label: "At", Type: "time"})
	for _, lead := range []fields{
		{
			"LastName": "Ada", "At__c": "10:30:00.000Z", "City": "London", "NumberOfEmployees": 10, "Topics__c": "A;B",
			"Code__c": "aB", "Vip__c": true, "Day__c": "2026-03-10", "Email": "ada@example.com",
		},
		{
			"LastName": "Bob", "At__c": "11:00:00.000Z", "City": "O'Hara", "NumberOfEmployees": 20, "Topics__c": "B",
			"Code__c": "AB", "Day__c": "2026-03-01",
		},
		{"LastName": "Cyd", "City": "50%_off", "AnnualRevenue": 1.0, "CreatedDate": now.AddDate(0, 0, -40)},
		{"LastName": "Dan", "City": `back\slash`, "Email": "dan@example.com"},
	} {
		lead["Company"] = "C"
		org.Insert("Lead", lead)
	}
	return org
}

// What a condition selects; the rules are in docs/salesforce.md, SOQL.
func TestSOQLConditions(t *testing.T) {
	t.Parallel()
	org := crowd(t)
	for _, tc := range []struct{ where, want string }{
		{"LastName = 'ADA'", "Ada"},
		{"LastName != 'ada'", "Bob Cyd Dan"},
		{"LastName IN ('ada', 'BOB', 'nobody')", "Ada Bob"},
		{"LastName NOT IN ('ada', 'BOB')", "Cyd Dan"},
		{"Code__c = 'aB'", "Ada"},
		{"Code__c IN ('AB')", "Bob"},
		{"City = 'o\\'hara'", "Bob"},
		{`City = 'back\\slash'`, "Dan"},
		{`City = '\u004Condon'`, "Ada"},
		{"City LIKE '50\\%\\_%'", "Cyd"},
		{"City LIKE '5%'", "Cyd"},
		{"City LIKE '%O_'", "Ada"},
		{"City LIKE 'l_nd%'", "Ada"},
		{`City LIKE 'back\\\\sl%'`, ""},
		{`City LIKE 'back\\sl%'`, "Dan"},
		{"City LIKE '%HAR%' OR City LIKE '%ond%' OR City LIKE 'zz%' OR LastName LIKE 'D%'", "Ada Bob Dan"},
		{"Email LIKE '%@example.com' AND (NOT LastName LIKE 'd%')", "Ada"},
		{"NumberOfEmployees > 10", "Bob"},
		{"NumberOfEmployees >= 10 AND NumberOfEmployees < 20", "Ada"},
		{"NumberOfEmployees = null", "Cyd Dan"},
		{"NumberOfEmployees != null", "Ada Bob"},
		{"NumberOfEmployees IN (10, 20)", "Ada Bob"},
		{"AnnualRevenue = 1", "Cyd"},
		{"Email = ''", "Bob Cyd"},
		{"Email IN ('ada@example.com', null)", "Ada Bob Cyd"},
		{"Vip__c = true", "Ada"},
		{"Vip__c = null", "Bob Cyd Dan"},
		{"Vip__c != TRUE", "Bob Cyd Dan"},
		{"Topics__c INCLUDES ('A;B')", "Ada"},
		{"Topics__c INCLUDES ('a', 'B')", "Ada Bob"},
		{"Topics__c EXCLUDES ('A')", "Bob Cyd Dan"},
		{"Day__c = 2026-03-10", "Ada"},
		{"Day__c = TODAY", "Ada"},
		{"Day__c < 2026-03-10", "Bob"},
		{"Day__c = LAST_N_DAYS:30", "Ada Bob"},
		{"Day__c != TODAY", "Bob"},
		{"Day__c IN (TODAY, YESTERDAY)", "Ada"},
		{"Day__c IN (LAST_WEEK, null)", "Bob Cyd Dan"},
		{"CreatedDate IN (YESTERDAY, LAST_N_DAYS:30, 2026-01-01T00:00:00Z)", "Ada Bob Dan"},
		{"CreatedDate < 2026-03-01T00:00:00Z", "Cyd"},
		{"CreatedDate >= 2026-03-10T13:00:00+01:00", "Ada Bob Dan"},
		{"CreatedDate = LAST_N_DAYS:7", "Ada Bob Dan"},
		{"CreatedDate < LAST_N_DAYS:7", "Cyd"},
		{"CreatedDate > YESTERDAY", "Ada Bob Dan"},
		{"CreatedDate = TOMORROW", ""},
		{"(LastName = 'Ada' AND Vip__c = true) OR LastName = 'Dan'", "Ada Dan"},
		{"LastName = 'Ada' AND (Vip__c = false OR City = 'London')", "Ada"},
		{"NOT (LastName = 'Ada' OR LastName = 'Bob')", "Cyd Dan"},
		{"Owner.Name = 'integration user' AND Owner.Type = 'User'", "Ada Bob Cyd Dan"},
		{"ConvertedContact.LastName = null", "Ada Bob Cyd Dan"},
		{"Lead.LastName = 'Ada'", "Ada"},
		{"Id IN (SELECT LeadId FROM CampaignMember)", ""},
		{"Id NOT IN (SELECT LeadId FROM CampaignMember)", "Ada Bob Cyd Dan"},
		{"NOT LastName LIKE 'a%'", "Bob Cyd Dan"},
		{"NOT (NOT LastName = 'Ada')", "Ada"},
		{"OwnerId IN (SELECT Id FROM User WHERE Alias = 'integ')", "Ada Bob Cyd Dan"},
		{"OwnerId NOT IN (SELECT Id FROM User WHERE Alias = 'integ')", ""},
		{"NumberOfEmployees < = 10", "Ada"},
		{"NumberOfEmployees <> 10", "Bob Cyd Dan"},
		{"NumberOfEmployees = +10", "Ada"},
		{"NumberOfEmployees > - 5", "Ada Bob"},
		{"AnnualRevenue > .5", "Cyd"},
		{"At__c = 10:30:00Z", "Ada"},
		{"At__c > 10:30:00.000Z", "Bob"},
		{"toLabel(Status) = 'Open - Not Contacted'", "Ada Bob Cyd Dan"},
		{"CALENDAR_YEAR(CreatedDate) = 2026 AND CALENDAR_MONTH(CreatedDate) IN (1, 2)", "Cyd"},
		{"DAY_ONLY(CreatedDate) = 2026-03-10", "Ada Bob Dan"},
		{"DAY_IN_MONTH(Day__c) < 5", "Bob"},
		{"HOUR_IN_DAY(convertTimezone(CreatedDate)) = 12", "Ada Bob Cyd Dan"},
	} {
		t.Run(tc.where, func(t *testing.T) {
			t.Parallel()
			got := (&api{t, org}).column("SELECT LastName FROM Lead WHERE "+tc.where, "LastName")
			require.Equal(t, tc.want, strings.Join(got, " "))
		})
	}
}

// The codes and texts of docs/salesforce.md, Errors, and the limits of Limits
// and SOQL.
func TestSOQLRefusals(t *testing.T) {
	t.Parallel()
	org := crowd(t)
	for _, tc := range []struct{ name, soql, code, message string }{
		{
			"unknown column", "SELECT Id, Foo FROM Account", "INVALID_FIELD",
			"\nSELECT Id, Foo FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo' on entity " +
				"'Account'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field " +
				"name. Please reference your WSDL or the describe call for the appropriate names.",
		},
		{
			"unknown column on a second row", "SELECT Id\nFROM Account\nWHERE Foo = 1", "INVALID_FIELD",
			"\nWHERE Foo = 1\n      ^\nERROR at Row:3:Column:7\nNo such column 'Foo' on entity 'Account'. If",
		},
		{
			"unknown object", "SELECT Id FROM XYZZY", "INVALID_TYPE",
			"ERROR at Row:1:Column:16\nsObject type 'XYZZY' is not supported. If",
		},
		{
			"unknown relationship", "SELECT Foo.Id FROM Lead", "INVALID_FIELD",
			"Didn't understand relationship 'Foo' in field path.",
		},
		{
			"unknown relationship of a parent of several kinds", "SELECT Who.Foo.Id FROM Task", "INVALID_FIELD",
			"Didn't understand relationship 'Foo' in field path.",
		},
		{
			"unknown column of a parent", "SELECT Account.Foo FROM Contact", "INVALID_FIELD",
			"No such column 'Foo' on entity 'Account'.",
		},
		{
			"column that only one kind of parent has", "SELECT Who.Company FROM Task", "INVALID_FIELD",
			"No such column 'Company' on entity 'Name'.",
		},
		{
			"AND and OR without parentheses", "SELECT Id FROM Lead WHERE City='a' AND City='b' OR City='c'",
			"MALFORMED_QUERY", "unexpected token: 'OR'",
		},
		{"end too soon", "SELECT Id FROM", "MALFORMED_QUERY", "unexpected token: '<EOF>'"},
		{"no FROM", "SELECT Id Lead", "MALFORMED_QUERY", "unexpected token: '<EOF>'"},
		{"open string", "SELECT Id FROM Lead WHERE City='a", "MALFORMED_QUERY", "unexpected token: '<EOF>'"},
		{"other escape", `SELECT Id FROM Lead WHERE City='\q'`, "MALFORMED_QUERY", "invalid escape sequence"},
		{"escape of LIKE elsewhere", `SELECT Id FROM Lead WHERE City='50\%'`, "MALFORMED_QUERY", "invalid escape sequence"},
		{
			"bound variable", "SELECT Id FROM Lead WHERE City=:city", "MALFORMED_QUERY",
			"Bind variables only allowed in Apex code",
		},
		{"injection", "SELECT Id FROM Lead WHERE City='a' b", "MALFORMED_QUERY", "unexpected token: 'b'"},
		{"long statement", "SELECT Id FROM Lead WHERE City='a'" + strings.Repeat(" ", 100_000), "MALFORMED_QUERY", "100000"},
		{"long literal", "SELECT Id FROM Lead WHERE City='" + strings.Repeat("x", 4001) + "'", "MALFORMED_QUERY", "4000"},
		{
			"field that cannot be filtered", "SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD",
			"field 'Description' can not be filtered in a query call",
		},
		{
			"field that cannot be sorted", "SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD",
			"field 'Description' can not be sorted in a query call",
		},
		{
			"text for a number", "SELECT Id FROM Lead WHERE NumberOfEmployees = '1'", "INVALID_FIELD",
			"value of filter criterion for field 'NumberOfEmployees' must be of type int and should not be enclosed in quotes",
		},
		{
			"number for a text", "SELECT Id FROM Lead WHERE City = 1", "INVALID_FIELD",
			"value of filter criterion for field 'City' must be of type string and should be enclosed in quotes",
		},
		{
			"text for a datetime", "SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01T00:00:00Z'", "INVALID_FIELD",
			"must be of type dateTime and should not be enclosed in quotes",
		},
		{
			"date for a datetime", "SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01", "INVALID_FIELD",
			"must be of type dateTime",
		},
		{"not an id", "SELECT Id FROM Lead WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"},
		{
			"LIKE on an id", "SELECT Id FROM Lead WHERE Id LIKE '00Q%'", "INVALID_QUERY_FILTER_OPERATOR",
			"invalid operator on id field",
		},
		{
			"order of checkboxes", "SELECT Id FROM Lead WHERE IsConverted > false", "INVALID_QUERY_FILTER_OPERATOR",
			"invalid operator on boolean field",
		},
		{
			"relationship to no object", "SELECT JigsawContact.Name FROM Lead", "INVALID_FIELD",
			"Didn't understand relationship 'JigsawContact'",
		},
		{"nothing", "", "MALFORMED_QUERY", "A query string has to be specified"},
		{"large offset", "SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"},
		{"field twice", "SELECT Id, id FROM Lead", "INVALID_FIELD", "duplicate field selected: Id"},
		{"alias of a field", "SELECT City c FROM Lead", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"},
		{"reserved word", "SELECT Like FROM Lead", "MALFORMED_QUERY", "unexpected token: 'Like'"},
		{
			"AND NOT without parentheses", "SELECT Id FROM Lead WHERE City='a' AND NOT City='b'", "MALFORMED_QUERY",
			"unexpected token: 'NOT'",
		},
		{"bare word", "SELECT Id FROM Lead WHERE City = London", "MALFORMED_QUERY", "unexpected token: 'London'"},
		{
			"date literal without its number", "SELECT Id FROM Lead WHERE CreatedDate = LAST_N_DAYS",
			"MALFORMED_QUERY", "unexpected token: '<EOF>'",
		},
		{
			"date literal for a text in a list", "SELECT Id FROM Lead WHERE City IN ('a', TODAY)", "INVALID_FIELD",
			"must be of type string",
		},
		{
			"text in a list with a date literal", "SELECT Id FROM Lead WHERE CreatedDate IN (TODAY, 'a')",
			"INVALID_FIELD", "must be of type dateTime",
		},
		{"date literal for a text", "SELECT Id FROM Lead WHERE City = TODAY", "INVALID_FIELD", "must be of type string"},
		{
			"function of no date", "SELECT Id FROM Lead WHERE CALENDAR_YEAR(City) = 2026", "INVALID_FIELD",
			"field 'City' can not be used with the function CALENDAR_YEAR",
		},
		{"hour of a day", "SELECT Id FROM Lead WHERE HOUR_IN_DAY(Day__c) = 1", "INVALID_FIELD", "HOUR_IN_DAY"},
		{"unknown function", "SELECT Id FROM Lead WHERE FOO(City) = 'a'", "MALFORMED_QUERY", "unexpected token: '('"},
		{
			"aggregate in WHERE", "SELECT Id FROM Lead WHERE COUNT(Id) > 1", "MALFORMED_QUERY",
			"aggregate functions are not allowed",
		},
		{"ALL ROWS", "SELECT Id FROM Lead ALL ROWS", "MALFORMED_QUERY", "ALL ROWS not allowed in this context"},
		{
			"ALL ROWS after LIMIT", "SELECT Id FROM Lead LIMIT 1 ALL ROWS", "MALFORMED_QUERY",
			"ALL ROWS not allowed in this context",
		},
		{"FOR UPDATE", "SELECT Id FROM Lead FOR UPDATE", "MALFORMED_QUERY", "unexpected token: 'UPDATE'"},
		{"OFFSET before LIMIT", "SELECT Id FROM Lead OFFSET 1 LIMIT 1", "MALFORMED_QUERY", "unexpected token: 'LIMIT'"},
		{
			"six levels of parents",
			"SELECT ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.Id FROM Contact", "MALFORMED_QUERY",
			"only 5 levels",
		},
		{
			"multi-select picklist in order", "SELECT Id FROM Lead ORDER BY Topics__c", "INVALID_FIELD",
			"field 'Topics__c' can not be sorted in a query call",
		},
		{
			"semi-join under NOT", "SELECT Id FROM Lead WHERE NOT Id IN (SELECT LeadId FROM CampaignMember)",
			"MALFORMED_QUERY", "not allowed with the 'NOT' operator",
		},
		{
			"semi-join deep under OR",
			"SELECT Id FROM Lead WHERE City='a' OR (City='b' AND Id IN (SELECT LeadId FROM CampaignMember))",
			"MALFORMED_QUERY", "not allowed with the 'OR' operator",
		},
		{
			"semi-join over the same object", "SELECT Id FROM Lead WHERE Id IN (SELECT Id FROM Lead)",
			"MALFORMED_QUERY", "The inner and outer selects should not be on the same object type",
		},
		{
			"semi-join of different objects", "SELECT Id FROM Lead WHERE Id IN (SELECT ContactId FROM CampaignMember)",
			"MALFORMED_QUERY", "should point to the same object type",
		},
		{
			"semi-join of a parent's field",
			"SELECT Id FROM Contact WHERE Account.Id IN (SELECT AccountId FROM Opportunity)", "MALFORMED_QUERY",
			"cannot use a relationship",
		},
		{
			"semi-join over a parent's field",
			"SELECT Id FROM Account WHERE Id IN (SELECT Contact.AccountId FROM CampaignMember)", "MALFORMED_QUERY",
			"cannot use a relationship",
		},
		{
			"semi-join with a limit", "SELECT Id FROM Lead WHERE Id IN (SELECT LeadId FROM CampaignMember LIMIT 1)",
			"MALFORMED_QUERY", "unexpected token: 'LIMIT'",
		},
		{
			"semi-join of two columns",
			"SELECT Id FROM Lead WHERE Id IN (SELECT LeadId, ContactId FROM CampaignMember)", "MALFORMED_QUERY",
			"must select one id",
		},
		{
			"semi-join under OR", "SELECT Id FROM Lead WHERE City='a' OR Id IN (SELECT LeadId FROM CampaignMember)",
			"MALFORMED_QUERY", "Semi join sub-selects are not allowed with the 'OR' operator",
		},
		{
			"third semi-join",
			"SELECT Id FROM Lead WHERE " + strings.Repeat("Id IN (SELECT LeadId FROM CampaignMember) AND ", 2) +
				"Id IN (SELECT LeadId FROM CampaignMember)",
			"MALFORMED_QUERY", "Maximum 2 semi join sub-selects",
		},
		{
			"nested semi-join",
			"SELECT Id FROM Lead WHERE Id IN (SELECT LeadId FROM CampaignMember WHERE CampaignId IN (SELECT Id FROM Campaign))",
			"MALFORMED_QUERY", "Nesting of semi join",
		},
		{
			"semi-join over tasks", "SELECT Id FROM Lead WHERE Id IN (SELECT WhoId FROM Task)", "MALFORMED_QUERY",
			"Entity 'Task' is not supported for semi join inner selects",
		},
		{
			"semi-join of a text", "SELECT Id FROM Lead WHERE City IN (SELECT Id FROM Lead)",
			"INVALID_QUERY_FILTER_OPERATOR", "semi join",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			// In a composite a statement may be longer than a URL.
			res := (&api{t, org}).composite(false, get("q", "/query?q="+escape(tc.soql)))[0]
			require.Equal(t, 400, res.Status, res.Body)
			require.Equal(t, tc.code, res.code())
			require.Contains(t, res.at(0, "message"), tc.message)
		})
	}
}

// Messages like those recorded in roblesterjr04/EloquentSalesForce#68,
// forcedotcom/cli#1356 and forcedotcom/salesforcedx-apex#153: a wrong literal is reported at its field, and
// what is shown of the statement ends with a whole word.
func TestSOQLRefusalsShowTheirPlace(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.DefineObject("Competitor__c", "a0c",
		sftest.Field{
			Name: "Opportunity__c", Type: "reference", ReferenceTo: []string{"Opportunity"},
		}, sftest.Field{Name: "OCE__ActualCap__c"})
	for soql, want := range map[string]string{
		"select Id, AccountNumber from Account where Industry = " +
			"3999": "\nAccountNumber from Account where Industry = 3999\n                                 ^\nERROR at " +
			"Row:1:Column:45\nvalue of filter criterion for field 'Industry' must be of type string and should be " +
			"enclosed in quotes",
		"SELECT Id, LastModifiedById FROM CampaignMember WHERE CampaignId = " +
			"'7015A0000BiWZjxx'": "\nLastModifiedById FROM CampaignMember WHERE CampaignId = '7015A0000BiWZjxx'\n        " +
			"                                   ^\nERROR at Row:1:Column:55\ninvalid ID field: 7015A0000BiWZjxx",
		"SELECT COUNT(Id) FROM Lead WHERE LastModifiedDate>TODAY GROUP BY " +
			"LastModifiedDate": "\nLastModifiedDate>TODAY GROUP BY LastModifiedDate\n                                " +
			"^\nERROR at Row:1:Column:66\nfield 'LastModifiedDate' can not be grouped in a query call",
		"SELECT Id, Opportunity__c, Opportunity__r.Name, Opportunity__r.Id, Stage                           FROM " +
			"Competitor__c": "\nOpportunity__r.Name, Opportunity__r.Id, Stage                         \n                 " +
			"                       ^\nERROR at Row:1:Column:68\n",
		"SELECT Id,CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c,CreatedDate FROM " +
			"Competitor__c": "\nCreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c\n                        " +
			"      ^\nERROR at Row:1:Column:41\n",
	} {
		res := a.query(soql)
		require.Equal(t, 400, res.Status, soql)
		require.Contains(t, res.at(0, "message"), want, soql)
	}
}

// Ids are counted up in the order 0-9A-Za-z, so those of different case differ, and
// NULLS LAST does nothing for a reference (SOQL reference, ORDER BY).
func TestSOQLOrdersIDs(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	ids := []string{"00Q5g00000AAAA9EAP", "00Q5g00000AAAAZEA5", "00Q5g00000AAAAaEAP"}
	for _, id := range []string{ids[2], ids[0], ids[1]} {
		org.Insert("Lead", fields{"Id": id, "LastName": "L", "Company": "C"})
	}
	require.Equal(t, ids, a.column("SELECT Id FROM Lead ORDER BY Id", "Id"))
	require.Equal(t, ids[2:], a.column("SELECT Id FROM Lead WHERE Id > '"+ids[1]+"'", "Id"))
	require.Equal(t, ids[:1], a.column("SELECT Id FROM Lead WHERE Id < '"+ids[1][:15]+"'", "Id"))
	require.Equal(t, ids[2], a.query("SELECT MAX(Id) FROM Lead").at("records", 0, "expr0"))

	account := org.Insert("Account", fields{"Name": "Acme"})
	org.Insert("Contact", fields{"LastName": "Owned", "AccountId": account})
	org.Insert("Contact", fields{"LastName": "Alone"})
	for tail, want := range map[string][]string{
		"AccountId NULLS LAST": {"Alone", "Owned"}, "AccountId DESC NULLS LAST": {"Alone", "Owned"},
		"Account.Name NULLS LAST": {"Owned", "Alone"},
	} {
		require.Equal(t, want, a.column("SELECT LastName FROM Contact ORDER BY "+tail, "LastName"), tail)
	}
}

func TestSOQLSelectsParents(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	account := org.Insert("Account", fields{"Name": "Acme"})
	manager := org.Insert("Contact", fields{"LastName": "Boss", "AccountId": account})
	org.Insert("Contact", fields{"LastName": "Worker", "ReportsToId": manager})
	org.Insert("Task", fields{"Subject": "Call", "WhoId": manager, "WhatId": account})
	org.Insert("CampaignMember", fields{"CampaignId": addCampaign(org), "LeadId": addLead(org, "l@example.com")})

	res := a.query(
		"SELECT account.name, ReportsTo.Account.Name, ReportsTo.LastName, Owner.Username, LastName FROM Contact ORDER " +
			"BY LastName",
	)
	require.Equal(t, "Acme", res.at("records", 0, "Account", "Name"))
	require.Equal(t, map[string]any{"type": "Account", "url": base + "/sobjects/Account/" + account},
		res.at("records", 0, "Account", "attributes"))
	require.Nil(t, res.at("records", 0, "ReportsTo"))
	require.Contains(t, res.at("records", 0), "ReportsTo", "null, not absent")
	require.Equal(t, "Acme", res.at("records", 1, "ReportsTo", "Account", "Name"))
	require.Equal(t, "Boss", res.at("records", 1, "ReportsTo", "LastName"))
	require.Equal(t, "integration@fake.example", res.at("records", 1, "Owner", "Username"))
	require.Less(t, strings.Index(res.Text, `"attributes"`), strings.Index(res.Text, `"Account"`), "attributes come first")

	res = a.query("SELECT Who.Type, Who.Name, What.Type, Account.Name FROM Task")
	require.Equal(t, "Contact", res.at("records", 0, "Who", "Type"))
	require.Equal(t, "Name", res.at("records", 0, "Who", "attributes", "type"))
	require.Equal(t, "Account", res.at("records", 0, "What", "Type"))
	require.Equal(t, "Acme", res.at("records", 0, "Account", "Name"))

	soql := "SELECT Lead.Email, Contact.Email, Campaign.Name FROM CampaignMember WHERE Lead.Email IN " +
		"('L@example.com') OR Contact.Email IN ('x@example.com')"
	res = a.query(soql)
	require.Equal(t, "l@example.com", res.at("records", 0, "Lead", "Email"))
	require.Nil(t, res.at("records", 0, "Contact"))
	require.Equal(t, "Expo", res.at("records", 0, "Campaign", "Name"))
}

func TestSOQLOrdersAndCuts(t *testing.T) {
	t.Parallel()
	org := crowd(t)
	for _, tc := range []struct{ tail, want string }{
		{"ORDER BY NumberOfEmployees", "Cyd Dan Ada Bob"},
		{"ORDER BY NumberOfEmployees DESC", "Cyd Dan Bob Ada"},
		{"ORDER BY NumberOfEmployees DESC NULLS LAST, LastName DESC", "Bob Ada Dan Cyd"},
		{"ORDER BY NumberOfEmployees ASC NULLS FIRST, LastName DESC", "Dan Cyd Ada Bob"},
		{"ORDER BY City LIMIT 2", "Cyd Dan"},
		{"ORDER BY LastName LIMIT 2 OFFSET 1", "Bob Cyd"},
		{"ORDER BY LastName OFFSET 3", "Dan"},
		{"ORDER BY Owner.Name, LastName DESC LIMIT 1", "Dan"},
		{"LIMIT 0", ""},
	} {
		t.Run(tc.tail, func(t *testing.T) {
			t.Parallel()
			got := (&api{t, org}).column("SELECT LastName FROM Lead "+tc.tail, "LastName")
			require.Equal(t, tc.want, strings.Join(got, " "))
		})
	}
}
