// SPDX-License-Identifier: Apache-2.0

package db

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A Row is one record.
type Row struct {
	Obj    *Object
	ID     string
	Seq    uint64 // order of creation
	values values
	// deletedWith is the row with which this one was deleted, or itself.
	deletedWith *Row
	cleared     []clearedLookup // by its deletion
}

// values are the fields of a row that are not null. Rows with the same fields share their names,
// so that an org of many rows takes little memory.
type values struct {
	names *names
	of    []any // by names
}

// names are the names of the fields of rows, with their places in values.
type names map[string]int

func (v values) get(name string) any {
	if v.names == nil {
		return nil
	}
	if i, ok := (*v.names)[name]; ok {
		return v.of[i]
	}
	return nil
}

// Get returns the value that is stored of a field, nil where it is null.
func (r *Row) Get(name string) any { return r.values.get(name) }

// Map returns the stored values that are not null, for the caller to change.
func (r *Row) Map() map[string]any {
	m := make(map[string]any, len(r.values.of))
	if r.values.names != nil {
		for name, i := range *r.values.names {
			m[name] = r.values.of[i]
		}
	}
	return m
}

// Computed returns a row of no object.
func Computed(of map[string]any) *Row { return &Row{values: new(Object).values(of)} }

// values returns what is kept of the values of a row, of which nil ones are left out.
func (o *Object) values(of map[string]any) values {
	list := make([]string, 0, len(of))
	for name, v := range of {
		if v != nil {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	key := strings.Join(list, " ")
	shared := o.names[key]
	if shared == nil {
		made := make(names, len(list))
		for i, name := range list {
			made[name] = i
		}
		shared = &made
		if o.names == nil {
			o.names = make(map[string]*names)
		}
		o.names[key] = shared
	}
	kept := values{shared, make([]any, len(list))}
	for i, name := range list {
		kept.of[i] = of[name]
	}
	return kept
}

// Deleted reports whether the row is in the recycle bin.
func (r *Row) Deleted() bool { return r.Get("IsDeleted") == true }

// Text returns the text of a field, "" where it holds none.
func (r *Row) Text(name string) string {
	s, _ := r.Get(name).(string)
	return s
}

// Value returns the field's value, computed if the org does not store it.
func (d *DB) Value(r *Row, f *Field) any {
	if f.compute != nil {
		return f.compute(d, r)
	}
	return r.Get(f.Name)
}

// Find returns the row of that id, whatever its object, even if it is deleted.
func (d *DB) Find(id string) *Row {
	if d.durable {
		for _, obj := range d.objects {
			if r := obj.ByID[id]; r != nil {
				return r
			}
		}
		return nil
	}
	if len(id) != 18 {
		return nil
	}
	obj := d.prefixes[id[:3]]
	if obj == nil {
		return nil
	}
	return obj.ByID[id]
}

// insert adds a row whose values are already checked.
func (d *DB) insert(obj *Object, id string, values map[string]any) *Row {
	d.Serial++
	values["Id"] = id
	r := &Row{Obj: obj, ID: id, Seq: d.Serial, values: obj.values(values)}
	obj.Rows = append(obj.Rows, r)
	obj.ByID[id] = r
	for f := range obj.indexes {
		obj.index(f, r)
	}
	d.undoWith(func() {
		obj.Rows = obj.Rows[:len(obj.Rows)-1] // what came after is taken back before
		delete(obj.ByID, id)
		for f := range obj.indexes {
			obj.unindex(f, r)
		}
	})
	return r
}

// Define adds a row to a database of NewTables. The key is the row's id in URLs and in
// references, which need not be its field Id.
func (d *DB) Define(object, key string, values map[string]any) {
	obj := d.object(object)
	d.Serial++
	r := &Row{Obj: obj, ID: key, Seq: d.Serial, values: obj.values(values)}
	obj.Rows = append(obj.Rows, r)
	obj.ByID[key] = r
}

// Clear removes the rows of a database of NewTables.
func (d *DB) Clear() {
	for _, obj := range d.objects {
		obj.Rows, obj.ByID = nil, map[string]*Row{}
	}
}

// purge removes a row without a trace.
func (d *DB) purge(r *Row) {
	obj := r.Obj
	if obj.ByID[r.ID] != r {
		return // gone already, as the child of two parents
	}
	at, _ := slices.BinarySearchFunc(obj.Rows, r.Seq, func(other *Row, seq uint64) int {
		return cmp.Compare(other.Seq, seq)
	})
	obj.Rows = slices.Delete(obj.Rows, at, at+1)
	delete(obj.ByID, r.ID)
	for f := range obj.indexes {
		obj.unindex(f, r)
	}
	d.undoWith(func() {
		obj.Rows = slices.Insert(obj.Rows, at, r)
		obj.ByID[r.ID] = r
		for f := range obj.indexes {
			obj.index(f, r)
		}
	})
}

// Change sets some fields of a row; nil removes a value.
func (d *DB) Change(r *Row, changed map[string]any) {
	after := r.Map()
	maps.Copy(after, changed)
	d.replace(r, after)
}

// replace gives a row other values.
func (d *DB) replace(r *Row, after map[string]any) {
	before := r.values
	r.setValues(r.Obj.values(after))
	d.undoWith(func() { r.setValues(before) })
}

func (r *Row) setValues(after values) {
	before := r.values
	for f := range r.Obj.indexes {
		if before.get(f.Name) != after.get(f.Name) {
			r.Obj.unindex(f, r)
			r.values = after
			r.Obj.index(f, r)
			r.values = before
		}
	}
	r.values = after
}

func (o *Object) index(f *Field, r *Row) {
	if v := r.Get(f.Name); v != nil {
		key := f.Key(v)
		o.indexes[f][key] = append(o.indexes[f][key], r)
	}
}

func (o *Object) unindex(f *Field, r *Row) {
	v := r.Get(f.Name)
	if v == nil {
		return
	}
	key := f.Key(v)
	rows := slices.DeleteFunc(o.indexes[f][key], func(other *Row) bool { return other == r })
	if len(rows) == 0 {
		delete(o.indexes[f], key)
		return
	}
	o.indexes[f][key] = rows
}

func (o *Object) reindex(f *Field) {
	o.indexes[f] = map[string][]*Row{}
	for _, r := range o.Rows {
		o.index(f, r)
	}
}

// Count returns how many rows are not deleted.
func (o *Object) Count() int {
	n := 0
	for _, r := range o.Rows {
		if !r.Deleted() {
			n++
		}
	}
	return n
}

// lookup returns the rows, except deleted ones, whose field equals v.
func (o *Object) lookup(f *Field, v any) []*Row {
	if f.Name == "Id" {
		if r := o.ByID[f.Key(v)]; r != nil && !r.Deleted() {
			return []*Row{r}
		}
		return nil
	}
	candidates := o.Rows
	if index, ok := o.indexes[f]; ok {
		candidates = index[f.Key(v)]
	}
	var found []*Row
	for _, r := range candidates {
		if !r.Deleted() && r.Get(f.Name) != nil && f.Key(r.Get(f.Name)) == f.Key(v) {
			found = append(found, r)
		}
	}
	return found
}

// Keyed returns the rows of a key in an upsert or a parent, which may be fewer than a query
// for the value would find.
func (o *Object) Keyed(f *Field, v any) []*Row {
	rows := o.lookup(f, v)
	return slices.DeleteFunc(rows, func(r *Row) bool { return f.upsertKey(r.Get(f.Name)) != f.upsertKey(v) })
}

// Attributes returns the attributes of the row in a reply.
func (r *Row) Attributes(version string) wire.Object {
	return wire.Object{{Name: "type", Value: r.Obj.Name}, {Name: "url", Value: r.URL(version)}}
}

// URL returns the path of the row.
func (r *Row) URL(version string) string {
	return "/services/data/" + version + "/sobjects/" + r.Obj.Name + "/" + r.ID
}

// Having returns the rows whose field has one of the keys, including deleted ones, and false
// if the field has no index.
func (o *Object) Having(f *Field, keys map[string]struct{}) ([]*Row, bool) {
	if f.Name == "Id" {
		var rows []*Row
		for id := range keys {
			if r := o.ByID[id]; r != nil {
				rows = append(rows, r)
			}
		}
		return rows, true
	}
	index, ok := o.indexes[f]
	if !ok {
		return nil, false
	}
	var rows []*Row
	for key := range keys {
		rows = append(rows, index[key]...)
	}
	return rows, true
}

// GivesUnique reports whether a row to create has a value that is unique in the org.
func (d *DB) GivesUnique(objectName string, fields map[string]any) bool {
	obj := d.Named(objectName)
	if obj == nil {
		return false
	}
	for name, value := range fields {
		if f := obj.Visible(name); f != nil && f.Unique && value != nil && value != "" {
			return true
		}
	}
	return false
}

// A clearedLookup is a reference that was cleared by the deletion of its parent.
type clearedLookup struct {
	row   *Row
	field string
}

func (d *DB) mustFind(object, id string) *Row {
	obj := d.object(object)
	canonical, ok := wire.CanonicalID(id)
	if r := obj.ByID[canonical]; ok && r != nil {
		return r
	}
	panic("sftest: the org has no " + obj.Name + " " + id)
}
