// SPDX-License-Identifier: Apache-2.0

package db

import (
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// fillIn computes the row as it will be saved: defaults, canonical ids, and the values that
// the object derives.
func (d *DB) fillIn(s *Save) []*wire.RowError {
	s.after = map[string]any{}
	if s.Row != nil {
		s.after = s.Row.Map()
	}
	for name, v := range s.given {
		f := s.Obj.Field(name)
		if v == nil && f.Kind() == KindBool {
			v = false
		}
		s.after[name] = v
	}
	for name, v := range s.after {
		if v == nil {
			delete(s.after, name)
		}
	}
	for _, settle := range []func(*Save) *wire.RowError{d.chooseRecordType, d.settlePlaces} {
		if err := settle(s); err != nil {
			return []*wire.RowError{err}
		}
	}
	if s.Op == OpCreate {
		d.applyDefaults(s.Obj, s.given, s.after)
	}
	if errs := d.resolveReferences(s); len(errs) > 0 {
		return errs
	}
	d.assign(s)
	if s.Obj.behaviour.prepare != nil {
		return s.Obj.behaviour.prepare(d, s)
	}
	return nil
}

// applyDefaults sets the values of a new row that were not given. given may hold an explicit
// null, which a defaulted field treats as no value.
func (d *DB) applyDefaults(obj *Object, given, after map[string]any) {
	rt := obj.RecordType(after["RecordTypeId"])
	for _, f := range obj.Fields {
		if after[f.Name] != nil || f.compute != nil {
			continue
		}
		preset := f.Default
		if len(f.Options) > 0 {
			preset = rt.DefaultOf(f)
		}
		_, mentioned := given[f.Name]
		switch {
		case f.Kind() == KindBool:
			after[f.Name] = f.Default == true
		case f.Name == "OwnerId":
			after[f.Name] = d.UserID
		case preset != nil && (!mentioned || !f.Nillable):
			after[f.Name] = preset
		}
	}
}

// assign applies the active assignment rule, which sets the owner on create and on update
// unless the request says otherwise (docs/salesforce.md, Headers, Sforce-Auto-Assign).
func (d *DB) assign(s *Save) {
	if owner := d.hooks.assignTo[s.Obj.Name]; owner != "" && s.Headers.AutoAssign {
		s.after["OwnerId"] = owner
	}
}

// dropUnaudited removes the audit fields that an object lacks, such as ContentDocumentLink.
func (o *Object) dropUnaudited(values map[string]any) {
	if o.Field("LastModifiedDate") != nil {
		return
	}
	for _, name := range []string{"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"} {
		if o.Field(name) == nil {
			delete(values, name)
		}
	}
}

// stamp sets the audit fields.
func (d *DB) stamp(values map[string]any, created bool) {
	var now any = d.SaveTime() // one value for all stamps: rows are many
	if created {
		values["IsDeleted"] = false
		values["CreatedDate"], values["CreatedById"] = now, d.UserID
	}
	values["LastModifiedDate"], values["LastModifiedById"] = now, d.UserID
	values["SystemModstamp"] = now
}
