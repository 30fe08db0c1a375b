// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// The refusals of a value, with the codes and messages of
// docs/salesforce.md, Errors.
func TestCreateRefusesBadValues(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{
		Name: "Interest__c", Label: "Interest", Type: "picklist", Restricted: true,
		Options: []string{"Pricing", "Old"}, Inactive: []string{"Old"},
	})
	org.DefineField("Lead", sftest.Field{
		Name: "Topics__c", Label: "Topics", Type: "multipicklist", Restricted: true, Options: []string{"A", "B"},
	})
	org.DefineField("Lead", sftest.Field{Name: "Score__c", Label: "Score", Type: "double", Precision: 5, Scale: 2})
	org.DefineField("Lead", sftest.Field{Name: "Met__c", Label: "Met", Type: "datetime"})
	org.DefineField("Lead", sftest.Field{Name: "Day__c", Label: "Day", Type: "date"})
	org.DefineField("Lead", sftest.Field{Name: "Vip__c", Label: "VIP", Type: "boolean"})
	org.DefineField("Lead", sftest.Field{Name: "Total__c", Label: "Total", ReadOnly: true})
	org.DefineField("Lead", sftest.Field{
		Name: "Buddy__c", Label: "Buddy", Type: "reference", ReferenceTo: []string{"Contact"},
	})
	inactive := org.Insert("User", fields{
		"LastName": "Gone", "Username": "gone@x.example", "Email": "gone@x.example", "Alias": "gone",
		"IsActive": false,
	})
	lead := addLead(org, "x@example.com")
	deleted := addContact(org, "gone@example.com")
	org.Delete("Contact", deleted)
	long := strings.Repeat("x", 81)

	for _, tc := range []struct {
		name, fields, code, message, field string
	}{
		{
			"length counts characters", `"State":"` + long + `"`, "STRING_TOO_LONG",
			"State/Province: data value too large: " + long + " (max length=80)", "State",
		},
		{"e-mail without domain", `"Email":"ada"`, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: ada", "Email"},
		{
			"e-mail with an accent before the @", `"Email":"zoé@example.com"`, "INVALID_EMAIL_ADDRESS",
			"Email: invalid email address: zoé@example.com", "Email",
		},
		{
			"restricted picklist", `"Interest__c":"Cars"`, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
			"Interest: bad value for restricted picklist field: Cars", "Interest__c",
		},
		{
			"inactive option", `"Interest__c":"Old"`, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
			"Interest: bad value for restricted picklist field: Old", "Interest__c",
		},
		{
			"restricted multipicklist", `"Topics__c":"A;C"`, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
			"Topics: bad value for restricted picklist field: C", "Topics__c",
		},
		{
			"digits of an int", `"NumberOfEmployees":123456789`, "NUMBER_OUTSIDE_VALID_RANGE",
			"Employees: value outside of valid range on numeric field: 123456789", "NumberOfEmployees",
		},
		{
			"precision of a double", `"Score__c":1000`, "NUMBER_OUTSIDE_VALID_RANGE",
			"Score: value outside of valid range on numeric field: 1000", "Score__c",
		},
		{
			"fraction for an int", `"NumberOfEmployees":1.5`, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of int from VALUE_NUMBER_FLOAT value 1.5 or request may be missing a required " +
				"field at [line:1, column:COLUMN]",
			"",
		},
		{
			"text for a number", `"Score__c":"many"`, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of double from VALUE_STRING value many or request may be missing a required " +
				"field at [line:1, column:COLUMN]",
			"",
		},
		{
			"object for text", `"City":{"a":1}`, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of string from START_OBJECT value {", "",
		},
		{
			"datetime with a zone but no milliseconds", `"Met__c":"2013-08-12T15:20:00+0000"`, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of datetime from VALUE_STRING value 2013-08-12T15:20:00+0000 or request may be " +
				"missing a required field at [line:1, column:COLUMN]",
			"",
		},
		{
			"word for a date", `"Day__c":"soon"`, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of date from VALUE_STRING value soon or request may be missing a required field " +
				"at [line:1, column:COLUMN]",
			"",
		},
		{
			"word for a checkbox", `"Vip__c":"maybe"`, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of boolean from VALUE_STRING value maybe or request may be missing a required " +
				"field at [line:1, column:COLUMN]",
			"",
		},
		{
			"letter for a checkbox", `"Vip__c":"t"`, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of boolean from VALUE_STRING value t or request may be missing a required field " +
				"at [line:1, column:COLUMN]",
			"",
		},
		{
			"array for a multipicklist", `"Topics__c":["A"]`, "JSON_PARSER_ERROR",
			"Cannot deserialize instance of multipicklist from START_ARRAY value [line:1, column:COLUMN]", "",
		},
		{"unknown field", `"Bad__c":1`, "INVALID_FIELD", "No such column 'Bad__c' on sobject of type Lead", ""},
		{
			"read-only field", `"Total__c":"1"`, "INVALID_FIELD_FOR_INSERT_UPDATE",
			"Unable to create/update fields: Total__c. Please check the security settings of this field and verify that " +
				"it is read/write for your profile or permission set.",
			"Total__c",
		},
		{
			"id in a create", `"Id":"` + lead + `"`, "INVALID_FIELD_FOR_INSERT_UPDATE",
			"cannot specify Id in an insert call", "Id",
		},
		{"malformed id", `"Buddy__c":"abc"`, "MALFORMED_ID", "Buddy: id value of incorrect type: abc", "Buddy__c"},
		{
			"id of another object", `"Buddy__c":"` + lead + `"`, "MALFORMED_ID",
			"Buddy: id value of incorrect type: " + lead, "Buddy__c",
		},
		{
			"id of nothing", `"Buddy__c":"003dM00000ZZZZZ"`, "INVALID_CROSS_REFERENCE_KEY",
			"invalid cross reference id", "Buddy__c",
		},
		{"id of a deleted row", `"Buddy__c":"` + deleted + `"`, "ENTITY_IS_DELETED", "entity is deleted", "Buddy__c"},
		{
			"inactive owner", `"OwnerId":"` + inactive + `"`, "INACTIVE_OWNER_OR_USER",
			"operation performed with inactive user [" + inactive[:15] + "] as owner of lead", "OwnerId",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := &api{t, org}
			body := `{"LastName":"L","Company":"C",` + tc.fields
			res := a.do("POST", "/sobjects/Lead", body+"}")
			require.Equal(t, 400, res.Status)
			require.Equal(t, tc.code, res.code(), res.Text)
			require.Equal(t, strings.ReplaceAll(tc.message, "COLUMN", strconv.Itoa(len(body)+1)), res.at(0, "message"))
			if tc.field != "" {
				require.Equal(t, []any{tc.field}, res.at(0, "fields"))
			}
		})
	}
}

// docs/salesforce.md, Errors, REQUIRED_FIELD_MISSING: all of them in one error.
func TestCreateNamesAllMissingFields(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	res := a.do("POST", "/sobjects/Lead", `{"Company":"  "}`)
	require.Equal(t, 400, res.Status)
	require.Equal(t, "REQUIRED_FIELD_MISSING", res.code())
	require.Equal(t, "Required fields are missing: [LastName, Company]", res.at(0, "message"))
	require.Equal(t, []any{"LastName", "Company"}, res.at(0, "fields"))
}

// A required field cannot be cleared later either.
func TestUpdateRefusesToClearRequiredField(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	id := addLead(org, "a@example.com")
	res := a.do("PATCH", "/sobjects/Lead/"+id, `{"Company":null,"Status":null}`)
	require.Equal(t, "REQUIRED_FIELD_MISSING", res.code())
	require.Equal(t, []any{"Company", "Status"}, res.at(0, "fields"))
}

// Several rules that refuse are several errors (docs/salesforce.md, Requests).
func TestValidationRulesReportEachRefusal(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddRule("Lead", sftest.Rule{Message: "Country needed", Field: "Country", Refuses: func(row map[string]any) bool {
		return row["State"] != nil && row["Country"] == nil
	}})
	org.AddRule("Lead", sftest.Rule{Message: "No X", Refuses: func(row map[string]any) bool {
		return row["State"] == "X"
	}})
	res := a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","State":"X"}`)
	require.Equal(t, 400, res.Status)
	require.Len(t, res.Body, 2)
	require.Equal(t, "FIELD_CUSTOM_VALIDATION_EXCEPTION", res.code())
	require.Equal(t, []any{"Country"}, res.at(0, "fields"))
	require.Equal(t, "No X", res.at(1, "message"))
	require.Empty(t, res.at(1, "fields"))
	require.Equal(t, 201, a.do("POST", "/sobjects/Lead",
		`{"LastName":"L","Company":"C","State":"Y","Country":"Z"}`).Status)
}

// docs/salesforce.md, Fields: picklists are not restricted by default.
func TestUnrestrictedPicklistStoresUnknownValues(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res := a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","Industry":"Falconry"}`)
	require.Equal(t, 201, res.Status)
	require.Equal(t, "Falconry", org.Row("Lead", res.id())["Industry"])
}

// docs/salesforce.md, Describe: validFor says which options a controlling value
// allows.
func TestDependentPicklistChecksTheControllingValue(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.DefineField("Lead", sftest.Field{
		Name: "Model__c", Label: "Model", Type: "picklist", Restricted: true, Options: []string{"Sedan", "Van"},
		Controller: "Rating", ValidFor: map[string][]string{"Sedan": {"Hot"}, "Van": {"Hot", "Cold"}},
	})
	require.Equal(t, 201, a.do("POST", "/sobjects/Lead",
		`{"LastName":"L","Company":"C","Rating":"Hot","Model__c":"sedan"}`).Status)
	res := a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","Rating":"Cold","Model__c":"Sedan"}`)
	require.Equal(t, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", res.code())

	described := a.do("GET", "/sobjects/Lead/describe", nil)
	for _, f := range described.at("fields").([]any) {
		if f := f.(map[string]any); f["name"] == "Model__c" {
			require.Equal(t, "Rating", f["controllerName"])
			option := f["picklistValues"].([]any)[1].(map[string]any)
			require.Equal(t, "oA==", option["validFor"], "bits for Hot and Cold of Hot, Warm, Cold")
			return
		}
	}
	t.Fatal("describe lacks Model__c")
}

// A picklist holds values; people, and toLabel(), see labels.
func TestPicklistLabelsDifferFromValues(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.DefineField("Lead", sftest.Field{
		Name: "Size__c", Label: "Size", Type: "picklist", Restricted: true, Options: []string{"S", "L"},
		Labels: map[string]string{"S": "Small"},
	})
	require.Equal(t, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
		a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","Size__c":"Small"}`).code())
	for _, size := range []string{"S", "L"} {
		require.Equal(t, 201, a.do("POST", "/sobjects/Lead", fields{"LastName": "L", "Company": "C", "Size__c": size}).Status)
	}
	option := describedField(t, a.do("GET", "/sobjects/Lead/describe", nil),
		"Size__c")["picklistValues"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"S", "Small"}, []any{option["value"], option["label"]})
	require.Equal(t, []string{"S", "L"}, a.column("SELECT Size__c FROM Lead ORDER BY Size__c", "Size__c"))
	require.Equal(t, []string{"Small", "L"}, a.column("SELECT toLabel(Size__c) FROM Lead ORDER BY Size__c", "Size__c"))
	require.Equal(t, []string{"S"}, a.column("SELECT Size__c FROM Lead WHERE toLabel(Size__c) = 'small'", "Size__c"))
	require.Empty(t, a.column("SELECT Size__c FROM Lead WHERE Size__c = 'Small'", "Size__c"))
}

// docs/salesforce.md, Errors, DUPLICATE_VALUE; text is compared without regard
// to case, and deleted rows do not count (docs/salesforce.md, SOQL).
func TestUniqueFieldRefusesValueOfLiveRow(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Lead")
	first := org.Insert("Lead", fields{"LastName": "L", "Company": "C", "LeadsyncKey__c": "Key-1"})
	res := a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","LeadsyncKey__c":"KEY-1"}`)
	require.Equal(t, 400, res.Status)
	require.Equal(t, "DUPLICATE_VALUE", res.code())
	require.Equal(t, "duplicate value found: LeadsyncKey__c duplicates value on record with id: "+first[:15],
		res.at(0, "message"))
	org.Delete("Lead", first)
	require.Equal(t, 201, a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C","LeadsyncKey__c":"KEY-1"}`).Status)
}

func TestOnRowRefusesLikeATrigger(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	var ops []string
	org.OnRow("Lead", func(op string, row map[string]any) *sftest.RowError {
		ops = append(ops, op)
		if row["LastName"] == "Locked" {
			return &sftest.RowError{
				StatusCode: "UNABLE_TO_LOCK_ROW", Message: "unable to obtain exclusive access to this record",
			}
		}
		return nil
	})
	res := a.do("POST", "/sobjects/Lead", `{"LastName":"Locked","Company":"C"}`)
	require.Equal(t, "UNABLE_TO_LOCK_ROW", res.code())
	id := a.do("POST", "/sobjects/Lead", `{"LastName":"Free","Company":"C"}`).id()
	require.Equal(t, 204, a.do("PATCH", "/sobjects/Lead/"+id, `{"City":"Rome"}`).Status)
	require.Equal(t, 204, a.do("DELETE", "/sobjects/Lead/"+id, nil).Status)
	require.Equal(t, []string{"create", "create", "update", "delete"}, ops)
	require.Equal(t, 0, org.Count("Lead"))
}

func TestOnBatchRefusesAllRowsThatCameTogether(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.OnBatch("Lead", func(rows int) *sftest.RowError {
		if rows < 3 {
			return nil
		}
		return &sftest.RowError{
			StatusCode: "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
			Message:    "LeadTrigger: execution of BeforeInsert\n\ncaused by: System.LimitException: Too many SOQL queries: 101",
		}
	})
	lead, contact := rows("Lead", `{"LastName":"L","Company":"C"}`), rows("Contact", `{"LastName":"L"}`)
	res := a.do("POST", "/composite/sobjects", collection(false, lead, lead, lead, contact, lead, lead))
	for i, success := range []bool{false, false, false, true, true, true} {
		require.Equal(t, success, res.at(i, "success"), i)
	}
	require.Equal(t, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", res.at(0, "errors", 0, "statusCode"))
	require.Equal(t, 201, a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C"}`).Status)
	require.Equal(t, 3, org.Count("Lead"))
}

func TestSaveTrimsAndFoldsValues(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res := a.do("POST", "/sobjects/Lead",
		`{"FirstName":" Ada ","LastName":"Lovelace","Company":"C","Email":" ADA@Example.com","Title":"   ",`+
			`"AnnualRevenue":"12.6","Website":"a.com"}`)
	require.Equal(t, 201, res.Status, res.Text)
	row := org.Row("Lead", res.id())
	require.Equal(t, "Ada Lovelace", row["Name"])
	require.Equal(t, "ada@example.com", row["Email"])
	require.Nil(t, row["Title"])
	require.InDelta(t, 13.0, row["AnnualRevenue"], 0)
	require.Equal(t, "Open - Not Contacted", row["Status"])
	require.Equal(t, org.UserID(), row["OwnerId"])
	require.Equal(t, false, row["IsConverted"])
	require.Equal(t, row["CreatedDate"], row["LastModifiedDate"])
}

// docs/salesforce.md, Permissions: a field that the user cannot see is as if it
// were not there, one that he cannot write is refused by name.
func TestFieldRightsOfTheConnectedUser(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	id := addLead(org, "a@example.com")
	org.HideField("Lead", "Phone")
	org.ReadOnlyField("Lead", "City")
	require.Equal(t, "INVALID_FIELD", a.do("PATCH", "/sobjects/Lead/"+id, `{"Phone":"1"}`).code())
	require.Equal(t, "INVALID_FIELD", a.query("SELECT Phone FROM Lead").code())
	require.NotContains(t, a.do("GET", "/sobjects/Lead/"+id, nil).Body, "Phone")
	require.Equal(t, "INVALID_FIELD_FOR_INSERT_UPDATE", a.do("PATCH", "/sobjects/Lead/"+id, `{"City":"Rome"}`).code())
	require.Contains(t, a.do("GET", "/sobjects/Lead/"+id, nil).Body, "City")
}

func TestObjectRightsOfTheConnectedUser(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	id := addContact(org, "a@example.com")
	org.Forbid("Contact", "create")
	org.Forbid("Contact", "update")
	org.Forbid("Contact", "delete")
	res := a.do("POST", "/sobjects/Contact", `{"LastName":"L"}`)
	require.Equal(t, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", res.code())
	require.Equal(t, "entity type cannot be inserted: Contact", res.at(0, "message"))
	require.Equal(t, "INSUFFICIENT_ACCESS_OR_READONLY", a.do("PATCH", "/sobjects/Contact/"+id, `{"LastName":"L"}`).code())
	require.Equal(t, "INSUFFICIENT_ACCESS_OR_READONLY", a.do("DELETE", "/sobjects/Contact/"+id, nil).code())
	org.Forbid("Contact", "read")
	require.Equal(t, 404, a.do("GET", "/sobjects/Contact/describe", nil).Status)
	require.Equal(t, "INVALID_TYPE", a.query("SELECT Id FROM Contact").code())
	require.NotContains(t, a.do("GET", "/sobjects", nil).Text, `"Contact"`)
	org.Allow("Campaign", "create")
	require.Equal(t, 201, a.do("POST", "/sobjects/Campaign", `{"Name":"Expo"}`).Status)
}

// Sforce-Auto-Assign is TRUE by default and re-owns Leads
// (docs/salesforce.md, Headers).
func TestAssignmentRuleReownsLeadsByDefault(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	rep := org.Insert("User", fields{
		"LastName": "Rep", "Username": "rep@x.example", "Email": "rep@x.example", "Alias": "rep", "IsActive": true,
	})
	org.AssignLeadsTo(rep)
	body := `{"LastName":"L","Company":"C"}`
	assigned := a.do("POST", "/sobjects/Lead", body).id()
	kept := a.do("POST", "/sobjects/Lead", body, "Sforce-Auto-Assign", "FALSE").id()
	require.Equal(t, rep, org.Row("Lead", assigned)["OwnerId"])
	require.Equal(t, org.UserID(), org.Row("Lead", kept)["OwnerId"])
	require.Equal(t, []string{"Lead"}, a.column("SELECT SobjectType FROM AssignmentRule WHERE Active = true",
		"SobjectType"))
}
