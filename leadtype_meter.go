package leadsync

import (
	"errors"

	"github.com/leadsync/leadsync/salesforce"
)

// A Meter is a Client that knows how many of its API calls of 24 hours the org has
// used, as the last reply said. *salesforce.Client is one; a Client that is none
// has no budget.
type Meter interface {
	Usage() salesforce.Usage
}

// ErrBudget is under the *Error of a Run that waits because Config.APIBudget is
// spent.
var ErrBudget = errors.New("the calls that Config.APIBudget allows are spent")
