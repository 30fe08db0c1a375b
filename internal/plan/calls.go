// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// OpOf returns the operation that carries out a change.
func OpOf(c *leadtype.Change) salesforce.Op {
	switch {
	case c.Upsert:
		return salesforce.OpUpsert
	case c.Create:
		return salesforce.OpCreate
	}
	return salesforce.OpUpdate
}

// callsFor returns how many API calls the changes need at least.
func callsFor(changes []leadtype.Change) int {
	writes := make([]salesforce.Write, len(changes))
	for i := range changes {
		c := &changes[i]
		writes[i] = salesforce.Write{Op: OpOf(c), Object: c.Written(), Refs: c.Refs, AutoAssign: c.AutoAssign}
	}
	return salesforce.EstimateCalls(writes)
}
