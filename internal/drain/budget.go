// SPDX-License-Identifier: Apache-2.0

package drain

import "github.com/leadsync/leadsync/leadtype"

// A Budget is the share of an org's API calls, of all tools together, that may be used
// before Run and Drain wait.
type Budget struct {
	Meter leadtype.Meter // nil: it is not known how many calls are used
	Share float64
}

// Spent returns the error of a spent budget, nil while calls are left or that is not
// known.
func (b Budget) Spent() *leadtype.Error {
	if b.Meter == nil {
		return nil
	}
	usage := b.Meter.Usage()
	if usage.Limit == 0 || float64(usage.Used) < b.Share*float64(usage.Limit) {
		return nil
	}
	return &leadtype.Error{Op: "run", Code: leadtype.RateLimit, Err: leadtype.ErrBudget}
}
