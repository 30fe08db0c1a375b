// SPDX-License-Identifier: Apache-2.0

// Package bulk has the CSV of Bulk API 2.0 and the set of keys of a job.
package bulk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/limit"
)

// maxRecord bounds one record of a reply in bytes, and maxFields its fields, with
// room for the columns that Salesforce adds.
const (
	maxRecord = 4 << 20
	maxFields = limit.BulkFields + 16
)

var (
	errCutCSV  = errors.New("the data is cut off")
	errLongCSV = errors.New("longer than a record can be")
	errBadCSV  = errors.New("malformed quotes")
)

// A Reader reads the records of a reply. Unlike encoding/csv it keeps the line breaks
// within a value as they are, bounds a record, and distinguishes a complete last record from
// one that was cut off.
type Reader struct {
	in *bufio.Reader
	// whole means that the end of the body is known to be the end of the data: the
	// last record is complete without a line break.
	whole bool

	record int // of the last read, from 1
	text   []byte
	ends   []int // of the fields in text
	fields []string
}

// NewReader returns a Reader of body. Without whole, a last record that has no line
// break is an error: the connection may have been lost.
func NewReader(body io.Reader, whole bool) *Reader {
	in := bufio.NewReaderSize(body, 64<<10)
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	return &Reader{in: in, whole: whole}
}

// Record returns the number of the record read last, from 1.
func (r *Reader) Record() int { return r.record }

// Read returns the next record, or io.EOF after the last. The slice, but not its
// strings, is overwritten by the next Read. Other errors name the record.
func (r *Reader) Read() ([]string, error) {
	r.record++
	err := r.readRecord()
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case err != nil:
		return nil, fmt.Errorf("record %d: %w", r.record, err)
	}
	all, start := string(r.text), 0
	r.fields = r.fields[:0]
	for _, end := range r.ends {
		r.fields = append(r.fields, all[start:end])
		start = end
	}
	return r.fields, nil
}

// readRecord reads fields up to a line break. It skips empty lines.
func (r *Reader) readRecord() error {
	r.text, r.ends = r.text[:0], r.ends[:0]
	for {
		b, err := r.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && len(r.ends) == 0:
			return io.EOF
		case errors.Is(err, io.EOF):
			return r.lastField()
		case err != nil:
			return err
		}
		if (b == '\n' || b == '\r') && len(r.ends) == 0 {
			continue
		}
		var more bool
		if b == '"' {
			more, err = r.quoted()
		} else {
			more, err = r.bare(b)
		}
		if err != nil || !more {
			return err
		}
		if len(r.ends) > maxFields {
			return errLongCSV
		}
	}
}

// lastField ends the record and its last field at the end of the body.
func (r *Reader) lastField() error {
	if !r.whole {
		return errCutCSV
	}
	r.ends = append(r.ends, len(r.text))
	return nil
}

// bare reads a field without quotes that starts with b, and reports whether
// another one follows.
func (r *Reader) bare(b byte) (more bool, err error) {
	for {
		switch b {
		case ',', '\n':
			r.ends = append(r.ends, len(r.text))
			return b == ',', nil
		case '"':
			return false, errBadCSV
		case '\r':
			if next, _ := r.in.Peek(1); string(next) == "\n" {
				break // part of the line break
			}
			r.text = append(r.text, b)
		default:
			r.text = append(r.text, b)
		}
		if len(r.text) > maxRecord {
			return false, errLongCSV
		}
		b, err = r.in.ReadByte()
		if err == io.EOF {
			return false, r.lastField()
		}
		if err != nil {
			return false, err
		}
	}
}

// quoted reads a field after its opening quote, and reports whether another one
// follows.
func (r *Reader) quoted() (more bool, err error) {
	for {
		b, err := r.in.ReadByte()
		if err == nil && b == '"' {
			next, err := r.in.ReadByte()
			if err != nil || next != '"' {
				return r.afterQuote(next, err)
			}
		}
		if err == io.EOF {
			return false, errCutCSV
		}
		if err != nil {
			return false, err
		}
		r.text = append(r.text, b)
		if len(r.text) > maxRecord {
			return false, errLongCSV
		}
	}
}

// afterQuote ends a quoted field, whose closing quote b or the failure to read
// follows.
func (r *Reader) afterQuote(b byte, err error) (more bool, _ error) {
	if err == nil && b == '\r' {
		b, err = r.in.ReadByte()
	}
	switch {
	case err == io.EOF:
		return false, r.lastField()
	case err != nil:
		return false, err
	case b != ',' && b != '\n':
		return false, errBadCSV
	}
	r.ends = append(r.ends, len(r.text))
	return b == ',', nil
}

// AppendRecord appends a record with its line feed. It quotes a value only where
// needed: most values need no quotes, and Salesforce refuses a space next to one.
func AppendRecord(line []byte, cells []string) []byte {
	for i, cell := range cells {
		if i > 0 {
			line = append(line, ',')
		}
		if !strings.ContainsAny(cell, "\",\r\n") {
			line = append(line, cell...)
			continue
		}
		line = append(line, '"')
		for k := range len(cell) {
			if cell[k] == '"' {
				line = append(line, '"')
			}
			line = append(line, cell[k])
		}
		line = append(line, '"')
	}
	return append(line, '\n')
}

// Columns returns the positions of the named columns in a header; names are compared
// without regard to case. The error names a column that is missing or repeated.
func Columns(header []string, names ...string) ([]int, error) {
	places := make([]int, len(names))
	for i, name := range names {
		places[i] = -1
		for k, column := range header {
			if !strings.EqualFold(column, name) {
				continue
			}
			if places[i] >= 0 {
				return nil, fmt.Errorf("column %s appears twice", name)
			}
			places[i] = k
		}
		if places[i] < 0 {
			return nil, fmt.Errorf("column %s is missing", name)
		}
	}
	return places, nil
}
