package leadsync

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// A plainStrategy probes and creates what it is told.
type plainStrategy struct {
	name   string
	probes []Probe
	noHit  NoHit
}

func (s plainStrategy) Name() string         { return s.name }
func (s plainStrategy) Probes(*Lead) []Probe { return s.probes }
func (s plainStrategy) NoHit(*Lead) NoHit    { return s.noHit }

var (
	toLead = plainStrategy{"to-lead", []Probe{{Object: "Contact", Field: "Email"}, {Object: "Lead", Field: "Id"}, {Object: "Lead", Field: "Email"}},
		NoHit{Person: "Lead"}}
	toAccount = plainStrategy{"to-account", []Probe{{Object: "Contact", Field: "Email"}, {Object: "Account", Field: "Website"}},
		NoHit{Person: "Contact", Account: true}}
)

// preflightConfig is a Config that newSchemaOrg has no finding against but the
// missing key fields, which it switches off.
func preflightConfig() Config {
	return Config{
		Strategy:    toLead,
		Mapper:      objectMapper{"Lead": {"LastName", "Company", "Email"}, "Contact": {"LastName"}, "Account": {"Gone__c"}},
		ExternalIDs: map[salesforce.Object]string{},
		Campaigns: []CampaignLink{{CampaignID: testCampaignID, Status: "sent", Ladder: []string{"Sent", "Responded"},
			StatusBy: &StatusBy{Qualifier: "interest", Statuses: map[string]string{"high": "Responded"}}}},
	}
}

func TestPreflightOfAnOrgInOrderFindsNothing(t *testing.T) {
	t.Parallel()
	s := newSchemaSyncer(newSchemaOrg(), preflightConfig())
	report, err := s.Preflight(t.Context())
	require.NoError(t, err)
	require.Empty(t, report.Findings, "rows for Account do not matter where no strategy writes one")
	require.True(t, report.OK())
	require.Equal(t, testOrgID, report.Org)
	require.Equal(t, testUserID, report.User)
	require.Equal(t, "Acme", report.OrgName)
	require.Equal(t, "sync@acme.example", report.Username)
	require.True(t, report.Sandbox)
	require.False(t, report.At.IsZero())
}

func TestPreflightFinds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		arrange func(*schemaOrg, *Config)
		want    []string // severity code object.field path
	}{
		"an unknown user": {func(o *schemaOrg, _ *Config) { o.user = "" }, []string{"warning    "}},
		"an inactive user": {func(o *schemaOrg, _ *Config) { o.records[testUserID] = salesforce.Fields{"IsActive": false} },
			[]string{"error AUTHENTICATION User IsActive "}},
		"no grant of API Enabled": {func(o *schemaOrg, _ *Config) { o.rows["PermissionSetAssignment"] = nil },
			[]string{"warning CONNECTION_PERMISSION User  "}},
		"grants that cannot be read": {func(o *schemaOrg, _ *Config) {
			o.failures["PermissionSetAssignment"] = &salesforce.Error{HTTPStatus: 400, Code: "INVALID_TYPE"}
		}, []string{"warning  PermissionSetAssignment  "}},
		"a hidden object": {func(o *schemaOrg, _ *Config) { o.describes["Contact"] = nil },
			[]string{"error CONNECTION_PERMISSION Contact  "}},
		"a custom object that is not there": {func(_ *schemaOrg, c *Config) { c.Mapper = objectMapper{"Visit__c": {"A__c"}, "Lead": {"LastName"}} },
			[]string{"error MISSING_REMOTE_FIELD Visit__c  "}},
		"no right to create": {func(o *schemaOrg, _ *Config) { o.describes["Lead"].Createable = false },
			[]string{"error CONNECTION_PERMISSION Lead  "}},
		"no right to edit": {func(o *schemaOrg, _ *Config) { o.describes["Contact"].Updateable = false },
			[]string{"error CONNECTION_PERMISSION Contact  "}},
		"no right to create what is only matched": {func(o *schemaOrg, _ *Config) { o.describes["Contact"].Createable = false }, nil},
		"no right to create members":              {func(o *schemaOrg, _ *Config) { o.describes["CampaignMember"].Createable = false }, []string{"error CONNECTION_PERMISSION CampaignMember  "}},
		"no right to log tasks":                   {func(o *schemaOrg, _ *Config) { o.describes["Task"].Createable = false }, []string{"warning CONNECTION_PERMISSION Task  "}},
		"a field to match by that is hidden": {func(o *schemaOrg, c *Config) {
			o.describes["Contact"] = writable("Contact", "LastName")
			c.Strategies = []Strategy{toLead}
		}, []string{"error MISSING_REMOTE_FIELD Contact Email "}},
		"a mapped field that is not there": {func(_ *schemaOrg, c *Config) { c.Mapper = objectMapper{"Lead": {"LastName", "Tier__c"}} },
			[]string{"error MISSING_REMOTE_FIELD Lead Tier__c "}},
		"a mapped field that is read-only": {func(o *schemaOrg, _ *Config) {
			o.field("Lead", "Company").Createable, o.field("Lead", "Company").Updateable = false, false
		}, []string{"warning CONNECTION_PERMISSION Lead Company "}},
		"a required field that nothing fills": {func(o *schemaOrg, _ *Config) { o.field("Lead", "Region__c").Nillable = false },
			[]string{"error REQUIRED_FIELD_MISSING Lead Region__c "}},
		"a required field that is mapped":          {func(o *schemaOrg, _ *Config) { o.field("Lead", "Company").Nillable = false }, nil},
		"a required field of what is only matched": {func(o *schemaOrg, _ *Config) { o.field("Contact", "Region__c").Nillable = false }, nil},
		"an account that another strategy creates": {func(_ *schemaOrg, c *Config) { c.Strategies = []Strategy{toAccount} },
			[]string{"error MISSING_REMOTE_FIELD Account Gone__c "}},
		"a campaign that is gone": {func(_ *schemaOrg, c *Config) { c.Campaigns[0].CampaignID = "701000000000002AAA" },
			[]string{"error CAMPAIGN_STATUS Campaign  campaigns[0].campaignId"}},
		"a campaign that cannot be": {func(_ *schemaOrg, c *Config) { c.Campaigns[0].CampaignID = "expo" },
			[]string{"error CAMPAIGN_STATUS Campaign  campaigns[0].campaignId"}},
		"an archived link": {func(_ *schemaOrg, c *Config) { c.Campaigns[0] = CampaignLink{CampaignID: "expo", Archived: true} }, nil},
		"an inactive campaign": {func(o *schemaOrg, _ *Config) { o.records[testCampaignID]["IsActive"] = false },
			[]string{"info  Campaign  campaigns[0]"}},
		"statuses that the campaign lacks": {func(_ *schemaOrg, c *Config) {
			c.Campaigns[0].Status = "Visited"
			c.Campaigns[0].StatusBy.Statuses = map[string]string{"low": "Sent", "high": "Hot"}
			c.Campaigns[0].Ladder = []string{"Sent", "Hot", "Responded"}
		}, []string{
			"error CAMPAIGN_STATUS CampaignMember Status campaigns[0].status",
			`error CAMPAIGN_STATUS CampaignMember Status campaigns[0].statusBy.statuses["high"]`,
			"error CAMPAIGN_STATUS CampaignMember Status campaigns[0].ladder[1]",
		}},
		"statuses that the ladder lacks": {func(_ *schemaOrg, c *Config) {
			c.Campaigns[0].Ladder, c.Campaigns[0].Status = []string{"responded"}, "Responded"
		}, []string{"info  CampaignMember Status campaigns[0].ladder"}},
		"statuses that cannot be read": {func(o *schemaOrg, _ *Config) {
			o.failures["CampaignMemberStatus"] = &salesforce.Error{HTTPStatus: 400, Code: "INVALID_TYPE"}
		}, []string{"warning  CampaignMemberStatus  "}},
		"no key fields": {func(_ *schemaOrg, c *Config) { c.ExternalIDs = nil },
			[]string{"info  Lead LeadsyncKey__c ", "info  Task LeadsyncKey__c "}},
		"a key field": {func(o *schemaOrg, c *Config) { c.ExternalIDs = nil; keyed(o.field("Lead", keyFieldName)) },
			[]string{"info  Lead LeadsyncKey__c ", "info  Task LeadsyncKey__c "}},
		"a short key field": {func(o *schemaOrg, c *Config) {
			c.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"}
			keyed(o.field("Lead", "Key__c")).Length = 64
		}, []string{"warning  Lead Key__c "}},
		"a key field that is not unique": {func(o *schemaOrg, c *Config) {
			c.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"}
			keyed(o.field("Lead", "Key__c")).Unique = false
		}, []string{"warning  Lead Key__c "}},
		"a key field that was asked for": {func(_ *schemaOrg, c *Config) { c.ExternalIDs = map[salesforce.Object]string{"Lead": "Key__c"} },
			[]string{"error MISSING_REMOTE_FIELD Lead Key__c "}},
		"rules": {func(o *schemaOrg, _ *Config) {
			o.rows["AssignmentRule"] = []salesforce.Fields{{"Name": "By region", "SobjectType": "Lead"}, {"Name": "Support", "SobjectType": "Case"}}
			o.rows["DuplicateRule"] = []salesforce.Fields{{"MasterLabel": "Same e-mail", "SobjectType": "Contact"}, {"MasterLabel": "Same name", "SobjectType": "Account"}}
		}, []string{"warning DUPLICATE_RECORD Contact  ", "info  Lead  "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, cfg := newSchemaOrg(), preflightConfig()
			tc.arrange(org, &cfg)
			require.Equal(t, tc.want, findingsOf(t, newSchemaSyncer(org, cfg)))
		})
	}
}

// findingsOf runs Preflight and returns each finding as: severity code object
// field path.
func findingsOf(t *testing.T, s *Syncer) []string {
	t.Helper()
	report, err := s.Preflight(t.Context())
	require.NoError(t, err)
	var got []string
	ok := true
	for _, f := range report.Findings {
		got = append(got, fmt.Sprintf("%s %s %s %s %s", f.Severity, f.Code, f.Object, f.Field, f.Path))
		require.NotEmpty(t, f.Reason)
		require.True(t, f.Fix != "" || f.Severity == SeverityInfo, f)
		ok = ok && f.Severity != SeverityError
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
	for want, f := range map[string]Finding{
		"error: Lead.Gone__c (mapping.objects[0].rules[1].field): is not there. Add it.": {Severity: SeverityError, Object: "Lead", Field: "Gone__c",
			Path: "mapping.objects[0].rules[1].field", Reason: "is not there", Fix: "Add it."},
		"warning: Visit__c: may refuse records. Nothing.": {Severity: SeverityWarning, Object: "Visit__c", Reason: "may refuse records", Fix: "Nothing."},
		"error: (strategies): is not known. Add it.":      {Severity: SeverityError, Path: "strategies", Reason: "is not known", Fix: "Add it."},
		"info: two calls.": {Severity: SeverityInfo, Reason: "two calls"},
	} {
		require.Equal(t, want, f.String())
	}
}

func TestPreflightSaysWhatASessionCosts(t *testing.T) {
	t.Parallel()
	org, cfg := newSchemaOrg(), preflightConfig()
	mapper := objectMapper{}
	for i := range 20 {
		o := salesforce.Object(fmt.Sprintf("Custom%d__c", i))
		mapper[o], org.describes[o] = nil, writable(o)
	}
	cfg.Mapper = mapper
	report, err := newSchemaSyncer(org, cfg).Preflight(t.Context())
	require.NoError(t, err)
	require.Len(t, report.Findings, 1)
	require.Equal(t, "describing this org takes 33 requests, 2 API calls per session instead of one", report.Findings[0].Reason)
}

func TestPreflightFailsWhereTheOrgCannotBeAsked(t *testing.T) {
	t.Parallel()
	org := newSchemaOrg()
	org.identityErr = &salesforce.Error{HTTPStatus: 401, Code: "INVALID_SESSION_ID"}
	_, err := newSchemaSyncer(org, preflightConfig()).Preflight(t.Context())
	require.ErrorIs(t, err, Authentication)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = newSchemaSyncer(newSchemaOrg(), preflightConfig()).Preflight(ctx)
	require.Equal(t, context.Canceled, err)
}
