package sftest

import (
	"fmt"
	"slices"
	"strings"
)

// A fieldSpec is what a test says of a field: see sftest.Field.
type fieldSpec struct {
	Name                              string
	Label                             string
	Type                              string
	Length                            int
	Precision, Scale, Digits          int
	Required                          bool
	ExternalID, Unique, CaseSensitive bool
	Restricted                        bool
	Options, Inactive                 []string
	Labels                            map[string]string
	Default                           any
	Controller                        string
	ValidFor                          map[string][]string
	ReferenceTo                       []string
	Relationship                      string
	ChildRelationship                 string
	MasterDetail                      bool
	Filter                            func(row map[string]any) bool
	ReadOnly                          bool
}

// A field is a Field with what describe tells of it for the connected user.
type field struct {
	fieldSpec

	nillable, createable, updateable, defaulted bool
	idLookup, filterable, custom                bool
	compound                                    string
	hidden                                      bool // from the connected user (FLS)
	cascade                                     bool // rows go with the row they point at
	compute                                     func(d *database, r *row) any
}

func newField(f fieldSpec) *field {
	if f.Name == "" {
		panic("sftest: a field needs a Name")
	}
	if f.Label == "" {
		f.Label = strings.ReplaceAll(strings.TrimSuffix(f.Name, "__c"), "_", " ")
	}
	if f.Type == "" {
		f.Type = "string"
	}
	f.setSizes()
	if f.Type == "reference" && f.Relationship == "" {
		f.Relationship = relationshipName(f.Name)
	}
	return &field{
		fieldSpec:  f,
		nillable:   !f.Required && f.Type != "boolean" && !f.MasterDetail,
		createable: !f.ReadOnly,
		updateable: !f.ReadOnly && !f.MasterDetail,
		cascade:    f.MasterDetail,
		defaulted:  f.Default != nil || f.Type == "boolean",
		idLookup:   f.ExternalID,
		filterable: f.Type != "textarea" || f.Length <= 255,
		custom:     strings.HasSuffix(f.Name, "__c"),
	}
}

func (f *fieldSpec) setSizes() {
	switch f.kind() {
	case kindText, kindEmail, kindPicklist:
		if f.Length == 0 {
			f.Length = map[string]int{"textarea": 32_000, "email": 80, "phone": 40}[f.Type]
		}
		if f.Length == 0 {
			f.Length = 255
		}
	case kindID:
		f.Length = 18
	case kindNumber:
		if f.Precision == 0 {
			f.Precision = 18
		}
	case kindInt:
		if f.Digits == 0 {
			f.Digits = 8
		}
	case kindBool, kindDate, kindDatetime, kindTime, kindAddress:
	default:
		panic("sftest: field " + f.Name + " has the unknown type " + f.Type)
	}
}

func relationshipName(name string) string {
	if base, ok := strings.CutSuffix(name, "__c"); ok {
		return base + "__r"
	}
	return strings.TrimSuffix(name, "Id")
}

// A kind groups the field types that hold the same Go type.
type kind int

const (
	kindUnknown  kind = iota
	kindText          // string
	kindEmail         // string, lower case
	kindPicklist      // string
	kindID            // string of 18 characters
	kindBool          // bool
	kindInt           // int
	kindNumber        // float64
	kindDate          // string such as 2026-01-02
	kindDatetime      // time.Time in UTC
	kindTime          // string such as 15:04:05.000Z
	kindAddress       // made up of other fields
)

func (f *fieldSpec) kind() kind {
	switch f.Type {
	case "string", "textarea", "phone", "url", "combobox", "encryptedstring", "anyType":
		return kindText
	case "email":
		return kindEmail
	case "picklist", "multipicklist":
		return kindPicklist
	case "id", "reference":
		return kindID
	case "boolean":
		return kindBool
	case "int":
		return kindInt
	case "double", "currency", "percent":
		return kindNumber
	case "date":
		return kindDate
	case "datetime":
		return kindDatetime
	case "time":
		return kindTime
	case "address":
		return kindAddress
	}
	return kindUnknown
}

// indexed says whether lookups by the field go through an index. The owner,
// the audit users and the record type are not: they tell few rows apart.
func (f *field) indexed() bool {
	switch f.Name {
	case "Id", "OwnerId", "CreatedById", "LastModifiedById", "RecordTypeId":
		return false
	}
	return f.compute == nil && (f.idLookup || f.Unique || f.kind() == kindID || f.Name == "Name")
}

// key is how the field's values are compared: text without regard to case.
func (f *field) key(v any) string {
	s, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	if f.CaseSensitive || f.kind() == kindID {
		return s
	}
	return strings.ToLower(s)
}

// upsertKey is how an upsert compares the field's values: a custom key that is
// not unique without regard to case is compared with it (SALESFORCE.md 1,
// Upsert), though queries do not.
func (f *field) upsertKey(v any) string {
	if f.ExternalID && !f.Unique {
		return fmt.Sprint(v)
	}
	return f.key(v)
}

func (f *field) refersTo(object string) bool {
	return slices.ContainsFunc(f.ReferenceTo, func(name string) bool { return strings.EqualFold(name, object) })
}

// polymorphic says whether the field may point at several objects.
func (f *field) polymorphic() bool { return len(f.ReferenceTo) > 1 }

// label is what people see of an option.
func (f *field) label(option string) string {
	if label, ok := f.Labels[option]; ok {
		return label
	}
	return option
}

func (f *field) soapType() string {
	switch f.kind() {
	case kindID:
		return "tns:ID"
	case kindBool:
		return "xsd:boolean"
	case kindInt:
		return "xsd:int"
	case kindNumber:
		return "xsd:double"
	case kindDate:
		return "xsd:date"
	case kindDatetime:
		return "xsd:dateTime"
	case kindTime:
		return "xsd:time"
	case kindAddress:
		return "urn:address"
	}
	return "xsd:string"
}
