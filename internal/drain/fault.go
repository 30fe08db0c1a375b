// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"errors"

	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
)

// failedBefore reports whether the request with a lead failed at its last attempt, as
// it does in an outage.
func failedBefore(last *leadtype.Outcome) bool {
	return last != nil && last.Stage == leadtype.PreSync && last.Err != nil &&
		(last.Err.Code == leadtype.RemoteUnavailable || requestFailed(last.Err) || last.Err.Code == leadtype.UncertainWrite)
}

// requestFailed reports whether a lead failed together with the request that it was in.
// One that waits for an earlier create was not sent.
func requestFailed(e *leadtype.Error) bool { return e.Op != "plan" && verdict.RequestFailed(e) }

// mayBeItsOwn reports whether a lead may have caused the failure of its call, such as
// a lookup that takes too long, although it looks like an outage.
func mayBeItsOwn(err error) bool {
	var e *leadtype.Error
	return errors.As(err, &e) && !verdict.Pauses(e) && !verdict.Daily(e) &&
		(!verdict.OfConnection(e) || requestFailed(e))
}
