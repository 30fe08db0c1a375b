package sftest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// describe answers /sobjects/X/describe with all the keys of a recorded one
// (SALESFORCE.md 1), or 304 when nothing changed since the caller's copy. The
// caller holds o.mu.
func (a *restAPI) describe(req *request, obj *object) *reply {
	if rep := a.unchanged(req); rep != nil {
		return rep
	}
	fields := []any{}
	for _, f := range obj.fields {
		if !f.hidden {
			fields = append(fields, describeField(f, obj))
		}
	}
	body := a.globalEntry(obj, req.version)
	for _, name := range []string{"actionOverrides", "namedLayoutInfos"} {
		body.add(name, []any{})
	}
	for _, name := range []string{"compactLayoutable", "searchLayoutable", "lookupLayoutable"} {
		body.add(name, true)
	}
	for _, name := range []string{"defaultImplementation", "extendedBy", "extendsInterfaces", "implementedBy", "implementsInterfaces", "listviewable", "networkScopeFieldName", "sobjectDescribeOption"} {
		body.add(name, nil)
	}
	body.add("childRelationships", a.describeChildren(obj))
	body.add("fields", fields)
	body.add("recordTypeInfos", a.describeRecordTypes(obj, req.version))
	body.add("supportedScopes", []any{
		jsonObject{{name: "label", value: "All " + obj.plural}, {name: "name", value: "everything"}},
		jsonObject{{name: "label", value: "My " + obj.plural}, {name: "name", value: "mine"}},
	})
	return answer(200, sorted(body)).with("ETag", a.etag()).with("Last-Modified", httpDate(a.db.modified))
}

// unchanged is the 304 of a caller whose copy is as new as the metadata, by its
// ETag where the caller has one, otherwise by its date. The caller holds o.mu.
func (a *restAPI) unchanged(req *request) *reply {
	if known := req.header.Get("If-None-Match"); known != "" {
		if known != "*" && !strings.Contains(known, a.etag()) {
			return nil
		}
	} else if since, err := http.ParseTime(req.header.Get("If-Modified-Since")); err != nil || a.db.modified.After(since) {
		return nil
	}
	return answer(304, nil).with("ETag", a.etag()).with("Last-Modified", httpDate(a.db.modified))
}

func (a *restAPI) etag() string { return fmt.Sprintf(`"%08x--gzip"`, uint32(a.db.modified.Unix())) }

func httpDate(v any) string {
	t, _ := v.(time.Time)
	return t.UTC().Format(http.TimeFormat)
}

func (a *restAPI) describeGlobal(req *request) *reply {
	if rep := a.unchanged(req); rep != nil {
		return rep
	}
	list := []any{}
	for _, obj := range a.db.inOrder() {
		if obj.readable {
			list = append(list, sorted(a.globalEntry(obj, req.version)))
		}
	}
	return answer(200, jsonObject{{name: "encoding", value: "UTF-8"}, {name: "maxBatchSize", value: maxRows}, {name: "sobjects", value: list}}).
		with("ETag", a.etag()).with("Last-Modified", httpDate(a.db.modified))
}

// globalEntry is an object as the global describe lists it.
func (a *restAPI) globalEntry(obj *object, version string) jsonObject {
	base := "/services/data/" + version + "/sobjects/" + obj.name
	no := []string{"customSetting", "deepCloneable", "deprecatedAndHidden", "hasSubtypes", "isInterface", "isSubtype"}
	yes := []string{"activateable", "feedEnabled", "layoutable", "mruEnabled", "queryable", "replicateable", "retrieveable", "searchable", "triggerable"}
	entry := jsonObject{
		{name: "associateEntityType", value: nil}, {name: "associateParentEntity", value: nil},
		{name: "createable", value: obj.createable}, {name: "custom", value: obj.custom}, {name: "deletable", value: obj.deletes},
		{name: "keyPrefix", value: obj.prefix}, {name: "label", value: obj.label}, {name: "labelPlural", value: obj.plural},
		{name: "mergeable", value: obj.mergeable}, {name: "name", value: obj.name},
		{name: "undeletable", value: obj.deletes}, {name: "updateable", value: obj.updateable},
		{name: "urls", value: jsonObject{
			{name: "rowTemplate", value: base + "/{ID}"}, {name: "describe", value: base + "/describe"}, {name: "layouts", value: base + "/describe/layouts"}, {name: "sobject", value: base},
		}},
	}
	for _, name := range no {
		entry.add(name, false)
	}
	for _, name := range yes {
		entry.add(name, name != "activateable")
	}
	return entry
}

// describeField is a field as describe tells of it.
func describeField(f *field, obj *object) jsonObject {
	options := []any{}
	for _, option := range f.Options {
		options = append(options, describeOption(f, obj, option, f.Default))
	}
	described := jsonObject{
		{name: "byteLength", value: 3 * f.Length}, {name: "calculated", value: false}, {name: "caseSensitive", value: f.CaseSensitive},
		{name: "compoundFieldName", value: orNull(f.compound)}, {name: "controllerName", value: orNull(f.Controller)},
		{name: "createable", value: f.createable}, {name: "custom", value: f.custom}, {name: "defaultValue", value: defaultValue(f)},
		{name: "defaultedOnCreate", value: f.defaulted}, {name: "dependentPicklist", value: f.Controller != ""}, {name: "digits", value: f.Digits},
		{name: "externalId", value: f.ExternalID}, {name: "filterable", value: f.filterable}, {name: "idLookup", value: f.idLookup},
		{name: "label", value: f.Label}, {name: "length", value: f.Length}, {name: "name", value: f.Name}, {name: "nameField", value: isNameField(f, obj)},
		{name: "namePointing", value: f.polymorphic()}, {name: "nillable", value: f.nillable}, {name: "permissionable", value: f.nillable && f.createable},
		{name: "picklistValues", value: options}, {name: "polymorphicForeignKey", value: f.polymorphic()}, {name: "precision", value: f.Precision},
		{name: "referenceTo", value: append([]string{}, f.ReferenceTo...)}, {name: "relationshipName", value: orNull(f.Relationship)},
		{name: "restrictedPicklist", value: f.Restricted}, {name: "scale", value: f.Scale}, {name: "soapType", value: f.soapType()},
		{name: "sortable", value: f.filterable && f.Type != "address" && f.Type != "multipicklist"},
		{name: "groupable", value: f.filterable && f.kind() != kindNumber && f.kind() != kindDatetime},
		{name: "type", value: f.Type}, {name: "unique", value: f.Unique}, {name: "updateable", value: f.updateable},
		{name: "aggregatable", value: f.filterable && f.kind() != kindBool}, {name: "extraTypeInfo", value: extraType(f)},
		{name: "cascadeDelete", value: f.MasterDetail}, {name: "writeRequiresMasterRead", value: f.MasterDetail}, {name: "relationshipOrder", value: relationshipOrder(f)},
		{name: "queryByDistance", value: f.Type == "address"}, {name: "searchPrefilterable", value: f.kind() == kindID},
	}
	for _, name := range []string{"aiPredictionField", "autoNumber", "deprecatedAndHidden", "displayLocationInDecimal", "encrypted", "formulaTreatNullNumberAsZero", "highScaleNumber", "htmlFormatted", "restrictedDelete"} {
		described.add(name, false)
	}
	for _, name := range []string{"calculatedFormula", "defaultValueFormula", "filteredLookupInfo", "inlineHelpText", "mask", "maskType", "referenceTargetField"} {
		described.add(name, nil)
	}
	return sorted(described)
}

// isNameField says whether the field is what people know the row by.
func isNameField(f *field, obj *object) bool {
	return f.Name == "Name" || f.Name == "Subject" && slices.Contains(activities(), obj.name)
}

// relationshipOrder is relationshipOrder: 0 of the first master.
func relationshipOrder(f *field) any {
	if f.MasterDetail {
		return 0
	}
	return nil
}

func describeOption(f *field, obj *object, option string, preset any) jsonObject {
	return jsonObject{
		{name: "active", value: !slices.Contains(f.Inactive, option)}, {name: "defaultValue", value: preset == option},
		{name: "label", value: f.label(option)}, {name: "validFor", value: validForBits(f, obj, option)}, {name: "value", value: option},
	}
}

func defaultValue(f *field) any {
	if f.kind() == kindBool {
		return f.Default == true
	}
	if f.kind() == kindPicklist {
		return nil // the default is marked among the values
	}
	return f.Default
}

func extraType(f *field) any {
	switch {
	case f.Type == "textarea":
		return "plaintextarea"
	case f.compound == "Name":
		return "personname"
	}
	return nil
}

// validForBits is validFor: one bit for each value of the controlling field, the first
// in the highest bit, in base64 (SALESFORCE.md 1, memory). null when the
// picklist depends on nothing.
func validForBits(f *field, obj *object, option string) any {
	values := controlling(f, obj)
	if values == nil {
		return nil
	}
	bits := make([]byte, (len(values)+7)/8)
	for i, v := range values {
		if slices.Contains(f.ValidFor[option], v) {
			bits[i/8] |= 0x80 >> (i % 8)
		}
	}
	return base64Text(bits)
}

// controlling are the values of the field that a picklist depends on, nil when
// it depends on none.
func controlling(f *field, obj *object) []string {
	controller := obj.field(f.Controller)
	switch {
	case controller == nil:
		return nil
	case controller.kind() == kindBool:
		return []string{"false", "true"}
	}
	return controller.Options
}

// describeRecordTypes is recordTypeInfos, the master last.
func (a *restAPI) describeRecordTypes(obj *object, version string) []any {
	list := []any{}
	for _, rt := range obj.recordTypes {
		list = append(list, recordTypeInfo(rt, obj, version))
	}
	return append(list, recordTypeInfo(obj.master(), obj, version))
}

func recordTypeInfo(rt *recordType, obj *object, version string) jsonObject {
	return jsonObject{
		{name: "active", value: !rt.Inactive}, {name: "available", value: rt.usable()}, {name: "defaultRecordTypeMapping", value: rt.Default},
		{name: "developerName", value: rt.Name}, {name: "master", value: rt.id == masterRecordType}, {name: "name", value: rt.Label},
		{name: "recordTypeId", value: rt.id},
		{name: "urls", value: jsonObject{{name: "layout", value: "/services/data/" + version + "/sobjects/" + obj.name + "/describe/layouts/" + rt.id}}},
	}
}

// describeChildren is childRelationships of a describe: every reference that the
// user sees, also those that have no name for SOQL.
func (a *restAPI) describeChildren(parent *object) []any {
	list := []any{}
	for _, c := range a.db.childrenOf(parent) {
		if c.field.hidden || !c.obj.readable {
			continue
		}
		list = append(list, jsonObject{
			{name: "cascadeDelete", value: c.field.cascade}, {name: "childSObject", value: c.obj.name},
			{name: "deprecatedAndHidden", value: false}, {name: "field", value: c.field.Name},
			{name: "junctionIdListNames", value: []any{}}, {name: "junctionReferenceTo", value: []any{}},
			{name: "relationshipName", value: orNull(c.field.ChildRelationship)}, {name: "restrictedDelete", value: c.keeps()},
		})
	}
	return list
}
