package salesforce

import (
	"cmp"
	"slices"
	"strings"
)

// limits are those of one composite call (SALESFORCE.md 0).
type limits struct {
	subrequests int
	// heavy bounds the queries and collections among the subrequests.
	heavy int
	// rows bounds a collection.
	rows int
	// types bounds the runs of one type in a collection; rows are sorted by type.
	types int
}

var platformLimits = limits{subrequests: 25, heavy: 5, rows: 200, types: 10}

// A batch is the writes that one subrequest carries.
type batch struct {
	kind kind
	rows []int // indexes of writes
}

// A kind is what the rows of one collection must have in common.
type kind struct {
	op Op
	// target numbers the object and the key field of an upsert.
	target         int
	allowDuplicate bool
	alone          bool
	// rows is how many one subrequest takes, if less than the limit.
	rows int
	// direct says that the batch is a call of its own, because a composite would
	// read a part of a value as a reference to another subrequest's reply. No
	// escape for that is documented.
	direct bool
}

// A schedule is the order that a set of writes asks for.
type schedule struct {
	limits limits
	kinds  []kind
	// objects are the places of the writes' types among all, by name.
	objects []int
	// parents are the writes that must be answered before.
	parents, children [][]int
	// height is the length of the longest chain of writes below.
	height []int
}

func newSchedule(writes []Write, limits limits) *schedule {
	n := len(writes)
	s := &schedule{
		limits:   limits,
		kinds:    make([]kind, n),
		objects:  objectsOf(writes),
		parents:  make([][]int, n),
		children: make([][]int, n),
		height:   make([]int, n),
	}
	last, targets := make(map[string]int), make(map[string]int)
	for i := range writes {
		w := &writes[i]
		s.kinds[i] = kindOf(w)
		if w.Op == OpUpsert {
			name := strings.ToLower(string(w.Object) + " " + w.Key.Field)
			if _, ok := targets[name]; !ok {
				targets[name] = len(targets) + 1
			}
			s.kinds[i].target = targets[name]
		}
		for _, ref := range w.Refs {
			s.order(ref.Write, i)
		}
		// One collection refuses a record that it names twice, and the order of
		// two changes of one record matters.
		if target := targetOf(w); target != "" {
			if before, ok := last[target]; ok {
				s.order(before, i)
			}
			last[target] = i
		}
	}
	for i := n - 1; i >= 0; i-- {
		for _, parent := range s.parents[i] {
			s.height[parent] = max(s.height[parent], s.height[i]+1)
		}
	}
	return s
}

// order puts a write after an earlier one.
func (s *schedule) order(before, after int) {
	if !slices.Contains(s.parents[after], before) {
		s.parents[after] = append(s.parents[after], before)
		s.children[before] = append(s.children[before], after)
	}
}

// halve makes the rows of a batch go in batches of half its size.
func (s *schedule) halve(b batch) {
	for _, i := range b.rows {
		s.kinds[i].rows = ceil(len(b.rows), 2)
	}
}

// objectsOf returns the places of the writes' types among all, by name.
func objectsOf(writes []Write) []int {
	names := make([]string, len(writes))
	for i := range writes {
		names[i] = strings.ToLower(string(writes[i].Object))
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(names)))
	objects := make([]int, len(writes))
	for i, name := range names {
		objects[i], _ = slices.BinarySearch(sorted, name)
	}
	return objects
}

// kindOf is the kind of a write, but for its target.
func kindOf(w *Write) kind {
	k := kind{op: w.Op, allowDuplicate: w.AllowDuplicate, alone: w.alone(), direct: holdsReference(w)}
	if k.alone {
		k.rows = 1
	}
	return k
}

// holdsReference reports whether a text of the write looks like a reference to
// the reply of another subrequest.
func holdsReference(w *Write) bool {
	holds := strings.Contains(w.Key.Value, "@{")
	for _, value := range w.Fields {
		switch v := value.(type) {
		case string:
			holds = holds || strings.Contains(v, "@{")
		case ID:
			holds = holds || strings.Contains(string(v), "@{")
		case ExternalKey:
			holds = holds || strings.Contains(v.Value, "@{")
		}
	}
	return holds
}

// targetOf names the record that a write changes, as far as the write says it.
func targetOf(w *Write) string {
	switch w.Op {
	case OpUpdate, OpDelete:
		return string(w.ID.ID18())
	case OpUpsert:
		return strings.ToLower(string(w.Object) + " " + w.Key.Field + " " + w.Key.Value)
	}
	return ""
}

// rounds returns the calls that carry out pending, given that all writes
// succeed. It tries both sensible orders, and looks for a deal that takes fewer
// calls than the shorter of them.
func (s *schedule) rounds(pending []int) [][]batch {
	left := slices.Clone(pending)
	slices.SortStableFunc(left, func(a, b int) int {
		return cmp.Or(cmp.Compare(s.height[b], s.height[a]), cmp.Compare(s.objects[a], s.objects[b]))
	})
	rounds := s.plan(left, s.fillFull)
	if deepFirst := s.plan(left, s.fillDeep); len(deepFirst) <= len(rounds) {
		rounds = deepFirst
	}
	if dealt := s.deal(pending, len(rounds)); dealt != nil {
		return dealt
	}
	return rounds
}

// plan lays writes out in rounds. fill chooses the batches of one of them from
// the writes that are left, in the order given; waiting counts the parents of
// each that are still to come.
func (s *schedule) plan(writes []int, fill func(round int, left, waiting []int) []batch) (rounds [][]batch) {
	const done = -1
	waiting := slices.Repeat([]int{done}, len(s.kinds))
	for _, i := range writes {
		waiting[i] = 0
	}
	for _, i := range writes {
		for _, parent := range s.parents[i] {
			if waiting[parent] != done {
				waiting[i]++
			}
		}
	}
	for left := slices.Clone(writes); len(left) > 0; {
		round := fill(len(rounds), left, waiting)
		rounds = append(rounds, round)
		for _, b := range round {
			for _, i := range b.rows {
				waiting[i] = done
				for _, child := range s.children[i] {
					if waiting[child] != done {
						waiting[child]--
					}
				}
			}
		}
		left = slices.DeleteFunc(left, func(i int) bool { return waiting[i] == done })
	}
	return rounds
}

// reverse returns the schedule of the same writes in the opposite order.
func (s *schedule) reverse() *schedule {
	reversed := *s
	reversed.parents, reversed.children = s.children, s.parents
	return &reversed
}

// chains returns the lengths of the longest chains of pending writes that come
// before each write, and behind it.
func (s *schedule) chains(pending []int) (before, behind []int) {
	before, behind = make([]int, len(s.kinds)), make([]int, len(s.kinds))
	isPending := make([]bool, len(s.kinds))
	for _, i := range pending {
		isPending[i] = true
	}
	// An earlier write comes first.
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

// An offer is a batch that the next round may take.
type offer struct {
	batch
	// saves says that taking it leaves one batch of its kind less to send.
	saves  bool
	height int
}

// fillFull takes first the batches that leave one less of their kind to send.
func (s *schedule) fillFull(_ int, left, waiting []int) []batch { return s.fill(left, waiting, true) }

// fillDeep takes first what most waits for.
func (s *schedule) fillDeep(_ int, left, waiting []int) []batch { return s.fill(left, waiting, false) }

// fill chooses the batches of one round from left, which is sorted.
func (s *schedule) fill(left, waiting []int, fullFirst bool) []batch {
	offers := s.offers(left, waiting)
	slices.SortStableFunc(offers, func(a, b offer) int {
		return cmp.Or(
			compareBool(b.saves && fullFirst, a.saves && fullFirst),
			cmp.Compare(b.height, a.height),
			cmp.Compare(len(b.rows), len(a.rows)),
		)
	})
	if offers[0].kind.direct {
		return []batch{offers[0].batch}
	}
	var round []batch
	heavy := 0
	for _, o := range offers {
		if o.kind.direct || len(round) == s.limits.subrequests || !o.kind.alone && heavy == s.limits.heavy {
			continue
		}
		if !o.kind.alone {
			heavy++
		}
		round = append(round, o.batch)
	}
	return round
}

// offers cuts the writes of left that wait for nothing into batches.
func (s *schedule) offers(left, waiting []int) []offer {
	var kinds []kind
	ready := make(map[kind][]int)
	total := make(map[kind]int)
	for _, i := range left {
		k := s.kinds[i]
		total[k]++
		if waiting[i] > 0 {
			continue
		}
		if len(ready[k]) == 0 {
			kinds = append(kinds, k)
		}
		ready[k] = append(ready[k], i)
	}
	var offers []offer
	for _, k := range kinds {
		for rows := ready[k]; len(rows) > 0; {
			var cut []int
			cut, rows = s.cut(k, rows)
			after := total[k] - len(cut)
			offers = append(offers, offer{
				batch:  batch{k, cut},
				saves:  ceil(after, s.room(k)) < ceil(total[k], s.room(k)),
				height: s.height[cut[0]],
			})
			total[k] = after
		}
	}
	return offers
}

// room is how many rows one subrequest of the kind takes.
func (s *schedule) room(k kind) int {
	if k.rows > 0 {
		return min(k.rows, s.limits.rows)
	}
	return s.limits.rows
}

// cut takes the first rows that fit into one subrequest.
func (s *schedule) cut(k kind, rows []int) (taken, rest []int) {
	var types []int
	for n, i := range rows {
		switch {
		case len(taken) < s.room(k):
		case rest == nil:
			return taken, rows[n:] // no copy: of 100,000 rows each cut would make one
		default:
			return taken, append(rest, rows[n:]...)
		}
		if object := s.objects[i]; !slices.Contains(types, object) {
			if len(types) == s.limits.types {
				rest = append(rest, i)
				continue
			}
			types = append(types, object)
		}
		taken = append(taken, i)
	}
	return taken, rest
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

func ceil(a, b int) int { return (a + b - 1) / b }
