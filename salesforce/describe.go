package salesforce

import (
	"strings"
)

// A Describe is what Salesforce tells the connected user of an object
// (sObject Describe). A field that the user may not read is absent from it.
// A Describe is read-only once made, and then safe for concurrent use.
// Source: SALESFORCE.md 1, describe.
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

	// LastModified and ETag are the reply's headers of these names, the validators
	// of the next read: see Again.
	LastModified string `json:"-"`
	ETag         string `json:"-"`

	byName map[string]int // lower-case name to index of Fields; nil in a literal
}

// Again reads the describe once more: it answers NotModified and no body unless it
// has changed since (SALESFORCE.md 1, describe).
func (d *Describe) Again() Read {
	return Read{Kind: ReadDescribe, Object: d.Name, Since: d.LastModified, ETag: d.ETag}
}

// Field returns the field of that name, compared without regard to case.
func (d *Describe) Field(name string) (*Field, bool) {
	if d.byName != nil {
		i, ok := d.byName[strings.ToLower(name)]
		if !ok {
			return nil, false
		}
		return &d.Fields[i], true
	}
	for i := range d.Fields {
		if strings.EqualFold(d.Fields[i].Name, name) {
			return &d.Fields[i], true
		}
	}
	return nil, false
}

// index makes Field fast.
func (d *Describe) index() {
	d.byName = make(map[string]int, len(d.Fields))
	for i := range d.Fields {
		d.byName[strings.ToLower(d.Fields[i].Name)] = i
	}
}

// A FieldType is a field's data type as describe names it.
// Source: SALESFORCE.md 1, describe.
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

// A Field is one field of a Describe. Source: SALESFORCE.md 1, describe.
type Field struct {
	Name  string    `json:"name"`
	Label string    `json:"label"`
	Type  FieldType `json:"type"`
	// Length is the longest text in characters, 0 for types that have none.
	Length int `json:"length"`
	// Precision and Scale bound a double, currency or percent; Digits an int.
	Precision int `json:"precision"`
	Scale     int `json:"scale"`
	Digits    int `json:"digits"`

	Calculated         bool `json:"calculated"`
	CaseSensitive      bool `json:"caseSensitive"`
	Createable         bool `json:"createable"`
	Custom             bool `json:"custom"`
	DefaultedOnCreate  bool `json:"defaultedOnCreate"`
	DependentPicklist  bool `json:"dependentPicklist"`
	ExternalID         bool `json:"externalId"`
	Filterable         bool `json:"filterable"`
	IDLookup           bool `json:"idLookup"`
	Nillable           bool `json:"nillable"`
	RestrictedPicklist bool `json:"restrictedPicklist"`
	Unique             bool `json:"unique"`
	Updateable         bool `json:"updateable"`

	CompoundFieldName string          `json:"compoundFieldName"`
	ControllerName    string          `json:"controllerName"`
	PicklistValues    []PicklistValue `json:"picklistValues"`
	ReferenceTo       []Object        `json:"referenceTo"`
	RelationshipName  string          `json:"relationshipName"`
}

// RequiredOnCreate reports whether a create must supply the field: not
// nillable, createable, not defaulted, not a boolean (SALESFORCE.md 1).
func (f *Field) RequiredOnCreate() bool {
	return !f.Nillable && f.Createable && !f.DefaultedOnCreate && f.Type != TypeBoolean
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

// A PicklistValue is one option of a picklist. Value is what is stored, Label
// what people see.
type PicklistValue struct {
	Value        string `json:"value"`
	Label        string `json:"label"`
	Active       bool   `json:"active"`
	DefaultValue bool   `json:"defaultValue"`
	// ValidFor is the base64 bitmap over the controlling field's options for
	// which this one may be chosen (SALESFORCE.md 1, from memory).
	ValidFor string `json:"validFor"`
}

// A RecordType is one entry of recordTypeInfos. Source: SALESFORCE.md 1, describe.
type RecordType struct {
	ID            ID     `json:"recordTypeId"`
	Name          string `json:"name"`
	DeveloperName string `json:"developerName"`
	Active        bool   `json:"active"`
	Available     bool   `json:"available"`
	Default       bool   `json:"defaultRecordTypeMapping"`
	Master        bool   `json:"master"`
}

// An ObjectList is what Salesforce tells the connected user of the org's objects
// (Describe Global). An object that the user may not read is absent from it.
// Source: SALESFORCE.md 1, describe.
type ObjectList struct {
	Objects []ObjectInfo `json:"sobjects"`

	// LastModified and ETag are the reply's headers of these names, the validators
	// of the next read: see Again.
	LastModified string `json:"-"`
	ETag         string `json:"-"`
}

// Again reads the list once more, as Describe.Again does a describe.
func (l *ObjectList) Again() Read {
	return Read{Kind: ReadObjects, Since: l.LastModified, ETag: l.ETag}
}

// An ObjectInfo is one object of an ObjectList. Source: SALESFORCE.md 1, describe.
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
