// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"errors"
	"net/http"

	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// failedBefore reports whether the request with a lead failed at its last attempt, as
// it does in an outage.
func failedBefore(last *leadtype.Outcome) bool {
	return last != nil && last.Stage == leadtype.PreSync && last.Err != nil &&
		(last.Err.Code == leadtype.RemoteUnavailable || last.Err.Code == leadtype.UncertainWrite ||
			callRefused(last.Err))
}

// callRefused reports whether Salesforce refused the whole call with a lead, by a code that
// does not say why: only time tells, as in an outage.
func callRefused(e *leadtype.Error) bool {
	return e.Code == leadtype.Unknown && verdict.RefusesCalls(e)
}

// requestFailed reports whether a lead failed together with the request that it was in.
// A refusal of its row is its own, and one that waits for an earlier create was not sent.
func requestFailed(e *leadtype.Error) bool {
	var sf *salesforce.Error
	switch {
	case e.Op == "plan":
		return false
	case e.Code == leadtype.UncertainWrite, callRefused(e):
		return true
	}
	return e.Code == leadtype.RemoteUnavailable && errors.As(e.Err, &sf) && sf.HTTPStatus != http.StatusOK &&
		sf.Code != salesforce.InsertUpdateDeleteNotAllowedDuringMaintenance
}

// mayBeItsOwn reports whether a lead may have caused the failure of its call, such as
// a lookup that takes too long, although it looks like an outage.
func mayBeItsOwn(err error) bool {
	var e *leadtype.Error
	return errors.As(err, &e) && !verdict.Pauses(e) && !verdict.Daily(e) &&
		(!verdict.OfConnection(e) || requestFailed(e))
}
