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
