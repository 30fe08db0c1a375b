// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"cmp"
	"slices"
)

// A Chain says whether a row may go in one call with the rows that it waits for, behind
// them, because a subrequest may name what an earlier one of its call has made.
type Chain int

// The chains.
const (
	// NoChain sends each row after the call of those that it waits for.
	NoChain Chain = iota
	// ChainAlone lets single rows follow one another in a call.
	ChainAlone
	// ChainAll lets collections do that too.
	ChainAll
)

// SetChain changes what the calls that are planned from now on may hold. The zero is NoChain.
func (s *Schedule) SetChain(c Chain) { s.chain = c }

// chained returns the calls of rows that go with those that they wait for, nil when that
// does not take fewer than below. rows are sorted as for plan.
func (s *Schedule) chained(rows []int, below int) [][]Batch {
	if s.chain == NoChain || below < 2 || below <= s.fewest(rows) {
		return nil
	}
	if alone := s.singles(rows); alone != nil {
		return [][]Batch{alone}
	}
	if s.chain != ChainAll {
		return nil
	}
	if calls := s.chainCollections(rows); len(calls) < below {
		return calls
	}
	return nil
}

// fewest is how many calls the rows fill, whatever they wait for.
func (s *Schedule) fewest(rows []int) int {
	count := make(map[kind]int)
	alone, direct, collections := 0, 0, 0
	for _, i := range rows {
		switch k := s.kinds[i]; {
		case k.direct:
			direct++
		case k.alone:
			alone++
		default:
			count[k]++
		}
	}
	for k, n := range count {
		collections += ceil(n, s.room(k))
	}
	return direct + max(ceil(collections, s.limits.Heavy), ceil(collections+alone, s.limits.Subrequests))
}

// singles returns one call of single rows, nil when they are too many for one. A reference
// to a single row is documented, and its failure stops only the rows that wait for it.
func (s *Schedule) singles(rows []int) []Batch {
	if len(rows) > s.limits.Subrequests {
		return nil
	}
	ordered := slices.Sorted(slices.Values(rows)) // an earlier row comes first
	before, _ := s.chains(ordered)
	slices.SortStableFunc(ordered, func(a, b int) int {
		return cmp.Or(cmp.Compare(before[a], before[b]), cmp.Compare(s.objects[a], s.objects[b]))
	})
	inCall := make(map[int]bool)
	batches := make([]Batch, 0, len(rows))
	for _, i := range ordered {
		k := s.kinds[i]
		unnamed := func(parent int) bool { return inCall[parent] && s.silent[parent] }
		if k.direct || s.shared[i] || slices.ContainsFunc(s.parents[i], unnamed) {
			return nil
		}
		k.solo, inCall[i] = true, true
		batches = append(batches, Batch{k, []int{i}})
	}
	return batches
}

// chainCollections plans calls batch by batch: what a batch holds may go on in the next one
// of the same call.
func (s *Schedule) chainCollections(rows []int) (calls [][]Batch) {
	waiting, left := s.waiting(rows), slices.Clone(rows)
	for len(left) > 0 {
		var call []Batch
		var later []int // what no other subrequest of the call can refer to
		for heavy := 0; len(call) < s.limits.Subrequests; {
			at := s.nextOf(call, heavy, left, waiting)
			if at == nil {
				break
			}
			call = append(call, at.Batch)
			if !at.Alone() {
				heavy++
			}
			for _, i := range at.Rows {
				if at.Alone() && s.silent[i] {
					later = append(later, i)
				} else {
					s.finish(i, waiting)
				}
			}
			left = slices.DeleteFunc(left, func(i int) bool { return waiting[i] == done || slices.Contains(later, i) })
			if at.Direct() {
				break
			}
		}
		for _, i := range later {
			s.finish(i, waiting)
		}
		calls = append(calls, call)
	}
	return calls
}

// nextOf returns the batch that a call takes next, nil for none.
func (s *Schedule) nextOf(call []Batch, heavy int, left, waiting []int) *offer {
	for _, o := range s.sorted(left, waiting, true) {
		switch {
		case o.Direct() && len(call) > 0:
		case !o.Alone() && heavy == s.limits.Heavy:
		default:
			return &o
		}
	}
	return nil
}
