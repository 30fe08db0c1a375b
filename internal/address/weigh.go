// SPDX-License-Identifier: Apache-2.0

package address

import "slices"

// An Address is the text of each part, "" for one that is blank. States and countries may
// be names or codes.
type Address [parts]string

// Parts is how many parts an address has.
const Parts = parts

// Blank reports whether the address has no part.
func (a Address) Blank() bool { return a == Address{} }

// Usable reports whether a letter could find its town: the address has a city or a postal
// code, and a country.
func (a Address) Usable() bool {
	return (a[City] != "" || a[PostalCode] != "") && a[Country] != ""
}

// A Verdict is what an address may do to the one of a record.
type Verdict int

// The verdicts.
const (
	// Adds nothing: the record has all of it, if in other spellings.
	AddsNothing Verdict = iota
	// Fills blank parts: the record's address is blank, or no part of it differs and one
	// that is not the country is the same.
	Fills
	// Replaces the record's address, where what is there may be overwritten: it is usable,
	// and has a street where the record has one.
	Replaces
	// Contradicts the record's address, and is too little to replace it.
	Contradicts
)

// Weigh says what an address may do to the one of a record.
func Weigh(record, given Address) Verdict {
	switch {
	case given.Blank():
		return AddsNothing
	case record.Blank():
		return Fills
	}
	country := given.countryCode()
	if country == "" {
		country = record.countryCode()
	}
	adds, agrees, differs := false, false, false
	for part := range parts {
		ours, theirs := record[part], given[part]
		switch {
		case theirs == "":
		case ours == "":
			adds = true
		case !Same(part, ours, theirs, country):
			differs = true
		case part != Country && (part != State || surelyOne(record, given)):
			agrees = true
		}
	}
	switch {
	case !adds && !differs:
		return AddsNothing
	case !differs && agrees:
		return Fills
	case given.Usable() && (record[Street] == "" || given[Street] != ""):
		return Replaces
	}
	return Contradicts
}

// surelyOne reports whether equal states are of one country: one without a country, such as
// WA, may be of Australia or of the United States.
func surelyOne(a, b Address) bool {
	if (a[Country] == "") == (b[Country] == "") {
		return true
	}
	ids := stateIDs(a[State], "")
	common := slices.DeleteFunc(stateIDs(b[State], ""), func(id string) bool { return !slices.Contains(ids, id) })
	return len(common) < 2
}

func (a Address) countryCode() string {
	if a[Country] == "" {
		return ""
	}
	return CountryCode(a[Country])
}
