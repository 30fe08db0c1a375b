// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"bytes"
	"errors"
	"strings"
)

// A csvFormat holds the delimiter and the line ending of a bulk job.
type csvFormat struct {
	delimiter byte
	ending    string
}

var errCSV = errors.New("malformed CSV")

// split parses CSV. Values keep their line breaks unchanged, unlike with encoding/csv. The
// last row need not end with a line break.
func (f csvFormat) split(text []byte) ([][]string, error) {
	var rows [][]string
	for len(text) > 0 {
		row, rest, err := f.splitRow(text)
		if err != nil {
			return nil, err
		}
		rows, text = append(rows, row), rest
	}
	return rows, nil
}

func (f csvFormat) splitRow(text []byte) (row []string, rest []byte, err error) {
	for {
		var cell string
		if len(text) > 0 && text[0] == '"' {
			cell, text, err = unquote(text[1:])
		} else {
			end := f.end(text)
			cell, text = string(text[:end]), text[end:]
		}
		row = append(row, cell)
		switch {
		case err != nil:
			return nil, nil, err
		case len(text) == 0:
			return row, nil, nil
		case bytes.HasPrefix(text, []byte(f.ending)):
			return row, text[len(f.ending):], nil
		case text[0] != f.delimiter:
			return nil, nil, errCSV // something between a quote and the delimiter
		}
		text = text[1:]
	}
}

// end returns where a value without quotes ends.
func (f csvFormat) end(text []byte) int {
	for i := range text {
		if text[i] == f.delimiter || bytes.HasPrefix(text[i:], []byte(f.ending)) {
			return i
		}
	}
	return len(text)
}

// unquote reads a value after its opening quote.
func unquote(text []byte) (string, []byte, error) {
	var b strings.Builder
	for {
		at := bytes.IndexByte(text, '"')
		if at < 0 {
			return "", nil, errCSV
		}
		b.Write(text[:at])
		text = text[at+1:]
		if len(text) == 0 || text[0] != '"' {
			return b.String(), text, nil
		}
		b.WriteByte('"')
		text = text[1:]
	}
}

// appendQuoted appends a row with all values in quotes, without its ending.
func (f csvFormat) appendQuoted(text []byte, row []string) []byte {
	for i, cell := range row {
		if i > 0 {
			text = append(text, f.delimiter)
		}
		text = append(text, '"')
		text = append(text, strings.ReplaceAll(cell, `"`, `""`)...)
		text = append(text, '"')
	}
	return text
}
