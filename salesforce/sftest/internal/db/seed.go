// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"
	"maps"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Insert implements Org.Insert.
func (d *DB) Insert(object string, fields map[string]any) string {
	return d.seed(object, fields).ID
}

func (d *DB) seed(objectName string, fields map[string]any) *Row {
	obj := d.object(objectName)
	given := d.goValues(obj, fields)
	if obj.Name == "CampaignMemberStatus" {
		if old := d.replaceStatus(given); old != nil {
			return old
		}
	}
	values := map[string]any{}
	d.stamp(values, true)
	maps.Copy(values, given)
	if rt := obj.defaultRecordType(); rt != nil && values["RecordTypeId"] == nil {
		values["RecordTypeId"] = rt.ID
	}
	d.applyDefaults(obj, given, values)
	id, ok := given["Id"].(string)
	if !ok {
		id = d.NewID(obj.Prefix)
	}
	if id[:3] != obj.Prefix || obj.ByID[id] != nil {
		panic(fmt.Sprintf("sftest: %s cannot have the id %s: the prefix is wrong or the id is taken", obj.Name, id))
	}
	d.derive(obj, given, values)
	r := d.insert(obj, id, values)
	if obj.behaviour.saved != nil {
		obj.behaviour.saved(d, r, true)
	}
	return r
}

// derive computes the values that depend on others, without checking them.
func (d *DB) derive(obj *Object, given, values map[string]any) {
	for name := range values {
		if obj.Field(name) == nil || values[name] == nil {
			delete(values, name) // such as CreatedDate of an object that has none
		}
	}
	s := &Save{Op: OpUpdate, Obj: obj, given: given, after: values}
	_ = d.settlePlaces(s)
	if obj.behaviour.prepare != nil {
		name, named := values["Name"]
		obj.behaviour.prepare(d, s)
		if values["Name"] == nil && named {
			values["Name"] = name
		}
	}
}

func (d *DB) goValues(obj *Object, fields map[string]any) map[string]any {
	values := map[string]any{}
	for name, v := range fields {
		f := obj.Field(name)
		if f == nil {
			panic("sftest: object " + obj.Name + " has no field " + name)
		}
		value, err := f.fromGo(v)
		if err != nil {
			panic("sftest: object " + obj.Name + ": " + err.Error())
		}
		values[f.Name] = value
	}
	return values
}

// replaceStatus keeps a campaign's statuses unique by label and with one default. It returns
// the row that it changed, or nil if the label is new.
func (d *DB) replaceStatus(given map[string]any) *Row {
	statuses := d.object("CampaignMemberStatus")
	var same *Row
	for _, status := range statuses.lookup(statuses.Field("CampaignId"), given["CampaignId"]) {
		if strings.EqualFold(status.Text("Label"), wire.TextOf(given["Label"])) {
			same = status
			continue
		}
		if given["IsDefault"] == true {
			d.Change(status, map[string]any{"IsDefault": false})
		}
	}
	if same != nil {
		d.Change(same, given)
	}
	return same
}

// Update implements Org.Update.
func (d *DB) Update(object, id string, fields map[string]any) {
	r := d.mustFind(object, id)
	values := r.Map()
	d.stamp(values, false)
	given := d.goValues(r.Obj, fields)
	maps.Copy(values, given)
	d.derive(r.Obj, given, values)
	r.setValues(r.Obj.values(values))
	if r.Obj.behaviour.saved != nil {
		r.Obj.behaviour.saved(d, r, false)
	}
}

// Delete implements Org.Delete.
func (d *DB) Delete(object, id string) {
	d.deleteRow(d.mustFind(object, id))
}

// Undelete implements Org.Undelete.
func (d *DB) Undelete(object, id string) {
	root := d.mustFind(object, id)
	for _, obj := range d.objects {
		for _, r := range obj.Rows {
			if r.Deleted() && r.deletedWith == root {
				d.Change(r, map[string]any{"IsDeleted": false, "MasterRecordId": nil, "SystemModstamp": d.SaveTime()})
				d.restoreLookups(r)
			}
		}
	}
}

// Row implements Org.Row.
func (d *DB) Row(object, id string) map[string]any {
	canonical, _ := wire.CanonicalID(id)
	r := d.object(object).ByID[canonical]
	if r == nil {
		return nil
	}
	return d.shownRow(r)
}

func (d *DB) shownRow(r *Row) map[string]any {
	values := exported(r.Map())
	for _, f := range r.Obj.Fields {
		if f.compute == nil || f.Type == "address" {
			continue
		}
		if v := f.compute(d, r); v != nil {
			values[f.Name] = v
		}
	}
	return values
}

// Rows implements Org.Rows.
func (d *DB) Rows(object string) []map[string]any {
	var rows []map[string]any
	for _, r := range d.object(object).Rows {
		if !r.Deleted() {
			rows = append(rows, d.shownRow(r))
		}
	}
	return rows
}

// Count implements Org.Count.
func (d *DB) Count(object string) int {
	return d.object(object).Count()
}

// AssignLeadsTo implements Org.AssignLeadsTo.
func (d *DB) AssignLeadsTo(ownerID string) {
	id, _ := wire.CanonicalID(ownerID)
	if d.Find(id) == nil {
		panic("sftest: the org has no user or group " + ownerID)
	}
	if d.hooks.assignTo["Lead"] == "" {
		d.seed("AssignmentRule", map[string]any{"Name": "Standard", "SobjectType": "Lead", "Active": true})
	}
	d.hooks.assignTo["Lead"] = id
}
