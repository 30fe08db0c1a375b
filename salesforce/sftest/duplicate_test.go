// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

const duplicateLead = `{"LastName":"L","Company":"C","Email":"ADA@example.com"}`

// docs/salesforce.md, Errors, DUPLICATES_DETECTED: the key is duplicateResut,
// and there is no fields.
func TestDuplicateRuleNamesTheMatchesOfASingleCreate(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	lead, contact := addLead(org, "ada@example.com"), addContact(org, "ada@example.com")
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{Against: []string{"Lead", "Contact"}})

	res := a.do("POST", "/sobjects/Lead", duplicateLead)
	require.Equal(t, 400, res.Status)
	require.Equal(t, "DUPLICATES_DETECTED", res.code())
	require.Equal(t, "Use one of these records?", res.at(0, "message"))
	require.NotContains(t, res.at(0), "fields")
	found := res.at(0, "duplicateResut").(map[string]any)
	require.Equal(t, []string{"allowSave", "duplicateRule", "duplicateRuleEntityType", "errorMessage", "matchResults"},
		slices.Sorted(maps.Keys(found)))
	result := found["matchResults"].([]any)[0].(map[string]any)
	require.Equal(t, []string{"entityType", "errors", "matchEngine", "matchRecords", "rule", "size", "success"},
		slices.Sorted(maps.Keys(result)))
	match := result["matchRecords"].([]any)[0].(map[string]any)
	require.Equal(t, []string{"additionalInformation", "fieldDiffs", "matchConfidence", "record"},
		slices.Sorted(maps.Keys(match)))
	require.Equal(t, true, found["allowSave"])
	require.Equal(t, "Lead", found["duplicateRuleEntityType"])
	require.Equal(t, lead, res.at(0, "duplicateResut", "matchResults", 0, "matchRecords", 0, "record", "Id"))
	require.Equal(t, contact, res.at(0, "duplicateResut", "matchResults", 1, "matchRecords", 0, "record", "Id"))
	require.Nil(t, res.at(0, "duplicateResut", "matchResults", 0, "matchRecords", 0, "record", "Email"))

	older, err := a.send("POST", "/services/data/v54.0/sobjects/Lead", duplicateLead)
	require.NoError(t, err)
	require.Equal(t, "/services/data/v54.0/sobjects/Lead/"+lead, older.at(0, "duplicateResut", "matchResults", 0,
		"matchRecords", 0, "record", "attributes", "url"))

	res = a.do("POST", "/sobjects/Lead", duplicateLead, "Sforce-Duplicate-Rule-Header", "includeRecordDetails=true")
	require.Equal(t, "ada@example.com", res.at(0, "duplicateResut", "matchResults", 0, "matchRecords", 0, "record",
		"Email"))
	require.Equal(t, []string{"Lead"}, a.column("SELECT SobjectType FROM DuplicateRule WHERE IsActive = true",
		"SobjectType"))
}

// allowSave helps against a rule that alerts, not against one that blocks
// (docs/salesforce.md, Headers).
func TestAllowSavePassesAlertsOnly(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, header string
		block        bool
		status       int
	}{
		{"alert, not allowed", "", false, 400},
		{"alert, allowed", "allowSave=true; includeRecordDetails=false", false, 201},
		{"alert, allowed in another spelling", "AllowSave = TRUE", false, 201},
		{"block, allowed", "allowSave=true", true, 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			org, a := newAPI(t)
			addLead(org, "ada@example.com")
			org.AddDuplicateRule("Lead", sftest.DuplicateRule{Block: tc.block})
			require.Equal(t, tc.status, a.do("POST", "/sobjects/Lead", duplicateLead, "Sforce-Duplicate-Rule-Header",
				tc.header).Status)
		})
	}
}

// In a collection the matches are not named (docs/salesforce.md, Collections);
// the header of a subrequest counts, that of the composite does not
// (docs/salesforce.md, Headers).
func TestDuplicateRuleInCollectionsAndComposites(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	addLead(org, "ada@example.com")
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{})
	body := collection(false, rows("Lead", duplicateLead))
	res := a.do("POST", "/composite/sobjects", body)
	require.Equal(t, "DUPLICATES_DETECTED", res.at(0, "errors", 0, "statusCode"))
	require.NotContains(t, res.Text, "duplicateResut")

	allow := map[string]string{"Sforce-Duplicate-Rule-Header": "allowSave=true"}
	parts := []part{
		{"POST", base + "/composite/sobjects", "a", body, nil},
		{"POST", base + "/composite/sobjects", "b", body, allow},
	}
	res = a.do("POST", "/composite", map[string]any{"compositeRequest": parts}, "Sforce-Duplicate-Rule-Header",
		"allowSave=true")
	require.Equal(t, false, res.at("compositeResponse", 0, "body", 0, "success"))
	require.Equal(t, true, res.at("compositeResponse", 1, "body", 0, "success"))
}

func TestDuplicateRuleLeavesOtherUpdatesAlone(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	addLead(org, "ada@example.com")
	id := addLead(org, "ada@example.com")
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{})
	require.Equal(t, 204, a.do("PATCH", "/sobjects/Lead/"+id, `{"City":"Rome"}`).Status)
	require.Equal(t, "DUPLICATES_DETECTED", a.do("PATCH", "/sobjects/Lead/"+id, `{"Email":"ada@example.com"}`).code())
}
