// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"cmp"
	"slices"
)

// Where both orders of Rounds leave room for fewer calls, the collections are
// distributed over the calls before any is filled. One in six mixed sets of 1,000
// writes takes one call less that way. The search is bounded: it usually costs as
// much CPU as the two orders, about a millisecond, and at worst some 20 times that
// (BenchmarkSchedule).
const (
	// maxTries bounds the distributions by which rows are laid out, and maxSteps the
	// ways to distribute that are visited.
	maxTries = 40
	maxSteps = 10_000
	// maxCalls is the largest number of calls that is searched.
	maxCalls = 10
)

// A budget is what a search may still spend.
type budget struct{ tries, steps int }

// pack returns the calls that carry out the pending rows, if it finds fewer than
// below.
func (s *Schedule) pack(pending []int, below int) [][]Batch {
	if slices.ContainsFunc(pending, func(i int) bool { return s.kinds[i].direct }) {
		return nil // takes a call of its own, which the search does not know
	}
	b := &budget{maxTries, maxSteps}
	for calls := newPacking(s, pending, 0, b).floor(); calls < min(below, maxCalls+1); calls++ {
		if rounds := newPacking(s, pending, calls, b).run(); rounds != nil {
			return rounds
		}
	}
	return nil
}

// A packing searches for a way to carry out rows in a given number of calls. It
// distributes collections over all calls by how many rows come before and behind
// each row, but not by which; then it lays the rows out accordingly. Where that
// fails it keeps the first call and distributes again what is left.
type packing struct {
	*Schedule
	*budget
	pending []int
	calls   int
	// before and behind are the lengths of the longest chains of pending rows that
	// end and that begin at a row.
	before, behind []int
	// groups are the rows by kind; groupOf is by row.
	groups  []*group
	groupOf []int

	held [maxCalls]int // collections by call
	// found counts the distributions found. dead are the states that lead to none,
	// tried are the first calls that were tried.
	found int
	dead  map[state]bool
	tried map[string]bool
}

// A group is the rows of one kind.
type group struct {
	kind kind
	rows []int
	// spreads are the ways to spread the rows over the calls: how many collections
	// in each. share is one of them.
	spreads [][]int
	share   []int
}

// A state is how many collections the calls hold before the next group.
type state struct {
	group int
	held  [maxCalls]int
}

func newPacking(s *Schedule, pending []int, calls int, b *budget) *packing {
	p := &packing{
		Schedule: s, budget: b, pending: pending, calls: calls,
		dead: make(map[state]bool), tried: make(map[string]bool),
	}
	p.before, p.behind = s.chains(pending)
	byKind := make(map[kind]*group)
	for _, i := range pending {
		k := s.kinds[i]
		if byKind[k] == nil {
			byKind[k] = &group{kind: k}
			p.groups = append(p.groups, byKind[k])
		}
		byKind[k].rows = append(byKind[k].rows, i)
	}
	return p
}

// chains returns the lengths of the longest chains of pending rows that come before
// each row, and behind it.
func (s *Schedule) chains(pending []int) (before, behind []int) {
	before, behind = make([]int, len(s.kinds)), make([]int, len(s.kinds))
	isPending := make([]bool, len(s.kinds))
	for _, i := range pending {
		isPending[i] = true
	}
	// An earlier row comes first.
	for _, i := range pending {
		for _, parent := range s.parents[i] {
			if isPending[parent] {
				before[i] = max(before[i], before[parent]+1)
			}
		}
	}
	for _, i := range slices.Backward(pending) {
		for _, parent := range s.parents[i] {
			behind[parent] = max(behind[parent], behind[i]+1)
		}
	}
	return before, behind
}

// floor is the fewest calls that the chains and the collections allow.
func (p *packing) floor() int {
	longest, alone, collections := 0, 0, 0
	for _, i := range p.pending {
		longest = max(longest, p.behind[i]+1)
	}
	for _, g := range p.groups {
		if g.kind.alone {
			alone += len(g.rows)
		} else {
			collections += ceil(len(g.rows), p.room(g.kind))
		}
	}
	return max(longest, ceil(collections, p.limits.Heavy), ceil(collections+alone, p.limits.Subrequests))
}

// run returns the calls, nil when it finds none.
func (p *packing) run() [][]Batch {
	if p.floor() > p.calls || !p.spread() {
		return nil
	}
	return p.search(0)
}

// spread lists the spreads of all groups and sorts the groups by their number. It
// reports whether each group has one.
func (p *packing) spread() bool {
	for _, g := range p.groups {
		if g.kind.alone {
			g.spreads = [][]int{make([]int, p.calls)} // takes what is left
			continue
		}
		g.spreads = leastOf(p.spreadsOf(p.windows(g), p.room(g.kind), make([]int, p.calls), 0))
		if len(g.spreads) == 0 {
			return false
		}
	}
	slices.SortStableFunc(p.groups, func(a, b *group) int { return cmp.Compare(len(a.spreads), len(b.spreads)) })
	p.groupOf = make([]int, len(p.kinds))
	for n, g := range p.groups {
		for _, i := range g.rows {
			p.groupOf[i] = n
		}
	}
	return true
}

// A windows counts rows by the first and the last call that they may go in.
type windows [maxCalls][maxCalls]int

func (p *packing) windows(g *group) (w windows) {
	for _, i := range g.rows {
		w[p.before[i]][p.calls-1-p.behind[i]]++
	}
	return w
}

// spreadsOf lists the ways to spread the rows left of a group over the calls from
// call on. share holds the collections of the calls before.
func (p *packing) spreadsOf(left windows, room int, share []int, call int) (found [][]int) {
	if call == p.calls {
		return [][]int{slices.Clone(share)}
	}
	due, ready := 0, 0
	for first := range call + 1 {
		due += left[first][call]
		for last := call; last < p.calls; last++ {
			ready += left[first][last]
		}
	}
	for n := ceil(due, room); n <= min(ceil(ready, room), p.limits.Heavy) && p.steps > 0; n++ {
		p.steps--
		share[call] = n
		found = append(found, p.spreadsOf(left.without(call, n*room), room, share, call+1)...)
	}
	share[call] = 0
	return found
}

// without removes rows that may go in a call, those with the earliest last call first.
func (w windows) without(call, rows int) windows {
	for last := call; last < maxCalls; last++ {
		for first := range call + 1 {
			taken := min(rows, w[first][last])
			w[first][last] -= taken
			rows -= taken
		}
	}
	return w
}

// leastOf drops the spreads that contain another one.
func leastOf(spreads [][]int) (least [][]int) {
	sum := func(spread []int) (n int) {
		for _, collections := range spread {
			n += collections
		}
		return n
	}
	slices.SortStableFunc(spreads, func(a, b []int) int { return cmp.Compare(sum(a), sum(b)) })
	for _, spread := range spreads {
		if !slices.ContainsFunc(least, func(other []int) bool { return contains(spread, other) }) {
			least = append(least, spread)
		}
	}
	return least
}

// contains reports whether each call of a spread has at least what another's has.
func contains(spread, other []int) bool {
	for call := range spread {
		if spread[call] < other[call] {
			return false
		}
	}
	return true
}

// search distributes the collections of the groups from the n-th on, and tries each
// distribution.
func (p *packing) search(n int) [][]Batch {
	if n == len(p.groups) {
		return p.try()
	}
	at := state{n, p.held}
	if p.dead[at] {
		return nil
	}
	found := p.found
	for _, spread := range p.groups[n].spreads {
		if p.steps--; p.steps < 0 || p.tries <= 0 {
			return nil
		}
		p.groups[n].share = spread
		var rounds [][]Batch
		if p.hold(spread, 1) {
			rounds = p.search(n + 1)
		}
		p.hold(spread, -1)
		if rounds != nil {
			return rounds
		}
	}
	if p.found == found {
		p.dead[at] = true
	}
	return nil
}

// hold adds a spread to the calls, or removes it, and reports whether no call holds
// too much.
func (p *packing) hold(spread []int, sign int) bool {
	within := true
	for call, n := range spread {
		p.held[call] += sign * n
		within = within && p.held[call] <= p.limits.Heavy
	}
	return within
}

// try lays the rows out by the distribution, unless one with the same first call was
// tried before.
func (p *packing) try() [][]Batch {
	p.found++
	column := make([]byte, len(p.groups))
	for n, g := range p.groups {
		column[n] = byte(g.share[0])
	}
	if p.tried[string(column)] {
		return nil
	}
	first, ok := p.firstCalls()
	if !ok {
		return nil
	}
	p.tried[string(column)] = true
	p.tries--
	return p.layOut(first)
}

// layOut plans the rows from the last call to the first, which shows what must go
// early, and then forward in that order. Where both fail it keeps the first call and
// searches again for the rest.
func (p *packing) layOut(first []int) [][]Batch {
	order := slices.Clone(p.pending) // those first that cannot go before a late call
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(first[b], first[a]), cmp.Compare(p.objects[a], p.objects[b]))
	})
	back := p.reverse().plan(order, func(round int, left, waiting []int) []Batch {
		return p.fillPacked(p.calls-1-round, left, waiting)
	})
	slices.Reverse(back)
	if len(back) <= p.calls {
		return back
	}
	forth := p.plan(rowsOf(back), p.fillPacked)
	if len(forth) <= p.calls {
		return forth
	}
	rest := slices.Sorted(slices.Values(rowsOf(forth[1:])))
	if rounds := newPacking(p.Schedule, rest, p.calls-1, p.budget).run(); rounds != nil {
		return append(forth[:1], rounds...)
	}
	return nil
}

// reverse returns the schedule of the same rows in the opposite order.
func (s *Schedule) reverse() *Schedule {
	reversed := *s
	reversed.parents, reversed.children = s.children, s.parents
	return &reversed
}

// rowsOf returns the rows of calls, in their order.
func rowsOf(rounds [][]Batch) (rows []int) {
	for _, round := range rounds {
		for _, b := range round {
			rows = append(rows, b.Rows...)
		}
	}
	return rows
}

// firstCalls returns by row the first call that it may go in under the distribution,
// or false when some row has none.
func (p *packing) firstCalls() (first []int, ok bool) {
	first = make([]int, len(p.kinds))
	for _, i := range p.pending {
		for _, parent := range p.parents[i] {
			first[i] = max(first[i], first[parent]+1)
		}
		for first[i] < p.calls && !p.takes(first[i], p.groups[p.groupOf[i]]) {
			first[i]++
		}
		if first[i] > p.calls-1-p.behind[i] {
			return nil, false
		}
	}
	return first, true
}

// takes reports whether a call has a collection for a group, or may have one.
func (p *packing) takes(call int, g *group) bool {
	return g.kind.alone || g.share[call] > 0 || p.held[call] < p.limits.Heavy
}

// fillPacked takes for a call the collections that the distribution gives it, and
// fills the remaining room with what is next. A call outside the distribution has
// all its room left.
func (p *packing) fillPacked(call int, left, waiting []int) []Batch {
	f := &filling{packing: p, ready: make([][]int, len(p.groups))}
	var order []int // of the groups, by their first row
	for _, i := range left {
		if waiting[i] > 0 {
			continue
		}
		n := p.groupOf[i]
		if f.ready[n] == nil {
			order = append(order, n)
		}
		f.ready[n] = append(f.ready[n], i)
	}
	if call >= 0 && call < p.calls {
		for _, n := range order {
			for left := p.groups[n].share[call]; left > 0 && len(f.ready[n]) > 0; left-- {
				f.take(n)
			}
		}
	}
	for _, n := range order {
		for len(f.ready[n]) > 0 && f.hasRoom(p.groups[n].kind) {
			f.take(n)
		}
	}
	return f.round
}

// A filling is one round that fillPacked makes.
type filling struct {
	*packing
	ready [][]int // rows that wait for nothing, by group
	heavy int
	round []Batch
}

// take adds the next batch of a group to the round.
func (f *filling) take(n int) {
	k := f.groups[n].kind
	var cut []int
	cut, f.ready[n] = f.cut(k, f.ready[n])
	f.round = append(f.round, Batch{k, cut})
	if !k.alone {
		f.heavy++
	}
}

func (f *filling) hasRoom(k kind) bool {
	return len(f.round) < f.limits.Subrequests && (k.alone || f.heavy < f.limits.Heavy)
}
