// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"encoding/xml"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// docs/salesforce.md, OAuth.
func TestSOAPLoginBeginsASession(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithSOAPLogin())
	login := func(version, user, password string) *response {
		res, err := a.send("POST", "/services/Soap/u/"+version,
			`<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header/><se:Body>`+
				`<login xmlns="urn:partner.soap.sforce.com"><username>`+user+`</username><password>`+password+`</password></login>`+
				`</se:Body></se:Envelope>`, "Content-Type", "text/xml", "SOAPAction", `""`)
		require.NoError(t, err)
		return res
	}
	first := org.Token()
	res := login("64.0", "Integration@Fake.example", "a&amp;b")
	require.Equal(t, 200, res.Status, res.Text)
	var answer struct {
		Session string `xml:"Body>loginResponse>result>sessionId"`
		Server  string `xml:"Body>loginResponse>result>serverUrl"`
		User    string `xml:"Body>loginResponse>result>userId"`
		Org     string `xml:"Body>loginResponse>result>userInfo>organizationId"`
	}
	require.NoError(t, xml.Unmarshal([]byte(res.Text), &answer))
	require.Equal(t, org.Token(), answer.Session)
	require.NotEqual(t, first, answer.Session)
	require.Equal(t, org.URL()+"/services/Soap/u/64.0/"+org.OrgID()[:15], answer.Server)
	require.Equal(t, org.UserID(), answer.User)
	require.Equal(t, org.OrgID(), answer.Org)
	require.EqualValues(t, 1, a.query("SELECT Id FROM User").at("totalSize"))

	for _, wrong := range [][2]string{{"nobody@fake.example", "x"}, {"integration@fake.example", ""}} {
		res = login("64.0", wrong[0], wrong[1])
		require.Equal(t, 500, res.Status)
		require.Contains(t, res.Text, "INVALID_LOGIN: Invalid username, password, security token; or user locked out.")
	}
	require.Contains(t, login("65.0", "integration@fake.example", "x").Text, "INVALID_OPERATION")
}

// sent sends an operation of the SOAP API, with a session.
func (a *api) sent(kind, session, operation string) *response {
	a.t.Helper()
	header := ""
	if session != "" {
		header = `<SessionHeader><sessionId>` + session + `</sessionId></SessionHeader>`
	}
	res, err := a.send("POST", "/services/Soap/"+kind+"/62.0",
		`<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><se:Header>`+
			header+`</se:Header><se:Body><`+operation+`/></se:Body></se:Envelope>`, "Content-Type", "text/xml")
	require.NoError(a.t, err)
	return res
}

// The answers are recorded ones, with the org's own values: docs/salesforce.md, OAuth.
func TestSOAPTellsTheTimeAndTheUser(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 3, 10, 9, 14, 41, 321e6, time.UTC)
	org, a := newAPI(t, sftest.WithNow(func() time.Time { return clock }))
	const start = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope ` +
		`xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" ` +
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header><LimitInfoHeader><limitInfo>` +
		`<current>1</current><limit>15000</limit><type>API REQUESTS</type></limitInfo></LimitInfoHeader></soapenv:Header>` +
		`<soapenv:Body>`
	res := a.sent("u", org.Token(), "getServerTimestamp")
	require.Equal(t, 200, res.Status)
	require.Equal(t, start+`<getServerTimestampResponse><result><timestamp>2026-03-10T09:14:41.321Z</timestamp></result>`+
		`</getServerTimestampResponse></soapenv:Body></soapenv:Envelope>`, res.Text)
	require.Equal(t, 1, org.Calls())

	res = a.sent("u", org.Token(), "getUserInfo")
	var user struct {
		Org     string `xml:"Body>getUserInfoResponse>result>organizationId"`
		ID      string `xml:"Body>getUserInfoResponse>result>userId"`
		Name    string `xml:"Body>getUserInfoResponse>result>userName"`
		Profile string `xml:"Body>getUserInfoResponse>result>profileId"`
		Seconds int    `xml:"Body>getUserInfoResponse>result>sessionSecondsValid"`
	}
	require.NoError(t, xml.Unmarshal([]byte(res.Text), &user))
	require.Equal(t, []any{org.OrgID(), org.UserID(), "integration@fake.example", 7200},
		[]any{user.Org, user.ID, user.Name, user.Seconds})
	require.Equal(t, org.Row("User", org.UserID())["ProfileId"], user.Profile)
	require.Contains(t, res.Text, `<roleId xsi:nil="true"/>`)
}

func TestSOAPLogoutEndsTheSession(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	token := org.Token()
	res := a.sent("c", token, "logout")
	require.Equal(t, 200, res.Status)
	require.Contains(t, res.Text, `xmlns="urn:enterprise.soap.sforce.com"`)
	require.Contains(t, res.Text, "<soapenv:Body><logoutResponse/></soapenv:Body>")
	a.do("GET", "/limits", nil, "Authorization", "Bearer "+token).refused(t, 401, "INVALID_SESSION_ID")
	require.Equal(t, 200, a.do("GET", "/limits", nil).Status, "the org has another session for the test")

	for _, session := range []string{token, "", "x"} {
		res = a.sent("u", session, "getUserInfo")
		require.Equal(t, 500, res.Status)
		require.Contains(t, res.Text, "<faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID: "+
			"Invalid Session ID found in SessionHeader: Illegal Session</faultstring>")
	}
	org.SetLimits(sftest.Limits{LongRequests: 5})
	require.Contains(t, a.sent("u", org.Token(), "getUserInfo").Text, "sf:REQUEST_LIMIT_EXCEEDED")
}
