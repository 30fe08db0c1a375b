// SPDX-License-Identifier: Apache-2.0

package sftest

import "github.com/leadsync/leadsync/salesforce/sftest/internal/db"

// A Field describes a field to add to an object, with Org.DefineField or
// Org.DefineObject.
type Field struct {
	// Name is the API name, such as Badge__c. Required.
	Name string
	// Label is the label; empty means the name without __c.
	Label string
	// Type is the type as describe names it: string, textarea, picklist,
	// multipicklist, boolean, int, double, currency, percent, date, datetime,
	// time, email, phone, url, reference. Empty means string.
	Type string
	// Length limits text, in characters. Zero means 255, for a textarea 32,000 and for an
	// e-mail address 80.
	Length int
	// Precision and Scale limit double, currency and percent; zero Precision means 18. Digits
	// limit an int; zero means 8.
	Precision, Scale, Digits int
	// RichText makes a textarea hold HTML (docs/salesforce.md, Fields): zero Length means
	// 32,768 then.
	RichText bool
	// Required makes the field mandatory on create.
	Required bool
	// ExternalID makes the field a key for upserts, Unique refuses a value that another row
	// has. Text is compared ignoring case unless CaseSensitive is set.
	ExternalID, Unique, CaseSensitive bool
	// Restricted refuses values that are not in Options.
	Restricted bool
	// Options are the values of a picklist or multipicklist; those in Inactive are also listed
	// here but no longer accepted.
	Options, Inactive []string
	// Closed are the options of Task.Status that close a Task, as TaskStatus has them, and those
	// of Case.Status that close a Case. Nil means Completed or Closed, or where neither is an
	// option the last.
	Closed []string
	// Labels are the labels of options that differ from their values: describe and toLabel()
	// show them, rows never hold them.
	Labels map[string]string
	// Default is the value if a create does not set one.
	Default any
	// Controller names the picklist or boolean field that this picklist depends on, and
	// ValidFor the controlling values for which each option may be chosen. An option that is
	// not in ValidFor can never be chosen.
	Controller string
	ValidFor   map[string][]string
	// ReferenceTo are the objects that a reference may point to, and Relationship the name by
	// which SOQL follows it; empty means the name with __r in place of __c, or without Id.
	ReferenceTo  []string
	Relationship string
	// ChildRelationship is the name by which SOQL and describe reach the rows
	// from their parent, such as Visits__r. Empty means the plural label of the
	// object, as Salesforce suggests.
	ChildRelationship string
	// MasterDetail makes a reference mandatory and read-only after create; its rows are
	// deleted with their parent and have no OwnerId. Deleting the parent clears any other
	// reference; a reference that is Required prevents it.
	MasterDetail bool
	// Filter is the lookup filter of a reference: it reports whether the reference may point
	// to the row, whose values are as in Org.Row. nil accepts all rows.
	Filter func(row map[string]any) bool
	// ReadOnly makes the field read-only for the API, such as a formula. Set its values with
	// Org.Insert.
	ReadOnly bool
	// Formula and AutoNumber make describe say that the field is a formula or an auto-number,
	// which nobody may write. Set the values as for ReadOnly.
	Formula, AutoNumber bool
}

// DefineField adds a field to an object or replaces the one of that name; a standard field
// keeps its role in upserts and addresses. A field of Activity is added to Task and Event
// (docs/salesforce.md, Tasks).
func (o *Org) DefineField(object string, f Field) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.DefineField(object, db.FieldSpec(f))
}

// DefineObject adds a custom object, such as Visit__c, whose ids start with the three
// characters of keyPrefix; Salesforce uses a00 to aZZ. Besides the given fields it gets Id,
// Name (text, 80), OwnerId unless one of them is a MasterDetail, IsDeleted and the audit
// fields. Tasks, Events and files may refer to its rows.
func (o *Org) DefineObject(name, keyPrefix string, fields ...Field) {
	o.db.Lock()
	defer o.db.Unlock()
	specs := make([]db.FieldSpec, len(fields))
	for i, f := range fields {
		specs[i] = db.FieldSpec(f)
	}
	o.db.DefineObject(name, keyPrefix, specs...)
}

// AddExternalID adds the field LeadsyncKey__c to each object: text of 255 characters, External
// ID, unique ignoring case. On Task it represents a field of Activity
// (docs/salesforce.md, Tasks).
func (o *Org) AddExternalID(objects ...string) {
	for _, name := range objects {
		o.DefineField(name, Field{
			Name: "LeadsyncKey__c", Label: "Leadsync Key", Length: 255, ExternalID: true, Unique: true,
		})
	}
}

// A RecordType is a kind of record of an object, each with its own choice of picklist values.
type RecordType struct {
	// Name is the API name, such as Partner_Lead. Required.
	Name string
	// Label is the label; empty means the name with blanks in place of _.
	Label string
	// Picklists are the values that records of this type may have, by field. All values of
	// other picklists are allowed. A value that is not listed is refused if the picklist is
	// restricted, and stored if it is not.
	Picklists map[string][]string
	// Defaults are the values, by field, if a create does not set one.
	Defaults map[string]string
	// Default makes it the type of records whose create names none.
	Default bool
	// Inactive and Unavailable types cannot be given to a record: the admin has deactivated
	// them, or has not assigned them to the connected user.
	Inactive, Unavailable bool
}

// DefineRecordType adds a record type to an object, or replaces the one of its name, and
// returns its id. The first one adds the
// field RecordTypeId. It panics if an object or a field is unknown, or a value is not an
// option of its picklist.
func (o *Org) DefineRecordType(object string, rt RecordType) string {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.DefineRecordType(object, db.RecordTypeSpec(rt))
}

// HideField takes the connected user's right to read a field: it disappears from describes and
// queries (docs/salesforce.md, Permissions).
func (o *Org) HideField(object, name string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.HideField(object, name)
}

// EncryptField encrypts a field as Shield Platform Encryption does by its probabilistic scheme:
// conditions, ORDER BY and GROUP BY may not name it (docs/salesforce.md, Fields).
func (o *Org) EncryptField(object, name string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.EncryptField(object, name)
}

// ReadOnlyField takes the connected user's right to write a field: a write of
// it is refused with INVALID_FIELD_FOR_INSERT_UPDATE.
func (o *Org) ReadOnlyField(object, name string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.ReadOnlyField(object, name)
}

// Forbid takes a right on an object from the connected user: op is read, create, update or
// delete. Without read the object seems not to exist.
func (o *Org) Forbid(object, op string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.SetRight(object, op, false)
}

// Allow gives a right on an object to the connected user. By default the user may write
// Account, Contact, Lead, Individual, Opportunity and its contact roles, Case, Task, Event,
// CampaignMember, files (ContentVersion, ContentDocument, ContentDocumentLink) and custom
// objects, and only read the others.
func (o *Org) Allow(object, op string) {
	o.db.Lock()
	defer o.db.Unlock()
	o.db.SetRight(object, op, true)
}
