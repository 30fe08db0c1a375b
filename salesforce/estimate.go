// SPDX-License-Identifier: Apache-2.0

package salesforce

import "github.com/leadsync/leadsync/salesforce/internal/limit"

// EstimateCalls returns the fewest API calls that Client.Write may need for writes: at
// least the length of the longest chain of references, and as many as the collections
// and single requests fill.
func EstimateCalls(writes []Write) int {
	type collection struct {
		op     Op
		object Object // of upserts: one collection takes one object
	}
	depth := make([]int, len(writes))
	longest, single := 0, 0
	rows := make(map[collection]int)
	assigned, others := 0, 0 // creates that differ in a header
	for i := range writes {
		w := &writes[i]
		depth[i] = 1
		for _, ref := range w.Refs {
			depth[i] = max(depth[i], depth[ref.Write]+1)
		}
		longest = max(longest, depth[i])
		switch {
		case w.alone():
			single++
		case w.Op == OpUpsert:
			rows[collection{op: w.Op, object: w.Object}]++
		default:
			rows[collection{op: w.Op}]++
			if may, either := w.assigns(); may {
				assigned++
			} else if w.Op == OpCreate && !either {
				others++
			}
		}
	}
	ceil := func(n, per int) int { return (n + per - 1) / per }
	collections := 0
	for _, n := range rows {
		collections += ceil(n, limit.Rows)
	}
	creates := ceil(rows[collection{op: OpCreate}], limit.Rows)
	collections += max(0, ceil(assigned, limit.Rows)+ceil(others, limit.Rows)-creates)
	return max(longest, ceil(collections, limit.Heavy), ceil(collections+single, limit.Subrequests))
}
