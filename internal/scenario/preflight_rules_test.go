// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// An organised is an org and a configuration in which a rule of what leadsync writes over
// would not hold, or would cost values.
type organised struct {
	options []sftest.Option
	define  func(*sftest.Org)
	mapping func(*leadsync.Mapping)
	// want is the severity and the field of the finding, says a part of its reason.
	want, says string
}

// Preflight says beforehand which settings break a rule, and is silent without them.
func TestPreflightHasAFindingForEachSettingThatBreaksARule(t *testing.T) {
	t.Parallel()
	for name, c := range settingsThatBreakRules() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, m := sftest.NewOrg(t, c.options...), leadsync.DefaultMapping()
			if c.define != nil {
				c.define(org)
			}
			if c.mapping != nil {
				c.mapping(m)
			}
			report, err := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}).Preflight(t.Context())
			require.NoError(t, err)
			at := slices.IndexFunc(report.Findings, func(f preflight.Finding) bool {
				return string(f.Severity)+" "+string(f.Object)+"."+f.Field == c.want
			})
			require.GreaterOrEqual(t, at, 0, "%s\n%v", c.want, report.Findings)
			f := report.Findings[at]
			require.Contains(t, f.Reason, c.says)
			require.Equal(t, f.Severity != preflight.SeverityInfo, f.Fix != "", f)
		})
	}
	report, err := knownSyncer(t, sftest.NewOrg(t), nil).Preflight(t.Context())
	require.NoError(t, err)
	for _, f := range report.Findings { // the control
		require.NotEqual(t, preflight.SeverityError, f.Severity, f)
		require.NotEqual(t, preflight.SeverityWarning, f.Severity, f)
	}
}

func settingsThatBreakRules() map[string]organised {
	row := func(rule mapping.Rule) func(*leadsync.Mapping) {
		return func(m *leadsync.Mapping) { m.Sections[0].Rules = append(m.Sections[0].Rules, rule) }
	}
	without := func(gone salesforce.Object) func(*leadsync.Mapping) {
		return func(m *leadsync.Mapping) {
			m.Sections = slices.DeleteFunc(m.Sections, func(s mapping.Section) bool { return s.Object == gone })
		}
	}
	field := func(object string, f sftest.Field) func(*sftest.Org) {
		return func(org *sftest.Org) { org.DefineField(object, f) }
	}
	status := func(closed []string) func(*sftest.Org) {
		return field("Task", sftest.Field{Name: "Status", Type: "picklist", Closed: closed,
			Options: []string{"Offen", "Erledigt", "Storniert"}})
	}
	return map[string]organised{
		"an opt-out that a lead may take back": {
			define:  field("Lead", sftest.Field{Name: "HasOptedOutOfEmail", Type: "boolean"}),
			mapping: row(mapping.Rule{Source: "custom.optOut", Field: "HasOptedOutOfEmail"}),
			want:    "warning Lead.HasOptedOutOfEmail", says: "looks like an opt-out"},
		"a consent that a lead may give back": {
			define:  field("Lead", sftest.Field{Name: "Newsletter__c", Label: "GDPR consent", Type: "boolean"}),
			mapping: row(mapping.Rule{Source: "custom.consent", Field: "Newsletter__c", Write: mapping.UnlessEdited}),
			want:    "warning Lead.Newsletter__c", says: "looks like a consent"},
		"free text into a restricted picklist": {
			define: field("Lead", sftest.Field{Name: "Branch__c", Type: "picklist", Restricted: true,
				Options: []string{"Energy"}}),
			mapping: row(mapping.Rule{Source: "industry", Field: "Branch__c"}),
			want:    "warning Lead.Branch__c", says: "free text goes into a restricted picklist"},
		"country picklists": {options: []sftest.Option{manyCountries()},
			want: "info Lead.CountryCode", says: "State and Country/Territory picklists are on"},
		"states without a country": {options: []sftest.Option{manyCountries()},
			mapping: func(m *leadsync.Mapping) {
				m.Sections[0].Rules = slices.DeleteFunc(m.Sections[0].Rules,
					func(r mapping.Rule) bool { return r.Field == "Country" })
			},
			want: "warning Lead.CountryCode", says: "no rule gives the country"},
		"no Task status that is done": {define: status([]string{}), want: "warning Task.Status", says: "closes a Task"},
		"two that are": {define: status([]string{"Erledigt", "Storniert"}),
			want: "warning Task.Status", says: "Offen"},
		"a field that Tasks need": {define: field("Task", sftest.Field{Name: "Outcome__c", Required: true}),
			want: "error Task.Outcome__c", says: "activities fail"},
		"person accounts": {options: []sftest.Option{sftest.WithPersonAccounts()},
			want: "info Contact.IsPersonAccount", says: "written through its Account"},
		"person accounts, and no company": {options: []sftest.Option{sftest.WithPersonAccounts()},
			mapping: func(m *leadsync.Mapping) {
				m.Sections[0].Rules = slices.DeleteFunc(m.Sections[0].Rules,
					func(r mapping.Rule) bool { return r.Field == "Company" })
			},
			want: "error Lead.Company", says: "nothing fills the company"},
		"no section for what is created": {mapping: without("Lead"), want: "error Lead.", says: "no section"},
		"no section for what is found":   {mapping: without("Contact"), want: "warning Contact.", says: "no section"},
	}
}
