// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/blank"
)

// SortedList returns the text of one of the package's lists, by the file's name, as the
// package reads it. It changes nothing in its own result.
func SortedList(file, text string) string {
	switch file {
	case "shortforms.txt":
		return sortedSets(text)
	case "letters.txt":
		return text // the order of its lines and ways has a meaning
	}
	// What stands for no value anywhere is in the list of package blank alone.
	besideBlank := file == "blanknames.txt" || file == "placeholdercompanies.txt"
	var lines []string
	head := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#") && len(lines) == 0:
			head += line + "\n"
		case besideBlank && !strings.HasSuffix(line, " !") && (blank.Words{}.Has(line) || blank.Always(line)):
		case line != "" && !strings.HasPrefix(line, "#"):
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return head + "\n" + strings.Join(slices.Compact(lines), "\n") + "\n"
}

// sortedSets puts names folded, with their usual spellings in plain letters, each once and
// in order, and so the sets below a heading.
func sortedSets(text string) string {
	var out strings.Builder
	var below []string
	flush := func() {
		slices.Sort(below)
		for _, set := range slices.Compact(below) {
			out.WriteString(set + "\n")
		}
		below = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			flush()
			out.WriteString(line + "\n")
		default:
			names, mark := line, ""
			if strings.HasSuffix(line, familyMark) {
				names, mark = strings.TrimSuffix(line, familyMark), familyMark
			}
			if set := spelledSet(strings.Fields(names)); len(set) > 1 {
				below = append(below, strings.Join(set, " ")+mark)
			}
		}
	}
	flush()
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// spelledSet returns names with their spellings in plain letters: the first stays first.
func spelledSet(names []string) []string {
	var set []string
	for _, name := range names {
		for _, w := range splitName(name) {
			set = append(set, w.text, w.plain, wideWord(w.text))
		}
	}
	first := set[0]
	slices.Sort(set)
	set = slices.Compact(set)
	at := slices.Index(set, first)
	return slices.Insert(slices.Delete(set, at, at+1), 0, first)
}

// wideWord writes ä, ö and ü as ae, oe and ue, and other letters in their usual way.
func wideWord(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("äöüøåæ", r) {
			b.WriteString(lastSpelling(r))
			continue
		}
		b.WriteString(plainLetter(r))
	}
	return b.String()
}

// lastSpelling returns the second way to write a letter.
func lastSpelling(r rune) string {
	if ways := spellings(string(r)); len(ways) > 1 {
		return ways[1]
	}
	return plainLetter(r)
}
