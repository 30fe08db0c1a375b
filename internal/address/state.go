// SPDX-License-Identifier: Apache-2.0

package address

import (
	"slices"
	"strings"
)

// stateIDs returns the states that a text may name, as country-state, in a country, or in
// any country where that is "". It is empty for a text that names none.
func stateIDs(text, country string) []string {
	key := Fold(text)
	ids := statesNamed(key, country)
	for ids == nil {
		shorter := withoutKind(key)
		if shorter == key {
			break
		}
		key = shorter
		ids = statesNamed(key, country)
	}
	if ids != nil {
		return ids
	}
	return agreedStates(strings.ReplaceAll(text, "-", " - "), country)
}

// agreedStates returns the states that all parts of a text may name, such as California (CA)
// or US-CA, in which a part may be the country.
func agreedStates(text, country string) []string {
	var whole []string
	for _, part := range split(text) {
		ids := statesNamed(Fold(part), country)
		switch {
		case ids == nil && country != "" && CountryCode(part) == country:
			continue
		case ids == nil:
			return nil
		case whole != nil:
			ids = slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(whole, id) })
		}
		whole = ids
		if len(whole) == 0 {
			return nil
		}
	}
	return whole
}

// statesNamed returns the states of a key.
func statesNamed(key, country string) []string {
	found := lookUp(stateTable, key)
	if found == "" {
		return nil
	}
	ids := strings.Split(found, ",")
	if country != "" {
		ids = slices.DeleteFunc(ids, func(id string) bool { return id[:2] != country })
	}
	if len(ids) == 0 {
		return nil
	}
	return ids
}

// withoutKind returns a key without the word for what it is, such as county.
func withoutKind(key string) string {
	for _, word := range [...]string{"state", "province", "prefecture", "county", "co", "region", "provincia", "estado",
		"edo", "prov", "freistaat", "land", "kanton", "canton", "provincie", "ken", "territory", "sheng", "shi"} {
		if rest, ok := strings.CutSuffix(key, " "+word); ok {
			return rest
		}
		if rest, ok := strings.CutPrefix(key, word+" "); ok {
			for _, of := range [...]string{"of ", "di ", "de ", "do ", "da ", "d "} {
				rest = strings.TrimPrefix(rest, of)
			}
			return rest
		}
	}
	return key
}

// IsState reports whether a text names a state of some country, by its name or its code.
func IsState(text string) bool { return len(stateIDs(text, "")) > 0 }

// StateCode returns the code of a state in a country, or of the only state of any country
// that has the name where country is "". Both results are "" for a text that names none, or
// several. Country is an ISO 3166-1 alpha-2 code.
func StateCode(text, country string) (ofCountry, code string) {
	ids := stateIDs(text, country)
	if len(ids) != 1 {
		return "", ""
	}
	return ids[0][:2], ids[0][3:]
}
