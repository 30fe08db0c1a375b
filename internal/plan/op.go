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
