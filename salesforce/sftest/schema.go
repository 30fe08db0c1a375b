package sftest

import "github.com/leadsync/leadsync/salesforce/sftest/internal/db"

// A Field describes a field to add to an object, with Org.DefineField or
// Org.DefineObject.
type Field struct {
	// Name is the API name, such as Badge__c. Required.
	Name string
	// Label is what people see; empty means the name without __c.
	Label string
	// Type is the type as describe names it: string, textarea, picklist,
	// multipicklist, boolean, int, double, currency, percent, date, datetime,
	// time, email, phone, url, reference. Empty means string.
	Type string
	// Length bounds text, in characters. Zero means 255, of a textarea 32,000
	// and of an e-mail address 80.
	Length int
	// Precision and Scale bound double, currency and percent; zero Precision
	// means 18. Digits bound an int; zero means 8.
	Precision, Scale, Digits int
	// Required makes the field one that a create must supply.
	Required bool
	// ExternalID makes the field a key for upserts, Unique refuses a value that
	// another row has. Text is compared without regard to case unless
	// CaseSensitive is set.
	ExternalID, Unique, CaseSensitive bool
	// Restricted refuses values that are not among the Options.
	Restricted bool
	// Options are the values of a picklist or multipicklist; those in Inactive
	// are among them, but no longer accepted.
	Options, Inactive []string
	// Labels are what people see of the options, where it is not the value
	// itself: describe and toLabel() show them, rows never hold them.
	Labels map[string]string
	// Default is the value of a create that does not give one.
	Default any
	// Controller names the picklist or boolean field that this picklist depends
	// on, and ValidFor the values of it for which each option may be chosen. An
	// option that is absent from ValidFor may never be.
	Controller string
	ValidFor   map[string][]string
	// ReferenceTo are the objects that a reference may point at, and
	// Relationship the name by which SOQL follows it; empty means the name with
	// __r for __c, or without Id.
	ReferenceTo  []string
	Relationship string
	// ChildRelationship is the name by which SOQL and describe reach the rows
	// from their parent, such as Visits__r. Empty means the plural label of the
	// object, as Salesforce suggests.
	ChildRelationship string
	// MasterDetail makes a reference one that must be given, cannot be changed,
	// and whose rows are deleted with their parent and have no OwnerId. The
	// parent's deletion empties any other reference; one that is Required refuses
	// it.
	MasterDetail bool
	// Filter is the lookup filter of a reference: it says whether the row, with
	// values as in Org.Row, may be pointed at. nil takes all.
	Filter func(row map[string]any) bool
	// ReadOnly makes the field one that the API cannot write, such as a formula.
	// Give it its values with Org.Insert.
	ReadOnly bool
}

// DefineField adds a field to an object, or replaces the one of that name; a
// standard field stays what upserts and addresses take it for. A field of
// Activity shows on Task and Event (SALESFORCE.md 8.5).
func (o *Org) DefineField(object string, f Field) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.DefineField(object, db.FieldSpec(f))
}

// DefineObject adds a custom object, such as Visit__c, whose ids start with the
// three characters of keyPrefix; those of Salesforce's own are a00 to aZZ.
// Besides the fields given it gets Id, Name (text, 80), OwnerId unless one of them
// is a MasterDetail, IsDeleted and the audit fields. Tasks and Events may be about its rows.
func (o *Org) DefineObject(name, keyPrefix string, fields ...Field) {
	o.db.Lock()
	defer o.db.Unlock()
	specs := make([]db.FieldSpec, len(fields))
	for i, f := range fields {
		specs[i] = db.FieldSpec(f)
	}
	o.db.DefineObject(name, keyPrefix, specs...)
}

// AddExternalID adds the field LeadsyncKey__c to each object: text of 255
// characters, External ID, unique without regard to case. On Task it stands for
// a field of Activity (SALESFORCE.md 8.5).
func (o *Org) AddExternalID(objects ...string) {
	for _, name := range objects {
		o.DefineField(name, Field{
			Name: "LeadsyncKey__c", Label: "Leadsync Key", Length: 255, ExternalID: true, Unique: true,
		})
	}
}

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

// DefineRecordType adds a record type to an object, which gets the field
// RecordTypeId with its first one, and returns the id. It panics when an object
// or a field is unknown, or a value is not an option of its picklist.
func (o *Org) DefineRecordType(object string, rt RecordType) string {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.DefineRecordType(object, db.RecordTypeSpec(rt))
}

// HideField takes the connected user's right to read a field: describe and
// queries no longer know it (SALESFORCE.md 6).
func (o *Org) HideField(object, name string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.HideField(object, name)
}

// ReadOnlyField takes the connected user's right to write a field: a write of
// it is refused with INVALID_FIELD_FOR_INSERT_UPDATE.
func (o *Org) ReadOnlyField(object, name string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.ReadOnlyField(object, name)
}

// Forbid takes a right on an object from the connected user: op is read,
// create, update or delete. Without read the object looks as if it were not
// there.
func (o *Org) Forbid(object, op string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.SetRight(object, op, false)
}

// Allow gives a right on an object to the connected user. At first the user may
// write Account, Contact, Lead, Opportunity and its contact roles, Task, Event,
// CampaignMember and custom objects, and only read the others.
func (o *Org) Allow(object, op string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.SetRight(object, op, true)
}
