// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A RecordMemory is what a connection remembers of the record of a person, an account or
// another object that its leads were synced with.
type RecordMemory struct {
	ID salesforce.ID `json:"id"` // of 18 characters
	// Lead is the lead that created the record, also where the response of the create was
	// lost and the record was found afterwards. It is empty when leads only matched it.
	Lead LeadID `json:"lead,omitempty"`
	// Written is what the connection last wrote to the fields that people may edit; see
	// mapping.UnlessEdited.
	Written Written `json:"written,omitempty"`
	// Order is greater than that of what the process has written before, so that what
	// several leads of a batch remember of the record can be put in the order of the writes.
	// Stores do not keep it.
	Order int64 `json:"-"`
}

// InOrder puts what is remembered of records in the order in which it was written.
func InOrder(records []RecordMemory) {
	slices.SortStableFunc(records, func(a, b RecordMemory) int { return cmp.Compare(a.Order, b.Order) })
}

// Note remembers the value that was written to a field, and when the lead was captured that
// it came from. Only a digest of it is kept.
func (m *RecordMemory) Note(field *salesforce.Field, v any, capturedAt time.Time) {
	n := m.noted(field, v, capturedAt)
	if written, ok := m.Written.with(&n); ok {
		m.Written = written
	} else {
		m.add(n)
	}
}

// A WrittenValue is a value that was written to a field.
type WrittenValue struct {
	Field      *salesforce.Field
	Value      any
	CapturedAt time.Time // when the lead was captured that it came from
}

// NoteAll is Note for several fields, one after the other.
func (m *RecordMemory) NoteAll(values []WrittenValue) {
	var few [maxNoted]noted
	first := few[:0] // those whose text can be made at once
	for i := range values {
		n := m.noted(values[i].Field, values[i].Value, values[i].CapturedAt)
		if m.Written != "" || len(first) == maxNoted || slices.ContainsFunc(first, n.isBeside) {
			break
		}
		first = append(first, n)
	}
	if len(first) > 0 {
		m.Written = newWritten(first)
	}
	for i := range values[len(first):] {
		v := &values[len(first)+i]
		m.Note(v.Field, v.Value, v.CapturedAt)
	}
}

// noted returns a value of a field of the record.
func (m *RecordMemory) noted(field *salesforce.Field, v any, capturedAt time.Time) noted {
	return notedOf(field.Name, value.LooseDigest(string(m.ID), field, v), capturedAt)
}

// NoteForm remembers the form in which a lead wrote a value to a field, of which nothing else
// is remembered.
func (m *RecordMemory) NoteForm(field *salesforce.Field, v any, lead LeadID) {
	m.add(m.form(field, v, lead))
}

// Wrote reports whether the value that a field has is the very text that the lead wrote there
// last, so that neither a person, nor automation, nor another lead has changed its form since.
func (m *RecordMemory) Wrote(field *salesforce.Field, v any, lead LeadID) bool {
	if m.Written == "" {
		return false
	}
	now := m.form(field, v, lead)
	for n := range m.Written.all {
		if n.name == now.name && n.digest == now.digest {
			return true
		}
	}
	return false
}

// form returns the entry for the form of a value.
func (m *RecordMemory) form(field *salesforce.Field, v any, lead LeadID) noted {
	return newNoted(m.ID, field.Name+formMark, string(lead)+"\x00"+value.Stored(v), time.Time{})
}

// NoteOpen remembers a value whose write has no response: it may have been written, or the
// field may have the value that it had before.
func (m *RecordMemory) NoteOpen(field *salesforce.Field, v any, capturedAt time.Time) {
	n := m.noted(field, v, capturedAt)
	n.open = true
	m.add(n)
}

// NoteSent remembers an update of the record that has no response.
func (m *RecordMemory) NoteSent(update *Intent) {
	if !update.Update || len(update.Fields) == 0 || update.Record.ID18() != m.ID.ID18() {
		return
	}
	for _, field := range slices.Sorted(maps.Keys(update.Fields)) {
		m.Written = m.Written.merge(Written(update.Fields[field]))
	}
	m.NoteSentAt(update.SentAt)
}

// NoteSentAt remembers when a write was last sent that has no response.
func (m *RecordMemory) NoteSentAt(at time.Time) {
	if !m.SentAt().After(at) {
		m.add(newNoted(m.ID, sentMark, "", at))
	}
}

// SentAt returns when a write was last sent that has no response, zero where there is none
// or that is not known.
func (m *RecordMemory) SentAt() time.Time { return m.Written.marked(sentMark) }

// NoteAnswered remembers that no write of the record is to be expected any more: of the values
// that writes without a response were to have, only those stay that are noted beside it.
func (m *RecordMemory) NoteAnswered() {
	m.Written = newWritten(append(m.Written.list(), newNoted(m.ID, answeredMark, "", time.Time{})))
}

// NoteReverted remembers that a revert has restored values of the record, at a time that is
// later than those of earlier reverts.
func (m *RecordMemory) NoteReverted(at time.Time) { m.add(newNoted(m.ID, revertedMark, "", at)) }

// RevertedAt returns when values of the record were last restored, zero for never: what the
// leads wanted of it before that is to be written again.
func (m *RecordMemory) RevertedAt() time.Time { return m.Written.marked(revertedMark) }

// Created returns what a create of a lead was to write to its record, as the memory of a
// record with the lead's id.
func (t *Intent) Created(lead LeadID) RecordMemory {
	return RecordMemory{ID: salesforce.ID(lead), Written: t.Written}
}

// MayChange reports whether a write of the record had no response, so that it may have a
// value that was to be replaced since.
func (m *RecordMemory) MayChange() bool { return m.Written.open() }

// NoteEdited remembers that the connection has written a field, and that a user has
// changed or removed its value since.
func (m *RecordMemory) NoteEdited(field *salesforce.Field, capturedAt time.Time) {
	m.add(newNoted(m.ID, field.Name, "\x00", capturedAt)) // which is no value
}

// NoteAppended remembers a text that was appended to what a field has. Of each field the last
// three are remembered, and more as long as little else is remembered of the record.
func (m *RecordMemory) NoteAppended(field *salesforce.Field, text string, capturedAt time.Time) {
	n := m.noted(field, text, capturedAt)
	n.added = true
	m.add(n)
}

// Appended reports whether a text was appended to a field, as far as is remembered.
func (m *RecordMemory) Appended(field *salesforce.Field, text string) bool {
	if m.Written == "" {
		return false
	}
	name, digest := nameSum(field.Name), value.FieldDigest(string(m.ID), field.Name, value.Loose(field, text))
	for n := range m.Written.all {
		if n.added && n.name == name && n.digest == digest {
			return true
		}
	}
	return false
}

func (m *RecordMemory) add(n noted) {
	if m.Written == "" {
		m.Written = newWritten([]noted{n})
		return
	}
	m.Written = newWritten(mergeNoted(m.Written.list(), []noted{n}))
}

// Holds reports what is known of the value that a field has, and when the lead was captured
// that the last written one came from: zero where that is not known.
func (m *RecordMemory) Holds(field *salesforce.Field, v any) (Hold, time.Time) {
	if m == nil || m.Written == "" {
		return HoldUnknown, time.Time{}
	}
	hold, at, written := HoldUnknown, time.Time{}, false
	folded := value.Loose(field, v)
	digest := value.FieldDigest(string(m.ID), field.Name, folded)
	name := nameSum(field.Name)
	for n := range m.Written.all {
		written = written || n.name == name && !n.added
		switch {
		case n.name != name:
		case n.added: // it is not known what else the field had
			if folded == "" {
				hold, at = HoldEdited, n.at()
			}
		case n.digest == digest:
			return HoldOurs, n.at()
		case n.open: // the write may never have been carried out
		default:
			hold, at = HoldEdited, n.at()
		}
	}
	if written {
		if same, ok := m.reformed(field, v); ok {
			return HoldOurs, same
		}
	}
	return hold, at
}

// reformed looks for the value that a field has in a form which Loose does not tell: a phone
// number that was written with its country, or without. It returns when the lead was captured
// that it came from.
func (m *RecordMemory) reformed(field *salesforce.Field, v any) (time.Time, bool) {
	name := nameSum(field.Name)
	for folded := range value.LooseOthers(field, v) {
		digest := value.FieldDigest(string(m.ID), field.Name, folded)
		for n := range m.Written.all {
			if n.name == name && n.digest == digest && !n.added {
				return n.at(), true
			}
		}
	}
	return time.Time{}, false
}

// Beside returns what is remembered with what other has beside it, of which it is not known
// which one came last: both values of a field count.
func (m RecordMemory) Beside(other RecordMemory) RecordMemory {
	m.ID, m.Lead = cmp.Or(m.ID, other.ID), cmp.Or(m.Lead, other.Lead)
	if m.Written != other.Written {
		m.Written = newWritten(besideNoted(m.Written.list(), other.Written.list()))
	}
	return m
}

// Merge returns what is remembered once later is known too: the lead that created the
// record stays, and later values replace earlier ones of the same fields. Neither is
// changed.
func (m RecordMemory) Merge(later RecordMemory) RecordMemory {
	m.ID, m.Lead = cmp.Or(m.ID, later.ID), cmp.Or(m.Lead, later.Lead)
	m.Written = m.Written.merge(later.Written)
	return m
}
