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
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// An arising is a way in which a lead fails.
type arising struct {
	define func(*sftest.Org)
	// row is added to the rules for Leads.
	row  mapping.Rule
	cfg  leadsync.Config
	lead func(*leadsync.Lead)
	code leadsync.Code
	// names are what the fix names.
	names []string
	// foreseen says that Preflight has a finding for it.
	foreseen bool
}

var restrictedTier = sftest.Field{Name: "Tier__c", Type: "picklist", Options: []string{"Tin"}, Restricted: true}

func waysToFail() map[string]arising {
	field := func(f sftest.Field) func(*sftest.Org) {
		return func(org *sftest.Org) { org.DefineField("Lead", f) }
	}
	tier := func(value any) func(*leadsync.Lead) {
		return func(lead *leadsync.Lead) { lead.Custom = map[string]any{"tier": value} }
	}
	answer := func(lead *leadsync.Lead) { lead.Answers = map[string][]string{"Tier": {"best"}} }
	intoTier := func(options map[string]string) leadsync.Config {
		return leadsync.Config{Qualifiers: []leadsync.Qualifier{{Name: "Tier", Options: options,
			Fields: map[salesforce.Object]string{"Lead": "Tier__c"}}}}
	}
	return map[string]arising{
		"a text that is no option": {
			define: field(restrictedTier), row: mapping.Rule{Source: "custom.tier", Field: "Tier__c"}, lead: tier("Gold"),
			code: leadsync.DataValueValidation, names: []string{`"Gold"`, "picklist Lead.Tier__c", "lift", "text field"},
		},
		"an answer whose option is gone": {
			define: field(restrictedTier), cfg: intoTier(map[string]string{"best": "Gold"}), lead: answer,
			code: leadsync.NoTagMapping, names: []string{`"Gold"`, "picklist Lead.Tier__c", "lift", "text field"},
			foreseen: true,
		},
		"an answer that is no option": {
			define: field(restrictedTier), cfg: intoTier(nil), lead: answer,
			code: leadsync.NoTagMapping, names: []string{`"best"`, "picklist Lead.Tier__c", "lift", "text field"},
		},
		"an answer that is not mapped": {
			define: field(restrictedTier), cfg: intoTier(map[string]string{"worst": "Tin"}), lead: answer,
			code: leadsync.NoTagMapping, names: []string{"qualifier.Tier", "unmapped answers"},
		},
		"a text that its rule does not map": {
			define: field(restrictedTier), lead: tier("Gold"),
			row:  mapping.Rule{Source: "custom.tier", Field: "Tier__c", Values: map[string]string{"low": "Tin"}},
			code: leadsync.NoTagMapping, names: []string{"values of the rule for Lead.Tier__c", "unmapped"},
		},
		"a field that is gone": {
			row: mapping.Rule{Source: "custom.tier", Field: "Gone__c"}, lead: tier("Gold"),
			code: leadsync.MissingRemoteField, names: []string{"Lead.Gone__c"}, foreseen: true,
		},
		"a field that nothing fills": {
			define: field(sftest.Field{Name: "Budget__c", Required: true}),
			code:   leadsync.RequiredFieldMissing, names: []string{"Lead.Budget__c"}, foreseen: true,
		},
		"a rule that is broken": {
			define: func(org *sftest.Org) {
				org.DefineField("Lead", sftest.Field{Name: "Budget__c"})
				org.AddRule("Lead", sftest.Rule{Name: "Budget", Message: "Budget is required", Field: "Budget__c",
					Refuses: func(r map[string]any) bool { return r["Budget__c"] == nil }})
			},
			code: leadsync.DataValueValidation, names: []string{"fills Lead.Budget__c", "Budget is required", "$User.Username"},
		},
	}
}

// Whoever reads of a failure reads the same, and what it is about.
func TestRunTimeSummaryAndPreflightSayTheSame(t *testing.T) {
	t.Parallel()
	for name, way := range waysToFail() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, cfg := sftest.NewOrg(t), way.cfg
			if way.define != nil {
				way.define(org)
			}
			cfg.Mapper = withRow(way.row)
			help := func(code leadsync.Code) string { return "https://help.example/" + string(code) }
			cfg.Advisor = &leadtype.Advisor{Help: help}
			syncer := scenario.SyncerOf(t, org, &cfg)
			lead := scenario.Ada()
			if way.lead != nil {
				way.lead(lead)
			}
			report, err := syncer.Preflight(t.Context())
			require.NoError(t, err)
			_, err = syncer.Capture(t.Context(), lead)
			require.NoError(t, err)
			require.NoError(t, syncer.Drain(t.Context()))

			failed := scenario.StoredIn(t, syncer)[0].Last.Err
			require.NotNil(t, failed)
			require.Equal(t, way.code, failed.Code)
			for _, part := range way.names {
				require.Contains(t, failed.Fix(), part)
			}
			summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
			require.NoError(t, err)
			cause := summary.Groups[0].Causes[0]
			require.Equal(t, failed.Fix(), cause.Fix)
			require.Equal(t, failed.Description(), cause.Description)
			require.Equal(t, help(way.code), cause.Help)
			require.Equal(t, help(way.code), summary.Groups[0].Help)
			says := func(f preflight.Finding) bool {
				return f.Code == way.code && f.Fix == failed.Fix() && f.Description == failed.Description() &&
					f.Help == help(way.code)
			}
			require.Equal(t, way.foreseen, slices.ContainsFunc(report.Findings, says), "%s\n%v", failed.Fix(), report.Findings)
		})
	}
}

// withRow returns the default mapping with a row more for Leads.
func withRow(row mapping.Rule) *leadsync.Mapping {
	m := leadsync.DefaultMapping()
	for i := range m.Sections {
		if row.Field != "" && m.Sections[i].Object == salesforce.ObjectLead {
			m.Sections[i].Rules = append(m.Sections[i].Rules, row)
		}
	}
	return m
}
