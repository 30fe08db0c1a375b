package sftest

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An object is the schema of one sObject with its rows.
type object struct {
	name, label, plural, prefix               string
	custom, mergeable                         bool
	readable, createable, updateable, deletes bool

	fields []*field
	byName map[string]*field // by lower-case name

	rows    []*row // in order of creation
	byID    map[string]*row
	indexes map[*field]map[string][]*row

	rules       []ruleSpec
	duplicates  []duplicateRuleSpec
	recordTypes []*recordType // but the master
	behaviour   behaviour
}

func (obj *object) field(name string) *field { return obj.byName[strings.ToLower(name)] }

// visible is the field as the connected user sees it: nil when it is hidden.
func (obj *object) visible(name string) *field {
	f := obj.field(name)
	if f == nil || f.hidden {
		return nil
	}
	return f
}

// relationship is the reference field that SOQL follows by that name.
func (obj *object) relationship(name string) *field {
	for _, f := range obj.fields {
		if f.Relationship != "" && len(f.ReferenceTo) > 0 && strings.EqualFold(f.Relationship, name) && !f.hidden {
			return f
		}
	}
	return nil
}

func (obj *object) addField(f *field) {
	key := strings.ToLower(f.Name)
	if old := obj.byName[key]; old != nil {
		obj.fields[slices.Index(obj.fields, old)] = f
		delete(obj.indexes, old)
	} else {
		obj.fields = append(obj.fields, f)
	}
	obj.byName[key] = f
	if f.indexed() {
		obj.reindex(f)
	}
}

func (obj *object) removeField(name string) {
	f := obj.field(name)
	obj.fields = slices.DeleteFunc(obj.fields, func(other *field) bool { return other == f })
	delete(obj.byName, strings.ToLower(name))
	delete(obj.indexes, f)
}

// named is the object of that name, nil where there is none.
func (d *database) named(name string) *object { return d.objects[strings.ToLower(name)] }

// object finds an object for a caller of the Go API, and panics where there is
// none: a seed is test code. The caller holds o.mu.
func (d *database) object(name string) *object {
	obj := d.named(name)
	if obj == nil {
		panic("sftest: the org has no object " + name)
	}
	return obj
}

// fieldOf is object and field at once, and panics like object.
func (d *database) fieldOf(objectName, name string) (*object, *field) {
	obj := d.object(objectName)
	f := obj.field(name)
	if f == nil {
		panic("sftest: object " + obj.name + " has no field " + name)
	}
	return obj, f
}

// DefineField is as Org.DefineField.
func (d *database) DefineField(object string, f fieldSpec) {
	for _, name := range definedOn(object) {
		d.defineField(d.object(name), newField(f))
	}
	d.touchMetadata()
}

func (d *database) defineField(obj *object, f *field) {
	if f.MasterDetail {
		obj.removeField("OwnerId") // a detail belongs to its master's owner
	}
	if old := obj.field(f.Name); old != nil {
		f.Name, f.compound, f.idLookup = old.Name, old.compound, f.idLookup || old.idLookup
		if f.ChildRelationship == "" {
			f.ChildRelationship, f.cascade = old.ChildRelationship, f.cascade || old.cascade
		}
	}
	obj.addField(f)
	d.nameChild(obj, f)
}

// DefineObject is as Org.DefineObject.
func (d *database) DefineObject(name, keyPrefix string, fields ...fieldSpec) {
	if len(keyPrefix) != 3 || d.prefixes[keyPrefix] != nil {
		panic(fmt.Sprintf("sftest: object %s needs a key prefix of three characters that no other object has", name))
	}
	label := strings.ReplaceAll(strings.TrimSuffix(name, "__c"), "_", " ")
	obj := &object{name: name, label: label, plural: label + "s", prefix: keyPrefix, custom: true, readable: true, createable: true, updateable: true, deletes: true}
	d.addObject(obj, customFields(label))
	for _, f := range fields {
		d.defineField(obj, newField(f))
	}
	for _, activity := range activities() {
		what := d.object(activity).field("WhatId")
		what.ReferenceTo = append(what.ReferenceTo, name)
	}
	d.touchMetadata()
}

func customFields(label string) []*field {
	system := func(f fieldSpec, defaulted bool) *field {
		f.ReadOnly = true
		made := newField(f)
		made.defaulted = defaulted
		made.nillable = false
		return made
	}
	id := system(fieldSpec{Name: "Id", Label: label + " ID", Type: "id"}, true)
	id.idLookup = true
	name := newField(fieldSpec{Name: "Name", Label: label + " Name", Length: 80})
	owner := newField(fieldSpec{Name: "OwnerId", Label: "Owner ID", Type: "reference", ReferenceTo: []string{"Group", "User"}})
	owner.nillable, owner.defaulted = false, true
	user := []string{"User"}
	return []*field{
		id, name, owner,
		system(fieldSpec{Name: "IsDeleted", Label: "Deleted", Type: "boolean"}, true),
		system(fieldSpec{Name: "CreatedDate", Label: "Created Date", Type: "datetime"}, true),
		system(fieldSpec{Name: "CreatedById", Label: "Created By ID", Type: "reference", ReferenceTo: user}, true),
		system(fieldSpec{Name: "LastModifiedDate", Label: "Last Modified Date", Type: "datetime"}, true),
		system(fieldSpec{Name: "LastModifiedById", Label: "Last Modified By ID", Type: "reference", ReferenceTo: user}, true),
		system(fieldSpec{Name: "SystemModstamp", Label: "System Modstamp", Type: "datetime"}, true),
	}
}

// HideField is as Org.HideField.
func (d *database) HideField(object, name string) {
	_, f := d.fieldOf(object, name)
	f.hidden = true
	d.touchMetadata()
}

// ReadOnlyField is as Org.ReadOnlyField.
func (d *database) ReadOnlyField(object, name string) {
	_, f := d.fieldOf(object, name)
	f.createable, f.updateable = false, false
	d.touchMetadata()
}

func (d *database) setRight(object, op string, may bool) {
	obj := d.object(object)
	switch op {
	case "read":
		obj.readable = may
	case opCreate:
		obj.createable = may
	case opUpdate:
		obj.updateable = may
	case opDelete:
		obj.deletes = may
	default:
		panic("sftest: a right is read, create, update or delete, not " + op)
	}
	d.touchMetadata()
}

func (d *database) addObject(obj *object, fields []*field) {
	obj.byName = map[string]*field{}
	obj.byID = map[string]*row{}
	obj.indexes = map[*field]map[string][]*row{}
	for _, f := range fields {
		obj.addField(f)
	}
	d.objects[strings.ToLower(obj.name)] = obj
	d.prefixes[obj.prefix] = obj
	at, _ := slices.BinarySearch(d.names, obj.name)
	d.names = slices.Insert(d.names, at, obj.name)
}

//go:embed describe/*.tsv
var tables embed.FS

// readTable reads the fields of a standard object.
func readTable(name string) []*field {
	var fields []*field
	for _, cells := range readTSV(strings.ToLower(name)) {
		fields = append(fields, tableField(cells))
	}
	return fields
}

// readTSV reads the rows of a table by the names of their columns.
func readTSV(name string) []map[string]string {
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

func tableField(cells map[string]string) *field {
	yes := func(column string) bool { return cells[column] == "y" }
	number := func(column string) int {
		n, _ := strconv.Atoi(cells[column])
		return n
	}
	f := &field{
		fieldSpec: fieldSpec{
			Name: cells["name"], Label: cells["label"], Type: cells["type"],
			Length: number("length"), Precision: number("precision"), Scale: number("scale"), Digits: number("digits"),
			Restricted: yes("restrictedPicklist"), ExternalID: yes("externalId"), Unique: yes("unique"),
			Relationship: cells["relationshipName"], Options: split(cells["picklist"], "|"), ReferenceTo: split(cells["referenceTo"], ","),
		},
		nillable: yes("nillable"), createable: yes("createable"), updateable: yes("updateable"), defaulted: yes("defaultedOnCreate"),
		idLookup: yes("idLookup"), filterable: yes("filterable"), compound: cells["compoundFieldName"],
	}
	for i, option := range f.Options {
		if name, ok := strings.CutPrefix(option, "*"); ok {
			f.Options[i] = name
			f.Default = name
		}
	}
	return f
}

func (d *database) inOrder() []*object {
	list := make([]*object, len(d.names))
	for i, name := range d.names {
		list[i] = d.object(name)
	}
	return list
}
