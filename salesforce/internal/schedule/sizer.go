// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"maps"
	"slices"
)

// A Fate is what became of a row of a call.
type Fate int

// The fates. Those of automation mean that the row was not written because a trigger, a
// flow or the like failed, which may be due to the rows that came with it.
const (
	Went       Fate = iota
	Refused         // for a reason of its own, or unknown
	Automation      // failed
	Limit           // of automation was exceeded
)

// solo is the size below which the rows of a batch are sent as single rows: a call takes
// more of them.
const solo = 5

// enoughAlone is how many rows must fail alone, and none go through, before the number of
// rows is no longer held responsible.
const enoughAlone = 5

// A Sizer finds out how many rows of each object automation of the org can take at a time,
// while one set of rows is sent: rows that failed because of others go again in smaller
// batches. It is not safe for concurrent use.
type Sizer struct {
	s     *Schedule
	known func(object string) Size
	sizes map[int]*Size // by object
	most  map[int]int   // rows in a batch with a row, if some row of its last batch was at fault
	tries map[int]int   // failures by row
	alone map[int]int   // rows that failed alone, by object; negative when some row went
	spoil map[int]bool  // objects whose failures are not only limits
}

// NewSizer returns a Sizer for the rows of a schedule. known returns what earlier ones
// found out.
func NewSizer(s *Schedule, known func(object string) Size) *Sizer {
	return &Sizer{s: s, known: known, sizes: make(map[int]*Size), most: make(map[int]int), tries: make(map[int]int),
		alone: make(map[int]int), spoil: make(map[int]bool)}
}

func (z *Sizer) size(object int) *Size {
	if z.sizes[object] == nil {
		known := z.known(z.s.names[object])
		z.sizes[object] = &known
	}
	return z.sizes[object]
}

// Arrange puts pending rows of bound objects into batches of the sizes to send next. It
// returns the rows to plan calls of, without those that wait for what the next call
// shows, and reports whether there are such objects.
func (z *Sizer) Arrange(pending []int) (rows []int, bound bool) {
	free, held := make(map[int][]int), make(map[int][]int)
	for _, i := range pending {
		z.s.kinds[i].group, z.s.kinds[i].solo = 0, false
		object := z.s.objects[i]
		switch {
		case z.s.kinds[i].alone || z.s.kinds[i].direct:
		case z.most[i] > 0:
			held[z.most[i]] = append(held[z.most[i]], i)
		case z.size(object).Bound():
			free[object] = append(free[object], i)
		}
	}
	z.s.grouped = len(free)+len(held) > 0
	if !z.s.grouped {
		return pending, false
	}
	g := grouping{s: z.s}
	for _, most := range slices.Sorted(maps.Keys(held)) {
		g.group(held[most], []int{most})
	}
	for _, object := range slices.Sorted(maps.Keys(free)) {
		rows := free[object]
		slices.SortStableFunc(rows, func(a, b int) int { return z.tries[a] - z.tries[b] })
		g.group(rows, z.size(object).Next(len(rows), z.s.limits))
	}
	return g.without(pending), true
}

// A grouping puts rows into batches.
type grouping struct {
	s      *Schedule
	groups int
	later  map[int]bool // rows that do not go with the next call
}

// group puts rows into batches of these sizes, the last for all further ones that fit
// into a call.
func (g *grouping) group(rows, sizes []int) {
	byKind := make(map[kind][]int)
	var kinds []kind
	for _, i := range rows {
		k := g.s.kinds[i]
		if byKind[k] == nil {
			kinds = append(kinds, k)
		}
		byKind[k] = append(byKind[k], i)
	}
	heavy, single := g.s.limits.Heavy, g.s.limits.Subrequests
	for _, k := range kinds {
		left := byKind[k]
		for len(left) > 0 && heavy > 0 && single > 0 {
			size := min(sizes[0], len(left))
			if len(sizes) > 1 {
				sizes = sizes[1:]
			}
			g.groups++
			for _, i := range left[:size] {
				g.s.kinds[i].group, g.s.kinds[i].solo = g.groups, size < solo
			}
			if left = left[size:]; size < solo {
				single -= size
			} else {
				heavy--
			}
		}
		g.leave(left)
	}
}

// leave keeps rows for a later call.
func (g *grouping) leave(rows []int) {
	if g.later == nil {
		g.later = make(map[int]bool)
	}
	for _, i := range rows {
		g.later[i] = true
	}
}

// without returns the rows that may go now: those that are not kept for later, nor refer
// to one that is.
func (g *grouping) without(pending []int) (rows []int) {
	for _, i := range pending { // an earlier row comes first
		if g.later[i] || slices.ContainsFunc(g.s.parents[i], func(parent int) bool { return g.later[parent] }) {
			g.leave([]int{i})
			continue
		}
		rows = append(rows, i)
	}
	return rows
}

// Learn takes in what became of the rows of a call, and returns those to send again.
func (z *Sizer) Learn(batches []Batch, fate func(row int) Fate) (again []int) {
	calls := make(map[int]*lesson)
	for _, b := range batches {
		for rows := b.Rows; len(rows) > 0; {
			object := z.s.objects[rows[0]]
			n := slices.IndexFunc(rows, func(i int) bool { return z.s.objects[i] != object })
			if n < 0 {
				n = len(rows)
			}
			if calls[object] == nil {
				calls[object] = new(lesson)
			}
			z.note(calls[object], object, rows[:n], fate)
			rows = rows[n:]
		}
	}
	for _, object := range slices.Sorted(maps.Keys(calls)) {
		again = append(again, z.conclude(object, calls[object])...)
	}
	return again
}

// A lesson is how the batches of an object in one call went.
type lesson struct {
	went, failed []int   // sizes of batches
	rows         [][]int // of the failed ones
}

// note adds the rows of one object in a batch.
func (z *Sizer) note(l *lesson, object int, rows []int, fate func(row int) Fate) {
	var failed []int
	went := false
	for _, i := range rows {
		switch f := fate(i); f {
		case Went:
			went = true
		case Automation, Limit:
			failed = append(failed, i)
			z.spoil[object] = z.spoil[object] || f == Automation
		}
	}
	switch {
	case went:
		l.went = append(l.went, len(rows))
		z.alone[object] = -1
	case len(failed) == 0:
	case len(failed) > 1: // the others were refused before
		l.failed, l.rows = append(l.failed, len(failed)), append(l.rows, failed)
	case z.alone[object] >= 0:
		z.alone[object]++
	}
}

// conclude returns the rows of failed batches that go again, in smaller ones.
func (z *Sizer) conclude(object int, l *lesson) (again []int) {
	if len(l.failed) == 0 && !z.size(object).Bound() {
		return nil
	}
	if z.alone[object] >= enoughAlone {
		*z.size(object) = Size{}
		return nil
	}
	above := z.size(object).Learn(l.went, l.failed, z.s.limits)
	for k, rows := range l.rows {
		for _, i := range rows {
			z.tries[i]++
			if l.failed[k] <= above {
				z.most[i] = ceil(l.failed[k], z.s.limits.Heavy)
			}
		}
		again = append(again, rows...)
	}
	return again
}

// Found returns what is known now of each object whose rows failed for nothing but
// limits.
func (z *Sizer) Found() map[string]Size {
	found := make(map[string]Size)
	for object, size := range z.sizes {
		if !z.spoil[object] {
			found[z.s.names[object]] = *size
		}
	}
	return found
}
