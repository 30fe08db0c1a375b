// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// partnerOrg has Leads of two kinds. A Partner may be Hot or Warm, and starts
// Warm; a Consumer may be Cold only.
func partnerOrg(t *testing.T) (org *sftest.Org, a *api, partner, consumer string) {
	t.Helper()
	org, a = newAPI(t)
	org.DefineField("Lead", sftest.Field{
		Name: "Level__c", Label: "Level", Type: "picklist", Restricted: true,
		Options: []string{"Hot", "Warm", "Cold", "Old"}, Inactive: []string{"Old"},
	})
	partner = org.DefineRecordType("Lead", sftest.RecordType{
		Name: "Partner_Lead", Default: true, Picklists: map[string][]string{"level__c": {"Hot", "Warm"}},
		Defaults: map[string]string{"Level__c": "Warm"},
	})
	consumer = org.DefineRecordType("Lead",
		sftest.RecordType{
			Name: "Consumer", Label: "Private",
			Picklists: map[string][]string{"Level__c": {"Cold"}, "Rating": {"Hot"}},
		})
	return org, a, partner, consumer
}

// docs/salesforce.md, Errors, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST.
func TestRecordTypeBoundsItsPicklists(t *testing.T) {
	t.Parallel()
	org, a, partner, consumer := partnerOrg(t)
	create := func(more string) *response {
		return a.do("POST", "/sobjects/Lead", `{"LastName":"L","Company":"C"`+more+`}`)
	}
	row := org.Row("Lead", create("").id())
	require.Equal(t, partner, row["RecordTypeId"], "the default type")
	require.Equal(t, "Warm", row["Level__c"], "the default of the type")

	res := create(`,"Level__c":"Cold"`)
	require.Equal(t, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", res.code())
	require.Equal(t, "Level: bad value for restricted picklist field: Cold", res.at(0, "message"))
	cold := create(`,"Level__c":"cold","RecordTypeId":"` + consumer[:15] + `"`)
	require.Equal(t, 201, cold.Status, cold.Text)
	require.Equal(t, consumer, org.Row("Lead", cold.id())["RecordTypeId"])
	require.Equal(t, 201, create(`,"Rating":"Warm","RecordTypeId":"`+consumer+`"`).Status, "Rating is not restricted")

	master := create(`,"Level__c":"Cold","RecordTypeId":"012000000000000AAA"`)
	require.Equal(t, 201, master.Status, master.Text)
	require.Nil(t, org.Row("Lead", master.id())["RecordTypeId"])

	require.Equal(t, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
		a.do("PATCH", "/sobjects/Lead/"+cold.id(), `{"Level__c":"Hot"}`).code())
	require.Equal(t, 204, a.do("PATCH", "/sobjects/Lead/"+cold.id(),
		fields{"Level__c": "Hot", "RecordTypeId": partner}).Status)
	found := a.query(
		"SELECT RecordType.DeveloperName FROM Lead WHERE RecordType.Name = 'partner lead' AND Level__c = 'Hot'",
	)
	require.Equal(t, "Partner_Lead", found.at("records", 0, "RecordType", "DeveloperName"), found.Text)
}

func TestRecordTypeMustBeOpenToTheUser(t *testing.T) {
	t.Parallel()
	org, a, _, _ := partnerOrg(t)
	for name, id := range map[string]string{
		"of another object": org.DefineRecordType("Contact", sftest.RecordType{Name: "Other"}),
		"inactive":          org.DefineRecordType("Lead", sftest.RecordType{Name: "Past", Inactive: true}),
		"unavailable":       org.DefineRecordType("Lead", sftest.RecordType{Name: "Hidden", Unavailable: true}),
		"unknown":           "012dM00000ZZZZZ",
		"no id":             "Partner_Lead",
	} {
		res := a.do("POST", "/sobjects/Lead", fields{"LastName": "L", "Company": "C", "RecordTypeId": id})
		require.Equal(t, "INVALID_CROSS_REFERENCE_KEY", res.code(), name)
		require.Equal(t, "Record Type ID: this ID value isn't valid for the user: "+id, res.at(0, "message"), name)
	}
}

// docs/salesforce.md, Describe.
func TestDescribeListsRecordTypes(t *testing.T) {
	t.Parallel()
	_, a, partner, consumer := partnerOrg(t)
	infos := a.do("GET", "/sobjects/Lead/describe", nil).at("recordTypeInfos").([]any)
	require.Len(t, infos, 3)
	require.Equal(t, map[string]any{
		"active": true, "available": true, "defaultRecordTypeMapping": true, "developerName": "Partner_Lead",
		"master": false, "name": "Partner Lead",
		"recordTypeId": partner, "urls": map[string]any{"layout": base + "/sobjects/Lead/describe/layouts/" + partner},
	}, infos[0])
	require.Equal(t, consumer, infos[1].(map[string]any)["recordTypeId"])
	master := infos[2].(map[string]any)
	require.Equal(t, []any{"012000000000000AAA", true, false},
		[]any{master["recordTypeId"], master["master"], master["defaultRecordTypeMapping"]})
	require.Equal(t, []string{"Consumer", "Partner_Lead"},
		a.column(
			"SELECT DeveloperName FROM RecordType WHERE SobjectType = 'Lead' AND IsActive = true ORDER BY DeveloperName",
			"DeveloperName",
		))
}

// docs/salesforce.md, Fields: two resources return a record type's picklist
// values.
func TestPicklistValuesByRecordType(t *testing.T) {
	t.Parallel()
	org, a, partner, consumer := partnerOrg(t)
	org.DefineField("Lead", sftest.Field{
		Name: "Model__c", Type: "picklist", Options: []string{"Sedan", "Van"}, Controller: "Rating",
		ValidFor: map[string][]string{"Sedan": {"Hot"}, "Van": {"Hot", "Cold"}},
	})

	one := a.do("GET", "/sobjects/Lead/describe/layouts/"+partner, nil)
	require.Equal(t, 200, one.Status, one.Text)
	require.Equal(t, []any{"Warm", true}, layoutOption(one.at("recordTypeMappings", 0, "picklistsForRecordType"),
		"Level__c", 1))
	all := a.do("GET", "/sobjects/lead/describe/layouts/", nil)
	require.Len(t, all.at("recordTypeMappings"), 3)
	require.Equal(t, []any{"Cold", false}, layoutOption(all.at("recordTypeMappings", 1, "picklistsForRecordType"),
		"Level__c", 0))
	require.Equal(t, []any{"Warm", false}, layoutOption(all.at("recordTypeMappings", 2, "picklistsForRecordType"),
		"Level__c", 1))

	ui := a.do("GET", "/ui-api/object-info/Lead/picklist-values/"+partner, nil)
	require.Equal(t, 200, ui.Status, ui.Text)
	level := ui.at("picklistFieldValues", "Level__c").(map[string]any)
	require.Equal(t, "Warm", level["defaultValue"].(map[string]any)["value"])
	require.Len(t, level["values"], 2)
	model := a.do("GET", "/ui-api/object-info/Lead/picklist-values/012000000000000AAA/Model__c", nil)
	require.Equal(t, map[string]any{"Hot": 0.0, "Warm": 1.0, "Cold": 2.0}, model.at("controllerValues"))
	require.Equal(t, []any{0.0, 2.0}, model.at("values", 1, "validFor"))
	master := a.do("GET", "/ui-api/object-info/Lead/picklist-values/012000000000000AAA/Level__c", nil)
	require.Len(t, master.at("values"), 3, "inactive values are left out")

	for _, path := range []string{
		"/sobjects/Lead/describe/layouts/012dM00000ZZZZZ", "/sobjects/Contact/describe/layouts/" + consumer,
		"/ui-api/object-info/Lead/picklist-values/012dM00000ZZZZZ",
		"/ui-api/object-info/Nope/picklist-values/" + partner,
		"/ui-api/object-info/Lead/picklist-values/" + partner + "/City",
	} {
		require.Equal(t, 404, a.do("GET", path, nil).Status, path)
	}
}

// layoutOption is the value and whether it is the default.
func layoutOption(picklists any, field string, i int) []any {
	for _, p := range picklists.([]any) {
		if p := p.(map[string]any); p["picklistName"] == field {
			option := p["picklistValues"].([]any)[i].(map[string]any)
			return []any{option["value"], option["defaultValue"]}
		}
	}
	return nil
}

func TestDefineRecordTypePanicsOnWhatIsNotThere(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	for want, rt := range map[string]sftest.RecordType{
		"sftest: a record type needs a Name":           {},
		"sftest: object Lead has no field Nope":        {Name: "X", Picklists: map[string][]string{"Nope": {"A"}}},
		"sftest: the picklist Rating has no option X":  {Name: "X", Picklists: map[string][]string{"Rating": {"X"}}},
		"sftest: the picklist Rating has no option XX": {Name: "X", Defaults: map[string]string{"Rating": "XX"}},
	} {
		require.PanicsWithValue(t, want, func() { org.DefineRecordType("Lead", rt) })
	}
	require.Zero(t, org.Count("RecordType"))
}
