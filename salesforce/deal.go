package salesforce

import (
	"cmp"
	"slices"
)

// Where both orders of rounds leave room for fewer calls, the collections are
// dealt out to the calls before any is filled. Of mixed sets of 1,000 writes, one
// in six so takes a call less. The search is bounded: it mostly costs as much CPU
// as the two orders do, about a millisecond, and at worst some 20 times that
// (BenchmarkSchedule).
const (
	// dealLooks bounds the deals by which writes are laid out, and dealSteps the
	// ways to deal that are gone through.
	dealLooks = 40
	dealSteps = 10_000
	// dealCalls is the most calls that a deal is looked for in.
	dealCalls = 10
)

// A budget is what a search may still spend.
type budget struct{ looks, steps int }

// deal returns the calls that carry out pending, if it finds fewer than below.
func (s *schedule) deal(pending []int, below int) [][]batch {
	if slices.ContainsFunc(pending, func(i int) bool { return s.kinds[i].direct }) {
		return nil // takes a call of its own, which no deal allows for
	}
	b := &budget{dealLooks, dealSteps}
	for calls := newDealing(s, pending, 0, b).floor(); calls < min(below, dealCalls+1); calls++ {
		if rounds := newDealing(s, pending, calls, b).run(); rounds != nil {
			return rounds
		}
	}
	return nil
}

// A dealing looks for a way to carry out writes in a given number of calls. It
// deals collections out to all calls by how many writes come before and behind
// each write, and not by which those are; lays the writes out by that deal; and
// where that fails keeps the first call and deals again for what is left.
type dealing struct {
	*schedule
	*budget
	pending []int
	calls   int
	// before and behind are the lengths of the longest chains of pending writes
	// that end and that begin at a write.
	before, behind []int
	// groups are the writes by kind; groupOf is by write.
	groups  []*group
	groupOf []int

	held [dealCalls]int // collections by call
	// deals counts the deals found. dead are the states from which there is none,
	// tried are the first calls that were tried.
	deals int
	dead  map[dealState]bool
	tried map[string]bool
}

// A group is the writes of one kind.
type group struct {
	kind kind
	rows []int
	// spreads are the ways to spread the rows over the calls: how many collections
	// in each. share is one of them.
	spreads [][]int
	share   []int
}

// A dealState is how many collections the calls hold before the next group.
type dealState struct {
	group int
	held  [dealCalls]int
}

func newDealing(s *schedule, pending []int, calls int, b *budget) *dealing {
	d := &dealing{
		schedule: s, budget: b, pending: pending, calls: calls,
		dead: make(map[dealState]bool), tried: make(map[string]bool),
	}
	d.before, d.behind = s.chains(pending)
	byKind := make(map[kind]*group)
	for _, i := range pending {
		k := s.kinds[i]
		if byKind[k] == nil {
			byKind[k] = &group{kind: k}
			d.groups = append(d.groups, byKind[k])
		}
		byKind[k].rows = append(byKind[k].rows, i)
	}
	return d
}

// floor is the fewest calls that the chains and the collections allow.
func (d *dealing) floor() int {
	longest, alone, collections := 0, 0, 0
	for _, i := range d.pending {
		longest = max(longest, d.behind[i]+1)
	}
	for _, g := range d.groups {
		if g.kind.alone {
			alone += len(g.rows)
		} else {
			collections += ceil(len(g.rows), d.room(g.kind))
		}
	}
	return max(longest, ceil(collections, d.limits.heavy), ceil(collections+alone, d.limits.subrequests))
}

// run returns the calls, nil when it finds none.
func (d *dealing) run() [][]batch {
	if d.floor() > d.calls || !d.spread() {
		return nil
	}
	return d.search(0)
}

// spread lists the spreads of all groups, and puts those first that have the
// fewest. It reports whether each has one.
func (d *dealing) spread() bool {
	for _, g := range d.groups {
		if g.kind.alone {
			g.spreads = [][]int{make([]int, d.calls)} // takes what is left
			continue
		}
		g.spreads = leastOf(d.spreadsOf(d.windows(g), d.room(g.kind), make([]int, d.calls), 0))
		if len(g.spreads) == 0 {
			return false
		}
	}
	slices.SortStableFunc(d.groups, func(a, b *group) int { return cmp.Compare(len(a.spreads), len(b.spreads)) })
	d.groupOf = make([]int, len(d.kinds))
	for n, g := range d.groups {
		for _, i := range g.rows {
			d.groupOf[i] = n
		}
	}
	return true
}

// A windows counts rows by the calls that they may go in: the first, then the
// last.
type windows [dealCalls][dealCalls]int

func (d *dealing) windows(g *group) (w windows) {
	for _, i := range g.rows {
		w[d.before[i]][d.calls-1-d.behind[i]]++
	}
	return w
}

// spreadsOf lists the ways to spread what is left of a group over the calls from
// call on. share holds those of the calls before.
func (d *dealing) spreadsOf(left windows, room int, share []int, call int) (found [][]int) {
	if call == d.calls {
		return [][]int{slices.Clone(share)}
	}
	due, ready := 0, 0
	for first := range call + 1 {
		due += left[first][call]
		for last := call; last < d.calls; last++ {
			ready += left[first][last]
		}
	}
	for n := ceil(due, room); n <= min(ceil(ready, room), d.limits.heavy) && d.steps > 0; n++ {
		d.steps--
		share[call] = n
		found = append(found, d.spreadsOf(left.without(call, n*room), room, share, call+1)...)
	}
	share[call] = 0
	return found
}

// without takes rows that may go in a call, those first that must go soonest.
func (w windows) without(call, rows int) windows {
	for last := call; last < dealCalls; last++ {
		for first := range call + 1 {
			taken := min(rows, w[first][last])
			w[first][last] -= taken
			rows -= taken
		}
	}
	return w
}

// leastOf drops the spreads that hold another one.
func leastOf(spreads [][]int) (least [][]int) {
	sum := func(spread []int) (n int) {
		for _, collections := range spread {
			n += collections
		}
		return n
	}
	slices.SortStableFunc(spreads, func(a, b []int) int { return cmp.Compare(sum(a), sum(b)) })
	for _, spread := range spreads {
		if !slices.ContainsFunc(least, func(other []int) bool { return holds(spread, other) }) {
			least = append(least, spread)
		}
	}
	return least
}

// holds reports whether each call of a spread has what another's has.
func holds(spread, other []int) bool {
	for call := range spread {
		if spread[call] < other[call] {
			return false
		}
	}
	return true
}

// search deals collections to the groups from the n-th on, and tries each deal.
func (d *dealing) search(n int) [][]batch {
	if n == len(d.groups) {
		return d.try()
	}
	state := dealState{n, d.held}
	if d.dead[state] {
		return nil
	}
	deals := d.deals
	for _, spread := range d.groups[n].spreads {
		if d.steps--; d.steps < 0 || d.looks <= 0 {
			return nil
		}
		d.groups[n].share = spread
		var rounds [][]batch
		if d.hold(spread, 1) {
			rounds = d.search(n + 1)
		}
		d.hold(spread, -1)
		if rounds != nil {
			return rounds
		}
	}
	if d.deals == deals {
		d.dead[state] = true
	}
	return nil
}

// hold adds a spread to the calls, or takes it back, and reports whether no call
// holds too much.
func (d *dealing) hold(spread []int, sign int) bool {
	within := true
	for call, n := range spread {
		d.held[call] += sign * n
		within = within && d.held[call] <= d.limits.heavy
	}
	return within
}

// try lays the writes out by the deal, unless one with the same first call was
// tried before: from the last call to the first, which shows what must go early,
// and then forth in that order. It goes on from the first call where both fail.
func (d *dealing) try() [][]batch {
	d.deals++
	column := make([]byte, len(d.groups))
	for n, g := range d.groups {
		column[n] = byte(g.share[0])
	}
	if d.tried[string(column)] {
		return nil
	}
	first, ok := d.firstCalls()
	if !ok {
		return nil
	}
	d.tried[string(column)] = true
	d.looks--
	order := slices.Clone(d.pending) // those first that cannot go before a late call
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(first[b], first[a]), cmp.Compare(d.objects[a], d.objects[b]))
	})
	back := d.reverse().plan(order, func(round int, left, waiting []int) []batch {
		return d.fillDealt(d.calls-1-round, left, waiting)
	})
	slices.Reverse(back)
	if len(back) <= d.calls {
		return back
	}
	forth := d.plan(rowsOf(back), d.fillDealt)
	if len(forth) <= d.calls {
		return forth
	}
	rest := slices.Sorted(slices.Values(rowsOf(forth[1:])))
	if rounds := newDealing(d.schedule, rest, d.calls-1, d.budget).run(); rounds != nil {
		return append(forth[:1], rounds...)
	}
	return nil
}

// rowsOf returns the rows of calls, in their order.
func rowsOf(rounds [][]batch) (rows []int) {
	for _, round := range rounds {
		for _, b := range round {
			rows = append(rows, b.rows...)
		}
	}
	return rows
}

// firstCalls returns by write the first call that it may go in under the deal, or
// that some write has none.
func (d *dealing) firstCalls() (first []int, ok bool) {
	first = make([]int, len(d.kinds))
	for _, i := range d.pending {
		for _, parent := range d.parents[i] {
			first[i] = max(first[i], first[parent]+1)
		}
		for first[i] < d.calls && !d.takes(first[i], d.groups[d.groupOf[i]]) {
			first[i]++
		}
		if first[i] > d.calls-1-d.behind[i] {
			return nil, false
		}
	}
	return first, true
}

// takes reports whether a call has a collection for a group, or may have one.
func (d *dealing) takes(call int, g *group) bool {
	return g.kind.alone || g.share[call] > 0 || d.held[call] < d.limits.heavy
}

// fillDealt takes for a call the collections that were dealt to it, and with the
// room that is left what is next. A call outside the deal has all its room left.
func (d *dealing) fillDealt(call int, left, waiting []int) (round []batch) {
	ready := make([][]int, len(d.groups))
	var order []int // of the groups, by their first row
	for _, i := range left {
		if waiting[i] > 0 {
			continue
		}
		n := d.groupOf[i]
		if ready[n] == nil {
			order = append(order, n)
		}
		ready[n] = append(ready[n], i)
	}
	heavy := 0
	take := func(n int) {
		var cut []int
		cut, ready[n] = d.cut(d.groups[n].kind, ready[n])
		round = append(round, batch{d.groups[n].kind, cut})
		if !d.groups[n].kind.alone {
			heavy++
		}
	}
	if call >= 0 && call < d.calls {
		for _, n := range order {
			for left := d.groups[n].share[call]; left > 0 && len(ready[n]) > 0; left-- {
				take(n)
			}
		}
	}
	for _, n := range order {
		for len(ready[n]) > 0 && len(round) < d.limits.subrequests && (d.groups[n].kind.alone || heavy < d.limits.heavy) {
			take(n)
		}
	}
	return round
}
