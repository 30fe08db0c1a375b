package db

import (
	"fmt"
	"maps"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const (
	OpCreate = "create"
	OpUpdate = "update"
	opDelete = "delete"
)

// A Save is one row on its way into the org.
type Save struct {
	Op      string
	Obj     *Object
	Row     *Row        // the row to update; nil on create
	Sent    wire.Object // as the request has it
	Headers Headers

	given map[string]any // values that the request sets, by field name; nil is null
	after map[string]any // the row as it will be
	id    string         // of the row to create
}

// Headers are the headers that change a write. Those of the enclosing
// composite do not count for a subrequest (SALESFORCE.md 4).
type Headers struct {
	AutoAssign     bool // Sforce-Auto-Assign, true unless FALSE
	AllowSave      bool // Sforce-Duplicate-Rule-Header
	IncludeDetails bool
	Single         bool // one row by itself, not a row of a collection
	Version        string
}

// Save checks a row and writes it, or says why not. The order of the checks is
// Salesforce's: rights, types, triggers, validation, duplicate rules, unique
// fields.
func (d *DB) Save(s *Save) (*Row, []*wire.RowError) {
	for _, step := range []func(*Save) []*wire.RowError{
		d.checkRights, d.readFields, d.fillIn, d.checkFields, d.contend, d.runHooks, d.runRules, d.checkDuplicates, d.checkUnique,
	} {
		if errs := step(s); len(errs) > 0 {
			return nil, errs
		}
	}
	return d.commit(s), nil
}

func (d *DB) checkRights(s *Save) []*wire.RowError {
	if s.Op == OpCreate {
		if !s.Obj.Createable {
			return []*wire.RowError{wire.NewRowError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: "+s.Obj.Label)}
		}
		if d.opts.Storage > 0 && d.records() >= d.opts.Storage {
			return []*wire.RowError{wire.NewRowError("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")} // text from memory
		}
		return nil
	}
	switch {
	case s.Row.Deleted():
		return []*wire.RowError{entityIsDeleted()}
	case !s.Obj.Updateable:
		return []*wire.RowError{wire.NewRowError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")}
	case s.Row.Values["IsConverted"] == true && !d.UserMay("PermissionsAllowViewEditConvertedLeads"):
		return []*wire.RowError{wire.NewRowError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")}
	}
	return nil
}

// records is how many records take up storage: those with an owner, and details.
func (d *DB) records() int {
	n := 0
	for _, obj := range d.objects {
		if obj.Custom || obj.Field("OwnerId") != nil {
			n += obj.Count()
		}
	}
	return n
}

func entityIsDeleted() *wire.RowError {
	e := wire.NewRowError("ENTITY_IS_DELETED", "entity is deleted")
	e.Status = 404
	return e
}

// readFields turns what was sent into values of the object's fields.
func (d *DB) readFields(s *Save) []*wire.RowError {
	s.given = map[string]any{}
	var locked []string
	for _, m := range s.Sent {
		if parent, ok := m.Value.(wire.Object); ok {
			if err := d.readForeignKey(s, m, parent); err != nil {
				return []*wire.RowError{err}
			}
			continue
		}
		f := s.Obj.Visible(m.Name)
		if f == nil {
			return []*wire.RowError{d.noSuchField(m, s.Obj)}
		}
		if f.Name == "Id" {
			return []*wire.RowError{wire.NewRowError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")}
		}
		if !s.writable(f) {
			locked = append(locked, f.Name)
			continue
		}
		v, err := f.Parse(m.Value, m.End)
		if err != nil {
			return []*wire.RowError{err}
		}
		s.given[f.Name] = v
	}
	if len(locked) > 0 {
		return []*wire.RowError{wire.NewRowError("INVALID_FIELD_FOR_INSERT_UPDATE", fmt.Sprintf(
			"Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", wire.Join(locked)), locked...)}
	}
	return nil
}

func (s *Save) writable(f *Field) bool {
	if s.Op == OpCreate {
		return f.Createable
	}
	return f.Updateable
}

func (d *DB) noSuchField(m wire.Member, obj *Object) *wire.RowError {
	var what string
	switch {
	case m.Value == nil && obj.Relationship(m.Name) != nil:
		what = "null in place of the parent " + m.Name
	case obj.LacksReference(m.Name):
		what = "the field " + m.Name + " of " + obj.Name
	default:
		return NoSuchColumn(m.Name, obj)
	}
	d.Unsupported(what)
	return &wire.RowError{StatusCode: "NOT_IMPLEMENTED", Message: unsupportedText + what, Status: 501}
}

func NoSuchColumn(name string, obj *Object) *wire.RowError {
	return wire.NewRowError("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", name, obj.Name))
}

// readForeignKey resolves a parent that is named by an external id, such as
// "Account": {"LeadsyncKey__c": "acme.com"} (SALESFORCE.md 0, memory).
func (d *DB) readForeignKey(s *Save, m wire.Member, parent wire.Object) *wire.RowError {
	f := s.Obj.Relationship(m.Name)
	if f == nil {
		if plain := s.Obj.Visible(m.Name); plain != nil {
			return plain.cannot("START_OBJECT value {")
		}
		return NoSuchColumn(m.Name, s.Obj)
	}
	target, key, value, err := d.foreignKey(f, parent)
	if err != nil {
		return err
	}
	rows := target.Keyed(key, value)
	if len(rows) != 1 {
		return wire.NewRowError("INVALID_FIELD", fmt.Sprintf("Foreign key external ID: %v not found for field %s in entity %s", value, key.Name, target.Name))
	}
	if !s.writable(f) {
		return wire.NewRowError("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: "+f.Name+
			". Please check the security settings of this field and verify that it is read/write for your profile or permission set.", f.Name)
	}
	s.given[f.Name] = rows[0].ID
	return nil
}

func (d *DB) foreignKey(f *Field, parent wire.Object) (*Object, *Field, any, *wire.RowError) {
	objectName := f.ReferenceTo[0]
	if len(parent) > 0 && parent[0].Name == "attributes" {
		attributes, _ := parent[0].Value.(wire.Object)
		objectName, parent = attributes.Text("type"), parent[1:]
	} else if f.Polymorphic() {
		return nil, nil, nil, wire.NewRowError("JSON_PARSER_ERROR", "Nested object for polymorphic foreign key must have an attributes field before any other fields.")
	}
	target := d.Named(objectName)
	if target == nil || !f.RefersTo(target.Name) || len(parent) != 1 {
		return nil, nil, nil, wire.NewRowError("INVALID_FIELD", "The relationship "+f.Relationship+" needs one external id of an object it may point at")
	}
	key := target.Visible(parent[0].Name)
	if key == nil || !key.ExternalID && !key.IDLookup {
		return nil, nil, nil, wire.NewRowError("INVALID_FIELD", fmt.Sprintf("Field name provided, %s is not an External ID or indexed field for %s", parent[0].Name, target.Name))
	}
	value, err := key.Parse(parent[0].Value, parent[0].End)
	return target, key, value, err
}

// fillIn works out the row as it will be: defaults, canonical ids, and what the
// object itself derives.
func (d *DB) fillIn(s *Save) []*wire.RowError {
	s.after = map[string]any{}
	if s.Row != nil {
		s.after = maps.Clone(s.Row.Values)
	}
	for name, v := range s.given {
		f := s.Obj.Field(name)
		if v == nil && f.Kind() == KindBool {
			v = false
		}
		s.after[name] = v
	}
	for name, v := range s.after {
		if v == nil {
			delete(s.after, name)
		}
	}
	for _, settle := range []func(*Save) *wire.RowError{d.chooseRecordType, d.settlePlaces} {
		if err := settle(s); err != nil {
			return []*wire.RowError{err}
		}
	}
	if s.Op == OpCreate {
		d.applyDefaults(s.Obj, s.given, s.after)
	}
	if errs := d.resolveReferences(s); len(errs) > 0 {
		return errs
	}
	d.assign(s)
	if s.Obj.behaviour.prepare != nil {
		return s.Obj.behaviour.prepare(d, s)
	}
	return nil
}

// applyDefaults gives a new row the values nobody gave. given may hold an
// explicit null, which a defaulted field takes as no value.
func (d *DB) applyDefaults(obj *Object, given, after map[string]any) {
	rt := obj.RecordType(after["RecordTypeId"])
	for _, f := range obj.Fields {
		if after[f.Name] != nil || f.compute != nil {
			continue
		}
		preset := f.Default
		if len(f.Options) > 0 {
			preset = rt.DefaultOf(f)
		}
		_, mentioned := given[f.Name]
		switch {
		case f.Kind() == KindBool:
			after[f.Name] = f.Default == true
		case f.Name == "OwnerId":
			after[f.Name] = d.UserID
		case preset != nil && (!mentioned || !f.Nillable):
			after[f.Name] = preset
		}
	}
}

// assign lets the active assignment rule re-own the record, which it does on
// create and on update unless the request says otherwise (SALESFORCE.md 4,
// Sforce-Auto-Assign).
func (d *DB) assign(s *Save) {
	if owner := d.hooks.assignTo[s.Obj.Name]; owner != "" && s.Headers.AutoAssign {
		s.after["OwnerId"] = owner
	}
}

func (d *DB) commit(s *Save) *Row {
	d.stamp(s.after, s.Op == OpCreate)
	var r *Row
	if s.Op == OpCreate {
		r = d.insert(s.Obj, d.NewID(s.Obj.Prefix), s.after)
	} else {
		r = s.Row
		before := r.Values
		r.setValues(s.after)
		d.undoWith(func() { r.setValues(before) })
	}
	if s.Obj.behaviour.saved != nil {
		s.Obj.behaviour.saved(d, r, s.Op == OpCreate)
	}
	return r
}

// stamp sets the audit fields.
func (d *DB) stamp(values map[string]any, created bool) {
	var now any = d.SaveTime() // one value for all stamps: rows are many
	if created {
		values["IsDeleted"] = false
		values["CreatedDate"], values["CreatedById"] = now, d.UserID
	}
	values["LastModifiedDate"], values["LastModifiedById"] = now, d.UserID
	values["SystemModstamp"] = now
}

// Remove deletes a row, and what goes with it, or says why not.
func (d *DB) Remove(r *Row) *wire.RowError {
	switch {
	case r.Deleted():
		return entityIsDeleted()
	case !r.Obj.Deletable:
		return wire.NewRowError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
	}
	if err := d.unableToLock(r.ID); err != nil {
		return err
	}
	if err := d.heldBy(r); err != nil {
		return err
	}
	for _, hook := range d.hooks.onRow[r.Obj.Name] {
		if err := hook(opDelete, maps.Clone(r.Values)); err != nil {
			return err
		}
	}
	d.deleteRow(r)
	return nil
}

// RemoveForGood deletes a row, and what goes with it, past the recycle bin.
func (d *DB) RemoveForGood(r *Row) *wire.RowError {
	gone := []*Row{r}
	for i := 0; i < len(gone); i++ {
		gone = append(gone, d.childrenToDelete(gone[i])...)
	}
	if err := d.Remove(r); err != nil {
		return err
	}
	for _, r := range gone {
		d.purge(r)
	}
	return nil
}

func (d *DB) deleteRow(r *Row) { d.deleteWith(r, r) }

// deleteWith deletes a row because the root was, or is the row itself.
func (d *DB) deleteWith(root, r *Row) {
	if r.Deleted() {
		return
	}
	r.deletedWith = root
	d.Change(r, map[string]any{"IsDeleted": true, "SystemModstamp": d.SaveTime(), "LastModifiedDate": d.SaveTime(), "LastModifiedById": d.UserID})
	for _, child := range d.childrenToDelete(r) {
		d.deleteWith(root, child)
	}
	d.clearLookups(r)
}
