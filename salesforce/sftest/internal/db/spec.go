// SPDX-License-Identifier: Apache-2.0

package db

// A Rule is a validation rule: see sftest.Rule.
type Rule struct {
	Name    string
	Message string
	Field   string
	Refuses func(row map[string]any) bool
}

// A DuplicateRule refuses records that resemble others: see sftest.DuplicateRule.
type DuplicateRule struct {
	Name    string
	Message string
	MatchOn []string
	Against []string
	Block   bool
}

// A RecordTypeSpec is the definition of a record type: see sftest.RecordType.
type RecordTypeSpec struct {
	Name                  string
	Label                 string
	Picklists             map[string][]string
	Defaults              map[string]string
	Default               bool
	Inactive, Unavailable bool
}

// A RecordType is a record type of an object.
type RecordType struct {
	RecordTypeSpec
	ID string
}

// A Country is a value of the country picklists: see sftest.Country.
type Country struct {
	Code        string
	Label       string
	Integration string
	States      []State
	Inactive    bool
}

// A State is a state or province of a country.
type State struct {
	Code, Label, Integration string // as those of Country
}
