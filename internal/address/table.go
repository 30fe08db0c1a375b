// SPDX-License-Identifier: Apache-2.0

package address

import (
	_ "embed"
	"strings"
)

// The tables hold lines of a key, a tab and a value, sorted by key, with a line break before
// the first. mktables writes them.
//
//go:generate go run -C mktables . ..
var (
	//go:embed countries.txt
	countryTable string // ISO 3166-1 alpha-2
	//go:embed states.txt
	stateTable string // country-state, several separated by commas
	//go:embed cities.txt
	cityTable string // the key of one of the names
)

// lookUp returns the value of a key, "" for none.
func lookUp(table, key string) string {
	low, high := 0, len(table)-1 // table[low] and table[high] are line breaks
	for low < high {
		begin := low + strings.LastIndexByte(table[low:(low+high)/2+1], '\n')
		line := table[begin+1:]
		end := strings.IndexByte(line, '\n')
		name, found, _ := strings.Cut(line[:end], "\t")
		switch {
		case name == key:
			return found
		case name < key:
			low = begin + 1 + end
		default:
			high = begin
		}
	}
	return ""
}
