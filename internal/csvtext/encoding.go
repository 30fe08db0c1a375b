// SPDX-License-Identifier: Apache-2.0

package csvtext

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// An Encoding is how the characters of a file are written.
type Encoding string

// The encodings that are found out, and those that have to be told.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"

	Windows1250 Encoding = "windows-1250"
	Windows1251 Encoding = "windows-1251"
	Latin9      Encoding = "iso-8859-15"
	Macintosh   Encoding = "macintosh"
)

// charmapOf returns the table of an encoding of one byte a character, nil for another.
func charmapOf(e Encoding) *charmap.Charmap {
	switch e {
	case Windows1252:
		return charmap.Windows1252
	case Windows1250:
		return charmap.Windows1250
	case Windows1251:
		return charmap.Windows1251
	case Latin9:
		return charmap.ISO8859_15
	case Macintosh:
		return charmap.Macintosh
	}
	return nil
}

// Known reports whether files in an encoding can be read.
func (e Encoding) Known() bool {
	return e == UTF8 || e == UTF16LE || e == UTF16BE || charmapOf(e) != nil
}

const (
	utf8Mark = "\xef\xbb\xbf"
	leMark   = "\xff\xfe"
	beMark   = "\xfe\xff"
)

// decode decodes data, by the encoding that was told, else by the one that it has.
func decode(data []byte, told Encoding) (string, Encoding, *Fault) {
	marked := mark(data)
	if told != "" && marked != "" && told != marked {
		return "", "", &Fault{Line: 1, Reason: "begins with the byte order mark of " + string(marked) +
			", and is to be read as " + string(told)}
	}
	encoding := told
	if encoding == "" {
		encoding = detect(data)
	}
	switch encoding {
	case UTF16LE:
		return utf16Text(bytes.TrimPrefix(data, []byte(leMark)), binary.LittleEndian, encoding)
	case UTF16BE:
		return utf16Text(bytes.TrimPrefix(data, []byte(beMark)), binary.BigEndian, encoding)
	case UTF8:
		text := string(bytes.TrimPrefix(data, []byte(utf8Mark)))
		if at := firstInvalid(text); at >= 0 {
			return "", "", &Fault{Line: LineAt(text, at), Reason: "is not valid UTF-8"}
		}
		return text, encoding, nil
	}
	if told == "" && isMixed(data) {
		text := string(data)
		return "", "", &Fault{Line: LineAt(text, firstInvalid(text)),
			Reason: "is not valid UTF-8, and most of the file is: no encoding reads both"}
	}
	table := charmapOf(encoding)
	if table == nil {
		return "", "", &Fault{Reason: "is to be read in an encoding that is not known"}
	}
	decoded, _ := table.NewDecoder().Bytes(data) // decodes every byte
	text := string(decoded)
	if at := strings.IndexFunc(text, isUnassigned); at >= 0 {
		return "", "", &Fault{Line: LineAt(text, at), Reason: "has a byte that is no character of " + string(encoding) +
			": the encoding of the file is another one"}
	}
	return text, encoding, nil
}

// isUnassigned reports whether r is what a table has for a byte that is no character.
func isUnassigned(r rune) bool { return r == utf8.RuneError || r >= 0x80 && r < 0xa0 }

// detect finds out an encoding: by the byte order mark, by the zeros that Latin letters have
// in UTF-16, by whether it is valid UTF-8. Anything else counts as Windows-1252.
func detect(data []byte) Encoding {
	if marked := mark(data); marked != "" {
		return marked
	}
	switch {
	case len(data) >= 4 && data[0] != 0 && data[1] == 0 && data[3] == 0:
		return UTF16LE
	case len(data) >= 4 && data[0] == 0 && data[1] != 0 && data[2] == 0:
		return UTF16BE
	case utf8.Valid(data):
		return UTF8
	}
	return Windows1252
}

// mark returns the encoding whose byte order mark data begin with, "" for none.
func mark(data []byte) Encoding {
	switch {
	case bytes.HasPrefix(data, []byte(utf8Mark)):
		return UTF8
	case bytes.HasPrefix(data, []byte(leMark)):
		return UTF16LE
	case bytes.HasPrefix(data, []byte(beMark)):
		return UTF16BE
	}
	return ""
}

func utf16Text(data []byte, order binary.ByteOrder, encoding Encoding) (string, Encoding, *Fault) {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	text := string(utf16.Decode(units))
	if len(data)%2 != 0 {
		return "", "", &Fault{Line: LineAt(text, len(text)), Reason: "ends within a character: the file was cut"}
	}
	return text, encoding, nil
}

// firstInvalid returns where text stops being UTF-8, -1 where it does not.
func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return -1
}

// isMixed reports whether most characters that are not ASCII are UTF-8, and some are not. In
// Windows-1252 hardly any two bytes happen to be a character of UTF-8.
func isMixed(data []byte) bool {
	valid, invalid := 0, 0
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			invalid++
		case size > 1:
			valid++
		}
		data = data[size:]
	}
	return invalid > 0 && valid > invalid
}
