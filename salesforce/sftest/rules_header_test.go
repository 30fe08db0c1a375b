// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// What docs/salesforce.md says under Headers, and under Errors of who is turned
// away.
func TestRulesOfHeaders(t *testing.T) {
	t.Parallel()
	assign := func(org *sftest.Org) string {
		rep := org.Insert("User", fields{
			"LastName": "Rep", "Username": "rep@x.example", "Email": "rep@x.example", "Alias": "rep", "IsActive": true,
		})
		org.AssignLeadsTo(rep)
		return rep
	}
	keeps(t, "4", []rule{
		{"every versioned answer has Sforce-Limit-Info, refusals too", func(t *testing.T, org *sftest.Org, a *api) {
			for _, path := range []string{"/sobjects", "/sobjects/Nothing", "/query?q=x", "/jobs/query"} {
				require.Regexp(t, `^api-usage=\d+/15000$`, a.do("GET", path, nil).Header.Get("Sforce-Limit-Info"), path)
			}
			org.ExpireToken()
			require.NotEmpty(t, a.in("v99.0", "GET", "/sobjects", nil).Header.Get("Sforce-Limit-Info"))
			require.NotEmpty(t, a.do("GET", "/sobjects", nil, "Authorization", "Bearer x").Header.Get("Sforce-Limit-Info"))
		}},
		{"every answer has an id of the request", func(t *testing.T, _ *sftest.Org, a *api) {
			one, two := a.do("GET", "/limits", nil).Header.Get("X-Sfdc-Request-Id"), a.do("GET", "/x", nil, "Authorization",
				"").Header.Get("X-Sfdc-Request-Id")
			require.Regexp(t, `^[0-9a-f]{32}$`, one)
			require.NotEqual(t, one, two)
		}},
		{"an answer is JSON in UTF-8 that must not be cached", func(t *testing.T, _ *sftest.Org, a *api) {
			h := a.do("GET", "/limits", nil).Header
			require.Equal(t, "application/json;charset=UTF-8", h.Get("Content-Type"))
			require.Equal(t, "no-cache,must-revalidate,max-age=0,no-store,private", h.Get("Cache-Control"))
			require.Equal(t, "Accept-Encoding", h.Get("Vary"))
		}},
		{"Sforce-Auto-Assign is TRUE by default, on create and update", func(t *testing.T, org *sftest.Org, a *api) {
			rep := assign(org)
			id := a.do("POST", "/sobjects/Lead", newLead, "Sforce-Auto-Assign", "false").id()
			require.Equal(t, org.UserID(), org.Row("Lead", id)["OwnerId"])
			a.do("PATCH", "/sobjects/Lead/"+id, newLead)
			require.Equal(t, rep, org.Row("Lead", id)["OwnerId"])
		}},
		{"Sforce-Duplicate-Rule-Header passes alerts since v52, not blocks", func(t *testing.T, org *sftest.Org, a *api) {
			org.AddDuplicateRule("Contact", sftest.DuplicateRule{})
			addContact(org, "a@example.com")
			send := func(version, header string) int {
				return a.in(version, "POST", "/sobjects/Contact", `{"LastName":"L","Email":"a@example.com"}`,
					"Sforce-Duplicate-Rule-Header", header).Status
			}
			require.Equal(t, []int{400, 400, 201},
				[]int{
					send("v52.0", "allowSave=false"), send("v51.0", "allowSave=true"),
					send("v52.0", "allowSave = true; includeRecordDetails=true"),
				})
			org.AddDuplicateRule("Contact", sftest.DuplicateRule{Block: true})
			require.Equal(t, 400, send("v52.0", "allowSave=true"))
		}},
		{"Sforce-Mru is off unless it says updateMru=true", func(t *testing.T, _ *sftest.Org, a *api) {
			a.do("POST", "/sobjects/Contact", newContact)
			a.do("POST", "/sobjects/Contact", newContact, "Sforce-Mru", "updateMru=false")
			require.Empty(t, a.do("GET", "/recent", nil).Body)
			a.do("POST", "/sobjects/Contact", newContact, "Sforce-Mru", "updateMru=true")
			require.Len(t, a.do("GET", "/recent", nil).Body, 1)
		}},
		{"Sforce-Call-Options is taken", func(t *testing.T, _ *sftest.Org, a *api) {
			require.Equal(t, 200, a.do("GET", "/limits", nil, "Sforce-Call-Options", "client=leadsync").Status)
		}},
		{"a token is Bearer or OAuth, and anything else INVALID_AUTH_HEADER", func(t *testing.T, org *sftest.Org, a *api) {
			for scheme, status := range map[string]int{"Bearer": 200, "bearer": 200, "OAuth": 200, "Basic": 401} {
				require.Equal(t, status, a.do("GET", "/limits", nil, "Authorization", scheme+" "+org.Token()).Status, scheme)
			}
			a.do("GET", "/limits", nil, "Authorization", "").refused(t, 401, "INVALID_AUTH_HEADER")
			none := a.request("GET", "/limits", nil)
			none.Header.Del("Authorization")
			res, err := http.DefaultClient.Do(none)
			require.NoError(t, err)
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.Equal(t, 401, res.StatusCode)
			require.JSONEq(t, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`, string(text))
			a.do("GET", "/limits", nil, "Authorization", "Bearer x").refused(t, 401, "INVALID_SESSION_ID")
		}},
		{"deflate is answered to who asks for it", func(t *testing.T, _ *sftest.Org, a *api) {
			require.Equal(t, "deflate", a.do("GET", "/limits", nil, "Accept-Encoding", "deflate").Header.Get("Content-Encoding"))
			require.Empty(t, a.do("GET", "/limits", nil, "Accept-Encoding", "identity").Header.Get("Content-Encoding"))
		}},
		{"a body may come in chunks", func(t *testing.T, org *sftest.Org, a *api) {
			req := a.request("POST", "/sobjects/Contact", struct{ *strings.Reader }{strings.NewReader(newContact)})
			require.Zero(t, req.ContentLength)
			require.Equal(t, 201, a.roundTrip(req).StatusCode)
			require.Equal(t, 1, org.Count("Contact"))
		}},
	})
}
