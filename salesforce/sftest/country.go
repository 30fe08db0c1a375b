package sftest

import (
	"slices"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
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

// countrySpecs are the countries as the packages below have them, nil for nil.
func countrySpecs(countries []Country) []db.Country {
	var specs []db.Country
	for _, c := range countries {
		spec := db.Country{Code: c.Code, Label: c.Label, Integration: c.Integration}
		for _, s := range c.States {
			spec.States = append(spec.States, db.State(s))
		}
		specs = append(specs, spec)
	}
	return specs
}
