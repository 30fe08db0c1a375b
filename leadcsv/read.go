// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/csvtext"
	"github.com/leadsync/leadsync/leadtype"
)

// Read reads a lead list. opts may be nil.
//
// The error is a *leadtype.Error, and nothing is returned, where the file as a whole is
// refused: it is no text, has no header that can be found, or two of which nothing tells
// which to read, is beyond MaxBytes, MaxRows or MaxColumns, is an export of leadsync, or the
// reader failed. Its Reason has the line where one is at fault, and no value. It is one that
// names a field of Options for an option that makes no sense.
func Read(r io.Reader, opts *Options) (*List, error) {
	f := &file{}
	if opts != nil {
		f.opts = *opts
	}
	if err := f.opts.check(); err != nil {
		return nil, err
	}
	text, fault := csvtext.Read(r, csvtext.Encoding(f.opts.Encoding))
	if fault != nil {
		return nil, refuseFault(fault)
	}
	if at := strings.IndexByte(text.Body, 0); at >= 0 {
		return nil, refuse(fmt.Sprintf("line %d: has a zero character: this is no text", csvtext.LineAt(text.Body, at)))
	}
	t, err := f.open(text)
	if err != nil {
		return nil, err
	}
	at, err := t.find(f.opts.HeaderLine)
	if err != nil {
		return nil, err
	}
	f.list.Report.Encoding, f.list.Report.Separator = Encoding(text.Encoding), t.separator
	f.list.Report.HeaderLine = t.records[at.header].Line
	if err := f.understand(t, at.header); err != nil {
		return nil, err
	}
	if at, err = f.rereadMerged(text, at); err != nil {
		return nil, err
	}
	f.pass(t, at)
	f.readOrders()
	for _, i := range f.rows {
		f.addRow(i)
	}
	f.finish()
	return &f.list, nil
}

func refuseFault(fault *csvtext.Fault) *leadtype.Error {
	refused := refuse(fault.Error())
	if fault.Err != nil {
		refused.Code, refused.Err = leadtype.Unknown, fault.Err
	}
	return refused
}

// A file is a file that is read.
type file struct {
	opts    Options
	table   *table
	columns []column
	named   int   // the number of the last column that has a name
	second  int   // the record that is the second line of the header, -1 for none
	rows    []int // the records that are rows of leads
	skipped int   // the record that was passed over last
	list    List
	seen    map[leadtype.LeadID]int // the index of the lead
}

// rereadMerged reads the records again where some of them are several rows, which a quotation
// mark has made one. It returns where they stand then.
func (f *file) rereadMerged(text csvtext.Text, at place) (place, error) {
	t := f.table
	line := t.records[at.header].Last
	merged := func(r *csvtext.Record) bool { return r.Line > line && r.Last > r.Line && f.isMerged(r) }
	found := false
	for i := range t.records {
		found = found || t.records[i].Broken == "" && merged(&t.records[i])
	}
	if !found {
		return at, nil
	}
	rows := text.Records(t.separator)
	rows.Reject = merged
	if err := t.readAll(rows); err != nil {
		return at, err
	}
	return t.find(f.opts.HeaderLine)
}

// isMerged reports whether a record of several lines is several rows: it has too many cells, or
// too few that are not those of one row, or within a cell a line that has those of a row, with
// an e-mail address in its place.
func (f *file) isMerged(r *csvtext.Record) bool {
	if hasText(r.Cells[min(len(r.Cells), len(f.columns)):]) {
		return true
	}
	if len(r.Cells) < f.named {
		return !f.hasAddress(r) || f.hasSwallowed(r)
	}
	c := f.columnOf("email")
	if c == nil || f.named < 2 {
		return false
	}
	for _, cell := range r.Cells {
		for line := range strings.Lines(strings.ReplaceAll(cell, "\r", "\n")) {
			cells := strings.Split(line, string(f.table.separator))
			if len(cells) >= f.named && strings.Contains(cells[c.Number-1], "@") {
				return true
			}
		}
	}
	return false
}

// hasSwallowed reports whether a record with too few cells has another row in it: from its first
// cell of several lines on, a line with an e-mail address in its place or alone between
// separators, which is not in a cell of the record that is for one.
func (f *file) hasSwallowed(r *csvtext.Record) bool {
	cells, at := slices.Clone(r.Cells), f.columnOf("email").Number-1
	inside := false
	for i, cell := range cells {
		several := strings.ContainsAny(cell, "\r\n")
		inside = inside || several
		if !inside || !several && slices.Contains([]string{"email", "otherEmails", "capturedBy"}, f.columns[i].holds) {
			cells[i] = ""
		}
	}
	separator := string(f.table.separator)
	text := strings.ReplaceAll(strings.Join(cells, separator), "\r", "\n")
	for line := range strings.SplitSeq(text, "\n") {
		row := strings.Split(line, separator)
		isAddress := func(cell string) bool { return strings.Contains(cell, "@") && !strings.Contains(cell, " ") }
		if at < len(row) && strings.Contains(row[at], "@") || len(row) > 1 && slices.ContainsFunc(row, isAddress) {
			return true
		}
	}
	return false
}

// hasText reports whether one of the cells has a text.
func hasText(cells []string) bool {
	return slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// open reads the records by the separator with which most columns of a header are known.
func (f *file) open(text csvtext.Text) (*table, error) {
	best := table{names: newNames(f.opts.Aliases), separator: f.opts.Separator}
	if best.separator == 0 {
		best.separator = f.bestSeparator(text, best.names)
	}
	return &best, best.readAll(text.Records(best.separator))
}

// readAll reads the records of a file.
func (t *table) readAll(rows *csvtext.Scanner) error {
	t.records = t.records[:0]
	for {
		r, ok, fault := rows.Next()
		switch {
		case fault != nil:
			return refuseFault(fault)
		case !ok:
			return nil
		case len(t.records) > MaxRows:
			return refuse(fmt.Sprintf("has more than %d rows", MaxRows))
		}
		t.records = append(t.records, r)
	}
}

// searched is how many rows are looked at to find out the separator.
const searched = 300

func (f *file) bestSeparator(text csvtext.Text, names names) rune {
	var best rune
	bestKnown, bestCells := -1, 0
	for _, by := range text.Separators() {
		t := table{names: names}
		rows := text.Records(by)
		for range searched {
			r, ok, _ := rows.Next()
			if !ok {
				break
			}
			known, identifying := t.known(&r)
			if !identifying {
				known = 0
			}
			if c := cmp.Or(cmp.Compare(known, bestKnown), cmp.Compare(len(r.Cells), bestCells)); c > 0 {
				best, bestKnown, bestCells = by, known, len(r.Cells)
			}
		}
	}
	return cmp.Or(best, ',')
}

// pass sorts the records into rows of leads and lines that are passed over.
func (f *file) pass(t *table, at place) {
	others := make(map[int]bool)
	for _, i := range at.others {
		others[i] = true
	}
	now := Preamble
	const rows = SkipKind("")
	for i := range t.records {
		r := &t.records[i]
		switch {
		case r.Blank():
			f.list.Report.Blank++
			continue
		case i == at.header:
			now = rows
			continue
		case others[i], len(f.columns) > 1 && i > at.header && t.isTitle(i), others[t.next(i)] && t.isTitle(i):
			now = Section
		case i == f.second:
			f.skip(t, i, HeaderAgain)
			continue
		case t.headers[i] && i > at.header: // the same columns again
			now = rows
			f.skip(t, i, HeaderAgain)
			continue
		case i < at.header && t.title(at.header) == i:
			now = Preamble
		}
		if now == rows {
			f.rows = append(f.rows, i)
			continue
		}
		f.skip(t, i, now)
	}
}

// skip notes lines that are passed over.
func (f *file) skip(t *table, at int, kind SkipKind) {
	r := &t.records[at]
	list := f.list.Report.Skipped
	n := len(list) - 1
	if n >= 0 && list[n].Kind == kind && t.next(f.skipped) == at {
		list[n].Last, list[n].Rows = r.Last, list[n].Rows+1
	} else {
		f.list.Report.Skipped = append(list, Skipped{First: r.Line, Last: r.Last, Rows: 1, Kind: kind})
	}
	f.skipped = at
}
