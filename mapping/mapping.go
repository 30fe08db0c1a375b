// SPDX-License-Identifier: Apache-2.0

// Package mapping says what goes where, as data: the rules and sections of a Mapping, the
// qualifiers, and the campaign links, with their JSON, their validation, and the Form
// for a page that edits them. A host that brings its own Mapper needs Target and Convert.
//
// The stages of a sync do not read the data but ask a Set, which leadsync.New makes of all
// of it: which objects and fields to read, what to write, and why.
package mapping

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/internal/strictjson"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/salesforce"
)

// Version is the version of the JSON of a Mapping that this library writes, and the
// newest that it reads.
const Version = 1

// A Mapping is a leadsync.Mapper that is plain data: it can be kept as JSON, and edited
// in a host's own pages. Unknown JSON keys are refused. A Mapping must not be changed
// while a leadsync.Syncer uses it, and is then safe for concurrent use.
type Mapping struct {
	// Version is the constant Version. Zero means the same.
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
	// Existing says what UnlessEdited does with a value that others have written. Empty
	// means KeepExisting.
	Existing ExistingPolicy `json:"existing,omitempty"`
	// StandIns are texts that stand for a missing name or company in Salesforce. A field
	// that has one counts as blank, and none is written over a value. Case and spaces make
	// no difference. Nil means DefaultStandIns.
	StandIns []string `json:"standIns,omitzero"`
	// BlankTexts are words that stand for no value where they are the whole text of a
	// source, in place of the shipped ones: na, none, null, nil, unknown, undefined, tbd and
	// what people write for them in some thirty languages. Case, width and punctuation
	// around a word do not count. Nil means the shipped words, an empty list none.
	//
	// They count for every rule but these: one whose source or field is a country or a
	// state, where the word is one, because NA is Namibia; one with By; firstName and lastName, unless the other
	// name is blank or such a word too; and where the word is an active option of the
	// field's picklist, or a yes or a no for its checkbox. Beside them "n/a", "(null)",
	// punctuation alone, invisible text and the errors of spreadsheets are blank always.
	// What is dropped so has a leadtype.BlankText note.
	BlankTexts []string `json:"blankTexts,omitzero"`
	// NumberLocale says in which locale numbers are written in leads, such as "de" or "en-US"
	// (BCP 47). It decides what is ambiguous without it: one mark before three digits, such as
	// "1.234" and "1,234", for a field other than an integer. Empty decides nothing: such a
	// text is unfit. What is not ambiguous, such as "1.234,50" and "1,234.50", is read in
	// any case.
	NumberLocale string `json:"numberLocale,omitempty"`
	// Currency is the ISO 4217 code of the currency that the org has, such as "EUR". Only a
	// text with a sign or a code depends on it, for a currency field: one of another currency
	// is unfit, and "$" fits every dollar. In an org with several currencies the one of the
	// record counts (CurrencyIsoCode). Empty means the currency of the region of the org's
	// default locale, since the API does not say what an org with one currency has
	// (unverified); set it where that is another.
	Currency string `json:"currency,omitempty"`
	// Sections hold the rules, one section for each object.
	Sections []Section `json:"objects"`

	words      blank.Words              // BlankTexts, where guarded
	transforms map[string]TransformFunc // of the Config, nil in plain data
	leadSource string                   // of the Config
	ofMember   bool                     // it is a CampaignLink's
	guarded    bool                     // panics of transforms are caught, and go to log
	log        *slog.Logger
}

// Objects returns the objects that m has rules for.
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
		if rule.isUsed() {
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

// With returns a copy of m with transforms beside the built-in ones, or in their place; a
// nil one takes the built-in one of its name away. New does so with those of
// leadsync.Config.Transforms. They are not part of the JSON. The rules are shared with m.
func (m *Mapping) With(transforms map[string]TransformFunc) *Mapping {
	c := *m
	c.transforms = transforms
	return &c
}

// with is With, but panics of the transforms are caught, and go to log. The rules are a copy.
func (m *Mapping) with(transforms map[string]TransformFunc, log *slog.Logger) *Mapping {
	c := m.With(transforms)
	c.Sections = slices.Clone(m.Sections)
	for i := range c.Sections {
		rules := slices.Clone(c.Sections[i].Rules)
		for k := range rules {
			rules[k].place = new(rules[k].findPlace())
		}
		c.Sections[i].Rules = rules
	}
	c.guarded, c.log, c.words = true, log, blank.NewWords(m.BlankTexts)
	return c
}

// blankWords are the words of BlankTexts.
func (m *Mapping) blankWords() blank.Words {
	if m.guarded {
		return m.words
	}
	return blank.NewWords(m.BlankTexts)
}

// transform returns the transform of that name.
func (m *Mapping) transform(name string) (TransformFunc, bool) {
	if f, ok := m.transforms[name]; ok {
		return f, f != nil
	}
	if name == toNumber {
		return numberTransform(m.NumberLocale), true
	}
	return builtinTransform(name)
}

// rule returns the rule for a field, the zero Rule when there is none.
func (m *Mapping) rule(o salesforce.Object, field string) Rule {
	rules := m.rules(o)
	for i := range rules { // which are large
		if strings.EqualFold(rules[i].Field, field) {
			return rules[i]
		}
	}
	return Rule{}
}

// customSections returns the sections for objects beside Lead, Contact and Account,
// each after those that it refers to.
func (m *Mapping) customSections() []*Section {
	var order []*Section
	placed := make(map[*Section]bool)
	var place func(*Section)
	place = func(section *Section) {
		if placed[section] {
			return
		}
		placed[section] = true
		for _, lookup := range section.Lookups {
			if parent := m.custom(salesforce.Object(lookup.To)); parent != nil {
				place(parent)
			}
		}
		order = append(order, section)
	}
	for i := range m.Sections {
		if value.IsCustom(m.Sections[i].Object) {
			place(&m.Sections[i])
		}
	}
	return order
}

// custom returns the section for an object beside Lead, Contact and Account, nil
// when there is none.
func (m *Mapping) custom(o salesforce.Object) *Section {
	for i := range m.Sections {
		if section := &m.Sections[i]; section.Object.Equal(o) && value.IsCustom(o) {
			return section
		}
	}
	return nil
}

// forTasks returns the Mapping with its section for Task alone, as it is for a new record;
// nil where there is none.
func (m *Mapping) forTasks() *Mapping {
	at := slices.IndexFunc(m.Sections, func(s Section) bool { return s.Object.Equal(salesforce.ObjectTask) })
	if at < 0 {
		return nil
	}
	section := m.Sections[at]
	section.Rules = slices.Clone(section.Rules)
	for i := range section.Rules {
		rule := &section.Rules[i]
		rule.Unfit, rule.CreateOnly, rule.Own = cmp.Or(rule.Unfit, Skip), false, ""
		if rule.Write == UnlessEdited {
			rule.Write = Overwrite
		}
	}
	tasks := *m
	tasks.Sections = []Section{section}
	return &tasks
}

// UnmarshalJSON reads a mapping. The error is a *leadtype.Error whose field is the path
// of what is wrong, such as objects[0].rules[3].write. It refuses keys that it
// does not know, and later versions; Validate checks what the rules say.
func (m *Mapping) UnmarshalJSON(data []byte) error {
	type plain Mapping // without this method
	return verdict.OfJSON(verdict.OpSettings, strictjson.Decode(data, (*plain)(m), func(read *plain) error {
		return strictjson.CheckVersion(read.Version, Version)
	}))
}

// DefaultStandIns are the texts that stand for a missing name or company in Salesforce,
// where Mapping.StandIns is nil.
func DefaultStandIns() []string { return slices.Clone(defaultStandIns) }

var defaultStandIns = []string{"[not provided]", "[[unknown]]", "Unknown"}

// standInFields are those in which stand-ins are found: Salesforce requires the last two,
// and Company.
var standInFields = []string{"FirstName", "LastName", "Name", "Company"}

// isStandIn reports whether a value of a field stands for a missing one.
func (m *Mapping) isStandIn(field *salesforce.Field, v any) bool {
	text, ok := v.(string)
	if !ok || !slices.Contains(standInFields, field.Name) {
		return false
	}
	standIns := m.StandIns
	if standIns == nil {
		standIns = defaultStandIns
	}
	return slices.ContainsFunc(standIns, func(s string) bool { return value.SameFolded(s, text) })
}

// lacks reports whether a record has no value in a field: nothing or a stand-in.
func (m *Mapping) lacks(field *salesforce.Field, current any) bool {
	return value.IsBlank(current) || m.isStandIn(field, current)
}
