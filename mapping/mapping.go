// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// UnmarshalJSON reads a mapping. The error is a *Error whose field is the path
// of what is wrong, such as objects[0].rules[3].write. It refuses keys that it
// does not know, and later versions; Validate checks what the rows say.
func (m *Mapping) UnmarshalJSON(data []byte) error {
	type plain Mapping // without this method
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(m), func(read *plain) error {
		return strictjson.CheckVersion(read.Version, Version)
	}))
}

// UnmarshalJSON reads the rows for one object; see Mapping.UnmarshalJSON.
func (o *Section) UnmarshalJSON(data []byte) error {
	type plain Section
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(o)))
}

// UnmarshalJSON reads one row; see Mapping.UnmarshalJSON. The numbers of
// Constant and Default become json.Number.
func (r *Rule) UnmarshalJSON(data []byte) error {
	type plain Rule
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(r)))
}

// Version is the version of the form that a Mapping has.
const Version = 1

// A Mapping is a Mapper that is plain data: it can be kept as JSON, and edited
// in a host's own pages. Unknown JSON keys are refused. A Mapping must not be
// changed while a Syncer uses it, and is then safe for concurrent use.
type Mapping struct {
	// Version is MappingVersion. Zero means the same.
	Version int `json:"version"`
	// TooLong says what happens to text beyond a field's length. Empty means
	// Truncate.
	TooLong Policy `json:"tooLong,omitempty"`
	// Locked says what happens to a value for a field that the connected user
	// may not write. Empty means Skip, with a warning; Fail fails the lead with
	// CONNECTION_PERMISSION.
	Locked Policy `json:"locked,omitempty"`
	// Missing says what happens to a value for a field that describe does not
	// have, because it is deleted or hidden from the connected user. Empty means
	// Fail, with MISSING_REMOTE_FIELD; Skip warns.
	Missing Policy `json:"missing,omitempty"`
	// Sections hold the rows, one section for each object.
	Sections []Section `json:"objects"`

	transforms map[string]TransformFunc // of the Config, nil in plain data
	ofMember   bool                     // it is a CampaignLink's
}

// A Section holds the rows for one object. Beside Lead, Contact and Account
// it may be any object, custom or standard, such as Visit__c or Opportunity; but
// for CampaignMember, which CampaignLink.Fields fills, and Task. Each lead has one
// record of such an object, identified by Key.
type Section struct {
	Object salesforce.Object `json:"object"`
	// Key is the API name of the field that identifies the object's records: text,
	// External ID, and best unique, because Salesforce lets only users with View
	// All Data upsert by another (docs/salesforce.md, Upsert). The row for it says
	// what the key is; without one it is the lead's id. Leads of one batch with the
	// same key share a record, and a lead whose key is blank gets none, with a
	// warning. It is needed for, and only for, an object other than Lead, Contact
	// and Account.
	Key string `json:"key,omitempty"`
	// Lookups are the object's fields that refer to the lead's other records.
	Lookups []Lookup `json:"lookups,omitempty"`
	// Rules are applied in their order. A field is the target of one at most.
	Rules []Rule `json:"rules"`
}

// A Rule is one row of a Mapping: where a value comes from, and how it goes into
// a field.
type Rule struct {
	// Source is a source field; see SourceFields. Constant is a value for every
	// lead in its place. A row has one of the two, but a Clear row may have none.
	Source   string `json:"source,omitempty"`
	Constant any    `json:"constant,omitempty"`
	// Field is the API name of the target field.
	Field string `json:"field"`
	// By says that the value is not the id of the record that Field refers to but
	// the one that the record has in a field of its own: <object>.<field>, such as
	// Region__c.Code__c. That field is text, and an External ID or a standard
	// idLookup field; Field refers to that object alone.
	By string `json:"by,omitempty"`
	// Write says what happens to the field's current value. Empty means
	// Overwrite.
	Write WriteRule `json:"write,omitempty"`
	// CreateOnly leaves the field of an existing record alone. Of several leads
	// that become one new record, the first with a value fills it.
	CreateOnly bool `json:"createOnly,omitempty"`
	// Default stands in for a source that is blank, also after its transforms.
	// It is not transformed.
	Default any `json:"default,omitempty"`
	// Transforms change the value of the source one after the other. Beside
	// those of Config.Transforms there are:
	//   - trim, lower, upper, title: text, or each text of a list;
	//   - digits: only the digits of text;
	//   - number: the first number of text, such as 51 of "51-200";
	//   - e164, e164:<calling code>: a phone number as + and digits, one without
	//     a country as of that code, such as e164:49; module phone has one that
	//     knows the numbering plans;
	//   - date, date:<layout>: text in the form of a Go time layout, such as
	//     date:02.01.2006, as a date;
	//   - addDays:<number>: a date, or the day of a time in its own zone, and that
	//     many days, such as addDays:30 or addDays:-1;
	//   - split, split:<separator>: text as a list, at ";" by default;
	//   - join, join:<separator>: a list as text, with "; " by default;
	//   - first: the first of a list.
	Transforms []string `json:"transforms,omitempty"`
	// TooLong, Locked and Missing override the Mapping's.
	TooLong Policy `json:"tooLong,omitempty"`
	Locked  Policy `json:"locked,omitempty"`
	Missing Policy `json:"missing,omitempty"`
}

// A WriteRule says what happens to a field's current value. A blank source
// clears nothing but under Clear.
type WriteRule string

// The write rules.
const (
	// Overwrite replaces the current value.
	Overwrite WriteRule = "overwrite"
	// WriteIfBlank writes only where the record has no value. A checkbox always
	// has one.
	WriteIfBlank WriteRule = "write-if-blank"
	// Append adds a line to a long text, unless the text contains the value as
	// words of their own.
	Append WriteRule = "append"
	// Never writes nothing: the row is kept, and is out of use.
	Never WriteRule = "never"
	// Clear is Overwrite, and a blank value clears the field: a checkbox is
	// unticked.
	Clear WriteRule = "clear"
)

// A Policy says what to do about a value that cannot be written as it is.
type Policy string

// The policies.
const (
	// Fail fails the lead.
	Fail Policy = "fail"
	// Skip leaves the field out, with a warning. It applies to Locked and Missing.
	Skip Policy = "skip"
	// Truncate cuts text, with a warning. It applies to TooLong.
	Truncate Policy = "truncate"
)

// Default returns the recommended rows for Lead, Contact and Account.
func Default() *Mapping {
	return &Mapping{
		Version: Version,
		Sections: []Section{
			{Object: salesforce.ObjectLead, Rules: slices.Concat(
				personRules(""),
				[]Rule{
					{Source: "company", Field: "Company"},
					{Source: "website", Field: "Website", Write: WriteIfBlank},
					{Source: "industry", Field: "Industry"},
					{Source: "companySize", Field: "NumberOfEmployees", Transforms: []string{"number"}},
				},
				originRules(),
			)},
			{Object: salesforce.ObjectContact, Rules: slices.Concat(personRules("Mailing"), originRules())},
			{Object: salesforce.ObjectAccount, Rules: []Rule{
				{Source: "company", Field: "Name", CreateOnly: true},
				{Source: "website", Field: "Website", Write: WriteIfBlank},
				{Source: "industry", Field: "Industry"},
				{Source: "companySize", Field: "NumberOfEmployees", Transforms: []string{"number"}},
				{Source: "companyPhone", Field: "Phone"},
				{Source: "companyStreet", Field: "BillingStreet"},
				{Source: "companyCity", Field: "BillingCity"},
				{Source: "companyState", Field: "BillingState"},
				{Source: "companyPostalCode", Field: "BillingPostalCode"},
				{Source: "companyCountry", Field: "BillingCountry"},
				{Source: "capturedBy", Field: "OwnerId", CreateOnly: true},
			}},
		},
	}
}

func personRules(address string) []Rule {
	return []Rule{
		{Source: "firstName", Field: "FirstName"},
		{Source: "lastName", Field: "LastName"},
		{Source: "email", Field: "Email", Write: WriteIfBlank},
		{Source: "jobTitle", Field: "Title"},
		{Source: "phone", Field: "Phone"},
		{Source: "mobilePhone", Field: "MobilePhone"},
		{Source: "street", Field: address + "Street"},
		{Source: "city", Field: address + "City"},
		{Source: "state", Field: address + "State"},
		{Source: "postalCode", Field: address + "PostalCode"},
		{Source: "country", Field: address + "Country"},
		{Source: "notes", Field: "Description", Write: Append},
	}
}

func originRules() []Rule {
	return []Rule{
		{Source: "eventName", Field: "LeadSource", CreateOnly: true},
		{Source: "capturedBy", Field: "OwnerId", CreateOnly: true},
	}
}

// Objects returns the objects that m has rows for.
func (m *Mapping) Objects() []salesforce.Object {
	objects := make([]salesforce.Object, len(m.Sections))
	for i, o := range m.Sections {
		objects[i] = o.Object
	}
	return objects
}

// Fields returns the fields of object that m may write.
func (m *Mapping) Fields(object salesforce.Object) []string {
	var fields []string
	for _, rule := range m.rules(object) {
		if rule.Write != Never {
			fields = append(fields, rule.Field)
		}
	}
	return fields
}

func (m *Mapping) rules(object salesforce.Object) []Rule {
	for _, o := range m.Sections {
		if o.Object.Equal(object) {
			return o.Rules
		}
	}
	return nil
}

// With returns m with transforms beside the built-in ones, or in their place, as those
// of Config.Transforms are.
func (m *Mapping) With(transforms map[string]TransformFunc) *Mapping {
	c := *m
	c.transforms = transforms
	return &c
}

// transform returns the transform of that name.
func (m *Mapping) transform(name string) (TransformFunc, bool) {
	if f, ok := m.transforms[name]; ok {
		return f, f != nil
	}
	return builtinTransform(name)
}

// rule returns the row for a field, the zero Rule when there is none.
func (m *Mapping) rule(o salesforce.Object, field string) Rule {
	for _, rule := range m.rules(o) {
		if strings.EqualFold(rule.Field, field) {
			return rule
		}
	}
	return Rule{}
}

// by returns the object and the field that Rule.By names, false when it does not
// have that form.
func (r *Rule) by() (object salesforce.Object, field string, ok bool) {
	name, field, _ := strings.Cut(r.By, ".")
	return salesforce.Object(name), field, value.IsAPIName(name) && value.IsAPIName(field)
}

// otherKey returns the field by which a row's value names the record that field
// refers to, or the reason why it cannot.
func (r *Rule) otherKey(field *salesforce.Field, other describeFunc) (*salesforce.Field, *fault) {
	refuse := func(code leadtype.Code, format string, args ...any) (*salesforce.Field, *fault) {
		return nil, &fault{code, field.Name, fmt.Sprintf(format, args...)}
	}
	object, name, ok := r.by()
	switch {
	case !ok:
		return refuse(leadtype.DataValueValidation, "by must have the form <object>.<field>")
	case field.Type != salesforce.TypeReference, len(field.ReferenceTo) != 1, !field.ReferenceTo[0].Equal(object),
		field.RelationshipName == "":
		return refuse(leadtype.DataValueValidation, "does not refer to %s alone", object)
	}
	var describe *salesforce.Describe
	if other != nil {
		describe = other(object)
	}
	if describe == nil {
		return refuse(leadtype.MissingRemoteField,
			"refers to %s, which does not exist or is hidden from the connected user", object)
	}
	key, ok := describe.Field(name)
	switch {
	case !ok:
		return refuse(leadtype.MissingRemoteField,
			"references %s, which does not exist or is hidden from the connected user", r.By)
	case !key.ExternalID && !key.IDLookup || !keyType(key.Type):
		return refuse(leadtype.DataValueValidation,
			"references %s, which must be a text field that is an External ID or an idLookup field", r.By)
	}
	return key, nil
}

// referred returns the key of the record that a field refers to by what other
// leads of the same record want, and that of the one which it refers to in the
// org.
func (t *Target) referred(field, key *salesforce.Field) (now, stored string) {
	if t.Record == nil {
		return "", ""
	}
	stored = t.Record.Text(value.PathTo(field, key))
	if value, ok := t.Record.Fields[field.Name].(salesforce.ExternalKey); ok {
		return value.Value, stored
	}
	if t.Record.Text(field.Name) == "" {
		return "", stored // cleared
	}
	return stored, stored
}
