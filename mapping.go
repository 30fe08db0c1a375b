// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// A Mapper says which of a lead's values go into which fields of a record. It
// must be pure and safe for concurrent use; *Mapping is the one that hosts
// usually need.
//
// Map is called once for each record that may be written for a lead. Users are looked
// up before, together with the records: a Mapper that needs some may have a method
// Users(lead *Lead, object salesforce.Object) []string that returns their e-mail
// addresses. One that has Fields which refer to Users and no such method is asked once
// more, with a Target for a new record, to see which addresses it wants.
type Mapper interface {
	// Objects returns the objects it has rows for: Lead, Contact and Account, but
	// that a *Mapping may have others. New refuses them of any other Mapper.
	Objects() []salesforce.Object
	// Fields returns the API names of the fields that Map may write on object.
	// They are read with the record, so that Map knows their current values.
	Fields(object salesforce.Object) []string
	// Map returns the values that the record should hold: converted to what
	// the field takes (see Convert), current values included where a row
	// leaves them as they are or not, as it likes; the caller sends only what
	// differs. The error is a *Error naming the fields at fault. Any other is
	// UNKNOWN, and its text is logged: it must hold no value.
	Map(lead *Lead, target mapping.Target) (salesforce.Fields, []leadtype.Warning, error)
}

// A Mapping is a Mapper that is plain data: rows of which each takes a value of the lead
// to a field. A host can keep it as JSON and let administrators edit it. See
// [mapping.Mapping].
type Mapping = mapping.Mapping

// A Rule is one row of a Mapping: where a value comes from, the field that it is written
// to, and how. See [mapping.Rule].
type Rule = mapping.Rule

// DefaultMapping returns the recommended rows for Lead, Contact and Account, in a new
// Mapping that the caller may change. See [mapping.Default].
func DefaultMapping() *Mapping { return mapping.Default() }
