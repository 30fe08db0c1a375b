// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/csvtext"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/leadtype"
)

// The bounds of a file. One that is beyond them is refused as a whole. A row with a cell of more
// than leadtype.MaxText bytes, or beyond another limit of leadtype, is left out.
const (
	// MaxBytes is the largest file.
	MaxBytes = csvtext.MaxBytes
	// MaxRows is how many rows a file may have, of all sections together.
	MaxRows = csvtext.MaxRows
	// MaxColumns is how many columns a file may have.
	MaxColumns = 1000
)

// An Encoding is how the characters of a file are written.
type Encoding string

// The encodings. The first four are found out; the others are those of files that look like
// Windows-1252, and have to be told.
const (
	UTF8        = Encoding(csvtext.UTF8)
	UTF16LE     = Encoding(csvtext.UTF16LE)
	UTF16BE     = Encoding(csvtext.UTF16BE)
	Windows1252 = Encoding(csvtext.Windows1252)

	Windows1250 = Encoding(csvtext.Windows1250)
	Windows1251 = Encoding(csvtext.Windows1251)
	Latin9      = Encoding(csvtext.Latin9)
	Macintosh   = Encoding(csvtext.Macintosh)
)

// A DateOrder is which of the two numbers in a date such as 03/04/2026 is the day.
type DateOrder string

// The orders of dates.
const (
	// FindOrder looks for a date in the same column that has one reading only. Where there
	// is none, or where there are some of both orders, those with two readings are unfit.
	FindOrder  DateOrder = ""
	DayFirst   DateOrder = "day-first"
	MonthFirst DateOrder = "month-first"
)

func (d DateOrder) order() reading.Order {
	switch d {
	case DayFirst:
		return reading.DayFirst
	case MonthFirst:
		return reading.MonthFirst
	}
	return reading.AnyOrder
}

// Options say how a file is read, and what its leads have in common. The zero Options find
// out all that they can.
type Options struct {
	// Encoding is that of the file. By default it is found out: by a byte order mark, by the
	// zeros of UTF-16, by whether it is valid UTF-8, and else it is Windows-1252.
	Encoding Encoding
	// Separator stands between the cells: a comma, a semicolon, a tab or a vertical bar. By
	// default it is the one that a line sep=; names, else the one with which most columns of
	// the header are known.
	Separator rune
	// HeaderLine is the line of the header in the file, from 1. By default it is the first
	// that has the names of two known columns, of the section of the attendees where there
	// are several.
	HeaderLine int

	// Aliases are further names of columns, and the source field that each stands for, such as
	// "Booth contact": "capturedBy", or "" for a column that is not to be read. They come
	// before the shipped ones and are compared in the same way: without case, accents,
	// spaces and punctuation.
	Aliases map[string]string
	// Custom keeps the columns that are not understood as custom values of the leads, under
	// the names in the header. By default they are only reported.
	Custom bool

	// EventID, EventName and Provenance are set where a row has none of its own.
	EventID, EventName, Provenance string

	// DateOrder is that of all dates with - or / that have two readings. See FindOrder.
	DateOrder DateOrder
	// Location is the time zone of the event, in which times without an offset are read, and
	// which all times are given in. The default is UTC, and the offset that a time has.
	Location *time.Location

	// TrustIDs takes a column of ids that are all numbers of at most six digits. By default it
	// is not read, whatever its name: such numbers are often those of rows, and a lead of
	// another file with the same number would be replaced. Set it where no two people of any
	// files have the same id.
	TrustIDs bool
	// IDKey keys the ids of leads that have none in the file. Who knows the key, or that
	// there is none, can find out whether an id is that of an e-mail address. Choose it
	// before the first file and keep it: with another key the same people get other ids.
	//
	// An id stays the same while the key, the event (EventID, else EventName) and what
	// identifies the person do. That is the contactId and leadId, else the e-mail address and
	// the name, else the name, the company and the phone numbers, each as leadsync compares
	// it: without case, for instance, or a company's legal form. What is no address, name or
	// company of anybody, and which legal forms there are, is in lists that grow, so that a
	// release may make another id of a row. It then says so in the changelog. Least depends
	// on them where all rows have e-mail addresses, and nothing where they have ids of their
	// own.
	IDKey []byte
}

// check names the field at fault.
func (o *Options) check() error {
	refuse := func(field, reason string) error {
		return &leadtype.Error{Op: opRead, Code: leadtype.DataValueValidation, Fields: []string{field}, Reason: reason}
	}
	switch {
	case o.Encoding != "" && !csvtext.Encoding(o.Encoding).Known():
		return refuse("Options.Encoding", "is not known")
	case o.Separator != 0 && !strings.ContainsRune(",;\t|", o.Separator):
		return refuse("Options.Separator", "must be a comma, a semicolon, a tab or a vertical bar")
	case o.HeaderLine < 0:
		return refuse("Options.HeaderLine", "must not be negative")
	case !slices.Contains([]DateOrder{FindOrder, DayFirst, MonthFirst}, o.DateOrder):
		return refuse("Options.DateOrder", "is not known")
	}
	for _, source := range o.Aliases {
		if source != "" && !leadtype.IsSourceField(source) {
			return refuse("Options.Aliases", fmt.Sprintf("has %q, which is not a source field", source))
		}
	}
	return nil
}
