// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// readFields reads the request's members as values of the object's fields.
func (d *DB) readFields(s *Save) []*wire.RowError {
	s.given = map[string]any{}
	var locked []string
	for _, m := range s.Sent {
		if parent, ok := m.Value.(wire.Object); ok {
			if err := d.readForeignKey(s, m, parent); err != nil {
				return []*wire.RowError{err}
			}
			continue
		}
		f := s.Obj.Visible(m.Name)
		if f == nil {
			return []*wire.RowError{d.noSuchField(m, s.Obj)}
		}
		if f.Name == "Id" {
			return []*wire.RowError{wire.NewRowError("INVALID_FIELD_FOR_INSERT_UPDATE",
				"cannot specify Id in an insert call", "Id")}
		}
		if !s.writable(f) {
			locked = append(locked, f.Name)
			continue
		}
		v, err := f.Parse(m.Value, m.End)
		if err != nil {
			return []*wire.RowError{err}
		}
		s.given[f.Name] = v
	}
	if len(locked) > 0 {
		return []*wire.RowError{notWritable(locked...)}
	}
	return nil
}

func (d *DB) noSuchField(m wire.Member, obj *Object) *wire.RowError {
	var what string
	switch {
	case m.Value == nil && obj.Relationship(m.Name) != nil:
		what = "null in place of the parent " + m.Name
	case obj.Lacks(m.Name):
		what = "the field " + m.Name + " of " + obj.Name
	default:
		return NoSuchColumn(m.Name, obj)
	}
	return d.UnsupportedRow(what)
}

// notWritable refuses fields that the user may not write.
func notWritable(names ...string) *wire.RowError {
	return wire.NewRowError("INVALID_FIELD_FOR_INSERT_UPDATE",
		fmt.Sprintf("Unable to create/update fields: %s. Please check the security settings of this field"+
			" and verify that it is read/write for your profile or permission set.", wire.Join(names)), names...)
}

// NoSuchColumn refuses a field that the object does not have.
func NoSuchColumn(name string, obj *Object) *wire.RowError {
	return wire.NewUnread("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", name, obj.Name))
}

// readForeignKey resolves a parent that is named by an external id, such as "Account":
// {"LeadsyncKey__c": "acme.com"} (docs/salesforce.md, Limits, unverified).
func (d *DB) readForeignKey(s *Save, m wire.Member, parent wire.Object) *wire.RowError {
	f := s.Obj.Relationship(m.Name)
	if f == nil {
		if plain := s.Obj.Visible(m.Name); plain != nil {
			return plain.cannot("START_OBJECT value {")
		}
		return NoSuchColumn(m.Name, s.Obj)
	}
	target, key, value, err := d.foreignKey(f, parent)
	if err != nil {
		return err
	}
	rows := target.Keyed(key, value)
	if len(rows) != 1 {
		return wire.NewRowError("INVALID_FIELD",
			fmt.Sprintf("Foreign key external ID: %v not found for field %s in entity %s", value, key.Name,
				target.Name))
	}
	if !s.writable(f) {
		return notWritable(f.Name)
	}
	s.given[f.Name] = rows[0].ID
	return nil
}

func (d *DB) foreignKey(f *Field, parent wire.Object) (*Object, *Field, any, *wire.RowError) {
	objectName := f.ReferenceTo[0]
	if len(parent) > 0 && parent[0].Name == "attributes" {
		attributes, _ := parent[0].Value.(wire.Object)
		objectName, parent = attributes.Text("type"), parent[1:]
	} else if f.Polymorphic() {
		return nil, nil, nil, wire.NewUnread("JSON_PARSER_ERROR",
			"Nested object for polymorphic foreign key must have an attributes field before any other fields.")
	}
	target := d.Named(objectName)
	if target == nil || !f.RefersTo(target.Name) || len(parent) != 1 {
		return nil, nil, nil, wire.NewRowError("INVALID_FIELD",
			"The relationship "+f.Relationship+" needs one external id of an object it may point at")
	}
	key := target.Visible(parent[0].Name)
	if key == nil || !key.ExternalID && !key.IDLookup {
		return nil, nil, nil, wire.NewRowError("INVALID_FIELD",
			fmt.Sprintf("Field name provided, %s is not an External ID or indexed field for %s", parent[0].Name,
				target.Name))
	}
	value, err := key.Parse(parent[0].Value, parent[0].End)
	return target, key, value, err
}
