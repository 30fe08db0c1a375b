// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// ID folds an id that a host gives: case, outer spaces, invisible characters and the way
// in which Unicode composes characters do not count, as they do not for people and for
// most databases.
func ID(id string) string {
	i := 0
	for i < len(id) && '!' <= id[i] && id[i] <= '~' {
		i++
	}
	if i == len(id) {
		return strings.ToLower(id) // all that folding does with ASCII
	}
	id = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, id)
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(strings.TrimSpace(id))))
}
