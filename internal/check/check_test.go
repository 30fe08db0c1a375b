// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/org/orgtest"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// A plainStrategy has fixed probes, and creates one object.
type plainStrategy struct {
	name   string
	probes []leadtype.Probe
	noHit  leadtype.NoHit
}

func (s plainStrategy) Name() string                           { return s.name }
func (s plainStrategy) Probes(*leadtype.Lead) []leadtype.Probe { return s.probes }
func (s plainStrategy) NoHit(*leadtype.Lead) leadtype.NoHit    { return s.noHit }

var (
	toLead = plainStrategy{"to-lead", []leadtype.Probe{{Object: "Contact", Field: "Email"}, {Object: "Lead", Field: "Id"},
		{Object: "Lead", Field: "Email"}},
		leadtype.NoHit{Person: "Lead"}}
	toAccount = plainStrategy{"to-account",
		[]leadtype.Probe{{Object: "Contact", Field: "Email"}, {Object: "Account", Field: "Website"}},
		leadtype.NoHit{Person: "Contact", Account: true}}
)

// A setup is what an org is checked against.
type setup struct {
	mapping.Config
	known      []string // strategies that captured leads may name
	store      Lister
	connection string
	last       *preflight.Schema
	ask        org.Ask
	usage      salesforce.Usage
	// personLeads is Config.PersonLeads.
	personLeads bool
}

// plainSetup is a setup that orgtest.New has no finding against but the missing key
// fields, which it switches off.
func plainSetup() setup {
	return setup{ask: org.Ask{LeadStatuses: true}, Config: mapping.Config{
		KeyPrefix:   "acme",
		Strategies:  []mapping.Strategy{toLead},
		Mapper:      fieldMapper{"Lead": {"LastName", "Company", "Email"}, "Contact": {"LastName"}, "Account": {"Gone__c"}},
		ExternalIDs: map[salesforce.Object]string{},
		Campaigns: []mapping.CampaignLink{{CampaignID: orgtest.CampaignID, Status: "sent",
			Ladder:   []string{"Sent", "Responded"},
			StatusBy: &mapping.StatusBy{Qualifier: "interest", Statuses: map[string]string{"high": "Responded"}}}},
	}}
}

// check checks an org against the setup, as a process does that has just started.
func (s setup) check(ctx context.Context, client org.Reader) (*preflight.Report, error) {
	in := &Input{Set: mapping.NewSet(s.Config), Strategy: s.Strategies[0].Name(), Strategies: s.known,
		Last: s.last, Store: s.store, Connection: s.connection, PersonLeads: s.personLeads,
		Usage: s.usage}
	var err error
	sessions := org.NewSessions(client, in.Set, in.Owner, time.Now)
	if in.Session, err = sessions.Session(ctx); err != nil {
		return nil, err
	}
	if in.Extra, err = sessions.Extra(ctx, in.Session, s.ask); err != nil {
		return nil, err
	}
	return Run(ctx, in)
}

// fieldMapper maps nothing; it names fields of its objects all the same.
type fieldMapper map[salesforce.Object][]string

func (m fieldMapper) Objects() []salesforce.Object        { return slices.Sorted(maps.Keys(m)) }
func (m fieldMapper) Fields(o salesforce.Object) []string { return m[o] }
func (fieldMapper) Map(*leadtype.Lead, mapping.Target) (salesforce.Fields, []leadtype.Warning, error) {
	return nil, nil, nil
}

func TestPreflightOfAnOrgInOrderFindsNothing(t *testing.T) {
	t.Parallel()
	report, err := plainSetup().check(t.Context(), orgtest.New())
	require.NoError(t, err)
	require.Empty(t, report.Findings, "rows for Account do not matter where no strategy writes one")
	require.True(t, report.OK())
	require.Equal(t, orgtest.OrgID, report.Org)
	require.Equal(t, orgtest.UserID, report.User)
	require.Equal(t, "Acme", report.OrgName)
	require.Equal(t, "sync@acme.example", report.Username)
	require.True(t, report.Sandbox)
	require.False(t, report.At.IsZero())
}

func TestPreflightFinds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		arrange func(*orgtest.Org, *setup)
		want    []string // severity code object.field path
	}{
		"an unknown user": {func(o *orgtest.Org, _ *setup) { o.User = "" }, []string{"warning    "}},
		"an inactive user": {func(o *orgtest.Org, _ *setup) {
			o.Records[orgtest.UserID] = salesforce.Fields{"IsActive": false}
		},
			[]string{"error AUTHENTICATION User IsActive "}},
		"no grant of API Enabled": {func(o *orgtest.Org, _ *setup) { o.Rows["PermissionSetAssignment"] = nil },
			[]string{"warning CONNECTION_PERMISSION User  "}},
		"grants that cannot be read": {func(o *orgtest.Org, _ *setup) {
			o.Failures["PermissionSetAssignment"] = &salesforce.Error{HTTPStatus: 400, Code: "INVALID_TYPE"}
		}, []string{"warning  PermissionSetAssignment  "}},
		"a hidden object": {func(o *orgtest.Org, _ *setup) { o.Describes["Contact"] = nil },
			[]string{"error CONNECTION_PERMISSION Contact  "}},
		"a custom object that is not there": {func(_ *orgtest.Org, c *setup) {
			c.Mapper = fieldMapper{"Visit__c": {"A__c"}, "Lead": {"LastName"}, "Contact": nil}
		},
			[]string{"error MISSING_REMOTE_FIELD Visit__c  "}},
		"no right to create": {func(o *orgtest.Org, _ *setup) { o.Describes["Lead"].Createable = false },
			[]string{"error CONNECTION_PERMISSION Lead  "}},
		"no right to edit": {func(o *orgtest.Org, _ *setup) { o.Describes["Contact"].Updateable = false },
			[]string{"error CONNECTION_PERMISSION Contact  "}},
		"no right to create what is only matched": {func(o *orgtest.Org, _ *setup) {
			o.Describes["Contact"].Createable = false
		}, nil},
		"no right to create members": {func(o *orgtest.Org, _ *setup) {
			o.Describes["CampaignMember"].Createable = false
		}, []string{"error CONNECTION_PERMISSION CampaignMember  "}},
		"no right to log tasks": {func(o *orgtest.Org, _ *setup) {
			o.Describes["Task"].Createable = false
		}, []string{"warning CONNECTION_PERMISSION Task  "}},
		"a field to match by that is hidden": {func(o *orgtest.Org, c *setup) {
			o.Describes["Contact"] = orgtest.Writable("Contact", "LastName")
			c.Strategies = append(c.Strategies, toLead)
		}, []string{"error MISSING_REMOTE_FIELD Contact Email "}},
		"a mapped field that is not there": {func(_ *orgtest.Org, c *setup) {
			c.Mapper = fieldMapper{"Lead": {"LastName", "Tier__c"}, "Contact": nil}
		},
			[]string{"error MISSING_REMOTE_FIELD Lead Tier__c "}},
		"a mapped field that is read-only": {func(o *orgtest.Org, _ *setup) {
			o.Field("Lead", "Company").Createable, o.Field("Lead", "Company").Updateable = false, false
		}, []string{"warning CONNECTION_PERMISSION Lead Company "}},
		"a required field that nothing fills": {func(o *orgtest.Org, _ *setup) {
			o.Field("Lead", "Region__c").Nillable = false
		},
			[]string{"error REQUIRED_FIELD_MISSING Lead Region__c "}},
		"a required field that is mapped": {func(o *orgtest.Org, _ *setup) {
			o.Field("Lead", "Company").Nillable = false
		}, nil},
		"a required field of what is only matched": {func(o *orgtest.Org, _ *setup) {
			o.Field("Contact", "Region__c").Nillable = false
		}, nil},
		"an account that another strategy creates": {func(_ *orgtest.Org, c *setup) {
			c.Strategies = append(c.Strategies, toAccount)
		},
			[]string{"error MISSING_REMOTE_FIELD Account Gone__c "}},
		"a campaign that is gone": {func(_ *orgtest.Org, c *setup) { c.Campaigns[0].CampaignID = "701000000000002AAA" },
			[]string{"error CAMPAIGN_STATUS Campaign  campaigns[0].campaignId"}},
		"a campaign that cannot be": {func(_ *orgtest.Org, c *setup) { c.Campaigns[0].CampaignID = "expo" },
			[]string{"error CAMPAIGN_STATUS Campaign  campaigns[0].campaignId"}},
		"an archived link": {func(_ *orgtest.Org, c *setup) {
			c.Campaigns[0] = mapping.CampaignLink{CampaignID: "expo", Archived: true}
		}, nil},
		"an inactive campaign": {func(o *orgtest.Org, _ *setup) { o.Records[orgtest.CampaignID]["IsActive"] = false },
			[]string{"info  Campaign  campaigns[0]"}},
		"statuses that the campaign lacks": {func(_ *orgtest.Org, c *setup) {
			c.Campaigns[0].Status = "Visited"
			c.Campaigns[0].StatusBy.Statuses = map[string]string{"low": "Sent", "high": "Hot"}
			c.Campaigns[0].Ladder = []string{"Sent", "Hot", "Responded"}
		}, []string{
			"error CAMPAIGN_STATUS CampaignMember Status campaigns[0].status",
			`error CAMPAIGN_STATUS CampaignMember Status campaigns[0].statusBy.statuses["high"]`,
			"error CAMPAIGN_STATUS CampaignMember Status campaigns[0].ladder[1]",
		}},
		"statuses that the ladder lacks": {func(_ *orgtest.Org, c *setup) {
			c.Campaigns[0].Ladder, c.Campaigns[0].Status = []string{"responded"}, "Responded"
		}, []string{"info  CampaignMember Status campaigns[0].ladder"}},
		"statuses that cannot be read": {func(o *orgtest.Org, _ *setup) {
			o.Failures["CampaignMemberStatus"] = &salesforce.Error{HTTPStatus: 400, Code: "INVALID_TYPE"}
		}, []string{"warning  CampaignMemberStatus  "}},
		"no key fields": {func(_ *orgtest.Org, c *setup) { c.ExternalIDs = nil },
			[]string{"info  Lead LeadsyncKey__c ", "info  Task LeadsyncKey__c "}},
		"a key field": {func(o *orgtest.Org, c *setup) { c.ExternalIDs = nil; keyed(o.Field("Lead", mapping.KeyFieldName)) },
			[]string{"info  Lead LeadsyncKey__c ", "info  Task LeadsyncKey__c "}},
		"a key field of a system without a name": {func(o *orgtest.Org, c *setup) {
			c.ExternalIDs, c.KeyPrefix = nil, ""
			keyed(o.Field("Lead", mapping.KeyFieldName))
		}, []string{"warning    ", "info  Lead LeadsyncKey__c ", "info  Task LeadsyncKey__c "}},
		"a key field that holds only hashes": {func(o *orgtest.Org, c *setup) {
			c.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"}
			keyed(o.Field("Lead", "Key__c")).Length = 24
		}, []string{"info  Lead Key__c "}},
		"a key field that is too short": {func(o *orgtest.Org, c *setup) {
			c.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"}
			keyed(o.Field("Lead", "Key__c")).Length = 23
		}, []string{"warning  Lead Key__c "}},
		"a key field that is not unique": {func(o *orgtest.Org, c *setup) {
			c.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"}
			keyed(o.Field("Lead", "Key__c")).Unique = false
		}, []string{"warning  Lead Key__c "}},
		"a key field that was asked for": {func(_ *orgtest.Org, c *setup) {
			c.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"}
		},
			[]string{"error MISSING_REMOTE_FIELD Lead Key__c "}},
		"rules": {func(o *orgtest.Org, _ *setup) {
			o.Rows["AssignmentRule"] = []salesforce.Fields{{"Name": "By region", "SobjectType": "Lead"},
				{"Name": "Support", "SobjectType": "Case"}}
			o.Rows["DuplicateRule"] = []salesforce.Fields{{"MasterLabel": "Same e-mail", "SobjectType": "Contact"},
				{"MasterLabel": "Same name", "SobjectType": "Account"}}
		}, []string{"warning DUPLICATE_RECORD Contact  ", "info  Lead  "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, cfg := orgtest.New(), plainSetup()
			tc.arrange(org, &cfg)
			require.Equal(t, tc.want, findingsOf(t, cfg, org))
		})
	}
}

// findingsOf returns each finding as: severity code object
// field path.
func findingsOf(t *testing.T, cfg setup, client org.Reader) []string {
	t.Helper()
	report, err := cfg.check(t.Context(), client)
	require.NoError(t, err)
	var got []string
	ok := true
	for _, f := range report.Findings {
		got = append(got, fmt.Sprintf("%s %s %s %s %s", f.Severity, f.Code, f.Object, f.Field, f.Path))
		require.NotEmpty(t, f.Reason)
		require.True(t, f.Fix != "" || f.Severity == preflight.SeverityInfo, f)
		ok = ok && f.Severity != preflight.SeverityError
	}
	require.Equal(t, ok, report.OK())
	return got
}

// keyed makes a field fit to be a key field.
func keyed(f *salesforce.Field) *salesforce.Field {
	f.ExternalID, f.Unique = true, true
	return f
}

func TestFindingSaysWhereWhatAndWhatToDo(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]preflight.Finding{
		"error: Lead.Gone__c (mapping.objects[0].rules[1].field): is not there. Add it.": {Severity: preflight.SeverityError,
			Object: "Lead", Field: "Gone__c",
			Path: "mapping.objects[0].rules[1].field", Reason: "is not there", Fix: "Add it."},
		"warning: Visit__c: may refuse records. Nothing.": {Severity: preflight.SeverityWarning, Object: "Visit__c",
			Reason: "may refuse records", Fix: "Nothing."},
		"error: (strategies): is not known. Add it.": {Severity: preflight.SeverityError, Path: "strategies",
			Reason: "is not known", Fix: "Add it."},
		"info: two calls.": {Severity: preflight.SeverityInfo, Reason: "two calls"},
	} {
		require.Equal(t, want, f.String())
	}
}

func TestPreflightSaysWhatASessionCosts(t *testing.T) {
	t.Parallel()
	org, cfg := orgtest.New(), plainSetup()
	mapper := fieldMapper{"Lead": nil, "Contact": nil}
	for i := range 20 {
		o := salesforce.Object(fmt.Sprintf("Custom%d__c", i))
		mapper[o], org.Describes[o] = nil, orgtest.Writable(o)
	}
	cfg.Mapper = mapper
	report, err := cfg.check(t.Context(), org)
	require.NoError(t, err)
	require.Len(t, report.Findings, 1)
	require.Equal(t, "describing this org takes 33 requests, 2 API calls per session instead of one",
		report.Findings[0].Reason)
}

func TestPreflightFailsWhereTheOrgCannotBeAsked(t *testing.T) {
	t.Parallel()
	org := orgtest.New()
	org.IdentityErr = &salesforce.Error{HTTPStatus: 401, Code: "INVALID_SESSION_ID"}
	_, err := plainSetup().check(t.Context(), org)
	require.ErrorIs(t, err, leadtype.Authentication)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = plainSetup().check(ctx, orgtest.New())
	require.Equal(t, context.Canceled, err)
}
