// SPDX-License-Identifier: Apache-2.0

package db

import (
	"cmp"
	"slices"
)

// A Snapshot holds the rows of a DB.
type Snapshot struct{ rows map[*Object][]*Row }

// Snapshot implements Org.Snapshot.
func (d *DB) Snapshot() *Snapshot {
	s := &Snapshot{rows: map[*Object][]*Row{}}
	for _, obj := range d.objects {
		s.rows[obj] = obj.Rows
	}
	return s.copied()
}

// Restore implements Org.Restore. Ids that were given out since are not given out again.
func (d *DB) Restore(s *Snapshot) {
	s = s.copied()
	for _, obj := range d.objects {
		obj.Rows = s.rows[obj] // none of an object that was defined since
		obj.ByID = make(map[string]*Row, len(obj.Rows))
		for _, r := range obj.Rows {
			obj.ByID[r.ID] = r
		}
		for f := range obj.indexes {
			obj.reindex(f)
		}
	}
}

// copied returns a snapshot with rows of its own, which refer to one another.
func (s *Snapshot) copied() *Snapshot {
	made := map[*Row]*Row{}
	out := &Snapshot{rows: make(map[*Object][]*Row, len(s.rows))}
	for obj, rows := range s.rows {
		list := make([]*Row, len(rows))
		for i, r := range rows {
			one := *r
			one.cleared = slices.Clone(r.cleared) // values are replaced, never changed
			list[i], made[r] = &one, &one
		}
		out.rows[obj] = list
	}
	for _, r := range made {
		r.deletedWith = cmp.Or(made[r.deletedWith], r.deletedWith)
		for i, c := range r.cleared {
			r.cleared[i].row = cmp.Or(made[c.row], c.row) // which may be gone for good
		}
	}
	return out
}
