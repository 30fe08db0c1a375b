// SPDX-License-Identifier: Apache-2.0

package identity

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// shortFormSets holds one set of names a line, a space between them. See its first lines.
//
//go:embed shortforms.txt
var shortFormSets string

// shortForms reports whether a set has both words.
func shortForms(a, b *nameWord) bool {
	return inOneSet(a.text, b.text) || inOneSet(a.plain, b.plain) || inOneSet(a.text, b.plain) || inOneSet(a.plain, b.text)
}

// shortFormIndex returns the numbers of the sets that each name is in.
var shortFormIndex = sync.OnceValue(func() map[string][]uint16 {
	index := make(map[string][]uint16)
	number := uint16(0)
	for set := range strings.Lines(shortFormSets) {
		if set = strings.TrimSpace(set); set == "" || strings.HasPrefix(set, "#") {
			continue
		}
		for name := range strings.SplitSeq(set, " ") {
			index[name] = append(index[name], number)
		}
		number++
	}
	return index
})

func inOneSet(one, other string) bool {
	sets := shortFormIndex()
	for _, set := range sets[one] {
		if slices.Contains(sets[other], set) {
			return true
		}
	}
	return false
}
