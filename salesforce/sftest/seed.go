package sftest

import (
	"fmt"
	"maps"
	"strings"
)

// Insert puts a row into the org past all its rules but the types of fields,
// and returns its 18-character id. Fields that the API cannot write (CreatedDate,
// IsConverted, a formula) may be set; Id fixes the row's id. What is not given is
// as on a create through the API: defaults, owner, audit fields.
//
// A Campaign gets the statuses Sent (the default) and Responded. A
// CampaignMemberStatus whose Label its campaign already has replaces that one,
// and a default takes the place of the default before it.
//
// Values are string, bool, an int or float type, json.Number, time.Time, a
// fmt.Stringer, or nil. Insert panics, saying why, when the object or a field is
// unknown or a value does not fit its type.
func (o *Org) Insert(object string, fields map[string]any) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seed(object, fields).id
}

func (o *Org) seed(objectName string, fields map[string]any) *row {
	obj := o.object(objectName)
	given := o.goValues(obj, fields)
	if obj.name == "CampaignMemberStatus" {
		if old := o.replaceStatus(given); old != nil {
			return old
		}
	}
	values := map[string]any{}
	o.stamp(values, true)
	maps.Copy(values, given)
	if rt := obj.defaultRecordType(); rt != nil && values["RecordTypeId"] == nil {
		values["RecordTypeId"] = rt.id
	}
	o.applyDefaults(obj, given, values)
	id, ok := given["Id"].(string)
	if !ok {
		id = o.newID(obj.prefix)
	}
	if id[:3] != obj.prefix || obj.byID[id] != nil {
		panic(fmt.Sprintf("sftest: %s cannot have the id %s: the prefix is wrong or the id is taken", obj.name, id))
	}
	o.derive(obj, given, values)
	r := o.insert(obj, id, values)
	if obj.behaviour.saved != nil {
		obj.behaviour.saved(o, r, true)
	}
	return r
}

// derive fills in what follows from other values, without checking them.
func (o *Org) derive(obj *object, given, values map[string]any) {
	for name := range values {
		if obj.field(name) == nil || values[name] == nil {
			delete(values, name) // such as CreatedDate of an object that has none
		}
	}
	s := &save{op: opUpdate, obj: obj, given: given, after: values}
	_ = o.settlePlaces(s)
	if obj.behaviour.prepare != nil {
		name, named := values["Name"]
		obj.behaviour.prepare(o, s)
		if values["Name"] == nil && named {
			values["Name"] = name
		}
	}
}

func (o *Org) goValues(obj *object, fields map[string]any) map[string]any {
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
func (o *Org) replaceStatus(given map[string]any) *row {
	statuses := o.object("CampaignMemberStatus")
	var same *row
	for _, status := range statuses.lookup(statuses.field("CampaignId"), given["CampaignId"]) {
		if strings.EqualFold(status.text("Label"), textOf(given["Label"])) {
			same = status
			continue
		}
		if given["IsDefault"] == true {
			o.change(status, map[string]any{"IsDefault": false})
		}
	}
	if same != nil {
		o.change(same, given)
	}
	return same
}

// Update changes a row past all rules but the types of fields, as another user
// of the org would, and stamps it. It panics like Insert, and when there is no
// such row.
func (o *Org) Update(object, id string, fields map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.mustFind(object, id)
	values := maps.Clone(r.values)
	o.stamp(values, false)
	given := o.goValues(r.obj, fields)
	maps.Copy(values, given)
	o.derive(r.obj, given, values)
	r.setValues(values)
}

// Delete moves a row, and what goes with it, to the recycle bin. Lookups at it are
// emptied, also those that would keep the API from deleting the row.
func (o *Org) Delete(object, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deleteRow(o.mustFind(object, id))
}

// Undelete brings a row back from the recycle bin, with what went there along
// with it and the lookups at it that are still empty. A row that lost a merge becomes one of its own again.
func (o *Org) Undelete(object, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	root := o.mustFind(object, id)
	for _, obj := range o.objects {
		for _, r := range obj.rows {
			if r.deleted() && r.deletedWith == root {
				o.change(r, map[string]any{"IsDeleted": false, "MasterRecordId": nil, "SystemModstamp": o.saveTime()})
				o.restoreLookups(r)
			}
		}
	}
}

func (o *Org) mustFind(object, id string) *row {
	obj := o.object(object)
	canonical, ok := canonicalID(id)
	if r := obj.byID[canonical]; ok && r != nil {
		return r
	}
	panic("sftest: the org has no " + obj.name + " " + id)
}

// Row returns a row by its id of 15 or 18 characters, deleted ones too, or nil.
// Text, ids, picklists, dates and times are string, checkboxes bool, int fields
// int, other numbers float64, and datetimes time.Time in UTC. Null fields are
// absent.
func (o *Org) Row(object, id string) map[string]any {
	o.mu.Lock()
	defer o.mu.Unlock()
	canonical, _ := canonicalID(id)
	r := o.object(object).byID[canonical]
	if r == nil {
		return nil
	}
	return o.shownRow(r)
}

func (o *Org) shownRow(r *row) map[string]any {
	values := maps.Clone(r.values)
	for _, f := range r.obj.fields {
		if f.compute == nil || f.Type == "address" {
			continue
		}
		if v := f.compute(o, r); v != nil {
			values[f.Name] = v
		}
	}
	return values
}

// Rows returns the rows of an object that are not deleted, in the order of
// their creation, each as Row gives it.
func (o *Org) Rows(object string) []map[string]any {
	o.mu.Lock()
	defer o.mu.Unlock()
	var rows []map[string]any
	for _, r := range o.object(object).rows {
		if !r.deleted() {
			rows = append(rows, o.shownRow(r))
		}
	}
	return rows
}

// Count returns how many rows of an object are not deleted.
func (o *Org) Count(object string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.object(object).count()
}

// AssignLeadsTo makes the org have an active assignment rule for Leads that
// gives those written to the owner, a user or a group, unless the request says
// Sforce-Auto-Assign: FALSE. A second call changes the owner.
func (o *Org) AssignLeadsTo(ownerID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	id, _ := canonicalID(ownerID)
	if o.find(id) == nil {
		panic("sftest: the org has no user or group " + ownerID)
	}
	if o.hooks.assignTo["Lead"] == "" {
		o.seed("AssignmentRule", map[string]any{"Name": "Standard", "SobjectType": "Lead", "Active": true})
	}
	o.hooks.assignTo["Lead"] = id
}
