// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// Which of two captures counts, when the first said a yes or a no that a consent keeps. Before,
// each case that takes the second kept the first: an opt-out was dropped, and so were newer
// answers to questions that ask for no consent.
func TestWhatACaptureSaysOfAConsent(t *testing.T) {
	t.Parallel()
	not := func(v any) (any, error) { return v != "yes", nil }
	row := func(field string, write mapping.WriteRule, transforms ...string) mapping.Rule {
		return mapping.Rule{Source: "custom.x", Field: field, Write: write, Transforms: transforms}
	}
	const news = "Newsletter_Opt_In__c"
	say := func(source, field string, write mapping.WriteRule) mapping.Rule {
		return mapping.Rule{Source: source, Field: field, Write: write}
	}
	type rules = []mapping.Rule
	raised, own := say("custom.y", "Out__c", mapping.Raise), say("custom.x", "Out__c", mapping.Overwrite)
	own.Own = mapping.Raise
	overwritten := row(news, mapping.Overwrite)
	date := say("custom.at", "Newsletter_Opt_In_Date__c", "")
	none, yesNo := mapping.Qualifier{}, mapping.Qualifier{Type: mapping.QualifierBoolean}
	archived := mapping.Qualifier{Type: mapping.QualifierBoolean, Archived: true}
	number, text := mapping.Qualifier{Type: mapping.QualifierNumber}, mapping.Qualifier{Type: mapping.QualifierText}
	picks := mapping.Qualifier{Options: map[string]string{"no": "No", "yes": "Yes"}}
	box := mapping.Qualifier{Options: map[string]string{"no": "false", "yes": "true"}}
	for name, c := range map[string]struct {
		rules         rules
		q             mapping.Qualifier
		field         string // that the qualifier fills
		first, second string
		kept          bool
	}{
		"a row":                  {rules{row("Out__c", mapping.Raise)}, none, "", "yes", "no", true},
		"a row that trims":       {rules{row("Out__c", mapping.Raise, "trim", "lower")}, none, "", "yes", "no", true},
		"a row that turns round": {rules{row("Out__c", mapping.Raise, "not")}, none, "", "yes", "no", false},
		"a host's own transform": {rules{row("Out__c", mapping.Raise, "upper")}, none, "", "yes", "no", false},
		"a row for own records":  {rules{own}, none, "", "yes", "no", true},
		"an open picklist":       {nil, none, "Newsletter_Frequency__c", "No", "Weekly", false},
		"a mapped picklist":      {nil, picks, "Newsletter__c", "no", "yes", false},
		"a number":               {nil, number, "Subscription_Count__c", "0", "5", false},
		"a text":                 {nil, text, "Consent_Text__c", "no", "by phone", false},
		"an archived question":   {nil, archived, news, "no", "yes", false},
		"a question":             {nil, yesNo, news, "no", "yes", true},
		"options of a checkbox":  {nil, box, news, "no", "yes", true},
		"a standard field":       {nil, none, "DoNotCall", "yes", "no", true},
		"a question with a row":  {rules{raised}, none, "Out__c", "yes", "no", true},
		"a dated consent":        {rules{overwritten, date}, yesNo, news, "no", "yes", false},
		"another date":           {rules{overwritten, say("custom.at", "Birthdate__c", "")}, yesNo, news, "no", "yes", true},
		"a constant beside it": {rules{overwritten, {Constant: "fair", Field: "Newsletter_Opt_In_At__c"}}, yesNo, news,
			"no", "yes", true},
		"not explicit": {rules{row(news, ""), date}, yesNo, news, "no", "yes", true},
	} {
		cfg := mapping.Config{
			Transforms: map[string]mapping.TransformFunc{"not": not, "upper": not},
			Mapper:     &mapping.Mapping{Sections: []mapping.Section{{Object: salesforce.ObjectLead, Rules: c.rules}}}}
		capture := func(text string) *leadtype.Lead { return &leadtype.Lead{Custom: map[string]any{"x": text}} }
		if c.field != "" {
			c.q.Name, c.q.Fields = "x", map[salesforce.Object]string{salesforce.ObjectLead: c.field}
			cfg.Qualifiers = []mapping.Qualifier{c.q}
			capture = func(text string) *leadtype.Lead { return &leadtype.Lead{Answers: map[string][]string{"x": {text}}} }
		}
		first, second := capture(c.first), capture(c.second)
		want := second
		if c.kept {
			want = first
		}
		got := leadtype.KeepConsents(second, mapping.NewSet(cfg).ConsentSources(), second, first)
		require.Equal(t, want, got, name)
	}
}
