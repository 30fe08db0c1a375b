// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func describedField(t *testing.T, described *response, name string) map[string]any {
	t.Helper()
	for _, f := range described.at("fields").([]any) {
		if f := f.(map[string]any); f["name"] == name {
			return f
		}
	}
	return nil
}

// docs/salesforce.md, Describe: 45 top keys and 57 for each field, as recorded.
func TestDescribeHasAllKeys(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for _, object := range []string{"Lead", "Contact", "Account", "Task", "CampaignMember", "User"} {
		res := a.do("GET", "/sobjects/"+object+"/describe", nil)
		require.Equal(t, 200, res.Status)
		require.Len(t, res.Body, 45, object)
		for _, f := range res.at("fields").([]any) {
			require.Len(t, f, 57, object)
		}
		require.Equal(t, "012000000000000AAA", res.at("recordTypeInfos", 0, "recordTypeId"))
	}
}

// The recorded table of Lead (facts/lead-fields.tsv).
func TestDescribeReturnsTheRecordedFacts(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	lead := a.do("GET", "/sobjects/Lead/describe", nil)
	require.Equal(t, "00Q", lead.at("keyPrefix"))
	for _, tc := range []struct {
		field string
		want  fields
	}{
		{
			"Company",
			fields{
				"length": 255.0, "byteLength": 765.0, "nillable": false, "createable": true, "defaultedOnCreate": false,
				"label": "Company",
			},
		},
		{"Email", fields{"type": "email", "length": 80.0, "idLookup": true, "unique": false}},
		{"Status", fields{"type": "picklist", "nillable": false, "defaultedOnCreate": true, "restrictedPicklist": false}},
		{"Description", fields{"filterable": false, "length": 32000.0}},
		{"NumberOfEmployees", fields{"type": "int", "digits": 8.0}},
		{"AnnualRevenue", fields{"type": "currency", "precision": 18.0, "scale": 0.0}},
		{
			"OwnerId",
			fields{"referenceTo": []any{"Group", "User"}, "relationshipName": "Owner", "polymorphicForeignKey": true},
		},
		{"FirstName", fields{"compoundFieldName": "Name"}},
		{"IsConverted", fields{"createable": true, "updateable": false}},
		{
			"JigsawContactId",
			fields{"type": "string", "updateable": false, "referenceTo": []any{}, "relationshipName": "JigsawContact"},
		},
	} {
		got := describedField(t, lead, tc.field)
		for key, want := range tc.want {
			require.Equal(t, want, got[key], "%s of %s", key, tc.field)
		}
	}
	option := describedField(t, lead, "Status")["picklistValues"].([]any)[0].(map[string]any)
	require.Equal(t, map[string]any{
		"active": true, "defaultValue": true, "label": "Open - Not Contacted", "validFor": nil,
		"value": "Open - Not Contacted",
	}, option)
}

func TestDescribeShowsDefinedFieldsAndRights(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddExternalID("Task")
	org.DefineField("Task", sftest.Field{Name: "Needed__c", Required: true})
	org.DefineObject("Visit__c", "a0x", sftest.Field{Name: "Lead__c", Type: "reference", ReferenceTo: []string{"Lead"}})
	org.ReadOnlyField("Task", "Subject")
	org.HideField("Task", "CallType")
	task := a.do("GET", "/sobjects/Task/describe", nil)
	key := describedField(t, task, "LeadsyncKey__c")
	require.Equal(t, []any{true, true, true, true, false},
		[]any{key["externalId"], key["unique"], key["idLookup"], key["custom"], key["caseSensitive"]})
	require.Equal(t, false, describedField(t, task, "Needed__c")["nillable"])
	require.Equal(t, false, describedField(t, task, "Subject")["updateable"])
	require.Nil(t, describedField(t, task, "CallType"))

	visit := a.do("GET", "/sobjects/Visit__c/describe", nil)
	require.Equal(t, "a0x", visit.at("keyPrefix"))
	require.Equal(t, "Lead__r", describedField(t, visit, "Lead__c")["relationshipName"])
	lead := addLead(org, "a@example.com")
	res := a.do("POST", "/sobjects/Visit__c", fields{"Name": "V", "Lead__c": lead})
	require.Equal(t, 201, res.Status, res.Text)
	require.Equal(t, "a0x", res.id()[:3])
	require.Equal(t, []string{"V"}, a.column("SELECT Name FROM Visit__c WHERE Lead__r.Email = 'a@example.com'", "Name"))
}

// docs/salesforce.md, Describe: ETag and Last-Modified, and 304 until the
// metadata changes.
func TestDescribeIsCached(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	for _, path := range []string{"/sobjects/Lead/describe", "/sobjects"} {
		res := a.do("GET", path, nil)
		modified := res.Header.Get("Last-Modified")
		require.NotEmpty(t, res.Header.Get("ETag"))
		again := a.do("GET", path, nil, "If-Modified-Since", modified)
		require.Equal(t, 304, again.Status)
		require.Empty(t, again.Text)
		require.Equal(t, res.Header.Get("ETag"), again.Header.Get("ETag"))
		for tag, status := range map[string]int{
			res.Header.Get("ETag"): 304, `"0", ` + res.Header.Get("ETag"): 304, "*": 304, `"0--gzip"`: 200,
		} {
			require.Equal(t, status, a.do("GET", path, nil, "If-None-Match", tag, "If-Modified-Since", modified).Status, tag)
		}
		org.DefineField("Lead", sftest.Field{Name: "New__c"})
		require.Equal(t, 200, a.do("GET", path, nil, "If-None-Match", res.Header.Get("ETag")).Status)
		changed := a.do("GET", path, nil, "If-Modified-Since", modified)
		require.Equal(t, 200, changed.Status)
		require.NotEqual(t, res.Header.Get("ETag"), changed.Header.Get("ETag"))
	}
}

// docs/salesforce.md, Describe: what a create must supply is what describe says
// is not nillable, createable and not defaulted, and no checkbox.
func TestDescribeReturnsWhatACreateNeeds(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	for _, object := range []string{"Lead", "Contact", "Account", "Opportunity", "OpportunityContactRole"} {
		needed := []any{}
		for _, v := range a.do("GET", "/sobjects/"+object+"/describe", nil).at("fields").([]any) {
			if f := v.(map[string]any); f["nillable"] == false && f["createable"] == true && f["defaultedOnCreate"] == false &&
				f["type"] != "boolean" {
				needed = append(needed, f["name"])
			}
		}
		require.NotEmpty(t, needed)
		require.Equal(t, needed, a.do("POST", "/sobjects/"+object, `{}`).at(0, "fields"), object)
	}
}

// Whatever changes what a describe says gives it a new validator.
func TestDescribeIsNewerAfterEveryChange(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	last := a.do("GET", "/sobjects/Lead/describe", nil).Header
	for name, change := range map[string]func(){
		"a field":            func() { org.DefineField("Contact", sftest.Field{Name: "X__c"}) },
		"an object":          func() { org.DefineObject("Visit__c", "a0x") },
		"a record type":      func() { org.DefineRecordType("Lead", sftest.RecordType{Name: "X"}) },
		"a hidden field":     func() { org.HideField("Lead", "Fax") },
		"a read-only field":  func() { org.ReadOnlyField("Lead", "City") },
		"a right":            func() { org.Forbid("Lead", "delete") },
		"a right given":      func() { org.Allow("Campaign", "create") },
		"a permission given": func() { org.SetPermission("PermissionsModifyAllData", true) },
	} {
		change()
		now := a.do("GET", "/sobjects/Lead/describe", nil).Header
		require.NotEqual(t, last.Get("ETag"), now.Get("ETag"), name)
		require.NotEqual(t, last.Get("Last-Modified"), now.Get("Last-Modified"), name)
		last = now
	}
}

// An admin may make a standard field stricter; it stays a key.
func TestDefineFieldReplacesAStandardField(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	id := addLead(org, "a@example.com")
	org.DefineField("Lead", sftest.Field{Name: "email", Type: "email", Required: true})
	email := describedField(t, a.do("GET", "/sobjects/Lead/describe", nil), "Email")
	require.Equal(t, []any{false, true, 80.0}, []any{email["nillable"], email["idLookup"], email["length"]})
	require.Equal(t, id, a.do("GET", "/sobjects/Lead/Email/a@example.com", nil).at("Id"))
	res := a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C"}`)
	require.Equal(t, []any{"Email"}, res.at(0, "fields"))
}

func TestDescribeGlobalListsObjects(t *testing.T) {
	t.Parallel()
	_, a := newAPI(t)
	res := a.do("GET", "/sobjects", nil)
	require.Equal(t, "UTF-8", res.at("encoding"))
	require.InDelta(t, 200, res.at("maxBatchSize"), 0)
	prefixes := map[string]string{}
	for _, v := range res.at("sobjects").([]any) {
		entry := v.(map[string]any)
		prefixes[entry["name"].(string)] = entry["keyPrefix"].(string)
	}
	// docs/salesforce.md, IDs.
	for name, prefix := range map[string]string{
		"Account": "001", "Contact": "003", "Lead": "00Q", "User": "005", "Group": "00G", "Organization": "00D",
		"Opportunity": "006", "Task": "00T",
		"Campaign": "701", "CampaignMember": "00v", "CampaignMemberStatus": "01Y", "AssignmentRule": "01Q",
		"LeadStatus": "01J", "PermissionSetAssignment": "0Pa",
	} {
		require.Equal(t, prefix, prefixes[name], name)
	}
	require.Equal(t, "Lead", a.do("GET", "/sobjects/Lead", nil).at("objectDescribe", "name"))
}
