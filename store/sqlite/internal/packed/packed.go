// SPDX-License-Identifier: Apache-2.0

// Package packed has the form in which a file keeps the JSON of leads and outcomes: what many of them have
// in common takes a byte or two. Values stay as they are, so that what is erased of a row is erased.
//
// A packed text begins with a mark. After it, control characters, which JSON has nowhere, stand for words
// and for what stood before; everything else stands for itself. It is UTF-8, as any text of SQLite.
package packed

import "strings"

// The codes. The first words have a control character each, the others two characters.
const (
	mark  = 0x01 // begins a packed text
	again = 0x02 // what stood for itself before, once more; its number follows
	first = 0x1C // of the four that the second character of a word follows

	single = "\x03\x04\x05\x06\x07\x08\x0B\x0C\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B"

	low, high = ' ', '~' // the bounds of a second character
	digits    = high - low + 1
)

// What stands for itself between two codes is a run. One is repeated where it has this length at least and
// is one of the first of its text.
const (
	longRun = 6
	maxRuns = 16
)

// Pack returns a JSON text in its packed form, where that is shorter, else the text.
func Pack(text string) string {
	d := known()
	some := make([]byte, 1, 1+len(text)/2)
	some[0] = mark
	var before runs
	start := 0 // of the run
	for i := 0; i < len(text); {
		code, word := d.longest(text[i:])
		if word == "" {
			if text[i] < ' ' {
				return text // it would be a code
			}
			i++
			continue
		}
		some = appendCode(before.appendRun(some, text[start:i]), code)
		i += len(word)
		start = i
	}
	some = before.appendRun(some, text[start:])
	if len(some) >= len(text) {
		return text
	}
	return string(some)
}

// untilCode returns how much of a text is before the first character that may be a code.
func untilCode(text string) int {
	for i := range len(text) {
		if text[i] < ' ' {
			return i
		}
	}
	return len(text)
}

func appendCode(some []byte, code int) []byte {
	if code < len(single) {
		return append(some, single[code])
	}
	code -= len(single)
	return append(some, byte(first+code/digits), byte(low+code%digits))
}

// runs are the first long runs of a text.
type runs struct {
	known [maxRuns]string
	count int
}

// appendRun appends a run, or its number where it was there before.
func (r *runs) appendRun(some []byte, run string) []byte {
	for i, known := range r.known[:r.count] {
		if run == known {
			return append(some, again, byte(low+i))
		}
	}
	r.note(run)
	return append(some, run...)
}

func (r *runs) note(run string) {
	if len(run) >= longRun && r.count < maxRuns {
		r.known[r.count] = run
		r.count++
	}
}

// Unpack returns the JSON text of which Pack returned this. Any other text it returns as it is.
func Unpack(text string) string {
	if len(text) < 2 || text[0] != mark {
		return text
	}
	d := known()
	var whole strings.Builder
	whole.Grow(6 * len(text))
	var before runs
	for rest := text[1:]; rest != ""; {
		run := rest[:untilCode(rest)]
		before.note(run)
		whole.WriteString(run)
		if rest = rest[len(run):]; rest == "" {
			break
		}
		part, size := d.part(&before, rest)
		if size == 0 {
			return text // it was damaged
		}
		whole.WriteString(part)
		rest = rest[size:]
	}
	return whole.String()
}

// part returns what a code stands for with which a text begins, and its size in bytes, 0 of what is no code.
func (d *dictionary) part(before *runs, text string) (part string, size int) {
	if text[0] < first && text[0] != again {
		if code := strings.IndexByte(single, text[0]); code >= 0 && code < len(d.list) {
			return d.list[code], 1
		}
		return "", 0
	}
	if len(text) < 2 || text[1] < low || text[1] > high {
		return "", 0
	}
	number := int(text[1] - low)
	if text[0] == again {
		if number < before.count {
			return before.known[number], 2
		}
		return "", 0
	}
	if code := len(single) + int(text[0]-first)*digits + number; code < len(d.list) {
		return d.list[code], 2
	}
	return "", 0
}
