package sftest

import (
	"slices"
	"strings"
)

// masterRecordType is the id of the record type that every object has
// (SALESFORCE.md 1, describe). Records of it hold no RecordTypeId.
const masterRecordType = "012000000000000AAA"

// A recordTypeSpec is what a test says of a record type: see sftest.RecordType.
type recordTypeSpec struct {
	Name                  string
	Label                 string
	Picklists             map[string][]string
	Defaults              map[string]string
	Default               bool
	Inactive, Unavailable bool
}

type recordType struct {
	recordTypeSpec
	id string
}

// DefineRecordType is as Org.DefineRecordType.
func (d *database) DefineRecordType(object string, rt recordTypeSpec) string {
	obj := d.object(object)
	if rt.Name == "" {
		panic("sftest: a record type needs a Name")
	}
	if rt.Label == "" {
		rt.Label = strings.ReplaceAll(rt.Name, "_", " ")
	}
	rt.Picklists = mapFields(d, obj, rt.Picklists, func(f *field, values []string) {
		f.mustHave(values...)
	})
	rt.Defaults = mapFields(d, obj, rt.Defaults, func(f *field, value string) {
		f.mustHave(value)
	})
	if obj.field("RecordTypeId") == nil {
		f := newField(fieldSpec{Name: "RecordTypeId", Label: "Record Type ID", Type: "reference", ReferenceTo: []string{"RecordType"}})
		f.defaulted = true
		obj.addField(f)
	}
	id := d.seed("RecordType", map[string]any{"Name": rt.Label, "DeveloperName": rt.Name, "SobjectType": obj.name, "IsActive": !rt.Inactive}).id
	obj.recordTypes = append(obj.recordTypes, &recordType{rt, id})
	d.touchMetadata()
	return id
}

// mapFields spells the names of fields as the schema does.
func mapFields[V any](d *database, obj *object, values map[string]V, check func(*field, V)) map[string]V {
	spelt := map[string]V{}
	for name, v := range values {
		_, f := d.fieldOf(obj.name, name)
		check(f, v)
		spelt[f.Name] = v
	}
	return spelt
}

func (f *field) mustHave(options ...string) {
	for _, option := range options {
		if !slices.Contains(f.Options, option) {
			panic("sftest: the picklist " + f.Name + " has no option " + option)
		}
	}
}

// recordType is the one of that id, nil for the master.
func (obj *object) recordType(id any) *recordType {
	for _, rt := range obj.recordTypes {
		if rt.id == id {
			return rt
		}
	}
	return nil
}

func (obj *object) defaultRecordType() *recordType {
	for _, rt := range obj.recordTypes {
		if rt.Default && rt.usable() {
			return rt
		}
	}
	return nil
}

func (rt *recordType) usable() bool { return !rt.Inactive && !rt.Unavailable }

// offers says whether records of the type may take the option. A nil type is the
// master, which offers all.
func (rt *recordType) offers(f *field, option string) bool {
	if rt == nil {
		return true
	}
	chosen, ok := rt.Picklists[f.Name]
	return !ok || slices.Contains(chosen, option)
}

// chooseRecordType settles the record type of a row on its way: that of the
// object and open to the user (text from memory), or the default of a create.
func (d *database) chooseRecordType(s *save) *rowError {
	if len(s.obj.recordTypes) == 0 {
		return nil
	}
	given, mentioned := s.given["RecordTypeId"]
	if !mentioned || given == nil {
		if rt := s.obj.defaultRecordType(); rt != nil && s.op == opCreate {
			s.after["RecordTypeId"] = rt.id
		}
		return nil
	}
	id, _ := canonicalID(textOf(given))
	delete(s.given, "RecordTypeId") // it has been checked here
	delete(s.after, "RecordTypeId")
	if id == masterRecordType {
		return nil
	}
	if rt := s.obj.recordType(id); rt == nil || !rt.usable() {
		return rowErr("INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid for the user: "+textOf(given), "RecordTypeId")
	}
	s.after["RecordTypeId"] = id
	return nil
}

// master is the record type of rows that have none.
func (obj *object) master() *recordType {
	return &recordType{recordTypeSpec{Name: "Master", Label: "Master", Default: obj.defaultRecordType() == nil}, masterRecordType}
}

// defaultOf is the value of a create that gives none, nil for none.
func (rt *recordType) defaultOf(f *field) any {
	if rt != nil && rt.Defaults[f.Name] != "" {
		return rt.Defaults[f.Name]
	}
	if f.Default == nil || !rt.offers(f, textOf(f.Default)) {
		return nil
	}
	return f.Default
}
