// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

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
	options []sftest.Option
	define  func(*sftest.Org)
	arrange func(*sftest.Org, *leadsync.Config, *leadsync.Mapping)
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
	// token is what the client gets for a token, fault how requests with a text fail: then
	// Preflight fails with the same, unless the requests are only those that write.
	token error
	fault func(body string) *sftest.Fault
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
			define: field(restrictedTier), row: mapping.Rule{Source: "custom.tier", Field: "Tier__c"},
			lead: tier("Gold"),
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

// Whoever reads of a failure reads the same, and what it is about: for each code, and each way
// in which it arises.
func TestRunTimeSummaryAndPreflightSayTheSame(t *testing.T) {
	t.Parallel()
	ways := waysToFail()
	for _, more := range []map[string]arising{waysToBeRefused(), waysToMatchBadly(), waysToLoseTheConnection(),
		waysToGetNoToken()} {
		maps.Copy(ways, more)
	}
	said := new(heard)
	t.Run("ways", func(t *testing.T) {
		for name, way := range ways {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				way.check(t, said)
			})
		}
	})
	for _, code := range leadtype.Codes() {
		require.True(t, slices.ContainsFunc(slices.Collect(maps.Values(ways)), func(way arising) bool {
			return way.code == code
		}), "no way in which %s arises", code)
	}
	for key := range leadtype.Catalogue() {
		if strings.HasPrefix(key, "fix.") && !strings.HasSuffix(key,
			".call") && !slices.Contains(saidElsewhere(), key) {
			require.True(t, slices.Contains(said.keys, key), "no way in which %s is said", key)
		}
	}
}

// saidElsewhere are the fixes of what is no failure of a lead that these ways meet.
func saidElsewhere() []string {
	return []string{
		"fix.DATA_VALUE_VALIDATION.suppressed", // of a Capture: TestSuppressedLeadsAreRefusedAndCounted
		"fix.DATA_VALUE_VALIDATION.unreadable", // of a Store's row
		"fix.DATA_VALUE_VALIDATION.key",        // of an upsert: TestPreflightFindsEachPlantedProblemUntilItIsMended
		"fix.DATA_VALUE_VALIDATION.place",      // of a constant: TestPreflightFindsEachPlantedProblemUntilItIsMended
		"fix.AUTHENTICATION.other-org",         // of a Store that is bound
		"fix.UNKNOWN.store",                    // of the host's Store: TestRunSurvivesAStoreThatFails
	}
}

// A heard collects the keys of the texts that were shown.
type heard struct {
	mu   sync.Mutex
	keys []string
}

func (h *heard) words(text leadtype.Text) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keys = append(h.keys, text.Key)
	return ""
}

// check has a lead fail, and compares what all say.
func (a *arising) check(t *testing.T, said *heard) {
	t.Helper()
	org, cfg, m := sftest.NewOrg(t, a.options...), a.cfg, withRow(a.row)
	if a.define != nil {
		a.define(org)
	}
	cfg.Mapper = m
	if a.arrange != nil {
		a.arrange(org, &cfg, m)
	}
	help := func(code leadsync.Code) string { return "https://help.example/" + string(code) }
	cfg.Advisor = &leadtype.Advisor{Help: help, Words: said.words}
	syncer := a.syncer(t, org, &cfg)
	lead := scenario.Ada()
	if a.lead != nil {
		a.lead(lead)
	}
	report, refused := syncer.Preflight(t.Context())
	failed, summary := a.fail(t, syncer, lead)

	require.Equal(t, a.code, failed.Code, failed)
	for _, part := range a.names {
		require.Contains(t, failed.Fix(), part)
	}
	require.NotContains(t, failed.Error(), lead.Email)
	cause := summary.Groups[0].Causes[0]
	require.Equal(t, failed.Fix(), cause.Fix)
	require.Equal(t, failed.Description(), cause.Description)
	require.Equal(t, cause.Fix, summary.Groups[0].Fix, "of the one cause")
	require.Equal(t, cause.Description, summary.Groups[0].Description)
	require.Equal(t, failed.Fix(), cfg.Advisor.Error(failed).Fix)
	require.Equal(t, a.foreseen, a.isForeseen(t, report, refused, failed), "%s\n%v", failed.Fix(), report)
	if !a.synced {
		require.Equal(t, help(a.code), cause.Help)
		require.Equal(t, help(a.code), summary.Groups[0].Help)
	}
	stored, err := json.Marshal(failed)
	require.NoError(t, err)
	var back leadsync.Error
	require.NoError(t, json.Unmarshal(stored, &back))
	require.Equal(t, failed.Fix(), back.Fix(), "as it is read from a store")
	require.Equal(t, failed.Description(), back.Description())
}

// syncer returns a syncer of the org, in which requests fail as the way has it.
func (a *arising) syncer(t *testing.T, org *sftest.Org, cfg *leadsync.Config) *leadsync.Syncer {
	t.Helper()
	if a.fault != nil {
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			return a.fault(string(body))
		})
	}
	if a.token == nil {
		return scenario.SyncerOf(t, org, cfg)
	}
	client, err := salesforce.New(org.URL(), tokenSource(func() (*oauth2.Token, error) { return nil, a.token }),
		&salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")},
			JitterFunc: func() float64 { return 0 }})
	require.NoError(t, err)
	syncer, err := leadsync.New(client, cfg)
	require.NoError(t, err)
	return syncer
}

// isForeseen reports whether Preflight said it: as a finding, or as its own error.
func (a *arising) isForeseen(t *testing.T, report *preflight.Report, refused error, failed *leadsync.Error) bool {
	t.Helper()
	if refused != nil {
		var e *leadsync.Error
		require.ErrorAs(t, refused, &e)
		require.Equal(t, failed.Code, e.Code)
		require.Equal(t, failed.Description(), e.Description())
		return failed.Fix() == e.Fix()
	}
	return slices.ContainsFunc(report.Findings, func(f preflight.Finding) bool {
		return f.Code == a.code && f.Fix == failed.Fix() && f.Description == failed.Description() &&
			f.Help == "https://help.example/"+string(a.code)
	})
}

// fail has a lead fail, and returns the error and the Summary.
func (a *arising) fail(t *testing.T, syncer *leadsync.Syncer, lead *leadsync.Lead) (*leadsync.Error, review.Summary) {
	t.Helper()
	if a.synced {
		outcomes, err := syncer.Sync(t.Context(), lead)
		require.Error(t, err)
		require.NotNil(t, outcomes[0].Err, "%v", err)
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
