// SPDX-License-Identifier: Apache-2.0

package db

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A RowInput is one row of a collection as it is read and written.
type RowInput struct {
	Obj    *Object
	Fields wire.Object
	ID     string
	Err    *wire.RowError
	Row    *Row // once written
	Made   bool // by an upsert
}

// RowOf finds the row of an id, which must be of the object.
func (d *DB) RowOf(obj *Object, text string) (*Row, *wire.RowError) {
	id, ok := wire.CanonicalID(text)
	switch {
	case !ok:
		return nil, wire.NewRowError("MALFORMED_ID", fmt.Sprintf("%s: id value of incorrect type: %s",
			obj.Label+" ID", text), "Id")
	case obj.ByID[id] == nil:
		return nil, wire.NewRowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	}
	return obj.ByID[id], nil
}

// RepeatedKeys returns the keys that more than one row has: none of those rows is written
// (docs/salesforce.md, Repeats).
func RepeatedKeys(records []any, f *Field) map[string]bool {
	seen, twice := map[string]bool{}, map[string]bool{}
	for _, record := range records {
		fields, _ := record.(wire.Object)
		for _, m := range fields {
			v, err := f.Parse(m.Value, m.End)
			if !strings.EqualFold(m.Name, f.Name) || err != nil || v == nil {
				continue
			}
			key := f.upsertKey(v)
			twice[key] = seen[key]
			seen[key] = true
		}
	}
	return twice
}

// PlanUpsert returns a row of an upsert as a create or an update.
func (d *DB) PlanUpsert(c *RowInput, obj *Object, f *Field, twice map[string]bool) (*Save, *wire.RowError) {
	if c.Obj != obj {
		return nil, wire.NewRowError("INVALID_TYPE", fmt.Sprintf("an upsert takes rows of one type: %s, not %s",
			obj.Name, c.Obj.Name))
	}
	if obj.Name == "CampaignMember" {
		return nil, NoUpsert(obj)
	}
	if !d.MayUseKey(f) {
		return nil, KeyNeedsViewAll(f)
	}
	if f.Name == "Id" {
		return d.planUpsertByID(c)
	}
	var key any
	fields := wire.Object{}
	for _, m := range c.Fields {
		if !strings.EqualFold(m.Name, f.Name) {
			fields = append(fields, m)
			continue
		}
		v, err := f.Parse(m.Value, m.End)
		if err != nil {
			return nil, err
		}
		key = v
	}
	if key == nil {
		return nil, wire.NewRowError("MISSING_ARGUMENT", f.Name+" not specified")
	}
	if twice[f.upsertKey(key)] {
		return nil, wire.NewRowError("DUPLICATE_VALUE", fmt.Sprintf("Duplicate external id specified: %v", key), f.Name)
	}
	rows := obj.Keyed(f, key)
	if len(rows) > 1 { // text not recorded (docs/salesforce.md, Errors, DUPLICATE_EXTERNAL_ID)
		return nil, wire.NewRowError("DUPLICATE_EXTERNAL_ID",
			fmt.Sprintf("%s: more than one record found for external id field", f.Name), f.Name)
	}
	return UpsertSave(obj, f, key, rows, fields), nil
}

// planUpsertByID updates a row with an Id and creates one without. The documentation says
// otherwise, live orgs do it (docs/salesforce.md, Upsert).
func (d *DB) planUpsertByID(c *RowInput) (*Save, *wire.RowError) {
	if c.ID == "" {
		return &Save{Op: OpCreate, Obj: c.Obj, Sent: c.Fields}, nil
	}
	r, err := d.RowOf(c.Obj, c.ID)
	return &Save{Op: OpUpdate, Obj: c.Obj, Row: r, Sent: c.Fields}, err
}

// jsonValue returns a row's value as a request would carry it.
func jsonValue(v any) any {
	switch v := v.(type) {
	case string, bool:
		return v
	case int, float64:
		return json.Number(fmt.Sprint(v))
	}
	text := wire.Append(nil, v)
	return strings.Trim(string(text), `"`)
}

// KeyField returns a field that can replace the id: an External ID, or a standard field with
// idLookup (docs/salesforce.md, Upsert).
func KeyField(obj *Object, name string) *Field {
	if f := obj.Visible(name); f != nil && (f.ExternalID || f.IDLookup) {
		return f
	}
	return nil
}

// UpsertSave returns an upsert as a create or an update.
func UpsertSave(obj *Object, f *Field, v any, rows []*Row, sent wire.Object) *Save {
	if len(rows) == 1 {
		return &Save{Op: OpUpdate, Obj: obj, Row: rows[0], Sent: sent}
	}
	if v != nil && f.Name != "Id" {
		sent = append(sent[:len(sent):len(sent)], wire.Member{Name: f.Name, Value: jsonValue(v)})
	}
	return &Save{Op: OpCreate, Obj: obj, Sent: sent}
}

// MayUseKey reports whether the user may upsert by a field: a key that is not unique needs the
// View All Data permission (docs/salesforce.md, Upsert).
func (d *DB) MayUseKey(f *Field) bool {
	return f.Unique || f.Name == "Id" || d.UserMay("PermissionsViewAllData")
}

// KeyNeedsViewAll refuses a key that the user may not upsert by. The refusal is documented,
// the code is not.
func KeyNeedsViewAll(f *Field) *wire.RowError {
	return wire.NewRowError("INSUFFICIENT_ACCESS_OR_READONLY",
		"View All Data is needed to upsert by the field "+f.Name+", which is not unique")
}

// NoUpsert refuses an upsert of CampaignMember, which has none since v16
// (docs/salesforce.md, Campaign members; the code is unknown).
func NoUpsert(obj *Object) *wire.RowError {
	return wire.NewRowError("INVALID_TYPE_FOR_OPERATION", "entity type does not support upsert: "+obj.Label)
}
