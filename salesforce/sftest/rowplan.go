package sftest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A collectionRow is one row of a collection on its way.
type collectionRow struct {
	obj    *object
	fields jsonObject
	id     string
	err    *rowError
	row    *row // once written
	made   bool // by an upsert
}

// rowOf finds the row of an id that should be one of the object.
func (d *database) rowOf(obj *object, text string) (*row, *rowError) {
	id, ok := canonicalID(text)
	switch {
	case !ok:
		return nil, rowErr("MALFORMED_ID", fmt.Sprintf("%s: id value of incorrect type: %s", obj.label+" ID", text), "Id")
	case obj.byID[id] == nil:
		return nil, rowErr("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	}
	return obj.byID[id], nil
}

// repeatedKeys are the keys that more than one row has: none of those rows is
// written (SALESFORCE.md 8.3).
func repeatedKeys(records []any, f *field) map[string]bool {
	seen, twice := map[string]bool{}, map[string]bool{}
	for _, record := range records {
		fields, _ := record.(jsonObject)
		for _, m := range fields {
			v, err := f.parse(m.value, m.end)
			if !strings.EqualFold(m.name, f.Name) || err != nil || v == nil {
				continue
			}
			key := f.upsertKey(v)
			twice[key] = seen[key]
			seen[key] = true
		}
	}
	return twice
}

func (d *database) planUpsert(c *collectionRow, obj *object, f *field, twice map[string]bool) (*save, *rowError) {
	if c.obj != obj {
		return nil, rowErr("INVALID_TYPE", fmt.Sprintf("an upsert takes rows of one type: %s, not %s", obj.name, c.obj.name))
	}
	if obj.name == "CampaignMember" {
		return nil, noUpsert(obj)
	}
	if !d.mayUseKey(f) {
		return nil, keyNeedsViewAll(f)
	}
	if f.Name == "Id" {
		return d.planUpsertByID(c)
	}
	var key any
	fields := jsonObject{}
	for _, m := range c.fields {
		if !strings.EqualFold(m.name, f.Name) {
			fields = append(fields, m)
			continue
		}
		v, err := f.parse(m.value, m.end)
		if err != nil {
			return nil, err
		}
		key = v
	}
	if key == nil {
		return nil, rowErr("MISSING_ARGUMENT", f.Name+" not specified")
	}
	if twice[f.upsertKey(key)] {
		return nil, rowErr("DUPLICATE_VALUE", fmt.Sprintf("Duplicate external id specified: %v", key), f.Name)
	}
	rows := obj.keyed(f, key)
	if len(rows) > 1 { // text not recorded (SALESFORCE.md 3, DUPLICATE_EXTERNAL_ID)
		return nil, rowErr("DUPLICATE_EXTERNAL_ID", fmt.Sprintf("%s: more than one record found for external id field", f.Name), f.Name)
	}
	return upsertSave(obj, f, key, rows, fields), nil
}

// planUpsertByID: a row with an Id is updated, one without is created. The
// documents say no, live orgs do it (SALESFORCE.md 1, conflict).
func (d *database) planUpsertByID(c *collectionRow) (*save, *rowError) {
	if c.id == "" {
		return &save{op: opCreate, obj: c.obj, sent: c.fields}, nil
	}
	r, err := d.rowOf(c.obj, c.id)
	return &save{op: opUpdate, obj: c.obj, row: r, sent: c.fields}, err
}

// jsonValue is a row's value as a request would carry it.
func jsonValue(v any) any {
	switch v := v.(type) {
	case string, bool:
		return v
	case int, float64:
		return json.Number(fmt.Sprint(v))
	}
	text := appendJSON(nil, v)
	return strings.Trim(string(text), `"`)
}

// keyField is a field that can stand in for the id: an External ID, or a
// standard field with idLookup (SALESFORCE.md 1, Upsert).
func keyField(obj *object, name string) *field {
	if f := obj.visible(name); f != nil && (f.ExternalID || f.idLookup) {
		return f
	}
	return nil
}

// upsertSave is an upsert as the create or the update that it comes to.
func upsertSave(obj *object, f *field, v any, rows []*row, sent jsonObject) *save {
	if len(rows) == 1 {
		return &save{op: opUpdate, obj: obj, row: rows[0], sent: sent}
	}
	if v != nil && f.Name != "Id" {
		sent = append(sent[:len(sent):len(sent)], member{name: f.Name, value: jsonValue(v)})
	}
	return &save{op: opCreate, obj: obj, sent: sent}
}

// mayUseKey: a key that is not unique needs the View All Data permission
// (SALESFORCE.md 1, Upsert).
func (d *database) mayUseKey(f *field) bool {
	return f.Unique || f.Name == "Id" || d.userMay("PermissionsViewAllData")
}

// keyNeedsViewAll: that it is refused is documented, the code is not.
func keyNeedsViewAll(f *field) *rowError {
	return rowErr("INSUFFICIENT_ACCESS_OR_READONLY", "View All Data is needed to upsert by the field "+f.Name+", which is not unique")
}

// noUpsert: CampaignMember has no upsert since v16 (SALESFORCE.md 3; which code
// it answers is not known).
func noUpsert(obj *object) *rowError {
	return rowErr("INVALID_TYPE_FOR_OPERATION", "entity type does not support upsert: "+obj.label)
}
