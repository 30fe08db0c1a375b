// SPDX-License-Identifier: Apache-2.0

package value

import (
	"maps"
	"slices"
)

// A Set is a set of strings, none of them empty. It is not safe for concurrent use.
type Set map[string]struct{}

// Add adds a string; "" is left out.
func (s Set) Add(value string) {
	if value != "" {
		s[value] = struct{}{}
	}
}

// Has reports whether the set holds a string.
func (s Set) Has(value string) bool {
	_, ok := s[value]
	return ok
}

// Sorted returns the strings in order.
func (s Set) Sorted() []string { return slices.Sorted(maps.Keys(s)) }
