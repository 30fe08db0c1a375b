// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// NamesDiffer reports whether two names of people have no part in common, in any order
// and whatever their case and accents. A blank name does not differ from any.
func NamesDiffer(a, b string) bool {
	ours, theirs := nameParts(a), nameParts(b)
	if len(ours) == 0 || len(theirs) == 0 {
		return false
	}
	return !slices.ContainsFunc(ours, func(part string) bool { return slices.Contains(theirs, part) })
}

// nameParts returns the runs of letters of a name, without case and accents.
func nameParts(name string) []string {
	name = cases.Fold().String(norm.NFKD.String(strings.ToValidUTF8(name, "")))
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, name)
	return strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// ID folds an id that a host gives: case, outer spaces, invisible characters and the way
// in which Unicode composes characters do not count, as they do not for people and for
// most databases.
func ID(id string) string {
	plain := func(c byte) bool { return '!' <= c && c <= '~' && (c < 'A' || c > 'Z') }
	i := 0
	for i < len(id) && plain(id[i]) {
		i++
	}
	if i == len(id) {
		return id
	}
	id = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, id)
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(strings.TrimSpace(id))))
}
