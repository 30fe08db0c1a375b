// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/internal/dial"
)

// An Error is an error response of Salesforce, or a request without a response.
// Source: docs/salesforce.md, Errors.
type Error struct {
	// HTTPStatus is the status of the reply or of the subrequest; 0 without a reply. A
	// row of a collection has 200.
	HTTPStatus int
	// Code is empty when the reply has none, such as an HTML page. When no token could
	// be obtained it is the error of OAuth, such as InvalidGrant.
	Code StatusCode
	// Message is Salesforce's own text. It is in the connected user's language
	// and may quote the record's values, so Error leaves it out.
	Message string
	// Fields are the API names of the fields that Salesforce names, if any.
	Fields []string
	// Duplicates are the records that a duplicate rule, a unique field or an ambiguous
	// key reports.
	Duplicates []Duplicate
	// AllowSave means that the duplicate rule only alerts: the same write with
	// AllowDuplicate would be accepted.
	AllowSave bool
	// RequestID is the reply's X-Sfdc-Request-Id (or x-request-id).
	RequestID string
	// RetryAfter is the reply's Retry-After, 0 without one.
	RetryAfter time.Duration
	// Uncertain means that the request was sent and no response proves that nothing was
	// written.
	Uncertain bool
	// WholeCall means that Salesforce refused a composite call as a whole, before it looked at
	// what is in it.
	WholeCall bool
	// Err is the cause if there is one, such as a broken connection.
	Err error
}

// A Duplicate is an existing record that a write duplicates.
// Source: docs/salesforce.md, Errors.
type Duplicate struct {
	Object Object // empty when Salesforce names only the id
	ID     ID
}

// Error returns a text with the status or the code and the fields, never a value.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("salesforce: ")
	switch {
	case e.Code != "":
		b.WriteString(string(e.Code))
	case e.HTTPStatus != 0:
		b.WriteString(strings.TrimSpace(fmt.Sprintf("http status %d %s", e.HTTPStatus, http.StatusText(e.HTTPStatus))))
	default:
		b.WriteString("no response")
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
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// certain returns the error without Uncertain, for a request that was not sent or only
// reads.
func (e *Error) certain() *Error {
	certain := *e
	certain.Uncertain = false
	return &certain
}

// A LimitKind is a limit on API calls. Source: docs/salesforce.md, Errors.
type LimitKind int

// The limits of REQUEST_LIMIT_EXCEEDED and of HTTP 429.
const (
	// LimitNone means that no limit was reached.
	LimitNone LimitKind = iota
	// LimitDaily is the number of calls in 24 hours: it lasts for hours.
	LimitDaily
	// LimitConcurrent is the number of calls at a time: it lasts for seconds.
	LimitConcurrent
)

// Limit returns the limit on API calls that was reached. Only the message says which
// one, by names that are not translated; a message without one counts as the daily
// limit, the safe assumption.
func (e *Error) Limit() LimitKind {
	switch {
	case e.Code == RequestLimitExceeded && strings.Contains(e.Message, "Concurrent"):
		return LimitConcurrent
	case e.Code == RequestLimitExceeded:
		return LimitDaily
	case e.HTTPStatus == http.StatusTooManyRequests:
		return LimitConcurrent
	}
	return LimitNone
}

// transientCodes are refusals that end without a change (docs/salesforce.md, Errors).
var transientCodes = map[StatusCode]bool{
	InsertUpdateDeleteNotAllowedDuringMaintenance: true,
	QueryTimeout:      true,
	ServerUnavailable: true,
	UnknownException:  true,

	RateLimitExceeded: true, // of OAuth
	UnknownError:      true,
}

// ofConnection reports whether every other request would fail the same way now: there
// is no valid token, the API is closed to the user, or the day's calls are used up.
func (e *Error) ofConnection() bool {
	var noToken *tokenError
	return errors.As(e.Err, &noToken) || errors.Is(e.Err, ErrAddressChanged) ||
		e.HTTPStatus == http.StatusUnauthorized || e.Limit() == LimitDaily ||
		e.Code == APICurrentlyDisabled || e.Code == APIDisabledForOrg || e.RefusesCalls()
}

// RefusesCalls reports whether Salesforce refused a call for the user, the org or the
// address that it was sent to, which no record in it causes. A call that it cannot read
// (400), or that is too long, may owe that to a record, and so may one that something in
// front of Salesforce refuses with a page of its own.
func (e *Error) RefusesCalls() bool {
	if !e.WholeCall || e.Code == "" || e.Retryable() {
		return false
	}
	switch e.HTTPStatus {
	case http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable,
		http.StatusGone, http.StatusUnsupportedMediaType:
		return true
	}
	return false
}

// isPermanent reports whether a request failed here and would fail again.
func isPermanent(err error) bool {
	var untrusted *tls.CertificateVerificationError
	return errors.Is(err, errLongReply) || errors.Is(err, errDenseReply) || errors.Is(err, dial.ErrPrivateAddress) ||
		errors.Is(err, ErrAddressChanged) || errors.As(err, &untrusted)
}

// TokenBeingProcessed is a part of the message of InvalidGrant, in lower case, when another
// request with the same refresh token is under way: it ends within seconds. Source:
// docs/salesforce.md, OAuth.
const TokenBeingProcessed = "already being processed"

// Retryable reports whether the same request may succeed later without a change: after
// no response, a server error, a lock or a limit. It does not mean that repeating the
// request is safe: see Uncertain.
func (e *Error) Retryable() bool {
	switch {
	case e.Limit() != LimitNone, e.locked(), transientCodes[e.Code]:
		return true
	case e.HTTPStatus >= 500, e.HTTPStatus == http.StatusRequestTimeout:
		return true
	case e.Code == InvalidGrant && strings.Contains(strings.ToLower(e.Message), TokenBeingProcessed):
		return true
	}
	return e.Code == "" && e.HTTPStatus == 0 && !isPermanent(e.Err)
}

// locked reports whether another transaction held a lock. A trigger may wrap that
// error (docs/salesforce.md, Errors).
func (e *Error) locked() bool {
	return e.Code == UnableToLockRow ||
		e.Code == CannotInsertUpdateActivateEntity && strings.Contains(e.Message, string(UnableToLockRow))
}

// errDenseReply is the error of a reply that would take many times its size in memory.
var errDenseReply = errors.New("reply has too many elements for its size")

var errLongReply = errors.New("reply is longer than MaxReply")

// A tokenError is why there is no token to send. It hides the text of its cause, which
// may quote a reply or an address.
type tokenError struct {
	text string
	err  error // nil without a cause
}

func (e *tokenError) Error() string { return e.text }

func (e *tokenError) Unwrap() error { return e.err }
