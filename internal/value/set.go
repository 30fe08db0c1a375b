package value

import (
	"maps"
	"slices"
)

// A Set is a set of strings, none of them blank.
type Set map[string]struct{}

func (s Set) Add(value string) {
	if value != "" {
		s[value] = struct{}{}
	}
}

func (s Set) Has(value string) bool {
	_, ok := s[value]
	return ok
}

func (s Set) Sorted() []string { return slices.Sorted(maps.Keys(s)) }
