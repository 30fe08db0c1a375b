// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Retry says how the library retries a lead by itself.
type Retry struct {
	// Attempts is how often a lead is tried at most; 0 retries nothing.
	Attempts int
	// Least and Most bound the wait between two attempts, which doubles, with jitter.
	Least, Most time.Duration
	// together is how many such leads are retried in one batch; 0 is any number, beside
	// others.
	together int
	// pauses says that no lead is tried before a person has fixed the connection.
	pauses bool
}

// The ways to retry. A fault of the connection does not count against a lead: see
// OfConnection.
var (
	retryNever   = Retry{} // until the data, the mapping or the org is changed
	retryOnce    = Retry{Attempts: 2, Least: 30 * time.Second, Most: time.Minute}
	retryLimited = Retry{Attempts: 3, Least: time.Minute, Most: 5 * time.Minute}
	retrySlowly  = Retry{Attempts: 5, Least: time.Minute, Most: 16 * time.Minute}
	// retryLocked gives up after four or five hours. The leads go in smaller and smaller parts.
	retryLocked = Retry{Attempts: 20, Least: time.Second, Most: time.Hour}
	retryLong   = Retry{Attempts: 16, Least: time.Second, Most: time.Hour} // over some hours
	retryAlone  = Retry{Attempts: 8, Least: time.Second, Most: 5 * time.Minute, together: 1}
	// retryVerified looks for the record before each attempt.
	retryVerified = Retry{Attempts: math.MaxInt, Least: time.Minute, Most: 10 * time.Minute}
	retryPaused   = Retry{pauses: true}
)

// The ways to retry a lead that failed alone as in an outage, by how much points to it.
var (
	retryInnocent = Retry{Attempts: math.MaxInt, Least: time.Hour, Most: 24 * time.Hour}
	retrySuspect  = Retry{Attempts: math.MaxInt, Least: 30 * time.Minute, Most: 6 * time.Hour}
	retryAtFault  = Retry{Attempts: 12, Least: 30 * time.Minute, Most: 2 * time.Hour} // over half a day
)

// Proof is how many attempts have to point to a lead before it is taken to be at fault: a
// single one may fall into the beginning of an outage.
const Proof = 2

// retries has a row for each code.
var retries = map[leadtype.Code]Retry{
	leadtype.NoTagMapping:         retryNever,
	leadtype.DataValueValidation:  retryNever,
	leadtype.MissingRemoteField:   retryNever,
	leadtype.RequiredFieldMissing: retryNever,
	leadtype.Authentication:       retryPaused,
	leadtype.ConnectionPermission: retryNever,
	leadtype.DuplicateRecord:      retryNever,
	leadtype.AmbiguousMatch:       retryNever,
	leadtype.StaleRemoteRecord:    retryOnce,
	leadtype.RecordLocked:         retrySlowly,
	leadtype.RowContention:        retryLocked,
	leadtype.RemoteAutomation:     retryOnce, // the client has tried it alone
	leadtype.RateLimit:            retryLong,
	leadtype.RemoteUnavailable:    retryLong,
	leadtype.UncertainWrite:       retryVerified,
	leadtype.OwnerInvalid:         retryNever,
	leadtype.CampaignStatus:       retryNever,
	leadtype.PersonAccount:        retryNever,
	leadtype.StorageLimit:         retryPaused,
	leadtype.BatchCollateral:      retryAlone,
	leadtype.Unknown:              retryLimited,
}

// RetryOf returns how failures with a code are retried; a code that is not in the
// table is retried as Unknown.
func RetryOf(code leadtype.Code) Retry {
	if r, ok := retries[code]; ok {
		return r
	}
	return retries[leadtype.Unknown]
}

// RetryOfSuspect returns how a lead is retried that failed alone as in an outage, when so
// many attempts point to it. From Proof on, these are the attempts that count.
func RetryOfSuspect(own int) Retry {
	switch {
	case own >= Proof:
		return retryAtFault
	case own > 0:
		return retrySuspect
	}
	return retryInnocent
}

// RetryFor returns how a failure is retried: by its code, but for that of a hook that
// panicked, which it would do again.
func RetryFor(e *leadtype.Error) Retry {
	if errors.Is(e.Err, leadtype.ErrPanicked) {
		return retryNever
	}
	return RetryOf(e.Code)
}

// After returns how long to wait after so many attempts, and false when the lead is not
// retried. random is in [0,1).
func (r Retry) After(attempts int, random float64) (time.Duration, bool) {
	return Backoff(attempts, r.Least, r.Most, random), attempts < r.Attempts
}

// Temporary reports whether such a failure ends by itself after a while.
func (r Retry) Temporary() bool { return r == retryLocked || r == retryLong || r == retryAlone }

// Backoff returns how long to wait after the n-th failure: from least up to a
// bound that doubles with n and stays under most, as random, in [0,1), has it.
func Backoff(n int, least, most time.Duration, random float64) time.Duration {
	bound := least
	for range n {
		bound = min(2*bound, most)
	}
	return least + time.Duration(random*float64(bound-least))
}

// Together returns how many leads with this failure are retried in one batch, 0 for
// any number. A lead that was never attempted is not retried alone.
func Together(e *leadtype.Error) int {
	if e.Code == leadtype.BatchCollateral && salesforce.StatusOf(e) == "" {
		return 0
	}
	return RetryOf(e.Code).together
}

// OfSchema reports whether a change of the org may resolve a failure: to its fields,
// their options, the rights to them or the statuses of its campaigns.
func OfSchema(e *leadtype.Error) bool {
	switch e.Code {
	case leadtype.MissingRemoteField, leadtype.DataValueValidation, leadtype.RequiredFieldMissing,
		leadtype.ConnectionPermission, leadtype.CampaignStatus, leadtype.PersonAccount:
		return true
	}
	return false
}

// Pauses reports whether no lead of the connection can be synced until a person acts.
func Pauses(e *leadtype.Error) bool {
	return RetryOf(e.Code).pauses || e.Code == leadtype.ConnectionPermission && orgWide(e)
}

// orgWide reports whether the whole API is closed to the connected user, not an
// object or a field.
func orgWide(e *leadtype.Error) bool {
	status := salesforce.StatusOf(e)
	return status == "API_CURRENTLY_DISABLED" || status == "API_DISABLED_FOR_ORG" || RefusesCalls(e)
}

// RefusesCalls reports whether Salesforce refused the call as a whole, for what no lead in it
// has: its leads wait as in an outage, or until a person acts.
func RefusesCalls(e *leadtype.Error) bool {
	sf, refused := errors.AsType[*salesforce.Error](e.Err)
	return refused && sf.RefusesCalls()
}

// Daily reports whether the calls of the last 24 hours are spent, so that waiting
// takes hours. The other limits end within seconds (docs/salesforce.md, Errors).
func Daily(e *leadtype.Error) bool {
	var sf *salesforce.Error
	return errors.Is(e.Err, leadtype.ErrBudget) ||
		e.Code == leadtype.RateLimit && errors.As(e.Err, &sf) && sf.Limit() == salesforce.LimitDaily
}

// RequestFailed reports whether a request failed with all that was in it, as it does in an
// outage. A refusal of a row is its own.
func RequestFailed(e *leadtype.Error) bool {
	var sf *salesforce.Error
	switch e.Code {
	case leadtype.UncertainWrite:
		return true
	case leadtype.Unknown:
		return RefusesCalls(e) // by a code that does not say why: only time tells
	}
	return e.Code == leadtype.RemoteUnavailable && errors.As(e.Err, &sf) && sf.HTTPStatus != http.StatusOK &&
		sf.Code != salesforce.InsertUpdateDeleteNotAllowedDuringMaintenance
}

// OfConnection reports whether Salesforce refused the call for a reason that no
// record can cause. A record can cause other failures of a write, even those that
// look like an outage: they count against its attempts.
func OfConnection(e *leadtype.Error) bool {
	var sf *salesforce.Error
	if !errors.As(e.Err, &sf) {
		return false
	}
	switch sf.Code {
	case salesforce.RequestLimitExceeded, salesforce.ServerUnavailable,
		salesforce.InsertUpdateDeleteNotAllowedDuringMaintenance:
		return e.Code == leadtype.RateLimit || e.Code == leadtype.RemoteUnavailable
	}
	return e.Code == leadtype.RateLimit && sf.HTTPStatus == http.StatusTooManyRequests
}
