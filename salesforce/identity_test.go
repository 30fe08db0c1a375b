package salesforce_test

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// appOf is an app of a fake org.
func appOf(t *testing.T, org *sftest.Org) *salesforce.App {
	app, err := salesforce.NewApp(salesforce.AppConfig{
		ClientID: "c", LoginURL: org.URL(), Hosts: []string{strings.TrimPrefix(org.URL(), "http://")},
	})
	require.NoError(t, err)
	return app
}

func TestCheckOrgRefusesAnotherOrg(t *testing.T) {
	t.Parallel()
	identified := (&oauth2.Token{AccessToken: "opaque"}).WithExtra(map[string]any{"id": "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA"})
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

func TestLoginTakesNoOtherOrg(t *testing.T) {
	t.Parallel()
	rotated := strings.Replace(tokenReply, `"token_type"`, `"refresh_token":"r1","token_type"`, 1)
	for name, test := range map[string]struct {
		org     salesforce.ID
		revoke  line
		want    error
		revoked bool
	}{
		"same":                    {"00D000000000001", line{status: 200}, nil, false},
		"other":                   {"00D000000000002", line{status: 200}, salesforce.ErrOtherOrg, true},
		"other, and no revoking":  {"00D000000000002", line{status: 503}, salesforce.ErrOtherOrg, true},
		"other, and no answering": {"00D000000000002", line{err: io.ErrUnexpectedEOF}, salesforce.ErrOtherOrg, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{{status: 200, body: rotated}, test.revoke}}
			app := newApp(t, w)
			login, err := app.BeginLogin("https://host.example/back")
			require.NoError(t, err)
			login.Org = test.org
			token, err := app.FinishLogin(t.Context(), login, url.Values{"state": {login.State}, "code": {"c"}})
			require.ErrorIs(t, err, test.want)
			require.Equal(t, test.want == nil, token != nil)
			if !test.revoked {
				require.Len(t, w.sent, 1)
				return
			}
			require.Len(t, w.sent, 2)
			require.Equal(t, instance+"/services/oauth2/revoke", w.sent[1].url)
			require.Equal(t, "token=r1", w.sent[1].body, "the grant, not the session alone")
		})
	}
}

func TestUserInfoTellsWhoIsConnected(t *testing.T) {
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
		"no token": {dead, "http status 403", 2},
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

func TestRevokeEndsTheGrant(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	app := appOf(t, org)
	token := &oauth2.Token{AccessToken: org.Token(), RefreshToken: org.RefreshToken()}
	require.NoError(t, app.Revoke(t.Context(), token))
	client, err := newClient(t, org.URL(), app.Refresh(token, nil), salesforce.Config{Hosts: []string{strings.TrimPrefix(org.URL(), "http://")}})
	require.NoError(t, err)
	_, err = client.UserInfo(t.Context())
	var e *salesforce.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, salesforce.StatusCode("invalid_grant"), e.Code)
	var unknown *oauth2.RetrieveError
	require.ErrorAs(t, app.Revoke(t.Context(), token), &unknown)
	require.Equal(t, "unsupported_token_type", unknown.ErrorCode)
}

func TestRevokeTellsOfARefusal(t *testing.T) {
	t.Parallel()
	w := &wire{script: []line{{err: errors.New("connection refused")}}}
	app := newApp(t, w)
	require.ErrorContains(t, app.Revoke(t.Context(), &oauth2.Token{AccessToken: "s3cret"}), "revoke endpoint: connection refused")
	require.Equal(t, "token=s3cret", w.sent[0].body)
	require.ErrorContains(t, app.Revoke(t.Context(), nil), "no token")
	require.ErrorContains(t, app.Revoke(t.Context(), new(oauth2.Token)), "no token")
	require.Len(t, w.sent, 1)
}

func FuzzUserInfo(f *testing.F) {
	for _, body := range []string{"", "{}", `{"organization_id":"00D000000000001EAA","user_id":"005000000000001AAA","urls":{}}`, `{"urls":[]}`} {
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

func FuzzTokenReply(f *testing.F) {
	for _, body := range []string{"", "{}", "null", tokenReply, `{"access_token":1}`, `{"error":"invalid_grant"}`, `{"access_token":"x","id":{},"instance_url":[]}`} {
		f.Add(200, body)
		f.Add(400, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		w := &wire{script: []line{{status: status, body: body}}}
		token, err := newApp(t, w).ClientCredentials().Token()
		require.Equal(t, err == nil, token != nil)
		if err != nil {
			return
		}
		require.Equal(t, 200, status)
		require.NotEmpty(t, token.AccessToken)
		_ = salesforce.InstanceURL(token)
		_ = salesforce.CheckOrg(token, sealedOrg)
	})
}
