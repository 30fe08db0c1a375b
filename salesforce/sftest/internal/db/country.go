// SPDX-License-Identifier: Apache-2.0

package db

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A place is a country or a state, of one address.
type place struct{ code, label, integration string }

func (p place) named(text string) bool {
	return strings.EqualFold(p.label, text) || strings.EqualFold(p.integration, text)
}

func newPlace(code, label, integration string) place {
	if integration == "" {
		integration = label
	}
	return place{code, label, integration}
}

func (c *Country) places() []place {
	list := make([]place, len(c.States))
	for i, s := range c.States {
		list[i] = newPlace(s.Code, s.Label, s.Integration)
	}
	return list
}

// countryPlaces returns the countries, or only those that are active.
func (d *DB) countryPlaces(all bool) []place {
	var list []place
	for _, c := range d.opts.Countries {
		if all || !c.Inactive {
			list = append(list, newPlace(c.Code, c.Label, c.Integration))
		}
	}
	return list
}

// defineCountries adds the fields for codes.
func (d *DB) defineCountries() {
	if d.opts.Countries == nil {
		return
	}
	countries := d.countryPlaces(true)
	var inactive []string
	var states []place
	var options []StateOption
	validFor := map[string][]string{}
	for _, c := range d.opts.Countries {
		if c.Inactive {
			inactive = append(inactive, c.Code)
		}
		states = append(states, c.places()...)
		for _, s := range c.States {
			validFor[s.Code] = append(validFor[s.Code], c.Code)
			options = append(options, StateOption{s.Code, s.Label, c.Code})
		}
	}
	for _, name := range addressed() {
		obj := d.object(name)
		for _, prefix := range addressPrefixes(obj) {
			country := codeField(obj.Field(prefix+"Country"), countries)
			country.Inactive = inactive
			obj.addField(country)
			state := codeField(obj.Field(prefix+"State"), states)
			state.Controller, state.ValidFor, state.States = prefix+"CountryCode", validFor, options
			obj.addField(state)
		}
	}
}

// addressPrefixes returns the prefixes of the addresses of an object, such as Mailing; "" for
// a Lead.
func addressPrefixes(obj *Object) []string {
	var prefixes []string
	for _, f := range obj.Fields {
		if f.Type == "address" {
			prefixes = append(prefixes, strings.TrimSuffix(f.Name, "Address"))
		}
	}
	return prefixes
}

func codeField(of *Field, places []place) *Field {
	f := newField(FieldSpec{
		Name: of.Name + "Code", Label: of.Label + " Code", Type: "picklist", Length: 10, Restricted: true,
	})
	f.Compound, f.Labels = of.Compound, map[string]string{}
	for _, p := range places {
		if _, ok := f.Labels[p.code]; !ok {
			f.Options = append(f.Options, p.code)
			f.Labels[p.code] = p.label
		}
	}
	return f
}

// settlePlaces makes countries and states consistent with their codes.
func (d *DB) settlePlaces(s *Save) *wire.RowError {
	if d.opts.Countries == nil {
		return nil
	}
	for _, prefix := range addressPrefixes(s.Obj) {
		if s.touchesPlace(prefix) {
			if err := d.settlePlace(s, prefix); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Save) touchesPlace(prefix string) bool {
	return slices.ContainsFunc([]string{"Country", "CountryCode", "State", "StateCode"}, func(name string) bool {
		_, given := s.given[prefix+name]
		return given
	})
}

func (d *DB) settlePlace(s *Save, prefix string) *wire.RowError {
	s.clearPlace(prefix + "Country")
	s.clearPlace(prefix + "State")
	if err := s.matchPlace(prefix+"Country", d.countryPlaces(false)); err != nil {
		return err
	}
	var states []place
	at := slices.IndexFunc(d.opts.Countries, func(c Country) bool { return c.Code == s.after[prefix+"CountryCode"] })
	if at >= 0 {
		states = d.opts.Countries[at].places()
	}
	state, code := s.Obj.Field(prefix+"State"), s.Obj.Field(prefix+"StateCode")
	if at < 0 && (s.after[state.Name] != nil || s.given[code.Name] != nil) {
		// recorded (docs/salesforce.md, Errors)
		return wire.NewRowError("FIELD_INTEGRITY_EXCEPTION",
			"A country/territory must be specified before specifying a state value for field: "+state.Label, state.Name)
	}
	if err := s.matchPlace(state.Name, states); err != nil {
		return err
	}
	known := func(p place) bool { return p.code == s.after[code.Name] }
	if s.after[code.Name] != nil && !slices.ContainsFunc(states, known) {
		return wire.NewRowError("FIELD_INTEGRITY_EXCEPTION",
			"The existing country/territory doesn't recognize the state value for field: "+code.Label, code.Name)
	}
	return nil
}

// matchPlace finds what a request says by name or by code, and sets both. A name
// may be the label or the integration value. An unknown code is left to the rule
// of restricted picklists, and to that of states of another country.
func (s *Save) matchPlace(name string, places []place) *wire.RowError {
	f, code := s.Obj.Field(name), s.Obj.Field(name+"Code")
	text, short := s.given[f.Name], s.given[code.Name]
	switch {
	case short != nil:
		at := slices.IndexFunc(places, func(p place) bool { return strings.EqualFold(p.code, wire.TextOf(short)) })
		if at < 0 {
			return nil
		}
		if text != nil && !places[at].named(wire.TextOf(text)) { // text unverified
			return wire.NewRowError("FIELD_INTEGRITY_EXCEPTION",
				"Mismatched integration value and ISO code for field: "+code.Label, code.Name)
		}
		s.after[f.Name], s.after[code.Name] = places[at].integration, places[at].code
	case text != nil:
		at := slices.IndexFunc(places, func(p place) bool { return p.named(wire.TextOf(text)) })
		if at < 0 {
			return noSuchPlace(f)
		}
		s.after[f.Name], s.after[code.Name] = places[at].integration, places[at].code
	}
	return nil
}

// clearPlace removes both the name and the code if either is set to null.
func (s *Save) clearPlace(name string) {
	text, named := s.given[name]
	short, coded := s.given[name+"Code"]
	if (named || coded) && text == nil && short == nil {
		delete(s.after, name)
		delete(s.after, name+"Code")
	}
}

// noSuchPlace ends in the label of the field, which names the address
// (docs/salesforce.md, Errors, FIELD_INTEGRITY_EXCEPTION).
func noSuchPlace(f *Field) *wire.RowError {
	kind, choice, list := "country", "country/territory", "countries"
	if strings.HasSuffix(f.Name, "State") {
		kind, choice, list = "state", "state", "states"
	}
	return wire.NewRowError("FIELD_INTEGRITY_EXCEPTION",
		fmt.Sprintf("There's a problem with this %s, even though it may appear correct."+
			" Please select a %s from the list of valid %s.: %s", kind, choice, list, f.Label), f.Name)
}

// addressed returns the objects with addresses.
func addressed() []string { return []string{"Lead", "Contact", "Account", "User"} }
