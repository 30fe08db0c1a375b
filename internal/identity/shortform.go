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

// familyMark ends the line of a set that holds spellings of a family name.
const familyMark = " +"

// shortForms reports whether a set has both words: of family names one of those that hold
// such names.
func shortForms(a, b *nameWord, family bool) bool {
	return inOneSet(a.text, b.text, family) || inOneSet(a.plain, b.plain, family) ||
		inOneSet(a.text, b.plain, family) || inOneSet(a.plain, b.text, family)
}

// isGiven reports whether a word is known as a first name or as a short form of one.
func isGiven(w *nameWord) bool {
	for _, set := range shortFormIndex()[w.plain] {
		if set > 0 {
			return true
		}
	}
	return false
}

// shortFormIndex returns the numbers of the sets that each name is in, negative ones of
// sets that hold family names.
var shortFormIndex = sync.OnceValue(func() map[string][]int16 {
	index := make(map[string][]int16)
	number := int16(0)
	for set := range strings.Lines(shortFormSets) {
		if set = strings.TrimSpace(set); set == "" || strings.HasPrefix(set, "#") {
			continue
		}
		number++
		names, family := strings.CutSuffix(set, familyMark)
		of := number
		if family {
			of = -number
		}
		for name := range strings.SplitSeq(names, " ") {
			index[name] = append(index[name], of)
		}
	}
	return index
})

func inOneSet(one, other string, family bool) bool {
	sets := shortFormIndex()
	for _, set := range sets[one] {
		if (set < 0 || !family) && slices.Contains(sets[other], set) {
			return true
		}
	}
	return false
}
