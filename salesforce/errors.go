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

// A LimitKind says which limit on API calls was reached. Source: SALESFORCE.md 3.
type LimitKind int

// The limits of REQUEST_LIMIT_EXCEEDED and of HTTP 429.
const (
	// LimitNone is an error that is no limit's.
	LimitNone LimitKind = iota
	// LimitDaily is the total of 24 hours: it waits for hours.
	LimitDaily
	// LimitConcurrent is too much at once: it passes within seconds.
	LimitConcurrent
)

// Limit returns which limit on API calls the error tells of. Salesforce tells
// them apart in the message alone, by names that it does not translate
// (SALESFORCE.md 3); a message without one counts as the daily limit, which is
// the safe guess.
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

// transientCodes are refusals that pass by themselves (SALESFORCE.md 3, retry
// classes).
var transientCodes = map[StatusCode]bool{
	InsertUpdateDeleteNotAllowedDuringMaintenance: true,
	QueryTimeout:      true,
	ServerUnavailable: true,
	UnknownException:  true,

	RateLimitExceeded: true, // of OAuth
	UnknownError:      true,
}

// ofConnection reports whether any other request would meet the same now: there is
// no token, or none that is taken, the API is closed to the user, or the day's calls
// are spent.
func (e *Error) ofConnection() bool {
	var noToken *tokenError
	return errors.As(e.Err, &noToken) || e.HTTPStatus == http.StatusUnauthorized || e.Limit() == LimitDaily ||
		e.Code == APICurrentlyDisabled || e.Code == APIDisabledForOrg
}

// isPermanent reports whether a request failed here, in a way that is the same the
// next time.
func isPermanent(err error) bool {
	var untrusted *tls.CertificateVerificationError
	return errors.Is(err, errLongReply) || errors.Is(err, dial.ErrPrivateAddress) || errors.As(err, &untrusted)
}

// Retryable reports whether the same request may go better later with nothing
// changed: no answer, a server in trouble, a lock, a limit. It does not say that
// sending it again is safe: see Uncertain.
func (e *Error) Retryable() bool {
	switch {
	case e.Limit() != LimitNone, e.locked(), transientCodes[e.Code], e.HTTPStatus >= 500, e.HTTPStatus == http.StatusRequestTimeout:
		return true
	}
	return e.Code == "" && e.HTTPStatus == 0 && !isPermanent(e.Err)
}

// locked reports whether another transaction held a record. A trigger may wrap that
// error (SALESFORCE.md 3).
func (e *Error) locked() bool {
	return e.Code == UnableToLockRow || e.Code == CannotInsertUpdateActivateEntity && strings.Contains(e.Message, string(UnableToLockRow))
}

var errLongReply = errors.New("reply is longer than MaxReply")

// A tokenError says why there is no token to send. It hides the text of its cause,
// which may quote a reply or an address.
type tokenError struct {
	text string
	err  error // nil without a cause
}

func (e *tokenError) Error() string { return e.text }

func (e *tokenError) Unwrap() error { return e.err }
