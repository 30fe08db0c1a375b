// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// rows is a mapping with rules for an object, and with sections for people.
func rows(object salesforce.Object, rules ...mapping.Rule) *mapping.Mapping {
	m := &mapping.Mapping{Sections: []mapping.Section{{Object: object, Rules: rules}}}
	for _, person := range []salesforce.Object{salesforce.ObjectLead, salesforce.ObjectContact} {
		if person != object {
			m.Sections = append(m.Sections, mapping.Section{Object: person})
		}
	}
	return m
}

// The mapping has to have a section for what the strategy creates, and should have one
// for the people that it finds. An Account that is only found needs none.
func TestPreflightFindsMissingSections(t *testing.T) {
	t.Parallel()
	section := func(objects ...salesforce.Object) *mapping.Mapping {
		m := &mapping.Mapping{}
		for _, o := range objects {
			m.Sections = append(m.Sections, mapping.Section{Object: o})
		}
		return m
	}
	for name, tc := range map[string]struct {
		mapping  *mapping.Mapping
		strategy plainStrategy
		want     []string
	}{
		"none is missing":    {section("lead", "contact"), toLead, nil},
		"of what is created": {section("Contact"), toLead, []string{"error REQUIRED_FIELD_MISSING Lead  mapping.objects"}},
		"of what is found":   {section("Lead"), toLead, []string{"warning  Contact  mapping.objects"}},
		"of a created Account": {section("Contact"), toAccount,
			[]string{"error REQUIRED_FIELD_MISSING Account  mapping.objects"}},
	} {
		cfg := plainSetup()
		cfg.Mapper, cfg.Strategies = tc.mapping, []mapping.Strategy{tc.strategy}
		org := orgtest.New()
		require.Equal(t, tc.want, findingsOf(t, cfg, org), name)
	}
}

func TestPreflightFindsInTheMapping(t *testing.T) {
	t.Parallel()
	lastName := mapping.Rule{Source: "lastName", Field: "LastName"}
	locked := func(o *orgtest.Org, _ *setup) {
		o.Field("Lead", "Company").Createable, o.Field("Lead", "Company").Updateable = false, false
	}
	for name, tc := range map[string]struct {
		mapping *mapping.Mapping
		arrange func(*orgtest.Org, *setup)
		want    []string
	}{
		"nothing": {mapping: rows("Lead", lastName)},
		"a missing field": {mapping: rows("Lead", lastName, mapping.Rule{Source: "company", Field: "Gone__c"}),
			want: []string{"error MISSING_REMOTE_FIELD Lead Gone__c mapping.objects[0].rules[1].field"}},
		"a missing field that is skipped": {mapping: rows("Lead", lastName,
			mapping.Rule{Source: "company", Field: "Gone__c", Missing: mapping.Skip}),
			want: []string{"warning MISSING_REMOTE_FIELD Lead Gone__c mapping.objects[0].rules[1].field"}},
		"a locked field": {mapping: rows("Lead", lastName, mapping.Rule{Source: "company", Field: "Company"}),
			arrange: locked,
			want:    []string{"warning CONNECTION_PERMISSION Lead Company mapping.objects[0].rules[1].field"}},
		"a locked field that fails": {mapping: rows("Lead", lastName,
			mapping.Rule{Source: "company", Field: "Company", Locked: mapping.Fail}), arrange: locked,
			want: []string{"error CONNECTION_PERMISSION Lead Company mapping.objects[0].rules[1].field"}},
		"a constant that is too long": {mapping: rows("Lead", mapping.Rule{Constant: "Expo", Field: "Company"}),
			arrange: func(o *orgtest.Org, _ *setup) { o.Field("Lead", "Company").Length = 3 },
			want:    []string{"error DATA_VALUE_VALIDATION Lead Company mapping.objects[0].rules[0].constant"}},
		"rows for what nothing writes": {mapping: rows("Account", mapping.Rule{Source: "company", Field: "Gone__c"})},
		"a custom object that is not there": {mapping: rows("Visit__c", mapping.Rule{Source: "company", Field: "Gone__c"}),
			want: []string{"error MISSING_REMOTE_FIELD Visit__c  "}},
		"a lead status": {mapping: rows("Lead", mapping.Rule{Constant: "open", Field: "Status"}),
			arrange: func(o *orgtest.Org, _ *setup) { o.Field("Lead", "Status") }},
		"a lead status that is not the org's": {mapping: rows("Lead",
			mapping.Rule{Source: "custom.status", Default: "New", Field: "Status"}),
			arrange: func(o *orgtest.Org, _ *setup) { o.Field("Lead", "Status") },
			want:    []string{"warning DATA_VALUE_VALIDATION Lead Status "}},
		"a lead status for converted leads": {mapping: rows("Lead", mapping.Rule{Constant: "Closed", Field: "Status"}),
			arrange: func(o *orgtest.Org, _ *setup) {
				o.Field("Lead", "Status")
				o.Rows["LeadStatus"] = []salesforce.Fields{{"ApiName": "Closed", "IsConverted": true}}
			},
			want: []string{"warning DATA_VALUE_VALIDATION Lead Status "}},
		"a member's missing field": {mapping: rows("Lead", lastName),
			arrange: func(_ *orgtest.Org, c *setup) {
				c.Campaigns[0].Fields = []mapping.Rule{{Source: "notes", Field: "Gone__c"}}
			},
			want: []string{"error MISSING_REMOTE_FIELD CampaignMember Gone__c campaigns[0].fields[0].field"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, cfg := orgtest.New(), plainSetup()
			cfg.Mapper = tc.mapping
			if tc.arrange != nil {
				tc.arrange(org, &cfg)
			}
			require.Equal(t, tc.want, findingsOf(t, cfg, org))
		})
	}
}

func TestPreflightFindsInQualifiers(t *testing.T) {
	t.Parallel()
	tier := func(o *orgtest.Org) *salesforce.Field {
		f := o.Field("Lead", "Tier__c")
		f.Type, f.RestrictedPicklist = salesforce.TypePicklist, true
		f.PicklistValues = []salesforce.PicklistValue{{Value: "Gold", Active: true}, {Value: "Iron"}}
		return f
	}
	for name, tc := range map[string]struct {
		change func(*mapping.Qualifier, *salesforce.Field)
		want   []string
	}{
		"nothing": {change: func(*mapping.Qualifier, *salesforce.Field) {}},
		"archived": {change: func(q *mapping.Qualifier, _ *salesforce.Field) {
			q.Archived, q.Fields = true, map[salesforce.Object]string{"Lead": "Gone__c"}
		}},
		"an object that nothing writes": {change: func(q *mapping.Qualifier, _ *salesforce.Field) {
			q.Fields = map[salesforce.Object]string{"Account": "Gone__c"}
		}},
		"a missing field": {change: func(q *mapping.Qualifier, _ *salesforce.Field) {
			q.Fields = map[salesforce.Object]string{"Lead": "Gone__c"}
		},
			want: []string{`error MISSING_REMOTE_FIELD Lead Gone__c qualifiers[0].fields["Lead"]`}},
		"a locked field": {change: func(_ *mapping.Qualifier, f *salesforce.Field) {
			f.Createable, f.Updateable = false, false
		},
			want: []string{`warning CONNECTION_PERMISSION Lead Tier__c qualifiers[0].fields["Lead"]`}},
		"missing options": {change: func(q *mapping.Qualifier, _ *salesforce.Field) {
			q.Options = map[string]string{"a": "Gold", "b": "Iron", "c": "Tin"}
		},
			want: []string{"error NO_TAG_MAPPING Lead Tier__c qualifiers[0].options"}},
		"missing options that are dropped": {change: func(q *mapping.Qualifier, _ *salesforce.Field) {
			q.Options, q.Unmapped = map[string]string{"b": "Iron"}, mapping.DropUnmapped
		}, want: []string{"warning NO_TAG_MAPPING Lead Tier__c qualifiers[0].options"}},
		"an open picklist": {change: func(q *mapping.Qualifier, f *salesforce.Field) {
			q.Options, f.RestrictedPicklist = map[string]string{"b": "Iron"}, false
		}},
		"several answers for one": {change: func(q *mapping.Qualifier, _ *salesforce.Field) { q.Multiple = true },
			want: []string{"warning DATA_VALUE_VALIDATION Lead Tier__c qualifiers[0].multiple"}},
		"a required field that it fills": {change: func(_ *mapping.Qualifier, f *salesforce.Field) { f.Nillable = false }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, cfg := orgtest.New(), plainSetup()
			q := mapping.Qualifier{Name: "tier", Fields: map[salesforce.Object]string{"Lead": "Tier__c"},
				Options: map[string]string{"a": "gold"}}
			tc.change(&q, tier(org))
			cfg.Qualifiers = []mapping.Qualifier{q}
			require.Equal(t, tc.want, findingsOf(t, cfg, org))
		})
	}
}

func TestPreflightNamesMissingOptions(t *testing.T) {
	t.Parallel()
	org, cfg := orgtest.New(), plainSetup()
	org.Field("Lead", "Tier__c").RestrictedPicklist = true
	cfg.Qualifiers = []mapping.Qualifier{{Name: "tier", Fields: map[salesforce.Object]string{"Lead": "Tier__c"},
		Options: map[string]string{"a": "Tin", "b": "Iron", "c": "Tin"}}}
	report, err := cfg.check(t.Context(), org)
	require.NoError(t, err)
	require.Equal(t, `Add the missing options "Iron", "Tin" to the restricted picklist Lead.Tier__c, lift its `+
		`restriction, or map to a text field instead; then retry.`, report.Findings[0].Fix)
}

func TestPreflightFindsStrategiesOfWaitingLeads(t *testing.T) {
	t.Parallel()
	cfg := plainSetup()
	memory := memory.New(time.Now)
	cfg.store, cfg.connection = memory, "acme"
	var leads []store.Captured
	for i := range waitingPage + 5 { // more than one page
		lead := &leadtype.Lead{ID: leadtype.LeadID(fmt.Sprint("L", i)), EventID: "expo", Strategy: toLead.Name()}
		switch i {
		case 1, waitingPage + 1:
			lead.Strategy = "gone"
		case 2, 3, waitingPage + 2:
			lead.Strategy = toAccount.Name()
		}
		leads = append(leads, store.Captured{Lead: lead, State: store.StateQueued})
	}
	_, err := memory.Capture(t.Context(), "acme", leads)
	require.NoError(t, err)
	cfg.known = []string{toLead.Name(), toAccount.Name()}
	report, err := cfg.check(t.Context(), orgtest.New())
	require.NoError(t, err)
	require.Len(t, report.Findings, 2)
	require.Equal(t, preflight.SeverityError, report.Findings[0].Severity)
	require.Equal(t, `2 waiting leads of event "expo": captured with the strategy "gone", which is unknown; configured `+
		`are "to-account", "to-lead"`, report.Findings[0].Reason)
	require.Equal(t, preflight.SeverityWarning, report.Findings[1].Severity)
	require.Equal(t, `3 waiting leads of event "expo": captured with the strategy "to-account"; the current strategy `+
		`is "to-lead"`, report.Findings[1].Reason)
}

type brokenStore struct{ store.Store }

func (brokenStore) List(context.Context, string, store.Filter) ([]store.Entry, error) {
	return nil, errors.New("disk full")
}

func TestPreflightFailsWithTheStore(t *testing.T) {
	t.Parallel()
	cfg := plainSetup()
	cfg.store = brokenStore{}
	_, err := cfg.check(t.Context(), orgtest.New())
	require.ErrorIs(t, err, leadtype.Unknown)
	require.ErrorContains(t, err, "preflight: UNKNOWN: the store failed: disk full")
}

// Free text into a restricted picklist is found, unless the texts are mapped to options.
func TestPreflightFindsFreeTextForARestrictedPicklist(t *testing.T) {
	t.Parallel()
	restricted := func(o *orgtest.Org, _ *setup) {
		field := o.Field("Lead", "Industry")
		field.Type, field.RestrictedPicklist = salesforce.TypePicklist, true
		field.PicklistValues = []salesforce.PicklistValue{{Value: "Energy", Label: "Energy", Active: true}}
	}
	lastName := mapping.Rule{Source: "lastName", Field: "LastName"}
	for name, tc := range map[string]struct {
		rule    mapping.Rule
		arrange func(*orgtest.Org, *setup)
		want    string
	}{
		"free text": {mapping.Rule{Source: "industry", Field: "Industry"}, restricted, "fails the lead"},
		"free text that is skipped": {mapping.Rule{Source: "custom.branch", Field: "Industry", Unfit: mapping.Skip},
			restricted, "is left out"},
		"mapped texts": {mapping.Rule{Source: "industry", Field: "Industry", Values: map[string]string{"power": "Energy"}},
			restricted, ""},
		"texts that are not mapped and pass": {mapping.Rule{Source: "industry", Field: "Industry",
			Values: map[string]string{"power": "Energy"}, Unmapped: mapping.PassUnmapped}, restricted, "fails the lead"},
		"a constant": {mapping.Rule{Constant: "Energy", Field: "Industry"}, restricted, ""},
		"never":      {mapping.Rule{Source: "industry", Field: "Industry", Write: mapping.Never}, restricted, ""},
		"an open picklist": {mapping.Rule{Source: "industry", Field: "Industry"}, func(o *orgtest.Org, s *setup) {
			restricted(o, s)
			o.Field("Lead", "Industry").RestrictedPicklist = false
		}, ""},
		"mapped answers": {mapping.Rule{Source: "qualifier.branch", Field: "Industry"}, func(o *orgtest.Org, s *setup) {
			restricted(o, s)
			s.Qualifiers = []mapping.Qualifier{{Name: "branch", Options: map[string]string{"power": "Energy"}}}
		}, ""},
		"answers": {mapping.Rule{Source: "qualifier.branch", Field: "Industry"}, restricted, "fails the lead"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, cfg := orgtest.New(), plainSetup()
			cfg.Mapper = rows("Lead", lastName, tc.rule)
			tc.arrange(org, &cfg)
			report, err := cfg.check(t.Context(), org)
			require.NoError(t, err)
			if tc.want == "" {
				require.Empty(t, report.Findings)
				return
			}
			require.Len(t, report.Findings, 1)
			f := report.Findings[0]
			require.Equal(t, "mapping.objects[0].rules[1].source", f.Path)
			require.Equal(t, preflight.SeverityWarning, f.Severity)
			require.Contains(t, f.Reason, tc.want)
			require.NotEmpty(t, f.Fix)
		})
	}
}
