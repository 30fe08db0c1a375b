// SPDX-License-Identifier: Apache-2.0

// Package schedule packs the rows of writes into as few composite calls as the
// limits of a call and the dependencies among the rows allow.
package schedule

import (
	"maps"
	"slices"
	"strings"
)

// Limits bound one composite call.
type Limits struct {
	Subrequests int
	// Heavy bounds the queries and collections among the subrequests.
	Heavy int
	// Rows bounds a collection.
	Rows int
	// Types bounds the runs of one object type in a collection; rows are sorted by
	// type.
	Types int
}

// A Row is what the schedule knows of one write.
type Row struct {
	// Op is the operation, a number of the caller's. Rows of one collection share it.
	Op int
	// Object is the type of the record, compared without regard to case.
	Object string
	// Key is the key field of an upsert, else empty. Rows of one collection share it
	// together with the Object.
	Key string
	// Record identifies the record that is changed, empty for a new one. Two rows of
	// one record go one after the other.
	Record string
	// After are the indexes of earlier rows that must be answered first. New keeps
	// no reference to it.
	After []int
	// AllowDuplicate and AutoAssign are headers of the subrequest, which its rows share.
	AllowDuplicate, AutoAssign bool
	// EitherAssign says that AutoAssign may be either for the row.
	EitherAssign bool
	// Silent says that the reply to the row, sent as a subrequest of its own, does not name
	// the record, so that no other subrequest of the call can refer to it.
	Silent bool
	// Shared says that the row must not be sent as a subrequest of its own.
	Shared bool
	// Alone sends the row as a subrequest of its own, not in a collection.
	Alone bool
	// Direct sends the row's batch as a call of its own, because a composite would
	// read a part of a value as a reference to another subrequest's reply. No escape
	// for that is documented.
	Direct bool
}

// A Batch is the rows that one subrequest carries.
type Batch struct {
	kind kind
	// Rows are indexes of rows.
	Rows []int
}

// Alone reports whether the batch is one row that is not sent as a collection.
func (b Batch) Alone() bool { return b.kind.alone || b.kind.solo }

// Direct reports whether the batch is a call of its own, outside a composite.
func (b Batch) Direct() bool { return b.kind.direct }

// Split returns the two halves of a batch of several rows.
func (b Batch) Split() (first, second Batch) {
	half := len(b.Rows) / 2
	return Batch{b.kind, b.Rows[:half]}, Batch{b.kind, b.Rows[half:]}
}

// A kind is what the rows of one collection must have in common.
type kind struct {
	op             int
	target         int // numbers the object and the key field of an upsert
	allowDuplicate bool
	autoAssign     bool
	alone, direct  bool
	// rows is how many rows one subrequest takes, if less than the limit.
	rows int
	// group numbers the rows that a Sizer puts into one batch, or with solo sends as single
	// rows.
	group int
	solo  bool
}

// A Schedule plans the calls for a set of rows. It is not safe for concurrent use.
type Schedule struct {
	limits Limits
	kinds  []kind
	// objects are the positions of the rows' types among all, by name; names are those.
	objects []int
	names   []string
	grouped bool // by a Sizer
	// parents are the rows that must be answered before a row.
	parents, children [][]int
	// height is the length of the longest chain of rows below.
	height []int
	silent []bool // see Row.Silent
	shared []bool // see Row.Shared
	chain  Chain
}

// New returns the schedule of count rows, each of which row returns once.
func New(count int, row func(i int) Row, limits Limits) *Schedule {
	s := &Schedule{
		limits: limits,
		kinds:  make([]kind, count),
		height: make([]int, count),
		silent: make([]bool, count),
		shared: make([]bool, count),
	}
	names, lower := make([]string, count), make(map[string]string)
	last, targets := make(map[string]int), make(map[string]int)
	var either []int // rows that may have either header, and wait for nothing
	before := links{ends: make([]int, 0, count)}
	for i := range count {
		r := row(i)
		name, known := lower[r.Object]
		if !known {
			name = strings.ToLower(r.Object)
			lower[r.Object] = name
		}
		names[i] = name
		s.kinds[i], s.silent[i], s.shared[i] = kindOf(&r), r.Silent, r.Shared
		if r.EitherAssign && !r.Alone && !r.Direct && len(r.After) == 0 {
			either = append(either, i)
		}
		if r.Key != "" {
			target := names[i] + " " + strings.ToLower(r.Key)
			if _, ok := targets[target]; !ok {
				targets[target] = len(targets) + 1
			}
			s.kinds[i].target = targets[target]
		}
		for _, parent := range r.After {
			before.add(parent)
		}
		// One collection refuses a record that it names twice, and the order of two
		// changes of one record matters.
		if r.Record != "" {
			if same, ok := last[r.Record]; ok {
				before.add(same)
			}
			last[r.Record] = i
		}
		before.next()
	}
	s.parents, s.children = before.both()
	s.joinAssigned(either)
	s.names = slices.Compact(slices.Sorted(maps.Values(lower)))
	s.objects = positions(names, s.names)
	for i := count - 1; i >= 0; i-- {
		for _, parent := range s.parents[i] {
			s.height[parent] = max(s.height[parent], s.height[i]+1)
		}
	}
	return s
}

// kindOf is the kind of a row without its target.
func kindOf(r *Row) kind {
	k := kind{op: r.Op, allowDuplicate: r.AllowDuplicate, autoAssign: r.AutoAssign, alone: r.Alone, direct: r.Direct}
	if k.alone {
		k.rows = 1
	}
	return k
}

// joinAssigned fills the collection of the rows with AutoAssign that is not full with rows
// that may be in either: so there are no more collections than without the header.
func (s *Schedule) joinAssigned(either []int) {
	assigned := make(map[kind]int)
	for _, k := range s.kinds {
		if k.autoAssign && !k.alone && !k.direct {
			assigned[k]++
		}
	}
	for _, i := range either {
		with := s.kinds[i]
		with.autoAssign = true
		if s.limits.Rows > 0 && assigned[with]%s.limits.Rows != 0 {
			assigned[with]++
			s.kinds[i] = with
		}
	}
}

// positions returns the index of each name among the distinct names in order.
func positions(names, sorted []string) []int {
	found := make([]int, len(names))
	for i, name := range names {
		found[i], _ = slices.BinarySearch(sorted, name)
	}
	return found
}

// links are the earlier rows that must be answered before each row, row by row.
type links struct {
	parents []int
	ends    []int // by row, where its parents end
	start   int   // of those of the next row
}

// add puts the next row after an earlier one.
func (l *links) add(parent int) {
	if !slices.Contains(l.parents[l.start:], parent) {
		l.parents = append(l.parents, parent)
	}
}

// next goes on to the row behind the next one.
func (l *links) next() {
	l.start = len(l.parents)
	l.ends = append(l.ends, l.start)
}

// both returns the parents and the children of each row.
func (l *links) both() (parents, children [][]int) {
	parents, children = make([][]int, len(l.ends)), make([][]int, len(l.ends))
	counts := make([]int, len(l.ends))
	for _, parent := range l.parents {
		counts[parent]++
	}
	room := make([]int, len(l.parents))
	for i, count := range counts {
		children[i], room = room[:0:count], room[count:]
	}
	start := 0
	for i, end := range l.ends {
		parents[i] = l.parents[start:end:end]
		for _, parent := range parents[i] {
			children[parent] = append(children[parent], i)
		}
		start = end
	}
	return parents, children
}

// RowLimit returns how many rows a collection takes at most.
func (s *Schedule) RowLimit() int { return s.limits.Rows }

// SetRowLimit changes it for the calls that are planned from now on.
func (s *Schedule) SetRowLimit(rows int) { s.limits.Rows = rows }

// Halve sends the rows of a batch in batches of half its size from now on.
func (s *Schedule) Halve(b Batch) {
	for _, i := range b.Rows {
		s.kinds[i].rows = ceil(len(b.Rows), 2)
	}
}

// CompareObjects orders two rows by the names of their types.
func (s *Schedule) CompareObjects(i, j int) int { return s.objects[i] - s.objects[j] }

// room is how many rows one subrequest of the kind takes.
func (s *Schedule) room(k kind) int {
	if k.solo {
		return 1
	}
	if k.rows > 0 {
		return min(k.rows, s.limits.Rows)
	}
	return s.limits.Rows
}

// cut takes the first rows that fit into one subrequest.
func (s *Schedule) cut(k kind, rows []int) (taken, rest []int) {
	if n := min(len(rows), s.room(k)); s.hasFewTypes(rows[:n]) {
		return rows[:n:n], rows[n:]
	}
	var types []int
	for n, i := range rows {
		switch {
		case len(taken) < s.room(k):
		case rest == nil:
			return taken, rows[n:] // without a copy: with 100,000 rows each cut would make one
		default:
			return taken, append(rest, rows[n:]...)
		}
		if object := s.objects[i]; !slices.Contains(types, object) {
			if len(types) == s.limits.Types {
				rest = append(rest, i)
				continue
			}
			types = append(types, object)
		}
		taken = append(taken, i)
	}
	return taken, rest
}

// hasFewTypes reports whether rows have no more types than a subrequest may.
func (s *Schedule) hasFewTypes(rows []int) bool {
	var types []int
	for n, i := range rows {
		if n > 0 && s.objects[i] == s.objects[rows[n-1]] || slices.Contains(types, s.objects[i]) {
			continue
		}
		types = append(types, s.objects[i])
	}
	return len(types) <= s.limits.Types
}

func ceil(a, b int) int { return (a + b - 1) / b }
