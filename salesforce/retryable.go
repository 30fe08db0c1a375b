package salesforce

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/dial"
)

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
