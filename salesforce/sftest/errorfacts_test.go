// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A brokenOrg has something to run into for every code of
// docs/salesforce.md, Errors.
type brokenOrg struct {
	*sftest.Org
	account, contact, deleted, lead, converted, campaign, member, rep, visit string
}

func newBrokenOrg(t *testing.T) *brokenOrg {
	t.Helper()
	o := &brokenOrg{Org: sftest.NewOrg(t, sftest.WithCountries())}
	o.AddExternalID("Lead", "CampaignMember")
	for _, f := range []sftest.Field{
		{Name: "Race__c", Label: "Race", Type: "picklist", Restricted: true, Options: []string{"10k", "Marathon"}},
		{
			Name: "Heat__c", Label: "Heat", Type: "picklist", Restricted: true, Options: []string{"A", "B"},
			Controller: "Race__c", ValidFor: map[string][]string{"A": {"10k"}},
		},
		{Name: "Met__c", Label: "Met", Type: "datetime"},
		{Name: "Born__c", Label: "Born", Type: "date"},
		{Name: "Score__c", Label: "Score", Type: "double", Precision: 5, Scale: 2},
		{Name: "Total__c", Label: "Total", ReadOnly: true},
		{Name: "Secret__c", Label: "Secret"},
		{Name: "Legacy__c", Label: "Legacy", ExternalID: true},
		{
			Name: "Buddy__c", Label: "Buddy", Type: "reference", ReferenceTo: []string{"Contact"},
			Filter: func(row map[string]any) bool { return row["Title"] != "Nobody" },
		},
	} {
		o.DefineField("Lead", f)
	}
	o.DefineRecordType("Lead", sftest.RecordType{
		Name: "Short", Default: true,
		Picklists: map[string][]string{"Heat__c": {"B"}, "Race__c": {"10k", "Marathon"}},
	})
	o.DefineObject("Visit__c", "a0x",
		sftest.Field{Name: "Campaign__c", Type: "reference", ReferenceTo: []string{"Campaign"}})
	o.DefineObject("Secret__c", "a0y")
	o.DefineField("Visit__c", sftest.Field{Name: "Secret__c", Type: "reference", ReferenceTo: []string{"Secret__c"}})
	o.HideField("Lead", "Secret__c")
	o.Forbid("Secret__c", "read")
	o.Forbid("Opportunity", "update")
	o.Allow("PermissionSetAssignment", "create")

	o.account = o.Insert("Account", fields{"Name": "Acme"})
	o.contact = o.Insert("Contact", fields{"LastName": "Doe", "Title": "Nobody", "Email": "c@example.com"})
	o.deleted = addContact(o.Org, "gone@example.com")
	o.Delete("Contact", o.deleted)
	o.lead = o.Insert("Lead", fields{
		"LastName": "Doe", "Company": "C", "Email": "l@example.com", "LeadsyncKey__c": "k1", "Legacy__c": "twin",
	})
	o.Insert("Lead", fields{"LastName": "Doe", "Company": "C", "Legacy__c": "twin"})
	o.converted = addLead(o.Org, "converted@example.com")
	o.Convert(o.converted)
	o.campaign = addCampaign(o.Org)
	o.member = o.Insert("CampaignMember", fields{"CampaignId": o.campaign, "ContactId": o.contact})
	o.rep = o.Insert("User", fields{
		"LastName": "Gone", "Username": "gone@x.example", "Email": "gone@x.example", "Alias": "gone",
		"IsActive": false,
	})
	o.visit = o.Insert("Visit__c", fields{"Name": "V"})

	o.AddRule("Lead", sftest.Rule{Message: "Say where", Field: "Country", Refuses: func(row map[string]any) bool {
		return row["Title"] == "Ruled"
	}})
	o.AddRule("Lead", sftest.Rule{Message: "Not at all", Refuses: func(row map[string]any) bool {
		return row["Title"] == "Ruled out"
	}})
	o.AddDuplicateRule("Lead", sftest.DuplicateRule{})
	o.OnRow("Lead", func(_ string, row map[string]any) *sftest.RowError {
		switch row["Title"] {
		case "Locked":
			return sftest.LockedRow(o.account)
		case "Triggered":
			return sftest.FailedTrigger("LeadTrigger", "BeforeInsert", "System.LimitException: Too many SOQL queries: 101")
		case "Flowed":
			return sftest.FailedFlow("Route", "An unhandled fault")
		case "Approved":
			return &sftest.RowError{StatusCode: "ENTITY_IS_LOCKED", Message: "the entity is locked for editing"}
		}
		return nil
	})
	return o
}

// The codes that a row is refused with, docs/salesforce.md, Errors: once in a
// request of its own, where the code has an HTTP status, and once in a
// collection, where it is the statusCode within a 200.
func TestRowErrorFacts(t *testing.T) {
	t.Parallel()
	o := newBrokenOrg(t)
	const locked = ". Please check the security settings of this field and verify that it is read/write for your " +
		"profile or permission set."
	for _, tc := range []struct {
		fact    string
		object  string // Lead when empty
		sent    string // besides the required fields of a Lead
		code    string
		message string
		fields  string
	}{
		{
			"3: all required fields are missing at once", "Contact", `"FirstName":"A"`, "REQUIRED_FIELD_MISSING",
			"Required fields are missing: [LastName]", "LastName",
		},
		{
			"3: blank is missing", "", `"Company":" ","LastName":""`, "REQUIRED_FIELD_MISSING",
			"Required fields are missing: [LastName, Company]", "LastName Company",
		},
		{
			"3: the label precedes too large a value", "", `"City":"` + strings.Repeat("x", 41) + `"`,
			"STRING_TOO_LONG", "City: data value too large: " + strings.Repeat("x", 41) + " (max length=40)", "City",
		},
		{
			"3: e-mail address", "", `"Email":"Not a real email address"`, "INVALID_EMAIL_ADDRESS",
			"Email: invalid email address: not a real email address", "Email",
		},
		{
			"3: restricted picklist", "", `"Race__c":"Ultra"`, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
			"Race: bad value for restricted picklist field: Ultra", "Race__c",
		},
		{
			"3: dependent picklist", "", `"Race__c":"Marathon","Heat__c":"A"`,
			"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Heat: bad value for restricted picklist field: A", "Heat__c",
		},
		{
			"3: picklist value of another record type", "", `"Race__c":"10k","Heat__c":"A"`,
			"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Heat: bad value for restricted picklist field: A", "Heat__c",
		},
		{"3: validation rule at a field", "", `"Title":"Ruled"`, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say where", "Country"},
		{"3: validation rule at the top", "", `"Title":"Ruled out"`, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not at all", ""},
		{
			"3: lookup filter", "", `"Buddy__c":"` + o.contact + `"`, "FIELD_FILTER_VALIDATION_EXCEPTION",
			"Value does not exist or does not match filter criteria.", "Buddy__c",
		},
		{
			"3: state of another country", "", `"Country":"Germany","StateCode":"CA"`, "FIELD_INTEGRITY_EXCEPTION",
			"The existing country/territory doesn't recognize the state value for field: State/Province Code",
			"StateCode",
		},
		{
			"3: unknown country", "", `"Country":"Atlantis"`, "FIELD_INTEGRITY_EXCEPTION",
			"There's a problem with this country, even though it may appear correct. Please select a country/territory " +
				"from the list of valid countries.: Country",
			"Country",
		},
		{
			"3: number of too many digits", "", `"NumberOfEmployees":123456789`, "NUMBER_OUTSIDE_VALID_RANGE",
			"Employees: value outside of valid range on numeric field: 123456789", "NumberOfEmployees",
		},
		{
			"3: number beyond precision and scale", "", `"Score__c":12345678901`, "NUMBER_OUTSIDE_VALID_RANGE",
			"Score: value outside of valid range on numeric field: 12345678901", "Score__c",
		},
		{
			"3: date before 1700", "", `"Born__c":"1066-10-14"`, "INVALID_TYPE_ON_FIELD_IN_RECORD",
			"Born: value not of required type: 1066-10-14", "Born__c",
		},
		{
			"3: datetime after 4000", "", `"Met__c":"4001-01-01T00:00:00Z"`, "INVALID_TYPE_ON_FIELD_IN_RECORD",
			"Met: value not of required type: 4001-01-01T00:00:00Z", "Met__c",
		},
		{"3: unknown field", "", `"Nope":"x"`, "INVALID_FIELD", "No such column 'Nope' on sobject of type Lead", ""},
		{
			"3: field that the user cannot read", "", `"Secret__c":"x"`, "INVALID_FIELD",
			"No such column 'Secret__c' on sobject of type Lead", "",
		},
		{
			"3: fields that the user cannot write", "", `"Total__c":"1","ConvertedDate":"2026-01-02"`,
			"INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Total__c, ConvertedDate" + locked,
			"Total__c ConvertedDate",
		},
		{
			"3: id of another object", "CampaignMember",
			`"CampaignId":"` + o.campaign + `","ContactId":"` + o.lead + `"`, "MALFORMED_ID",
			"Contact ID: id value of incorrect type: " + o.lead, "ContactId",
		},
		{"3: no id at all", "", `"Buddy__c":"Bob"`, "MALFORMED_ID", "Buddy: id value of incorrect type: Bob", "Buddy__c"},
		{
			"3: id of nothing", "", `"Buddy__c":"003dM00000ZZZZZ"`, "INVALID_CROSS_REFERENCE_KEY",
			"invalid cross reference id", "Buddy__c",
		},
		{
			"3: id of a deleted row", "", `"Buddy__c":"` + o.deleted + `"`, "ENTITY_IS_DELETED", "entity is deleted",
			"Buddy__c",
		},
		{
			"3: unique value that is taken", "", `"LeadsyncKey__c":"K1"`, "DUPLICATE_VALUE",
			"duplicate value found: LeadsyncKey__c duplicates value on record with id: " + o.lead[:15], "",
		},
		{
			"3: member that is there", "CampaignMember",
			`"CampaignId":"` + o.campaign + `","ContactId":"` + o.contact + `"`, "DUPLICATE_VALUE",
			"Already a campaign member.", "",
		},
		{"3: duplicate rule", "", `"Email":"L@example.com"`, "DUPLICATES_DETECTED", "Use one of these records?", ""},
		{
			"3: task of a converted lead", "Task", `"WhoId":"` + o.converted + `"`, "CANNOT_UPDATE_CONVERTED_LEAD",
			"cannot reference converted lead", "WhoId",
		},
		{
			"3: event of a converted lead", "Event", `"WhoId":"` + o.converted + `"`, "CANNOT_UPDATE_CONVERTED_LEAD",
			"cannot reference converted lead", "WhoId",
		},
		{
			"3: member that is a converted lead", "CampaignMember",
			`"CampaignId":"` + o.campaign + `","LeadId":"` + o.converted + `"`, "CANNOT_UPDATE_CONVERTED_LEAD",
			"cannot reference converted lead", "LeadId",
		},
		{
			"3: no right to create", "Campaign", `"Name":"Expo"`, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
			"entity type cannot be inserted: Campaign", "",
		},
		{
			"3: trigger", "", `"Title":"Triggered"`, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
			"LeadTrigger: execution of BeforeInsert\n\ncaused by: System.LimitException: Too many SOQL queries: 101",
			"",
		},
		{
			"3: flow", "", `"Title":"Flowed"`, "CANNOT_EXECUTE_FLOW_TRIGGER",
			`We can't save this record because the "Route" process failed. Give your Salesforce admin these details. An ` +
				`unhandled fault`,
			"",
		},
		{
			"3: row of an object that the user cannot read", "Visit__c", `"Secret__c":"a0ydM0000000001"`,
			"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id: a0ydM0000000001",
			"",
		},
		{
			"3: inactive owner", "", `"OwnerId":"` + o.rep + `"`, "INACTIVE_OWNER_OR_USER",
			"operation performed with inactive user [" + o.rep[:15] + "] as owner of lead", "OwnerId",
		},
		{
			"3: locked row", "", `"Title":"Locked"`, "UNABLE_TO_LOCK_ROW",
			"unable to obtain exclusive access to this record or 1 records: " + o.account, "",
		},
		{"3: row in approval", "", `"Title":"Approved"`, "ENTITY_IS_LOCKED", "the entity is locked for editing", ""},
		{
			"3: task of a lead about something", "Task", `"WhoId":"` + o.lead + `","WhatId":"` + o.account + `"`,
			"FIELD_INTEGRITY_EXCEPTION", "Related To ID: a task of a lead cannot be related to another record",
			"WhatId",
		},
		{
			"3: foreign key of several objects without its type", "Task", `"Who":{"Email":"c@example.com"}`,
			"JSON_PARSER_ERROR",
			"Nested object for polymorphic foreign key must have an attributes field before any other fields.", "",
		},
		{
			"3: permission set that the user has", "PermissionSetAssignment", permissionSet(o.Org), "DUPLICATE_VALUE",
			"Duplicate PermissionSetAssignment.  Assignee: " + o.UserID()[:15] + "; Permission Set: " +
				Text(o.Rows("PermissionSet")[0]["Id"])[:15],
			"AssigneeId PermissionSetId",
		},
	} {
		t.Run(tc.fact, func(t *testing.T) {
			t.Parallel()
			a, object, sent := &api{t, o.Org}, tc.object, tc.sent
			if object == "" {
				object = "Lead"
			}
			for _, name := range []string{"LastName", "Company"} {
				if object == "Lead" && !strings.Contains(sent, `"`+name+`"`) {
					sent = `"` + name + `":"Doe",` + sent
				}
			}
			res := a.do("POST", "/sobjects/"+object, "{"+sent+"}")
			require.Equal(t, 400, res.Status, res.Text)
			require.Equal(t, []any{tc.code, tc.message}, []any{res.code(), res.at(0, "message")})
			named, _ := res.at(0, "fields").([]any)
			require.Equal(t, strings.Fields(tc.fields), texts(named))

			row := a.do("POST", "/composite/sobjects", collection(false, rows(object, "{"+sent+"}")))
			require.Equal(t, 200, row.Status)
			require.Equal(t, false, row.at(0, "success"))
			require.Equal(t, []any{tc.code, tc.message},
				[]any{row.at(0, "errors", 0, "statusCode"), row.at(0, "errors", 0, "message")})
			require.Equal(t, strings.Fields(tc.fields), texts(row.at(0, "errors", 0, "fields").([]any)))
		})
	}
}

func permissionSet(org *sftest.Org) string {
	return `"AssigneeId":"` + org.UserID() + `","PermissionSetId":"` + Text(org.Rows("PermissionSet")[0]["Id"]) + `"`
}

func Text(v any) string { s, _ := v.(string); return s }

func texts(list []any) []string {
	out := []string{}
	for _, v := range list {
		out = append(out, v.(string))
	}
	return out
}

// The codes of docs/salesforce.md, Errors that only rows of collections meet.
func TestCollectionErrorFacts(t *testing.T) {
	t.Parallel()
	o := newBrokenOrg(t)
	upsert := "/composite/sobjects/Lead/"
	for _, tc := range []struct {
		fact, method, path, row string
		code, message           string
	}{
		{
			"1: row without attributes", "POST", "/composite/sobjects", `{"LastName":"L"}`, "JSON_PARSER_ERROR",
			"Nested object for polymorphic foreign key must have an attributes field before any other fields.",
		},
		{
			"1: update without an id", "PATCH", "/composite/sobjects", rows("Lead", `{"Title":"x"}`),
			"MISSING_ARGUMENT", "Id not specified in an update call",
		},
		{
			"1: update of nothing", "PATCH", "/composite/sobjects", rows("Lead", `{"id":"00QdM00000ZZZZZ"}`),
			"INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id",
		},
		{
			"3: update of a deleted row", "PATCH", "/composite/sobjects",
			rows("Contact", `{"id":"`+o.deleted+`","Title":"x"}`), "ENTITY_IS_DELETED", "entity is deleted",
		},
		{
			"3: key that matches two rows", "PATCH", upsert + "Legacy__c",
			rows("Lead", `{"Legacy__c":"twin","Title":"x"}`), "DUPLICATE_EXTERNAL_ID",
			"Legacy__c: more than one record found for external id field",
		},
		{
			"3 and 8: key twice in one request", "PATCH", upsert + "LeadsyncKey__c",
			rows("Lead", `{"LeadsyncKey__c":"a-1"}`) + "," + rows("Lead", `{"LeadsyncKey__c":"A-1"}`),
			"DUPLICATE_VALUE", "Duplicate external id specified: a-1",
		},
		{
			"3: upsert of members", "PATCH", "/composite/sobjects/CampaignMember/LeadsyncKey__c",
			rows("CampaignMember", `{"LeadsyncKey__c":"a"}`), "INVALID_TYPE_FOR_OPERATION",
			"entity type does not support upsert: Campaign Member",
		},
		{"3: delete of no id", "DELETE", "/composite/sobjects?ids=Bob", "", "MALFORMED_ID", "malformed id Bob"},
		{
			"3: delete of nothing", "DELETE", "/composite/sobjects?ids=00QdM00000ZZZZZ", "",
			"INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id",
		},
		{
			"3: delete of a deleted row", "DELETE", "/composite/sobjects?ids=" + o.deleted, "", "ENTITY_IS_DELETED",
			"entity is deleted",
		},
	} {
		t.Run(tc.fact, func(t *testing.T) {
			t.Parallel()
			var body any
			if tc.row != "" {
				body = collection(false, tc.row)
			}
			res := (&api{t, o.Org}).do(tc.method, tc.path, body)
			require.Equal(t, 200, res.Status, res.Text)
			require.Equal(t, false, res.at(0, "success"))
			require.NotContains(t, res.at(0), "id")
			require.Equal(t, []any{tc.code, tc.message},
				[]any{res.at(0, "errors", 0, "statusCode"), res.at(0, "errors", 0, "message")})
		})
	}
}

// docs/salesforce.md, Requests: several rules that refuse are several errors,
// and messages are in the user's language: only codes can be relied on.
func TestErrorsComeInTheUsersLanguage(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithMessages(func(code, _ string) string { return "campo obrigatório: " + code }))
	org.DefineField("Contact", sftest.Field{Name: "Rolle__c", Label: "Função", Type: "picklist", Restricted: true})
	res := a.do("POST", "/sobjects/Contact", `{"Email":"x","Rolle__c":"y"}`)
	require.Len(t, res.Body, 3)
	for i, code := range []string{
		"REQUIRED_FIELD_MISSING", "INVALID_EMAIL_ADDRESS", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
	} {
		require.Equal(t, []any{code, "campo obrigatório: " + code}, []any{res.at(i, "errorCode"), res.at(i, "message")})
	}
}
