package sftest

import (
	"fmt"
	"maps"
	"strings"
)

// Insert is as Org.Insert.
func (d *database) Insert(object string, fields map[string]any) string {
	return d.seed(object, fields).id
}

func (d *database) seed(objectName string, fields map[string]any) *row {
	obj := d.object(objectName)
	given := d.goValues(obj, fields)
	if obj.name == "CampaignMemberStatus" {
		if old := d.replaceStatus(given); old != nil {
			return old
		}
	}
	values := map[string]any{}
	d.stamp(values, true)
	maps.Copy(values, given)
	if rt := obj.defaultRecordType(); rt != nil && values["RecordTypeId"] == nil {
		values["RecordTypeId"] = rt.id
	}
	d.applyDefaults(obj, given, values)
	id, ok := given["Id"].(string)
	if !ok {
		id = d.newID(obj.prefix)
	}
	if id[:3] != obj.prefix || obj.byID[id] != nil {
		panic(fmt.Sprintf("sftest: %s cannot have the id %s: the prefix is wrong or the id is taken", obj.name, id))
	}
	d.derive(obj, given, values)
	r := d.insert(obj, id, values)
	if obj.behaviour.saved != nil {
		obj.behaviour.saved(d, r, true)
	}
	return r
}

// derive fills in what follows from other values, without checking them.
func (d *database) derive(obj *object, given, values map[string]any) {
	for name := range values {
		if obj.field(name) == nil || values[name] == nil {
			delete(values, name) // such as CreatedDate of an object that has none
		}
	}
	s := &save{op: opUpdate, obj: obj, given: given, after: values}
	_ = d.settlePlaces(s)
	if obj.behaviour.prepare != nil {
		name, named := values["Name"]
		obj.behaviour.prepare(d, s)
		if values["Name"] == nil && named {
			values["Name"] = name
		}
	}
}

func (d *database) goValues(obj *object, fields map[string]any) map[string]any {
	values := map[string]any{}
	for name, v := range fields {
		f := obj.field(name)
		if f == nil {
			panic("sftest: object " + obj.name + " has no field " + name)
		}
		value, err := f.fromGo(v)
		if err != nil {
			panic("sftest: object " + obj.name + ": " + err.Error())
		}
		values[f.Name] = value
	}
	return values
}

// replaceStatus keeps a campaign's statuses unique by label and with one
// default. It answers the row that it changed, or nil when the label is new.
func (d *database) replaceStatus(given map[string]any) *row {
	statuses := d.object("CampaignMemberStatus")
	var same *row
	for _, status := range statuses.lookup(statuses.field("CampaignId"), given["CampaignId"]) {
		if strings.EqualFold(status.text("Label"), textOf(given["Label"])) {
			same = status
			continue
		}
		if given["IsDefault"] == true {
			d.change(status, map[string]any{"IsDefault": false})
		}
	}
	if same != nil {
		d.change(same, given)
	}
	return same
}

// Update is as Org.Update.
func (d *database) Update(object, id string, fields map[string]any) {
	r := d.mustFind(object, id)
	values := maps.Clone(r.values)
	d.stamp(values, false)
	given := d.goValues(r.obj, fields)
	maps.Copy(values, given)
	d.derive(r.obj, given, values)
	r.setValues(values)
}

// Delete is as Org.Delete.
func (d *database) Delete(object, id string) {
	d.deleteRow(d.mustFind(object, id))
}

// Undelete is as Org.Undelete.
func (d *database) Undelete(object, id string) {
	root := d.mustFind(object, id)
	for _, obj := range d.objects {
		for _, r := range obj.rows {
			if r.deleted() && r.deletedWith == root {
				d.change(r, map[string]any{"IsDeleted": false, "MasterRecordId": nil, "SystemModstamp": d.saveTime()})
				d.restoreLookups(r)
			}
		}
	}
}

func (d *database) mustFind(object, id string) *row {
	obj := d.object(object)
	canonical, ok := canonicalID(id)
	if r := obj.byID[canonical]; ok && r != nil {
		return r
	}
	panic("sftest: the org has no " + obj.name + " " + id)
}

// Row is as Org.Row.
func (d *database) Row(object, id string) map[string]any {
	canonical, _ := canonicalID(id)
	r := d.object(object).byID[canonical]
	if r == nil {
		return nil
	}
	return d.shownRow(r)
}

func (d *database) shownRow(r *row) map[string]any {
	values := maps.Clone(r.values)
	for _, f := range r.obj.fields {
		if f.compute == nil || f.Type == "address" {
			continue
		}
		if v := f.compute(d, r); v != nil {
			values[f.Name] = v
		}
	}
	return values
}

// Rows is as Org.Rows.
func (d *database) Rows(object string) []map[string]any {
	var rows []map[string]any
	for _, r := range d.object(object).rows {
		if !r.deleted() {
			rows = append(rows, d.shownRow(r))
		}
	}
	return rows
}

// Count is as Org.Count.
func (d *database) Count(object string) int {
	return d.object(object).count()
}

// AssignLeadsTo is as Org.AssignLeadsTo.
func (d *database) AssignLeadsTo(ownerID string) {
	id, _ := canonicalID(ownerID)
	if d.find(id) == nil {
		panic("sftest: the org has no user or group " + ownerID)
	}
	if d.hooks.assignTo["Lead"] == "" {
		d.seed("AssignmentRule", map[string]any{"Name": "Standard", "SobjectType": "Lead", "Active": true})
	}
	d.hooks.assignTo["Lead"] = id
}
