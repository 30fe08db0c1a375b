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

// spent returns the error of a spent budget, nil while calls are left or that is not
// known: the calls of the last reply count for 24 hours.
func (b Budget) spent(h *handover, now time.Time) *leadtype.Error {
	if b.Meter == nil || h.Of == 0 || float64(h.Used) < b.Share*float64(h.Of) {
		return nil
	}
	if now.Sub(h.At) >= usageWindow {
		h.Used, h.Of, h.Limit = 0, 0, 1 // the next batch finds out
		return nil
	}
	return &leadtype.Error{Op: "run", Code: leadtype.RateLimit, Err: leadtype.ErrBudget}
}
