package sftest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A reply is the answer to a request. A nil body is none.
type reply struct {
	status int
	header http.Header
	body   any
}

func answer(status int, body any) *reply { return &reply{status: status, body: body} }

func (r *reply) with(name, value string) *reply {
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
	return r
}

func (r *reply) failed() bool { return r.status >= 400 || r.status == 300 }

func notFound() *apiError {
	return refuse(404, "NOT_FOUND", "The requested resource does not exist")
}

func wrongMethod(method string, allowed ...string) *reply {
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append([]string{http.MethodHead}, allowed...)
	}
	return refuse(405, "METHOD_NOT_ALLOWED", fmt.Sprintf("HTTP Method '%s' not allowed. Allowed are %s", method, strings.Join(allowed, ","))).reply()
}

// csvText is a reply's body of CSV.
type csvText []byte

// oneWord is the body of a refusal by the identity service, which is no JSON. Its
// content type is from memory.
type oneWord string
