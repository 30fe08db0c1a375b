// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/salesforce"
)

// checkConverted says what becomes of people whose Lead was converted, where they are not
// followed to their Contact. Nothing is written to a converted Lead, also where the connected
// user might (docs/salesforce.md, Records).
func (c *checker) checkConverted() {
	probes := func(object salesforce.Object) bool {
		return slices.ContainsFunc(c.samples, func(s sample) bool {
			return s.strategy == c.Strategy && slices.ContainsFunc(s.probes, func(p leadtype.Probe) bool {
				return value.MatchedObject(p.Object).Equal(object)
			})
		})
	}
	if !c.written(salesforce.ObjectLead) || !probes(salesforce.ObjectLead) {
		return
	}
	f := preflight.Finding{Severity: preflight.SeverityInfo, Object: salesforce.ObjectLead, Path: "converted"}
	const readOnly = "converted Leads are read-only, and are not written: "
	switch {
	case c.Converted == leadtype.HoldConverted:
		f.Code = leadtype.StaleRemoteRecord
		f.Reason = readOnly + "where the Lead is converted, a person decides"
	case c.Converted == leadtype.NewLead:
		f.Reason = readOnly + "a person whose Lead was converted gets a new one"
	case !probes(salesforce.ObjectContact):
		f.Reason = readOnly + "a person whose Lead was converted gets a new one, since the strategy looks for no Contacts"
	default:
		return
	}
	c.add(f)
}
