// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestPreflightOfAFakeOrgCostsOneCall(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := knownSyncer(t, org, nil)
	report, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	for _, f := range report.Findings {
		require.Equal(t, preflight.SeverityInfo, f.Severity, f)
	}
	require.True(t, report.OK())
	require.Equal(t, 1, org.Calls())
	require.EqualValues(t, org.OrgID(), report.Org)
	require.EqualValues(t, org.UserID(), report.User)
	require.NotEmpty(t, report.Username)

	scenario.SyncOne(t, syncer,
		&leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", Company: "Engines"})
	for _, r := range org.Requests()[1:] {
		for _, sub := range r.Subrequests {
			require.NotContains(t, sub.Path, "describe", "what preflight learned serves the sync")
		}
	}
}

// knownSyncer is a syncer whose client knows its user.
func knownSyncer(t testing.TB, org *sftest.Org, cfg *leadsync.Config) *leadsync.Syncer {
	t.Helper()
	token := (&oauth2.Token{AccessToken: org.Token()}).WithExtra(map[string]any{"id": org.URL() + "/id/" + org.OrgID() +
		"/" + org.UserID()})
	client, err := salesforce.New(org.URL(), oauth2.StaticTokenSource(token),
		&salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}})
	require.NoError(t, err)
	syncer, err := leadsync.New(client, cfg)
	require.NoError(t, err)
	return syncer
}

// A key that is not unique needs View All Data: preflight looks whether the user
// has it, and says what a sync then does.
func TestPreflightLooksWhetherAKeyThatIsNotUniqueMayBeUsed(t *testing.T) {
	t.Parallel()
	for _, may := range []bool{true, false} {
		org := scenario.VisitOrg(t)
		org.DefineField("Visit__c", sftest.Field{Name: "VisitKey__c", ExternalID: true})
		org.SetPermission("PermissionsViewAllData", may)
		syncer := knownSyncer(t, org, mappedTo(visits()))

		report, err := syncer.Preflight(t.Context())

		require.NoError(t, err)
		require.Equal(t, may, report.OK(), report.Findings)
		found := slices.DeleteFunc(report.Findings, func(f preflight.Finding) bool { return f.Object != "Visit__c" })
		require.Len(t, found, 1)
		require.Contains(t, found[0].Reason, "View All Data")
		_, err = syncer.Sync(t.Context(), scenario.Ada())
		if may {
			require.Equal(t, preflight.SeverityWarning, found[0].Severity)
			require.NoError(t, err)
			continue
		}
		require.Equal(t, leadsync.ConnectionPermission, found[0].Code)
		require.ErrorIs(t, err, leadsync.ConnectionPermission)
	}
}

func TestPreflightOfAFakeOrgThatIsClosed(t *testing.T) {
	t.Parallel()
	for want, closeFor := range map[leadsync.Code]func(*sftest.Org){
		leadsync.ConnectionPermission: (*sftest.Org).DisableAPI,
		leadsync.Authentication:       (*sftest.Org).DeactivateUser,
	} {
		org := sftest.NewOrg(t)
		syncer := scenario.SyncerOf(t, org, nil)
		closeFor(org)
		_, err := syncer.Preflight(t.Context())
		require.ErrorIs(t, err, want)
	}
}

// A session has room for five queries, and lead statuses are not among them: a preflight
// asks for them where the mapping fills the status.
func TestPreflightTakesASecondCallForLeadStatusesOnly(t *testing.T) {
	t.Parallel()
	for wants, rules := range map[int][]leadsync.Rule{1: nil, 2: {{Constant: "Open - Not Contacted", Field: "Status"}}} {
		org := sftest.NewOrg(t)
		m := leadsync.DefaultMapping()
		for i := range m.Sections {
			if m.Sections[i].Object == "Lead" {
				m.Sections[i].Rules = append(m.Sections[i].Rules, rules...)
			}
		}
		report, err := scenario.SyncerOf(t, org, &leadsync.Config{Mapper: m}).Preflight(t.Context())
		require.NoError(t, err)
		require.True(t, report.OK(), report.Findings)
		require.Equal(t, wants, org.Calls())
	}
}
