// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// Before, a rule that is a consent's for the connection's own records alone was none: what
// it wrote was left out after a refusal, and reverted.
func TestARuleForOwnRecordsIsAConsentsToo(t *testing.T) {
	t.Parallel()
	for _, rule := range []mapping.Rule{
		{Source: "custom.x", Field: "HasOptedOutOfEmail", Write: mapping.Raise},
		{Source: "custom.x", Field: "HasOptedOutOfEmail", Write: mapping.WriteIfBlank, Own: mapping.Raise},
		{Source: "custom.x", Field: "HasOptedOutOfEmail", Write: mapping.Never, Own: mapping.Lower},
	} {
		set := mapping.NewSet(mapping.Config{Mapper: &mapping.Mapping{Sections: []mapping.Section{
			{Object: "Lead", Rules: []mapping.Rule{rule}}}}})
		require.Equal(t, []string{"HasOptedOutOfEmail"}, set.Consents("Lead", replaceDescribe()))
		require.False(t, set.MayLeaveOut("Lead", "HasOptedOutOfEmail", false, true))
	}
}

// Where leads say an opt-out or a consent is known without the org.
func TestConsentSourcesAreThoseOfRulesAndAnswers(t *testing.T) {
	t.Parallel()
	words := map[string]string{"keine Werbung": "true"}
	set := mapping.NewSet(mapping.Config{
		Mapper: &mapping.Mapping{Sections: []mapping.Section{{Object: "Lead", Rules: []mapping.Rule{
			{Source: "custom.out", Field: "HasOptedOutOfEmail", Write: mapping.Raise, Values: words},
			{Source: "qualifier.row", Field: "Flag__c", Write: mapping.Never, Own: mapping.Lower},
			{Source: "custom.plain", Field: "DoNotCall"},
			{Source: "jobTitle", Field: "Title"},
			{Field: "Fax__c", Constant: true, Write: mapping.Raise}}}}},
		Qualifiers: []mapping.Qualifier{
			{Name: "call", Fields: map[salesforce.Object]string{"Lead": "DoNotCall"}},
			{Name: "fax", Fields: map[salesforce.Object]string{"Lead": "Fax__c"}, Options: words},
			{Name: "topic", Fields: map[salesforce.Object]string{"Lead": "Topic__c"}}},
		Campaigns: []mapping.CampaignLink{{Fields: []mapping.Rule{
			{Source: "custom.news", Field: "News__c", Write: mapping.Lower}}}}})
	require.ElementsMatch(t, []leadtype.ConsentSource{
		{Source: "custom.out", Keep: true, Values: words},
		{Source: "qualifier.row", Keep: false},
		{Source: "qualifier.call", Keep: true},
		{Source: "qualifier.fax", Keep: true, Values: words},
		{Source: "custom.news", Keep: false},
	}, set.ConsentSources())
}
