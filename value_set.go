package leadsync

import (
	"maps"
	"slices"
)

// A set is a set of strings, none of them blank.
type set map[string]struct{}

func (s set) add(value string) {
	if value != "" {
		s[value] = struct{}{}
	}
}

func (s set) has(value string) bool {
	_, ok := s[value]
	return ok
}

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }
