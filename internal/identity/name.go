// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Name is the name of a person.
type Name struct{ First, Last string }

// Agrees reports whether two names may be one person's: no part of one contradicts the
// other. Case, accents and punctuation do not count; first and last name may be swapped,
// a first name may be missing or an initial, and one may have more parts. A name without
// any part agrees with every other.
func (n Name) Agrees(other Name) bool {
	if len(nameParts(n.First+" "+n.Last)) == 0 || len(nameParts(other.First+" "+other.Last)) == 0 {
		return true
	}
	swapped := Name{other.Last, other.First}
	return n.agrees(other) || n.agrees(swapped)
}

func (n Name) agrees(other Name) bool {
	return partsAgree(nameParts(n.First), nameParts(other.First)) && partsAgree(nameParts(n.Last), nameParts(other.Last))
}

// partsAgree reports whether the shorter list is in the longer one, where an initial
// stands for a name.
func partsAgree(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, part := range a {
		if !slices.ContainsFunc(b, func(other string) bool { return sameOrInitial(part, other) }) {
			return false
		}
	}
	return true
}

func sameOrInitial(a, b string) bool {
	if len([]rune(a)) > len([]rune(b)) {
		a, b = b, a
	}
	return a == b || len([]rune(a)) == 1 && strings.HasPrefix(b, a)
}

// nameParts returns the words of a name in lower case and without accents.
func nameParts(name string) []string {
	folded := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return r
		case r == '\'' || r == '’':
			return -1
		}
		return ' '
	}, norm.NFKD.String(strings.ToLower(name)))
	return strings.Fields(strings.ReplaceAll(folded, "ß", "ss"))
}
