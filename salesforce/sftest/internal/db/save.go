// SPDX-License-Identifier: Apache-2.0

package db

import (
	"maps"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// The operations on a row.
const (
	OpCreate = "create"
	OpUpdate = "update"
	opDelete = "delete"
)

// A Save is one row to be written.
type Save struct {
	Op      string
	Obj     *Object
	Row     *Row        // the row to update; nil on create
	Sent    wire.Object // as the request has it
	Headers Headers

	given map[string]any // values that the request sets, by field name; nil is null
	after map[string]any // the row as it will be
	id    string         // of the row to create
}

// Headers are the headers that change a write. Those of the enclosing
// composite do not count for a subrequest (docs/salesforce.md, Headers).
type Headers struct {
	AutoAssign     bool // Sforce-Auto-Assign, true unless FALSE
	AllowSave      bool // Sforce-Duplicate-Rule-Header
	IncludeDetails bool
	Single         bool // one row by itself, not a row of a collection
	Version        string
}

func (s *Save) writable(f *Field) bool {
	if s.Op == OpCreate {
		return f.Createable
	}
	return f.Updateable
}

func (s *Save) shown() map[string]any { return exported(maps.Clone(s.after)) }

// A behaviour is the logic of one standard object. Both functions may be nil.
type behaviour struct {
	// prepare computes values of the row to be saved and checks it.
	prepare func(d *DB, s *Save) []*wire.RowError
	// saved is called after a row was written.
	saved func(d *DB, r *Row, created bool)
}
