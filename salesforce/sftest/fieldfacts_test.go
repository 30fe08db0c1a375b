// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// The facts of docs/salesforce.md, Fields that describes show: each case is one
// of its clauses, the fields it is about, and what describe says of all of
// them.
func TestFieldFacts(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	described := map[string]*response{}
	for _, object := range []string{"Lead", "Contact", "Account", "Task", "Event", "Campaign", "CampaignMember"} {
		described[object] = a.do("GET", "/sobjects/"+object+"/describe", nil)
	}
	required := fields{"nillable": false, "createable": true, "defaultedOnCreate": false}
	readOnly := fields{"createable": false, "updateable": false}
	createOnly := fields{"createable": true, "updateable": false}
	for _, tc := range []struct {
		fact   string
		fields string // Object.Field, several with blanks between
		want   fields
	}{
		{"2: FirstName holds 40", "Lead.FirstName Contact.FirstName", fields{"length": 40.0, "compoundFieldName": "Name"}},
		{"2: LastName holds 80", "Lead.LastName Contact.LastName", fields{"length": 80.0, "compoundFieldName": "Name"}},
		{"2: LastName is required", "Lead.LastName Contact.LastName", required},
		{
			"2: Salutation is a picklist of 40", "Lead.Salutation Contact.Salutation",
			fields{"length": 40.0, "type": "picklist"},
		},
		{"2: Name holds 121", "Lead.Name Contact.Name", fields{"length": 121.0, "nameField": true}},
		{"2: Name of a person is read-only", "Lead.Name Contact.Name", readOnly},
		{"2: Lead.Company holds 255", "Lead.Company", fields{"length": 255.0}},
		{"2: Lead.Company is required", "Lead.Company", required},
		{"2: Title holds 128", "Lead.Title Contact.Title", fields{"length": 128.0}},
		{
			"2: streets are textareas of 255",
			"Lead.Street Contact.MailingStreet Contact.OtherStreet Account.BillingStreet Account.ShippingStreet",
			fields{"length": 255.0, "type": "textarea"},
		},
		{
			"2: cities hold 40",
			"Lead.City Contact.MailingCity Contact.OtherCity Account.BillingCity Account.ShippingCity",
			fields{"length": 40.0},
		},
		{
			"2: states and countries hold 80",
			"Lead.State Lead.Country Contact.MailingState Contact.MailingCountry Contact.OtherState Contact.OtherCountry " +
				"Account.BillingState Account.BillingCountry Account.ShippingState Account.ShippingCountry",
			fields{"length": 80.0},
		},
		{
			"2: postal codes hold 20",
			"Lead.PostalCode Contact.MailingPostalCode Contact.OtherPostalCode Account.BillingPostalCode " +
				"Account.ShippingPostalCode",
			fields{"length": 20.0},
		},
		{
			"2: phones hold 40",
			"Lead.Phone Lead.MobilePhone Lead.Fax Contact.HomePhone Contact.OtherPhone Contact.AssistantPhone " +
				"Account.Phone Account.Fax",
			fields{"length": 40.0, "type": "phone"},
		},
		{"2: Email holds 80", "Lead.Email Contact.Email", fields{"length": 80.0, "type": "email"}},
		{
			"1: Email is idLookup, and neither unique nor an external id", "Lead.Email Contact.Email",
			fields{"idLookup": true, "unique": false, "externalId": false},
		},
		{"2: Website is a url of 255", "Lead.Website Account.Website", fields{"length": 255.0, "type": "url"}},
		{"7: Account.Website is neither unique nor idLookup", "Account.Website", fields{"unique": false, "idLookup": false}},
		{
			"2: Description holds 32,000, and cannot be filtered or sorted",
			"Lead.Description Contact.Description Account.Description Task.Description Event.Description",
			fields{"length": 32000.0, "filterable": false, "sortable": false},
		},
		{
			"2: picklists of 255 that are not restricted",
			"Lead.LeadSource Lead.Status Lead.Industry Lead.Rating Contact.LeadSource Account.Industry Account.Type",
			fields{"type": "picklist", "length": 255.0, "restrictedPicklist": false},
		},
		{"2: Lead.Status is defaulted", "Lead.Status", fields{"defaultedOnCreate": true, "nillable": false}},
		{
			"2: NumberOfEmployees is an int of 8 digits", "Lead.NumberOfEmployees Account.NumberOfEmployees",
			fields{"type": "int", "digits": 8.0},
		},
		{
			"2: AnnualRevenue is currency(18,0)", "Lead.AnnualRevenue Account.AnnualRevenue",
			fields{"type": "currency", "precision": 18.0, "scale": 0.0},
		},
		{
			"2: a Lead is owned by a user or a group", "Lead.OwnerId",
			fields{"referenceTo": []any{"Group", "User"}, "defaultedOnCreate": true},
		},
		{"2: IsConverted is createable only", "Lead.IsConverted", createOnly},
		{"2: Jigsaw holds 20", "Lead.Jigsaw", fields{"length": 20.0}},
		{"2: CompanyDunsNumber and DunsNumber hold 9", "Lead.CompanyDunsNumber Account.DunsNumber", fields{"length": 9.0}},
		{
			"2: GeocodeAccuracy and CleanStatus are restricted",
			"Lead.GeocodeAccuracy Lead.CleanStatus Contact.CleanStatus Account.CleanStatus",
			fields{"restrictedPicklist": true},
		},
		{
			"2: Contact.AccountId may be null", "Contact.AccountId",
			fields{"nillable": true, "createable": true, "updateable": true},
		},
		{"2: Department holds 80", "Contact.Department", fields{"length": 80.0}},
		{"2: AssistantName holds 40", "Contact.AssistantName", fields{"length": 40.0}},
		{"2: Birthdate is a date", "Contact.Birthdate", fields{"type": "date"}},
		{"2: ReportsToId points at a Contact", "Contact.ReportsToId", fields{"referenceTo": []any{"Contact"}}},
		{"2: Account.Name holds 255 and is required", "Account.Name", fields{"length": 255.0, "nillable": false}},
		{"2: AccountNumber holds 40", "Account.AccountNumber", fields{"length": 40.0}},
		{"2: Site holds 80", "Account.Site", fields{"length": 80.0}},
		{"2: Sic and TickerSymbol hold 20", "Account.Sic Account.TickerSymbol", fields{"length": 20.0}},
		{"2: NaicsCode holds 8", "Account.NaicsCode", fields{"length": 8.0}},
		{
			"2: Subject is a combobox of 255", "Task.Subject Event.Subject",
			fields{"type": "combobox", "length": 255.0, "nameField": true},
		},
		{
			"2: Task.Status and Priority are required with defaults", "Task.Status Task.Priority",
			fields{"type": "picklist", "length": 40.0, "nillable": false, "defaultedOnCreate": true},
		},
		{"2: ActivityDate is a date", "Task.ActivityDate Event.ActivityDate", fields{"type": "date"}},
		{
			"2: WhoId points at a Lead or a Contact", "Task.WhoId Event.WhoId",
			fields{"referenceTo": []any{"Contact", "Lead"}, "polymorphicForeignKey": true},
		},
		{"2: WhatId points at many", "Task.WhatId Event.WhatId", fields{"polymorphicForeignKey": true}},
		{"2: CallDisposition and CallObject hold 255", "Task.CallDisposition Task.CallObject", fields{"length": 255.0}},
		{"2: CallType holds 40", "Task.CallType", fields{"length": 40.0}},
		{"2: TaskSubtype can be set on create only", "Task.TaskSubtype Event.EventSubtype", createOnly},
		{"2: AccountId of an activity is derived", "Task.AccountId Event.AccountId", readOnly},
		{
			"2: a member's campaign and person can be set on create only",
			"CampaignMember.CampaignId CampaignMember.LeadId CampaignMember.ContactId", createOnly,
		},
		{"2: CampaignMember.Status holds 40", "CampaignMember.Status", fields{"length": 40.0}},
		{
			"2: HasResponded and FirstRespondedDate are read-only",
			"CampaignMember.HasResponded CampaignMember.FirstRespondedDate", readOnly,
		},
		{"2: LeadOrContactId and Type are derived", "CampaignMember.LeadOrContactId CampaignMember.Type", readOnly},
		{"2: Campaign.Name holds 80", "Campaign.Name", fields{"length": 80.0, "nillable": false}},
		{
			"2: a Campaign has IsActive, Status and Type", "Campaign.IsActive Campaign.Status Campaign.Type",
			fields{"custom": false},
		},
		{"2: the byte length is three times the length", "Lead.Company", fields{"byteLength": 765.0}},
	} {
		t.Run(tc.fact, func(t *testing.T) {
			t.Parallel()
			for _, name := range strings.Fields(tc.fields) {
				object, field, _ := strings.Cut(name, ".")
				got := describedField(t, described[object], field)
				require.NotNil(t, got, name)
				for key, want := range tc.want {
					require.Equal(t, want, got[key], "%s of %s", key, name)
				}
			}
		})
	}
}

// docs/salesforce.md, Fields and Errors: what is as long as the field is
// stored, and one character more is refused. Characters beyond the first plane
// count twice.
func TestLengthFacts(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for object, needed := range map[string]fields{
		"Lead": {"LastName": "L", "Company": "C"}, "Contact": {"LastName": "L"}, "Account": {"Name": "N"},
		"Task": {}, "Event": {"DurationInMinutes": 1, "ActivityDateTime": "2026-01-02T03:04:05Z"},
	} {
		t.Run("2 and 3: every text of "+object+" is bounded by its length", func(t *testing.T) {
			t.Parallel()
			a := &api{t, a.org}
			described := a.do("GET", "/sobjects/"+object+"/describe", nil)
			checked := 0
			for _, v := range described.at("fields").([]any) {
				f := v.(map[string]any)
				if length := int(f["length"].(float64)); f["soapType"] == "xsd:string" && f["type"] != "email" &&
					f["restrictedPicklist"] == false && f["createable"] == true && length < 1000 {
					checkLength(a, object, needed, f, length)
					checked++
				}
			}
			require.Greater(t, checked, 2)
		})
	}
}

func checkLength(a *api, object string, needed fields, f map[string]any, length int) {
	name := f["name"].(string)
	sent := maps.Clone(needed)
	text := strings.Repeat("ü", length-2) + "😀"
	sent[name] = text
	res := a.do("POST", "/sobjects/"+object, sent)
	require.Equal(a.t, 201, res.Status, "%s: %s", name, res.Text)
	sent[name] = text + "x"
	res = a.do("POST", "/sobjects/"+object, sent)
	require.Equal(a.t, "STRING_TOO_LONG", res.code(), name)
	require.Equal(a.t, fmt.Sprintf("%s: data value too large: %sx (max length=%d)", f["label"], text, length),
		res.at(0, "message"))
	require.Equal(a.t, []any{name}, res.at(0, "fields"))
}

// docs/salesforce.md, Fields.
func TestObjectFlagFacts(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	entries := map[string]map[string]any{}
	for _, v := range a.do("GET", "/sobjects", nil).at("sobjects").([]any) {
		entry := v.(map[string]any)
		entries[entry["name"].(string)] = entry
	}
	for _, tc := range []struct {
		fact, objects, flag string
		want                bool
	}{
		{"2: campaigns cannot be created", "Campaign", "createable", false},
		{"2: members can be created", "CampaignMember", "createable", true},
		{"2: members can be changed", "CampaignMember", "updateable", true},
		{"2: setup is read-only", "CampaignMemberStatus LeadStatus AssignmentRule", "createable", false},
		{"2: setup cannot be changed", "CampaignMemberStatus LeadStatus AssignmentRule", "updateable", false},
		{"2: Account, Contact and Lead can be merged", "Account Contact Lead", "mergeable", true},
		{"2: nothing else can be merged", "Task Event Campaign CampaignMember Opportunity User", "mergeable", false},
		{
			"1: what a user reads he can query",
			"Account Contact Lead Task Event Campaign CampaignMember User RecordType OpportunityContactRole",
			"queryable", true,
		},
	} {
		for name := range strings.FieldsSeq(tc.objects) {
			require.NotNil(t, entries[name], name)
			require.Equal(t, tc.want, entries[name][tc.flag], "%s: %s", tc.fact, name)
		}
	}
}

// What docs/salesforce.md, Fields says of values, as far as a write shows it.
func TestValueFacts(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	for _, tc := range []struct {
		fact, object, sent string
		want               fields
	}{
		{
			"2: unknown values of an unrestricted picklist are stored", "Lead",
			`"LastName":"L","Company":"C","LeadSource":"Carrier pigeon"`, fields{"LeadSource": "Carrier pigeon"},
		},
		{"2: Lead.Status has a default", "Lead", `"LastName":"L","Company":"C"`, fields{"Status": "Open - Not Contacted"}},
		{
			"2: a null for a field with a default takes the default", "Lead",
			`"LastName":"L","Company":"C","Status":null`, fields{"Status": "Open - Not Contacted"},
		},
		{"2: the user owns what he creates", "Lead", `"LastName":"L","Company":"C"`, fields{"OwnerId": org.UserID()}},
		{
			"2: a person's name is put together", "Contact", `"FirstName":"Ada","LastName":"Lovelace"`,
			fields{"Name": "Ada Lovelace"},
		},
		{
			"2: AnnualRevenue keeps no decimals", "Lead", `"LastName":"L","Company":"C","AnnualRevenue":10.5`,
			fields{"AnnualRevenue": 11.0},
		},
		{
			"2: Task.Status and Priority have defaults", "Task", `"Subject":"S"`,
			fields{"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"},
		},
		{
			"7: e-mail addresses are lower-cased", "Contact", `"LastName":"L","Email":"Ada@Example.COM"`,
			fields{"Email": "ada@example.com"},
		},
		{
			"7: Account.Website is raw text", "Account", `"Name":"N","Website":"HTTPS://Acme.com/"`,
			fields{"Website": "HTTPS://Acme.com/"},
		},
		{
			"7: a datetime is kept in seconds", "Task",
			`"Subject":"S","ReminderDateTime":"2026-03-01T10:00:00.999+02:00"`,
			fields{"ReminderDateTime": "2026-03-01T08:00:00.000+0000"},
		},
	} {
		t.Run(tc.fact, func(t *testing.T) {
			t.Parallel()
			a := &api{t, org}
			res := a.do("POST", "/sobjects/"+tc.object, "{"+tc.sent+"}")
			require.Equal(t, 201, res.Status, res.Text)
			row := a.do("GET", "/sobjects/"+tc.object+"/"+res.id(), nil)
			for name, want := range tc.want {
				require.Equal(t, want, row.at(name), name)
			}
		})
	}
}
