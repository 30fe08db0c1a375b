package salesforce

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxCSVRecord bounds one record of a reply in bytes, and maxCSVFields its
// fields: the limits of SALESFORCE.md 1 (Bulk 2.0), with room for the columns
// that Salesforce adds.
const (
	maxCSVRecord = 4 << 20
	maxCSVFields = maxBulkFields + 16
)

var (
	errCutCSV  = errors.New("the data is cut off")
	errLongCSV = errors.New("longer than a record can be")
	errBadCSV  = errors.New("malformed quotes")
)

// A csvReader reads the records of a reply. Unlike encoding/csv it keeps the
// line breaks within a value as they are, bounds a record, and can tell a whole
// last record from one that was cut.
type csvReader struct {
	in *bufio.Reader
	// whole says that the end of the body is known to be the end of the data, so
	// that the last record needs no line break to be trusted.
	whole bool

	record int // of the last read, from 1
	text   []byte
	ends   []int // of the fields in text
	fields []string
}

func newCSVReader(body io.Reader, whole bool) *csvReader {
	in := bufio.NewReaderSize(body, 64<<10)
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	return &csvReader{in: in, whole: whole}
}

// read returns the next record, or io.EOF after the last. The slice, but not its
// strings, is overwritten by the next read. Other errors name the record.
func (c *csvReader) read() ([]string, error) {
	c.record++
	err := c.readRecord()
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case err != nil:
		return nil, fmt.Errorf("record %d: %w", c.record, err)
	}
	all, start := string(c.text), 0
	c.fields = c.fields[:0]
	for _, end := range c.ends {
		c.fields = append(c.fields, all[start:end])
		start = end
	}
	return c.fields, nil
}

// readRecord reads fields up to a line break. Empty lines are passed over.
func (c *csvReader) readRecord() error {
	c.text, c.ends = c.text[:0], c.ends[:0]
	for {
		b, err := c.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && len(c.ends) == 0:
			return io.EOF
		case errors.Is(err, io.EOF):
			return c.lastField()
		case err != nil:
			return err
		}
		if (b == '\n' || b == '\r') && len(c.ends) == 0 {
			continue
		}
		var more bool
		if b == '"' {
			more, err = c.quoted()
		} else {
			more, err = c.bare(b)
		}
		if err != nil || !more {
			return err
		}
		if len(c.ends) > maxCSVFields {
			return errLongCSV
		}
	}
}

// lastField ends the record, and the field under way, at the end of the body.
func (c *csvReader) lastField() error {
	if !c.whole {
		return errCutCSV
	}
	c.ends = append(c.ends, len(c.text))
	return nil
}

// bare reads a field without quotes that starts with b, and reports whether
// another one follows.
func (c *csvReader) bare(b byte) (more bool, err error) {
	for {
		switch b {
		case ',', '\n':
			c.ends = append(c.ends, len(c.text))
			return b == ',', nil
		case '"':
			return false, errBadCSV
		case '\r':
			if next, _ := c.in.Peek(1); string(next) == "\n" {
				break // part of the line break
			}
			c.text = append(c.text, b)
		default:
			c.text = append(c.text, b)
		}
		if len(c.text) > maxCSVRecord {
			return false, errLongCSV
		}
		b, err = c.in.ReadByte()
		if err == io.EOF {
			return false, c.lastField()
		}
		if err != nil {
			return false, err
		}
	}
}

// quoted reads a field after its opening quote, and reports whether another one
// follows.
func (c *csvReader) quoted() (more bool, err error) {
	for {
		b, err := c.in.ReadByte()
		if err == nil && b == '"' {
			next, err := c.in.ReadByte()
			if err != nil || next != '"' {
				return c.afterQuote(next, err)
			}
		}
		if err == io.EOF {
			return false, errCutCSV
		}
		if err != nil {
			return false, err
		}
		c.text = append(c.text, b)
		if len(c.text) > maxCSVRecord {
			return false, errLongCSV
		}
	}
}

// afterQuote ends a quoted field, whose closing quote b or the failure to read
// follows.
func (c *csvReader) afterQuote(b byte, err error) (more bool, _ error) {
	if err == nil && b == '\r' {
		b, err = c.in.ReadByte()
	}
	switch {
	case err == io.EOF:
		return false, c.lastField()
	case err != nil:
		return false, err
	case b != ',' && b != '\n':
		return false, errBadCSV
	}
	c.ends = append(c.ends, len(c.text))
	return b == ',', nil
}

// appendCSV appends a record with its line feed. A value is quoted only where it
// must be: a space next to a quote is an error to Salesforce, and most values
// need none.
func appendCSV(line []byte, cells []string) []byte {
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

// csvColumns says where the named columns stand in a header; names are compared
// without regard to case. The error names a column that is missing or repeated.
func csvColumns(header []string, names ...string) ([]int, error) {
	places := make([]int, len(names))
	for i, name := range names {
		places[i] = -1
		for k, column := range header {
			if !strings.EqualFold(column, name) {
				continue
			}
			if places[i] >= 0 {
				return nil, fmt.Errorf("column %s is there twice", name)
			}
			places[i] = k
		}
		if places[i] < 0 {
			return nil, fmt.Errorf("column %s is missing", name)
		}
	}
	return places, nil
}
