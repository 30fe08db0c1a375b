// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// describe answers /sobjects/X/describe with all the keys of a recorded one
// (docs/salesforce.md, Describe), or 304 if nothing changed since the caller's copy.
func (a *API) describe(req *wire.Request, obj *db.Object) *wire.Reply {
	if rep := a.unchanged(req); rep != nil {
		return rep
	}
	fields := []any{}
	for _, f := range obj.Fields {
		if !f.Hidden {
			fields = append(fields, describeField(f, obj))
		}
	}
	body := a.globalEntry(obj, req.Version)
	for _, name := range []string{"actionOverrides", "namedLayoutInfos"} {
		body.Add(name, []any{})
	}
	for _, name := range []string{"compactLayoutable", "searchLayoutable", "lookupLayoutable"} {
		body.Add(name, true)
	}
	for _, name := range []string{
		"defaultImplementation", "extendedBy", "extendsInterfaces", "implementedBy", "implementsInterfaces",
		"listviewable", "networkScopeFieldName", "sobjectDescribeOption",
	} {
		body.Add(name, nil)
	}
	body.Add("childRelationships", a.describeChildren(obj))
	body.Add("fields", fields)
	body.Add("recordTypeInfos", a.describeRecordTypes(obj, req.Version))
	body.Add("supportedScopes", describeScopes(obj))
	return wire.Answer(200, wire.Sorted(body)).With("ETag", a.etag()).With("Last-Modified", httpDate(a.db.Modified))
}

// describeScopes lists what USING SCOPE may say (SOQL reference, USING SCOPE).
func describeScopes(obj *db.Object) []any {
	plural := strings.ToLower(obj.Plural)
	scopes := []any{wire.Object{{Name: "label", Value: "All " + plural}, {Name: "name", Value: "everything"}}}
	if obj.Delegated() {
		scopes = append(scopes, wire.Object{
			{Name: "label", Value: "Delegated " + plural}, {Name: "name", Value: "delegated"},
		})
	}
	if obj.Owned() {
		scopes = append(scopes, wire.Object{{Name: "label", Value: "My " + plural}, {Name: "name", Value: "mine"}})
	}
	return scopes
}

// unchanged returns 304 if the caller's copy is as new as the metadata, by its ETag if the
// caller has one, otherwise by its date.
func (a *API) unchanged(req *wire.Request) *wire.Reply {
	if known := req.Header.Get("If-None-Match"); known != "" {
		if known != "*" && !strings.Contains(known, a.etag()) {
			return nil
		}
	} else if since, err := http.ParseTime(req.Header.Get("If-Modified-Since")); err != nil ||
		a.db.Modified.After(since) {
		return nil
	}
	return wire.Answer(304, nil).With("ETag", a.etag()).With("Last-Modified", httpDate(a.db.Modified))
}

func (a *API) etag() string { return fmt.Sprintf(`"%08x--gzip"`, uint32(a.db.Modified.Unix())) }

func httpDate(v any) string {
	t, _ := v.(time.Time)
	return t.UTC().Format(http.TimeFormat)
}

func (a *API) describeGlobal(req *wire.Request) *wire.Reply {
	if rep := a.unchanged(req); rep != nil {
		return rep
	}
	list := []any{}
	for _, obj := range a.db.InOrder() {
		if obj.Readable {
			list = append(list, wire.Sorted(a.globalEntry(obj, req.Version)))
		}
	}
	return wire.Answer(200, wire.Object{
		{Name: "encoding", Value: "UTF-8"}, {Name: "maxBatchSize", Value: db.MaxRows},
		{Name: "sobjects", Value: list},
	}).
		With("ETag", a.etag()).With("Last-Modified", httpDate(a.db.Modified))
}

// globalEntry returns an object as the global describe lists it.
func (a *API) globalEntry(obj *db.Object, version string) wire.Object {
	base := "/services/data/" + version + "/sobjects/" + obj.Name
	no := []string{"customSetting", "deepCloneable", "deprecatedAndHidden", "hasSubtypes", "isInterface", "isSubtype"}
	yes := []string{
		"activateable", "feedEnabled", "layoutable", "mruEnabled", "queryable", "replicateable",
		"retrieveable", "searchable", "triggerable",
	}
	entry := wire.Object{
		{Name: "associateEntityType", Value: nil}, {Name: "associateParentEntity", Value: nil},
		{Name: "createable", Value: obj.Createable}, {Name: "custom", Value: obj.Custom},
		{Name: "deletable", Value: obj.Deletable},
		{Name: "keyPrefix", Value: obj.Prefix}, {Name: "label", Value: obj.Label},
		{Name: "labelPlural", Value: obj.Plural},
		{Name: "mergeable", Value: obj.Mergeable}, {Name: "name", Value: obj.Name},
		{Name: "undeletable", Value: obj.Deletable}, {Name: "updateable", Value: obj.Updateable},
		{Name: "urls", Value: wire.Object{
			{Name: "rowTemplate", Value: base + "/{ID}"}, {Name: "describe", Value: base + "/describe"},
			{Name: "layouts", Value: base + "/describe/layouts"}, {Name: "sobject", Value: base},
		}},
	}
	for _, name := range no {
		entry.Add(name, false)
	}
	for _, name := range yes {
		entry.Add(name, name != "activateable")
	}
	return entry
}

// describeField returns the describe of a field.
func describeField(f *db.Field, obj *db.Object) wire.Object {
	options := []any{}
	for _, option := range f.Options {
		if f.States == nil {
			options = append(options, describeOption(f, obj, option, f.Default))
		}
	}
	for _, state := range f.States { // several countries may have one code
		options = append(options, describeState(f, obj, state))
	}
	described := wire.Object{
		{Name: "byteLength", Value: 3 * f.Length}, {Name: "calculated", Value: f.Formula},
		{Name: "autoNumber", Value: f.AutoNumber},
		{Name: "caseSensitive", Value: f.CaseSensitive},
		{Name: "compoundFieldName", Value: wire.TextOrNull(f.Compound)},
		{Name: "controllerName", Value: wire.TextOrNull(f.Controller)},
		{Name: "createable", Value: f.Createable}, {Name: "custom", Value: f.Custom},
		{Name: "defaultValue", Value: defaultValue(f)},
		{Name: "defaultedOnCreate", Value: f.Defaulted},
		{Name: "dependentPicklist", Value: f.Controller != ""}, {Name: "digits", Value: f.Digits},
		{Name: "externalId", Value: f.ExternalID}, {Name: "filterable", Value: f.Filterable},
		{Name: "idLookup", Value: f.IDLookup},
		{Name: "label", Value: f.Label}, {Name: "length", Value: f.Length}, {Name: "name", Value: f.Name},
		{Name: "nameField", Value: f == obj.NameField()},
		{Name: "namePointing", Value: f.Polymorphic()}, {Name: "nillable", Value: f.Nillable},
		{Name: "permissionable", Value: f.Nillable && f.Createable},
		{Name: "picklistValues", Value: options}, {Name: "polymorphicForeignKey", Value: f.Polymorphic()},
		{Name: "precision", Value: f.Precision},
		{Name: "referenceTo", Value: append([]string{}, f.ReferenceTo...)},
		{Name: "relationshipName", Value: wire.TextOrNull(f.Relationship)},
		{Name: "restrictedPicklist", Value: f.Restricted}, {Name: "scale", Value: f.Scale},
		{Name: "soapType", Value: f.SoapType()},
		{Name: "sortable", Value: f.Sortable()}, {Name: "groupable", Value: f.Groupable()},
		{Name: "type", Value: f.Type}, {Name: "unique", Value: f.Unique}, {Name: "updateable", Value: f.Updateable},
		{Name: "aggregatable", Value: f.Filterable && f.Kind() != db.KindBool},
		{Name: "extraTypeInfo", Value: wire.TextOrNull(f.ExtraType())},
		{Name: "cascadeDelete", Value: f.MasterDetail},
		{Name: "writeRequiresMasterRead", Value: f.MasterDetail},
		{Name: "relationshipOrder", Value: relationshipOrder(f)},
		{Name: "queryByDistance", Value: f.Type == "address"},
		{Name: "searchPrefilterable", Value: f.Kind() == db.KindID},
	}
	for _, name := range []string{
		"aiPredictionField", "deprecatedAndHidden", "displayLocationInDecimal", "formulaTreatNullNumberAsZero",
		"highScaleNumber", "restrictedDelete",
	} {
		described.Add(name, false)
	}
	described.Add("encrypted", f.Encrypted)
	described.Add("htmlFormatted", f.RichText)
	for _, name := range []string{
		"calculatedFormula", "defaultValueFormula", "filteredLookupInfo", "inlineHelpText", "mask",
		"maskType", "referenceTargetField",
	} {
		described.Add(name, nil)
	}
	return wire.Sorted(described)
}

// relationshipOrder returns relationshipOrder: 0 for a master.
func relationshipOrder(f *db.Field) any {
	if f.MasterDetail {
		return 0
	}
	return nil
}

func describeOption(f *db.Field, obj *db.Object, option string, preset any) wire.Object {
	return wire.Object{
		{Name: "active", Value: !slices.Contains(f.Inactive, option)}, {Name: "defaultValue", Value: preset == option},
		{Name: "label", Value: f.OptionLabel(option)},
		{Name: "validFor", Value: validForBits(f, obj, f.ValidFor[option])}, {Name: "value", Value: option},
	}
}

func describeState(f *db.Field, obj *db.Object, state db.StateOption) wire.Object {
	return wire.Object{
		{Name: "active", Value: true}, {Name: "defaultValue", Value: false}, {Name: "label", Value: state.Label},
		{Name: "validFor", Value: validForBits(f, obj, []string{state.Country})}, {Name: "value", Value: state.Code},
	}
}

func defaultValue(f *db.Field) any {
	if f.Kind() == db.KindBool {
		return f.Default == true
	}
	if f.Kind() == db.KindPicklist {
		return nil // the default is marked among the values
	}
	return f.Default
}

// validForBits returns validFor: one bit for each value of the controlling field, the first in
// the highest bit, in base64 (docs/salesforce.md, Describe, unverified), set for those that
// allow the option. It is null if the picklist depends on nothing.
func validForBits(f *db.Field, obj *db.Object, allowedBy []string) any {
	values := controlling(f, obj)
	if values == nil {
		return nil
	}
	bits := make([]byte, (len(values)+7)/8)
	for i, v := range values {
		if slices.Contains(allowedBy, v) {
			bits[i/8] |= 0x80 >> (i % 8)
		}
	}
	return base64.StdEncoding.EncodeToString(bits)
}

// controlling returns the values of the field that a picklist depends on, nil if it depends on
// none.
func controlling(f *db.Field, obj *db.Object) []string {
	controller := obj.Field(f.Controller)
	switch {
	case controller == nil:
		return nil
	case controller.Kind() == db.KindBool:
		return []string{"false", "true"}
	}
	return controller.Options
}

// describeRecordTypes returns recordTypeInfos, the master last.
func (a *API) describeRecordTypes(obj *db.Object, version string) []any {
	list := []any{}
	for _, rt := range obj.RecordTypes {
		list = append(list, recordTypeInfo(rt, obj, version))
	}
	return append(list, recordTypeInfo(obj.Master(), obj, version))
}

func recordTypeInfo(rt *db.RecordType, obj *db.Object, version string) wire.Object {
	return wire.Object{
		{Name: "active", Value: !rt.Inactive}, {Name: "available", Value: rt.Usable()},
		{Name: "defaultRecordTypeMapping", Value: rt.Default},
		{Name: "developerName", Value: rt.Name}, {Name: "master", Value: rt.ID == db.MasterRecordType},
		{Name: "name", Value: rt.Label},
		{Name: "recordTypeId", Value: rt.ID},
		{
			Name: "urls",
			Value: wire.Object{{
				Name:  "layout",
				Value: "/services/data/" + version + "/sobjects/" + obj.Name + "/describe/layouts/" + rt.ID,
			}},
		},
	}
}

// describeChildren returns childRelationships: every reference that the user sees, even those
// without a name for SOQL.
func (a *API) describeChildren(parent *db.Object) []any {
	list := []any{}
	for _, c := range a.db.ChildrenOf(parent) {
		if c.Field.Hidden || !c.Obj.Readable {
			continue
		}
		list = append(list, wire.Object{
			{Name: "cascadeDelete", Value: c.Field.Cascade}, {Name: "childSObject", Value: c.Obj.Name},
			{Name: "deprecatedAndHidden", Value: false}, {Name: "field", Value: c.Field.Name},
			{Name: "junctionIdListNames", Value: []any{}}, {Name: "junctionReferenceTo", Value: []any{}},
			{Name: "relationshipName", Value: wire.TextOrNull(c.Field.ChildRelationship)},
			{Name: "restrictedDelete", Value: c.Keeps()},
		})
	}
	return list
}
