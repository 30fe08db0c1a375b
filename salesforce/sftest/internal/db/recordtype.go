package db

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// MasterRecordType is the id of the record type that every object has
// (SALESFORCE.md 1, describe). Records of it hold no RecordTypeId.
const MasterRecordType = "012000000000000AAA"

// A RecordTypeSpec is what a test says of a record type: see sftest.RecordType.
type RecordTypeSpec struct {
	Name                  string
	Label                 string
	Picklists             map[string][]string
	Defaults              map[string]string
	Default               bool
	Inactive, Unavailable bool
}

type RecordType struct {
	RecordTypeSpec
	ID string
}

// DefineRecordType is as Org.DefineRecordType.
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
		f := newField(FieldSpec{Name: "RecordTypeId", Label: "Record Type ID", Type: "reference", ReferenceTo: []string{"RecordType"}})
		f.Defaulted = true
		obj.addField(f)
	}
	id := d.seed("RecordType", map[string]any{"Name": rt.Label, "DeveloperName": rt.Name, "SobjectType": obj.Name, "IsActive": !rt.Inactive}).ID
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

// RecordType is the one of that id, nil for the master.
func (obj *Object) RecordType(id any) *RecordType {
	for _, rt := range obj.RecordTypes {
		if rt.ID == id {
			return rt
		}
	}
	return nil
}

func (obj *Object) defaultRecordType() *RecordType {
	for _, rt := range obj.RecordTypes {
		if rt.Default && rt.Usable() {
			return rt
		}
	}
	return nil
}

func (rt *RecordType) Usable() bool { return !rt.Inactive && !rt.Unavailable }

// Offers says whether records of the type may take the option. A nil type is the
// master, which offers all.
func (rt *RecordType) Offers(f *Field, option string) bool {
	if rt == nil {
		return true
	}
	chosen, ok := rt.Picklists[f.Name]
	return !ok || slices.Contains(chosen, option)
}

// chooseRecordType settles the record type of a row on its way: that of the
// object and open to the user (text from memory), or the default of a create.
func (d *DB) chooseRecordType(s *Save) *wire.RowError {
	if len(s.Obj.RecordTypes) == 0 {
		return nil
	}
	given, mentioned := s.given["RecordTypeId"]
	if !mentioned || given == nil {
		if rt := s.Obj.defaultRecordType(); rt != nil && s.Op == OpCreate {
			s.after["RecordTypeId"] = rt.ID
		}
		return nil
	}
	id, _ := wire.CanonicalID(wire.TextOf(given))
	delete(s.given, "RecordTypeId") // it has been checked here
	delete(s.after, "RecordTypeId")
	if id == MasterRecordType {
		return nil
	}
	if rt := s.Obj.RecordType(id); rt == nil || !rt.Usable() {
		return wire.NewRowError("INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid for the user: "+wire.TextOf(given), "RecordTypeId")
	}
	s.after["RecordTypeId"] = id
	return nil
}

// Master is the record type of rows that have none.
func (obj *Object) Master() *RecordType {
	return &RecordType{RecordTypeSpec{Name: "Master", Label: "Master", Default: obj.defaultRecordType() == nil}, MasterRecordType}
}

// DefaultOf is the value of a create that gives none, nil for none.
func (rt *RecordType) DefaultOf(f *Field) any {
	if rt != nil && rt.Defaults[f.Name] != "" {
		return rt.Defaults[f.Name]
	}
	if f.Default == nil || !rt.Offers(f, wire.TextOf(f.Default)) {
		return nil
	}
	return f.Default
}
