// SPDX-License-Identifier: Apache-2.0

package db

import (
	"slices"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// MasterRecordType is the id of the record type that every object has
// (docs/salesforce.md, Describe). Records of it hold no RecordTypeId.
const MasterRecordType = "012000000000000AAA"

// RecordType returns the record type of that id, nil for the master.
func (o *Object) RecordType(id any) *RecordType {
	for _, rt := range o.RecordTypes {
		if rt.ID == id {
			return rt
		}
	}
	return nil
}

func (o *Object) defaultRecordType() *RecordType {
	for _, rt := range o.RecordTypes {
		if rt.Default && rt.Usable() {
			return rt
		}
	}
	return nil
}

// Usable reports whether a row may get the record type.
func (r *RecordType) Usable() bool { return !r.Inactive && !r.Unavailable }

// Offers reports whether records of the type may have the option. A nil type is the master,
// which offers all.
func (r *RecordType) Offers(f *Field, option string) bool {
	if r == nil {
		return true
	}
	chosen, ok := r.Picklists[f.Name]
	return !ok || slices.Contains(chosen, option)
}

// chooseRecordType sets the record type of a row: the given one, which must belong to the
// object and be available to the user (text unverified), or the default of a create.
func (d *DB) chooseRecordType(s *Save) *wire.RowError {
	if len(s.Obj.RecordTypes) == 0 {
		return nil
	}
	given, mentioned := s.given["RecordTypeId"]
	if !mentioned || given == nil {
		if rt := s.Obj.defaultRecordType(); rt != nil && s.Op == OpCreate {
			s.after["RecordTypeId"] = rt.ID
		}
		return nil
	}
	id, _ := wire.CanonicalID(wire.TextOf(given))
	delete(s.given, "RecordTypeId") // it has been checked here
	delete(s.after, "RecordTypeId")
	if id == MasterRecordType {
		return nil
	}
	if rt := s.Obj.RecordType(id); rt == nil || !rt.Usable() {
		return wire.NewRowError("INVALID_CROSS_REFERENCE_KEY",
			"Record Type ID: this ID value isn't valid for the user: "+wire.TextOf(given), "RecordTypeId")
	}
	s.after["RecordTypeId"] = id
	return nil
}

// Master returns the record type of rows without one.
func (o *Object) Master() *RecordType {
	return &RecordType{
		RecordTypeSpec{Name: "Master", Label: "Master", Default: o.defaultRecordType() == nil},
		MasterRecordType,
	}
}

// DefaultOf returns the default value of a field, nil for none.
func (r *RecordType) DefaultOf(f *Field) any {
	if r != nil && r.Defaults[f.Name] != "" {
		return r.Defaults[f.Name]
	}
	if f.Default == nil || !r.Offers(f, wire.TextOf(f.Default)) {
		return nil
	}
	return f.Default
}
