// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// regionOrg is an org whose people and members are in regions, which have a code
// as key; EU and US exist.
func regionOrg(t testing.TB) (org *sftest.Org, eu, us string) {
	org = scenario.VisitOrg(t)
	for _, object := range []string{"Lead", "CampaignMember"} {
		org.DefineField(object, sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}})
	}
	eu = org.Insert("Region__c", map[string]any{"Name": "Europe", "Code__c": "EU"})
	us = org.Insert("Region__c", map[string]any{"Name": "States", "Code__c": "US"})
	return org, eu, us
}

func inRegion(code string) *leadsync.Lead {
	lead := scenario.Ada()
	lead.Custom = map[string]any{"region": code}
	return lead
}

func byCode(write mapping.WriteRule) leadsync.Rule {
	return leadsync.Rule{Source: "custom.region", Field: "Region__c", By: "Region__c.Code__c", Write: write}
}

func onLead(rules ...leadsync.Rule) *leadsync.Config {
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules, rules...)
	return &leadsync.Config{Mapper: m}
}

// Reference, also by external id.
func TestReferenceIsWrittenByTheKeyOfWhatItRefersTo(t *testing.T) {
	t.Parallel()
	org, eu, us := regionOrg(t)
	campaign := scenario.Expo(org)
	cfg := mappedTo(visits(byCode("")))
	cfg.Mapper.(*leadsync.Mapping).Sections[0].Rules = append(cfg.Mapper.(*leadsync.Mapping).Sections[0].Rules, byCode(""))
	cfg.Campaigns = []leadsync.CampaignLink{{CampaignID: campaign, Fields: []leadsync.Rule{byCode("")}}}
	syncer := scenario.SyncerOf(t, org, cfg)
	objects := []string{"Lead", "Visit__c", "CampaignMember"}

	scenario.SyncOne(t, syncer, inRegion("EU"))

	for _, object := range objects {
		require.Equal(t, eu, org.Rows(object)[0]["Region__c"], object)
	}
	org.ResetLog()
	scenario.SyncOne(t, syncer, inRegion("eu"))
	require.Zero(t, scenario.WritesOf(org), "it is compared as the org compares it, by what the record refers to")

	plan, err := syncer.Plan(t.Context(), inRegion("US"))
	require.NoError(t, err)
	require.Contains(t, plan.Changes[0].Fields, leadtype.FieldChange{Field: "Region__c", By: "Region__r.Code__c",
		Before: "EU", BeforeID: salesforce.ID(eu), After: "US", Reason: "overwrite from custom.region"})
	require.Contains(t, plan.String(), "Region__r.Code__c: EU -> US")
	outcomes, err := syncer.Apply(t.Context(), plan)
	require.NoError(t, err)
	for _, object := range objects {
		require.Equal(t, us, org.Rows(object)[0]["Region__c"], object)
	}

	org.Update("Visit__c", org.Rows("Visit__c")[0]["Id"].(string), map[string]any{"Region__c": eu})
	report := revertAll(t, syncer, kept(t, outcomes), revert.Options{})
	require.Equal(t, eu, org.Rows("Lead")[0]["Region__c"])
	require.Len(t, report.Restored, 2)
	require.Empty(t, report.Left, "what was restored by hand needs nothing")
	org.ResetLog()
	require.Empty(t, revertAll(t, syncer, outcomes, revert.Options{}).Restored)
	require.Zero(t, scenario.WritesOf(org))
}

func TestRevertOfAReferenceKnowsWhatItReferredToById(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before string // code of the region, "-" for none
		then   string // what a user does
		left   bool
	}{
		"no region":             {before: "-"},
		"a region without code": {before: ""},
		"another region":        {before: "US"},
		"a user has changed it": {before: "US", then: "DE", left: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, _, us := regionOrg(t)
			regions := map[string]any{"-": nil, "US": us, "": org.Insert("Region__c", map[string]any{"Name": "Nameless"}),
				"DE": org.Insert("Region__c", map[string]any{"Name": "Germany", "Code__c": "DE"})}
			lead := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C", "Email": "ada@analytical.example",
				"Region__c": regions[row.before]})
			syncer := scenario.SyncerOf(t, org, onLead(byCode("")))
			outcomes := syncAll(t, syncer, inRegion("EU"))
			want := regions[row.before]
			if row.then != "" {
				want = regions[row.then]
				org.Update("Lead", lead, map[string]any{"Region__c": want})
			}
			report := revertAll(t, syncer, outcomes, revert.Options{})
			require.Equal(t, want, org.Row("Lead", lead)["Region__c"])
			require.Equal(t, row.left, len(report.Left) > 0)
		})
	}
}

func TestReferenceByKeyKeepsTheWriteRules(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		rule        leadsync.Rule
		before, say string // codes; "-" for no region
		want        string
	}{
		"overwrite":                {byCode(""), "US", "EU", "EU"},
		"blank clears nothing":     {byCode(""), "US", "", "US"},
		"blank, clear":             {byCode(mapping.Clear), "US", "", "-"},
		"write if blank, it is":    {byCode(mapping.WriteIfBlank), "-", "EU", "EU"},
		"write if blank, it isn't": {byCode(mapping.WriteIfBlank), "US", "EU", "US"},
		"a region without a code":  {byCode(mapping.WriteIfBlank), "?", "EU", "?"},
		"never":                    {byCode(mapping.Never), "-", "EU", "-"},
		"on create only": {leadsync.Rule{Source: "custom.region", Field: "Region__c", By: "Region__c.Code__c",
			CreateOnly: true}, "-", "EU", "-"},
		"a default": {leadsync.Rule{Source: "custom.region", Field: "Region__c", By: "region__C.code__C", Default: "EU"},
			"-", "", "EU"},
		"a constant": {leadsync.Rule{Constant: "EU", Field: "region__c", By: "Region__c.Code__c"}, "-", "", "EU"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, eu, us := regionOrg(t)
			regions := map[string]any{"-": nil, "EU": eu, "US": us,
				"?": org.Insert("Region__c", map[string]any{"Name": "Nameless"})}
			lead := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C", "Email": "ada@analytical.example",
				"Region__c": regions[row.before]})
			syncer := scenario.SyncerOf(t, org, onLead(row.rule))
			scenario.SyncOne(t, syncer, inRegion(row.say))
			require.Equal(t, regions[row.want], org.Row("Lead", lead)["Region__c"])
			org.ResetLog()
			scenario.SyncOne(t, syncer, inRegion(row.say))
			require.Zero(t, scenario.WritesOf(org))
		})
	}
}

func TestReferencesOfLeadsThatShareARecordAreComposed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		write               mapping.WriteRule
		before              string
		first, second, want string
	}{
		"the last one's":                      {"", "", "EU", "US", "US"},
		"the last one's, which is there":      {"", "US", "EU", "us", "US"},
		"the first one's":                     {mapping.WriteIfBlank, "", "EU", "US", "EU"},
		"a blank after it clears it":          {mapping.Clear, "US", "EU", "", ""},
		"what is there, after a blank":        {mapping.Clear, "US", "", "US", "US"},
		"another one, after a blank":          {mapping.Clear, "US", "", "EU", "EU"},
		"the same twice, and nothing differs": {"", "US", "us", "US", "US"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, eu, us := regionOrg(t)
			regions := map[string]any{"EU": eu, "US": us}
			lead := org.Insert("Lead", map[string]any{"FirstName": "Ada", "LastName": "Lovelace",
				"Company": "Analytical Engines Ltd", "Email": "ada@analytical.example", "Region__c": regions[row.before]})
			first, second := inRegion(row.first), inRegion(row.second)
			second.ID = "L2"
			syncer := scenario.SyncerOf(t, org, onLead(byCode(row.write)))
			syncAll(t, syncer, first, second)
			require.Equal(t, regions[row.want], org.Row("Lead", lead)["Region__c"])
			require.Equal(t, btoi(row.before != row.want), scenario.WritesOf(org))
		})
	}
}

func TestReferenceByAKeyThatNothingHasFailsTheLead(t *testing.T) {
	t.Parallel()
	org, _, _ := regionOrg(t)
	outcomes, err := scenario.SyncerOf(t, org, onLead(byCode(""))).Sync(t.Context(), inRegion("Atlantis"))
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.Equal(t, []string{"Region__c"}, outcomes[0].Err.Fields)
	require.NotContains(t, outcomes[0].Err.Error(), "Atlantis")
}

func TestReferenceByKeyIsRefusedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		rule    leadsync.Rule
		arrange func(*sftest.Org)
		code    leadsync.Code
	}{
		"a hidden object": {byCode(""), func(org *sftest.Org) {
			org.Forbid("Region__c", "read")
		}, leadsync.MissingRemoteField},
		"a hidden key": {byCode(""), func(org *sftest.Org) {
			org.HideField("Region__c", "Code__c")
		}, leadsync.MissingRemoteField},
		"a field that is no key": {leadsync.Rule{Source: "custom.region", Field: "Region__c", By: "Region__c.Name"}, nil,
			leadsync.DataValueValidation},
		"another object": {leadsync.Rule{Source: "custom.region", Field: "Region__c", By: "Account.Name"}, nil,
			leadsync.DataValueValidation},
		"several objects": {leadsync.Rule{Source: "custom.region", Field: "Either__c", By: "Region__c.Code__c"},
			func(org *sftest.Org) {
				org.DefineField("Lead",
					sftest.Field{Name: "Either__c", Type: "reference", ReferenceTo: []string{"Region__c", "Account"}})
			}, leadsync.DataValueValidation},
		"no reference": {leadsync.Rule{Source: "custom.region", Field: "Fax", By: "Region__c.Code__c"}, nil,
			leadsync.DataValueValidation},
		"a value that is too long": {byCode(""), func(org *sftest.Org) {
			org.DefineField("Region__c", sftest.Field{Name: "Code__c", ExternalID: true, Length: 1})
		}, leadsync.DataValueValidation},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, _, _ := regionOrg(t)
			if row.arrange != nil {
				row.arrange(org)
			}
			_, err := scenario.SyncerOf(t, org, onLead(row.rule)).Sync(t.Context(), inRegion("EU"))
			require.ErrorIs(t, err, row.code)
			require.Zero(t, scenario.WritesOf(org))

			cfg := onLead(row.rule)
			cfg.Mapper.(*leadsync.Mapping).Missing = mapping.Skip
			if row.code == leadsync.MissingRemoteField {
				out := scenario.SyncOne(t, scenario.SyncerOf(t, org, cfg), inRegion("EU"))
				require.Len(t, out.Warnings, 1)
			}
		})
	}
}

func TestReferenceOfTheContactThatALeadBecameIsCompared(t *testing.T) {
	t.Parallel()
	org, eu, _ := regionOrg(t)
	org.DefineField("Contact", sftest.Field{Name: "Region__c", Type: "reference", ReferenceTo: []string{"Region__c"}})
	m := leadsync.DefaultMapping()
	m.Sections[1].Rules = append(m.Sections[1].Rules, byCode(""))
	contact, _ := org.Convert(scenario.InsertLead(org, "Lovelace", "ada@analytical.example"))
	org.Update("Contact", contact, map[string]any{"Email": "new@analytical.example", "FirstName": "Ada", "Region__c": eu})

	out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}), inRegion("EU"))

	require.Equal(t, contact, string(out.ID))
	require.Zero(t, scenario.WritesOf(org))
}

// A value that cannot be converted is refused before any call: so is the id of
// another object, where its prefix shows it, and of a record type that the user may
// not assign. Preflight finds it in constants.
func TestIDOfAnotherObjectIsRefusedBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	const another = "is not the id of a "
	for name, row := range map[string]struct {
		field, id, reason string // the reason is empty where the org decides
	}{
		"a Contact for a region":          {"Region__c", "003000000000001AAA", another + "Region__c"},
		"a custom record for a region":    {"Region__c", "a0V000000000001AAA", another + "Region__c"},
		"a region":                        {"Region__c", "region", ""},
		"a Contact for an owner":          {"OwnerId", "003000000000001AAA", another + "Group or User"},
		"an account for an unseen object": {"Unseen__c", "001000000000001AAA", another + "Unseen__c"},
		"a record of an unseen object":    {"Unseen__c", "a0U000000000001AAA", ""},
		"a record type":                   {"RecordTypeId", "partner", ""},
		"an unavailable record type": {"RecordTypeId", "retired",
			"is a record type that is not active, or that the connected user may not assign"},
		"a record type of nothing": {"RecordTypeId", "012000000000001AAA", "is not a record type of the object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, eu, _ := regionOrg(t)
			org.DefineObject("Unseen__c", "a0U")
			org.DefineField("Lead", sftest.Field{Name: "Unseen__c", Type: "reference", ReferenceTo: []string{"Unseen__c"}})
			ids := map[string]string{"region": eu, "partner": org.DefineRecordType("Lead", sftest.RecordType{Name: "Partner"}),
				"retired": org.DefineRecordType("Lead", sftest.RecordType{Name: "Retired", Unavailable: true})}
			id := row.id
			if ids[id] != "" {
				id = ids[id]
			}
			cfg := onLead(leadsync.Rule{Constant: "EU", Field: "Rating"})
			section := &cfg.Mapper.(*leadsync.Mapping).Sections[0]
			section.Rules = slices.DeleteFunc(section.Rules, func(r leadsync.Rule) bool { return r.Field == row.field })
			section.Rules = append(section.Rules, leadsync.Rule{Constant: id, Field: row.field})
			cfg.Mapper.(*leadsync.Mapping).Sections = append(cfg.Mapper.(*leadsync.Mapping).Sections, visits(byCode("")))
			syncer := scenario.SyncerOf(t, org, cfg)

			report, err := syncer.Preflight(t.Context())
			require.NoError(t, err)
			outcomes, err := syncer.Sync(t.Context(), scenario.Ada())

			if row.reason == "" {
				require.True(t, report.OK(), report.Findings)
				if err != nil {
					require.ErrorIs(t, err, leadsync.StaleRemoteRecord, "the org looked for it")
				}
				return
			}
			code := leadsync.DataValueValidation
			if row.id == "retired" {
				code = leadsync.ConnectionPermission
			}
			require.False(t, report.OK())
			require.Equal(t, code, report.Findings[0].Code)
			require.Equal(t, row.reason, report.Findings[0].Reason)
			require.Contains(t, report.Findings[0].Path, ".constant")
			require.ErrorIs(t, err, code)
			require.Equal(t, row.reason, outcomes[0].Err.Reason)
			require.Equal(t, []string{row.field}, outcomes[0].Err.Fields)
			require.Zero(t, scenario.WritesOf(org))
		})
	}
}

func TestIDThatTheRecordHoldsAlreadyIsLeftAlone(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	retired := org.DefineRecordType("Lead", sftest.RecordType{Name: "Retired", Unavailable: true})
	org.Insert("Lead", map[string]any{"LastName": "Lovelace", "Company": "Engines", "Email": scenario.Ada().Email,
		"RecordTypeId": retired})
	lead := scenario.Ada()
	lead.Custom = map[string]any{"type": retired}
	scenario.SyncOne(t, scenario.SyncerOf(t, org,
		onLead(leadsync.Rule{Source: "custom.type", Field: "RecordTypeId"})), lead)
}

// A member's values are held against ids and dependent picklists as others are.
func TestMemberFieldsAreCheckedBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	org, _, _ := regionOrg(t)
	link := leadsync.CampaignLink{CampaignID: scenario.Expo(org),
		Fields: []leadsync.Rule{{Source: "custom.region", Field: "Region__c"}}}
	outcomes, err := scenario.SyncerOf(t, org, &leadsync.Config{Campaigns: []leadsync.CampaignLink{link}}).
		Sync(t.Context(), inRegion("003000000000001AAA"))
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	require.Equal(t, salesforce.ObjectCampaignMember, outcomes[0].Err.Object)
	require.Equal(t, 1, org.Count("Lead"))
	require.Zero(t, org.Count("CampaignMember"))
}
