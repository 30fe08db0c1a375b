package leadsync

import (
	"github.com/leadsync/leadsync/salesforce"
)

// A Meter is a Client that knows what the org has used of its API calls of 24
// hours, as the last reply told. *salesforce.Client is one; a Client that is none
// has no budget.
type Meter interface {
	Usage() salesforce.Usage
}

// overBudget says that the org has used more of its calls than Config.APIBudget
// allows, nil when it has not or that is not known.
func (s *Syncer) overBudget() *Error {
	meter, ok := s.client.(Meter)
	if !ok {
		return nil
	}
	usage := meter.Usage()
	if usage.Limit == 0 || float64(usage.Used) < s.cfg.APIBudget*float64(usage.Limit) {
		return nil
	}
	return &Error{Op: "run", Code: RateLimit, Err: ErrBudget}
}
