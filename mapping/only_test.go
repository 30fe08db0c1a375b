// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A hostMapper wants the same of every record.
type hostMapper salesforce.Fields

func (hostMapper) Objects() []salesforce.Object { return []salesforce.Object{salesforce.ObjectLead} }

func (hostMapper) Fields(salesforce.Object) []string { return nil }

func (m hostMapper) Map(*leadtype.Lead, mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	return salesforce.Fields(m), nil, nil
}

// What is wrong with fields that nobody looks for fails nothing, wherever it is found; what
// is wrong with the others does.
func TestOnlyFaultsOfTheFieldsLookedForCount(t *testing.T) {
	t.Parallel()
	field := func(name, controller string) salesforce.Field {
		return salesforce.Field{Name: name, Type: salesforce.TypePicklist, Createable: true, Updateable: true,
			RestrictedPicklist: true, DependentPicklist: controller != "", ControllerName: controller,
			PicklistValues: orgtest.PicklistOf("Gold")}
	}
	describe := &salesforce.Describe{Name: salesforce.ObjectLead, Fields: []salesforce.Field{
		{Name: "Title", Type: salesforce.TypeString, Length: 80, Createable: true, Updateable: true},
		field("Tier__c", ""), field("Rank__c", "Tier__c"),
		{Name: "OwnerId", Type: salesforce.TypeReference, ReferenceTo: []salesforce.Object{"User"}, Createable: true,
			Updateable: true}}}
	rules := func(rules ...mapping.Rule) mapping.Config {
		rules = append(rules, mapping.Rule{Constant: "Mgr", Field: "Title"})
		return mapping.Config{Mapper: &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: rules}}}}
	}
	answered := rules()
	answered.Qualifiers = []mapping.Qualifier{{Name: "Q", Type: mapping.QualifierPicklist,
		Fields:  map[salesforce.Object]string{salesforce.ObjectLead: "Tier__c"},
		Options: map[string]string{"top": "Silver"}}}
	owned := rules(mapping.Rule{Constant: "nobody@example.com", Field: "OwnerId"})
	owned.Owners = leadtype.HoldOwner
	for name, tc := range map[string]struct {
		cfg   mapping.Config
		fault string // of which field
		named string // what the failure names, "" for that field
	}{
		"a rule":              {rules(mapping.Rule{Constant: "Silver", Field: "Tier__c"}), "Tier__c", ""},
		"a dependent option":  {rules(mapping.Rule{Constant: "Gold", Field: "Rank__c"}), "Rank__c", ""},
		"an answer":           {answered, "Tier__c", "qualifier.Q"},
		"an owner":            {owned, "OwnerId", ""},
		"a host's value":      {mapping.Config{Mapper: hostMapper{"Title": "Mgr", "Tier__c": "Silver"}}, "Tier__c", ""},
		"a host's field":      {mapping.Config{Mapper: hostMapper{"Title": "Mgr", "Gone__c": "x"}}, "Gone__c", ""},
		"a host's dependency": {mapping.Config{Mapper: hostMapper{"Title": "Mgr", "Rank__c": "Gold"}}, "Rank__c", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := mapping.NewSet(tc.cfg)
			lead := &leadtype.Lead{ID: "L1", Answers: map[string][]string{"Q": {"top"}}}
			target := mapping.Target{Object: salesforce.ObjectLead, Describe: describe, User: onlyRep,
				Record: &salesforce.Record{ID: "00Qak00000696HFEAY", Fields: salesforce.Fields{"Title": "Intern",
					"Tier__c": nil, "Rank__c": nil}}}
			wanted := func(only ...string) mapping.Mapped {
				target.Only = only
				return set.Compose(lead, target, set.MapRecord(lead, target))
			}
			for _, only := range [][]string{nil, {tc.fault}, {"Title", tc.fault}} {
				m := wanted(only...)
				require.NotNil(t, m.Err, "only %v", only)
				require.Equal(t, []string{cmp.Or(tc.named, tc.fault)}, m.Err.Fields)
			}
			m := wanted("title")
			require.Nil(t, m.Err, "%v", m.Err)
			require.Equal(t, "Mgr", m.Fields["Title"])
			require.Nil(t, m.Fields[tc.fault])
		})
	}
}
