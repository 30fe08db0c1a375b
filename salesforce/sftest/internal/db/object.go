package db

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// An Object is the schema of one sObject with its rows.
type Object struct {
	Name, Label, Plural, Prefix                 string
	Custom, Mergeable                           bool
	Readable, Createable, Updateable, Deletable bool

	Fields []*Field
	byName map[string]*Field // by lower-case name

	Rows    []*Row // in order of creation
	ByID    map[string]*Row
	indexes map[*Field]map[string][]*Row

	rules       []Rule
	duplicates  []DuplicateRule
	RecordTypes []*RecordType // but the master
	behaviour   behaviour
}

func (obj *Object) Field(name string) *Field { return obj.byName[strings.ToLower(name)] }

// Visible is the field as the connected user sees it: nil when it is hidden.
func (obj *Object) Visible(name string) *Field {
	f := obj.Field(name)
	if f == nil || f.Hidden {
		return nil
	}
	return f
}

// Relationship is the reference field that SOQL follows by that name.
func (obj *Object) Relationship(name string) *Field {
	for _, f := range obj.Fields {
		if f.Relationship != "" && len(f.ReferenceTo) > 0 && strings.EqualFold(f.Relationship, name) && !f.Hidden {
			return f
		}
	}
	return nil
}

func (obj *Object) addField(f *Field) {
	key := strings.ToLower(f.Name)
	if old := obj.byName[key]; old != nil {
		obj.Fields[slices.Index(obj.Fields, old)] = f
		delete(obj.indexes, old)
	} else {
		obj.Fields = append(obj.Fields, f)
	}
	obj.byName[key] = f
	if f.indexed() {
		obj.reindex(f)
	}
}

func (obj *Object) removeField(name string) {
	f := obj.Field(name)
	obj.Fields = slices.DeleteFunc(obj.Fields, func(other *Field) bool { return other == f })
	delete(obj.byName, strings.ToLower(name))
	delete(obj.indexes, f)
}

// Named is the object of that name, nil where there is none.
func (d *DB) Named(name string) *Object { return d.objects[strings.ToLower(name)] }

// object finds an object for a caller of the Go API, and panics where there is
// none: a seed is test code. The caller holds o.mu.
func (d *DB) object(name string) *Object {
	obj := d.Named(name)
	if obj == nil {
		panic("sftest: the org has no object " + name)
	}
	return obj
}

// fieldOf is object and field at once, and panics like object.
func (d *DB) fieldOf(objectName, name string) (*Object, *Field) {
	obj := d.object(objectName)
	f := obj.Field(name)
	if f == nil {
		panic("sftest: object " + obj.Name + " has no field " + name)
	}
	return obj, f
}

// DefineField is as Org.DefineField.
func (d *DB) DefineField(object string, f FieldSpec) {
	for _, name := range definedOn(object) {
		d.defineField(d.object(name), newField(f))
	}
	d.touchMetadata()
}

func (d *DB) defineField(obj *Object, f *Field) {
	if f.MasterDetail {
		obj.removeField("OwnerId") // a detail belongs to its master's owner
	}
	if old := obj.Field(f.Name); old != nil {
		f.Name, f.Compound, f.IDLookup = old.Name, old.Compound, f.IDLookup || old.IDLookup
		if f.ChildRelationship == "" {
			f.ChildRelationship, f.Cascade = old.ChildRelationship, f.Cascade || old.Cascade
		}
	}
	obj.addField(f)
	d.nameChild(obj, f)
}

// DefineObject is as Org.DefineObject.
func (d *DB) DefineObject(name, keyPrefix string, fields ...FieldSpec) {
	if len(keyPrefix) != 3 || d.prefixes[keyPrefix] != nil {
		panic(fmt.Sprintf("sftest: object %s needs a key prefix of three characters that no other object has", name))
	}
	label := strings.ReplaceAll(strings.TrimSuffix(name, "__c"), "_", " ")
	obj := &Object{Name: name, Label: label, Plural: label + "s", Prefix: keyPrefix, Custom: true, Readable: true, Createable: true, Updateable: true, Deletable: true}
	d.addObject(obj, customFields(label))
	for _, f := range fields {
		d.defineField(obj, newField(f))
	}
	for _, activity := range Activities() {
		what := d.object(activity).Field("WhatId")
		what.ReferenceTo = append(what.ReferenceTo, name)
	}
	d.touchMetadata()
}

func customFields(label string) []*Field {
	system := func(f FieldSpec, defaulted bool) *Field {
		f.ReadOnly = true
		made := newField(f)
		made.Defaulted = defaulted
		made.Nillable = false
		return made
	}
	id := system(FieldSpec{Name: "Id", Label: label + " ID", Type: "id"}, true)
	id.IDLookup = true
	name := newField(FieldSpec{Name: "Name", Label: label + " Name", Length: 80})
	owner := newField(FieldSpec{Name: "OwnerId", Label: "Owner ID", Type: "reference", ReferenceTo: []string{"Group", "User"}})
	owner.Nillable, owner.Defaulted = false, true
	user := []string{"User"}
	return []*Field{
		id, name, owner,
		system(FieldSpec{Name: "IsDeleted", Label: "Deleted", Type: "boolean"}, true),
		system(FieldSpec{Name: "CreatedDate", Label: "Created Date", Type: "datetime"}, true),
		system(FieldSpec{Name: "CreatedById", Label: "Created By ID", Type: "reference", ReferenceTo: user}, true),
		system(FieldSpec{Name: "LastModifiedDate", Label: "Last Modified Date", Type: "datetime"}, true),
		system(FieldSpec{Name: "LastModifiedById", Label: "Last Modified By ID", Type: "reference", ReferenceTo: user}, true),
		system(FieldSpec{Name: "SystemModstamp", Label: "System Modstamp", Type: "datetime"}, true),
	}
}

// HideField is as Org.HideField.
func (d *DB) HideField(object, name string) {
	_, f := d.fieldOf(object, name)
	f.Hidden = true
	d.touchMetadata()
}

// ReadOnlyField is as Org.ReadOnlyField.
func (d *DB) ReadOnlyField(object, name string) {
	_, f := d.fieldOf(object, name)
	f.Createable, f.Updateable = false, false
	d.touchMetadata()
}

func (d *DB) SetRight(object, op string, may bool) {
	obj := d.object(object)
	switch op {
	case "read":
		obj.Readable = may
	case OpCreate:
		obj.Createable = may
	case OpUpdate:
		obj.Updateable = may
	case opDelete:
		obj.Deletable = may
	default:
		panic("sftest: a right is read, create, update or delete, not " + op)
	}
	d.touchMetadata()
}

func (d *DB) addObject(obj *Object, fields []*Field) {
	obj.byName = map[string]*Field{}
	obj.ByID = map[string]*Row{}
	obj.indexes = map[*Field]map[string][]*Row{}
	for _, f := range fields {
		obj.addField(f)
	}
	d.objects[strings.ToLower(obj.Name)] = obj
	d.prefixes[obj.Prefix] = obj
	at, _ := slices.BinarySearch(d.names, obj.Name)
	d.names = slices.Insert(d.names, at, obj.Name)
}

//go:embed describe/*.tsv
var tables embed.FS

// readTable reads the fields of a standard object.
func readTable(name string) []*Field {
	var fields []*Field
	for _, cells := range ReadTSV(strings.ToLower(name)) {
		fields = append(fields, tableField(cells))
	}
	return fields
}

// ReadTSV reads the rows of a table by the names of their columns.
func ReadTSV(name string) []map[string]string {
	text, err := tables.ReadFile("describe/" + name + ".tsv")
	if err != nil {
		panic("sftest: " + err.Error())
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")[1:] // the first says where the table is from
	columns := strings.Split(lines[0], "\t")
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[columns[i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func tableField(cells map[string]string) *Field {
	yes := func(column string) bool { return cells[column] == "y" }
	number := func(column string) int {
		n, _ := strconv.Atoi(cells[column])
		return n
	}
	f := &Field{
		FieldSpec: FieldSpec{
			Name: cells["name"], Label: cells["label"], Type: cells["type"],
			Length: number("length"), Precision: number("precision"), Scale: number("scale"), Digits: number("digits"),
			Restricted: yes("restrictedPicklist"), ExternalID: yes("externalId"), Unique: yes("unique"),
			Relationship: cells["relationshipName"], Options: wire.Split(cells["picklist"], "|"), ReferenceTo: wire.Split(cells["referenceTo"], ","),
		},
		Nillable: yes("nillable"), Createable: yes("createable"), Updateable: yes("updateable"), Defaulted: yes("defaultedOnCreate"),
		IDLookup: yes("idLookup"), Filterable: yes("filterable"), Compound: cells["compoundFieldName"],
	}
	for i, option := range f.Options {
		if name, ok := strings.CutPrefix(option, "*"); ok {
			f.Options[i] = name
			f.Default = name
		}
	}
	return f
}

func (d *DB) InOrder() []*Object {
	list := make([]*Object, len(d.names))
	for i, name := range d.names {
		list[i] = d.object(name)
	}
	return list
}
