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
		if unicode.Is(unicode.Mn, r) || r == '\'' || r == '’' {
			return -1 // O'Brien is OBrien
		}
		return r
	}, name)
	return strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// A Name is the name of a person.
type Name struct{ First, Last string }

// Agrees reports whether two names may be one person's: no part of one contradicts the
// other. Case, accents and punctuation do not count; first and last name may be swapped,
// a first name may be missing or an initial, and one may have more parts. A blank name
// agrees with every other.
func (n Name) Agrees(other Name) bool {
	if strings.EqualFold(n.First, other.First) && strings.EqualFold(n.Last, other.Last) {
		return true
	}
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
// matches any name that begins with it.
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
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || len([]rune(a)) == 1 && strings.HasPrefix(b, a)
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
