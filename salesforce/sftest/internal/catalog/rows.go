// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// noID is the Id of all definitions (recorded).
const noID = "000000000000000AAA"

// fill makes the rows those of the schema, if it changed.
func (c *Catalog) fill() {
	rules := 0
	for _, obj := range c.of.InOrder() {
		rules += len(obj.Rules())
	}
	if c.modified.Equal(c.of.Modified) && c.rules == rules {
		return
	}
	c.modified, c.rules = c.of.Modified, rules
	c.tables.Clear()
	for _, obj := range c.of.InOrder() {
		c.addObject(obj)
		for _, f := range obj.Fields {
			if isPart := f.Compound != "" && f.Compound != f.Name; !isPart {
				c.addField(f, obj)
			}
		}
		for i, r := range obj.Rules() {
			c.addRule(c.id("03d", fmt.Sprint(obj.Name, " rule ", i)), &r, obj)
		}
	}
}

// id returns the id of what has the key, the same each time.
func (c *Catalog) id(prefix, key string) string {
	if c.ids[key] == "" {
		c.ids[key] = c.tables.NewID(prefix)
	}
	return c.ids[key]
}

// durableID returns the durable id of an object: its name, or for a custom object an id of 15
// characters (recorded).
func (c *Catalog) durableID(obj *db.Object) string {
	if !obj.Custom {
		return obj.Name
	}
	return c.id("01I", obj.Name)[:15]
}

// fieldID returns the durable id of a field: after that of its object the developer name, or
// for a custom field an id of 15 characters (recorded).
func (c *Catalog) fieldID(f *db.Field, obj *db.Object) string {
	if f.Custom {
		return c.durableID(obj) + "." + c.id("00N", obj.Name+"."+f.Name)[:15]
	}
	return c.durableID(obj) + "." + developerName(f)
}

// developerName returns the developer name of a field: without the ending of a reference, such
// as Owner (recorded in durable ids), and without __c.
func developerName(f *db.Field) string {
	if f.Type == "reference" && f.Name == f.Relationship+"Id" {
		return f.Relationship
	}
	return strings.TrimSuffix(f.Name, "__c")
}

// publisher returns the publisher of what is custom or not: that of the org's own is <local>
// (recorded, octoberswimmer/aer-dist#402).
func publisher(custom bool) string {
	if custom {
		return "<local>"
	}
	return "System"
}

// customizable are the standard objects that may have custom fields (Salesforce Help, Custom
// Fields Allowed Per Object; that the others may not is unverified).
var customizable = strings.Fields(`Account Campaign CampaignMember Case Contact ContentVersion Event Individual Lead
	Opportunity OpportunityContactRole Task User`)

func (c *Catalog) addObject(obj *db.Object) {
	values := map[string]any{
		"Id": noID, "DurableId": c.durableID(obj), "QualifiedApiName": obj.Name,
		"DeveloperName": strings.TrimSuffix(obj.Name, "__c"), "MasterLabel": obj.Label, "Label": obj.Label,
		"PluralLabel": obj.Plural, "KeyPrefix": obj.Prefix, "PublisherId": publisher(obj.Custom),
		"IsCustomizable":       obj.Custom || slices.Contains(customizable, obj.Name),
		"RecordTypesSupported": wire.Object{{Name: "recordTypeInfos", Value: recordTypes(obj)}},
	}
	if obj.Custom {
		values["DeploymentStatus"] = "Deployed"
	}
	set(values, false, "HasSubtypes IsSubtype IsInterface IsAutoActivityCaptureEnabled IsCustomSetting"+
		" IsDeprecatedAndHidden")
	// As the describe of every object says.
	set(values, true, "IsCompactLayoutable IsReplicateable IsRetrieveable IsSearchLayoutable IsSearchable"+
		" IsTriggerable IsIdEnabled IsFeedEnabled IsQueryable IsMruEnabled IsLayoutable")
	c.tables.Define(entity, c.durableID(obj), values)
}

func set(values map[string]any, v bool, names string) {
	for name := range strings.FieldsSeq(names) {
		values[name] = v
	}
}

// recordTypes lists the record types of an object, the master last.
func recordTypes(obj *db.Object) []any {
	list := []any{}
	for _, rt := range append(slices.Clone(obj.RecordTypes), obj.Master()) {
		list = append(list, wire.Object{
			{Name: "available", Value: rt.Usable()}, {Name: "defaultRecordTypeMapping", Value: rt.Default},
			{Name: "developerName", Value: rt.Name}, {Name: "master", Value: rt.ID == db.MasterRecordType},
			{Name: "name", Value: rt.Label}, {Name: "recordTypeId", Value: rt.ID},
		})
	}
	return list
}

func (c *Catalog) addField(f *db.Field, obj *db.Object) {
	values := map[string]any{
		"Id": noID, "DurableId": c.fieldID(f, obj), "QualifiedApiName": f.Name,
		"EntityDefinitionId": c.durableID(obj), "DeveloperName": developerName(f), "MasterLabel": f.Label,
		"Label": f.Label, "DataType": wire.TextOrNull(c.dataType(f, obj)), "PublisherId": publisher(f.Custom),
		"ExtraTypeInfo": wire.TextOrNull(f.ExtraType()), "Length": f.Length, "Precision": f.Precision,
		"Scale": f.Scale, "IsCalculated": f.Formula, "IsHtmlFormatted": f.RichText, "IsNameField": f == obj.NameField(),
		"IsNillable": f.Nillable, "IsIndexed": f.Selective(obj), "IsApiFilterable": f.Filterable && f.Type != "address",
		"IsApiSortable": f.Sortable(), "IsApiGroupable": f.Groupable(), "IsCompound": isCompound(f, obj),
		"IsSearchPrefilterable": f.Kind() == db.KindID, "IsPolymorphicForeignKey": f.Polymorphic(),
		"RelationshipName": wire.TextOrNull(f.Relationship),
		"ReferenceTo":      wire.Object{{Name: "referenceTo", Value: referenceTo(f)}},
	}
	if controller := obj.Field(f.Controller); controller != nil {
		values["ControllingFieldDefinitionId"] = c.fieldID(controller, obj)
	}
	set(values, false, "IsAiPredictionField IsHighScaleNumber")
	set(values, true, "IsEverApiAccessible")
	c.tables.Define(field, c.fieldID(f, obj), values)
}

// referenceTo returns the objects that a field may point at, null if it is no reference
// (unverified).
func referenceTo(f *db.Field) any {
	if f.Type != "reference" {
		return nil
	}
	return f.ReferenceTo
}

// isCompound reports whether others are parts of the field.
func isCompound(f *db.Field, obj *db.Object) bool {
	return slices.ContainsFunc(obj.Fields, func(part *db.Field) bool {
		return part.Compound == f.Name && part.Name != f.Name
	})
}

func (c *Catalog) addRule(id string, r *db.Rule, obj *db.Object) {
	c.tables.Define(rule, id, map[string]any{
		"Id": id, "EntityDefinitionId": c.durableID(obj), "ValidationName": r.Name, "Active": true,
		"ErrorDisplayField": wire.TextOrNull(r.Field), "ErrorMessage": r.Message, "ManageableState": "unmanaged",
	})
}
