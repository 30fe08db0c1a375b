package leadsync

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// CSVOptions say how CSV is written. The zero CSVOptions are the safe ones.
type CSVOptions struct {
	// Raw leaves cells as they are, for programs that read them again. Otherwise
	// a cell that a spreadsheet would take for a formula gets a ' in front.
	Raw bool
}

// outcomeColumns are the columns of an outcome. None is named like a source
// field, so that an export can be read in again as leads.
var outcomeColumns = []string{
	"stage", "action", "object", "recordId", "recordAccountId",
	"errorCode", "errorObject", "errorFields", "errorReason", "errorFix", "warnings", "retryAt", "at",
}

// WriteCSV writes outcomes as CSV with a header: one line each, in their order.
// errorFix may quote values. opts may be nil. The error is w's.
func WriteCSV(w io.Writer, outcomes []*Outcome, opts *CSVOptions) error {
	out := newCSV(w, opts)
	out.row(append([]string{"id", "eventId"}, outcomeColumns...))
	for _, o := range outcomes {
		if o != nil {
			out.row(append([]string{string(o.LeadID), o.EventID}, outcomeCells(o.Stage, o)...))
		}
	}
	return out.finish()
}

// WriteEntriesCSV writes leads as a Store holds them: each source field that
// one of them has under its name, as Lead.Set reads it, then what WriteCSV
// writes of their last outcome, under the stage of now. With CSVOptions.Raw the
// file can be corrected and captured again. opts may be nil. The error is w's.
func WriteEntriesCSV(w io.Writer, entries []Entry, opts *CSVOptions) error {
	sources := sourcesOf(entries)
	out := newCSV(w, opts)
	out.row(append(slices.Clone(sources), outcomeColumns...))
	for _, e := range entries {
		cells := make([]string, len(sources))
		for i, source := range sources {
			if e.Lead != nil {
				cells[i] = sourceText(e.Lead.Value(source))
			}
		}
		out.row(append(cells, outcomeCells(e.Stage, e.Last)...))
	}
	return out.finish()
}

// sourcesOf returns the source fields that any of the leads has: id first, those
// that carry a name last and sorted.
func sourcesOf(entries []Entry) []string {
	used := map[string]bool{"id": true}
	named := make(map[string]bool)
	for _, e := range entries {
		if e.Lead == nil {
			continue
		}
		for _, source := range SourceFields() {
			used[source] = used[source] || e.Lead.Value(source) != nil
		}
		for name := range e.Lead.Answers {
			named[prefixQualifier+name] = true
		}
		for name := range e.Lead.Custom {
			named[prefixCustom+name] = true
		}
		for _, a := range e.Lead.Activities {
			named[prefixActivity+string(a.Kind)] = true
		}
	}
	sources := slices.DeleteFunc(SourceFields(), func(source string) bool { return !used[source] })
	return append(sources, slices.Sorted(maps.Keys(named))...)
}

// sourceText is a source value as a cell that Lead.Set takes.
func sourceText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, ";")
	case time.Time:
		return v.Format(time.RFC3339)
	case []any, map[string]any:
		text, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(text)
	}
	return fmt.Sprint(value)
}

// outcomeCells are the cells of outcomeColumns; o may be nil.
func outcomeCells(stage Stage, o *Outcome) []string {
	cells := make([]string, len(outcomeColumns))
	cells[0] = string(stage)
	if o == nil {
		return cells
	}
	copy(cells[1:], []string{string(o.Action), string(o.Object), string(o.ID), string(o.AccountID)})
	if e := o.Err; e != nil {
		copy(cells[5:], []string{string(e.Code), string(e.Object), strings.Join(e.Fields, ";"), e.Reason, e.Fix()})
	}
	warnings := make([]string, len(o.Warnings))
	for i, warning := range o.Warnings {
		warnings[i] = warning.text()
	}
	copy(cells[10:], []string{strings.Join(warnings, "; "), timeText(o.RetryAt), timeText(o.At)})
	return cells
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// A csvWriter writes rows until the first error.
type csvWriter struct {
	w   *csv.Writer
	raw bool
}

func newCSV(w io.Writer, opts *CSVOptions) *csvWriter {
	return &csvWriter{csv.NewWriter(w), opts != nil && opts.Raw}
}

func (c *csvWriter) row(cells []string) {
	if !c.raw {
		for i, cell := range cells {
			cells[i] = neutral(cell)
		}
	}
	_ = c.w.Write(cells) // finish returns the error
}

func (c *csvWriter) finish() error {
	c.w.Flush()
	return c.w.Error()
}

// neutral keeps a spreadsheet from running a cell as a formula. Some skip white
// space before the sign, and full-width signs count too.
func neutral(cell string) string {
	rest := strings.TrimLeft(cell, " \t\r\n\u00a0\ufeff")
	if strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") ||
		rest != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(rest)[0]) {
		return "'" + cell
	}
	return cell
}
