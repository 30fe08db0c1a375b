// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A Reply is the answer to a request. A nil body is none.
type Reply struct {
	Status int
	Header http.Header
	Body   any
}

// Answer returns a reply without headers of its own.
func Answer(status int, body any) *Reply { return &Reply{Status: status, Body: body} }

// With sets a header of the reply.
func (r *Reply) With(name, value string) *Reply {
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(name, value)
	return r
}

// Failed reports whether the reply is an error, which 300 is too.
func (r *Reply) Failed() bool { return r.Status >= 400 || r.Status == 300 }

// NotFound refuses a request for what does not exist.
func NotFound() *Error {
	return Refuse(404, "NOT_FOUND", "The requested resource does not exist")
}

// WrongMethod refuses a method other than those allowed.
func WrongMethod(method string, allowed ...string) *Reply {
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append([]string{http.MethodHead}, allowed...)
	}
	return Refuse(405, "METHOD_NOT_ALLOWED", fmt.Sprintf("HTTP Method '%s' not allowed. Allowed are %s", method,
		strings.Join(allowed, ","))).Reply()
}

// CSV is a reply's body of CSV.
type CSV []byte

// Binary is a body that is neither text nor JSON. Its content type is unverified.
type Binary []byte

// Word is a body of plain text, which the identity service sends in place of JSON. Its content
// type is unverified.
type Word string

// XML is a reply's body of XML, as the SOAP API has it.
type XML string
