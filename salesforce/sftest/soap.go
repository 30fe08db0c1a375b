// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// soapPath matches an endpoint of the SOAP API: its kind, such as u for the partner WSDL, and
// the version.
var soapPath = regexp.MustCompile(`^/services/Soap/(\w+)/(\d+)\.0(?:/|$)`)

// lastLogin is the last version whose SOAP API has login() (docs/salesforce.md, OAuth).
const lastLogin = 64

// soap refuses a request to the SOAP API with a fault: as Salesforce does a login, which new
// orgs have disabled, and a version that it does not have, with texts that are recorded
// (docs/salesforce.md, OAuth). Another operation is unsupported.
func soap(r *http.Request, body []byte, unsupported func(what string) *wire.Reply) *wire.Reply {
	found := soapPath.FindStringSubmatch(r.URL.Path)
	if found == nil {
		return unsupported(r.Method + " " + r.URL.Path)
	}
	kind := found[1]
	version, _ := strconv.Atoi(found[2])
	operation := soapOperation(body)
	switch {
	case version < wire.OldestVersion || version > wire.NewestVersion:
		return soapFault(kind, "UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
	case operation == "login" && version > lastLogin:
		return soapFault(kind, "INVALID_OPERATION", fmt.Sprintf("The SOAP Login operation is not available in the API "+
			"version specified (%d.0). Refer to the documentation for supported versions.", version))
	case operation == "login":
		return soapFault(kind, "INVALID_OPERATION", "SOAP API login() is disabled by default in this org. "+
			"Contact the org administrator to enable SOAP API login().")
	}
	what := r.Method + " " + r.URL.Path
	if operation != "" {
		what += " (" + operation + ")"
	}
	first := unsupported(what).Body.([]any)[0].(wire.Object)
	return soapFault(kind, first.Text("errorCode"), first.Text("message"))
}

// soapOperation returns the name of the first element of a SOAP body, "" if there is none.
func soapOperation(body []byte) string {
	d := xml.NewDecoder(bytes.NewReader(body))
	inBody := false
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		element, starts := token.(xml.StartElement)
		switch {
		case !starts:
		case inBody:
			return element.Name.Local
		default:
			inBody = element.Name.Local == "Body"
		}
	}
}

// soapFault is the answer that SOAP 1.1 has for an error, in the namespace of the endpoint.
func soapFault(kind, code, message string) *wire.Reply {
	namespace := "urn:fault.partner.soap.sforce.com"
	if kind == "c" {
		namespace = "urn:fault.enterprise.soap.sforce.com"
	}
	var text bytes.Buffer
	_ = xml.EscapeText(&text, []byte(message)) // a buffer takes everything
	return wire.Answer(500, wire.XML(fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>`+
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="%s" `+
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>`+
		`<faultcode>sf:%[2]s</faultcode><faultstring>%[2]s: %[3]s</faultstring>`+
		`<detail><sf:ApiFault xsi:type="sf:ApiFault"><sf:exceptionCode>%[2]s</sf:exceptionCode>`+
		`<sf:exceptionMessage>%[3]s</sf:exceptionMessage></sf:ApiFault></detail>`+
		`</soapenv:Fault></soapenv:Body></soapenv:Envelope>`, namespace, code, text.String())))
}
