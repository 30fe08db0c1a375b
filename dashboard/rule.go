// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"net/url"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// spareValues is how many empty lines a value map has for more.
const spareValues = 3

// A ruleEdit is a row in its form.
type ruleEdit struct {
	Section  int
	Index    int
	New      bool
	Object   salesforce.Object
	Rule     mapping.Rule
	Field    *mapping.FormField
	Fields   []mapping.FormField
	Sources  []mapping.FormSource
	Steps    []mapping.FormTransform
	Values   []valuePair
	Problems []mapping.Issue
	MayForce bool // only the org stands against it
	Writes   []mapping.WriteRule
}

// A valuePair is a line of a value map.
type valuePair struct{ From, To string }

// edit opens a row.
func (m *mappingView) edit(s step, rule mapping.Rule) {
	object := m.Draft.Sections[s.section].Object
	e := &ruleEdit{
		Section: s.section, Index: s.rule, Object: object, Rule: rule, Steps: m.form.Transforms,
		New: s.rule >= len(m.Draft.Sections[s.section].Rules),
	}
	if form := m.object(object); form != nil {
		e.Fields, e.Field = form.Fields, fieldOf(form, rule.Field)
	}
	e.Writes = []mapping.WriteRule{mapping.Overwrite, mapping.UnlessEdited, mapping.WriteIfBlank, mapping.Append,
		mapping.Raise, mapping.Lower, mapping.Clear, mapping.Never}
	if e.Field != nil {
		e.Writes = e.Field.Writes
	}
	for _, write := range []mapping.WriteRule{rule.Write, rule.Own} {
		if write != "" && !slices.Contains(e.Writes, write) {
			e.Writes = append(slices.Clone(e.Writes), write)
		}
	}
	e.Sources = m.sourcesFor(object)
	e.Values = m.valuesOf(rule)
	m.Edit = e
}

// sourcesFor are the sources of an object's rules, with the further values of the last leads.
func (m *mappingView) sourcesFor(object salesforce.Object) []mapping.FormSource {
	all := slices.DeleteFunc(slices.Clone(m.form.Sources),
		func(s mapping.FormSource) bool { return s.Object != "" && !s.Object.Equal(object) })
	custom := map[string]bool{}
	for i := range m.last {
		if m.last[i].Lead == nil {
			continue
		}
		for name := range m.last[i].Lead.Custom {
			custom["custom."+name] = true
		}
	}
	for _, name := range sortedKeys(custom) {
		if leadtype.IsSourceField(name) {
			all = append(all, mapping.FormSource{Name: name, Type: mapping.SourceText})
		}
	}
	return all
}

// valuesOf are the lines of a value map: those it has, the known values of the source that it lacks,
// and some for more.
func (m *mappingView) valuesOf(rule mapping.Rule) []valuePair {
	var all []valuePair
	for _, from := range sortedKeys(rule.Values) {
		all = append(all, valuePair{from, rule.Values[from]})
	}
	for _, s := range m.form.Sources {
		if s.Name != rule.Source || rule.Source == "" {
			continue
		}
		for _, option := range s.Options {
			if _, has := rule.Values[option]; !has {
				all = append(all, valuePair{From: option})
			}
		}
	}
	return append(all, make([]valuePair, spareValues)...)
}

// Size says how much the field holds.
func (e *ruleEdit) Size() string { return sizeOf(e.Field) }

// Constant is the fixed value as text.
func (e *ruleEdit) Constant() string { return string(valueText(e.Rule.Constant)) }

// Default is the default as text.
func (e *ruleEdit) Default() string { return string(valueText(e.Rule.Default)) }

// Transforms are those of the rule, one a line.
func (e *ruleEdit) Transforms() string { return strings.Join(e.Rule.Transforms, "\n") }

// A choice is an option of a select.
type choice struct {
	Name   string // of the input
	Label  string // the key of a text
	Chosen string
	Values []string // after the first, which is what empty means
	Kind   string   // of the words of the values
}

// Choices are the policies of a rule that are seldom changed.
func (e *ruleEdit) Choices() []choice {
	all := []choice{
		{"own", "On records that leadsync created", string(e.Rule.Own), textsOf(e.Writes), "write"},
		{"existing", "A value that others have written", string(e.Rule.Existing), []string{"keep", "overwrite"}, "existing"},
		{"unmapped", "A value that the map lacks", string(e.Rule.Unmapped), []string{"hold", "pass", "drop"}, "unmapped"},
		{"unfit", "A value that does not fit", string(e.Rule.Unfit), []string{"fail", "skip"}, "unfit"},
		{"tooLong", "Text that is too long", string(e.Rule.TooLong), []string{"truncate", "fail"}, "tooLong"},
		{"locked", "The field may not be written", string(e.Rule.Locked), []string{"skip", "fail"}, "unfit"},
		{"missing", "The field is missing", string(e.Rule.Missing), []string{"fail", "skip"}, "unfit"},
	}
	if e.Field != nil && len(e.Field.Ranges) > 0 || e.Rule.Range != "" {
		all = append(all, choice{"range", "A range such as 51-200", string(e.Rule.Range),
			[]string{"low", "high", "mid", "unfit"}, "range"})
	}
	if e.Field != nil && len(e.Field.By) > 0 || e.Rule.By != "" {
		by := []string{}
		if e.Field != nil {
			by = e.Field.By
		}
		if e.Rule.By != "" && !slices.Contains(by, e.Rule.By) {
			by = append(slices.Clone(by), e.Rule.By)
		}
		all = append(all, choice{"by", "The value is the key", e.Rule.By, by, "by"})
	}
	return all
}

// A formRule is a rule that takes what was entered for it.
type formRule mapping.Rule

// ruleOf returns a rule of a section, an empty one for that after the last.
func ruleOf(s *mapping.Section, index int) *formRule {
	if index < len(s.Rules) {
		rule := formRule(s.Rules[index])
		return &rule
	}
	return &formRule{}
}

// filled returns the rule with what was entered.
func (r *formRule) filled(form url.Values) mapping.Rule {
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	rule := mapping.Rule(*r)
	rule.Source, rule.Field, rule.By = get("source"), get("field"), get("by")
	rule.Constant, rule.Default = entered(rule.Constant, get("constant")), entered(rule.Default, get("default"))
	rule.Write, rule.Own = mapping.WriteRule(get("write")), mapping.WriteRule(get("own"))
	rule.Existing, rule.CreateOnly = mapping.ExistingPolicy(get("existing")), form.Get("createOnly") != ""
	rule.Unmapped, rule.Range = mapping.UnmappedPolicy(get("unmapped")), mapping.Range(get("range"))
	rule.Unfit, rule.TooLong = mapping.Policy(get("unfit")), mapping.Policy(get("tooLong"))
	rule.Locked, rule.Missing = mapping.Policy(get("locked")), mapping.Policy(get("missing"))
	rule.Transforms = nil
	for line := range strings.Lines(form.Get("transforms")) {
		if line = strings.Trim(line, "\r\n"); strings.TrimSpace(line) != "" {
			rule.Transforms = append(rule.Transforms, strings.TrimLeft(line, " \t"))
		}
	}
	rule.Values = enteredValues(form["from"], form["to"])
	return rule
}

// entered returns a value as it was where its text was left alone, so that a number stays one.
func entered(before any, text string) any {
	switch {
	case text == string(valueText(before)):
		return before
	case text == "":
		return nil
	}
	return text
}

func enteredValues(from, to []string) map[string]string {
	values := map[string]string{}
	for i := range min(len(from), len(to)) {
		source, value := strings.TrimSpace(from[i]), strings.TrimSpace(to[i])
		if source != "" && value != "" {
			values[source] = value
		}
	}
	if len(values) == 0 {
		return nil
	}
	return values
}
