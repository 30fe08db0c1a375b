package leadtype

import "github.com/leadsync/leadsync/salesforce"

// A Meter is a Client that knows how many of its API calls of 24 hours the org has
// used, as the last reply said. *salesforce.Client is one; a Client that is none
// has no budget.
type Meter interface {
	Usage() salesforce.Usage
}
