// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A Form is what a page needs to let a person edit a Mapping: what can
// be chosen on the side of leads and on Salesforce's. It is plain data.
type Form struct {
	// Version is the version of the Mapping that the page edits.
	Version int `json:"version"`
	// Sources are the source fields that are known. A host adds the custom.<name>
	// of its own leads.
	Sources []FormSource `json:"sources"`
	// Transforms are what Rule.Transforms may name.
	Transforms []FormTransform `json:"transforms"`
	// Objects are the target objects, by name. CampaignMember is for the rules of
	// CampaignLink.Fields.
	Objects []FormObject `json:"objects"`
}

// A FormSource is a source field.
type FormSource struct {
	// Name is what Rule.Source takes.
	Name string     `json:"name"`
	Type SourceType `json:"type"`
	// Object is the only object whose rules have the source, empty for all.
	Object salesforce.Object `json:"object,omitempty"`
	// Multiple says that there may be several values.
	Multiple bool `json:"multiple,omitempty"`
	// Options are the values that are known, such as the answers to a qualifier.
	// Others may come.
	Options []string `json:"options,omitempty"`
}

// A SourceType is what the values of a source field are.
type SourceType string

// The types of source fields.
const (
	SourceText    SourceType = "text"
	SourceNumber  SourceType = "number"
	SourceBoolean SourceType = "boolean"
	SourceTime    SourceType = "time"
)

// A FormTransform is a named transform.
type FormTransform struct {
	Name string `json:"name"`
	// Argument says what may follow the name and a colon, empty for nothing. With
	// Needed it must.
	Argument string `json:"argument,omitempty"`
	Needed   bool   `json:"needed,omitempty"`
}

// A FormObject is a target object with the fields that a rule may write.
type FormObject struct {
	Object salesforce.Object `json:"object"`
	Label  string            `json:"label"`
	// Keys are what Section.Key may be. Those that are unique come first: only
	// a user with View All Data may upsert by another. Objects whose sections take
	// no key have none.
	Keys []string `json:"keys,omitempty"`
	// Lookups are the lookups that a section may have, each with one target. The
	// targets that are objects are among those described, and need a section.
	Lookups []Lookup `json:"lookups,omitempty"`
	// Fields are in the order of the describe. Those that the connected user may
	// not write are left out, and those that take no value, such as an address as
	// a whole.
	Fields []FormField `json:"fields"`
}

// A FormField is a target field.
type FormField struct {
	// Name is what Rule.Field takes.
	Name  string               `json:"name"`
	Label string               `json:"label"`
	Type  salesforce.FieldType `json:"type"`
	// Length bounds text in UTF-16 units, Precision and Scale a decimal, Digits an
	// int. Zero means no limit.
	Length    int `json:"length,omitempty"`
	Precision int `json:"precision,omitempty"`
	Scale     int `json:"scale,omitempty"`
	Digits    int `json:"digits,omitempty"`
	// Required says that a new record must have a value.
	Required bool `json:"required,omitempty"`
	// CreateOnly says that a rule needs Rule.CreateOnly.
	CreateOnly bool `json:"createOnly,omitempty"`
	Custom     bool `json:"custom,omitempty"`
	// Writes are the write rules that a rule may have; a rule with By cannot have UnlessEdited.
	Writes []WriteRule `json:"writes"`
	// Ranges are what Rule.Range may be, for a field of a number.
	Ranges []Range `json:"ranges,omitempty"`
	// Options are a picklist's active ones. A Restricted picklist takes no other
	// value. Which of them fit is up to the field Controller, if there is one.
	Options    []FormOption `json:"options,omitempty"`
	Restricted bool         `json:"restricted,omitempty"`
	Controller string       `json:"controller,omitempty"`
	// ReferenceTo are the objects whose ids the field takes.
	ReferenceTo []salesforce.Object `json:"referenceTo,omitempty"`
	// By are what Rule.By may be, where the object referred to is described.
	By []string `json:"by,omitempty"`
}

// A FormOption is an option of a picklist: Value is stored, Label is shown.
type FormOption struct {
	Value   string `json:"value"`
	Label   string `json:"label"`
	Default bool   `json:"default,omitempty"`
}

// NewForm returns what a page offers for a mapping to the described objects. A host
// reads describes with salesforce.DescribeObject; they show what the connected user
// sees, and nil ones are left out. Describe the objects that they refer to as well:
// Lookups and By offer described objects only. The qualifiers and transforms are those
// of the configuration; both may be nil. A rule of what the form offers is valid, as
// Mapping.Validate checks it.
func NewForm(
	describes map[salesforce.Object]*salesforce.Describe, qualifiers []Qualifier, transforms map[string]TransformFunc,
) *Form {
	form := &Form{
		Version: Version, Sources: formSources(qualifiers), Transforms: formTransforms(transforms), Objects: []FormObject{},
	}
	for _, name := range slices.Sorted(maps.Keys(describes)) {
		if d := describes[name]; d != nil {
			object := FormObject{Object: cmp.Or(d.Name, name), Label: d.Label, Fields: formFields(d, describes)}
			if value.IsCustom(object.Object) {
				object.Keys, object.Lookups = formKeys(d), formLookups(d, describes)
			}
			form.Objects = append(form.Objects, object)
		}
	}
	return form
}

func formSources(qualifiers []Qualifier) []FormSource {
	var sources []FormSource
	for _, name := range leadtype.SourceFields() {
		source := FormSource{Name: name, Type: SourceText}
		switch name {
		case "scans", "score", "revision":
			source.Type = SourceNumber
		case "capturedAt", "enrichedAt", "updatedAt":
			source.Type = SourceTime
		case "otherEmails":
			source.Multiple = true
		case "scoreBand":
			source.Options = []string{"Hot", "Nurture", "Caution", "Cold"}
		}
		sources = append(sources, source)
	}
	sources = append(sources, FormSource{Name: SourceLeadSource, Type: SourceText})
	for i := range qualifiers {
		q := &qualifiers[i]
		if q.Archived {
			continue
		}
		source := FormSource{
			Name: q.source(), Type: SourceText, Multiple: q.Multiple, Options: slices.Sorted(maps.Keys(q.Options))}
		switch q.Type {
		case QualifierNumber:
			source.Type = SourceNumber
		case QualifierBoolean:
			source.Type = SourceBoolean
		}
		sources = append(sources, source)
	}
	var kinds []string
	for _, kind := range []leadtype.ActivityKind{
		leadtype.ActivityEmail, leadtype.ActivityCall, leadtype.ActivityMeeting, leadtype.ActivityLinkedIn,
		leadtype.ActivitySMS, leadtype.ActivityNote,
	} {
		kinds = append(kinds, string(kind))
		sources = append(sources, FormSource{Name: value.PrefixActivity + string(kind), Type: SourceText})
	}
	for _, name := range activitySources {
		source := FormSource{Name: name, Type: SourceText, Object: salesforce.ObjectTask}
		switch name {
		case "activity.at":
			source.Type = SourceTime
		case "activity.kind":
			source.Options = kinds
		}
		sources = append(sources, source)
	}
	return sources
}

// formTransforms are the built-in transforms, as Rule.Transforms says them, and
// the Config's, which may replace one.
func formTransforms(own map[string]TransformFunc) []FormTransform {
	transforms := []FormTransform{
		{Name: "trim"}, {Name: "lower"}, {Name: "upper"},
		{Name: "title", Argument: "language"}, {Name: "digits"}, {Name: "number"},
		{Name: "e164", Argument: "calling code"}, {Name: "date", Argument: "Go time layout"},
		{Name: "datetime", Argument: "Go time layout"},
		{"addDays", "number of days", true},
		{Name: "split", Argument: "separator"}, {Name: "join", Argument: "separator"}, {Name: "first"},
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		isOwn := func(t FormTransform) bool { return t.Name == name }
		if own[name] == nil {
			transforms = slices.DeleteFunc(transforms, isOwn)
		} else if !slices.ContainsFunc(transforms, isOwn) {
			transforms = append(transforms, FormTransform{Name: name})
		}
	}
	return transforms
}

func formKeys(d *salesforce.Describe) []string {
	var keys, shared []string
	for i := range d.Fields {
		section := Section{Object: d.Name, Key: d.Fields[i].Name}
		if key, err := section.keyField(d); err == nil && key.Unique {
			keys = append(keys, key.Name)
		} else if err == nil {
			shared = append(shared, key.Name)
		}
	}
	return append(keys, shared...)
}

func formLookups(d *salesforce.Describe, describes map[salesforce.Object]*salesforce.Describe) []Lookup {
	var lookups []Lookup
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.Type != salesforce.TypeReference || !f.Createable {
			continue
		}
		targets := []LookupTarget{ToPerson, ToLead, ToContact, ToAccount}
		for _, o := range f.ReferenceTo {
			if value.IsCustom(o) && !o.Equal(d.Name) && describeOf(describes, o) != nil {
				targets = append(targets, LookupTarget(o))
			}
		}
		for _, to := range targets {
			if to.Fits(f) {
				lookups = append(lookups, Lookup{Field: f.Name, To: to, CreateOnly: !f.Updateable})
			}
		}
	}
	return lookups
}

// formBy are the keys of what a field refers to, if it is one described object.
func formBy(f *salesforce.Field, describes map[salesforce.Object]*salesforce.Describe) []string {
	var by []string
	if f.Type != salesforce.TypeReference || len(f.ReferenceTo) != 1 {
		return nil
	}
	other := func(o salesforce.Object) *salesforce.Describe { return describeOf(describes, o) }
	if d := other(f.ReferenceTo[0]); d != nil {
		for i := range d.Fields {
			rule := Rule{By: string(f.ReferenceTo[0]) + "." + d.Fields[i].Name}
			if _, err := rule.otherKey(f, other); err == nil {
				by = append(by, rule.By)
			}
		}
	}
	return by
}

func formFields(d *salesforce.Describe, describes map[salesforce.Object]*salesforce.Describe) []FormField {
	fields := []FormField{}
	for i := range d.Fields {
		f := &d.Fields[i]
		if isFilled(d.Name, f) || !f.Createable && !f.Updateable || !value.TakesValue(f.Type) {
			continue
		}
		var allowed []Range
		if value.IsNumeric(f.Type) {
			allowed = ranges()
		}
		fields = append(fields, FormField{
			Name: f.Name, Label: f.Label, Type: f.Type,
			Length: f.Length, Precision: f.Precision, Scale: f.Scale, Digits: f.Digits,
			Required: f.RequiredOnCreate(), CreateOnly: !f.Updateable && !d.Name.Equal(salesforce.ObjectTask),
			Custom: f.Custom, Writes: writesTo(f), Ranges: allowed, Options: formOptions(f),
			Restricted: f.RestrictedPicklist, Controller: f.ControllerName,
			ReferenceTo: f.ReferenceTo, By: formBy(f, describes),
		})
	}
	return fields
}

// isFilled reports whether no rule may fill a field: a campaign link or an activity does, or
// a Task that exists is never written.
func isFilled(object salesforce.Object, f *salesforce.Field) bool {
	if object.Equal(salesforce.ObjectTask) {
		return !f.Createable || value.ContainsFold(taskFields(), f.Name)
	}
	return object.Equal(salesforce.ObjectCampaignMember) && value.ContainsFold(linkFields(), f.Name)
}

func formOptions(f *salesforce.Field) []FormOption {
	var options []FormOption
	for _, v := range f.PicklistValues {
		if v.Active {
			options = append(options, FormOption{Value: v.Value, Label: v.Label, Default: v.DefaultValue})
		}
	}
	return options
}

// writesTo returns the write rules that a rule for the field may have.
func writesTo(f *salesforce.Field) []WriteRule {
	writes := []WriteRule{Overwrite, UnlessEdited, WriteIfBlank}
	if canAppend(f) {
		writes = append(writes, Append)
	}
	if f.Type == salesforce.TypeBoolean {
		writes = append(writes, Raise, Lower)
	}
	if canClear(f) {
		writes = append(writes, Clear)
	}
	return append(writes, Never)
}
