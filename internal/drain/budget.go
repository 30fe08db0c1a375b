// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Budget is the share of an org's API calls, of all tools together, that may be used
// before Run and Drain wait.
type Budget struct {
	Meter leadtype.Meter // nil: it is not known how many calls are used
	Share float64
}

// usage returns what the last reply said, nothing when that is not known.
func (b Budget) usage() salesforce.Usage {
	if b.Meter == nil {
		return salesforce.Usage{}
	}
	return b.Meter.Usage()
}

// mostTrials is how many trials a day tell at most whether calls have come free.
const mostTrials = 24

// reserve returns how many calls a day trials may take, of those that the budget allows.
func (b Budget) reserve(of int64) float64 {
	return min(max(b.Share*float64(of)/10, 1), mostTrials)
}

// spent returns the error of a spent budget, nil while calls are left or that is not
// known: the calls of the last reply count for 24 hours. What trials take is kept back, unless
// all calls of the org may be used.
func (b Budget) spent(h *handover, now time.Time) *leadtype.Error {
	allowed := b.Share * float64(h.Of)
	if b.Share < 1 {
		allowed -= b.reserve(h.Of)
	}
	if b.Meter == nil || h.Of == 0 || float64(h.Used) < allowed {
		return nil
	}
	if now.Sub(h.At) >= usageWindow {
		h.Used, h.Of, h.Limit = 0, 0, 1 // the next batch finds out
		return nil
	}
	return &leadtype.Error{Op: "run", Code: leadtype.RateLimit, Err: leadtype.ErrBudget}
}

// pause returns how long it is until the next trial, at least as long as given, and no longer
// than the calls of the last reply count.
func (b Budget) pause(h *handover, least time.Duration, now time.Time) time.Duration {
	between := time.Duration(float64(usageWindow) / b.reserve(h.Of))
	return min(max(least, between), max(h.At.Add(usageWindow).Sub(now), time.Second))
}
