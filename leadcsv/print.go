// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"cmp"
	"fmt"
	"strings"
)

// separatorNames are what people call the separators.
var separatorNames = map[rune]string{',': "commas", ';': "semicolons", '\t': "tabs", '|': "vertical bars"}

// maxListed bounds each list that String prints.
const maxListed = 20

// String describes the report for a person: the form of the file, its columns and what became
// of each, then the lines, rows and values that were not taken, at most 20 of each. It has no
// values.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, separated by %s, header in line %d\n", r.Encoding,
		cmp.Or(separatorNames[r.Separator], string(r.Separator)), r.HeaderLine)
	fmt.Fprintf(&b, "%s: %s, %d left out; %s not taken\n", count(r.Rows, "row"), count(r.Rows-len(r.LeftOut), "lead"),
		len(r.LeftOut), count(r.UnfitCount, "value"))
	for _, c := range r.Columns {
		fmt.Fprintf(&b, "column %s\n", c)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(&b, "%s\n", s)
	}
	list(&b, "row left out, ", r.LeftOut, len(r.LeftOut))
	list(&b, "value not taken, ", r.Unfit, r.UnfitCount)
	return b.String()
}

func list(b *strings.Builder, what string, problems []Problem, all int) {
	for i, p := range problems {
		if i == maxListed {
			break
		}
		fmt.Fprintf(b, "%s%s\n", what, p)
	}
	if all > maxListed {
		fmt.Fprintf(b, "... and %d more\n", all-maxListed)
	}
}

// String describes the column.
func (c Column) String() string {
	text := fmt.Sprintf("%d %q: %s", c.Number, shown(c.Header), c.Status)
	if c.Source != "" {
		text += ", " + shown(c.Source)
	}
	if c.Reason != "" {
		text += " (" + c.Reason + ")"
	}
	return text
}

// String says which lines were passed over.
func (s Skipped) String() string {
	lines := fmt.Sprintf("lines %d to %d", s.First, s.Last)
	if s.First == s.Last {
		lines = fmt.Sprintf("line %d", s.First)
	}
	return fmt.Sprintf("%s passed over: %s", lines, map[SkipKind]string{
		Preamble: "before the header", Section: "another section", HeaderAgain: "the header again"}[s.Kind])
}

// count is "1 lead", "2 leads".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
