// SPDX-License-Identifier: Apache-2.0

package leadtype

import "github.com/leadsync/leadsync/salesforce"

// A Meter is a leadsync.Client that knows how many of its API calls of 24 hours the org
// has used, as the last reply said. *salesforce.Client is one; a Client that is none has
// no budget. It must be safe for concurrent use.
type Meter interface {
	// Usage returns the calls used and allowed; it makes no request.
	Usage() salesforce.Usage
}
