package sftest

import (
	"slices"
	"strings"
)

// masterRecordType is the id of the record type that every object has
// (SALESFORCE.md 1, describe). Records of it hold no RecordTypeId.
const masterRecordType = "012000000000000AAA"

// A RecordType gives the records of an object a kind, each with its own choice
// of picklist values.
type RecordType struct {
	// Name is the API name, such as Partner_Lead. Required.
	Name string
	// Label is what people see; empty means the name with blanks for _.
	Label string
	// Picklists are the values that records of this type may take, by field. A
	// picklist that is absent offers all. A value that is not among them is
	// refused where the picklist is restricted, and stored where it is not.
	Picklists map[string][]string
	// Defaults are the values of a create that does not give one, by field.
	Defaults map[string]string
	// Default makes it the type of a record whose create names none.
	Default bool
	// Inactive and Unavailable types may not be given to a record: the admin has
	// switched them off, or keeps them from the connected user.
	Inactive, Unavailable bool
}

type recordType struct {
	RecordType
	id string
}

// DefineRecordType adds a record type to an object, which gets the field
// RecordTypeId with its first one, and returns the id. It panics when an object
// or a field is unknown, or a value is not an option of its picklist.
func (o *Org) DefineRecordType(object string, rt RecordType) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj := o.object(object)
	if rt.Name == "" {
		panic("sftest: a record type needs a Name")
	}
	if rt.Label == "" {
		rt.Label = strings.ReplaceAll(rt.Name, "_", " ")
	}
	rt.Picklists = mapFields(o, obj, rt.Picklists, func(f *field, values []string) {
		f.mustHave(values...)
	})
	rt.Defaults = mapFields(o, obj, rt.Defaults, func(f *field, value string) {
		f.mustHave(value)
	})
	if obj.field("RecordTypeId") == nil {
		f := newField(Field{Name: "RecordTypeId", Label: "Record Type ID", Type: "reference", ReferenceTo: []string{"RecordType"}})
		f.defaulted = true
		obj.addField(f)
	}
	id := o.seed("RecordType", map[string]any{"Name": rt.Label, "DeveloperName": rt.Name, "SobjectType": obj.name, "IsActive": !rt.Inactive}).id
	obj.recordTypes = append(obj.recordTypes, &recordType{rt, id})
	o.touchMetadata()
	return id
}

// mapFields spells the names of fields as the schema does.
func mapFields[V any](o *Org, obj *object, values map[string]V, check func(*field, V)) map[string]V {
	spelt := map[string]V{}
	for name, v := range values {
		_, f := o.fieldOf(obj.name, name)
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
func (o *Org) chooseRecordType(s *save) *RowError {
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
	return &recordType{RecordType{Name: "Master", Label: "Master", Default: obj.defaultRecordType() == nil}, masterRecordType}
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
