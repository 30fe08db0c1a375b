// SPDX-License-Identifier: Apache-2.0

// Package soap answers the SOAP API of the fake org: logins, and what needs no more than a session.
package soap

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// path matches an endpoint of the SOAP API: its kind, such as u for the partner WSDL, and
// the version.
var path = regexp.MustCompile(`^/services/Soap/(\w+)/(\d+)\.0(?:/|$)`)

// lastLogin is the last version whose SOAP API has login() (docs/salesforce.md, OAuth).
const lastLogin = 64

// An API answers the SOAP API: sessions, their user and the time, and refusals.
type API struct {
	// Login begins a session of a user; false for a name or a password that are not the user's.
	// Nil refuses all, as new orgs do.
	Login func(user, password string) (session string, ok bool)
	// Admit counts a call of a session, or refuses it.
	Admit func(session string) *wire.Error
	// Logout ends a session.
	Logout func(session string)
	// About returns the ids and texts of the org and the user, and what else answers tell.
	About func() About
	// Unsupported reports what the fake org lacks.
	Unsupported func(what string) *wire.Reply
}

// About is what answers tell of an org. RoleID is "" without a role.
type About struct {
	OrgID, OrgName, UserID, UserName, FullName, Email, ProfileID, RoleID string
	Persons                                                              bool // person accounts are on
	Session                                                              time.Duration
	Now                                                                  time.Time
	Used, Limit                                                          int // API calls
}

// Serve answers a request: a login (docs/salesforce.md, OAuth), refusals with texts that are
// recorded, and a fault for any other operation, which is unsupported.
func (a API) Serve(r *http.Request, body []byte) *wire.Reply {
	found := path.FindStringSubmatch(r.URL.Path)
	if found == nil {
		return a.Unsupported(r.Method + " " + r.URL.Path)
	}
	kind := found[1]
	version, _ := strconv.Atoi(found[2])
	switch {
	case r.Method != http.MethodPost:
		return wire.Answer(http.StatusMethodNotAllowed, nil).With("Allow", http.MethodPost)
	case version < wire.OldestVersion || version > wire.NewestVersion:
		return fault(kind, "UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
	}
	m, err := read(body, r.Header.Get("Content-Type"))
	if err != nil {
		return unreadable(err.Error())
	}
	operation, space := m.operation.Local, "urn:"+wsdl(kind)+".soap.sforce.com"
	switch {
	case (kind == "u" || kind == "c") && m.operation.Space != space:
		return unreadable(fmt.Sprintf("No operation available for request {%s}%s, please check the WSDL for the service.",
			m.operation.Space, operation))
	case operation == "login" && version > lastLogin:
		return fault(kind, "INVALID_OPERATION", fmt.Sprintf("The SOAP Login operation is not available in the API "+
			"version specified (%d.0). Refer to the documentation for supported versions.", version))
	case operation == "login" && a.Login == nil:
		return fault(kind, "INVALID_OPERATION", "SOAP API login() is disabled by default in this org. "+
			"Contact the org administrator to enable SOAP API login().")
	case operation == "login":
		return a.login(wire.InstanceURL(r), kind, found[2], m.values)
	case (kind == "u" || kind == "c") && slices.Contains(ofSessions, operation):
		return a.ofSession(kind, operation, m.session)
	}
	return faultOf(kind, a.Unsupported(r.Method+" "+r.URL.Path+" ("+operation+")"))
}

// faultOf returns the error of a reply as a fault.
func faultOf(kind string, rep *wire.Reply) *wire.Reply {
	first := rep.Body.([]any)[0].(wire.Object)
	return fault(kind, first.Text("errorCode"), first.Text("message"))
}

// login begins a session, as recorded.
func (a API) login(instance, kind, version string, values map[string]string) *wire.Reply {
	session, ok := a.Login(values["username"], values["password"])
	if !ok {
		return fault(kind, "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
	}
	about := a.About()
	var text members
	endpoint := func(kind string) string {
		return instance + "/services/Soap/" + kind + "/" + version + ".0/" + about.OrgID[:15]
	}
	text.add("metadataServerUrl", endpoint("m"))
	text.add("passwordExpired", "false")
	text.add("sandbox", "false")
	text.add("serverUrl", endpoint(kind))
	text.add("sessionId", session)
	text.add("userId", about.UserID)
	return answer(kind, "", "<loginResponse><result>"+text.String()+"<userInfo>"+about.userInfo()+
		"</userInfo></result></loginResponse>")
}

// ofSessions are the operations that need a session (docs/salesforce.md, OAuth).
var ofSessions = []string{"logout", "getServerTimestamp", "getUserInfo"}

// ofSession answers one of them, as recorded, or refuses a session as recorded.
func (a API) ofSession(kind, operation, session string) *wire.Reply {
	var refused *wire.Error
	if session != "" {
		refused = a.Admit(session)
	}
	switch {
	case session == "" || refused != nil && refused.Status == 401:
		return fault(kind, "INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
	case refused != nil:
		return faultOf(kind, refused.Reply())
	}
	about := a.About()
	header := fmt.Sprintf("<soapenv:Header><LimitInfoHeader><limitInfo><current>%d</current><limit>%d</limit>"+
		"<type>API REQUESTS</type></limitInfo></LimitInfoHeader></soapenv:Header>", about.Used, about.Limit)
	switch operation {
	case "logout":
		a.Logout(session)
		return answer(kind, "", "<logoutResponse/>")
	case "getServerTimestamp":
		return answer(kind, header, "<getServerTimestampResponse><result><timestamp>"+
			about.Now.UTC().Format("2006-01-02T15:04:05.000Z")+"</timestamp></result></getServerTimestampResponse>")
	}
	return answer(kind, header, "<getUserInfoResponse><result>"+about.userInfo()+"</result></getUserInfoResponse>")
}

// userInfo returns what is known of the user, with the members of recorded answers.
func (a About) userInfo() string {
	var text members
	for _, m := range [][2]string{
		{"accessibilityMode", "false"}, {"currencySymbol", "$"}, {"orgAttachmentFileSizeLimit", "5242880"},
		{"orgDefaultCurrencyIsoCode", "USD"}, {"orgDisallowHtmlAttachments", "false"},
		{"orgHasPersonAccounts", strconv.FormatBool(a.Persons)}, {"organizationId", a.OrgID},
		{"organizationMultiCurrency", "false"}, {"organizationName", a.OrgName}, {"profileId", a.ProfileID},
		{"roleId", a.RoleID}, {"sessionSecondsValid", strconv.Itoa(int(a.Session / time.Second))},
		{"userDefaultCurrencyIsoCode", ""}, {"userEmail", a.Email}, {"userFullName", a.FullName},
		{"userId", a.UserID}, {"userLanguage", "en_US"}, {"userLocale", "en_US"}, {"userName", a.UserName},
		{"userTimeZone", "GMT"}, {"userType", "Standard"}, {"userUiSkin", "Theme3"},
	} {
		text.add(m[0], m[1])
	}
	return text.String()
}

// members are the elements of an answer.
type members struct{ strings.Builder }

// add adds an element, which is null without a value.
func (m *members) add(name, value string) {
	if value == "" {
		fmt.Fprintf(m, `<%s xsi:nil="true"/>`, name)
		return
	}
	fmt.Fprintf(m, "<%s>%s</%[1]s>", name, escape(value))
}

// answer returns an envelope in the namespace of the endpoint.
func answer(kind, header, body string) *wire.Reply {
	return wire.Answer(200, wire.XML(`<?xml version="1.0" encoding="UTF-8"?>`+
		`<soapenv:Envelope xmlns:soapenv="`+envelope+`" xmlns="urn:`+wsdl(kind)+
		`.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`+header+
		`<soapenv:Body>`+body+`</soapenv:Body></soapenv:Envelope>`))
}

// wsdl returns the name of the kind of an endpoint.
func wsdl(kind string) string {
	if kind == "c" {
		return "enterprise"
	}
	return "partner"
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}

// Refuse answers a request with a fault.
func Refuse(r *http.Request, code, message string) *wire.Reply {
	kind := ""
	if found := path.FindStringSubmatch(r.URL.Path); found != nil {
		kind = found[1]
	}
	return fault(kind, code, message)
}

// unreadable is the answer to a request that is no envelope with an operation of the endpoint
// (docs/salesforce.md, OAuth).
func unreadable(message string) *wire.Reply {
	return wire.Answer(500, wire.XML(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="`+
		envelope+`"><soapenv:Body><soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>`+
		escape(message)+`</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`))
}

// fault is the answer that SOAP 1.1 has for an error, in the namespace of the endpoint.
func fault(kind, code, message string) *wire.Reply {
	return wire.Answer(500, wire.XML(fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>`+
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="%s" `+
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>`+
		`<faultcode>sf:%[2]s</faultcode><faultstring>%[2]s: %[3]s</faultstring>`+
		`<detail><sf:ApiFault xsi:type="sf:ApiFault"><sf:exceptionCode>%[2]s</sf:exceptionCode>`+
		`<sf:exceptionMessage>%[3]s</sf:exceptionMessage></sf:ApiFault></detail>`+
		`</soapenv:Fault></soapenv:Body></soapenv:Envelope>`, "urn:fault."+wsdl(kind)+".soap.sforce.com", code,
		escape(message))))
}
