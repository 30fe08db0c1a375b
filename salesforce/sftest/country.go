package sftest

import (
	"fmt"
	"slices"
	"strings"
)

// A Country is one value of the State and Country/Territory picklists.
type Country struct {
	// Code is the ISO code, such as US, which CountryCode holds. Required.
	Code string
	// Label is what people see. Required.
	Label string
	// Integration is the value of Country as the API reads and writes it; empty
	// means the label.
	Integration string
	// States are the country's states and provinces, if it has any.
	States []State
}

// A State is a state or province of a Country.
type State struct {
	Code, Label, Integration string // as those of Country
}

// WithCountries switches the org's State and Country/Territory picklists on:
// beside each State and Country of Lead, Contact, Account and User there are
// StateCode and CountryCode, either fills in the other, and values that are not
// among the picklists are refused (SALESFORCE.md 2). Without countries they are
// the United States, Canada, Germany and the United Kingdom, with few states.
func WithCountries(countries ...Country) Option {
	if len(countries) == 0 {
		countries = []Country{
			{Code: "US", Label: "United States", States: []State{{Code: "CA", Label: "California"}, {Code: "NY", Label: "New York"}, {Code: "TX", Label: "Texas"}, {Code: "WA", Label: "Washington"}}},
			{Code: "CA", Label: "Canada", States: []State{{Code: "BC", Label: "British Columbia"}, {Code: "ON", Label: "Ontario"}, {Code: "QC", Label: "Quebec"}}},
			{Code: "DE", Label: "Germany"},
			{Code: "GB", Label: "United Kingdom"},
		}
	}
	return func(o *options) { o.countries = slices.Clone(countries) }
}

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

func (o *Org) countryPlaces() []place {
	list := make([]place, len(o.opts.countries))
	for i, c := range o.opts.countries {
		list[i] = newPlace(c.Code, c.Label, c.Integration)
	}
	return list
}

// defineCountries adds the fields for codes.
func (o *Org) defineCountries() {
	if o.opts.countries == nil {
		return
	}
	countries := o.countryPlaces()
	var states []place
	validFor := map[string][]string{}
	for _, c := range o.opts.countries {
		states = append(states, c.places()...)
		for _, s := range c.States {
			validFor[s.Code] = append(validFor[s.Code], c.Code)
		}
	}
	for _, name := range addressed() {
		obj := o.object(name)
		for _, prefix := range addressPrefixes(obj) {
			obj.addField(codeField(obj.field(prefix+"Country"), countries))
			state := codeField(obj.field(prefix+"State"), states)
			state.Controller, state.ValidFor = prefix+"CountryCode", validFor
			obj.addField(state)
		}
	}
}

// addressPrefixes are what the addresses of an object begin with, such as
// Mailing; "" of a Lead.
func addressPrefixes(obj *object) []string {
	var prefixes []string
	for _, f := range obj.fields {
		if f.Type == "address" {
			prefixes = append(prefixes, strings.TrimSuffix(f.Name, "Address"))
		}
	}
	return prefixes
}

func codeField(of *field, places []place) *field {
	f := newField(Field{Name: of.Name + "Code", Label: of.Label + " Code", Type: "picklist", Length: 10, Restricted: true})
	f.compound, f.Labels = of.compound, map[string]string{}
	for _, p := range places {
		if _, ok := f.Labels[p.code]; !ok {
			f.Options = append(f.Options, p.code)
			f.Labels[p.code] = p.label
		}
	}
	return f
}

// settlePlaces brings countries and states in line with their codes.
func (o *Org) settlePlaces(s *save) *RowError {
	if o.opts.countries == nil {
		return nil
	}
	for _, prefix := range addressPrefixes(s.obj) {
		if s.touchesPlace(prefix) {
			if err := o.settlePlace(s, prefix); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *save) touchesPlace(prefix string) bool {
	return slices.ContainsFunc([]string{"Country", "CountryCode", "State", "StateCode"}, func(name string) bool {
		_, given := s.given[prefix+name]
		return given
	})
}

func (o *Org) settlePlace(s *save, prefix string) *RowError {
	s.clearPlace(prefix + "Country")
	s.clearPlace(prefix + "State")
	if err := s.matchPlace(prefix+"Country", o.countryPlaces()); err != nil {
		return err
	}
	var states []place
	at := slices.IndexFunc(o.opts.countries, func(c Country) bool { return c.Code == s.after[prefix+"CountryCode"] })
	if at >= 0 {
		states = o.opts.countries[at].places()
	}
	state, code := s.obj.field(prefix+"State"), s.obj.field(prefix+"StateCode")
	if at < 0 && (s.after[state.Name] != nil || s.given[code.Name] != nil) {
		// The text is from memory, that of the next one recorded (SALESFORCE.md 3).
		return rowErr("FIELD_INTEGRITY_EXCEPTION", "A country/territory must be specified before specifying a state value for field: "+state.Label, state.Name)
	}
	if err := s.matchPlace(state.Name, states); err != nil {
		return err
	}
	known := func(p place) bool { return p.code == s.after[code.Name] }
	if s.after[code.Name] != nil && !slices.ContainsFunc(states, known) {
		return rowErr("FIELD_INTEGRITY_EXCEPTION", "The existing country/territory doesn't recognize the state value for field: "+code.Label, code.Name)
	}
	return nil
}

// matchPlace finds what a request says by name or by code, and sets both. A name
// may be the label or the integration value. An unknown code is left to the rule
// of restricted picklists, and to that of states of another country.
func (s *save) matchPlace(name string, places []place) *RowError {
	f, code := s.obj.field(name), s.obj.field(name+"Code")
	text, short := s.given[f.Name], s.given[code.Name]
	switch {
	case short != nil:
		at := slices.IndexFunc(places, func(p place) bool { return strings.EqualFold(p.code, textOf(short)) })
		if at < 0 {
			return nil
		}
		if text != nil && !places[at].named(textOf(text)) { // text from memory
			return rowErr("FIELD_INTEGRITY_EXCEPTION", "Mismatched integration value and ISO code for field: "+code.Label, code.Name)
		}
		s.after[f.Name], s.after[code.Name] = places[at].integration, places[at].code
	case text != nil:
		at := slices.IndexFunc(places, func(p place) bool { return p.named(textOf(text)) })
		if at < 0 {
			return noSuchPlace(f)
		}
		s.after[f.Name], s.after[code.Name] = places[at].integration, places[at].code
	}
	return nil
}

// clearPlace takes away both the name and the code when either is set to null.
func (s *save) clearPlace(name string) {
	text, named := s.given[name]
	short, coded := s.given[name+"Code"]
	if (named || coded) && text == nil && short == nil {
		delete(s.after, name)
		delete(s.after, name+"Code")
	}
}

// noSuchPlace has the text recorded of a country, with state in its place.
func noSuchPlace(f *field) *RowError {
	kind, choice, list := "country", "country/territory", "countries"
	if strings.HasSuffix(f.Name, "State") {
		kind, choice, list = "state", "state", "states"
	}
	return rowErr("FIELD_INTEGRITY_EXCEPTION", fmt.Sprintf(
		"There's a problem with this %s, even though it may appear correct. Please select a %s from the list of valid %s.", kind, choice, list), f.Name)
}
