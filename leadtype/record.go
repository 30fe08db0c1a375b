// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A RecordMemory is what a connection remembers of the record of a person or an account
// that its leads were synced with.
type RecordMemory struct {
	ID salesforce.ID `json:"id"` // of 18 characters
	// Lead is the lead that created the record, also where the response of the create was
	// lost and the record was found afterwards. It is empty when leads only matched it.
	Lead LeadID `json:"lead,omitempty"`
	// Written holds, by field, the digest of the value that the connection last wrote;
	// see Note. It covers the fields that identify a person, which is Email.
	Written map[string]string `json:"written,omitempty"`
	// Sent holds, by field, the digests of values that updates without a response were to
	// write: the field may have one of them. A Store does not keep them here, but as the
	// Intents of the leads.
	Sent map[string][]string `json:"-"`
}

// Note remembers the value that was written to a field. Only a digest of it is kept,
// with the id of the record as its key: it shows whether a value that is known is the
// same, and equal values of two records have different digests.
func (m *RecordMemory) Note(field, text string) {
	if m.Written == nil {
		m.Written = make(map[string]string)
	}
	m.Written[field] = value.Digest(string(m.ID), field, text)
}

// NoteSent remembers an update of the record that has no response.
func (m *RecordMemory) NoteSent(update *Intent) {
	if !update.Update || update.Record.ID18() != m.ID.ID18() {
		return
	}
	sent := make(map[string][]string, len(m.Sent)+len(update.Fields))
	maps.Copy(sent, m.Sent)
	for field, digest := range update.Fields {
		sent[field] = append(slices.Clip(sent[field]), digest)
	}
	m.Sent = sent
}

// Wrote reports whether the value that was last written to a field is this one, apart
// from case and spaces, or may be: an update with it was sent and has no response. It is
// false when none is remembered, and for nil.
func (m *RecordMemory) Wrote(field, text string) bool {
	if m == nil || m.Written[field] == "" && len(m.Sent[field]) == 0 {
		return false
	}
	digest := value.Digest(string(m.ID), field, text)
	return m.Written[field] == digest || slices.Contains(m.Sent[field], digest)
}

// Merge returns what is remembered once later is known too: the lead that created the
// record stays, and later digests replace earlier ones. Neither is changed.
func (m RecordMemory) Merge(later RecordMemory) RecordMemory {
	m.ID, m.Lead = cmp.Or(m.ID, later.ID), cmp.Or(m.Lead, later.Lead)
	if len(later.Written) > 0 {
		written := make(map[string]string, len(m.Written)+len(later.Written))
		maps.Copy(written, m.Written)
		maps.Copy(written, later.Written)
		m.Written = written
	}
	return m
}
