// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestCheckOrgRefusesAnotherOrg(t *testing.T) {
	t.Parallel()
	identified := (&oauth2.Token{AccessToken: "opaque"}).WithExtra(
		map[string]any{"id": "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA"},
	)
	for name, test := range map[string]struct {
		token *oauth2.Token
		org   salesforce.ID
		want  error
	}{
		"same":              {identified, "00D000000000001", nil},
		"by access token":   {&oauth2.Token{AccessToken: "00D000000000001!x"}, "00D000000000001EAA", nil},
		"other":             {identified, "00D000000000002", salesforce.ErrOtherOrg},
		"unknown of token":  {&oauth2.Token{AccessToken: "opaque"}, "00D000000000001", salesforce.ErrOtherOrg},
		"unknown of caller": {identified, "", salesforce.ErrOtherOrg},
		"both unknown":      {new(oauth2.Token), "", salesforce.ErrOtherOrg},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, salesforce.CheckOrg(test.token, test.org), test.want)
		})
	}
}

func TestUserInfoReturnsTheConnectedUser(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	client := connect(t, org)
	org.ExpireToken()
	info, err := client.UserInfo(t.Context())
	require.NoError(t, err)
	require.Equal(t, salesforce.ID(org.OrgID()), info.Org)
	require.Equal(t, salesforce.ID(org.UserID()), info.User)
	require.Equal(t, org.Row("User", org.UserID())["Username"], info.Username)
	require.Equal(t, "STANDARD", info.Type)
	require.True(t, info.Active)
	require.Equal(t, org.URL(), info.MyDomain)
	require.NotContains(t, fmt.Sprintf("%v %+v", info, *info), info.Username)
	require.Zero(t, org.Calls())
	require.Zero(t, client.Usage().Calls)
}

func TestUserInfoRefusesAWrongReply(t *testing.T) {
	t.Parallel()
	dead := line{status: 403, body: "Bad_OAuth_Token"}
	for name, test := range map[string]struct {
		line line
		want string
		sent int
	}{
		"page":     {line{status: 200, body: "<html>"}, "not a user info", 1},
		"no org":   {line{status: 200, body: `{"user_id":"005000000000001AAA"}`}, "no org", 1},
		"no user":  {line{status: 200, body: `{"organization_id":"00D000000000001EAA"}`}, "no user", 1},
		"bad ids":  {line{status: 200, body: `{"organization_id":"00Q000000000001","user_id":"x"}`}, "no org", 1},
		"no token": {dead, "INVALID_SESSION_ID", 2},
		"no org's": {line{status: 403, body: "Wrong_Org\n"}, "INVALID_SESSION_ID", 1},
		"403 text": {line{status: 403, body: "Forbidden by proxy_7"}, "http status 403", 1},
		"403 page": {line{status: 403, body: "<html>"}, "http status 403", 1},
		"refused":  {line{status: 404}, "http status 404", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{test.line}}
			_, err := w.client(t, salesforce.Config{}, &tokens{texts: []string{"a", "b"}}).UserInfo(t.Context())
			require.ErrorContains(t, err, test.want)
			var e *salesforce.Error
			require.ErrorAs(t, err, &e)
			require.False(t, e.Uncertain)
			require.Len(t, w.sent, test.sent)
		})
	}
}

func TestUserInfoWithoutATokenSaysSo(t *testing.T) {
	t.Parallel()
	w := new(wire)
	_, err := w.client(t, salesforce.Config{}, new(failingTokens)).UserInfo(t.Context())
	require.ErrorContains(t, err, "no access token")
	require.Empty(t, w.sent)
}

func FuzzUserInfo(f *testing.F) {
	for _, body := range []string{"", "{}", `{"organization_id":"00D000000000001EAA","user_id":"005000000000001AAA",` +
		`"urls":{}}`, `{"urls":[]}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := &wire{script: []line{{status: 200, body: body}}}
		info, err := w.client(t, salesforce.Config{}, nil).UserInfo(t.Context())
		require.Equal(t, err == nil, info != nil)
		if info != nil {
			require.Equal(t, "00D", info.Org.Prefix())
			require.Equal(t, "005", info.User.Prefix())
		}
	})
}
