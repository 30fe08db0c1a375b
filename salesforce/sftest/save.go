package sftest

import (
	"fmt"
	"maps"
)

const (
	opCreate = "create"
	opUpdate = "update"
	opDelete = "delete"
)

// A save is one row on its way into the org.
type save struct {
	op      string
	obj     *object
	row     *row       // the row to update; nil on create
	sent    jsonObject // as the request has it
	headers writeHeaders

	given map[string]any // values that the request sets, by field name; nil is null
	after map[string]any // the row as it will be
	id    string         // of the row to create
}

// writeHeaders are the headers that change a write. Those of the enclosing
// composite do not count for a subrequest (SALESFORCE.md 4).
type writeHeaders struct {
	autoAssign     bool // Sforce-Auto-Assign, true unless FALSE
	allowSave      bool // Sforce-Duplicate-Rule-Header
	includeDetails bool
	single         bool // one row by itself, not a row of a collection
	version        string
}

// save checks a row and writes it, or says why not. The order of the checks is
// Salesforce's: rights, types, triggers, validation, duplicate rules, unique
// fields.
func (d *database) save(s *save) (*row, []*rowError) {
	for _, step := range []func(*save) []*rowError{
		d.checkRights, d.readFields, d.fillIn, d.checkFields, d.contend, d.runHooks, d.runRules, d.checkDuplicates, d.checkUnique,
	} {
		if errs := step(s); len(errs) > 0 {
			return nil, errs
		}
	}
	return d.commit(s), nil
}

func (d *database) checkRights(s *save) []*rowError {
	if s.op == opCreate {
		if !s.obj.createable {
			return []*rowError{rowErr("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: "+s.obj.label)}
		}
		if d.opts.storage > 0 && d.records() >= d.opts.storage {
			return []*rowError{rowErr("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")} // text from memory
		}
		return nil
	}
	switch {
	case s.row.deleted():
		return []*rowError{entityIsDeleted()}
	case !s.obj.updateable:
		return []*rowError{rowErr("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")}
	case s.row.values["IsConverted"] == true && !d.userMay("PermissionsAllowViewEditConvertedLeads"):
		return []*rowError{rowErr("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")}
	}
	return nil
}

// records is how many records take up storage: those with an owner, and details.
func (d *database) records() int {
	n := 0
	for _, obj := range d.objects {
		if obj.custom || obj.field("OwnerId") != nil {
			n += obj.count()
		}
	}
	return n
}

func entityIsDeleted() *rowError {
	e := rowErr("ENTITY_IS_DELETED", "entity is deleted")
	e.status = 404
	return e
}

// readFields turns what was sent into values of the object's fields.
func (d *database) readFields(s *save) []*rowError {
	s.given = map[string]any{}
	var locked []string
	for _, m := range s.sent {
		if parent, ok := m.value.(jsonObject); ok {
			if err := d.readForeignKey(s, m, parent); err != nil {
				return []*rowError{err}
			}
			continue
		}
		f := s.obj.visible(m.name)
		if f == nil {
			return []*rowError{d.noSuchField(m, s.obj)}
		}
		if f.Name == "Id" {
			return []*rowError{rowErr("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")}
		}
		if !s.writable(f) {
			locked = append(locked, f.Name)
			continue
		}
		v, err := f.parse(m.value, m.end)
		if err != nil {
			return []*rowError{err}
		}
		s.given[f.Name] = v
	}
	if len(locked) > 0 {
		return []*rowError{rowErr("INVALID_FIELD_FOR_INSERT_UPDATE", fmt.Sprintf(
			"Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", listed(locked)), locked...)}
	}
	return nil
}

func (s *save) writable(f *field) bool {
	if s.op == opCreate {
		return f.createable
	}
	return f.updateable
}

func (d *database) noSuchField(m member, obj *object) *rowError {
	var what string
	switch {
	case m.value == nil && obj.relationship(m.name) != nil:
		what = "null in place of the parent " + m.name
	case obj.lacksReference(m.name):
		what = "the field " + m.name + " of " + obj.name
	default:
		return noSuchColumn(m.name, obj)
	}
	d.surprised(what)
	return &rowError{StatusCode: "NOT_IMPLEMENTED", Message: surprise + what, status: 501}
}

func noSuchColumn(name string, obj *object) *rowError {
	return rowErr("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", name, obj.name))
}

// readForeignKey resolves a parent that is named by an external id, such as
// "Account": {"LeadsyncKey__c": "acme.com"} (SALESFORCE.md 0, memory).
func (d *database) readForeignKey(s *save, m member, parent jsonObject) *rowError {
	f := s.obj.relationship(m.name)
	if f == nil {
		if plain := s.obj.visible(m.name); plain != nil {
			return plain.cannot("START_OBJECT value {")
		}
		return noSuchColumn(m.name, s.obj)
	}
	target, key, value, err := d.foreignKey(f, parent)
	if err != nil {
		return err
	}
	rows := target.keyed(key, value)
	if len(rows) != 1 {
		return rowErr("INVALID_FIELD", fmt.Sprintf("Foreign key external ID: %v not found for field %s in entity %s", value, key.Name, target.name))
	}
	if !s.writable(f) {
		return rowErr("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: "+f.Name+
			". Please check the security settings of this field and verify that it is read/write for your profile or permission set.", f.Name)
	}
	s.given[f.Name] = rows[0].id
	return nil
}

func (d *database) foreignKey(f *field, parent jsonObject) (*object, *field, any, *rowError) {
	objectName := f.ReferenceTo[0]
	if len(parent) > 0 && parent[0].name == "attributes" {
		attributes, _ := parent[0].value.(jsonObject)
		objectName, parent = attributes.text("type"), parent[1:]
	} else if f.polymorphic() {
		return nil, nil, nil, rowErr("JSON_PARSER_ERROR", "Nested object for polymorphic foreign key must have an attributes field before any other fields.")
	}
	target := d.named(objectName)
	if target == nil || !f.refersTo(target.name) || len(parent) != 1 {
		return nil, nil, nil, rowErr("INVALID_FIELD", "The relationship "+f.Relationship+" needs one external id of an object it may point at")
	}
	key := target.visible(parent[0].name)
	if key == nil || !key.ExternalID && !key.idLookup {
		return nil, nil, nil, rowErr("INVALID_FIELD", fmt.Sprintf("Field name provided, %s is not an External ID or indexed field for %s", parent[0].name, target.name))
	}
	value, err := key.parse(parent[0].value, parent[0].end)
	return target, key, value, err
}

// fillIn works out the row as it will be: defaults, canonical ids, and what the
// object itself derives.
func (d *database) fillIn(s *save) []*rowError {
	s.after = map[string]any{}
	if s.row != nil {
		s.after = maps.Clone(s.row.values)
	}
	for name, v := range s.given {
		f := s.obj.field(name)
		if v == nil && f.kind() == kindBool {
			v = false
		}
		s.after[name] = v
	}
	for name, v := range s.after {
		if v == nil {
			delete(s.after, name)
		}
	}
	for _, settle := range []func(*save) *rowError{d.chooseRecordType, d.settlePlaces} {
		if err := settle(s); err != nil {
			return []*rowError{err}
		}
	}
	if s.op == opCreate {
		d.applyDefaults(s.obj, s.given, s.after)
	}
	if errs := d.resolveReferences(s); len(errs) > 0 {
		return errs
	}
	d.assign(s)
	if s.obj.behaviour.prepare != nil {
		return s.obj.behaviour.prepare(d, s)
	}
	return nil
}

// applyDefaults gives a new row the values nobody gave. given may hold an
// explicit null, which a defaulted field takes as no value.
func (d *database) applyDefaults(obj *object, given, after map[string]any) {
	rt := obj.recordType(after["RecordTypeId"])
	for _, f := range obj.fields {
		if after[f.Name] != nil || f.compute != nil {
			continue
		}
		preset := f.Default
		if len(f.Options) > 0 {
			preset = rt.defaultOf(f)
		}
		_, mentioned := given[f.Name]
		switch {
		case f.kind() == kindBool:
			after[f.Name] = f.Default == true
		case f.Name == "OwnerId":
			after[f.Name] = d.userID
		case preset != nil && (!mentioned || !f.nillable):
			after[f.Name] = preset
		}
	}
}

// assign lets the active assignment rule re-own the record, which it does on
// create and on update unless the request says otherwise (SALESFORCE.md 4,
// Sforce-Auto-Assign).
func (d *database) assign(s *save) {
	if owner := d.hooks.assignTo[s.obj.name]; owner != "" && s.headers.autoAssign {
		s.after["OwnerId"] = owner
	}
}

func (d *database) commit(s *save) *row {
	d.stamp(s.after, s.op == opCreate)
	var r *row
	if s.op == opCreate {
		r = d.insert(s.obj, d.newID(s.obj.prefix), s.after)
	} else {
		r = s.row
		before := r.values
		r.setValues(s.after)
		d.undoWith(func() { r.setValues(before) })
	}
	if s.obj.behaviour.saved != nil {
		s.obj.behaviour.saved(d, r, s.op == opCreate)
	}
	return r
}

// stamp sets the audit fields.
func (d *database) stamp(values map[string]any, created bool) {
	var now any = d.saveTime() // one value for all stamps: rows are many
	if created {
		values["IsDeleted"] = false
		values["CreatedDate"], values["CreatedById"] = now, d.userID
	}
	values["LastModifiedDate"], values["LastModifiedById"] = now, d.userID
	values["SystemModstamp"] = now
}

// remove deletes a row, and what goes with it, or says why not.
func (d *database) remove(r *row) *rowError {
	switch {
	case r.deleted():
		return entityIsDeleted()
	case !r.obj.deletes:
		return rowErr("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
	}
	if err := d.unableToLock(r.id); err != nil {
		return err
	}
	if err := d.heldBy(r); err != nil {
		return err
	}
	for _, hook := range d.hooks.onRow[r.obj.name] {
		if err := hook(opDelete, maps.Clone(r.values)); err != nil {
			return err
		}
	}
	d.deleteRow(r)
	return nil
}

// removeForGood deletes a row, and what goes with it, past the recycle bin.
func (d *database) removeForGood(r *row) *rowError {
	gone := []*row{r}
	for i := 0; i < len(gone); i++ {
		gone = append(gone, d.childrenToDelete(gone[i])...)
	}
	if err := d.remove(r); err != nil {
		return err
	}
	for _, r := range gone {
		d.purge(r)
	}
	return nil
}

func (d *database) deleteRow(r *row) { d.deleteWith(r, r) }

// deleteWith deletes a row because the root was, or is the row itself.
func (d *database) deleteWith(root, r *row) {
	if r.deleted() {
		return
	}
	r.deletedWith = root
	d.change(r, map[string]any{"IsDeleted": true, "SystemModstamp": d.saveTime(), "LastModifiedDate": d.saveTime(), "LastModifiedById": d.userID})
	for _, child := range d.childrenToDelete(r) {
		d.deleteWith(root, child)
	}
	d.clearLookups(r)
}
