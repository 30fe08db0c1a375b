// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// inProcess sends a request without a server, as a synctest bubble needs it.
func (a *api) inProcess(method, path, sent string) *http.Response {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, "https://org.example"+base+path, strings.NewReader(sent))
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer "+a.org.Token())
	res, err := a.org.Transport().RoundTrip(req)
	require.NoError(a.t, err)
	return res
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(text)
}

// A lock holds for so many tries, a try being a call however many of its rows
// need the lock (docs/salesforce.md, Repeats).
func TestLockedRowIsFreeAfterSomeTries(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	account := org.Insert("Account", fields{"Name": "Acme"})
	org.LockRow("Account", account, 3)
	a.do("PATCH", "/sobjects/Account/"+account, `{"Name":"B"}`).refused(t, 400, "UNABLE_TO_LOCK_ROW")
	a.do("DELETE", "/sobjects/Account/"+account, nil).refused(t, 400, "UNABLE_TO_LOCK_ROW")
	children := collection(false, rows("Contact", `{"LastName":"A","AccountId":"`+account+`"}`, `{"LastName":"B"}`,
		`{"LastName":"C","AccountId":"`+account+`"}`))
	res := a.do("POST", "/composite/sobjects", children)
	require.Equal(t, []string{"UNABLE_TO_LOCK_ROW", "", "UNABLE_TO_LOCK_ROW"}, res.rowCodes())
	require.Equal(t, "unable to obtain exclusive access to this record or 1 records: "+account,
		res.at(0, "errors", 0, "message"))
	require.Equal(t, []string{"", "", ""}, a.do("POST", "/composite/sobjects", children).rowCodes())
	require.Equal(t, 204, a.do("PATCH", "/sobjects/Account/"+account, `{"Name":"B"}`).Status)
	require.Panics(t, func() { org.LockRow("Account", "001dM0000000000", 1) })
}

func TestLockCountsSubrequestsOfACompositeUnlessTheyAreOne(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	campaign, lead := addCampaign(org), addLead(org, "a@example.com")
	member := func(ref string) part {
		return post(ref, "/sobjects/CampaignMember", fields{"CampaignId": campaign, "LeadId": lead})
	}
	org.LockRow("Campaign", campaign, 1)
	results := a.composite(true, member("a"), member("b"))
	require.Equal(t, "UNABLE_TO_LOCK_ROW", results[0].code())
	require.Equal(t, "UNABLE_TO_LOCK_ROW", results[1].code(), "one transaction is one try")
	org.LockRow("Campaign", campaign, 1)
	results = a.composite(false, member("a"), member("b"))
	require.Equal(t, []int{400, 201}, []int{results[0].Status, results[1].Status})
	org.LockRow("Campaign", campaign, 9)
	org.LockRow("Campaign", campaign, 0)
	require.Equal(t, 204, a.do("DELETE", "/sobjects/CampaignMember/"+results[1].id(), nil).Status)
}

// The answer waits for what the slow rows of the call add up to, and other calls
// do not.
func TestSlowRowsHoldTheAnswerBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		org.SlowRows("Contact", func(row map[string]any) time.Duration {
			if row["LastName"] == "Slow" {
				return 4 * time.Second
			}
			return 0
		})
		a := &api{t, org}
		took := func(path, sent string) time.Duration {
			start := time.Now()
			require.Equal(t, 200, a.inProcess("POST", path, sent).StatusCode)
			return time.Since(start)
		}
		slow := string(collection(false, rows("Contact", `{"LastName":"Slow"}`, `{"LastName":"Quick"}`,
			`{"LastName":"Slow"}`)))
		require.Equal(t, 8*time.Second, took("/composite/sobjects", slow))
		require.Zero(t, took("/composite/sobjects", string(collection(false, contacts(3)))))
		node := `{"compositeRequest":[{"method":"POST","url":"` + base +
			`/sobjects/Contact","referenceId":"a","body":{"LastName":"Slow"}}]`
		require.Equal(t, 4*time.Second, took("/composite", node+`,"allOrNone":true}`))
		require.Equal(t, 4*time.Second, took("/composite/graph", `{"graphs":[`+node+`,"graphId":"g"}]}`))
	})
}

// A session ends between two requests, and a refresh recovers it.
func TestScriptMayExpireTheToken(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	token := org.Token()
	org.Fail(func(_ *http.Request, n int) *sftest.Fault {
		if n == 2 {
			org.ExpireToken()
		}
		return nil
	})
	status := func(token string) int { return a.do("GET", "/limits", nil, "Authorization", "Bearer "+token).Status }
	require.Equal(t, []int{200, 401}, []int{status(token), status(token)})
	res := a.token(map[string][]string{"grant_type": {"refresh_token"}, "refresh_token": {org.RefreshToken()}})
	require.Equal(t, 200, status(res.at("access_token").(string)))
}
