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

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/review"
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
	fmt.Fprintf(table, "  synced\tcreated\tupdated\tunchanged\tfailed\tin Pre-Sync\t\n  %d =\t%d +\t%d +\t%d\t%d\t%d\t\n",
		s.Created+s.Updated+s.Unchanged, s.Created, s.Updated, s.Unchanged, s.Failed, s.Frozen)
	table.Flush()
	s.writeObjects(w)
	counted := review.Summarize(s.outcomes)
	writeGroups(w, counted.Groups)
	writeWarned(w, slices.Concat(counted.Warnings, counted.Notes))
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
	fmt.Fprint(w, "\nRecords, each counted once, also where leads share it:\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "  \tcreated\tupdated\tunchanged\t\n")
	for _, object := range s.objects() {
		t := s.Objects[object]
		fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t\n", object, t.Created, t.Updated, t.unchanged)
	}
	table.Flush()
}

// writeGroups lists the failed leads by code and cause, and what to do about each.
func writeGroups(w io.Writer, groups []review.Group) {
	if len(groups) > 0 {
		fmt.Fprint(w, "\nFailed, and what to do:\n")
	}
	for _, g := range groups {
		fmt.Fprintf(w, "\n  %d  %s: %s\n", g.Count, g.Code, g.Description)
		for i, c := range g.Causes {
			if i == maxShown {
				fmt.Fprintf(w, "       ... and %d more\n", len(g.Causes)-i)
				break
			}
			fmt.Fprintf(w, "       %s\n", causeLine(c.Rule, c.Leads, string(c.Object), strings.Join(c.Fields, ", ")))
			if i+1 == len(g.Causes) || i+1 == maxShown || g.Causes[i+1].Fix != c.Fix {
				fmt.Fprintf(w, "         -> %s\n", c.Fix)
			}
		}
	}
}

// writeWarned lists what became of values that were not written as they came, and why.
func writeWarned(w io.Writer, groups []review.WarningGroup) {
	if len(groups) == 0 {
		return
	}
	fmt.Fprint(w, "\nSynced, but not as they came:\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	slices.SortStableFunc(groups, func(a, b review.WarningGroup) int { return cmp.Compare(a.Kind.Done(), b.Kind.Done()) })
	shown := 0
	for _, g := range groups {
		for _, c := range g.Causes {
			if shown++; shown > maxShown {
				fmt.Fprintf(table, "  ... and more\n")
				return
			}
			fmt.Fprintf(table, "  %s\t%s\n", g.Kind.Done(), causeLine(c.Reason, c.Leads, string(c.Object), c.Field))
		}
	}
}

// causeLine returns the place, the rule and the leads.
func causeLine(rule string, leads []leadsync.LeadID, place ...string) string {
	text := cmp.Or(sentence(rule, place...), "no details")
	if len(leads) == 1 {
		return fmt.Sprintf("%s (%s)", text, leads[0])
	}
	return fmt.Sprintf("%s (%d leads, the first %s)", text, len(leads), leads[0])
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

// writeFindings lists the findings of preflight with what to do about them. What is the same
// of several objects is said once.
func writeFindings(w io.Writer, findings []preflight.Finding) {
	type said struct {
		severity    preflight.Severity
		reason, fix string
	}
	places := make(map[said][]string)
	var order []said
	for _, f := range findings {
		key := said{f.Severity, f.Reason, f.Fix}
		if places[key] == nil {
			order = append(order, key)
		}
		places[key] = append(places[key], strings.TrimSpace(string(f.Object)+" "+f.Field))
	}
	for i, f := range order {
		if i == maxShown {
			fmt.Fprintf(w, "... and %s more\n", count(len(order)-i, "finding"))
			return
		}
		fmt.Fprintf(w, "preflight %s: %s\n", f.severity, sentence(f.reason, strings.Join(slices.Compact(places[f]), ", ")))
		if f.fix != "" {
			fmt.Fprintf(w, "  -> %s\n", f.fix)
		}
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
