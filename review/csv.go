// SPDX-License-Identifier: Apache-2.0

package review

import (
	"cmp"
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/csvtext"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// CSVOptions say how CSV is written. The zero CSVOptions are safe to open in a
// spreadsheet.
type CSVOptions struct {
	// Raw leaves cells as they are, for programs that read them again. Otherwise
	// a cell that a spreadsheet would take for a formula gets a ' in front, also
	// one that begins after a semicolon. Raw leads are whole: activities and phones are
	// columns of JSON, and answers and custom values are JSON where their text alone
	// would not say what they are. ReadCSV reads both forms.
	Raw bool
	// Advisor words errorFix. Nil is leadsync.Config.Advisor in leadsync.Syncer.ExportCSV, and
	// English elsewhere.
	Advisor *leadtype.Advisor
}

// WithAdvisor returns the options with an Advisor, where they have none. They may be nil.
func (o *CSVOptions) WithAdvisor(advisor *leadtype.Advisor) *CSVOptions {
	own := CSVOptions{Advisor: advisor}
	if o != nil {
		own.Raw, own.Advisor = o.Raw, cmp.Or(o.Advisor, advisor)
	}
	return &own
}

// WriteCSV writes outcomes as CSV with a header: one line each, in their order.
// errorFix may quote values. opts may be nil. The error is w's.
func WriteCSV(w io.Writer, outcomes []*leadtype.Outcome, opts *CSVOptions) error {
	out := newCSV(w, opts)
	out.row(append([]string{"id", "eventId"}, csvtext.OutcomeColumns()...))
	for _, o := range outcomes {
		if o != nil {
			out.row(out.appendOutcome(append(out.cells[:0], string(o.LeadID), o.EventID), o.Stage, o))
		}
	}
	return out.finish()
}

// WriteEntriesCSV writes leads as a Store holds them: each source field that
// one of them has under its name, then what WriteCSV writes of their last outcome, but
// with the current stage. The file can be corrected, read with ReadCSV and captured
// again. opts may be nil. The error is w's.
func WriteEntriesCSV(w io.Writer, entries []store.Entry, opts *CSVOptions) error {
	used := newSourceSet(opts)
	for _, e := range entries {
		used.add(e)
	}
	out := newCSV(w, opts)
	sources := out.entryHeader(used)
	for _, e := range entries {
		out.entry(sources, e)
	}
	return out.finish()
}

// Export writes leads as WriteEntriesCSV does, without ever holding more than
// a page of them. pages calls each with a page at a time, of which it needs what the detail
// has. It is called twice: the first pass learns which columns there are, and leads captured
// after it are left out.
//
// opts may be nil. The error is that of pages, or a *leadtype.Error: around w's, or with
// ROW_CONTENTION when a lead was given a field in between that has no column.
func Export(w io.Writer, pages func(detail store.Detail, each func([]store.Entry) error) error,
	opts *CSVOptions) error {
	used := newSourceSet(opts)
	var last int64
	err := pages(store.DetailLead, func(entries []store.Entry) error {
		for _, e := range entries {
			used.add(e)
			last = max(last, e.Sequence)
		}
		return nil
	})
	if err != nil {
		return err
	}
	out := newCSV(w, opts)
	sources := out.entryHeader(used)
	err = pages(store.DetailPrinted, func(entries []store.Entry) error {
		for _, e := range entries {
			if e.Sequence > last {
				continue
			}
			if !used.covers(e) {
				return &leadtype.Error{Op: "export", LeadID: e.Lead.ID, Code: leadtype.RowContention,
					Reason: "the lead has changed in the meantime"}
			}
			out.entry(sources, e)
		}
		return out.failure()
	})
	if err != nil {
		return err
	}
	out.w.Flush()
	return out.failure()
}

// failure is the writer's error so far, as a *leadtype.Error.
func (c *csvWriter) failure() error {
	if err := c.w.Error(); err != nil {
		return &leadtype.Error{Op: "export", Code: leadtype.Unknown, Reason: "the writer failed", Err: err}
	}
	return nil
}

// entryHeader writes the header for leads that have these source fields, and
// returns the order of the fields.
func (c *csvWriter) entryHeader(used *sourceSet) []string {
	sources := used.ordered()
	header := make([]string, 0, len(sources)+len(csvtext.OutcomeColumns()))
	for _, source := range sources {
		header = append(header, c.header(source))
	}
	_ = c.w.Write(append(header, csvtext.OutcomeColumns()...)) // failure returns the error
	return sources
}

func (c *csvWriter) entry(sources []string, e store.Entry) {
	cells := c.cells[:0]
	for _, source := range sources {
		cell := ""
		if e.Lead != nil {
			cell = cellOf(e.Lead, source, c.raw)
		}
		cells = append(cells, cell)
	}
	c.row(c.appendOutcome(cells, e.Stage, e.Last))
}

// A sourceSet is the columns that leads fill.
type sourceSet struct {
	names map[column]bool
	raw   bool
}

func newSourceSet(opts *CSVOptions) *sourceSet {
	return &sourceSet{map[column]bool{{"", "id"}: true}, opts != nil && opts.Raw}
}

func (u *sourceSet) add(e store.Entry) {
	eachColumn(e.Lead, u.raw, func(c column) {
		if !u.names[c] {
			u.names[c] = true
		}
	})
}

// covers reports whether the lead fills no column but those.
func (u *sourceSet) covers(e store.Entry) bool {
	covers := true
	eachColumn(e.Lead, u.raw, func(c column) { covers = covers && u.names[c] })
	return covers
}

// ordered returns the fields in the order of SourceFields, which has id first,
// and after them those that carry a name, sorted.
func (u *sourceSet) ordered() []string {
	filled := make(map[string]bool, len(u.names))
	for c := range u.names {
		filled[c.source()] = true
	}
	sources := slices.DeleteFunc(leadtype.SourceFields(), func(source string) bool { return !filled[source] })
	named := slices.DeleteFunc(slices.Sorted(maps.Keys(filled)), func(source string) bool {
		return slices.Contains(sources, source)
	})
	return append(sources, named...)
}

// appendOutcome appends the cells of csvtext.OutcomeColumns; o may be nil.
func (c *csvWriter) appendOutcome(cells []string, stage leadtype.Stage, o *leadtype.Outcome) []string {
	if o == nil {
		o = new(leadtype.Outcome)
	}
	cells = append(cells, string(stage), string(o.Action), string(o.Object), string(o.ID), string(o.AccountID))
	if e := o.Err; e != nil {
		cells = append(cells, string(e.Code), string(e.Object), strings.Join(e.Fields, ";"), e.Reason, c.advisor.Error(e).Fix)
	} else {
		cells = append(cells, "", "", "", "", "")
	}
	return append(cells, warningsCell(o.Warnings), value.TimeText(o.RetryAt), value.TimeText(o.At))
}

// warningsCell is the warnings, and after them the notes.
func warningsCell(warnings []leadtype.Warning) string {
	var texts, notes []string
	for _, w := range warnings {
		if w.Kind.IsNote() {
			notes = append(notes, "note: "+w.String())
		} else {
			texts = append(texts, w.String())
		}
	}
	return strings.Join(append(texts, notes...), "; ")
}

// header guards the name of a column: so that csvtext.Unguard returns the name in any case, also
// a name that looks guarded, and unless raw against formulas.
func (c *csvWriter) header(name string) string {
	return csvtext.EachPart(name, func(part string) string {
		bare := strings.TrimLeft(part, "'")
		if csvtext.IsFormula(bare) && (bare != part || !c.raw) {
			return "'" + part
		}
		return part
	})
}

// A csvWriter writes rows until the first error.
type csvWriter struct {
	w       *csv.Writer
	raw     bool
	advisor *leadtype.Advisor
	cells   []string // of the last row, for the next
}

func newCSV(w io.Writer, opts *CSVOptions) *csvWriter {
	if opts == nil {
		opts = new(CSVOptions)
	}
	return &csvWriter{w: csv.NewWriter(w), raw: opts.Raw, advisor: opts.Advisor}
}

func (c *csvWriter) row(cells []string) {
	if !c.raw {
		for i, cell := range cells {
			cells[i] = csvtext.GuardCell(cell)
		}
	}
	_ = c.w.Write(cells) // finish returns the error
	c.cells = cells
}

func (c *csvWriter) finish() error {
	c.w.Flush()
	return c.w.Error()
}
