// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"time"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
)

// A retrying decides when the leads of a batch are tried again. Those that failed
// alike are due together, so that they take few calls.
type retrying struct {
	at          time.Time
	pause       time.Duration // of the connection
	random      float64       // in [0,1)
	verifyAfter time.Duration
	canary      time.Time // when the suspect is due that shows whether an outage is over
}

// retry turns a failure that may resolve itself into a wait. own says that the lead is at
// fault, whatever the failure looks like. It reports whether the connection was, so that
// the attempt does not count.
//
// Only what suspect.go sees fails a lead whose request failed as in an outage.
func (r *retrying) retry(it *match.Item, attempts int, own bool) (free bool) {
	out := it.Outcome
	switch {
	case out.Err == nil || verdict.Pauses(out.Err):
		return out.Err != nil
	case out.Suspect != nil:
		r.doubt(out)
		r.verify(it)
		return false
	case out.Together > 0 && requestFailed(out.Err):
		r.apart(out, attempts, own)
		r.verify(it)
		return false
	case out.Stage != leadtype.Failed, leadtype.AwaitsChoice(out):
		return false
	case verdict.OfConnection(out.Err) && !own:
		out.Stage, out.RetryAt = leadtype.PreSync, r.at.Add(r.pause)
		return true
	case requestFailed(out.Err):
		r.apart(out, attempts, false)
		return false
	}
	r.wait(out, verdict.RetryFor(out.Err), attempts)
	return false
}

// wait lets a lead wait as a policy says, unless that has ended.
func (r *retrying) wait(out *leadtype.Outcome, policy verdict.Retry, attempts int) {
	if wait, ok := policy.After(attempts, r.random); ok {
		out.Stage, out.RetryAt = leadtype.PreSync, r.at.Add(wait)
		return
	}
	out.Stage, out.RetryAt = leadtype.Failed, time.Time{}
}

// apart lets a lead wait that is tried in a small part: not for long where others get
// through, until it is alone.
func (r *retrying) apart(out *leadtype.Outcome, attempts int, own bool) {
	policy := verdict.RetryFor(out.Err)
	if own {
		policy, attempts = verdict.RetryOf(leadtype.RemoteUnavailable), 1
	}
	r.wait(out, policy, min(attempts, policy.Attempts-1))
}

// verify lets a lead wait until the absence of a create without a response proves something:
// it is looked for once then, and not all the time before.
func (r *retrying) verify(it *match.Item) {
	out := it.Outcome
	for _, i := range it.Intents {
		again := i.Key != "" && i.Kind != leadtype.PartTask // with the same key
		if until := i.SentAt.Add(r.verifyAfter); !again && out.Stage == leadtype.PreSync && out.RetryAt.Before(until) {
			out.RetryAt = until
		}
	}
}
