// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// A Describe describes an object as the connected user sees it (sObject Describe). A
// field that the user may not read is absent. A Describe from a Client must not be
// changed; it is safe for concurrent use. Source: docs/salesforce.md, Describe.
type Describe struct {
	Name        Object       `json:"name"`
	Label       string       `json:"label"`
	KeyPrefix   string       `json:"keyPrefix"`
	Custom      bool         `json:"custom"`
	Createable  bool         `json:"createable"`
	Updateable  bool         `json:"updateable"`
	Deletable   bool         `json:"deletable"`
	Queryable   bool         `json:"queryable"`
	Fields      []Field      `json:"fields"`
	RecordTypes []RecordType `json:"recordTypeInfos"`
	// ChildRelationships are the fields by which rows refer to rows of this object.
	ChildRelationships []ChildRelationship `json:"childRelationships"`

	// LastModified and ETag are headers of the reply, the validators for Again.
	LastModified string `json:"-"`
	ETag         string `json:"-"`

	byName map[string]int // lower-case name to index of Fields; nil in a literal
}

// A ChildRelationship is a field by which rows of another object, or of the same one,
// refer to rows of an object. Source: docs/salesforce.md, Describe.
type ChildRelationship struct {
	Child Object `json:"childSObject"`
	Field string `json:"field"`
	// CascadeDelete says that the rows are deleted with the row that they refer to.
	CascadeDelete bool `json:"cascadeDelete"`
	Deprecated    bool `json:"deprecatedAndHidden"`
}

// Again returns the Read of the same describe: its result is NotModified, without a
// body, unless the describe has changed.
func (d *Describe) Again() Read {
	return Read{Kind: ReadDescribe, Object: d.Name, Since: d.LastModified, ETag: d.ETag}
}

// Field returns the field of that name, compared without regard to case.
func (d *Describe) Field(field string) (*Field, bool) {
	if d.byName != nil {
		i, ok := d.byName[field]
		if !ok {
			var lower [64]byte
			i, ok = d.byName[string(name.AppendLower(lower[:0], field))]
		}
		if !ok {
			return nil, false
		}
		return &d.Fields[i], true
	}
	for i := range d.Fields {
		if d.Fields[i].Name == field {
			return &d.Fields[i], true
		}
	}
	for i := range d.Fields {
		if strings.EqualFold(d.Fields[i].Name, field) {
			return &d.Fields[i], true
		}
	}
	return nil, false
}

// index makes Field fast: by the name as it is first, then in lower case.
func (d *Describe) index() {
	d.byName = make(map[string]int, 2*len(d.Fields))
	for i := range d.Fields {
		d.byName[d.Fields[i].Name] = i
		d.byName[string(name.AppendLower(nil, d.Fields[i].Name))] = i
	}
}

// A FieldType is a field's data type in a describe.
// Source: docs/salesforce.md, Describe.
type FieldType string

// The field types of sObject Describe.
const (
	TypeAddress       FieldType = "address"
	TypeAnyType       FieldType = "anyType"
	TypeBase64        FieldType = "base64"
	TypeBoolean       FieldType = "boolean"
	TypeCombobox      FieldType = "combobox"
	TypeCurrency      FieldType = "currency"
	TypeDate          FieldType = "date"
	TypeDatetime      FieldType = "datetime"
	TypeDouble        FieldType = "double"
	TypeEmail         FieldType = "email"
	TypeEncrypted     FieldType = "encryptedstring"
	TypeID            FieldType = "id"
	TypeInt           FieldType = "int"
	TypeLocation      FieldType = "location"
	TypeLong          FieldType = "long"
	TypeMultipicklist FieldType = "multipicklist"
	TypePercent       FieldType = "percent"
	TypePhone         FieldType = "phone"
	TypePicklist      FieldType = "picklist"
	TypeReference     FieldType = "reference"
	TypeString        FieldType = "string"
	TypeTextarea      FieldType = "textarea"
	TypeTime          FieldType = "time"
	TypeURL           FieldType = "url"
)

// A Field is one field of a Describe. Source: docs/salesforce.md, Describe.
type Field struct {
	Name  string    `json:"name"`
	Label string    `json:"label"`
	Type  FieldType `json:"type"`
	// Length is the length of the longest text in characters, 0 for other types.
	Length int `json:"length"`
	// Precision and Scale bound a double, currency or percent; Digits bounds an int.
	Precision int `json:"precision"`
	Scale     int `json:"scale"`
	Digits    int `json:"digits"`

	AutoNumber         bool `json:"autoNumber"`
	Calculated         bool `json:"calculated"` // by a formula
	CaseSensitive      bool `json:"caseSensitive"`
	Createable         bool `json:"createable"`
	Custom             bool `json:"custom"`
	DefaultedOnCreate  bool `json:"defaultedOnCreate"`
	DependentPicklist  bool `json:"dependentPicklist"`
	ExternalID         bool `json:"externalId"`
	Filterable         bool `json:"filterable"`
	HTMLFormatted      bool `json:"htmlFormatted"`
	IDLookup           bool `json:"idLookup"`
	Nillable           bool `json:"nillable"`
	RestrictedPicklist bool `json:"restrictedPicklist"`
	Unique             bool `json:"unique"`
	Updateable         bool `json:"updateable"`

	CompoundFieldName string          `json:"compoundFieldName"`
	ControllerName    string          `json:"controllerName"`
	ExtraTypeInfo     string          `json:"extraTypeInfo"`
	PicklistValues    []PicklistValue `json:"picklistValues"`
	ReferenceTo       []Object        `json:"referenceTo"`
	RelationshipName  string          `json:"relationshipName"`
}

// RequiredOnCreate reports whether a create must supply the field: not nillable,
// createable, not defaulted, not a boolean.
func (f *Field) RequiredOnCreate() bool {
	return !f.Nillable && f.Createable && !f.DefaultedOnCreate && f.Type != TypeBoolean
}

// RichText reports whether the field holds HTML, which people edit as rich text.
func (f *Field) RichText() bool {
	return f.Type == TypeTextarea && (f.HTMLFormatted || f.ExtraTypeInfo == "richtextarea")
}

// Option returns the active picklist value that equals text, compared without
// regard to case.
func (f *Field) Option(text string) (PicklistValue, bool) {
	for _, v := range f.PicklistValues {
		if v.Active && strings.EqualFold(v.Value, text) {
			return v, true
		}
	}
	return PicklistValue{}, false
}

// A PicklistValue is one option of a picklist. Value is stored, Label is displayed.
// Source: docs/salesforce.md, Describe.
type PicklistValue struct {
	Value        string `json:"value"`
	Label        string `json:"label"`
	Active       bool   `json:"active"`
	DefaultValue bool   `json:"defaultValue"`
	// ValidFor is a bitmap, in base64, of the controlling field's options for which
	// this one may be chosen (unverified).
	ValidFor string `json:"validFor"`
}

// A RecordType is one entry of recordTypeInfos.
// Source: docs/salesforce.md, Describe.
type RecordType struct {
	ID            ID     `json:"recordTypeId"`
	Name          string `json:"name"`
	DeveloperName string `json:"developerName"`
	Active        bool   `json:"active"`
	Available     bool   `json:"available"`
	Default       bool   `json:"defaultRecordTypeMapping"`
	Master        bool   `json:"master"`
}

// An ObjectList lists the org's objects as the connected user sees them (Describe
// Global). An object that the user may not read is absent.
// Source: docs/salesforce.md, Describe.
type ObjectList struct {
	Objects []ObjectInfo `json:"sobjects"`

	// LastModified and ETag are headers of the reply, the validators for Again.
	LastModified string `json:"-"`
	ETag         string `json:"-"`
}

// Again returns the Read of the same list; see Describe.Again.
func (l *ObjectList) Again() Read {
	return Read{Kind: ReadObjects, Since: l.LastModified, ETag: l.ETag}
}

// An ObjectInfo is one object of an ObjectList.
// Source: docs/salesforce.md, Describe.
type ObjectInfo struct {
	Name       Object `json:"name"`
	Label      string `json:"label"`
	KeyPrefix  string `json:"keyPrefix"`
	Custom     bool   `json:"custom"`
	Createable bool   `json:"createable"`
	Updateable bool   `json:"updateable"`
	Deletable  bool   `json:"deletable"`
	Queryable  bool   `json:"queryable"`
}

// Object returns the object of that name, compared without regard to case.
func (l *ObjectList) Object(name Object) (*ObjectInfo, bool) {
	for i := range l.Objects {
		if l.Objects[i].Name.Equal(name) {
			return &l.Objects[i], true
		}
	}
	return nil, false
}
