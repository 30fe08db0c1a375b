// SPDX-License-Identifier: Apache-2.0

package sftest

import "github.com/leadsync/leadsync/salesforce/sftest/internal/db"

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
	// Inactive countries are in the describe and in existing rows only: writes that set one
	// are refused (unverified).
	Inactive bool
}

// A State is a state or province of a Country.
type State struct {
	Code, Label, Integration string // as those of Country
}

// countrySpecs returns the countries as the packages below have them, nil for nil.
func countrySpecs(countries []Country) []db.Country {
	var specs []db.Country
	for _, c := range countries {
		spec := db.Country{Code: c.Code, Label: c.Label, Integration: c.Integration, Inactive: c.Inactive}
		for _, s := range c.States {
			spec.States = append(spec.States, db.State(s))
		}
		specs = append(specs, spec)
	}
	return specs
}
