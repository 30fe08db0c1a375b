// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"slices"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// The two resources for the picklist values of a record type. Their shapes are unverified
// (docs/salesforce.md, Fields).

// layouts answers /sobjects/X/describe/layouts, for all record types or for the one in the
// path. The fake has no layouts themselves.
func (a *API) layouts(req *wire.Request, obj *db.Object) *wire.Reply {
	types := append(slices.Clone(obj.RecordTypes), obj.Master())
	if arguments := req.Path[4:]; len(arguments) > 0 {
		id, _ := wire.CanonicalID(arguments[0])
		types = slices.DeleteFunc(types, func(rt *db.RecordType) bool { return rt.ID != id })
		if len(types) == 0 || len(arguments) > 1 {
			return wire.NotFound().Reply()
		}
	}
	mappings := []any{}
	for _, rt := range types {
		mapping := recordTypeInfo(rt, obj, req.Version)
		mapping.Add("picklistsForRecordType", recordTypePicklists(rt, obj))
		mappings = append(mappings, wire.Sorted(mapping))
	}
	return wire.Answer(200, wire.Object{
		{Name: "recordTypeMappings", Value: mappings},
		{Name: "recordTypeSelectorRequired", Value: []any{len(obj.RecordTypes) > 1}},
	})
}

func recordTypePicklists(rt *db.RecordType, obj *db.Object) []any {
	list := []any{}
	for _, f := range obj.Fields {
		if f.Hidden || len(f.Options) == 0 {
			continue
		}
		values := []any{}
		for _, option := range f.Options {
			if rt.Offers(f, option) {
				values = append(values, describeOption(f, obj, option, rt.DefaultOf(f)))
			}
		}
		list = append(list, wire.Object{{Name: "picklistName", Value: f.Name}, {Name: "picklistValues", Value: values}})
	}
	return list
}

// UIAPI answers /ui-api/object-info/X/picklist-values/{recordTypeId}, and one field of it with
// /{field}.
func (a *API) UIAPI(req *wire.Request) *wire.Reply {
	path := req.Path[1:]
	if len(path) < 4 || len(path) > 5 || path[0] != "object-info" || path[2] != "picklist-values" {
		return a.db.Unsupported(req.Method + " " + req.Text)
	}
	obj := a.db.Requested(path[1])
	if obj == nil {
		return wire.NotFound().Reply()
	}
	id, _ := wire.CanonicalID(path[3])
	rt := obj.RecordType(id)
	if rt == nil && id != db.MasterRecordType {
		return wire.NotFound().Reply()
	}
	base := "/services/data/" + req.Version + "/ui-api/object-info/" + obj.Name + "/picklist-values/" + id + "/"
	if len(path) == 5 {
		f := obj.Visible(path[4])
		if f == nil || len(f.Options) == 0 {
			return wire.NotFound().Reply()
		}
		return wire.Answer(200, a.picklistValues(obj, f, rt, base))
	}
	fields := wire.Object{}
	for _, f := range obj.Fields {
		if !f.Hidden && len(f.Options) > 0 {
			fields.Add(f.Name, a.picklistValues(obj, f, rt, base))
		}
	}
	return wire.Answer(200, wire.Object{
		{Name: "eTag", Value: a.etag()}, {Name: "picklistFieldValues", Value: wire.Sorted(fields)},
	})
}

// picklistValues returns the active values of a picklist. A controlling value is named by its
// position among the controlling field's values.
func (a *API) picklistValues(obj *db.Object, f *db.Field, rt *db.RecordType, base string) wire.Object {
	places := wire.Object{}
	controlling := controlling(f, obj)
	for i, v := range controlling {
		places.Add(v, i)
	}
	values, preset := []any{}, any(nil)
	for _, option := range f.Options {
		if slices.Contains(f.Inactive, option) || !rt.Offers(f, option) {
			continue
		}
		validFor := []any{}
		for i, v := range controlling {
			if slices.Contains(f.ValidFor[option], v) {
				validFor = append(validFor, i)
			}
		}
		value := wire.Object{
			{Name: "attributes", Value: nil}, {Name: "label", Value: f.OptionLabel(option)},
			{Name: "validFor", Value: validFor}, {Name: "value", Value: option},
		}
		values = append(values, value)
		if rt.DefaultOf(f) == option {
			preset = value
		}
	}
	return wire.Object{
		{Name: "controllerValues", Value: places}, {Name: "defaultValue", Value: preset},
		{Name: "eTag", Value: a.etag()},
		{Name: "url", Value: base + f.Name}, {Name: "values", Value: values},
	}
}
