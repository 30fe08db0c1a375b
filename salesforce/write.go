package salesforce

import "errors"

// An Op is what a Write does. Source: SALESFORCE.md 1.
type Op int

// The operations.
const (
	OpCreate Op = iota
	OpUpdate
	OpUpsert
	OpDelete
)

// String returns the operation's name, such as create.
func (o Op) String() string {
	switch o {
	case OpCreate:
		return "create"
	case OpUpdate:
		return "update"
	case OpUpsert:
		return "upsert"
	case OpDelete:
		return "delete"
	}
	return "unknown"
}

// An ExternalKey is a record's value in a field that Salesforce accepts as a
// key: a custom External ID, or a standard idLookup field. Source: SALESFORCE.md 1,
// Upsert.
//
// Among the Fields of a Write, under the name of a relationship such as Account
// or Region__r, it names the record that a reference is to point at, in the place
// of an id: {"Region__r": {"Code__c": "EU"}} (SALESFORCE.md 0, from memory). It is
// not for references that take several objects.
type ExternalKey struct {
	Field string
	Value string
}

// A Ref fills a field of a Write with the id that an earlier write of the same
// Client.Write or Graph yields. Client.Write sends the two in calls of their own,
// so that a failed row strikes only its own children (SALESFORCE.md 0).
type Ref struct {
	// Field is the field that takes the id, such as ContactId.
	Field string
	// Write is the index of the earlier write; it is smaller than the index of
	// the write that holds the Ref.
	Write int
}

// A Write is one record to create, update, upsert or delete.
// Source: SALESFORCE.md 1.
type Write struct {
	Op     Op
	Object Object
	// ID names the record of an update or a delete.
	ID ID
	// Key names the record of an upsert. Its field must not be among Fields.
	Key ExternalKey
	// UniqueField is set on a create whose Fields carry a value for a field that
	// is an External ID and unique. Such a create may be repeated: a replay is
	// refused with DUPLICATE_VALUE, and Salesforce keeps one record (SALESFORCE.md 8).
	UniqueField string
	// Fields are the values to write; an ExternalKey stands for the record that a
	// reference is to point at.
	Fields Fields
	// Refs are the fields that wait for the ids of earlier writes. When one of
	// those fails, this write is not sent: its Err is ErrNotSent.
	Refs []Ref
	// UpdateOnly keeps an upsert from making a record: where no record has the
	// Key, Salesforce refuses it with NOT_FOUND (SALESFORCE.md 1, Upsert). It
	// implies Alone, as collections know no such thing.
	UpdateOnly bool
	// AllowDuplicate asks that a duplicate rule which only alerts lets the
	// record through: Sforce-Duplicate-Rule-Header: allowSave=true (SALESFORCE.md 4).
	AllowDuplicate bool
	// Alone sends the write as a request of its own within a composite, not as
	// a row of a collection. A single create that trips a duplicate rule names
	// the records it resembles; a row of a collection does not (SALESFORCE.md 1).
	Alone bool
}

// alone reports whether the write goes as a request of its own.
func (w *Write) alone() bool { return w.Alone || w.UpdateOnly }

// ErrNotSent is wrapped by the Err of a write that no request carried, because
// a write it refers to failed or because the context ended first. Salesforce
// is as if the write had not been asked for.
var ErrNotSent = errors.New("salesforce: not sent")

// A WriteResult answers one Write. Source: SALESFORCE.md 1, Collections.
type WriteResult struct {
	// ID is the record's, in its 18-character form, also of an update.
	ID ID
	// Created says that the write made the record. Of an upsert that was sent again,
	// because its first answer was lost, it is false although the first may have.
	Created bool
	// Err is nil when the write was carried out. It is a *Error, or wraps
	// ErrNotSent. A *Error whose Uncertain is set means that Salesforce may have
	// carried the write out, although no answer says so.
	Err error
}
