// SPDX-License-Identifier: Apache-2.0

package review

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/csvtext"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// The bounds of a file that ReadCSV reads.
const (
	MaxCSVBytes   = csvtext.MaxBytes
	MaxCSVRows    = csvtext.MaxRows
	MaxCSVColumns = 10_000
)

// ReadOptions say what ReadCSV takes. The zero ReadOptions take corrections only.
type ReadOptions struct {
	// NewLeads takes rows with an id that no stored lead has, as new leads. Otherwise
	// they are refused: a spreadsheet may have changed the id, such as 007 to 7, and
	// capturing it would make a second lead.
	NewLeads bool
}

// A RowError says where in a file a row was refused. Errors.As finds the *leadtype.Error
// in it.
type RowError struct {
	// Line is where the cell begins, from 1: one cell may have several lines.
	Line int
	// Column counts the cells of the row from 1, and Name is the header of the column.
	Column int
	Name   string
	Err    *leadtype.Error
}

// Error names the place, the column and the rule, never a value.
func (e *RowError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Err.Error())
}

// Unwrap returns Err.
func (e *RowError) Unwrap() error { return e.Err }

// ReadCSV is the counterpart of WriteEntriesCSV: it reads a file that was exported,
// raw or not, and corrected, and returns its leads, in the order of the rows, to be
// captured again. stored returns the leads of a Store by their ids, at most 1,000 at
// a time, as leadsync.Syncer.Leads does with Filter.Leads; leadsync.Syncer.ReadCSV asks the
// Syncer's own.
//
// A lead is the stored one with the cells of its row that say something else: a column
// that is absent, an empty cell, and one that holds what the export wrote leave what is
// stored, so that capturing an unchanged file changes nothing. Of a lead that changed
// after the export the file says what it was: export again before you correct it. The
// columns of the outcome and columns without a name are not read. An empty JSON list, [],
// removes all answers to a qualifier. Activities are corrected in the column activities
// of a raw file.
//
// The file may have been saved by a spreadsheet: the separator may be a comma, a
// semicolon, a tab or a vertical bar, the text UTF-8, UTF-16 or Windows-1252, and what a
// spreadsheet makes of a value that it takes for a number, a date or a boolean counts as
// unchanged, as far as that can be told. The guard against formulas is taken off.
//
// The error is a *leadtype.Error when the file as a whole is refused, or stored failed:
// it has more than MaxCSVBytes, MaxCSVRows or MaxCSVColumns, no column id, or a column
// that ReadCSV does not know, so that a misspelt one is not ignored. It is a
// *leadtype.BatchError when rows were refused, such as for JSON that is not valid: it has
// a *RowError for each by its number, from 0, and the leads of the other rows are
// returned. A *leadtype.Error of stored, and a context's own error, are returned as they are. opts may be nil.
func ReadCSV(r io.Reader, stored func(ids []leadtype.LeadID) ([]store.Entry, error),
	opts *ReadOptions) ([]*leadtype.Lead, error) {
	text, fault := csvtext.Read(r, "")
	if fault != nil {
		refused := refuseFile(fault.Error())
		if fault.Err != nil {
			refused.Code, refused.Err = leadtype.Unknown, fault.Err
		}
		return nil, refused
	}
	f := &csvFile{text: text, stored: stored, seen: make(map[leadtype.LeadID]bool), refused: make(map[int]error)}
	if opts != nil {
		f.opts = *opts
	}
	if err := f.readHeader(); err != nil {
		return nil, err
	}
	for {
		rows, err := f.page()
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			break
		}
		if err := f.take(rows); err != nil {
			return nil, err
		}
	}
	if len(f.refused) > 0 {
		return f.leads, &leadtype.BatchError{Failed: f.refused}
	}
	return f.leads, nil
}

// pageRows is how many leads are asked for at a time.
const pageRows = 500

// A csvFile is a file that is read.
type csvFile struct {
	text   csvtext.Text
	stored func(ids []leadtype.LeadID) ([]store.Entry, error)
	opts   ReadOptions

	rows    *csvtext.Scanner
	columns []string // "" for one that is not read
	id      int      // the column of the ids
	read    int      // rows
	seen    map[leadtype.LeadID]bool
	leads   []*leadtype.Lead
	refused map[int]error
}

// A csvRow is a row with its place.
type csvRow struct {
	csvtext.Record
	number int // from 0
	id     leadtype.LeadID
}

// bareID is the id without the guard, which one that a host made may look like.
func (r *csvRow) bareID() leadtype.LeadID { return leadtype.LeadID(csvtext.Unguard(string(r.id))) }

func refuseFile(reason string, columns ...string) *leadtype.Error {
	return &leadtype.Error{Op: "read csv", Code: leadtype.DataValueValidation, Fields: columns, Reason: reason}
}

// readHeader finds out the separator and the columns.
func (f *csvFile) readHeader() error {
	header, separator := f.header()
	f.rows = f.text.Records(separator)
	firstRow(f.rows) // the header
	switch {
	case !slices.ContainsFunc(header, isID):
		return refuseFile("the first line has no column named id", "id")
	case len(header) > MaxCSVColumns:
		return refuseFile(fmt.Sprintf("has more than %d columns", MaxCSVColumns))
	}
	f.id = slices.IndexFunc(header, isID)
	known := make(map[string]bool)
	for i, name := range header {
		column, ok := columnNamed(name)
		switch {
		case !ok: // the name may be a value, in a file without a header
			return refuseFile(fmt.Sprintf("column %d has a name that is not one of an export", i+1))
		case column != "" && known[column]:
			return refuseFile("is the name of two columns", column)
		}
		known[column] = true
		f.columns = append(f.columns, column)
	}
	f.rows.Reject = func(r *csvtext.Record) bool {
		return slices.ContainsFunc(r.Cells[min(len(r.Cells), len(f.columns)):], func(cell string) bool { return cell != "" })
	}
	return nil
}

// header returns the names of the columns, and the separator by which they are those of an
// export. Names of custom values may have separators, and even an id between two of them.
func (f *csvFile) header() (header []string, separator rune) {
	for _, by := range f.text.Separators() {
		first := firstRow(f.text.Records(by))
		if first.Broken != "" || first.Loose {
			continue
		}
		cells := first.Cells
		for i := range cells {
			cells[i] = csvtext.Unguard(cells[i])
		}
		if !slices.ContainsFunc(cells, isID) {
			continue
		}
		if header == nil {
			header, separator = cells, by
		}
		if !slices.ContainsFunc(cells, isUnknown) {
			return cells, by
		}
	}
	return header, separator
}

// firstRow returns the first row that is not blank.
func firstRow(rows *csvtext.Scanner) csvtext.Record {
	for {
		if row, ok, _ := rows.Next(); !ok || !row.Blank() {
			return row
		}
	}
}

func isUnknown(name string) bool {
	_, ok := columnNamed(name)
	return !ok
}

func isID(name string) bool { return strings.EqualFold(strings.TrimSpace(name), "id") }

// columnNamed returns the column of a header, "" for one that is not read, and false for
// one that is not known.
func columnNamed(name string) (string, bool) {
	trimmed := strings.TrimSpace(name)
	if trimmed == "" || value.ContainsFold(csvtext.OutcomeColumns(), trimmed) {
		return "", true
	}
	if name == activitiesColumn || name == phonesColumn || leadtype.IsSourceField(name) ||
		name == value.PrefixCustom || name == value.PrefixQualifier { // a name may be blank
		return name, true
	}
	for _, source := range append(leadtype.SourceFields(), activitiesColumn, phonesColumn) {
		if strings.EqualFold(source, trimmed) {
			return source, true
		}
	}
	return "", false
}

// page reads the next rows. A row that cannot be read is refused.
func (f *csvFile) page() ([]csvRow, error) {
	var rows []csvRow
	for len(rows) < pageRows {
		record, ok, fault := f.rows.Next()
		switch {
		case fault != nil:
			return nil, refuseFile(fault.Error())
		case !ok:
			return rows, nil
		case record.Blank():
			continue
		case f.read == MaxCSVRows:
			return nil, refuseFile(fmt.Sprintf("has more than %d rows", MaxCSVRows))
		}
		row := csvRow{Record: record, number: f.read}
		f.read++
		if reason := f.broken(&record); reason != "" {
			f.refused[row.number] = &RowError{Line: record.Line, Column: 1, Err: refuseFile(reason)}
			continue
		}
		if f.id < len(record.Cells) {
			row.id = leadtype.LeadID(record.Cells[f.id])
		}
		if strings.TrimSpace(string(row.id)) == "" {
			f.refuse(&row, f.id, leadtype.RequiredFieldMissing, "a lead needs an id")
			continue
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// broken returns why a row cannot be read, "" where it can.
func (f *csvFile) broken(r *csvtext.Record) string {
	switch {
	case r.Broken != "":
		return r.Broken
	case r.Loose:
		return "has a quotation mark where none may be"
	case r.Inside && len(r.Cells) != len(f.columns):
		return "is within the quotation marks of a row before it"
	}
	return ""
}

// refuse refuses a row for a cell.
func (f *csvFile) refuse(row *csvRow, column int, code leadtype.Code, reason string) {
	err := &RowError{Line: row.CellLine(min(column, len(row.Cells)-1)), Column: column + 1, Name: f.columns[column]}
	err.Err = &leadtype.Error{Op: "read csv", LeadID: row.id, Code: code, Fields: []string{err.Name}, Reason: reason}
	f.refused[row.number] = err
}

// take adds the leads of rows.
func (f *csvFile) take(rows []csvRow) error {
	var ids []leadtype.LeadID
	for i := range rows {
		ids = append(ids, rows[i].id)
		if bare := rows[i].bareID(); bare != rows[i].id {
			ids = append(ids, bare)
		}
	}
	entries, err := f.stored(ids)
	if _, named := errors.AsType[*leadtype.Error](err); named || verdict.ContextError(err) != nil {
		return err
	}
	if err != nil {
		return &leadtype.Error{Op: "read csv", Code: leadtype.Unknown, Reason: "the store failed", Err: err}
	}
	leads := make(map[leadtype.LeadID]*leadtype.Lead, len(entries))
	unreadable := make(map[leadtype.LeadID]bool)
	for i := range entries {
		if lead := entries[i].Lead; lead != nil {
			leads[lead.ID], unreadable[lead.ID] = lead, entries[i].Unreadable != nil
		}
	}
	for i := range rows {
		row := &rows[i]
		if leads[row.id] == nil {
			row.id = row.bareID()
		}
		lead := leads[row.id]
		switch {
		case f.seen[row.id]:
			f.refuse(row, f.id, leadtype.DataValueValidation, "an earlier row has the same id")
			continue
		case unreadable[row.id]:
			f.refuse(row, f.id, leadtype.Unknown, "the stored lead cannot be read: capture it as the host has it")
			continue
		case lead == nil && !f.opts.NewLeads:
			f.refuse(row, f.id, leadtype.DataValueValidation, "no lead with the id is stored")
			continue
		case lead == nil:
			lead = &leadtype.Lead{ID: row.id}
		}
		f.seen[row.id] = true
		if corrected := f.correct(row, lead); corrected != nil {
			f.leads = append(f.leads, corrected)
		}
	}
	return nil
}

// correct returns a copy of a lead with the cells of its row, nil when the row is
// refused.
func (f *csvFile) correct(row *csvRow, stored *leadtype.Lead) *leadtype.Lead {
	lead := *stored
	lead.Answers, lead.Custom = maps.Clone(stored.Answers), maps.Clone(stored.Custom)
	lead.Activities, lead.Phones = slices.Clone(stored.Activities), slices.Clone(stored.Phones)
	for i, cell := range row.Cells {
		if i >= len(f.columns) || f.columns[i] == "" || i == f.id || strings.TrimSpace(cell) == "" {
			continue
		}
		c := correction{stored: stored, lead: &lead, column: f.columns[i], ansi: f.text.Encoding == csvtext.Windows1252}
		if err := c.apply(cell); err != nil {
			f.refuse(row, i, leadtype.DataValueValidation, err.Error())
			return nil
		}
	}
	var unfit *leadtype.Error
	if errors.As(lead.Check(), &unfit) {
		at := max(0, slices.Index(f.columns, unfit.Fields[0]))
		f.refuse(row, at, unfit.Code, unfit.Reason)
		f.refused[row.number].(*RowError).Err.Fields = unfit.Fields //nolint:errorlint,forcetypeassert // just made
		return nil
	}
	return &lead
}
