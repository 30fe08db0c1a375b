// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"cmp"
	"fmt"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// placeOf returns the place in an address of the field that a rule fills, false for any
// other rule. The rules for one address are applied together: an address is one value.
func (r *mapRun) placeOf(rule *Rule) (address.Field, bool) {
	at, ok := address.Of(rule.Field)
	if !ok || rule.By != "" || rule.Write == Append {
		return at, false
	}
	if field, seen := r.target.Describe.Field(rule.Field); seen {
		return address.Described(r.target.Object, field)
	}
	return at, value.MatchedObject(r.target.Object) != ""
}

// placed reports whether the rules of an address have been applied, and takes note of it.
func (r *mapRun) placed(at address.Field) bool {
	for _, done := range r.addresses {
		if done.Same(at) {
			return true
		}
	}
	r.addresses = append(r.addresses, at)
	return false
}

// An addressRun is the address of one lead on its way into one record.
type addressRun struct {
	*mapRun
	at        address.Field
	lists     address.Picklists
	coded     bool // State and Country/Territory picklists are on
	parts     [address.Parts]addressPart
	given     address.Address // as it would be written
	record    address.Address
}

// An addressPart is a part of the address.
type addressPart struct {
	rule     *Rule // that gives the value or could give it, nil where none does
	value    any   // nil for blank
	fallback any   // Rule.Default
	field    *salesforce.Field
	known    bool // the record's value has been read
	notes    []value.Note
}

// address applies the rules of an address, of which the first is the first of rules.
func (r *mapRun) address(rules []Rule, at address.Field) *fault {
	a := addressRun{mapRun: r, at: at}
	anything, f := a.take(rules)
	if f != nil || !anything {
		return f
	}
	a.lists, a.coded = address.PicklistsOf(r.target.Describe, at)
	if f := a.read(); f != nil {
		return f
	}
	if a.convert() {
		a.write()
	}
	return nil
}

// take takes the values of the rules, and reports whether there is anything to do.
func (a *addressRun) take(rules []Rule) (anything bool, _ *fault) {
	for i := range rules {
		rule := &rules[i]
		at, ok := a.placeOf(rule)
		if !ok || !at.Same(a.at) || rule.Write == Never || rule.CreateOnly && !a.target.Creates() {
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
		if f != nil && !rule.mayLeaveOut(f) {
			return false, f
		}
		if f != nil {
			a.warnings = append(a.warnings, f.warning(a.target.Object))
			v = nil
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
func (r *mapRun) ownValue(rule *Rule) (any, *fault) {
	if rule.Default == nil {
		return r.value(rule)
	}
	own := *rule
	own.Default = nil
	return r.value(&own)
}

// read reads what the record holds, and which fields may be written.
func (a *addressRun) read() *fault {
	for i := range a.parts {
		part := &a.parts[i]
		field, ok := a.fieldOf(address.Part(i))
		if ok {
			var current any
			current, part.known = a.target.current(field)
			a.record[i] = value.TextOf(current, nil)
			if !part.known && a.coded { // the text says the same
				if text, ok := a.target.Describe.Field(a.at.Name(address.Part(i), false)); ok {
					current, _ = a.target.current(text)
					a.record[i] = value.TextOf(current, nil)
				}
			}
		}
		if part.rule == nil || value.IsBlank(part.value) && part.fallback == nil && part.rule.Write != Clear {
			part.field = field
			continue
		}
		of := *part.rule
		if ok {
			of.Field = field.Name
		}
		var f *fault
		if part.field, f = a.field(&of); f != nil {
			return f
		}
		if part.field == nil {
			part.value, part.fallback = nil, nil
		}
	}
	return nil
}

// fieldOf returns the field that holds a part: the one for its code, where there is one.
func (a *addressRun) fieldOf(part address.Part) (*salesforce.Field, bool) {
	if a.coded && part.Coded() {
		return a.target.Describe.Field(a.at.Name(part, true))
	}
	if rule := a.parts[part].rule; rule != nil {
		if field, ok := a.target.Describe.Field(rule.Field); ok {
			return field, true
		}
	}
	return a.target.Describe.Field(a.at.Name(part, false))
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
	options := value.Options{Zone: a.zone, Refuse: cmp.Or(p.rule.TooLong, a.TooLong) == Fail}
	converted, notes, problem := value.Convert(p.field, p.value, options)
	if problem == nil {
		a.given[part], p.notes = value.TextOf(converted, nil), notes
		return true
	}
	f := faultOf(problem)
	if !p.rule.mayLeaveOut(f) {
		a.faults = append(a.faults, f)
		return false
	}
	a.warnings = append(a.warnings, f.warning(a.target.Object))
	return true
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
			fmt.Sprintf("the address was left out: its country, %s, is not an active option", known))
	case option == "":
		a.warn(leadtype.Unfit, leadtype.DataValueValidation, part.field.Name,
			"the address was left out: its country is not an active option, nor one that is known by another name")
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
			"the state was left out: its country cannot be written")
	case ok:
		a.given[address.State] = option
		if of != country {
			a.given[address.Country] = of
		}
	case country == "":
		a.warn(leadtype.Unfit, leadtype.DataValueValidation, part.field.Name,
			"the state was left out: the lead has no country, and not exactly one country has such a state")
	default:
		a.warn(leadtype.Unfit, leadtype.DataValueValidation, part.field.Name,
			"the state was left out: it is not an active option of the country")
	}
}

// write writes what the rules and the record let the address write.
func (a *addressRun) write() {
	write := a.writeRule()
	for i := range a.parts {
		if part := &a.parts[i]; a.given[i] != "" && !part.known && write != Overwrite {
			a.warn(leadtype.Dropped, "", part.field.Name, "was left alone: its current value was not read")
			return
		}
	}
	outcome := address.AddsNothing
	if !a.given.Blank() {
		outcome = address.Weigh(a.record, a.given)
	}
	switch {
	case outcome == address.Contradicts, outcome == address.Replaces && write == WriteIfBlank:
		a.contradict(write)
	case outcome == address.Replaces:
		a.replace()
	case outcome == address.Fills && a.wholeOnly(write) && !a.record.Blank():
	case a.record.Blank() || !a.given.Blank():
		a.addDefaults()
		a.fill()
		fallthrough
	default:
		a.clearParts()
	}
}

// writeRule returns the write rule of the address: the most careful of its rules.
func (a *addressRun) writeRule() WriteRule {
	write := Overwrite
	for i := range a.parts {
		if rule := a.parts[i].rule; rule != nil && (rule.Write == WriteIfBlank || rule.CreateOnly) {
			write = WriteIfBlank
		}
	}
	return write
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
	a.warn(leadtype.AddressContradicts, "", a.parts[at].field.Name,
		"the address was left out: it is not the one of the record, and cannot replace it")
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
				"the address was left out: the record has a part that it lacks and that cannot be cleared")
			return
		}
	}
	for i := range a.parts {
		switch {
		case a.given[i] != "" && !a.same(address.Part(i)):
			a.put(address.Part(i))
		case a.given[i] == "" && a.record[i] != "":
			a.fields[a.parts[i].field.Name] = nil
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
	a.warnings = append(a.warnings, verdict.WarningsOf(a.target.Object, p.notes)...)
	a.fields[p.field.Name] = a.given[part]
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
			a.faults = append(a.faults, f)
		}
	}
}
