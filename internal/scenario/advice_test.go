// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/review"
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
	// synced says that Sync, which retries less than Drain, is called.
	synced bool
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
		"a required answer that is missing": {
			cfg: leadsync.Config{Qualifiers: []leadsync.Qualifier{{Name: "Tier", Required: true,
				Fields: map[salesforce.Object]string{"Lead": "Title"}}}},
			code: leadsync.RequiredFieldMissing, names: []string{"Answer qualifier.Tier", "optional"},
		},
		"a campaign that is gone": {
			cfg:  leadsync.Config{Campaigns: []leadsync.CampaignLink{{CampaignID: "701000000000001AAA"}}},
			code: leadsync.CampaignStatus, names: []string{"campaign's id", "archive the link"}, foreseen: true,
		},
		"an object that is not created": {
			define: func(org *sftest.Org) { org.Forbid("Lead", "create") },
			code:   leadsync.ConnectionPermission, names: []string{"create and edit on Lead"}, foreseen: true,
		},
		"a rep that is no user": {
			cfg:  leadsync.Config{Owners: leadsync.HoldOwner},
			lead: func(lead *leadsync.Lead) { lead.CapturedBy = "rep@host.example" },
			code: leadsync.OwnerInvalid, names: []string{"rep's e-mail address"},
		},
		"a record that is there": {
			cfg: leadsync.Config{Duplicates: leadsync.HoldDuplicate},
			define: func(org *sftest.Org) {
				org.AddDuplicateRule("Lead", sftest.DuplicateRule{MatchOn: []string{"LastName"}})
				org.Insert("Lead", map[string]any{"LastName": scenario.Ada().LastName, "Company": "Else"})
			},
			code: leadsync.DuplicateRecord, names: []string{"Lead 00Q", "http://", "/00Q"},
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

// refusedBy is what the org refuses a Lead with.
func refusedBy(status, message string, fields ...string) func(*sftest.Org) {
	return func(org *sftest.Org) {
		org.OnRow("Lead", func(string, map[string]any) *sftest.RowError {
			return &sftest.RowError{StatusCode: status, Message: message, Fields: fields}
		})
	}
}

// waysToBeRefused are what only Salesforce knows.
func waysToBeRefused() map[string]arising {
	ways := make(map[string]arising)
	for _, row := range []struct {
		status, message string
		fields          []string
		code            leadsync.Code
		names           []string
	}{
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "FillRegion: execution of BeforeInsert\n\ncaused by: null", nil,
			leadsync.RemoteAutomation, []string{`trigger "FillRegion"`, "Lead"}},
		{"CANNOT_EXECUTE_FLOW_TRIGGER", `We can't save this record because the "Route Leads" process failed.`, nil,
			leadsync.RemoteAutomation, []string{`"Route Leads"`, "Lead"}},
		{"CANNOT_EXECUTE_FLOW_TRIGGER", "Nicht gespeichert, weil der Prozess „Leads verteilen“ fehlgeschlagen ist.", nil,
			leadsync.RemoteAutomation, []string{`"Leads verteilen"`, "Lead"}},
		{"CANNOT_EXECUTE_FLOW_TRIGGER", "A flow trigger failed to execute the flow with version ID 3015e000000abcD.", nil,
			leadsync.RemoteAutomation, []string{`"3015e000000abcD"`, "Lead"}},
		{"CANNOT_EXECUTE_FLOW_TRIGGER", `for "ada@acme.example"`, nil,
			leadsync.RemoteAutomation, []string{"administrator"}},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "record type missing for: Lead", nil,
			leadsync.ConnectionPermission, []string{"record type of Lead", "profile or a permission set"}},
		{"INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid for the user: 0125e000000abcDAAQ",
			[]string{"RecordTypeId"}, leadsync.ConnectionPermission, []string{"record type of Lead", "assign it"}},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: Lead", nil,
			leadsync.ConnectionPermission, []string{"create and edit on Lead"}},
		{"INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", nil,
			leadsync.ConnectionPermission, []string{"record of Lead"}},
		{"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id", nil,
			leadsync.ConnectionPermission, []string{"Lead refers to"}},
		{"TXN_SECURITY_NO_ACCESS", "The operation isn't allowed due to a security policy", nil,
			leadsync.ConnectionPermission, []string{"security policy"}},
		{"INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Title", []string{"Title"},
			leadsync.ConnectionPermission, []string{"Lead.Title", "permission set"}},
		{"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Status: bad value for restricted picklist field: Warm",
			[]string{"Status"}, leadsync.DataValueValidation, []string{`"Warm"`, "picklist Lead.Status", "lift", "text field"}},
		{"FIELD_FILTER_VALIDATION_EXCEPTION", "Value does not exist or does not match filter criteria.",
			[]string{"Partner__c"}, leadsync.DataValueValidation, []string{"Lead.Partner__c", "lookup filter"}},
		{"STRING_TOO_LONG", "Company: data value too large", []string{"Company"},
			leadsync.DataValueValidation, []string{"Lead.Company", "Shorten"}},
		{"REQUIRED_FIELD_MISSING", "Required fields are missing: [Budget__c]", []string{"Budget__c"},
			leadsync.RequiredFieldMissing, []string{"Lead.Budget__c"}},
		{"ENTITY_IS_LOCKED", "the entity is locked for editing", nil, leadsync.RecordLocked, []string{"unlock"}},
		{"INACTIVE_OWNER_OR_USER", "operation performed with inactive user", []string{"OwnerId"},
			leadsync.OwnerInvalid, []string{"owner"}},
		{"INVALID_PERSON_ACCOUNT_OPERATION", "not allowed", nil, leadsync.PersonAccount, []string{"IsPersonAccount"}},
		{"STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", nil, leadsync.StorageLimit, []string{"buy storage"}},
		{"NOVEL_EXCEPTION", "new", nil, leadsync.Unknown, []string{"report it"}},
	} {
		ways[row.status+" "+row.message] = arising{define: refusedBy(row.status, row.message, row.fields...),
			code: row.code, names: row.names, synced: true}
	}
	return ways
}

// Whoever reads of a failure reads the same, and what it is about.
func TestRunTimeSummaryAndPreflightSayTheSame(t *testing.T) {
	t.Parallel()
	ways := waysToFail()
	maps.Copy(ways, waysToBeRefused())
	for name, way := range ways {
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
			failed, summary := way.fail(t, syncer, lead)

			require.Equal(t, way.code, failed.Code)
			for _, part := range way.names {
				require.Contains(t, failed.Fix(), part)
			}
			require.NotContains(t, failed.Error(), lead.Email)
			cause := summary.Groups[0].Causes[0]
			require.Equal(t, failed.Fix(), cause.Fix)
			require.Equal(t, failed.Description(), cause.Description)
			says := func(f preflight.Finding) bool {
				return f.Code == way.code && f.Fix == failed.Fix() && f.Description == failed.Description() &&
					f.Help == help(way.code)
			}
			require.Equal(t, way.foreseen, slices.ContainsFunc(report.Findings, says), "%s\n%v", failed.Fix(), report.Findings)
			if !way.synced {
				require.Equal(t, help(way.code), cause.Help)
				require.Equal(t, help(way.code), summary.Groups[0].Help)
			}
			stored, err := json.Marshal(failed)
			require.NoError(t, err)
			var back leadsync.Error
			require.NoError(t, json.Unmarshal(stored, &back))
			require.Equal(t, failed.Fix(), back.Fix(), "as it is read from a store")
			require.Equal(t, failed.Description(), back.Description())
		})
	}
}

// fail has a lead fail, and returns the error and the Summary.
func (a *arising) fail(t *testing.T, syncer *leadsync.Syncer, lead *leadsync.Lead) (*leadsync.Error, review.Summary) {
	t.Helper()
	if a.synced {
		outcomes, err := syncer.Sync(t.Context(), lead)
		require.Error(t, err)
		failed := *outcomes[0]
		failed.Stage = leadsync.Failed // also where it would be tried again
		return failed.Err, review.Summarize([]*leadsync.Outcome{&failed})
	}
	_, err := syncer.Capture(t.Context(), lead)
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	last := scenario.StoredIn(t, syncer)[0].Last
	require.Equal(t, leadsync.Failed, last.Stage)
	return last.Err, summary
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
