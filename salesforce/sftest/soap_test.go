// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"encoding/binary"
	"encoding/xml"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

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
	wsdl := map[string]string{"u": "partner", "c": "enterprise"}[kind]
	res, err := a.send("POST", "/services/Soap/"+kind+"/62.0",
		`<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:`+wsdl+`.soap.sforce.com"><se:Header>`+
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

// What is no message is refused before anything of it counts.
func TestSOAPRefusesWhatIsNoMessage(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithSOAPLogin())
	const (
		space = `http://schemas.xmlsoap.org/soap/envelope/`
		open  = `<se:Envelope xmlns:se="` + space + `">`
		start = open + `<se:Body><login xmlns="urn:partner.soap.sforce.com">` +
			`<username>integration@fake.example</username><password>`
		end   = `</password></login></se:Body></se:Envelope>`
		whole = start + "x" + end
	)
	before := org.Token()
	for name, body := range map[string]string{
		"& in the password":               start + `a&secret` + end,
		"cut":                             start + `secret`,
		"cut before the end":              start + "secret</password>",
		"no UTF-8":                        start + "\xff" + end,
		"an entity that is not declared":  start + "&secret;" + end,
		"a DOCTYPE":                       `<!DOCTYPE x [<!ENTITY secret "x">]>` + whole,
		"SOAP 1.2":                        strings.Replace(whole, space, "http://www.w3.org/2003/05/soap-envelope", 1),
		"no namespace":                    strings.ReplaceAll(strings.Replace(whole, `:se="`+space+`"`, `=""`, 1), "se:", ""),
		"a namespace without declaration": strings.Replace(whole, ` xmlns:se="`+space+`"`, "", 1),
		"nothing":                         "",
		"JSON":                            `{"username":"secret"}`,
		"garbage":                         "\x00\x01secret",
		"two envelopes":                   whole + whole,
		"text behind it":                  whole + "secret",
		"an empty body":                   open + `<se:Body/></se:Envelope>`,
		"no body":                         open + `</se:Envelope>`,
		"too deep":                        start + strings.Repeat("<a>", 2000) + strings.Repeat("</a>", 2000) + end,
		"another encoding":                `<?xml version="1.0" encoding="EBCDIC"?>` + whole,
		"the other WSDL":                  strings.Replace(whole, "urn:partner", "urn:enterprise", 1),
		"half a character":                "\xff\xfe<\x00s",
	} {
		res, err := a.send("POST", "/services/Soap/u/64.0", body, "Content-Type", "text/xml")
		require.NoError(t, err)
		require.Equal(t, 500, res.Status, name)
		require.Contains(t, res.Text, "<soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>", name)
		require.NoError(t, xml.Unmarshal([]byte(res.Text), new(struct{})), name)
		require.NotContains(t, res.Text, "secret", name)
	}
	require.Equal(t, before, org.Token())
	res, err := a.send("POST", "/services/Soap/u/64.0", whole, "Content-Type", "text/xml; charset=cp1252")
	require.NoError(t, err)
	require.Contains(t, res.Text, "the encoding of the request is not supported")
	res, err = a.send("POST", "/services/Soap/u/64.0", whole, "Content-Type", "text/xml")
	require.NoError(t, err)
	require.Equal(t, 200, res.Status, "the rest of it is a login")
	res, err = a.send("GET", "/services/Soap/u/64.0", nil)
	require.NoError(t, err)
	require.Equal(t, []any{405, "POST"}, []any{res.Status, res.Header.Get("Allow")})
}

func TestSOAPReadsOtherEncodings(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithSOAPLogin())
	const message = `<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Body>` +
		`<login xmlns="urn:partner.soap.sforce.com"><username>zo` + "\u00eb" + `@fake.example</username>` +
		`<password>x</password></login></se:Body></se:Envelope>`
	org.Update("User", org.UserID(), fields{"Username": "zo\u00eb@fake.example"})
	wide := func(order binary.AppendByteOrder) string {
		var b []byte
		for _, unit := range utf16.Encode([]rune("\ufeff" + `<?xml version="1.0" encoding="UTF-16"?>` + message)) {
			b = order.AppendUint16(b, unit)
		}
		return string(b)
	}
	latin := strings.ReplaceAll(message, "\u00eb", "\xeb")
	for name, sent := range map[string][2]string{
		"ISO-8859-1 declared":      {`<?xml version="1.0" encoding="ISO-8859-1"?>` + latin, "text/xml"},
		"ISO-8859-1 by its header": {latin, "text/xml; charset=ISO-8859-1"},
		"UTF-16, big end first":    {wide(binary.BigEndian), "text/xml"},
		"UTF-16, little end first": {wide(binary.LittleEndian), "text/xml; charset=utf-16"},
		"UTF-8 with a mark":        {"\ufeff" + message, "text/xml; charset=UTF-8"},
		"US-ASCII":                 {strings.ReplaceAll(message, "\u00eb", "&#235;"), "text/xml; charset=us-ascii"},
	} {
		res, err := a.send("POST", "/services/Soap/u/64.0", sent[0], "Content-Type", sent[1])
		require.NoError(t, err)
		require.Equal(t, 200, res.Status, name+res.Text)
	}
}
