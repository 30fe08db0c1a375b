package query

// GROUP BY ROLLUP and CUBE answer totals too, over all values of some of the
// fields (SOQL reference, GROUP BY ROLLUP and GROUP BY CUBE).
const (
	rollup     = "ROLLUP"
	cube       = "CUBE"
	groupingOf = "GROUPING"
	maxSubsets = 3 // fields (SOQL reference)
)

// noSubsets: GROUPING tells which rows are totals, so it needs some. The text is
// not known.
func noSubsets(x *expr) *Error {
	return malformed(x.name.at, "GROUPING needs GROUP BY ROLLUP or GROUP BY CUBE")
}

// sets are the fields that each pass groups by: all of them, and of ROLLUP also
// each run from the first, of CUBE each choice.
func (g *grouping) sets() [][]bool {
	all := 1<<len(g.by) - 1
	masks := []int{all}
	switch g.subsets {
	case rollup:
		for n := len(g.by) - 1; n >= 0; n-- {
			masks = append(masks, 1<<n-1)
		}
	case cube:
		for mask := all - 1; mask >= 0; mask-- {
			masks = append(masks, mask)
		}
	}
	sets := make([][]bool, len(masks))
	for i, mask := range masks {
		sets[i] = make([]bool, len(g.by))
		for n := range g.by {
			sets[i][n] = mask&(1<<n) != 0
		}
	}
	return sets
}
