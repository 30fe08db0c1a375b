// SPDX-License-Identifier: Apache-2.0

package db

import (
	"slices"
	"strings"
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
	names   map[string]*names // that rows share, by themselves

	rules       []Rule
	duplicates  []DuplicateRule
	RecordTypes []*RecordType // but the master
	behaviour   behaviour
	lacking     []string // fields, in lower case: see Lacks
}

// Field returns the field of that name, nil if there is none.
func (o *Object) Field(name string) *Field { return o.byName[strings.ToLower(name)] }

// Visible returns the field as the connected user sees it, nil if it is hidden.
func (o *Object) Visible(name string) *Field {
	f := o.Field(name)
	if f == nil || f.Hidden {
		return nil
	}
	return f
}

// NameField returns the field that names a row, nil if there is none.
func (o *Object) NameField() *Field {
	for _, name := range []string{"Name", "CaseNumber", "Title", "Subject"} {
		if f := o.Field(name); f != nil {
			return f
		}
	}
	return nil
}

// HasContent reports whether rows have a field for content, such as that of a file.
func (o *Object) HasContent() bool {
	return slices.ContainsFunc(o.Fields, func(f *Field) bool { return f.Kind() == KindBlob })
}

// Owned reports whether rows have an owner, so that a query may be about the user's own.
func (o *Object) Owned() bool { return o.Field("OwnerId") != nil }

// Delegated reports whether rows may be delegated to others.
func (o *Object) Delegated() bool { return o.Name == "Task" }

// Relationship returns the reference field that SOQL follows by that name.
func (o *Object) Relationship(name string) *Field {
	for _, f := range o.Fields {
		if f.Relationship != "" && len(f.ReferenceTo) > 0 && strings.EqualFold(f.Relationship, name) && !f.Hidden {
			return f
		}
	}
	return nil
}

func (o *Object) addField(f *Field) {
	key := strings.ToLower(f.Name)
	if old := o.byName[key]; old != nil {
		o.Fields[slices.Index(o.Fields, old)] = f
		delete(o.indexes, old)
	} else {
		o.Fields = append(o.Fields, f)
	}
	o.byName[key] = f
	if f.indexed() {
		o.reindex(f)
	}
}

func (o *Object) removeField(name string) {
	f := o.Field(name)
	o.Fields = slices.DeleteFunc(o.Fields, func(other *Field) bool { return other == f })
	delete(o.byName, strings.ToLower(name))
	delete(o.indexes, f)
}

// A Rule is a validation rule: see sftest.Rule.
type Rule struct {
	Name    string
	Message string
	Field   string
	Refuses func(row map[string]any) bool
}

// A DuplicateRule refuses records that resemble others: see sftest.DuplicateRule.
type DuplicateRule struct {
	Name    string
	Message string
	MatchOn []string
	Against []string
	Block   bool
}

// A RecordTypeSpec is the definition of a record type: see sftest.RecordType.
type RecordTypeSpec struct {
	Name                  string
	Label                 string
	Picklists             map[string][]string
	Defaults              map[string]string
	Default               bool
	Inactive, Unavailable bool
}

// A RecordType is a record type of an object.
type RecordType struct {
	RecordTypeSpec
	ID string
}

// A Country is a value of the country picklists: see sftest.Country.
type Country struct {
	Code        string
	Label       string
	Integration string
	States      []State
	Inactive    bool
}

// A State is a state or province of a country.
type State struct {
	Code, Label, Integration string // as those of Country
}

// Named returns the object of that name, nil if there is none.
func (d *DB) Named(name string) *Object { return d.objects[strings.ToLower(name)] }

// object finds an object for a caller of the Go API, and panics if there is none.
func (d *DB) object(name string) *Object {
	obj := d.Named(name)
	if obj == nil {
		panic("sftest: the org has no object " + name)
	}
	return obj
}

// fieldOf finds an object and its field, and panics like object.
func (d *DB) fieldOf(objectName, name string) (*Object, *Field) {
	obj := d.object(objectName)
	f := obj.Field(name)
	if f == nil {
		panic("sftest: object " + obj.Name + " has no field " + name)
	}
	return obj, f
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

// InOrder returns the objects, sorted by name.
func (d *DB) InOrder() []*Object {
	list := make([]*Object, len(d.names))
	for i, name := range d.names {
		list[i] = d.object(name)
	}
	return list
}
