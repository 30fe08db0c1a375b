// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"fmt"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A ruleRun is what applies rules one by one: a mapRun.
type ruleRun interface {
	value(rule *Rule) (v any, byDefault bool, _ *fault)
	field(rule *Rule) (*salesforce.Field, *fault)
	translate(rule *Rule, field *salesforce.Field, v any) (any, *fault)
	leaveOut(rule *Rule, f *fault) *fault
	clear(field *salesforce.Field, current any) *fault
	warn(kind leadtype.WarningKind, code leadtype.Code, field, reason string)
	options(rule *Rule) value.Options
	write(field string, v any, notes []value.Note)
	fail(f *fault)
	over(rule *Rule, field *salesforce.Field) replacement
	decide(field *salesforce.Field, by ruling) bool
}

// An addressRun is the address of one lead on its way into one record. It applies the rules
// for the address together: an address is one value.
type addressRun struct {
	ruleRun
	target *Target
	at     address.Field
	lists  address.Picklists
	coded  bool // State and Country/Territory picklists are on
	parts  [address.Parts]addressPart
	given  address.Address // as it would be written
	record address.Address
}

// An addressPart is a part of the address.
type addressPart struct {
	rule     *Rule // that gives the value or could give it, nil where none does
	value    any   // nil for blank
	fallback any   // Rule.Default
	field    *salesforce.Field
	known    bool // the record's value has been read
	form     any  // the value in its field's form; nil for a code
	notes    []value.Note
}

// placeOf returns the place in an address of the field that a rule fills, false for any other
// rule.
func (t *Target) placeOf(rule *Rule) (address.Field, bool) {
	found := rule.place
	if found == nil { // of no Set
		found = new(rule.findPlace())
	}
	at := found.at
	if !found.ok || rule.By != "" || rule.Write == Append {
		return at, false
	}
	if value.MatchedObject(t.Object) != "" {
		return at, true
	}
	field, seen := t.Describe.Field(rule.Field)
	if !seen {
		return at, false
	}
	return address.Described(t.Object, field)
}

// applyAddress applies the rules of an address, of which the first is the first of rules.
func applyAddress(run ruleRun, target *Target, rules []Rule, at address.Field) *fault {
	a := addressRun{ruleRun: run, target: target, at: at}
	a.lists, a.coded = address.PicklistsOf(target.Describe, at)
	anything, f := a.take(rules)
	if f != nil || !anything {
		return f
	}
	if f := a.read(); f != nil {
		return f
	}
	if a.convert() {
		a.apply()
	}
	return nil
}

// take takes the values of the rules, and reports whether there is anything to do.
func (a *addressRun) take(rules []Rule) (anything bool, _ *fault) {
	for i := range rules {
		rule := &rules[i]
		at, ok := a.target.placeOf(rule)
		if !ok || !at.Same(a.at) || rule.writeRule(a.target) == Never || rule.CreateOnly && !a.target.Creates() {
			continue
		}
		if a.target.Doubt {
			if rule = a.target.inDoubt(rule); rule == nil {
				continue
			}
		}
		part := &a.parts[at.Part]
		if !value.IsBlank(part.value) {
			continue // the code's rule or the text's has given it
		}
		v, f := a.ownValue(rule)
		if at.Code && !a.coded && f == nil && !value.IsBlank(v) {
			_, f = a.field(rule) // which is missing
			v = nil
		}
		if f = a.leaveOut(rule, f); f != nil {
			return false, f
		}
		if at.Code && !a.coded {
			continue
		}
		part.rule, part.value = rule, v
		if fallback, ok := value.PlainValue(rule.Default); ok && !value.IsBlank(fallback) {
			part.fallback = fallback
		}
		anything = anything || !value.IsBlank(v) || part.fallback != nil || rule.Write == Clear
	}
	return anything, nil
}

// ownValue is value without the rule's default.
func (a *addressRun) ownValue(rule *Rule) (any, *fault) {
	if rule.Default != nil {
		rule = new(*rule)
		rule.Default = nil
	}
	v, _, f := a.value(rule)
	return v, f
}

// read reads what the record holds, and which fields may be written.
func (a *addressRun) read() *fault {
	for i := range a.parts {
		part := &a.parts[i]
		part.field = a.fieldOf(address.Part(i))
		if part.field != nil {
			a.readPart(address.Part(i))
		}
		if part.rule == nil || value.IsBlank(part.value) && part.fallback == nil && part.rule.Write != Clear {
			continue
		}
		rule := part.rule
		if part.field != nil && rule.Field != part.field.Name {
			rule = new(*rule)
			rule.Field = part.field.Name
		}
		var f *fault
		if part.field, f = a.field(rule); f != nil {
			return f
		}
		if part.field == nil {
			part.rule, part.value, part.fallback = nil, nil, nil
			continue
		}
		if !value.IsBlank(part.value) {
			part.value, f = a.translate(rule, part.field, part.value)
			if f = a.leaveOut(rule, f); f != nil {
				return f
			}
		}
	}
	return nil
}

// readPart reads what the record holds of a part. The text of a state or a country says the
// same as the code, if not for comparison.
func (a *addressRun) readPart(part address.Part) {
	p := &a.parts[part]
	current, known := a.target.current(p.field)
	if !known && a.coded && part.Coded() {
		if text, ok := a.target.Describe.Field(a.at.Name(part, false)); ok {
			current, _ = a.target.current(text)
		}
	}
	a.record[part], p.known = value.TextOf(current, nil), known
}

// fieldOf returns the field that holds a part, nil for none: the one for its code, where
// there is one.
func (a *addressRun) fieldOf(part address.Part) *salesforce.Field {
	field, ok := a.target.Describe.Field(a.at.Name(part, a.coded))
	if !ok {
		return nil
	}
	return field
}

// convert gives the values the form of their fields. It is false where the address cannot
// be written: that of a country which the org does not take, or a value that fails the lead.
func (a *addressRun) convert() bool {
	whole := true
	for i := range a.parts {
		part := address.Part(i)
		if value.IsBlank(a.parts[i].value) || a.coded && part.Coded() {
			continue
		}
		whole = a.convertPart(part) && whole
	}
	if !whole || !a.coded {
		return whole
	}
	whole = a.findCountry()
	if whole {
		a.findState()
	}
	return whole
}

func (a *addressRun) convertPart(part address.Part) bool {
	p := &a.parts[part]
	converted, notes, problem := value.Convert(p.field, p.value, a.options(p.rule))
	if problem == nil {
		a.given[part], p.form, p.notes = value.TextOf(converted, nil), converted, notes
		return true
	}
	f := a.leaveOut(p.rule, faultOf(problem))
	if f != nil {
		a.fail(f)
	}
	return f == nil
}

// findCountry finds the option for the country.
func (a *addressRun) findCountry() bool {
	part := &a.parts[address.Country]
	if value.IsBlank(part.value) {
		return true
	}
	option, known := a.lists.FindCountry(value.TextOf(part.value, nil))
	current := a.record[address.Country]
	switch {
	case option == "" && known != "" && address.CountryCode(current) == known:
		option = current // which is no longer active
	case option == "" && known != "":
		a.warn(leadtype.Unfit, leadtype.DataValueValidation, part.field.Name,
			fmt.Sprintf("%s is not an active option: the whole address is left out", known))
	case option == "":
		a.warn(leadtype.Unfit, leadtype.DataValueValidation, part.field.Name,
			"is not an active option, nor a country by another name: the whole address is left out")
	}
	a.given[address.Country] = option
	return option != ""
}

// findState finds the option for the state, which may say what the country is.
func (a *addressRun) findState() {
	part := &a.parts[address.State]
	if value.IsBlank(part.value) {
		return
	}
	text := value.TextOf(part.value, nil)
	country := cmp.Or(a.given[address.Country], a.record[address.Country])
	if fallback := a.parts[address.Country].fallback; country == "" && fallback != nil {
		country, _ = a.lists.FindCountry(value.TextOf(fallback, nil))
	}
	option, of, ok := a.lists.FindState(text, country)
	if !ok && country != "" && a.given[address.Country] == "" {
		option, of, ok = a.lists.FindState(text, "")
	}
	switch field := a.parts[address.Country].field; {
	case ok && of != country && (field == nil || !value.Writeable(field, a.target.Creates())):
		a.warn(leadtype.Unfit, leadtype.DataValueValidation, part.field.Name,
			"is a state of another country, which cannot be written")
	case ok:
		a.given[address.State] = option
		if of != country {
			a.given[address.Country] = of
		}
	case country == "":
		a.warn(leadtype.Unfit, leadtype.DataValueValidation, part.field.Name,
			"is not a state of exactly one country, and the lead has no country")
	default:
		a.warn(leadtype.Unfit, leadtype.DataValueValidation, part.field.Name,
			"is not an active option of the country")
	}
}

// apply writes what the rules and the record let the address write.
func (a *addressRun) apply() {
	write := a.writeRule()
	for i := range a.parts {
		if part := &a.parts[i]; a.given[i] != "" && !part.known && write.depends() {
			a.warn(leadtype.Dropped, "", part.field.Name, "was left alone: its current value was not read")
			return
		}
	}
	switch outcome := address.Weigh(a.record, a.given); {
	case outcome == address.Contradicts, outcome == address.Replaces && write == WriteIfBlank:
		a.contradict(write)
	case outcome == address.Replaces:
		if a.mayReplace(write) {
			a.replace()
		}
	case outcome == address.Fills && a.wholeOnly(write) && !a.record.Blank():
	case a.record.Blank() || !a.given.Blank():
		a.addDefaults()
		if a.mayFill(write) {
			a.fill()
		}
		a.noteEqual()
		fallthrough
	default:
		a.clearParts()
	}
}

// wholeOnly reports whether the address is written only where the record has none at all: the
// one of a company, and of several leads that become one new record the first.
func (a *addressRun) wholeOnly(write WriteRule) bool {
	if write == WriteIfBlank && a.target.Object.Equal(salesforce.ObjectAccount) {
		return true
	}
	for i := range a.parts {
		if rule := a.parts[i].rule; rule != nil && rule.CreateOnly {
			return true
		}
	}
	return false
}

// contradict leaves the address out. It says nothing where the rules only fill blank fields
// and there are none.
func (a *addressRun) contradict(write WriteRule) {
	at, blanks := address.Country, false
	for i := range a.parts {
		part := address.Part(i)
		blanks = blanks || a.given[i] != "" && a.record[i] == ""
		if part < at && a.given[i] != "" && (a.record[i] == "" || !a.same(part)) {
			at = part
		}
	}
	if write == WriteIfBlank && (!blanks || a.wholeOnly(write)) {
		return
	}
	differs := func(part address.Part) bool { return a.given[part] != "" && !a.same(part) }
	if part, kept := a.edited(differs); kept && write != Overwrite {
		a.keepEdited(part)
		return
	}
	a.warn(leadtype.AddressContradicts, "", a.parts[at].field.Name,
		"the address is not the one of the record, and too little to replace it")
}

// same reports whether the record has what the lead gives, if in another spelling.
func (a *addressRun) same(part address.Part) bool {
	if a.coded && part.Coded() {
		return a.given[part] == a.record[part]
	}
	return address.Same(part, a.record[part], a.given[part], "")
}

// replace writes the address over the one of the record, and clears the parts that it lacks.
func (a *addressRun) replace() {
	for i := range a.parts {
		field := a.parts[i].field
		if a.given[i] != "" || a.record[i] == "" {
			continue
		}
		if field == nil || !field.Nillable || !value.Writeable(field, a.target.Creates()) {
			a.warn(leadtype.AddressContradicts, "", a.at.Name(address.Part(i), a.coded),
				"the address lacks a part that the record has and that cannot be cleared")
			return
		}
	}
	for i := range a.parts {
		switch {
		case a.given[i] != "" && !a.same(address.Part(i)):
			a.put(address.Part(i))
		case a.given[i] == "" && a.record[i] != "":
			a.write(a.parts[i].field.Name, nil, nil)
		}
	}
}

// fill writes the parts that the record lacks.
func (a *addressRun) fill() {
	for i := range a.parts {
		if a.given[i] != "" && a.record[i] == "" {
			a.put(address.Part(i))
		}
	}
}

func (a *addressRun) put(part address.Part) {
	p := &a.parts[part]
	form := p.form
	if form == nil {
		form = a.given[part]
	}
	a.write(p.field.Name, form, p.notes)
}

// addDefaults gives the parts that neither the lead nor the record has the defaults of their
// rules.
func (a *addressRun) addDefaults() {
	for i := range a.parts {
		part := &a.parts[i]
		if part.fallback == nil || a.given[i] != "" || a.record[i] != "" {
			continue
		}
		part.value = part.fallback
		switch {
		case !a.coded || !address.Part(i).Coded():
			a.convertPart(address.Part(i))
		case address.Part(i) == address.Country:
			a.findCountry()
		}
	}
	state := &a.parts[address.State]
	if a.coded && state.fallback != nil && a.given[address.State] == "" && a.record[address.State] == "" {
		a.findState()
	}
}

// clearParts clears what the lead has no value for and a rule clears.
func (a *addressRun) clearParts() {
	for i := range a.parts {
		part := &a.parts[i]
		if part.rule == nil || part.rule.Write != Clear || a.given[i] != "" || part.field == nil {
			continue
		}
		if f := a.clear(part.field, a.record[i]); f != nil {
			a.fail(f)
		}
	}
}

// addressRule returns the rule for the text of a state or a country by the field for its
// code, or the other way round, else the first rule for the same address: what the address
// lacks is cleared with it. It is the zero Rule for a field of no address.
func (m *Mapping) addressRule(object salesforce.Object, field string) (first Rule) {
	at, ok := address.Of(field)
	if !ok {
		return first
	}
	for _, rule := range m.rules(object) {
		switch of, ok := address.Of(rule.Field); {
		case !ok || !of.Same(at):
		case of.Part == at.Part:
			return rule
		case first.Field == "":
			first = rule
		}
	}
	return first
}
