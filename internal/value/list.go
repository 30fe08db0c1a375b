// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

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

// SplitList returns the parts of text that may name several things, such as the options
// of a form that allows more than one. known reports whether a text names one, or more.
//   - What is known as a whole stays whole.
//   - A JSON list of texts, ";" and line breaks always separate, and so does "|".
//   - A comma separates only where each part is known; a part may hold commas itself.
//   - Bullets, quotes, brackets and <br> are not of the parts where without them each is known.
//
// It reports false where line breaks or "|" separate a part that is not known, and where
// commas can be read in more than one way. Blank parts are left out.
func SplitList(text string, known func(string) bool) (parts []string, ok bool) {
	parts, ok = splitList(text, known)
	isUnknown := func(part string) bool { return !known(part) }
	if ok && !slices.ContainsFunc(parts, isUnknown) {
		return parts, ok
	}
	if bare := withoutMarks(text); bare != text {
		if others, fits := splitList(bare, known); fits && len(others) > 0 && !slices.ContainsFunc(others, isUnknown) {
			return others, true
		}
	}
	return parts, ok
}

// withoutMarks returns a list without what people and programs put around its parts.
func withoutMarks(text string) string {
	text = strings.TrimSpace(lineBreaks.Replace(text))
	for _, brackets := range [...]string{"[]", "{}", "()"} {
		if inner, ok := strings.CutPrefix(text, brackets[:1]); ok && strings.HasSuffix(inner, brackets[1:]) {
			text = inner[:len(inner)-1]
		}
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		line = strings.TrimLeft(strings.TrimSpace(line), "•·∙▪◦‣*–-")
		parts := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(",;•·∙▪", r) })
		for k, part := range parts {
			parts[k] = strings.Trim(part, " \"'“”„‘’«»")
		}
		lines[i] = strings.Join(parts, ", ")
	}
	return strings.Join(lines, "\n")
}

var lineBreaks = strings.NewReplacer(
	"<br>",
	"\n",
	"<br/>",
	"\n",
	"<br />",
	"\n",
	"<BR>",
	"\n",
	"\r\n",
	"\n",
	"\r",
	"\n",
	`\n`,
	"\n",
)

func splitList(text string, known func(string) bool) (parts []string, ok bool) {
	text = strings.TrimSpace(text)
	if BlankText(text) {
		return nil, true
	}
	if known(text) {
		return []string{text}, true
	}
	var list []string
	if text[0] == '[' && json.Unmarshal([]byte(text), &list) == nil {
		return TrimmedValues(list), true
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r == ';' || r == '；' }) {
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '；' }) {
			some, ok := splitList(part, known)
			if !ok {
				return nil, false
			}
			parts = append(parts, some...)
		}
		return parts, true
	}
	if marks := separatorsIn(text); marks != nil {
		parts = TrimmedValues(strings.FieldsFunc(text, marks))
		return parts, !slices.ContainsFunc(parts, func(part string) bool { return !known(part) })
	}
	return splitCommas(text, known)
}

// separatorsIn returns which runes separate the parts of text, nil for none: line breaks,
// else "|".
func separatorsIn(text string) func(rune) bool {
	isLine := func(r rune) bool { return r != '\t' && isBreak(r) }
	isBar := func(r rune) bool { return r == '|' || r == '｜' }
	switch {
	case strings.ContainsFunc(text, isLine):
		return isLine
	case strings.ContainsFunc(text, isBar):
		return isBar
	}
	return nil
}

// mostCommas bounds what splitCommas tries.
const mostCommas = 60

// splitCommas splits text at commas such that each part is known. Text that cannot be
// split so is one part.
func splitCommas(text string, known func(string) bool) (parts []string, ok bool) {
	isComma := func(r rune) bool { return strings.ContainsRune(",，、،", r) }
	var starts, ends []int // of the pieces between commas
	start := 0
	for i, r := range text {
		if isComma(r) {
			starts, ends = append(starts, start), append(ends, i)
			start = i + utf8.RuneLen(r)
		}
	}
	starts, ends = append(starts, start), append(ends, len(text))
	n := len(starts)
	if n == 1 || n > mostCommas {
		return []string{text}, true
	}
	// ways[i] counts how the pieces from i on make known parts, next[i] is where the
	// first of these parts ends.
	ways, next := make([]int, n+1), make([]int, n)
	ways[n] = 1
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k <= n; k++ {
			part := strings.TrimSpace(text[starts[i]:ends[k-1]])
			if ways[k] > 0 && (part == "" && k == i+1 || part != "" && known(part)) {
				ways[i], next[i] = min(ways[i]+ways[k], 2), k
			}
		}
	}
	if ways[0] == 0 {
		return []string{text}, true
	}
	for i := 0; i < n; i = next[i] {
		parts = append(parts, text[starts[i]:ends[next[i]-1]])
	}
	return TrimmedValues(parts), ways[0] == 1
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
	if beginApart(a, b) {
		return false
	}
	if isASCII(a) && isASCII(b) {
		return len(a) == len(b) && strings.EqualFold(a, b)
	}
	return strings.EqualFold(a, b) || strings.EqualFold(norm.NFC.String(a), norm.NFC.String(b))
}

// beginApart reports whether two texts begin with different letters in ASCII, as most do that are
// compared. An accent behind such a letter does not make it another one.
func beginApart(a, b string) bool {
	return a != "" && b != "" && a[0] < 0x80 && b[0] < 0x80 && lowerByte(a[0]) != lowerByte(b[0])
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
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
