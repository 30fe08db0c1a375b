// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/preflight"
)

// maxShown limits lists, which an invalid file or org could make very long.
const maxShown = 20

// writeJSON writes the summary as one JSON object.
func (s *summary) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(s)
}

// writeText writes the summary as text.
func (s *summary) writeText(w io.Writer) {
	elapsed := (time.Duration(s.ElapsedMS) * time.Millisecond).Round(100 * time.Millisecond)
	fmt.Fprintf(w, "\n%s in %s:\n", count(s.Leads, "lead"), elapsed)
	if s.Rows > 0 {
		fmt.Fprintf(w, "(of %s of the file; %d left out)\n", count(s.Rows, "row"), s.LeftOut)
	}
	if s.Plan != nil {
		fmt.Fprintln(w, "(a plan: this is what would happen, and nothing was written)")
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "  created\tupdated\tunchanged\tfailed\tin Pre-Sync\t\n  %d\t%d\t%d\t%d\t%d\t\n", s.Created,
		s.Updated, s.Unchanged, s.Failed, s.Frozen)
	table.Flush()
	s.writeObjects(w)
	s.writeGroups(w)
	if len(s.warned) > 0 {
		fmt.Fprint(w, "\nGone through, but not as they came:\n")
		s.writeWarned(w)
	}
	fmt.Fprintf(w, "\n%s, %d of them for preflight", count(int(s.APICalls), "API call"), s.PreflightCalls)
	if s.Leads > 0 {
		fmt.Fprintf(w, ": %.3f a lead", float64(s.APICalls)/float64(s.Leads))
	}
	fmt.Fprintf(w, ". %s", count(s.Warnings, "warning"))
	if s.notes > 0 {
		fmt.Fprintf(w, ", %s", count(s.notes, "note"))
	}
	fmt.Fprintln(w, ".")
}

func (s *summary) writeObjects(w io.Writer) {
	if len(s.Objects) == 0 {
		fmt.Fprint(w, "\nNo record was touched.\n")
		return
	}
	fmt.Fprint(w, "\nRecords, each counted once:\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "  \tcreated\tupdated\tunchanged\t\n")
	for _, object := range s.objects() {
		t := s.Objects[object]
		fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t\n", object, t.Created, t.Updated, t.unchanged)
	}
	table.Flush()
}

func (s *summary) writeGroups(w io.Writer) {
	if s.Failed > 0 {
		fmt.Fprint(w, "\nFailed, and what to do:\n")
	}
	for _, g := range s.groups {
		fmt.Fprintf(w, "\n  %d  %s: %s\n", g.leads, g.code, g.code.Description())
		g.causes.write(w)
		fmt.Fprintf(w, "     %s\n", g.code.Fix())
	}
}

// writeWarned lists what became of values that were not written as they came, and why.
func (s *summary) writeWarned(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, c := range s.warned {
		if i == maxShown {
			fmt.Fprintf(table, "  ... and %d more\n", len(s.warned)-i)
			break
		}
		fmt.Fprintf(table, "  %s\t%s\n", c.kind.Done(), c)
	}
	table.Flush()
}

// write lists the causes, the most frequent first.
func (l causes) write(w io.Writer) {
	for i, c := range l {
		if i == maxShown {
			fmt.Fprintf(w, "       ... and %d more\n", len(l)-i)
			return
		}
		fmt.Fprintf(w, "       %s\n", c)
	}
}

// String returns the place, the rule and the number of leads.
func (c cause) String() string {
	text := cmp.Or(sentence(c.reason, string(c.object), c.fields), "no details")
	if c.leads == 1 {
		return fmt.Sprintf("%s (%s)", text, c.first)
	}
	return fmt.Sprintf("%s (%d leads, the first %s)", text, c.leads, c.first)
}

// writeFile says what was understood of a file and what was not.
func writeFile(w io.Writer, r *leadcsv.Report) {
	fmt.Fprintf(w, "read %s, header in line %d: %s, %s, %d left out\n", r.Encoding, r.HeaderLine, count(r.Rows, "row"),
		count(r.Rows-len(r.LeftOut), "lead"), len(r.LeftOut))
	var lines []string
	for _, c := range r.Columns {
		if c.Source == "" && (c.Filled > 0 || c.Status != leadcsv.Unnamed) {
			lines = append(lines, fmt.Sprintf("column %s", c))
		}
	}
	for _, s := range r.Skipped {
		lines = append(lines, s.String())
	}
	for _, p := range r.LeftOut {
		lines = append(lines, "row left out, "+p.String())
	}
	for _, p := range r.Unfit {
		lines = append(lines, "value not taken, "+p.String())
	}
	for i, line := range lines {
		if i == maxShown {
			fmt.Fprintf(w, "... and %d more of the file\n", len(lines)-i)
			return
		}
		fmt.Fprintln(w, line)
	}
}

// writeFindings lists the findings of preflight, one line each.
func writeFindings(w io.Writer, findings []preflight.Finding) {
	for i, f := range findings {
		if i == maxShown {
			fmt.Fprintf(w, "... and %s more\n", count(len(findings)-i, "finding"))
			return
		}
		fmt.Fprintf(w, "preflight %s: %s\n", f.Severity, sentence(f.Reason, string(f.Object), f.Field, f.Path))
	}
}

// sentence returns the reason, after its place where that is known.
func sentence(reason string, place ...string) string {
	words := strings.Join(slices.DeleteFunc(place, func(s string) bool { return s == "" }), " ")
	switch {
	case words == "":
		return reason
	case reason == "":
		return words
	}
	return words + ": " + reason
}

// count is "1 lead", "2 leads".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
