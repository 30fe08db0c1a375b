// SPDX-License-Identifier: Apache-2.0

package check

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// Preflight notices when the org's schema has changed since the last time.
func TestPreflightSaysWhatChangedInTheOrg(t *testing.T) {
	t.Parallel()
	tier := func(o *orgtest.Org) *salesforce.Field {
		f := o.Field("Lead", "Tier__c")
		f.Type, f.RestrictedPicklist, f.PicklistValues = salesforce.TypePicklist, true, orgtest.PicklistOf("Gold", "Silver")
		return f
	}
	for name, tc := range map[string]struct {
		change func(*orgtest.Org)
		want   []string // severity object.field: reason
	}{
		"nothing": {func(*orgtest.Org) {}, nil},
		"a field is gone": {func(o *orgtest.Org) {
			drop(o, "Tier__c")
		}, []string{"warning Lead.Tier__c: the field was deleted or is hidden from the connected user"}},
		"an object is gone": {func(o *orgtest.Org) {
			delete(o.Describes, "Contact")
		}, []string{"warning Contact.: the object was deleted or is hidden from the connected user"}},
		"another type": {func(o *orgtest.Org) {
			tier(o).Type = salesforce.TypeString
		}, []string{"warning Lead.Tier__c: type string, was picklist"}},
		"shorter": {func(o *orgtest.Org) {
			o.Field("Lead", "Company").Length = 80
		}, []string{"warning Lead.Company: length 80, was 255"}},
		"longer": {func(o *orgtest.Org) {
			o.Field("Lead", "Company").Length = 300
		}, []string{"info Lead.Company: length 300, was 255"}},
		"options": {func(o *orgtest.Org) {
			tier(o).PicklistValues = orgtest.PicklistOf("Gold", "Tin")
		}, []string{`warning Lead.Tier__c: options removed: "Silver"; options added: "Tin"`}},
		"an option retired": {func(o *orgtest.Org) {
			tier(o).PicklistValues[1].Active = false
		}, []string{`warning Lead.Tier__c: options removed: "Silver"`}},
		"a new option": {func(o *orgtest.Org) {
			tier(o).PicklistValues = orgtest.PicklistOf("Gold", "Silver", "Tin")
		}, []string{`info Lead.Tier__c: options added: "Tin"`}},
		"the restriction": {func(o *orgtest.Org) {
			tier(o).RestrictedPicklist = false
		}, []string{"info Lead.Tier__c: no longer restricted to its options"}},
		"a controller": {func(o *orgtest.Org) {
			tier(o).ControllerName = "Company"
		}, []string{"warning Lead.Tier__c: the controlling field changed"}},
		"required": {func(o *orgtest.Org) {
			tier(o).Nillable = false
		}, []string{"warning Lead.Tier__c: now required"}},
		"required, unmapped": {func(o *orgtest.Org) {
			o.Field("Lead", "Region__c").Nillable = false
		}, []string{"warning Lead.Region__c: now required"}},
		"read-only": {func(o *orgtest.Org) {
			tier(o).Createable, tier(o).Updateable = false, false
		}, []string{"warning Lead.Tier__c: now read-only"}},
		"on create only": {func(o *orgtest.Org) {
			tier(o).Updateable = false
		}, []string{"warning Lead.Tier__c: now writable on create only"}},
		"unique": {func(o *orgtest.Org) {
			tier(o).Unique = true
		}, []string{"warning Lead.Tier__c: now unique"}},
		"what it refers to": {func(o *orgtest.Org) {
			tier(o).ReferenceTo = []salesforce.Object{"User"}
		}, []string{"warning Lead.Tier__c: now refers to [User]"}},
		"an unused field": {func(o *orgtest.Org) { o.Field("Lead", "Unused__c") }, nil},
		"a task's field": {func(o *orgtest.Org) {
			o.Field("Task", "Description").Length = 100
		}, []string{"warning Task.Description: length 100, was 255"}},
		"a record type gone": {func(o *orgtest.Org) {
			o.Describes["Lead"].RecordTypes = recordTypes("Partner")
		}, []string{`warning Lead.RecordTypeId: record types removed: "Customer"`}},
		"a new record type": {func(o *orgtest.Org) {
			o.Describes["Lead"].RecordTypes = recordTypes("Partner", "Customer", "Press")
		}, []string{`info Lead.RecordTypeId: record types added: "Press"`}},
		"a record type kept from us": {func(o *orgtest.Org) {
			o.Describes["Lead"].RecordTypes[1].Available = false
		}, []string{`warning Lead.RecordTypeId: record types removed: "Customer"`}},
		"another record type for new records": {func(o *orgtest.Org) {
			types := o.Describes["Lead"].RecordTypes
			types[0].Default, types[1].Default = false, true
		}, []string{"warning Lead.RecordTypeId: new records get the record type Customer, was Partner"}},
		"record types of an unused object": {func(o *orgtest.Org) {
			o.Describes["Account"].RecordTypes = recordTypes("X")
		}, nil},
		"a status gone": {func(o *orgtest.Org) { o.Rows["CampaignMemberStatus"] = o.Rows["CampaignMemberStatus"][1:] },
			[]string{`warning CampaignMember.Status: campaign 701000000000001AAA: statuses removed: "Responded"`}},
		"a new status": {func(o *orgtest.Org) {
			o.Rows["CampaignMemberStatus"] = append(o.Rows["CampaignMemberStatus"],
				salesforce.Fields{"CampaignId": string(orgtest.CampaignID), "Label": "Met", "SortOrder": int64(30)})
		}, []string{`info CampaignMember.Status: campaign 701000000000001AAA: statuses added: "Met"`}},
		"another default status": {func(o *orgtest.Org) {
			o.Rows["CampaignMemberStatus"][0]["IsDefault"], o.Rows["CampaignMemberStatus"][1]["IsDefault"] = true, false
		}, []string{"warning CampaignMember.Status: campaign 701000000000001AAA: the default is Responded, was Sent"}},
		"a member's field": {func(o *orgtest.Org) {
			o.Field("CampaignMember", "Status").Length = 10
		}, []string{"warning CampaignMember.Status: length 10, was 255"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := plainSetup()
			cfg.Mapper = fieldMapper{"Lead": {"LastName", "Company", "Email", "tier__c"}, "Contact": {"LastName"}}
			newOrg := func() *orgtest.Org {
				o := orgtest.New()
				tier(o)
				o.Describes["Lead"].RecordTypes = recordTypes("Partner", "Customer")
				return o
			}
			first, err := cfg.check(t.Context(), newOrg())
			require.NoError(t, err)
			kept, err := json.Marshal(first.Schema)
			require.NoError(t, err)

			cfg.last = new(preflight.Schema)
			require.NoError(t, json.Unmarshal(kept, cfg.last))
			org := newOrg()
			tc.change(org)
			report, err := cfg.check(t.Context(), org)
			require.NoError(t, err)
			require.Equal(t, tc.want, changesIn(report))
			require.Equal(t, tc.want == nil, first.Schema.Fingerprint() == report.Schema.Fingerprint())

			cfg.last = report.Schema
			report, err = cfg.check(t.Context(), org)
			require.NoError(t, err)
			require.Empty(t, changesIn(report), "what was said once is not said again")
		})
	}
}

// recordTypes are those of an object, the first for new records, beside the master.
func recordTypes(names ...string) []salesforce.RecordType {
	types := []salesforce.RecordType{}
	for i, name := range names {
		types = append(types, salesforce.RecordType{DeveloperName: name, Active: true, Available: true, Default: i == 0})
	}
	return append(types, salesforce.RecordType{DeveloperName: "Master", Active: true, Available: true, Master: true})
}

// changesIn returns the findings about changes, as severity object.field: what.
func changesIn(report *preflight.Report) []string {
	const since = "changed since the last preflight: "
	var got []string
	for _, f := range report.Findings {
		if what, ok := strings.CutPrefix(f.Reason, since); ok {
			got = append(got, string(f.Severity)+" "+string(f.Object)+"."+f.Field+": "+what)
		}
	}
	return got
}

func drop(o *orgtest.Org, field string) {
	d := o.Describes["Lead"]
	d.Fields = slices.DeleteFunc(d.Fields, func(f salesforce.Field) bool { return f.Name == field })
}

func TestPreflightComparesNothingWithAnotherOrgOrAnotherForm(t *testing.T) {
	t.Parallel()
	report, err := plainSetup().check(t.Context(), orgtest.New())
	require.NoError(t, err)
	for name, edit := range map[string]func(*org.Snapshot){
		"another org":  func(s *org.Snapshot) { s.Org = "00D000000000002AAA" },
		"another form": func(s *org.Snapshot) { s.Version = 9 },
	} {
		last := snapshotIn(report.Schema)
		edit(last)
		cfg := plainSetup()
		cfg.last = schemaOf(last)
		org := orgtest.New()
		drop(org, "Company")
		found, err := cfg.check(t.Context(), org)
		require.NoError(t, err)
		require.Empty(t, changesIn(found), name)
	}
}

func TestSnapshotHoldsTheKeyAndTheLookupsOfOtherObjects(t *testing.T) {
	t.Parallel()
	org, cfg := orgtest.New(), plainSetup()
	org.Describes["Visit__c"] = orgtest.Writable("Visit__c", "Key__c", "Contact__c", "Notes__c", "Unused__c")
	cfg.Mapper = &mapping.Mapping{Sections: []mapping.Section{{Object: "Visit__c", Key: "Key__c",
		Lookups: []mapping.Lookup{{Field: "Contact__c", To: "person"}},
		Rules:   []mapping.Rule{{Source: "notes", Field: "Notes__c"}}}}}
	report, err := cfg.check(t.Context(), org)
	require.NoError(t, err)
	var names []string
	for _, f := range snapshotIn(report.Schema).Object("visit__c").Fields {
		names = append(names, f.Name)
	}
	require.Equal(t, []string{"Contact__c", "Key__c", "Notes__c"}, names)
}

// Preflight notices what changed also of the key by which Rule.By names a
// record of another object.
func TestPreflightSaysWhatChangedOfTheKeyOfAReference(t *testing.T) {
	t.Parallel()
	newOrg := func() *orgtest.Org {
		o := orgtest.New()
		o.Describes["Region__c"] = orgtest.Writable("Region__c", "Code__c", "Unused__c")
		o.Describes["Region__c"].RecordTypes = recordTypes("Partner")
		o.Field("Region__c", "Code__c").ExternalID = true
		field := o.Field("Lead", "Region__c")
		field.Type, field.ReferenceTo, field.RelationshipName = salesforce.TypeReference,
			[]salesforce.Object{"Region__c"}, "Region__r"
		return o
	}
	for name, tc := range map[string]struct {
		change func(*orgtest.Org)
		want   []string
	}{
		"nothing": {func(*orgtest.Org) {}, nil},
		"shorter": {func(o *orgtest.Org) {
			o.Field("Region__c", "Code__c").Length = 3
		}, []string{"warning Region__c.Code__c: length 3, was 255"}},
		"no External ID": {func(o *orgtest.Org) {
			o.Field("Region__c", "Code__c").ExternalID = false
		}, []string{"warning Region__c.Code__c: no longer an External ID"}},
		"gone": {func(o *orgtest.Org) {
			delete(o.Describes, "Region__c")
		}, []string{"warning Region__c.: the object was deleted or is hidden from the connected user"}},
		"what no row names": {func(o *orgtest.Org) { o.Field("Region__c", "Unused__c").Length = 3 }, nil},
		"its record types":  {func(o *orgtest.Org) { o.Describes["Region__c"].RecordTypes = recordTypes("Other") }, nil},
		"what it requires":  {func(o *orgtest.Org) { o.Field("Region__c", "Unused__c").Nillable = false }, nil},
	} {
		cfg := plainSetup()
		cfg.Mapper = &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead",
			Rules: []mapping.Rule{{Source: "country", Field: "Region__c", By: "Region__c.code__C"}}}}}
		first, err := cfg.check(t.Context(), newOrg())
		require.NoError(t, err)
		cfg.last = first.Schema
		org := newOrg()
		tc.change(org)
		report, err := cfg.check(t.Context(), org)
		require.NoError(t, err)
		require.Equal(t, tc.want, changesIn(report), name)
	}
}
