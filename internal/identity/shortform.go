// SPDX-License-Identifier: Apache-2.0

package identity

import (
	_ "embed"
	"strings"
)

// shortFormSets holds one set of names a line, a space between them. See its first lines.
//
//go:embed shortforms.txt
var shortFormSets string

// shortForms reports whether a set has both words.
func shortForms(a, b *nameWord) bool {
	return inOneSet(a.text, b.text) || inOneSet(a.plain, b.plain) || inOneSet(a.text, b.plain) || inOneSet(a.plain, b.text)
}

func inOneSet(one, other string) bool {
	if one == "" || other == "" {
		return false
	}
	for rest := shortFormSets; ; {
		at := strings.Index(rest, one)
		if at < 0 {
			return false
		}
		start := strings.LastIndexByte(rest[:at], '\n') + 1
		end := at + strings.IndexByte(rest[at:], '\n')
		if line := rest[start:end]; !strings.HasPrefix(line, "#") && hasName(line, one) && hasName(line, other) {
			return true
		}
		rest = rest[end:]
	}
}

// hasName reports whether a set has the name.
func hasName(set, name string) bool {
	for one := range strings.SplitSeq(set, " ") {
		if one == name {
			return true
		}
	}
	return false
}
