// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// What an administrator can get wrong is found before going live, with its place
// in the settings, and has the same code when leads are synced all the same.
func TestBadSettingsAreFoundBeforehandWithTheCodeOfRunTime(t *testing.T) {
	t.Parallel()
	row := fmt.Sprintf("mapping.objects[0].rules[%d]", len(leadsync.DefaultMapping().Sections[0].Rules)) // the one added
	rule := func(r leadsync.Rule) func(*leadsync.Config, *leadsync.Lead) {
		return func(cfg *leadsync.Config, _ *leadsync.Lead) {
			m := leadsync.DefaultMapping()
			m.Sections[0].Rules = append(m.Sections[0].Rules, r)
			cfg.Mapper = m
		}
	}
	qualifier := func(q leadsync.Qualifier) func(*leadsync.Config, *leadsync.Lead) {
		return func(cfg *leadsync.Config, lead *leadsync.Lead) {
			q.Name, q.Fields = "Interest", map[salesforce.Object]string{"Lead": "Tier__c"}
			cfg.Qualifiers = []leadsync.Qualifier{q}
			lead.Answers = map[string][]string{"Interest": {"perhaps"}}
		}
	}
	campaign := func(edit func(*leadsync.CampaignLink)) func(*leadsync.Config, *leadsync.Lead) {
		return func(cfg *leadsync.Config, lead *leadsync.Lead) {
			lead.Answers = map[string][]string{"met": {"yes"}}
			edit(&cfg.Campaigns[0])
		}
	}
	const bad, missing = leadsync.DataValueValidation, leadsync.MissingRemoteField
	for _, tc := range []struct {
		name    string
		edit    func(*leadsync.Config, *leadsync.Lead)
		path    string
		code    leadsync.Code
		refused bool // already by New
		warns   bool // the lead goes through with a warning
	}{
		{"a field that does not exist", rule(leadsync.Rule{Source: "company", Field: "Gone__c"}), row + ".field", missing,
			false, false},
		{"a field that does not exist, skipped",
			rule(leadsync.Rule{Source: "company", Field: "Gone__c", Missing: mapping.Skip}), row + ".field", missing,
			false, true},
		{"a read-only field", rule(leadsync.Rule{Constant: "x", Field: "Locked__c", Locked: mapping.Fail}), row + ".field",
			leadsync.ConnectionPermission, false, false},
		{"a read-only field, skipped", rule(leadsync.Rule{Constant: "x", Field: "Locked__c"}), row + ".field",
			leadsync.ConnectionPermission, false, true},
		{"a field of an impossible type", rule(leadsync.Rule{Source: "company", Field: "Address"}), row + ".field", bad,
			false, false},
		{"text to append to a short field", rule(leadsync.Rule{Constant: "x", Field: "Rating", Write: mapping.Append}),
			row + ".write", bad, false, false},
		{"twice the same target", rule(leadsync.Rule{Source: "jobTitle", Field: "LASTNAME"}), row + ".field", bad,
			true, false},
		{"an unknown source", rule(leadsync.Rule{Source: "shoeSize", Field: "Title"}), row + ".source", bad, true, false},
		{"an unknown transform", rule(leadsync.Rule{Source: "website", Field: "Fax", Transforms: []string{"shout"}}),
			row + ".transforms[0]", bad, true, false},
		{"an object without a section's name", func(cfg *leadsync.Config, _ *leadsync.Lead) {
			cfg.Mapper = &leadsync.Mapping{Sections: []mapping.Section{{Object: "Lead"}, {Object: "LEAD"}}}
		}, "mapping.objects[1].object", bad, true, false},
		{"a 5 MB note", rule(leadsync.Rule{Constant: strings.Repeat("note ", 1<<20), Field: "Memo__c"}), row + ".constant",
			bad, false, true},
		{"a 5 MB note that must fit",
			rule(leadsync.Rule{Constant: strings.Repeat("note ", 1<<20), Field: "Memo__c", TooLong: mapping.Fail}),
			row + ".constant", bad, false, false},
		{"a date in words", rule(leadsync.Rule{Constant: "next Monday", Field: "Day__c"}), row + ".constant", bad,
			false, false},
		{"a default that is no date", rule(leadsync.Rule{Source: "custom.day", Default: "soon", Field: "Day__c"}),
			row + ".default", bad, false, false},
		{"NaN", rule(leadsync.Rule{Constant: math.NaN(), Field: "Number__c"}), row + ".constant", bad, true, false},
		{"a constant that is an object", rule(leadsync.Rule{Constant: map[string]any{"a": 1}, Field: "Memo__c"}),
			row + ".constant", bad, true, false},
		{"a default that is a list of lists",
			rule(leadsync.Rule{Source: "notes", Default: []any{[]any{"a"}}, Field: "Memo__c"}), row + ".default", bad,
			true, false},
		{"a blank constant", rule(leadsync.Rule{Constant: " ", Field: "Memo__c"}), row + ".source",
			leadsync.RequiredFieldMissing, true, false},
		{"a row for the key field", rule(leadsync.Rule{Source: "custom.badge", Field: "leadsynckey__c"}), row + ".field", bad,
			true, false},
		{"a number out of range", rule(leadsync.Rule{Constant: 1e9, Field: "Number__c"}), row + ".constant", bad,
			false, false},
		{"an option that is not there", rule(leadsync.Rule{Constant: "Tin", Field: "Tier__c"}), row + ".constant", bad,
			false, false},
		{"a qualifier without values", qualifier(leadsync.Qualifier{}), "qualifiers[0].options", leadsync.NoTagMapping,
			false, false},
		{"a qualifier with an option that is not there",
			qualifier(leadsync.Qualifier{Options: map[string]string{"perhaps": "Tin"}}), "qualifiers[0].options",
			leadsync.NoTagMapping, false, false},
		{"a qualifier with a blank option", qualifier(leadsync.Qualifier{Options: map[string]string{"perhaps": " "}}),
			`qualifiers[0].options["perhaps"]`, leadsync.RequiredFieldMissing, true, false},
		{"a qualifier of no type", qualifier(leadsync.Qualifier{Type: "essay"}), "qualifiers[0].type", bad, true, false},
		{"a qualifier for the key field", func(cfg *leadsync.Config, _ *leadsync.Lead) {
			cfg.ExternalIDs = map[salesforce.Object]string{"lead": "Badge__c"}
			cfg.Qualifiers = []leadsync.Qualifier{{Name: "Badge", Fields: map[salesforce.Object]string{"Lead": "badge__c"}}}
		}, `qualifiers[0].fields["Lead"]`, bad, true, false},
		{"a status not of the campaign", campaign(func(c *leadsync.CampaignLink) {
			c.Status = "Partied"
		}), "campaigns[0].status", leadsync.CampaignStatus, false, false},
		{"an answer's status not of the campaign", campaign(func(c *leadsync.CampaignLink) {
			c.StatusBy = &mapping.StatusBy{Qualifier: "met", Statuses: map[string]string{"yes": "Partied"}}
		}), `campaigns[0].statusBy.statuses["yes"]`, leadsync.CampaignStatus, false, false},
		{"a campaign that is gone", campaign(func(c *leadsync.CampaignLink) {
			c.CampaignID = "701000000000999"
		}), "campaigns[0].campaignId", leadsync.CampaignStatus, false, false},
		{"a campaign that cannot be", campaign(func(c *leadsync.CampaignLink) {
			c.CampaignID = "Expo"
		}), "campaigns[0].campaignId", bad, true, false},
		{"a member's field that does not exist", campaign(func(c *leadsync.CampaignLink) {
			c.Fields = []leadsync.Rule{{Source: "company", Field: "Gone__c"}}
		}), "campaigns[0].fields[0].field", missing, false, false},
		{"a queue that is none", func(cfg *leadsync.Config, _ *leadsync.Lead) {
			cfg.FallbackOwner = "701000000000999"
		}, "fallbackOwner", bad, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			for _, f := range []sftest.Field{{Name: "Locked__c", ReadOnly: true},
				{Name: "Memo__c", Type: "textarea", Length: 32_000}, {Name: "Day__c", Type: "date"},
				{Name: "Number__c", Type: "double", Precision: 9, Scale: 3},
				{Name: "Tier__c", Type: "picklist", Options: []string{"Gold", "Iron"}, Inactive: []string{"Iron"},
					Restricted: true}} {
				org.DefineField("Lead", f)
			}
			lead, cfg := scenario.Ada(), &leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: scenario.Expo(org)}}}
			tc.edit(cfg, lead)

			syncer, err := leadsync.New(scenario.ClientOf(t, org), cfg)
			if tc.refused {
				var e *leadsync.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, []string{tc.path}, e.Fields)
				issues := cfg.Validate(nil)
				require.NotEmpty(t, issues)
				require.Equal(t, tc.path, issues[0].Path)
				require.Equal(t, tc.code, issues[0].Code)
				return
			}
			require.NoError(t, err)
			report, err := syncer.Preflight(t.Context())
			require.NoError(t, err)
			found := make(map[string]leadsync.Code)
			for _, f := range report.Findings {
				if f.Path != "" {
					found[f.Path] = f.Code
				}
			}
			require.Equal(t, map[string]leadsync.Code{tc.path: tc.code}, found)

			outcomes, err := syncer.Sync(t.Context(), lead)
			if tc.warns {
				require.NoError(t, err)
				require.Len(t, outcomes[0].Warnings, 1)
				require.Equal(t, tc.code, outcomes[0].Warnings[0].Code)
				return
			}
			require.ErrorIs(t, err, tc.code)
			require.Equal(t, leadsync.Failed, outcomes[0].Stage)
		})
	}
}

// What a lead brings is met with the same code, before any write.
func TestBadValuesOfALeadFailItBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	m := leadsync.DefaultMapping()
	m.Sections[0].Rules = append(m.Sections[0].Rules,
		leadsync.Rule{Source: "custom.day", Field: "Day__c"}, leadsync.Rule{Source: "custom.number", Field: "Number__c"},
		leadsync.Rule{Source: "custom.memo", Field: "Memo__c", TooLong: mapping.Fail})
	org.DefineField("Lead", sftest.Field{Name: "Day__c", Type: "date"})
	org.DefineField("Lead", sftest.Field{Name: "Number__c", Type: "double", Precision: 9, Scale: 3})
	org.DefineField("Lead", sftest.Field{Name: "Memo__c", Type: "textarea", Length: 32_000})
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m})
	for source, values := range map[string][]any{
		"day":    {"next Monday", "04/05/2026", "2026-02-30", "1066-10-14", 46146},
		"number": {math.NaN(), math.Inf(-1), 1e9, "1e400", "a dozen", map[string]any{"a": 1}},
		"memo":   {strings.Repeat("note ", 1<<20), "a\xffb", []any{[]any{"x"}}},
	} {
		for _, value := range values {
			lead := scenario.Ada()
			lead.Custom = map[string]any{source: value}
			outcomes, err := syncer.Sync(t.Context(), lead)
			require.ErrorIs(t, err, leadsync.DataValueValidation)
			require.Len(t, outcomes[0].Err.Fields, 1)
			require.Zero(t, scenario.WritesOf(org))
		}
	}
}
