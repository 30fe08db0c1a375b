package sftest

import (
	"cmp"
	"maps"
	"slices"
)

// A row is one record. Values that are null are absent.
type row struct {
	obj    *object
	id     string
	seq    uint64 // order of creation
	values map[string]any
	// deletedWith is the row whose deletion took this one along, or itself.
	deletedWith *row
	cleared     []clearedLookup // by its deletion
}

func (r *row) deleted() bool { return r.values["IsDeleted"] == true }

func (r *row) text(name string) string {
	s, _ := r.values[name].(string)
	return s
}

// value is the field's value, worked out where the org does not store it.
func (d *database) value(r *row, f *field) any {
	if f.compute != nil {
		return f.compute(d, r)
	}
	return r.values[f.Name]
}

// find is the row of that id, whatever its object, also when deleted.
func (d *database) find(id string) *row {
	if len(id) != 18 {
		return nil
	}
	obj := d.prefixes[id[:3]]
	if obj == nil {
		return nil
	}
	return obj.byID[id]
}

// insert adds a row whose values are already checked.
func (d *database) insert(obj *object, id string, values map[string]any) *row {
	d.serial++
	r := &row{obj: obj, id: id, seq: d.serial, values: values}
	values["Id"] = id
	obj.rows = append(obj.rows, r)
	obj.byID[id] = r
	for f := range obj.indexes {
		obj.index(f, r)
	}
	d.undoWith(func() {
		obj.rows = obj.rows[:len(obj.rows)-1] // what came after is taken back before
		delete(obj.byID, id)
		for f := range obj.indexes {
			obj.unindex(f, r)
		}
	})
	return r
}

// purge takes a row out of the org, as if it had never been.
func (d *database) purge(r *row) {
	obj := r.obj
	if obj.byID[r.id] != r {
		return // gone already, as the child of two parents
	}
	at, _ := slices.BinarySearchFunc(obj.rows, r.seq, func(other *row, seq uint64) int { return cmp.Compare(other.seq, seq) })
	obj.rows = slices.Delete(obj.rows, at, at+1)
	delete(obj.byID, r.id)
	for f := range obj.indexes {
		obj.unindex(f, r)
	}
	d.undoWith(func() {
		obj.rows = slices.Insert(obj.rows, at, r)
		obj.byID[r.id] = r
		for f := range obj.indexes {
			obj.index(f, r)
		}
	})
}

// change gives a row new values for some fields; nil removes one.
func (d *database) change(r *row, changed map[string]any) {
	before := r.values
	after := maps.Clone(before)
	for name, v := range changed {
		if v == nil {
			delete(after, name)
		} else {
			after[name] = v
		}
	}
	r.setValues(after)
	d.undoWith(func() { r.setValues(before) })
}

func (r *row) setValues(values map[string]any) {
	for f := range r.obj.indexes {
		if r.values[f.Name] != values[f.Name] {
			r.obj.unindex(f, r)
		}
	}
	before := r.values
	r.values = values
	for f := range r.obj.indexes {
		if before[f.Name] != values[f.Name] {
			r.obj.index(f, r)
		}
	}
}

func (obj *object) index(f *field, r *row) {
	if v := r.values[f.Name]; v != nil {
		key := f.key(v)
		obj.indexes[f][key] = append(obj.indexes[f][key], r)
	}
}

func (obj *object) unindex(f *field, r *row) {
	v := r.values[f.Name]
	if v == nil {
		return
	}
	key := f.key(v)
	rows := slices.DeleteFunc(obj.indexes[f][key], func(other *row) bool { return other == r })
	if len(rows) == 0 {
		delete(obj.indexes[f], key)
		return
	}
	obj.indexes[f][key] = rows
}

func (obj *object) reindex(f *field) {
	obj.indexes[f] = map[string][]*row{}
	for _, r := range obj.rows {
		obj.index(f, r)
	}
}

// count is how many rows are not deleted.
func (obj *object) count() int {
	n := 0
	for _, r := range obj.rows {
		if !r.deleted() {
			n++
		}
	}
	return n
}

// lookup returns the rows, deleted ones left out, whose field equals v.
func (obj *object) lookup(f *field, v any) []*row {
	if f.Name == "Id" {
		if r := obj.byID[f.key(v)]; r != nil && !r.deleted() {
			return []*row{r}
		}
		return nil
	}
	candidates := obj.rows
	if index, ok := obj.indexes[f]; ok {
		candidates = index[f.key(v)]
	}
	var found []*row
	for _, r := range candidates {
		if !r.deleted() && r.values[f.Name] != nil && f.key(r.values[f.Name]) == f.key(v) {
			found = append(found, r)
		}
	}
	return found
}

// keyed returns the rows that an upsert or a parent's key names, which may be
// fewer than a query for the value would.
func (obj *object) keyed(f *field, v any) []*row {
	rows := obj.lookup(f, v)
	return slices.DeleteFunc(rows, func(r *row) bool { return f.upsertKey(r.values[f.Name]) != f.upsertKey(v) })
}

func (r *row) attributes(version string) jsonObject {
	return jsonObject{{name: "type", value: r.obj.name}, {name: "url", value: r.url(version)}}
}

func (r *row) url(version string) string {
	return "/services/data/" + version + "/sobjects/" + r.obj.name + "/" + r.id
}

// having returns the rows whose field has one of the keys, deleted ones too,
// and false when the field has no index.
func (obj *object) having(f *field, keys map[string]struct{}) ([]*row, bool) {
	if f.Name == "Id" {
		var rows []*row
		for id := range keys {
			if r := obj.byID[id]; r != nil {
				rows = append(rows, r)
			}
		}
		return rows, true
	}
	index, ok := obj.indexes[f]
	if !ok {
		return nil, false
	}
	var rows []*row
	for key := range keys {
		rows = append(rows, index[key]...)
	}
	return rows, true
}

// givesUnique says whether values of a row to create are unique in the org.
func (d *database) givesUnique(objectName string, fields map[string]any) bool {
	obj := d.named(objectName)
	if obj == nil {
		return false
	}
	for name, value := range fields {
		if f := obj.visible(name); f != nil && f.Unique && value != nil && value != "" {
			return true
		}
	}
	return false
}
