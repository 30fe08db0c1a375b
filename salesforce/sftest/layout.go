package sftest

import "slices"

// The two resources that tell which picklist values a record type offers. Their
// shapes are from memory (SALESFORCE.md 2, end).

// layouts answers /sobjects/X/describe/layouts, of all record types or of the one
// in the path. Of layouts themselves the fake has none. The caller holds o.mu.
func (a *restAPI) layouts(req *request, obj *object) *reply {
	types := append(slices.Clone(obj.recordTypes), obj.master())
	if arguments := req.path[4:]; len(arguments) > 0 {
		id, _ := canonicalID(arguments[0])
		types = slices.DeleteFunc(types, func(rt *recordType) bool { return rt.id != id })
		if len(types) == 0 || len(arguments) > 1 {
			return notFound().reply()
		}
	}
	mappings := []any{}
	for _, rt := range types {
		mapping := recordTypeInfo(rt, obj, req.version)
		mapping.add("picklistsForRecordType", recordTypePicklists(rt, obj))
		mappings = append(mappings, sorted(mapping))
	}
	return answer(200, jsonObject{
		{name: "recordTypeMappings", value: mappings}, {name: "recordTypeSelectorRequired", value: []any{len(obj.recordTypes) > 1}},
	})
}

func recordTypePicklists(rt *recordType, obj *object) []any {
	list := []any{}
	for _, f := range obj.fields {
		if f.hidden || len(f.Options) == 0 {
			continue
		}
		values := []any{}
		for _, option := range f.Options {
			if rt.offers(f, option) {
				values = append(values, describeOption(f, obj, option, rt.defaultOf(f)))
			}
		}
		list = append(list, jsonObject{{name: "picklistName", value: f.Name}, {name: "picklistValues", value: values}})
	}
	return list
}

// uiAPI answers /ui-api/object-info/X/picklist-values/{recordTypeId}, and one
// field of it with /{field}. The caller holds o.mu.
func (a *restAPI) uiAPI(req *request) *reply {
	path := req.path[1:]
	if len(path) < 4 || len(path) > 5 || path[0] != "object-info" || path[2] != "picklist-values" {
		return a.db.surprised(req.method + " " + req.text)
	}
	obj := a.db.asked(path[1])
	if obj == nil {
		return notFound().reply()
	}
	id, _ := canonicalID(path[3])
	rt := obj.recordType(id)
	if rt == nil && id != masterRecordType {
		return notFound().reply()
	}
	base := "/services/data/" + req.version + "/ui-api/object-info/" + obj.name + "/picklist-values/" + id + "/"
	if len(path) == 5 {
		f := obj.visible(path[4])
		if f == nil || len(f.Options) == 0 {
			return notFound().reply()
		}
		return answer(200, a.picklistValues(obj, f, rt, base))
	}
	fields := jsonObject{}
	for _, f := range obj.fields {
		if !f.hidden && len(f.Options) > 0 {
			fields.add(f.Name, a.picklistValues(obj, f, rt, base))
		}
	}
	return answer(200, jsonObject{{name: "eTag", value: a.etag()}, {name: "picklistFieldValues", value: sorted(fields)}})
}

// picklistValues are the active values of a picklist. A controlling value is
// named by its place among the controlling field's values.
func (a *restAPI) picklistValues(obj *object, f *field, rt *recordType, base string) jsonObject {
	places := jsonObject{}
	controlling := controlling(f, obj)
	for i, v := range controlling {
		places.add(v, i)
	}
	values, preset := []any{}, any(nil)
	for _, option := range f.Options {
		if slices.Contains(f.Inactive, option) || !rt.offers(f, option) {
			continue
		}
		validFor := []any{}
		for i, v := range controlling {
			if slices.Contains(f.ValidFor[option], v) {
				validFor = append(validFor, i)
			}
		}
		value := jsonObject{{name: "attributes", value: nil}, {name: "label", value: f.label(option)}, {name: "validFor", value: validFor}, {name: "value", value: option}}
		values = append(values, value)
		if rt.defaultOf(f) == option {
			preset = value
		}
	}
	return jsonObject{
		{name: "controllerValues", value: places}, {name: "defaultValue", value: preset}, {name: "eTag", value: a.etag()},
		{name: "url", value: base + f.Name}, {name: "values", value: values},
	}
}
