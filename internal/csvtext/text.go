// SPDX-License-Identifier: Apache-2.0

package csvtext

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The bounds of a file.
const (
	MaxBytes = 64 << 20
	MaxRows  = 100_000
	// MaxCell is the longest quoted cell in bytes: the JSON of a lead with each quotation
	// mark doubled, and more.
	MaxCell = 16 << 20
)

// A Fault is why a file cannot be read. It never holds a value.
type Fault struct {
	// Line is where in the file, from 1; 0 for the file as a whole.
	Line   int
	Reason string
	Err    error // of the reader
}

// Error is the reason, after its line where there is one.
func (f *Fault) Error() string {
	if f.Line > 0 {
		return fmt.Sprintf("line %d: %s", f.Line, f.Reason)
	}
	return f.Reason
}

// Unwrap returns Err.
func (f *Fault) Unwrap() error { return f.Err }

// A Text is a file as text.
type Text struct {
	Body     string
	Encoding Encoding
	// Separator is the one that the file names, 0 for none, on a line of its own that is
	// not part of Body.
	Separator rune
}

// Read reads a file of at most MaxBytes. The encoding is found out where it is "".
func Read(r io.Reader, encoding Encoding) (Text, *Fault) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	switch {
	case err != nil:
		return Text{}, &Fault{Reason: "the reader failed", Err: err}
	case len(data) > MaxBytes:
		return Text{}, &Fault{Reason: fmt.Sprintf("has more than %d bytes", MaxBytes)}
	}
	if fault := notText(data); fault != nil {
		return Text{}, fault
	}
	var t Text
	var fault *Fault
	if t.Body, t.Encoding, fault = decode(data, encoding); fault != nil {
		return Text{}, fault
	}
	// Excel reads and some programs write a first line that names the separator.
	first, rest := cutLine(t.Body)
	if named, ok := strings.CutPrefix(strings.ToLower(strings.Trim(first, `"`)), "sep="); ok && len(named) == 1 {
		t.Body, t.Separator = rest, rune(named[0])
	}
	return t, nil
}

// notText refuses files that are no text, whatever their name.
func notText(data []byte) *Fault {
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return &Fault{Reason: "is a workbook and no CSV file: save the sheet as CSV"}
	case bytes.HasPrefix(data, []byte("%PDF-")):
		return &Fault{Reason: "is a PDF document and no CSV file"}
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		return &Fault{Reason: "is compressed: unpack it first"}
	}
	return nil
}

// cutLine cuts text behind its first line, without the end of the line.
func cutLine(text string) (first, rest string) {
	at := strings.IndexAny(text, "\r\n")
	if at < 0 {
		return text, ""
	}
	return text[:at], text[at+lineEnd(text[at:]):]
}

// lineEnd returns the length of the line end that text begins with, 0 for none.
func lineEnd(text string) int {
	switch {
	case strings.HasPrefix(text, "\r\n"):
		return 2
	case strings.HasPrefix(text, "\n"), strings.HasPrefix(text, "\r"):
		return 1
	}
	return 0
}

// LineAt returns the line, from 1, of a place in text.
func LineAt(text string, at int) int { return 1 + countLines(text[:at]) }

// countLines returns how many lines end in text.
func countLines(text string) int {
	returns := strings.Count(text, "\r")
	if returns == 0 {
		return strings.Count(text, "\n")
	}
	return strings.Count(text, "\n") + returns - strings.Count(text, "\r\n")
}

// separators are those that programs use.
var separators = [...]rune{',', ';', '\t', '|'}

// Separators returns the separators to try, the most frequent of the first line first.
func (t Text) Separators() []rune {
	if t.Separator != 0 {
		return []rune{t.Separator}
	}
	header, _ := cutLine(t.Body)
	list := slices.Clone(separators[:])
	slices.SortStableFunc(list, func(a, b rune) int {
		return strings.Count(header, string(b)) - strings.Count(header, string(a))
	})
	return list
}
