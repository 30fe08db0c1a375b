// SPDX-License-Identifier: Apache-2.0

package value

import (
	"cmp"
	"maps"
	"slices"
)

// SortedKeys returns the keys of a map in order.
func SortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	if len(m) == 0 {
		return nil
	}
	return AppendSortedKeys(make([]K, 0, len(m)), m)
}

// AppendSortedKeys appends the keys of a map in order to an empty slice.
func AppendSortedKeys[K cmp.Ordered, V any](keys []K, m map[K]V) []K {
	keys = slices.AppendSeq(keys, maps.Keys(m))
	slices.Sort(keys)
	return keys
}

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
func (s Set) Sorted() []string { return SortedKeys(s) }
