// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"github.com/leadsync/leadsync/salesforce"
)

// A Probe is one way to find a record: an object's field and the value sought.
type Probe struct {
	Object salesforce.Object `json:"object"`
	// Field is compared as Salesforce compares it, without regard to case. Id
	// follows a merge to the surviving record; Account's Website is compared by
	// registrable domain, where pages at social networks and other shared hosts count as
	// blank; and Account's Name with case, punctuation and legal form folded.
	Field string `json:"field"`
	// Value is personal data: it is never logged.
	Value string `json:"-"`
}

// String names the probe's object and field, never the value, whatever prints
// it.
func (p Probe) String() string { return string(p.Object) + "." + p.Field }

// GoString is String.
func (p Probe) GoString() string { return p.String() }

// NoHit is what a Strategy creates when nothing was found.
type NoHit struct {
	// Person is the object that the person becomes: Lead or Contact.
	Person salesforce.Object
	// Account says that a Contact is created within an Account: the one that
	// the probes found, else a new one.
	Account bool
}
