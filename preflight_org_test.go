package leadsync_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestPreflightOfAFakeOrgCostsOneCall(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	token := (&oauth2.Token{AccessToken: org.Token()}).WithExtra(map[string]any{"id": org.URL() + "/id/" + org.OrgID() + "/" + org.UserID()})
	client, err := salesforce.New(org.URL(), oauth2.StaticTokenSource(token), &salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}})
	require.NoError(t, err)
	syncer, err := leadsync.New(client, nil)
	require.NoError(t, err)
	report, err := syncer.Preflight(t.Context())
	require.NoError(t, err)
	for _, f := range report.Findings {
		require.Equal(t, leadsync.SeverityInfo, f.Severity, f)
	}
	require.True(t, report.OK())
	require.Equal(t, 1, org.Calls())
	require.EqualValues(t, org.OrgID(), report.Org)
	require.EqualValues(t, org.UserID(), report.User)
	require.NotEmpty(t, report.Username)

	syncOne(t, syncer, &leadsync.Lead{ID: "L1", LastName: "Lovelace", Email: "ada@example.com", Company: "Engines"})
	for _, r := range org.Requests()[1:] {
		for _, sub := range r.Subrequests {
			require.NotContains(t, sub.Path, "describe", "what preflight learned serves the sync")
		}
	}
}

func TestPreflightOfAFakeOrgThatIsClosed(t *testing.T) {
	t.Parallel()
	for want, closeFor := range map[leadsync.Code]func(*sftest.Org){
		leadsync.ConnectionPermission: (*sftest.Org).DisableAPI,
		leadsync.Authentication:       (*sftest.Org).DeactivateUser,
	} {
		org := sftest.NewOrg(t)
		syncer := syncerOf(t, org, nil)
		closeFor(org)
		_, err := syncer.Preflight(t.Context())
		require.ErrorIs(t, err, want)
	}
}
