// SPDX-License-Identifier: Apache-2.0

package undo

import (
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// decide chooses the records to be deleted, children before what they refer to,
// and the fields to be restored of the others.
func (r *reverting) decide() {
	for _, t := range r.records {
		if !t.created || t.now == nil {
			t.Fields = r.restored(t)
		}
	}
	for level := range r.levels() {
		for _, t := range r.records {
			if r.level(t) != level || !t.created || t.now == nil {
				continue
			}
			if t.deletes = r.mayDelete(t); !t.deletes {
				t.Fields = r.restored(t)
			}
		}
	}
}

// mayDelete reports whether a created record is to be deleted, and lists it when
// it is not.
func (r *reverting) mayDelete(t *record) bool {
	if !r.opts.Delete {
		r.report.Kept = append(r.report.Kept, t.Reversal)
		return false
	}
	r.listDependents(t)
	if err := r.whyKept(t); err != nil {
		r.refuse(&t.Reversal, err)
		return false
	}
	return true
}

// whyKept returns why a created record is not deleted, nil when it is.
func (r *reverting) whyKept(t *record) *leadtype.Error {
	err := &leadtype.Error{Op: "revert", Object: t.Object, Code: leadtype.StaleRemoteRecord}
	child := r.remainingChild(t)
	switch {
	case child != nil:
		err.Reason = anObject(child.Object) + " that refers to it is kept"
	case !r.session.Describe(t.Object).Deletable:
		err = verdict.Forbidden(t.Object, "delete")
		err.Op = "revert"
	case t.now.Bool("IsConverted"):
		err.Reason = "it has been converted since"
	case t.absorbed:
		err.Reason = "another record has been merged into it since"
	case t.changedSince():
		err.Reason = "it has been changed since"
	default:
		return nil
	}
	return err
}

// remainingChild returns a record that still refers to another after the revert, nil
// when there is none, or none counts.
func (r *reverting) remainingChild(parent *record) *salesforce.Record {
	if r.opts.WithDependents {
		return nil
	}
	for _, child := range parent.children {
		if !r.freed(child, parent) {
			return child
		}
	}
	return nil
}

// restored returns the fields of a record to restore, and lists those that are left
// as they are.
func (r *reverting) restored(t *record) []leadtype.FieldChange {
	switch {
	case t.now != nil:
		return r.restoredFields(t)
	case t.merged != "":
		r.leave(&t.Reversal, leadtype.StaleRemoteRecord, fmt.Sprintf("the record was merged into %s", t.merged))
	case !t.created: // else its being gone is what the revert was to bring about
		r.leave(&t.Reversal, leadtype.StaleRemoteRecord, "the record was deleted or is hidden from the connected user")
	}
	return nil
}

func (r *reverting) restoredFields(t *record) []leadtype.FieldChange {
	var fields []leadtype.FieldChange
	var changed, missing, locked, removed []string
	describe := r.session.Describe(t.Object)
	for _, name := range t.fieldNames() {
		field, ok := describe.Field(name)
		written, personField := field, ""
		if t.isPersonAccount() && ok {
			written, ok = personaccount.Field(r.session.Describe(salesforce.ObjectAccount), name)
		}
		if !ok {
			missing = append(missing, name)
			continue
		}
		if t.lacks(name) {
			removed = append(removed, name)
			continue
		}
		now, _ := t.now.Value(name)
		before, held, clean := t.valueBefore(field)
		if !clean {
			changed = append(changed, name)
		}
		switch {
		case value.SameValue(field, now, before):
		case !written.Updateable:
			locked = append(locked, name)
		default:
			if written != field {
				personField = written.Name
			}
			fields = append(fields, leadtype.FieldChange{Field: field.Name, Before: now, After: before,
				PersonField: personField, Held: held})
		}
	}
	fields, split := wholeAddresses(fields, slices.Concat(changed, removed, missing, locked))
	if len(split) > 0 {
		r.leave(&t.Reversal, leadtype.StaleRemoteRecord, "another part of the address cannot be restored", split...)
	}
	if len(changed) > 0 {
		r.leave(&t.Reversal, leadtype.StaleRemoteRecord, "it has been changed since", changed...)
	}
	if len(removed) > 0 {
		r.leave(&t.Reversal, leadtype.UncertainWrite, "the values before are no longer kept", removed...)
	}
	if len(missing) > 0 {
		r.leave(&t.Reversal, leadtype.MissingRemoteField,
			"the field was deleted or is hidden from the connected user", missing...)
	}
	if len(locked) > 0 {
		r.leave(&t.Reversal, leadtype.ConnectionPermission, "the connected user may not write the field", locked...)
	}
	return fields
}

// wholeAddresses takes out of the fields to restore those of an address of which another
// part is left as it is: the record would have a mix of two. It returns their names.
func wholeAddresses(fields []leadtype.FieldChange, left []string) (whole []leadtype.FieldChange, split []string) {
	for _, f := range fields {
		at, ok := address.Of(f.Field)
		ofLeft := func(name string) bool {
			other, found := address.Of(name)
			return found && other.Same(at)
		}
		if ok && slices.ContainsFunc(left, ofLeft) {
			split = append(split, f.Field)
		} else {
			whole = append(whole, f)
		}
	}
	return whole, split
}
