// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"maps"

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

// Wrote reports whether the value that was last written to a field is this one, apart
// from case and spaces. It is false when none is remembered, and for nil.
func (m *RecordMemory) Wrote(field, text string) bool {
	return m != nil && m.Written[field] != "" && m.Written[field] == value.Digest(string(m.ID), field, text)
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
