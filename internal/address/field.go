// SPDX-License-Identifier: Apache-2.0

// Package address knows addresses: which fields make one up, how people write
// countries, states, cities, streets and postal codes, and when one address may take the
// place of another. All functions are pure and safe for concurrent use.
package address

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A Part is a part of an address.
type Part int

// The parts, in the order in which warnings name them.
const (
	Street Part = iota
	City
	State
	PostalCode
	Country
	parts // how many there are
)

// Coded reports whether the part has a field for its code beside the one for its text,
// where State and Country/Territory picklists are on.
func (p Part) Coded() bool { return p == State || p == Country }

func (p Part) name() string {
	return [parts]string{"Street", "City", "State", "PostalCode", "Country"}[p]
}

// A Field is the place of a field in an address.
type Field struct {
	// Prefix and Suffix are the rest of the field's name: Mailing of MailingCity, and
	// Home__ and __s of a custom address. Prefix is empty on a Lead.
	Prefix, Suffix string
	Part           Part
	// Code says that the field holds the code of a state or a country.
	Code bool
}

// custom ends the names of the fields of custom addresses, which hold codes only.
const custom = "__s"

// Of returns the place of a field in an address, by its API name in any case. It is false
// for a field that is part of none, such as City__c.
func Of(field string) (Field, bool) {
	name, suffix := field, ""
	if before, ok := cutSuffixFold(field, custom); ok {
		name, suffix = before, custom
	}
	part, prefix, code := partOf(name)
	if part == parts || !known(prefix, suffix) {
		return Field{}, false
	}
	return Field{Prefix: prefix, Suffix: suffix, Part: part, Code: code}, true
}

// partOf returns the part that ends a name and what is before it, parts for no part.
func partOf(name string) (_ Part, prefix string, code bool) {
	if len(name) < 2 {
		return parts, "", false
	}
	switch last := len(name) - 1; string([]byte{name[last-1] | 0x20, name[last] | 0x20}) { // most fields are of no address
	case "et":
		if prefix, ok := cutSuffixFold(name, "Street"); ok {
			return Street, prefix, false
		}
	case "ty":
		if prefix, ok := cutSuffixFold(name, "City"); ok {
			return City, prefix, false
		}
	case "ry":
		if prefix, ok := cutSuffixFold(name, "Country"); ok {
			return Country, prefix, false
		}
	case "te":
		if prefix, ok := cutSuffixFold(name, "State"); ok {
			return State, prefix, false
		}
	case "de":
		if prefix, ok := cutSuffixFold(name, "PostalCode"); ok {
			return PostalCode, prefix, false
		}
		if prefix, ok := cutSuffixFold(name, "StateCode"); ok {
			return State, prefix, true
		}
		if prefix, ok := cutSuffixFold(name, "CountryCode"); ok {
			return Country, prefix, true
		}
	}
	return parts, "", false
}

// known reports whether addresses have a prefix.
func known(prefix, suffix string) bool {
	if suffix != "" {
		return len(prefix) > len("__") && strings.HasSuffix(prefix, "__")
	}
	return prefix == "" || slices.ContainsFunc(
		[]string{"Mailing", "Other", "Billing", "Shipping", "PersonMailing", "PersonOther"},
		func(of string) bool { return strings.EqualFold(prefix, of) })
}

func cutSuffixFold(s, suffix string) (string, bool) {
	at := len(s) - len(suffix)
	if at < 0 || !strings.EqualFold(s[at:], suffix) {
		return s, false
	}
	return s[:at], true
}

// Same reports whether two fields are of one address.
func (f Field) Same(other Field) bool {
	return strings.EqualFold(f.Prefix, other.Prefix) && f.Suffix == other.Suffix
}

// Name returns the name of a field of the same address: that for the text of a part, or for
// its code.
func (f Field) Name(part Part, code bool) string {
	coded := ""
	if code && part.Coded() {
		coded = "Code"
	}
	return f.Prefix + part.name() + coded + f.Suffix
}

// Names returns the names of all fields that the address may have, those for codes too.
// What describe does not have is not there.
func (f Field) Names() []string {
	names := make([]string, 0, parts+2)
	for part := range parts {
		names = append(names, f.Name(part, false))
		if part.Coded() {
			names = append(names, f.Name(part, true))
		}
	}
	return names
}

// WithParts adds to the names of fields those of all other parts of their addresses. Not
// every object has all of them.
func WithParts(fields []string) []string {
	var added []Field
	for _, name := range fields {
		at, ok := Of(name)
		if ok && !slices.ContainsFunc(added, at.Same) {
			added = append(added, at)
		}
	}
	for _, at := range added {
		for _, name := range at.Names() {
			if !value.ContainsFold(fields, name) {
				fields = append(fields, name)
			}
		}
	}
	return fields
}

// Described is Of for a field of a describe. A field that only has the name of one, such as
// City of an object of a package, is part of no address.
func Described(object salesforce.Object, field *salesforce.Field) (Field, bool) {
	if field.CompoundFieldName == "" && value.MatchedObject(object) == "" {
		return Field{}, false
	}
	return Of(field.Name)
}
