// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"
	"slices"
	"strings"
)

// AddDuplicateRule implements Org.AddDuplicateRule.
func (d *DB) AddDuplicateRule(object string, rule DuplicateRule) {
	obj := d.object(object)
	if rule.Name == "" {
		rule.Name = "Standard_" + obj.Name + "_Duplicate_Rule"
	}
	if rule.Message == "" {
		rule.Message = "Use one of these records?"
	}
	if len(rule.MatchOn) == 0 {
		rule.MatchOn = []string{"Email"}
	}
	if len(rule.Against) == 0 {
		rule.Against = []string{obj.Name}
	}
	for _, target := range rule.Against {
		for _, name := range rule.MatchOn {
			d.fieldOf(target, name)
		}
	}
	obj.duplicates = append(obj.duplicates, rule)
	d.seed("DuplicateRule", map[string]any{
		"SobjectType": obj.Name, "DeveloperName": rule.Name,
		"MasterLabel": strings.ReplaceAll(rule.Name, "_", " "), "IsActive": true,
	})
}

// DefineRecordType implements Org.DefineRecordType.
func (d *DB) DefineRecordType(object string, rt RecordTypeSpec) string {
	obj := d.object(object)
	if rt.Name == "" {
		panic("sftest: a record type needs a Name")
	}
	if rt.Label == "" {
		rt.Label = strings.ReplaceAll(rt.Name, "_", " ")
	}
	rt.Picklists = mapFields(d, obj, rt.Picklists, func(f *Field, values []string) {
		f.mustHave(values...)
	})
	rt.Defaults = mapFields(d, obj, rt.Defaults, func(f *Field, value string) {
		f.mustHave(value)
	})
	if obj.Field("RecordTypeId") == nil {
		f := newField(FieldSpec{
			Name: "RecordTypeId", Label: "Record Type ID", Type: "reference",
			ReferenceTo: []string{"RecordType"},
		})
		f.Defaulted = true
		obj.addField(f)
	}
	if at := slices.IndexFunc(obj.RecordTypes, func(t *RecordType) bool { return t.Name == rt.Name }); at >= 0 {
		obj.RecordTypes[at] = &RecordType{rt, obj.RecordTypes[at].ID}
		d.touchMetadata()
		return obj.RecordTypes[at].ID
	}
	id := d.seed("RecordType",
		map[string]any{
			"Name": rt.Label, "DeveloperName": rt.Name, "SobjectType": obj.Name, "IsActive": !rt.Inactive,
		}).ID
	obj.RecordTypes = append(obj.RecordTypes, &RecordType{rt, id})
	d.touchMetadata()
	return id
}

// mapFields spells the names of fields as the schema does.
func mapFields[V any](d *DB, obj *Object, values map[string]V, check func(*Field, V)) map[string]V {
	spelt := map[string]V{}
	for name, v := range values {
		_, f := d.fieldOf(obj.Name, name)
		check(f, v)
		spelt[f.Name] = v
	}
	return spelt
}

func (f *Field) mustHave(options ...string) {
	for _, option := range options {
		if !slices.Contains(f.Options, option) {
			panic("sftest: the picklist " + f.Name + " has no option " + option)
		}
	}
}

// DefineField implements Org.DefineField.
func (d *DB) DefineField(object string, f FieldSpec) {
	for _, name := range definedOn(object) {
		obj := d.object(name)
		d.defineField(obj, newField(f))
		if obj.Name == "Task" && strings.EqualFold(f.Name, "Status") {
			d.seedTaskStatuses()
		}
	}
	if strings.EqualFold(object, "Contact") {
		d.defineForPersons(f)
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

// DefineObject implements Org.DefineObject.
func (d *DB) DefineObject(name, keyPrefix string, fields ...FieldSpec) {
	if len(keyPrefix) != 3 || d.prefixes[keyPrefix] != nil {
		panic(fmt.Sprintf("sftest: object %s needs a key prefix of three characters that no other object has", name))
	}
	label := strings.ReplaceAll(strings.TrimSuffix(name, "__c"), "_", " ")
	obj := &Object{
		Name: name, Label: label, Plural: label + "s", Prefix: keyPrefix, Custom: true, Readable: true,
		Createable: true, Updateable: true, Deletable: true,
	}
	d.addObject(obj, customFields(label))
	for _, f := range fields {
		d.defineField(obj, newField(f))
	}
	for _, f := range d.looseReferences() {
		f.ReferenceTo = append(f.ReferenceTo, name)
	}
	d.touchMetadata()
}

// looseReferences returns the fields that may refer to rows of any custom object.
func (d *DB) looseReferences() []*Field {
	list := []*Field{
		d.object("ContentDocumentLink").Field("LinkedEntityId"), d.object("ContentVersion").Field("FirstPublishLocationId"),
	}
	for _, activity := range Activities() {
		list = append(list, d.object(activity).Field("WhatId"))
	}
	return list
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
	owner := newField(FieldSpec{
		Name: "OwnerId", Label: "Owner ID", Type: "reference", ReferenceTo: []string{"Group", "User"},
	})
	owner.Nillable, owner.Defaulted = false, true
	user := []string{"User"}
	return []*Field{
		id, name, owner,
		system(FieldSpec{Name: "IsDeleted", Label: "Deleted", Type: "boolean"}, true),
		system(FieldSpec{Name: "CreatedDate", Label: "Created Date", Type: "datetime"}, true),
		system(FieldSpec{Name: "CreatedById", Label: "Created By ID", Type: "reference", ReferenceTo: user}, true),
		system(FieldSpec{Name: "LastModifiedDate", Label: "Last Modified Date", Type: "datetime"}, true),
		system(FieldSpec{
			Name: "LastModifiedById", Label: "Last Modified By ID", Type: "reference", ReferenceTo: user,
		}, true),
		system(FieldSpec{Name: "SystemModstamp", Label: "System Modstamp", Type: "datetime"}, true),
	}
}

// HideField implements Org.HideField.
func (d *DB) HideField(object, name string) {
	_, f := d.fieldOf(object, name)
	f.Hidden = true
	d.touchMetadata()
}

// EncryptField implements Org.EncryptField.
func (d *DB) EncryptField(object, name string) {
	_, f := d.fieldOf(object, name)
	f.Filterable, f.Encrypted = false, true
	d.touchMetadata()
}

// ReadOnlyField implements Org.ReadOnlyField.
func (d *DB) ReadOnlyField(object, name string) {
	_, f := d.fieldOf(object, name)
	f.Createable, f.Updateable = false, false
	d.touchMetadata()
}
