// SPDX-License-Identifier: Apache-2.0

package address

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// Picklists are the fields for codes of an address, where State and Country/Territory
// picklists are on.
type Picklists struct{ State, Country *salesforce.Field }

// PicklistsOf returns the picklists of the address that a field is of, and false where they
// are off.
func PicklistsOf(describe *salesforce.Describe, at Field) (Picklists, bool) {
	country, ok := describe.Field(at.Name(Country, true))
	if !ok || country.Type != salesforce.TypePicklist {
		return Picklists{}, false
	}
	p := Picklists{Country: country}
	if state, ok := describe.Field(at.Name(State, true)); ok && state.Type == salesforce.TypePicklist {
		p.State = state
	}
	return p, true
}

// FindCountry returns the active option for a country: by what CountryCode knows, then by
// value and label as they are. Some orgs change the codes, so a label counts as the country
// that it names. Where there is none, known is the code of the country that the text names,
// "" for a text that names none.
func (p Picklists) FindCountry(text string) (option, known string) {
	known = CountryCode(text)
	if known != "" {
		option = find(p.Country, known, func(label string) bool { return CountryCode(label) == known })
	}
	if option == "" {
		key := Fold(text)
		option = find(p.Country, strings.TrimSpace(text), func(label string) bool { return Fold(label) == key })
	}
	return option, known
}

// find returns the first active option with a code, else the first whose label fits, "" for
// none.
func find(field *salesforce.Field, code string, fits func(label string) bool) string {
	for i := range field.PicklistValues {
		if v := &field.PicklistValues[i]; v.Active && strings.EqualFold(v.Value, code) {
			return v.Value
		}
	}
	for i := range field.PicklistValues {
		if v := &field.PicklistValues[i]; v.Active && fits(v.Label) {
			return v.Value
		}
	}
	return ""
}

// code returns the ISO code of a country's option: its label's, where the org has its own
// codes.
func (p Picklists) code(option string) string {
	for i := range p.Country.PicklistValues {
		if v := &p.Country.PicklistValues[i]; v.Value == option {
			if code := CountryCode(v.Label); code != "" {
				return code
			}
		}
	}
	return CountryCode(option)
}

// FindState returns the active option for a state in the country of an option. Where country
// is "" it returns the only state of all countries that the text names, and the option of
// its country.
func (p Picklists) FindState(text, country string) (option, ofCountry string, ok bool) {
	switch {
	case p.State == nil:
		return "", "", false
	case country == "":
		return p.onlyState(text)
	}
	by := &value.Controller{Field: p.Country, Value: country}
	if option, ok = p.quickly(text, by); !ok {
		option, ok = p.stateIn(text, p.code(country), by)
	}
	return option, country, ok
}

// quickly finds the option that a text spells exactly.
func (p Picklists) quickly(text string, by *value.Controller) (string, bool) {
	for i := range p.State.PicklistValues {
		v := &p.State.PicklistValues[i]
		if v.Active && strings.EqualFold(v.Label, text) && by.Allows(v) {
			return v.Value, true
		}
	}
	return "", false
}

// stateIn returns the option for a state of a country, given by its ISO code. Its label says
// most surely which state an option is: codes differ from org to org.
func (p Picklists) stateIn(text, code string, by *value.Controller) (string, bool) {
	ids, key := stateIDs(text, code), Fold(text)
	best, rank := "", 0
	for i := range p.State.PicklistValues {
		v := &p.State.PicklistValues[i]
		if !v.Active || !by.Allows(v) {
			continue
		}
		way := 0
		switch {
		case Fold(v.Label) == key:
			way = 3
		case anyOf(ids, stateIDs(v.Label, code)):
			way = 2
		case Fold(v.Value) == key:
			way = 1
		}
		if way > rank {
			best, rank = v.Value, way
		}
	}
	return best, rank > 0
}

// onlyState returns the option of the only state that a text names, and of its country.
func (p Picklists) onlyState(text string) (option, country string, ok bool) {
	ids, key := stateIDs(text, ""), Fold(text)
	for i := range p.State.PicklistValues {
		v := &p.State.PicklistValues[i]
		if !v.Active || Fold(v.Value) != key && Fold(v.Label) != key && !anyOf(ids, stateIDs(v.Label, "")) {
			continue
		}
		for j := range p.Country.PicklistValues {
			c := &p.Country.PicklistValues[j]
			if !c.Active || !(&value.Controller{Field: p.Country, Value: c.Value}).Allows(v) {
				continue
			}
			if ok {
				return "", "", false
			}
			option, country, ok = v.Value, c.Value, true
		}
	}
	return option, country, ok
}

func anyOf(a, b []string) bool {
	return slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) })
}
