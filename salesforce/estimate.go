package salesforce

import "strings"

// EstimateCalls returns how many API calls writes take at least, when none fails:
// as many as the longest chain of references between them, and as many as their
// collections need.
func EstimateCalls(writes []Write) int {
	depth := make([]int, len(writes))
	longest, creates, updates := 0, 0, 0
	upserts := make(map[string]int) // one collection of upserts holds one object
	for i := range writes {
		w := &writes[i]
		depth[i] = 1
		for _, ref := range w.Refs {
			depth[i] = max(depth[i], depth[ref.Write]+1)
		}
		longest = max(longest, depth[i])
		switch w.Op {
		case OpUpsert:
			upserts[strings.ToLower(string(w.Object))]++
		case OpCreate:
			creates++
		default:
			updates++
		}
	}
	collections := ceil(creates, platformLimits.rows) + ceil(updates, platformLimits.rows)
	for _, rows := range upserts {
		collections += ceil(rows, platformLimits.rows)
	}
	return max(longest, ceil(collections, platformLimits.heavy))
}
