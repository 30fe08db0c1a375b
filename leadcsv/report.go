// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"fmt"

	"github.com/leadsync/leadsync/leadtype"
)

// A List is what was read of a file.
type List struct {
	// Leads are in the order of their rows, and each passes leadtype.Lead.Check, but for one
	// that has an id in the file and nothing that identifies the person: Capture refuses it,
	// by its id.
	Leads []*leadtype.Lead
	// Lines has the line in the file of each of the Leads.
	Lines []int
	// Report says what was understood and what was not. It holds no value of a row.
	Report Report
}

// A Report says how a file was read. In its JSON the separator is a string, and every list is
// there, also an empty one.
type Report struct {
	Encoding  Encoding `json:"encoding"`
	Separator rune     `json:"separator"`
	// HeaderLine is the line of the header in the file, from 1.
	HeaderLine int `json:"headerLine"`
	// Columns are those of the header, in its order.
	Columns []Column `json:"columns"`
	// Rows counts the rows below the header: it is the number of leads and of LeftOut.
	Rows int `json:"rows"`
	// LeftOut are the rows that are not among the leads.
	LeftOut []Problem `json:"leftOut"`
	// Unfit are the values that were not taken, of rows that are among the leads. The first
	// MaxUnfit are listed; UnfitCount counts all, and Column.Unfit those of a column.
	Unfit      []Problem `json:"unfit"`
	UnfitCount int       `json:"unfitCount"`
	// Skipped are the lines that are no rows of leads, and Blank how many rows without any
	// text there were.
	Skipped []Skipped `json:"skipped"`
	Blank   int       `json:"blank"`
}

// MaxUnfit is how many values Report.Unfit lists.
const MaxUnfit = 10_000

// A Column is a column of the header.
type Column struct {
	// Number counts from 1, and Header is the name as it stands in the file.
	Number int    `json:"number"`
	Header string `json:"header"`
	// Source is the source field that the column fills, such as firstName, or custom.<name>;
	// "" for none. The whole name of a person fills firstName and lastName.
	Source string       `json:"source,omitempty"`
	Status ColumnStatus `json:"status"`
	// Reason says why the column is not read, or how, where that needs to be said.
	Reason string `json:"reason,omitempty"`
	// Filled counts the rows that have a text in the column, and Unfit the values that were
	// not taken.
	Filled int `json:"filled"`
	Unfit  int `json:"unfit"`
}

// A ColumnStatus says whether a column was understood. The values are stored by hosts and
// never renamed.
type ColumnStatus string

// What becomes of a column.
const (
	// Understood is for a column that fills its Source.
	Understood ColumnStatus = "understood"
	// Second is for a column that fills its Source where a column before it does not.
	Second ColumnStatus = "second"
	// Custom is for a column that is not understood or ambiguous, and kept as a custom value.
	Custom ColumnStatus = "custom"
	// NotUnderstood is for a column that is not read, because its name is not known.
	NotUnderstood ColumnStatus = "not-understood"
	// Ambiguous is for a column that is not read because it may be something else: a second
	// one of ids or times, or ids that are the numbers of rows.
	Ambiguous ColumnStatus = "ambiguous"
	// Ignored is for a column that is not read, because Options.Aliases say so.
	Ignored ColumnStatus = "ignored"
	// Unnamed is for a column without a name, which is not read.
	Unnamed ColumnStatus = "unnamed"
)

// A Problem is a row that was left out, or a value that was not taken. It never holds a
// value.
type Problem struct {
	// Line is where the cell, or the row, begins in the file, from 1.
	Line int `json:"line"`
	// Column counts from 1; 0 is the row as a whole. Header is the column's name, and Source
	// the source field that it fills.
	Column int         `json:"column"`
	Header string      `json:"header,omitempty"`
	Source string      `json:"source,omitempty"`
	Kind   ProblemKind `json:"kind"`
	Reason string      `json:"reason"`
}

// String returns the problem as a sentence without a full stop.
func (p Problem) String() string {
	if p.Column == 0 {
		return fmt.Sprintf("line %d: %s", p.Line, p.Reason)
	}
	if p.Header == "" {
		return fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Reason)
	}
	return fmt.Sprintf("line %d, column %d %q: %s", p.Line, p.Column, shown(p.Header), p.Reason)
}

// A ProblemKind is what a problem is about. The values are stored by hosts and never renamed.
type ProblemKind string

// The kinds of rows that are left out, and below them those of values that are not taken.
const (
	// NotIdentified is for a row with nothing that tells whose it is, not even an id.
	NotIdentified ProblemKind = "not-identified"
	// Repeated is for a row of the person, or with the id, of an earlier row.
	Repeated ProblemKind = "repeated"
	// Namesake is for a row with the name, company and phone number of an earlier row and
	// something else that differs: nothing tells whether they are one person.
	Namesake ProblemKind = "namesake"
	// Quotes is for a row whose quotation marks cannot be read.
	Quotes ProblemKind = "quotes"
	// TooManyCells is for a row with more cells than the header has columns.
	TooManyCells ProblemKind = "too-many-cells"
	// TooFewCells is for a row with fewer cells, unless its e-mail address is in its place and
	// no other such row is behind it: Excel leaves out blank cells at the end of rows.
	TooFewCells ProblemKind = "too-few-cells"
	// Cut is for a row with which the file ends before all of its cells.
	Cut ProblemKind = "cut"
	// TooLarge is for a row that is beyond a limit of leadtype, such as MaxText.
	TooLarge ProblemKind = "too-large"

	// Damaged is for what a spreadsheet has left of a value.
	Damaged ProblemKind = "damaged"
	// Unreadable is for a value that is not of the form that its field needs.
	Unreadable ProblemKind = "unreadable"
	// TwoReadings is for a date whose day may be its month.
	TwoReadings ProblemKind = "two-readings"
	// Contradicts is for a value that another column, or an earlier row, has otherwise.
	Contradicts ProblemKind = "contradicts"
)

// Skipped are lines that are no rows of leads.
type Skipped struct {
	// First and Last are lines in the file, from 1, and Rows how many rows they hold.
	First int      `json:"first"`
	Last  int      `json:"last"`
	Rows  int      `json:"rows"`
	Kind  SkipKind `json:"kind"`
}

// A SkipKind is why lines are passed over. The values are stored by hosts and never renamed.
type SkipKind string

// The kinds of lines that are passed over.
const (
	// Preamble is for what stands before the header.
	Preamble SkipKind = "preamble"
	// Section is for another section of the file, such as that of the hosts.
	Section SkipKind = "section"
	// HeaderAgain is for a line that is the header once more, or its second line, as surveys have
	// it for the parts of a question.
	HeaderAgain SkipKind = "header-again"
)

const opRead = "read list"

func refuse(reason string) *leadtype.Error {
	return &leadtype.Error{Op: opRead, Code: leadtype.DataValueValidation, Reason: reason}
}

// shown shortens a header for a message.
func shown(header string) string {
	const longest = 60
	if runes := []rune(header); len(runes) > longest {
		return string(runes[:longest]) + "..."
	}
	return header
}
