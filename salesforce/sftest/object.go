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

	rules       []Rule
	duplicates  []DuplicateRule
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

// object finds an object for a caller of the Go API, and panics where there is
// none: a seed is test code. The caller holds o.mu.
func (o *Org) object(name string) *object {
	obj := o.objects[strings.ToLower(name)]
	if obj == nil {
		panic("sftest: the org has no object " + name)
	}
	return obj
}

// fieldOf is object and field at once, and panics like object.
func (o *Org) fieldOf(objectName, name string) (*object, *field) {
	obj := o.object(objectName)
	f := obj.field(name)
	if f == nil {
		panic("sftest: object " + obj.name + " has no field " + name)
	}
	return obj, f
}

// DefineField adds a field to an object, or replaces the one of that name; a
// standard field stays what upserts and addresses take it for. A field of
// Activity shows on Task and Event (SALESFORCE.md 8.5).
func (o *Org) DefineField(object string, f Field) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, name := range definedOn(object) {
		o.defineField(o.object(name), newField(f))
	}
	o.touchMetadata()
}

func (o *Org) defineField(obj *object, f *field) {
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
	o.nameChild(obj, f)
}

// DefineObject adds a custom object, such as Visit__c, whose ids start with the
// three characters of keyPrefix; those of Salesforce's own are a00 to aZZ.
// Besides the fields given it gets Id, Name (text, 80), OwnerId unless one of them
// is a MasterDetail, IsDeleted and the audit fields. Tasks and Events may be about its rows.
func (o *Org) DefineObject(name, keyPrefix string, fields ...Field) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(keyPrefix) != 3 || o.prefixes[keyPrefix] != nil {
		panic(fmt.Sprintf("sftest: object %s needs a key prefix of three characters that no other object has", name))
	}
	label := strings.ReplaceAll(strings.TrimSuffix(name, "__c"), "_", " ")
	obj := &object{name: name, label: label, plural: label + "s", prefix: keyPrefix, custom: true, readable: true, createable: true, updateable: true, deletes: true}
	o.addObject(obj, customFields(label))
	for _, f := range fields {
		o.defineField(obj, newField(f))
	}
	for _, activity := range activities() {
		what := o.object(activity).field("WhatId")
		what.ReferenceTo = append(what.ReferenceTo, name)
	}
	o.touchMetadata()
}

func customFields(label string) []*field {
	system := func(f Field, defaulted bool) *field {
		f.ReadOnly = true
		made := newField(f)
		made.defaulted = defaulted
		made.nillable = false
		return made
	}
	id := system(Field{Name: "Id", Label: label + " ID", Type: "id"}, true)
	id.idLookup = true
	name := newField(Field{Name: "Name", Label: label + " Name", Length: 80})
	owner := newField(Field{Name: "OwnerId", Label: "Owner ID", Type: "reference", ReferenceTo: []string{"Group", "User"}})
	owner.nillable, owner.defaulted = false, true
	user := []string{"User"}
	return []*field{
		id, name, owner,
		system(Field{Name: "IsDeleted", Label: "Deleted", Type: "boolean"}, true),
		system(Field{Name: "CreatedDate", Label: "Created Date", Type: "datetime"}, true),
		system(Field{Name: "CreatedById", Label: "Created By ID", Type: "reference", ReferenceTo: user}, true),
		system(Field{Name: "LastModifiedDate", Label: "Last Modified Date", Type: "datetime"}, true),
		system(Field{Name: "LastModifiedById", Label: "Last Modified By ID", Type: "reference", ReferenceTo: user}, true),
		system(Field{Name: "SystemModstamp", Label: "System Modstamp", Type: "datetime"}, true),
	}
}

// AddExternalID adds the field LeadsyncKey__c to each object: text of 255
// characters, External ID, unique without regard to case. On Task it stands for
// a field of Activity (SALESFORCE.md 8.5).
func (o *Org) AddExternalID(objects ...string) {
	for _, name := range objects {
		o.DefineField(name, Field{Name: "LeadsyncKey__c", Label: "Leadsync Key", Length: 255, ExternalID: true, Unique: true})
	}
}

// HideField takes the connected user's right to read a field: describe and
// queries no longer know it (SALESFORCE.md 6).
func (o *Org) HideField(object, name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, f := o.fieldOf(object, name)
	f.hidden = true
	o.touchMetadata()
}

// ReadOnlyField takes the connected user's right to write a field: a write of
// it is refused with INVALID_FIELD_FOR_INSERT_UPDATE.
func (o *Org) ReadOnlyField(object, name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, f := o.fieldOf(object, name)
	f.createable, f.updateable = false, false
	o.touchMetadata()
}

// Forbid takes a right on an object from the connected user: op is read,
// create, update or delete. Without read the object looks as if it were not
// there.
func (o *Org) Forbid(object, op string) { o.setRight(object, op, false) }

// Allow gives a right on an object to the connected user. At first the user may
// write Account, Contact, Lead, Opportunity and its contact roles, Task, Event,
// CampaignMember and custom objects, and only read the others.
func (o *Org) Allow(object, op string) { o.setRight(object, op, true) }

func (o *Org) setRight(object, op string, may bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj := o.object(object)
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
	o.touchMetadata()
}

func (o *Org) addObject(obj *object, fields []*field) {
	obj.byName = map[string]*field{}
	obj.byID = map[string]*row{}
	obj.indexes = map[*field]map[string][]*row{}
	for _, f := range fields {
		obj.addField(f)
	}
	o.objects[strings.ToLower(obj.name)] = obj
	o.prefixes[obj.prefix] = obj
	at, _ := slices.BinarySearch(o.names, obj.name)
	o.names = slices.Insert(o.names, at, obj.name)
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
		Field: Field{
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

func (o *Org) inOrder() []*object {
	list := make([]*object, len(o.names))
	for i, name := range o.names {
		list[i] = o.object(name)
	}
	return list
}
