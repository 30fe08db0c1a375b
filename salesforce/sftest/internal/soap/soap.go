// SPDX-License-Identifier: Apache-2.0

// Package soap answers the SOAP API of the fake org: login().
package soap

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// path matches an endpoint of the SOAP API: its kind, such as u for the partner WSDL, and
// the version.
var path = regexp.MustCompile(`^/services/Soap/(\w+)/(\d+)\.0(?:/|$)`)

// lastLogin is the last version whose SOAP API has login() (docs/salesforce.md, OAuth).
const lastLogin = 64

// An API answers the SOAP API, which is a login and refusals.
type API struct {
	// Login begins a session of a user; false for a name or a password that are not the user's.
	// Nil refuses all, as new orgs do.
	Login func(user, password string) (session string, ok bool)
	// About returns the ids and texts of the org and the user.
	About func() About
	// Unsupported reports what the fake org lacks.
	Unsupported func(what string) *wire.Reply
}

// About are the texts of a login's answer.
type About struct{ OrgID, OrgName, UserID, UserName, FullName, Email string }

// Serve answers a request: a login (docs/salesforce.md, OAuth), refusals with texts that are
// recorded, and a fault for any other operation, which is unsupported.
func (a API) Serve(r *http.Request, body []byte) *wire.Reply {
	found := path.FindStringSubmatch(r.URL.Path)
	if found == nil {
		return a.Unsupported(r.Method + " " + r.URL.Path)
	}
	kind := found[1]
	version, _ := strconv.Atoi(found[2])
	operation, values := read(body)
	switch {
	case version < wire.OldestVersion || version > wire.NewestVersion:
		return fault(kind, "UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
	case operation == "login" && version > lastLogin:
		return fault(kind, "INVALID_OPERATION", fmt.Sprintf("The SOAP Login operation is not available in the API "+
			"version specified (%d.0). Refer to the documentation for supported versions.", version))
	case operation == "login" && a.Login == nil:
		return fault(kind, "INVALID_OPERATION", "SOAP API login() is disabled by default in this org. "+
			"Contact the org administrator to enable SOAP API login().")
	case operation == "login":
		return a.login(wire.InstanceURL(r), kind, found[2], values)
	}
	what := r.Method + " " + r.URL.Path
	if operation != "" {
		what += " (" + operation + ")"
	}
	first := a.Unsupported(what).Body.([]any)[0].(wire.Object)
	return fault(kind, first.Text("errorCode"), first.Text("message"))
}

// login begins a session. The members are recorded ones; those of what the fake org has not are
// absent or null.
func (a API) login(instance, kind, version string, values map[string]string) *wire.Reply {
	session, ok := a.Login(values["username"], values["password"])
	if !ok {
		return fault(kind, "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
	}
	about := a.About()
	var text strings.Builder
	add := func(name, value string) { fmt.Fprintf(&text, "<%s>%s</%[1]s>", name, escape(value)) }
	endpoint := func(kind string) string {
		return instance + "/services/Soap/" + kind + "/" + version + ".0/" + about.OrgID[:15]
	}
	add("metadataServerUrl", endpoint("m"))
	add("passwordExpired", "false")
	add("sandbox", "false")
	add("serverUrl", endpoint(kind))
	add("sessionId", session)
	add("userId", about.UserID)
	text.WriteString("<userInfo>")
	for _, m := range [][2]string{
		{"accessibilityMode", "false"}, {"currencySymbol", "$"}, {"orgAttachmentFileSizeLimit", "5242880"},
		{"orgDefaultCurrencyIsoCode", "USD"}, {"orgDisallowHtmlAttachments", "false"}, {"orgHasPersonAccounts", "false"},
		{"organizationId", about.OrgID}, {"organizationMultiCurrency", "false"}, {"organizationName", about.OrgName},
		{"sessionSecondsValid", "7200"}, {"userEmail", about.Email}, {"userFullName", about.FullName},
		{"userId", about.UserID}, {"userLanguage", "en_US"}, {"userLocale", "en_US"}, {"userName", about.UserName},
		{"userTimeZone", "GMT"}, {"userType", "Standard"},
	} {
		add(m[0], m[1])
	}
	text.WriteString("</userInfo>")
	return wire.Answer(200, wire.XML(fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>`+
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:%s.soap.sforce.com" `+
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><loginResponse><result>%s</result>`+
		`</loginResponse></soapenv:Body></soapenv:Envelope>`, wsdl(kind), text.String())))
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

// read returns the name of the first element of a SOAP body, "" if there is none, and the texts
// of the elements within it.
func read(body []byte) (operation string, values map[string]string) {
	values = map[string]string{}
	d := xml.NewDecoder(bytes.NewReader(body))
	inBody, name, text := false, "", ""
	for {
		token, err := d.Token()
		if err != nil {
			return operation, values
		}
		switch element := token.(type) {
		case xml.StartElement:
			switch {
			case inBody && operation == "":
				operation = element.Name.Local
			case !inBody:
				inBody = element.Name.Local == "Body"
			}
			name, text = element.Name.Local, ""
		case xml.CharData:
			text += string(element)
		case xml.EndElement:
			if operation != "" && element.Name.Local == name {
				values[name] = text
			}
		}
	}
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
