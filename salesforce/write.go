// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// An Op is the operation of a Write. Source: docs/salesforce.md, Requests.
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

// An ExternalKey is a record's value in a field that Salesforce accepts as a key: a
// custom External ID, or a standard idLookup field.
//
// Among the Fields of a Write, under the name of a relationship such as Account or
// Region__r, it references a record by that value instead of an id:
// {"Region__r": {"Code__c": "EU"}} (unverified). It does not work for references to
// more than one object. Source: docs/salesforce.md, Upsert.
type ExternalKey struct {
	Field string
	Value string
}

// A Ref sets a field of a Write to the id that results from an earlier write of the same
// Client.Write or Graph. When that write fails, the one with the Ref is not carried out.
//
// Client.Write sends the two in one call where that takes fewer calls than the next one
// would: the later subrequest names the earlier one's new id. One failed row then keeps a
// whole collection of such children waiting for the next call, which goes without its own
// children. An org that does not know the reference to a row of a collection is asked once:
// the Client remembers it, and sends the children in the call after their parents.
// Source: docs/salesforce.md, Composite.
type Ref struct {
	// Field is the field to set, such as ContactId: one that holds an id and no other text.
	Field string
	// Write is the index of the earlier write, smaller than that of the write with the
	// Ref.
	Write int
}

// A Write is one record to create, update, upsert or delete.
// Source: docs/salesforce.md, Collections.
type Write struct {
	Op     Op
	Object Object
	// ID is the record of an update or a delete.
	ID ID
	// Key identifies the record of an upsert. Its field must not be among Fields.
	Key ExternalKey
	// UniqueField is set on a create whose Fields have a value for a field that is an
	// External ID and unique. Such a create may be repeated: Salesforce refuses the
	// repeat with DUPLICATE_VALUE (docs/salesforce.md, Repeats).
	UniqueField string
	// Fields are the values to write; an ExternalKey references a record.
	Fields Fields
	// Refs are the fields that depend on earlier writes. When one of those fails, this
	// write is not sent: its Err is ErrNotSent.
	Refs []Ref
	// UpdateOnly keeps an upsert from creating a record: when no record has the Key,
	// Salesforce refuses it with NOT_FOUND. It implies Alone, because collections do
	// not support it.
	UpdateOnly bool
	// AllowDuplicate saves the record although a duplicate rule alerts:
	// Sforce-Duplicate-Rule-Header: allowSave=true (docs/salesforce.md, Headers).
	AllowDuplicate bool
	// AutoAssign lets the org's active assignment rule decide who owns a Lead or a Case that
	// is created without an OwnerId, and notify that owner by e-mail. Any other write says
	// Sforce-Auto-Assign: FALSE all the same: by default Salesforce applies the rule to
	// updates too, over the owner that the record has (docs/salesforce.md, Headers). The
	// header belongs to a whole subrequest, so rows that differ in it do not share one; rows
	// of objects that it means nothing to fill up either.
	AutoAssign bool
	// Alone sends the write as its own subrequest of a composite, not as a row of a
	// collection. The error of a single create has the records that a duplicate rule
	// found; that of a row of a collection does not.
	Alone bool
	// Without, if not nil, is asked once when Salesforce refuses the write: it returns the
	// Fields to leave out, and the write goes again without them, in the next call, together
	// with what waits for other reasons. With none the refusal stands. An update that has no
	// field left is not sent. A Graph and a Bulk job do not ask. codes are those of all
	// problems of the refusal, which has the first.
	Without func(ctx context.Context, refusal *Error, codes []StatusCode) []string
	// Again, if not nil, is called before the write goes again as Without says, once all
	// refused writes of the call were asked. With an error it is not sent: its Err wraps
	// ErrNotSent and that error.
	Again func(ctx context.Context) error
	// ReadBack are fields of the record to be read again once it is written, where that
	// costs no call: a later call of the same Client.Write asks for them if it has fewer
	// than 5 collections (docs/salesforce.md, Limits), and where no later call follows, the
	// one that holds the write together with what refers to it. A Graph and a Bulk job do not.
	ReadBack []string
}

// alone reports whether the write is sent as its own subrequest.
func (w *Write) alone() bool { return w.Alone || w.UpdateOnly }

// assigns reports whether an assignment rule may decide who owns the record of the write.
// either means that there is no such rule for it, so that it does not matter what the header
// of its subrequest says (docs/salesforce.md, Headers).
func (w *Write) assigns() (may, either bool) {
	if w.Op != OpCreate || w.hasOwner() || w.Object.Equal(ObjectAccount) {
		return false, false
	}
	if w.Object.Equal(ObjectLead) || w.Object.Equal("Case") {
		return w.AutoAssign, false
	}
	return false, true
}

// hasOwner reports whether the write says who owns the record.
func (w *Write) hasOwner() bool {
	const owner = "OwnerId"
	for name, value := range w.Fields {
		if len(name) == len(owner) && strings.EqualFold(name, owner) && value != nil && value != "" {
			return true
		}
	}
	return slices.ContainsFunc(w.Refs, func(r Ref) bool { return strings.EqualFold(r.Field, owner) })
}

// ErrNotSent is wrapped by the Err of a write that was not sent or not carried out, because
// a write that it refers to failed or the context was done. It changed nothing in Salesforce.
var ErrNotSent = errors.New("salesforce: not sent")

// A WriteResult is the result of one Write.
// Source: docs/salesforce.md, Collections.
type WriteResult struct {
	// ID is the record's 18-character id, also after an update.
	ID ID
	// Created means that the write created the record. It is false for an upsert that
	// was repeated because the first response was lost, although that may have created it.
	Created bool
	// Err is nil when the write was carried out, else a *Error or an error that wraps
	// ErrNotSent. A *Error with Uncertain means that Salesforce may have carried the
	// write out, although no response says so.
	Err error
	// Landed are the values of Write.ReadBack as they were read after the write, and what the
	// org's automation made of them. It is nil where they were not read.
	Landed Fields
	// Without are the fields that Write.Without left out, Refusal is why.
	Without []string
	Refusal *Error

	codes []StatusCode // of the problems of Err, where there are several
}
