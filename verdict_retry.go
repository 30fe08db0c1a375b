package leadsync

import (
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A retry says how the library retries a lead by itself.
type retry struct {
	// attempts bounds how often a lead is tried; 0 retries nothing.
	attempts int
	// least and longest bound the wait between two attempts, which doubles, with jitter.
	least, longest time.Duration
	// together is how many such leads are retried in one batch; 0 is any number, beside
	// others.
	together int
	// pauses says that no lead is tried before a person has fixed the connection.
	pauses bool
}

// The ways to retry. A fault of the connection does not count against a lead: see
// ofConnection.
var (
	retryNever   = retry{} // until the data, the mapping or the org is changed
	retryOnce    = retry{attempts: 2, least: 30 * time.Second, longest: time.Minute}
	retryInPart  = retry{attempts: 2, least: 30 * time.Second, longest: time.Minute, together: 25}
	retryLimited = retry{attempts: 3, least: time.Minute, longest: 5 * time.Minute}
	retrySlowly  = retry{attempts: 5, least: time.Minute, longest: 16 * time.Minute}
	retrySoon    = retry{attempts: 8, least: time.Second, longest: 5 * time.Minute}
	retryLong    = retry{attempts: 16, least: time.Second, longest: time.Hour} // over some hours
	retryAlone   = retry{attempts: 8, least: time.Second, longest: 5 * time.Minute, together: 1}
	// retryVerified looks for the record before each attempt.
	retryVerified = retry{attempts: math.MaxInt, least: time.Minute, longest: 10 * time.Minute}
	retryPaused   = retry{pauses: true}
)

// retries has a row for each code.
var retries = map[Code]retry{
	NoTagMapping:         retryNever,
	DataValueValidation:  retryNever,
	MissingRemoteField:   retryNever,
	RequiredFieldMissing: retryNever,
	Authentication:       retryPaused,
	ConnectionPermission: retryNever,
	DuplicateRecord:      retryNever,
	AmbiguousMatch:       retryNever,
	StaleRemoteRecord:    retryOnce,
	RecordLocked:         retrySlowly,
	RowContention:        retrySoon,
	RemoteAutomation:     retryInPart,
	RateLimit:            retryLong,
	RemoteUnavailable:    retryLong,
	UncertainWrite:       retryVerified,
	OwnerInvalid:         retryNever,
	CampaignStatus:       retryNever,
	StorageLimit:         retryPaused,
	BatchCollateral:      retryAlone,
	Unknown:              retryLimited,
}

// retryOf returns how failures with a code are retried; a code that is not in the
// table is retried as Unknown.
func retryOf(code Code) retry {
	if r, ok := retries[code]; ok {
		return r
	}
	return retries[Unknown]
}

// after returns how long to wait after the attempts so far, and false when the lead
// is not retried.
func (r retry) after(attempts int, random float64) (time.Duration, bool) {
	return backoff(attempts, r.least, r.longest, random), attempts < r.attempts
}

// passes reports whether such a failure ends by itself after a while.
func (r retry) passes() bool { return r == retrySoon || r == retryLong || r == retryAlone }

// backoff returns how long to wait after the n-th failure: from least up to a
// bound that doubles with n and stays under most, as random, in [0,1), has it.
func backoff(n int, least, most time.Duration, random float64) time.Duration {
	bound := least
	for range n {
		bound = min(2*bound, most)
	}
	return least + time.Duration(random*float64(bound-least))
}

// together returns how many leads with this failure are retried in one batch, 0 for
// any number. A lead that was never attempted is not retried alone.
func together(e *Error) int {
	if e.Code == BatchCollateral && salesforce.StatusOf(e) == "" {
		return 0
	}
	return retryOf(e.Code).together
}

// pauses reports whether no lead of the connection can be synced until a person acts.
func pauses(e *Error) bool {
	return retryOf(e.Code).pauses || e.Code == ConnectionPermission && orgWide(e)
}

// orgWide reports whether the whole API is closed to the connected user, not an
// object or a field.
func orgWide(e *Error) bool {
	status := salesforce.StatusOf(e)
	return status == "API_CURRENTLY_DISABLED" || status == "API_DISABLED_FOR_ORG"
}

// daily reports whether the calls of the last 24 hours are spent, so that waiting
// takes hours. The other limits end within seconds (SALESFORCE.md 3).
func daily(e *Error) bool {
	var sf *salesforce.Error
	return errors.Is(e.Err, ErrBudget) ||
		e.Code == RateLimit && errors.As(e.Err, &sf) && sf.Limit() == salesforce.LimitDaily
}

// ofConnection reports whether Salesforce refused the call for a reason that no
// record can cause. A record can cause other failures of a write, even those that
// look like an outage: they count against its attempts.
func ofConnection(e *Error) bool {
	var sf *salesforce.Error
	if !errors.As(e.Err, &sf) {
		return false
	}
	switch sf.Code {
	case salesforce.RequestLimitExceeded, salesforce.ServerUnavailable,
		salesforce.InsertUpdateDeleteNotAllowedDuringMaintenance:
		return e.Code == RateLimit || e.Code == RemoteUnavailable
	}
	return e.Code == RateLimit && sf.HTTPStatus == http.StatusTooManyRequests
}
