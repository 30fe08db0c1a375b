// SPDX-License-Identifier: Apache-2.0

package csvtext

import "strings"

// A Record is a row of a file.
type Record struct {
	Cells []string
	// lines is where each cell begins where that is not Line.
	lines []int
	// Line is where the record begins in the file, from 1, and Last the line of its last
	// cell's end.
	Line, Last int
	// Broken is why the quotation marks of the record cannot be read, "" for one that can.
	// Its last cell, if it has any, is the one at fault, which is without its text, and only
	// the first line of the record counts as read.
	Broken string
	// Loose says that there is a quotation mark in a cell that is not quoted.
	Loose bool
	// Inside says that the record lies in the lines of one before it that is broken, and
	// may be part of a cell of that.
	Inside bool
	// Open says that the file ends with the record, without the end of a line.
	Open bool
}

// CellLine returns the line in the file where a cell begins.
func (r *Record) CellLine(cell int) int {
	if r.lines == nil || cell >= len(r.lines) {
		return r.Line
	}
	return r.lines[cell]
}

// Blank reports whether the record has nothing but spaces.
func (r *Record) Blank() bool {
	for _, cell := range r.Cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return r.Broken == ""
}

// A Scanner reads the records of a text.
type Scanner struct {
	// Reject, where it is set, says of a record of several lines whether it is several rows,
	// so that a quotation mark is missing or too many. Such a record is broken, and has no
	// cells.
	Reject func(r *Record) bool

	text      string
	separator byte
	line      int // of the next record
	at        int // where it begins
	inside    int // the end of the last broken record
	again     int // how many bytes were read once more behind broken records
}

// Records returns a Scanner for the records of a text, with a separator of one byte.
func (t Text) Records(separator rune) *Scanner {
	s := &Scanner{text: t.Body, separator: byte(separator), line: 1}
	if t.Separator != 0 {
		s.line = 2
	}
	return s
}

// Why a record is broken.
const (
	textBehind  = "has text behind a quotation mark that closes"
	severalRows = "has a quotation mark that closes in another row"
	notClosed   = "has a quotation mark that is not closed, or not within the longest cell"
)

// Next returns the next record, and false at the end. Lines end with LF, CRLF or CR, and
// those within quotation marks are part of the cell, as LF where they are CRLF. Behind a
// broken record the next line is read as if it began a record. The Fault is for a file in
// which too many are broken.
func (s *Scanner) Next() (Record, bool, *Fault) {
	if s.at >= len(s.text) {
		return Record{}, false, nil
	}
	r := Record{Line: s.line, Last: s.line, Inside: s.at < s.inside}
	at := s.at
	for {
		if len(r.Cells) > 0 && (r.lines != nil || r.Last != r.Line) {
			r.noteLine()
		}
		end, cell, broken := s.cell(at, &r)
		r.Cells = append(r.Cells, cell)
		if broken != "" {
			r.Broken = broken
			return r, true, s.skip(&r, end)
		}
		if end < len(s.text) && s.text[end] == s.separator {
			at = end + 1
			continue
		}
		if s.Reject != nil && r.Last > r.Line && s.Reject(&r) {
			r.Broken, r.Cells, r.lines = severalRows, nil, nil
			return r, true, s.skip(&r, end)
		}
		size := lineEnd(s.text[end:])
		r.Open = size == 0
		s.at = end + size
		s.line = r.Last + 1
		return r, true, nil
	}
}

// noteLine notes that the next cell begins at Last.
func (r *Record) noteLine() {
	for len(r.lines) < len(r.Cells) {
		r.lines = append(r.lines, r.Line)
	}
	r.lines = append(r.lines, r.Last)
}

// cell reads the cell that begins at a place, and returns where it ends.
func (s *Scanner) cell(at int, r *Record) (end int, cell, broken string) {
	text := at
	for text < len(s.text) && s.text[text] == ' ' {
		text++
	}
	if text < len(s.text) && s.text[text] == '"' {
		return s.quoted(text+1, r)
	}
	end = at
	for end < len(s.text) && s.text[end] != s.separator && s.text[end] != '\n' && s.text[end] != '\r' {
		if s.text[end] == '"' {
			r.Loose = true
		}
		end++
	}
	return end, s.text[at:end], ""
}

// quoted reads a cell behind its opening quotation mark.
func (s *Scanner) quoted(at int, r *Record) (end int, cell, broken string) {
	begin, changed := at, false
	limit := min(len(s.text), begin+MaxCell)
	for {
		next := strings.IndexByte(s.text[min(at, limit):limit], '"')
		if next < 0 {
			return limit, "", notClosed
		}
		at += next + 1
		if at < len(s.text) && s.text[at] == '"' {
			at++
			changed = true
			continue
		}
		break
	}
	cell = s.text[begin : at-1]
	r.Last += countLines(cell)
	if changed {
		cell = strings.ReplaceAll(cell, `""`, `"`)
	}
	if strings.Contains(cell, "\r\n") {
		cell = strings.ReplaceAll(cell, "\r\n", "\n")
	}
	for at < len(s.text) && s.text[at] == ' ' {
		at++
	}
	if at < len(s.text) && s.text[at] != s.separator && lineEnd(s.text[at:]) == 0 {
		return at, "", textBehind
	}
	return at, cell, ""
}

// skip continues behind the first line of a broken record, which was read to end.
func (s *Scanner) skip(r *Record, end int) *Fault {
	r.Last = r.Line
	first, _ := cutLine(s.text[s.at:])
	begin := s.at
	s.at += len(first)
	s.at += lineEnd(s.text[s.at:])
	s.line++
	r.Open = s.at == len(s.text) && begin+len(first) == s.at
	if end <= s.at {
		return nil
	}
	s.inside = max(s.inside, end)
	if s.again += end - s.at; s.again > MaxBytes {
		return &Fault{Line: r.Line, Reason: "too many quotation marks are not closed"}
	}
	return nil
}
