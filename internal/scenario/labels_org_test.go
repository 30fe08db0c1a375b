// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// labelOrg has picklists whose options have labels of their own. One's label is
// another's value: the value counts.
func labelOrg(t *testing.T) *sftest.Org {
	org := sftest.NewOrg(t)
	org.DefineField("Lead", sftest.Field{Name: "Tier__c", Type: "picklist", Restricted: true,
		Options: []string{"g", "s", "b", "Gold"}, Inactive: []string{"b"},
		Labels: map[string]string{"g": "Gold", "s": "Silver", "b": "Bronze", "Gold": "Old gold"}})
	org.DefineField("Lead",
		sftest.Field{Name: "Topics__c", Type: "multipicklist", Restricted: true, Options: []string{"p", "d"},
			Labels: map[string]string{"p": "Pricing", "d": "Product Demo"}})
	org.DefineField("Lead", sftest.Field{Name: "Town__c", Type: "picklist", Restricted: true,
		Options: []string{"ag", "mt"}, Controller: "Tier__c",
		ValidFor: map[string][]string{"ag": {"s"}, "mt": {"g"}},
		Labels:   map[string]string{"ag": "Silvertown", "mt": "Goldtown"}})
	return org
}

// Only existing active options are sent. What people see of one is written, and
// compared, as what Salesforce stores.
func TestLabelsOfOptionsAreWrittenAsTheirValues(t *testing.T) {
	t.Parallel()
	for _, recordTypes := range []bool{false, true} {
		for name, row := range map[string]struct {
			custom  map[string]any
			answers []string
			field   string
			want    any
			code    leadsync.Code
		}{
			"a label":                 {map[string]any{"tier": "silver"}, nil, "Tier__c", "s", ""},
			"a value":                 {map[string]any{"tier": "S"}, nil, "Tier__c", "s", ""},
			"a value before a label":  {map[string]any{"tier": "gold"}, nil, "Tier__c", "Gold", ""},
			"a label of what is gone": {map[string]any{"tier": "Bronze"}, nil, "", nil, leadsync.DataValueValidation},
			"labels of several":       {map[string]any{"topics": "product demo;p"}, nil, "Topics__c", "d;p", ""},
			"a label of an answer":    {nil, []string{"pricing"}, "Topics__c", "p", ""},
			"a dependent label":       {map[string]any{"tier": "Silver", "town": "silvertown"}, nil, "Town__c", "ag", ""},
			"a dependent label unfit": {map[string]any{"tier": "Silver", "town": "goldtown"}, nil, "", nil,
				leadsync.DataValueValidation},
			"an answer that is a value": {nil, []string{"d", "Pricing"}, "Topics__c", "d;p", ""},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				org := labelOrg(t)
				if recordTypes {
					org.DefineRecordType("Lead", sftest.RecordType{Name: "Only", Default: true})
				}
				cfg := onLead(leadsync.Rule{Source: "custom.tier", Field: "Tier__c"},
					leadsync.Rule{Source: "custom.topics", Field: "Topics__c"}, leadsync.Rule{Source: "custom.town", Field: "Town__c"})
				cfg.Qualifiers = []leadsync.Qualifier{{Name: "topic", Multiple: true,
					Fields: map[salesforce.Object]string{"Lead": "Topics__c"}}}
				lead := scenario.Ada()
				lead.Custom, lead.Answers = row.custom, map[string][]string{"topic": row.answers}
				syncer := scenario.SyncerOf(t, org, cfg)
				outcomes, err := syncer.Sync(t.Context(), lead)
				if row.code != "" {
					require.ErrorIs(t, err, row.code)
					require.Zero(t, scenario.WritesOf(org))
					return
				}
				require.NoError(t, err)
				require.Equal(t, row.want, org.Row("Lead", string(outcomes[0].ID))[row.field])
				org.ResetLog()
				scenario.SyncOne(t, syncer, lead)
				require.Zero(t, scenario.WritesOf(org), "it is there already")
			})
		}
	}
}

// A lead status may be mapped by its label too.
func TestPreflightKnowsLeadStatusesByTheirLabel(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.DefineField("Lead",
		sftest.Field{Name: "Status", Type: "picklist", Options: []string{"Open - Not Contacted", "Working - Contacted"},
			Labels: map[string]string{"Open - Not Contacted": "Neu"}})
	for status, findings := range map[string]int{"neu": 0, "open - not contacted": 0, "Fresh": 1} {
		report, err := scenario.SyncerOf(t, org, onLead(leadsync.Rule{Constant: status, Field: "Status"})).
			Preflight(t.Context())
		require.NoError(t, err)
		found := 0
		for _, f := range report.Findings {
			if f.Field == "Status" {
				found++
			}
		}
		require.Equal(t, findings, found, "%s: %v", status, report.Findings)
	}
}

// Only what differs is sent, so that an option that was retired since, or that its
// controlling field no longer allows, fails no lead.
func TestRecordMayKeepTheOptionThatItHolds(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		custom map[string]any
		ok     bool
	}{
		"what it holds":                    {map[string]any{"tier": "b", "town": "ag"}, true},
		"another that is retired":          {map[string]any{"tier": "bronze age"}, false},
		"what another controller does not": {map[string]any{"tier": "g", "town": "ag"}, false},
	} {
		org := labelOrg(t)
		org.Insert("Lead", map[string]any{"FirstName": "Ada", "LastName": "Lovelace", "Company": "Analytical Engines Ltd",
			"Email": "ada@analytical.example", "Tier__c": "b", "Town__c": "ag"})
		lead := scenario.Ada()
		lead.Custom = row.custom
		syncer := scenario.SyncerOf(t, org, onLead(leadsync.Rule{Source: "custom.tier", Field: "Tier__c"},
			leadsync.Rule{Source: "custom.town", Field: "Town__c"}))
		if row.ok {
			require.Equal(t, leadsync.Unchanged, scenario.SyncOne(t, syncer, lead).Action, name)
			continue
		}
		_, err := syncer.Sync(t.Context(), lead)
		require.ErrorIs(t, err, leadsync.DataValueValidation, name)
	}
}
