// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"
	"slices"
	"strings"
)

// A FieldSpec is the definition of a field: see sftest.Field.
type FieldSpec struct {
	Name                              string
	Label                             string
	Type                              string
	Length                            int
	Precision, Scale, Digits          int
	RichText                          bool
	Required                          bool
	ExternalID, Unique, CaseSensitive bool
	Restricted                        bool
	Options, Inactive, Closed         []string
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
	Formula, AutoNumber               bool
}

// A Field is a field of an object, with its properties for the connected user.
type Field struct {
	FieldSpec

	Nillable, Createable, Updateable, Defaulted bool
	IDLookup, Filterable, Custom                bool
	Compound                                    string
	Hidden                                      bool // from the connected user (FLS)
	Encrypted                                   bool // probabilistically, so not Filterable
	Cascade                                     bool // rows go with the row they point at
	compute                                     func(d *DB, r *Row) any
	// States are the options of a field for the codes of states, of which several countries
	// may have one with the same code.
	States []StateOption
}

// A StateOption is a state of one country.
type StateOption struct{ Code, Label, Country string }

func newField(f FieldSpec) *Field {
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
	f.ReadOnly = f.ReadOnly || f.Formula || f.AutoNumber
	return &Field{
		FieldSpec:  f,
		Nillable:   !f.Required && f.Type != "boolean" && !f.MasterDetail,
		Createable: !f.ReadOnly,
		Updateable: !f.ReadOnly && !f.MasterDetail,
		Cascade:    f.MasterDetail,
		Defaulted:  f.Default != nil || f.Type == "boolean",
		IDLookup:   f.ExternalID,
		Filterable: f.Type != "textarea" || f.Length <= 255,
		Custom:     strings.HasSuffix(f.Name, "__c"),
	}
}

func (f *FieldSpec) setSizes() {
	switch f.Kind() {
	case KindText, KindEmail, KindPicklist:
		if f.Length == 0 && f.RichText {
			f.Length = 32_768
		}
		if f.Length == 0 {
			f.Length = map[string]int{"textarea": 32_000, "email": 80, "phone": 40}[f.Type]
		}
		if f.Length == 0 {
			f.Length = 255
		}
	case KindID:
		f.Length = 18
	case KindNumber:
		if f.Precision == 0 {
			f.Precision = 18
		}
	case KindInt:
		if f.Digits == 0 {
			f.Digits = 8
		}
	case KindBool, KindDate, KindDatetime, KindTime, KindAddress, KindBlob:
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

// A Kind groups the field types that hold the same Go type.
type Kind int

// The kinds.
const (
	KindUnknown  Kind = iota
	KindText          // string
	KindEmail         // string, lower case
	KindPicklist      // string
	KindID            // string of 18 characters
	KindBool          // bool
	KindInt           // int
	KindNumber        // float64
	KindDate          // string such as 2026-01-02
	KindDatetime      // time.Time in UTC
	KindTime          // string such as 15:04:05.000Z
	KindAddress       // made up of other fields
	KindBlob          // *Blob
)

// Kind returns the kind of the field's type.
func (f *FieldSpec) Kind() Kind {
	switch f.Type {
	case "string", "textarea", "phone", "url", "combobox", "encryptedstring", "anyType":
		return KindText
	case "email":
		return KindEmail
	case "picklist", "multipicklist":
		return KindPicklist
	case "id", "reference":
		return KindID
	case "boolean":
		return KindBool
	case "int":
		return KindInt
	case "double", "currency", "percent":
		return KindNumber
	case "date":
		return KindDate
	case "datetime":
		return KindDatetime
	case "time":
		return KindTime
	case "address":
		return KindAddress
	case "base64":
		return KindBlob
	}
	return KindUnknown
}

// indexed reports whether the field has an index. The owner, the audit users and the record
// type have none: too many rows share a value.
func (f *Field) indexed() bool {
	switch f.Name {
	case "Id", "OwnerId", "CreatedById", "LastModifiedById", "RecordTypeId":
		return false
	}
	return f.compute == nil && (f.IDLookup || f.Unique || f.Kind() == KindID || f.Name == "Name")
}

// Key returns the form of a value for comparison: text in lower case.
func (f *Field) Key(v any) string {
	s, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	if f.CaseSensitive || f.Kind() == KindID {
		return s
	}
	return strings.ToLower(s)
}

// upsertKey returns the form of a value that upserts compare: a custom key that is not unique
// ignoring case is compared with case (docs/salesforce.md, Upsert), though queries ignore it.
func (f *Field) upsertKey(v any) string {
	if f.ExternalID && !f.Unique {
		return fmt.Sprint(v)
	}
	return f.Key(v)
}

// RefersTo reports whether the field may point at rows of the object.
func (f *Field) RefersTo(object string) bool {
	return slices.ContainsFunc(f.ReferenceTo, func(name string) bool { return strings.EqualFold(name, object) })
}

// Polymorphic reports whether the field may point at several objects.
func (f *Field) Polymorphic() bool { return len(f.ReferenceTo) > 1 }

// OptionLabel returns the label of an option.
func (f *Field) OptionLabel(option string) string {
	if label, ok := f.Labels[option]; ok {
		return label
	}
	return option
}

// SoapType returns the field's type as describe names it for SOAP.
func (f *Field) SoapType() string {
	switch f.Kind() {
	case KindID:
		return "tns:ID"
	case KindBool:
		return "xsd:boolean"
	case KindInt:
		return "xsd:int"
	case KindNumber:
		return "xsd:double"
	case KindDate:
		return "xsd:date"
	case KindDatetime:
		return "xsd:dateTime"
	case KindTime:
		return "xsd:time"
	case KindAddress:
		return "urn:address"
	case KindBlob:
		return "xsd:base64Binary"
	}
	return "xsd:string"
}

// ExtraType returns what more is known of the field's type, "" for nothing.
func (f *Field) ExtraType() string {
	switch {
	case f.RichText:
		return "richtextarea"
	case f.Type == "textarea":
		return "plaintextarea"
	case f.Compound == "Name":
		return "personname"
	}
	return ""
}

// Sortable reports whether ORDER BY may name the field.
func (f *Field) Sortable() bool {
	return f.Filterable && f.Type != "address" && f.Type != "multipicklist"
}

// Groupable reports whether GROUP BY may name the field.
func (f *Field) Groupable() bool {
	return f.Filterable && f.Kind() != KindNumber && f.Kind() != KindDatetime
}

// Selective reports whether Salesforce has an index on the field (docs/salesforce.md, Tooling API):
// unlike those of the fake, its indexes make queries selective.
func (f *Field) Selective(obj *Object) bool {
	switch f.Name {
	case "CreatedById", "LastModifiedById":
		return false
	case "CreatedDate", "SystemModstamp":
		return true
	case "Email":
		return obj.Name == "Contact" || obj.Name == "Lead"
	}
	return f.ExternalID || f.Unique || f.Kind() == KindID || f.Name == "Name"
}
