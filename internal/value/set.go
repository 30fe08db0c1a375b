// SPDX-License-Identifier: Apache-2.0

package value

import (
	"maps"
	"slices"
)

// A Set is a set of strings, none of them blank.
type Set map[string]struct{}

// Add adds a value unless it is blank.
func (s Set) Add(value string) {
	if value != "" {
		s[value] = struct{}{}
	}
}

// Has reports whether the set contains a value.
func (s Set) Has(value string) bool {
	_, ok := s[value]
	return ok
}

// Sorted returns the values in order.
func (s Set) Sorted() []string { return slices.Sorted(maps.Keys(s)) }
