// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestValidateSectionsAgainstDescribes(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	org.DefineField("Visit__c", sftest.Field{Name: "Number__c", Type: "double", ExternalID: true})
	org.DefineField("Visit__c", sftest.Field{Name: "Frozen__c", ExternalID: true})
	org.DefineField("Visit__c", sftest.Field{Name: "Locked__c", Type: "reference", ReferenceTo: []string{"Contact"}})
	org.ReadOnlyField("Visit__c", "Frozen__c")
	org.ReadOnlyField("Visit__c", "Locked__c")
	describes := scenario.DescribesOf(t, org, "Visit__c", "Opportunity", "Region__c")
	once, _ := describes["Visit__c"].Field("Lead__c")
	once.Updateable = false // as of a master-detail relationship
	const bad, missing, locked = " DATA_VALUE_VALIDATION", " MISSING_REMOTE_FIELD", " CONNECTION_PERMISSION"
	for name, row := range map[string]struct {
		key     string
		lookups []mapping.Lookup
		rules   []mapping.Rule
		want    []string
	}{
		"nothing": {"visitkey__c", []mapping.Lookup{{Field: "contact__c", To: "person"},
			{Field: "Lead__c", To: "lead", CreateOnly: true}, {Field: "Opportunity__c", To: "Opportunity"}},
			[]mapping.Rule{{Constant: "EU", Field: "Region__c", By: "Region__c.Code__c"}}, nil},
		"a key that is gone":     {"Gone__c", nil, nil, []string{"objects[0].key" + missing}},
		"a key that is none":     {"Booth__c", nil, nil, []string{"objects[0].key" + bad}},
		"a key that is a number": {"Number__c", nil, nil, []string{"objects[0].key" + bad}},
		"a key that is locked":   {"Frozen__c", nil, nil, []string{"objects[0].key" + locked}},
		"lookups": {"VisitKey__c", []mapping.Lookup{{Field: "Gone__c", To: "person"}, {Field: "Notes__c", To: "person"},
			{Field: "Account__c", To: "person"}, {Field: "Contact__c", To: "lead"},
			{Field: "Region__c", To: "Opportunity"}, {Field: "Locked__c", To: "contact"}, {Field: "Lead__c", To: "lead"}}, nil,
			[]string{"objects[0].lookups[0].field" + missing, "objects[0].lookups[1].field" + bad,
				"objects[0].lookups[2].field" + bad, "objects[0].lookups[3].field" + bad,
				"objects[0].lookups[4].field" + bad, "objects[0].lookups[5].field" + locked,
				"objects[0].lookups[6].field" + locked}},
		"references": {"VisitKey__c", nil, []mapping.Rule{{Source: "city", Field: "Region__c", By: "Region__c.Gone__c"},
			{Source: "city", Field: "Account__c", By: "Account.Key__c"},
			{Source: "city", Field: "Notes__c", By: "Region__c.Code__c"},
			{Source: "city", Field: "Opportunity__c", By: "Region__c.Code__c"},
			{Source: "city", Field: "Contact__c", By: "Contact"}},
			[]string{"objects[0].rules[0].by" + missing, "objects[0].rules[1].by" + missing, "objects[0].rules[2].by" + bad,
				"objects[0].rules[3].by" + bad, "objects[0].rules[4].by" + bad}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &mapping.Mapping{Sections: []mapping.Section{{Object: "Visit__c", Key: row.key, Lookups: row.lookups,
				Rules: row.rules}, {Object: "Opportunity", Key: "DealKey__c"}}}
			require.Equal(t, row.want, scenario.IssuePaths(m.Validate(describes)))
		})
	}
}

func TestFormOffersKeysLookupsAndReferences(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	org.DefineField("Visit__c", sftest.Field{Name: "ABadge__c", ExternalID: true})
	org.DefineField("Visit__c", sftest.Field{Name: "Who__c", Type: "reference", ReferenceTo: []string{"Contact", "Lead"}})
	describes := scenario.DescribesOf(t, org, "Lead", "Contact", "Account", "Task", "CampaignMember", "Opportunity",
		"Visit__c", "Region__c")

	form := mapping.NewForm(describes, nil, nil)

	for _, object := range form.Objects {
		switch object.Object {
		case "Visit__c":
			require.Equal(t, []string{"VisitKey__c", "ABadge__c"}, object.Keys, "the unique one first")
			require.ElementsMatch(t, []mapping.Lookup{{Field: "Lead__c", To: "person"}, {Field: "Lead__c", To: "lead"},
				{Field: "Contact__c", To: "person"}, {Field: "Contact__c", To: "contact"},
				{Field: "Who__c", To: "person"}, {Field: "Who__c", To: "lead"}, {Field: "Who__c", To: "contact"},
				{Field: "Account__c", To: "account"},
				{Field: "Opportunity__c", To: "Opportunity"}, {Field: "Region__c", To: "Region__c"}}, object.Lookups)
			for _, field := range object.Fields {
				require.Equal(t, map[string][]string{"Region__c": {"Region__c.Code__c"},
					"Opportunity__c": {"Opportunity.DealKey__c"},
					"Lead__c":        {"Lead.Email"}, "Contact__c": {"Contact.Email"}}[field.Name], field.By, field.Name)
			}
		case "Lead", "Contact", "Account", "Task", "CampaignMember":
			require.Empty(t, object.Keys)
			require.Empty(t, object.Lookups)
		}
		for _, lookup := range object.Lookups { // what is offered is valid
			m := &mapping.Mapping{Sections: []mapping.Section{{Object: object.Object, Key: firstOf(object.Keys),
				Lookups: []mapping.Lookup{lookup}}}}
			if len(object.Keys) > 0 && (lookup.To == "Opportunity" || lookup.To == "Region__c") {
				m.Sections = append(m.Sections, mapping.Section{Object: salesforce.Object(lookup.To),
					Key: map[mapping.LookupTarget]string{"Opportunity": "DealKey__c", "Region__c": "Code__c"}[lookup.To]})
			}
			if len(object.Keys) > 0 {
				require.Empty(t, m.Validate(describes), "%s.%s %s", object.Object, lookup.Field, lookup.To)
			}
		}
	}
}

func TestValidateChecksTheSectionForTasks(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Task", sftest.Field{Name: "Outcome__c", Type: "picklist", Restricted: true,
		Options: []string{"Good"}})
	org.ReadOnlyField("Task", "CallType")
	describes := scenario.DescribesOf(t, org, "Task", "Lead")
	const bad, locked = " DATA_VALUE_VALIDATION", " CONNECTION_PERMISSION"
	for name, row := range map[string]struct {
		section mapping.Section
		want    []string
	}{
		"sources of the activity and the lead": {mapping.Section{Rules: []mapping.Rule{
			{Source: "activity.kind", Field: "Type"}, {Source: "activity.notes", Field: "Description"},
			{Source: "activity.at", Field: "ReminderDateTime"}, {Source: "activity.by", Field: "OwnerId"},
			{Source: "activity.id", Field: "CallObject"}, {Source: "activity.call", Field: "CallDisposition"},
			{Source: "company", Field: "Outcome__c"}}}, nil},
		"a field that is written on create only": {mapping.Section{Rules: []mapping.Rule{
			{Constant: "Task", Field: "TaskSubtype"}}}, nil},
		"another source": {mapping.Section{Rules: []mapping.Rule{{Source: "activity.subject", Field: "Type"}}},
			[]string{"objects[0].rules[0].source" + bad}},
		"what the activity fills": {mapping.Section{Rules: []mapping.Rule{
			{Source: "activity.kind", Field: "subject"}, {Constant: "x", Field: "WhoId"}}},
			[]string{"objects[0].rules[0].field" + bad, "objects[0].rules[1].field" + bad,
				"objects[0].rules[1].constant" + bad}},
		"an option that is none": {mapping.Section{Rules: []mapping.Rule{{Constant: "Bad", Field: "Outcome__c"}}},
			[]string{"objects[0].rules[0].constant" + bad}},
		"a locked field": {mapping.Section{Rules: []mapping.Rule{{Constant: "Inbound", Field: "CallType"}}},
			[]string{"objects[0].rules[0].field" + locked}},
		"a key": {mapping.Section{Key: "Key__c"}, []string{"objects[0].key" + bad}},
		"a lookup": {mapping.Section{Lookups: []mapping.Lookup{{Field: "WhatId", To: "account"}}},
			[]string{"objects[0].lookups" + bad}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.section.Object = "Task"
			m := &mapping.Mapping{Sections: []mapping.Section{row.section}}
			require.Equal(t, row.want, scenario.IssuePaths(m.Validate(describes)))
		})
	}
	lead := &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead",
		Rules: []mapping.Rule{{Source: "activity.notes", Field: "Description"}}}}}
	require.Equal(t, []string{"objects[0].rules[0].source" + bad}, scenario.IssuePaths(lead.Validate(describes)),
		"a Lead is of no one activity")
}
