package salesforce

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An Error is a refusal by Salesforce, or the failure to get its answer.
// Source: SALESFORCE.md 1, 3 and 5.
type Error struct {
	// HTTPStatus is the status of the reply, or of the subrequest's; 0 when no
	// reply came. A row of a collection has 200.
	HTTPStatus int
	// Code is empty when the reply held none, as an HTML page does. When no token
	// was to be had it is OAuth's, such as InvalidGrant.
	Code StatusCode
	// Message is Salesforce's own text. It is in the connected user's language
	// and may quote the record's values, so Error leaves it out.
	Message string
	// Fields are the API names that Salesforce blames, if any.
	Fields []string
	// Duplicates are the records that a duplicate rule, a unique field or an
	// ambiguous key named.
	Duplicates []Duplicate
	// AllowSave says that the duplicate rule only alerts: the same write with
	// AllowDuplicate would pass.
	AllowSave bool
	// RequestID is the reply's X-Sfdc-Request-Id (or x-request-id).
	RequestID string
	// RetryAfter is the reply's Retry-After, 0 without one.
	RetryAfter time.Duration
	// Uncertain says that the request went out and no answer proves that
	// nothing was written.
	Uncertain bool
	// Err is the cause where there is one, such as a broken connection.
	Err error
}

// A Duplicate is a record that another one resembles or equals.
// Source: SALESFORCE.md 3.
type Duplicate struct {
	Object Object // empty where Salesforce names only the id
	ID     ID
}

// Error names the status, the code and the fields, never a value.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("salesforce: ")
	switch {
	case e.Code != "":
		b.WriteString(string(e.Code))
	case e.HTTPStatus != 0:
		b.WriteString(strings.TrimSpace(fmt.Sprintf("http status %d %s", e.HTTPStatus, http.StatusText(e.HTTPStatus))))
	default:
		b.WriteString("no answer")
	}
	if len(e.Fields) > 0 {
		b.WriteString(" on " + strings.Join(e.Fields, ", "))
	}
	if e.Uncertain {
		b.WriteString(" (may have been carried out)")
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// StatusOf returns the code of the *Error that err wraps, "" if there is none.
func StatusOf(err error) StatusCode {
	var e *Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}

// certain returns the error for a request that was not sent, or that only reads.
func (e *Error) certain() *Error {
	certain := *e
	certain.Uncertain = false
	return &certain
}
