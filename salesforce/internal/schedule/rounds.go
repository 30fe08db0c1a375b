// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"cmp"
	"slices"
)

// Rounds returns the calls that carry out the pending rows, provided that all
// succeed. It tries both sensible orders, and then searches for a packing that takes
// fewer calls than the shorter of them, unless a Sizer has put the rows into batches.
// Where rows may go in one call with those that they wait for, and only where that takes
// fewer calls, they do.
func (s *Schedule) Rounds(pending []int) [][]Batch {
	left := slices.Clone(pending)
	slices.SortStableFunc(left, func(a, b int) int {
		return cmp.Or(cmp.Compare(s.height[b], s.height[a]), cmp.Compare(s.objects[a], s.objects[b]))
	})
	rounds := s.plan(left, s.fillDeep)
	if len(rounds) == s.fewest(left) {
		return rounds // nothing takes fewer calls
	}
	if fullFirst := s.plan(left, s.fillFull); len(fullFirst) < len(rounds) {
		rounds = fullFirst
	}
	if s.grouped {
		return rounds
	}
	chained := s.chained(left, len(rounds))
	below := len(rounds)
	if chained != nil {
		below = len(chained) + 1 // at as many calls, better without chains
	}
	if packed := s.pack(pending, below); packed != nil {
		return packed
	}
	if chained != nil {
		return chained
	}
	return rounds
}

// done marks in plan a row that has been planned.
const done = -1

// plan assigns rows to rounds. fill chooses the batches of one round from the rows
// that are left, in the order given; waiting counts the parents of each that are not
// planned yet.
func (s *Schedule) plan(rows []int, fill func(round int, left, waiting []int) []Batch) (rounds [][]Batch) {
	waiting := s.waiting(rows)
	for left := slices.Clone(rows); len(left) > 0; {
		round := fill(len(rounds), left, waiting)
		rounds = append(rounds, round)
		for _, b := range round {
			for _, i := range b.Rows {
				s.finish(i, waiting)
			}
		}
		left = slices.DeleteFunc(left, func(i int) bool { return waiting[i] == done })
	}
	return rounds
}

// waiting counts the parents of each row among rows; all others are done.
func (s *Schedule) waiting(rows []int) []int {
	waiting := slices.Repeat([]int{done}, len(s.kinds))
	for _, i := range rows {
		waiting[i] = 0
	}
	for _, i := range rows {
		for _, parent := range s.parents[i] {
			if waiting[parent] != done {
				waiting[i]++
			}
		}
	}
	return waiting
}

// finish marks a row as planned.
func (s *Schedule) finish(i int, waiting []int) {
	waiting[i] = done
	for _, child := range s.children[i] {
		if waiting[child] != done {
			waiting[child]--
		}
	}
}

// An offer is a batch that the next round may take.
type offer struct {
	Batch
	// saves says that after this batch one batch less of its kind is left to send.
	saves  bool
	height int
}

// fillFull prefers the batches that leave one less of their kind to send.
func (s *Schedule) fillFull(_ int, left, waiting []int) []Batch { return s.fill(left, waiting, true) }

// fillDeep prefers the rows with the longest chains below.
func (s *Schedule) fillDeep(_ int, left, waiting []int) []Batch { return s.fill(left, waiting, false) }

// sorted returns the offers of left, the best first.
func (s *Schedule) sorted(left, waiting []int, fullFirst bool) []offer {
	offers := s.offers(left, waiting)
	slices.SortStableFunc(offers, func(a, b offer) int {
		return cmp.Or(
			compareBool(b.saves && fullFirst, a.saves && fullFirst),
			cmp.Compare(b.height, a.height),
			cmp.Compare(len(b.Rows), len(a.Rows)),
		)
	})
	return offers
}

// fill chooses the batches of one round from left, which is sorted.
func (s *Schedule) fill(left, waiting []int, fullFirst bool) []Batch {
	offers := s.sorted(left, waiting, fullFirst)
	if offers[0].Direct() {
		return []Batch{offers[0].Batch}
	}
	var round []Batch
	heavy := 0
	for _, o := range offers {
		if o.Direct() || len(round) == s.limits.Subrequests || !o.Alone() && heavy == s.limits.Heavy {
			continue
		}
		if !o.Alone() {
			heavy++
		}
		round = append(round, o.Batch)
	}
	return round
}

// offers cuts the rows of left that wait for nothing into batches.
func (s *Schedule) offers(left, waiting []int) []offer {
	var lots []lot
	known, last := make(map[kind]int), -1
	for _, i := range left {
		if k := s.kinds[i]; last < 0 || lots[last].kind != k { // rows of a kind are mostly together
			at, ok := known[k]
			if !ok {
				at = len(lots)
				known[k], lots = at, append(lots, lot{kind: k})
			}
			last = at
		}
		lots[last].total++
		if waiting[i] == 0 {
			lots[last].ready = append(lots[last].ready, i)
		}
	}
	var offers []offer
	for _, l := range lots {
		for rows := l.ready; len(rows) > 0; {
			var cut []int
			cut, rows = s.cut(l.kind, rows)
			after := l.total - len(cut)
			offers = append(offers, offer{
				Batch:  Batch{l.kind, cut},
				saves:  ceil(after, s.room(l.kind)) < ceil(l.total, s.room(l.kind)),
				height: s.height[cut[0]],
			})
			l.total = after
		}
	}
	return offers
}

// A lot is what rows are left of a kind.
type lot struct {
	kind  kind
	total int
	ready []int // those that wait for nothing
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
