// SPDX-License-Identifier: Apache-2.0

// Package leadcsv reads captured leads from the CSV files that spreadsheets and
// scanner apps write.
package leadcsv

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
)

const (
	// maxCell is the longest cell, in bytes: four times the longest text that
	// Salesforce accepts.
	maxCell = 128 << 10
	// maxRow limits the memory for a row, so that an unclosed quote does not read a
	// whole large file into one cell.
	maxRow = 4 << 20
)

// A Problem is something in a file that could not be used. It names the place
// and the rule, never the value of the cell.
type Problem struct {
	// Line is the line in the file, from 1: that of the invalid cell if the row
	// spans several lines.
	Line int
	// Column is the name in the header, empty when the whole row is invalid.
	Column string
	Reason string
}

// String returns the problem as a sentence without a full stop.
func (p Problem) String() string {
	if p.Column == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Reason)
	}
	return fmt.Sprintf("line %d, column %q: %s", p.Line, p.Column, p.Reason)
}

// Read reads leads from a CSV file (RFC 4180) in UTF-8, with or without a byte
// order mark. The header names source fields (see leadsync.Lead.Set); the
// column id is required, all others are optional. An unknown column is reported
// as a problem and ignored.
//
// A row with an invalid cell is skipped and reported as a problem; all other rows
// are returned. The error is about the file: no header, no column id, or an error
// of r. The leads read before it are returned too.
func Read(r io.Reader) ([]*leadsync.Lead, []Problem, error) {
	in := &rowGuard{r: bufio.NewReader(r)}
	if err := in.skipMark(); err != nil {
		return nil, nil, err
	}
	f := &file{rows: csv.NewReader(in), guard: in, seen: make(map[leadsync.LeadID]int)}
	f.rows.FieldsPerRecord = -1
	f.rows.ReuseRecord = true
	if err := f.readHeader(); err != nil {
		return nil, f.problems, err
	}
	for {
		cells, err := f.next()
		switch {
		case errors.Is(err, io.EOF):
			return f.leads, f.problems, nil
		case err != nil:
			return f.leads, f.problems, err
		case cells != nil:
			f.addLead(cells)
		}
	}
}

// A file is the state of one Read.
type file struct {
	rows     *csv.Reader
	guard    *rowGuard
	columns  []column
	leads    []*leadsync.Lead
	seen     map[leadsync.LeadID]int // line of the first row with this id
	line     int                     // line of the last cell read
	problems []Problem
}

type column struct {
	name string // as in the header, for messages
	use  bool
}

// next returns the cells of the next row, nil for one that is not valid CSV.
func (f *file) next() ([]string, error) {
	cells, err := f.rows.Read()
	f.guard.start = f.rows.InputOffset()
	var syntax *csv.ParseError
	switch {
	case errors.As(err, &syntax):
		f.line = syntax.Line
		f.report(syntax.StartLine, f.columnName(len(cells)), quoteProblem(syntax))
		return nil, nil
	case errors.Is(err, errRowTooLong):
		return nil, fmt.Errorf("after line %d: %w", f.line, err)
	case err != nil:
		return nil, err
	}
	f.line, _ = f.rows.FieldPos(len(cells) - 1)
	return cells, nil
}

func quoteProblem(err *csv.ParseError) string {
	switch {
	case errors.Is(err.Err, csv.ErrBareQuote):
		return `unquoted cell contains a quote: quote the cell and double the quotes in it`
	case err.Line > err.StartLine:
		return fmt.Sprintf("the quoted cell is not closed, or text follows its closing quote; skipped up to line %d",
			err.Line)
	}
	return "the quoted cell is not closed, or text follows its closing quote"
}

// columnName returns the name of column i, "" beyond the header.
func (f *file) columnName(i int) string {
	if i < len(f.columns) {
		return f.columns[i].name
	}
	return ""
}

func (f *file) readHeader() error {
	cells, err := f.next()
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("line 1: the file is empty; its first line must name the columns, at least id")
	case err != nil:
		return err
	case cells == nil:
		return fmt.Errorf("the header cannot be read: %s", f.problems[0])
	}
	names := make([]string, len(cells))
	for i, cell := range cells {
		names[i] = strings.TrimSpace(cell)
	}
	line, _ := f.rows.FieldPos(0)
	if !slices.Contains(names, "id") {
		return fmt.Errorf("line %d: no column \"id\", which is required%s", line, separatorHint(names))
	}
	for i, name := range names {
		use := true
		switch {
		case name == "":
			f.report(line, "", fmt.Sprintf("column %d has no name and is ignored", i+1))
			use = false
		case !leadtype.IsSourceField(name):
			f.report(line, shorten(name), "is not a source field; the column is ignored")
			use = false
		case slices.Contains(names[:i], name):
			f.report(line, name, "duplicate column; the first one is used")
			use = false
		}
		f.columns = append(f.columns, column{name: shorten(name), use: use})
	}
	return nil
}

func separatorHint(names []string) string {
	if len(names) == 1 && strings.Contains(names[0], ";") {
		return " (are the columns separated by semicolons? use commas)"
	}
	return ""
}

// shorten makes a name from the file safe to print in a message.
func shorten(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	if runes := []rune(name); len(runes) > 60 {
		return string(runes[:60]) + "..."
	}
	return name
}

func (f *file) addLead(cells []string) {
	line, _ := f.rows.FieldPos(0)
	switch {
	case len(cells) < len(f.columns):
		f.report(line, f.columnName(len(cells)),
			fmt.Sprintf("missing: the row has %d cells, the header %d", len(cells), len(f.columns)))
		return
	case len(cells) > len(f.columns):
		f.report(line, "", fmt.Sprintf("the row has %d cells, the header %d: too many after column %q", len(cells),
			len(f.columns), f.columns[len(f.columns)-1].name))
		return
	}
	lead := new(leadsync.Lead)
	good := true
	for i, c := range f.columns {
		if reason := fill(lead, c, cells[i]); reason != "" {
			at, _ := f.rows.FieldPos(i)
			f.report(at, c.name, reason)
			good = false
		}
	}
	switch first := f.seen[lead.ID]; {
	case !good:
	case lead.ID == "":
		f.report(line, "id", "is empty")
	case first > 0:
		f.report(line, "id", fmt.Sprintf("duplicate of line %d; the first row is used", first))
	default:
		f.seen[lead.ID] = line
		f.leads = append(f.leads, lead)
	}
}

// fill sets one field of the lead. It returns what is wrong with the cell, "" when
// it is valid.
func fill(lead *leadsync.Lead, c column, cell string) string {
	switch {
	case len(cell) > maxCell:
		return fmt.Sprintf("is longer than %d KiB", maxCell>>10)
	case !utf8.ValidString(cell):
		return "is not valid UTF-8"
	case !c.use:
		return ""
	}
	err := lead.Set(c.name, cell)
	var refused *leadsync.Error
	switch {
	case errors.As(err, &refused):
		return refused.Reason
	case err != nil:
		return err.Error()
	}
	return ""
}

func (f *file) report(line int, column, reason string) {
	f.problems = append(f.problems, Problem{Line: line, Column: column, Reason: reason})
}

var errRowTooLong = fmt.Errorf(
	"a row is longer than %d MiB, perhaps because a quote is not closed; the rest of the file is not read", maxRow>>20)

// A rowGuard is a reader that fails once a row is longer than maxRow.
type rowGuard struct {
	r     *bufio.Reader
	given int64
	start int64 // offset of the row being read
	shut  bool
}

func (g *rowGuard) Read(p []byte) (int, error) {
	if g.shut || g.given-g.start > maxRow {
		g.shut = true // permanently: the rest of the row must not be read as a row
		return 0, errRowTooLong
	}
	n, err := g.r.Read(p)
	g.given += int64(n)
	return n, err
}

// skipMark skips a byte order mark, and rejects UTF-16.
func (g *rowGuard) skipMark() error {
	head, err := g.r.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return errors.New("line 1: the file is in UTF-16; save it as CSV in UTF-8")
	case bytes.Equal(head, []byte("\uFEFF")):
		_, err = g.r.Discard(len(head))
		return err
	case err != nil && err != io.EOF:
		return err
	}
	return nil
}
