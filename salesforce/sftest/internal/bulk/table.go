// SPDX-License-Identifier: Apache-2.0

package bulk

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxCell limits a field, in characters (docs/salesforce.md, Bulk API).
const maxCell = 32_000

// A table is the data of an ingest job.
type table struct {
	header  string // as it was sent
	columns []string
	rows    [][]string
	problem string // why the job fails, "" if the data can be read
}

// read parses the data of a job and checks it, except for its columns. Of the messages that on
// line endings is well known; the others are modelled on it.
func (f csvFormat) read(data []byte) (t table) {
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	all, err := f.split(text)
	if err == nil && len(all) > 0 {
		_, rest, _ := f.splitRow(text)
		t.header, t.columns = strings.TrimSuffix(string(text[:len(text)-len(rest)]), f.ending), all[0]
		t.rows = all[1:]
	}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	switch {
	case bytes.HasSuffix(first, []byte("\r")) != (f.ending == "\r\n"):
		name := map[string]string{"\n": "LF", "\r\n": "CRLF"}[f.ending]
		t.problem = "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is " + name
	case !utf8.Valid(data):
		t.problem = "ClientInputError : the data is not UTF-8"
	case err != nil || len(all) == 0:
		t.problem = "ClientInputError : failed to parse the CSV data"
	case slices.ContainsFunc(t.rows, func(row []string) bool {
		return slices.ContainsFunc(row, func(cell string) bool { return utf8.RuneCountInString(cell) > maxCell })
	}):
		t.problem = "InvalidBatch : a field is longer than 32000 characters"
	}
	return t
}
