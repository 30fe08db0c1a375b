// SPDX-License-Identifier: Apache-2.0

package value

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SplitValues splits a cell of several values at ";", without blanks.
func SplitValues(text string) []string {
	var values []string
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, part)
		}
	}
	return values
}

// TrimmedValues returns the values that are not blank, trimmed, in Unicode NFC.
func TrimmedValues(values []string) []string {
	kept := make([]string, 0, len(values))
	for _, v := range values {
		if !BlankText(v) {
			kept = append(kept, norm.NFC.String(strings.TrimSpace(v)))
		}
	}
	return kept
}

// Counted is a number with its noun: "1 lead", "2 leads".
func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Quoted lists texts in quotes: `"a", "b"`.
func Quoted[T ~string](texts []T) string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = strconv.Quote(string(text))
	}
	return strings.Join(list, ", ")
}

// FoldName returns text such that two texts are the same exactly when strings.EqualFold
// holds for them in Unicode NFC.
func FoldName(text string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, norm.NFC.String(text))
}

// SameName reports whether two texts are equal without regard to case and to how their
// accents are composed.
func SameName(a, b string) bool {
	return strings.EqualFold(a, b) || strings.EqualFold(norm.NFC.String(a), norm.NFC.String(b))
}

// ContainsFold reports whether list holds text, as SameName compares.
func ContainsFold(list []string, text string) bool {
	for _, s := range list {
		if SameName(s, text) {
			return true
		}
	}
	return false
}
