// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// Each thing wrong with a section has a finding with its JSON path, and New
// refuses it by the same.
func TestValidateSections(t *testing.T) {
	t.Parallel()
	const bad, missing = " DATA_VALUE_VALIDATION", " REQUIRED_FIELD_MISSING"
	key := leadsync.Rule{Source: "id", Field: "visitKEY__c"}
	lookups := func(to ...mapping.LookupTarget) (list []mapping.Lookup) {
		for i, target := range to {
			list = append(list, mapping.Lookup{Field: []string{"A__c", "B__c", "C__c"}[i], To: target})
		}
		return list
	}
	section := func(object salesforce.Object, to ...mapping.LookupTarget) mapping.Section {
		return mapping.Section{Object: object, Key: "VisitKey__c", Lookups: lookups(to...)}
	}
	for name, row := range map[string]struct {
		sections []mapping.Section
		want     []string
	}{
		"nothing": {
			[]mapping.Section{{Object: "Visit__c", Key: "VisitKey__c",
				Lookups: lookups("PERSON", "Account", "opportunity"), Rules: []leadsync.Rule{key}},
				section("Opportunity", "lead", "contact")}, nil},
		"no key": {[]mapping.Section{{Object: "Visit__c"}}, []string{"objects[0].key" + missing}},
		"a key that is no name": {[]mapping.Section{{Object: "Visit__c", Key: "Visit Key"}},
			[]string{"objects[0].key" + missing}},
		"a key of a Lead": {[]mapping.Section{{Object: "lead", Key: "Key__c"}}, []string{"objects[0].key" + bad}},
		"lookups of an Account": {[]mapping.Section{{Object: "Account", Lookups: lookups("person")}},
			[]string{"objects[0].lookups" + bad}},
		"a row of the key that appends, or is out of use, or by another": {[]mapping.Section{
			{Object: "Visit__c", Key: "VisitKey__c",
				Rules: []leadsync.Rule{{Source: "id", Field: "VisitKey__c", Write: mapping.Append}}},
			{Object: "Deal__c", Key: "K__c",
				Rules: []leadsync.Rule{{Source: "email", Field: "E__c"}, {Source: "id", Field: "k__c", Write: mapping.Never}}},
			{Object: "Stay__c", Key: "K__c", Rules: []leadsync.Rule{{Source: "id", Field: "K__c", By: "A__c.B__c"}}},
		}, []string{"objects[0].rules[0]" + bad, "objects[1].rules[1]" + bad, "objects[2].rules[0]" + bad}},
		"lookups that are wrong": {[]mapping.Section{{Object: "Visit__c", Key: "VisitKey__c",
			Rules: []leadsync.Rule{{Source: "id", Field: "Row__c"}}, Lookups: []mapping.Lookup{
				{To: "person"}, {Field: "A__c"}, {Field: "a__C", To: "person"}, {Field: "VISITKEY__c", To: "account"},
				{Field: "row__c", To: "account"}, {Field: "D__c", To: "Deal__c"}, {Field: "E__c", To: "visit__c"},
				{Field: "F__c", To: "campaignmember"},
			}}}, []string{"objects[0].lookups[0].field" + missing, "objects[0].lookups[1].to" + missing,
			"objects[0].lookups[2].field" + bad, "objects[0].lookups[3].field" + bad,
			"objects[0].lookups[4].field" + bad, "objects[0].lookups[5].to" + bad, "objects[0].lookups[6].to" + bad,
			"objects[0].lookups[7].to" + bad}},
		"a circle of two": {[]mapping.Section{section("A__c", "b__c"), section("B__c", "person", "A__c")},
			[]string{"objects[0].lookups[0].to" + bad, "objects[1].lookups[1].to" + bad}},
		"a circle of three, and a way to it": {[]mapping.Section{section("Way__c", "A__c"), section("A__c", "B__c"),
			section("B__c", "C__c"), section("C__c", "A__c")},
			[]string{"objects[1].lookups[0].to" + bad, "objects[2].lookups[0].to" + bad, "objects[3].lookups[0].to" + bad}},
		"two ways to one": {[]mapping.Section{section("A__c", "B__c", "C__c"), section("B__c", "C__c"),
			section("C__c")}, nil},
		"a reference by something that is no field": {[]mapping.Section{{Object: "Lead", Rules: []leadsync.Rule{
			{Source: "city", Field: "A__c", By: "Code__c"}, {Source: "city", Field: "B__c", By: "Region__c."},
			{Source: "city", Field: "C__c", By: "A.B.C"}, {Source: "city", Field: "D__c", By: "Region__c.Code__c"}}}},
			[]string{"objects[0].rules[0].by" + bad, "objects[0].rules[1].by" + bad, "objects[0].rules[2].by" + bad}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &leadsync.Mapping{Sections: row.sections}
			issues := m.Validate(nil)
			require.Equal(t, row.want, scenario.IssuePaths(issues))
			_, err := leadsync.New(scenario.ClientOf(t, sftest.NewOrg(t)), &leadsync.Config{Mapper: m})
			if len(issues) == 0 {
				require.NoError(t, err)
				return
			}
			var refused *leadsync.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []string{"mapping." + issues[0].Path}, refused.Fields)
		})
	}
}

// Preflight finds what is wrong with a custom object before any lead is synced.
func TestPreflightFindsInSections(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		arrange func(*sftest.Org, *mapping.Section)
		want    []string
	}{
		"nothing": {func(*sftest.Org, *mapping.Section) {}, nil},
		"a key that is not unique": {func(org *sftest.Org, _ *mapping.Section) {
			org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c", ExternalID: true})
		}, []string{"warning CONNECTION_PERMISSION VisitKey__c "}},
		"a key that lead ids may not fit": {func(org *sftest.Org, _ *mapping.Section) {
			org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c", ExternalID: true, Unique: true, Length: 64})
		}, []string{"warning DATA_VALUE_VALIDATION VisitKey__c "}},
		"a short key that a row fills": {func(org *sftest.Org, section *mapping.Section) {
			org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c", ExternalID: true, Unique: true, Length: 64})
			section.Rules = append(section.Rules, leadsync.Rule{Source: "custom.badge", Field: "VisitKey__c"})
		}, nil},
		"a key that is gone": {func(_ *sftest.Org, section *mapping.Section) { section.Key = "Gone__c" },
			[]string{"error MISSING_REMOTE_FIELD Gone__c mapping.objects[3].key"}},
		"a lookup that does not refer there": {func(_ *sftest.Org, section *mapping.Section) {
			section.Lookups[2].To = "person"
		},
			[]string{"error DATA_VALUE_VALIDATION Account__c mapping.objects[3].lookups[2].field"}},
		"a hidden lookup": {func(org *sftest.Org, _ *mapping.Section) { org.HideField("Visit__c", "Lead__c") },
			[]string{"error MISSING_REMOTE_FIELD Lead__c mapping.objects[3].lookups[0].field"}},
		"a locked lookup": {func(org *sftest.Org, _ *mapping.Section) { org.ReadOnlyField("Visit__c", "Lead__c") },
			[]string{"warning CONNECTION_PERMISSION Lead__c mapping.objects[3].lookups[0].field"}},
		"a required field that nothing fills": {func(org *sftest.Org, _ *mapping.Section) {
			org.DefineField("Visit__c", sftest.Field{Name: "Booth__c", Required: true})
		}, []string{"error REQUIRED_FIELD_MISSING Booth__c "}},
		"required fields that the key, a row and a lookup fill": {func(org *sftest.Org, section *mapping.Section) {
			org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c", ExternalID: true, Unique: true, Required: true})
			org.DefineField("Visit__c", sftest.Field{Name: "Name", Required: true})
			section.Rules = append(section.Rules, leadsync.Rule{Constant: "Visit", Field: "Name"})
			org.DefineField("Visit__c",
				sftest.Field{Name: "Person__c", Type: "reference", ReferenceTo: []string{"Lead", "Contact"}, Required: true})
			section.Lookups = append(section.Lookups, mapping.Lookup{Field: "Person__c", To: "person"})
		}, nil},
		"a required lookup that takes no Contact": {func(org *sftest.Org, _ *mapping.Section) {
			org.DefineField("Visit__c",
				sftest.Field{Name: "Lead__c", Type: "reference", ReferenceTo: []string{"Lead"}, Required: true})
		}, []string{"warning REQUIRED_FIELD_MISSING Lead__c mapping.objects[3].lookups[0]"}},
		"a required lookup to a Contact alone": {func(org *sftest.Org, section *mapping.Section) {
			org.DefineField("Visit__c",
				sftest.Field{Name: "Person__c", Type: "reference", ReferenceTo: []string{"Lead", "Contact"}, Required: true})
			section.Lookups = append(section.Lookups, mapping.Lookup{Field: "Person__c", To: "contact"})
		}, []string{"warning REQUIRED_FIELD_MISSING Person__c mapping.objects[3].lookups[3]"}},
		"a required lookup to the account, which a Lead has not": {func(org *sftest.Org, _ *mapping.Section) {
			org.DefineField("Visit__c",
				sftest.Field{Name: "Account__c", Type: "reference", ReferenceTo: []string{"Account"}, Required: true})
		}, []string{"warning REQUIRED_FIELD_MISSING Account__c mapping.objects[3].lookups[2]"}},
		"no right to create": {func(org *sftest.Org, _ *mapping.Section) { org.Forbid("Visit__c", "create") },
			[]string{"error CONNECTION_PERMISSION  "}},
		"a hidden object": {func(org *sftest.Org, _ *mapping.Section) { org.Forbid("Visit__c", "read") },
			[]string{"error MISSING_REMOTE_FIELD  "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, section := scenario.VisitOrg(t), visits()
			row.arrange(org, &section)
			cfg := mappedTo(section)
			cfg.ExternalIDs = map[salesforce.Object]string{}

			report, err := scenario.SyncerOf(t, org, cfg).Preflight(t.Context())

			require.NoError(t, err)
			var got []string
			for _, f := range report.Findings {
				if f.Object == "Visit__c" {
					got = append(got, string(f.Severity)+" "+string(f.Code)+" "+f.Field+" "+f.Path)
					require.NotEmpty(t, f.Fix)
				}
			}
			require.Equal(t, row.want, got)
		})
	}
}
