// SPDX-License-Identifier: Apache-2.0

package review

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/leadsync/leadsync/leadtype"
)

// A text is a file as text.
type text struct {
	body string
	ansi bool // it was Windows-1252, which lacks most characters
	// separator is the one that the file names, 0 for none, on a line of its own that is
	// not part of body.
	separator rune
}

// readText reads a file within the bounds, whatever spreadsheet saved it.
func readText(r io.Reader) (text, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxCSVBytes+1))
	switch {
	case err != nil:
		return text{}, &leadtype.Error{Op: "read csv", Code: leadtype.Unknown, Reason: "the reader failed", Err: err}
	case len(data) > MaxCSVBytes:
		return text{}, refuseFile(fmt.Sprintf("has more than %d bytes", MaxCSVBytes))
	}
	t := decodeText(data)
	t.body = endLines(t.body)
	// Excel reads and some programs write a first line that names the separator.
	first, rest, _ := strings.Cut(t.body, "\n")
	if named, ok := strings.CutPrefix(strings.ToLower(strings.Trim(first, "\"\r")), "sep="); ok && len(named) == 1 {
		t.body, t.separator = rest, rune(named[0])
	}
	return t, nil
}

// endLines ends the lines of a file with "\n" that end with "\r" alone, as spreadsheets on
// Macs save them, and leaves cells as they are.
func endLines(body string) string {
	b := []byte(body)
	quoted := false
	for i := range b {
		switch {
		case b[i] == '"':
			quoted = !quoted
		case b[i] == '\r' && !quoted && (i+1 == len(b) || b[i+1] != '\n'):
			b[i] = '\n'
		}
	}
	return string(b)
}

// decodeText decodes UTF-8 and UTF-16, by the byte order mark or by the zeros that
// Latin letters have in UTF-16, and anything else as Windows-1252.
func decodeText(data []byte) text {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return text{body: utf16Text(data[2:], binary.LittleEndian)}
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return text{body: utf16Text(data[2:], binary.BigEndian)}
	case len(data) >= 4 && data[0] != 0 && data[1] == 0 && data[3] == 0:
		return text{body: utf16Text(data, binary.LittleEndian)}
	case len(data) >= 4 && data[0] == 0 && data[1] != 0 && data[2] == 0:
		return text{body: utf16Text(data, binary.BigEndian)}
	}
	if utf8.Valid(data) {
		return text{body: string(data)}
	}
	decoded, _ := charmap.Windows1252.NewDecoder().Bytes(data) // decodes every byte
	return text{body: string(decoded), ansi: true}
}

func utf16Text(data []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units))
}

// separators returns the separators to try, the most frequent of the first line first.
func (t text) separators() []rune {
	if t.separator != 0 {
		return []rune{t.separator}
	}
	header, _, _ := strings.Cut(t.body, "\n")
	separators := []rune{',', ';', '\t', '|'}
	slices.SortStableFunc(separators, func(a, b rune) int {
		return strings.Count(header, string(b)) - strings.Count(header, string(a))
	})
	return separators
}

// line returns the line in the file of a line of the body.
func (t text) line(of int) int {
	if t.separator != 0 {
		return of + 1
	}
	return of
}
