// SPDX-License-Identifier: Apache-2.0

package jsontext

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"unicode/utf8"
)

// errMalformed is the error of a text that is not JSON.
var errMalformed = errors.New("malformed JSON")

// maxDepth is how deep values may be nested, as in encoding/json.
const maxDepth = 10_000

// A Reader reads the values of a JSON text one after the other, and takes from it what
// encoding/json would. A method called for a value of another kind, and after an error, reads
// nothing; End has the first error.
type Reader struct {
	data  []byte
	at    int
	depth int
	err   error
	names map[string]string // nil for those that are parts of shared

	shared string // a copy of data or of a part of it, of which texts are parts
	from   int    // where in data it begins
}

// NewReader returns a Reader of data, which must not change while it is used. It keeps names of
// members once each.
func NewReader(data []byte) *Reader { return &Reader{data: data, names: make(map[string]string)} }

// End returns why the text could not be read, if so; also where something follows it.
func (r *Reader) End() error {
	if r.next() != 0 || r.at < len(r.data) {
		r.fail()
	}
	return r.err
}

// NewTextReader returns a Reader of a text. What it reads of it are parts of the text where that
// has them as they are.
func NewTextReader(text string) *Reader { return &Reader{data: []byte(text), shared: text} }

// NewSharedReader is NewReader with texts, and names of members, that are parts of one copy of
// data where that has them as they are.
func NewSharedReader(data []byte) *Reader { return &Reader{data: data, shared: string(data)} }

// fail notes that the text is malformed, or that a value is of another kind than asked for.
func (r *Reader) fail() {
	if r.err == nil {
		r.err = errMalformed
	}
	r.at = len(r.data)
}

// next returns the first character of what comes next, 0 at the end.
func (r *Reader) next() byte {
	for r.at < len(r.data) {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return c
		}
	}
	return 0
}

// take moves past a character.
func (r *Reader) take(c byte) bool {
	if r.next() != c {
		return false
	}
	r.at++
	return true
}

// expect moves past a character that has to come next.
func (r *Reader) expect(c byte) {
	if !r.take(c) {
		r.fail()
	}
}

// Members yields the name of each member of an object. Its value is to be read before the
// next one.
func (r *Reader) Members() iter.Seq[string] {
	return func(yield func(string) bool) {
		for range r.elements('{', '}') {
			name := r.name()
			r.expect(':')
			if r.err != nil || !yield(name) {
				return
			}
		}
	}
}

// Elements yields for each element of an array, which is to be read before the next one.
func (r *Reader) Elements() iter.Seq[struct{}] { return r.elements('[', ']') }

// elements yields for each part of what open and end enclose.
func (r *Reader) elements(open, end byte) iter.Seq[struct{}] {
	return func(yield func(struct{}) bool) {
		if r.depth++; r.depth > maxDepth || !r.take(open) {
			r.fail()
			return
		}
		defer func() { r.depth-- }()
		if r.take(end) {
			return
		}
		for r.err == nil && yield(struct{}{}) && r.more(end) {
		}
	}
}

// more moves past what follows a part of what end ends, and reports whether that is another one.
func (r *Reader) more(end byte) bool {
	if r.err != nil || r.take(end) {
		return false
	}
	r.expect(',')
	return r.err == nil
}

// name returns the name of a member.
func (r *Reader) name() string {
	literal, plain := r.literal()
	if !plain {
		return r.decoded(literal)
	}
	if r.names == nil {
		return r.part(literal)
	}
	inner := literal[1 : len(literal)-1]
	if name, ok := r.names[string(inner)]; ok {
		return name
	}
	name := string(inner)
	r.names[name] = name
	return name
}

// Share makes texts within the next size bytes parts of one copy of those.
func (r *Reader) Share(size int) {
	r.next()
	r.shared, r.from = string(r.data[r.at:min(r.at+size, len(r.data))]), r.at
}

// Offset returns how many bytes of the text have been read.
func (r *Reader) Offset() int { return r.at }

// Text returns a text.
func (r *Reader) Text() string {
	literal, plain := r.literal()
	if !plain {
		return r.decoded(literal)
	}
	return r.part(literal)
}

// part returns the text of a plain literal that was just read.
func (r *Reader) part(literal []byte) string {
	from, to := r.at-len(literal)+1-r.from, r.at-1-r.from
	if from >= 0 && to <= len(r.shared) {
		return r.shared[from:to]
	}
	return string(literal[1 : len(literal)-1])
}

// literal moves past a text and returns it with its quotes. plain says that it stands for
// itself.
func (r *Reader) literal() (literal []byte, plain bool) {
	if r.next() != '"' {
		r.fail()
		return nil, false
	}
	plain = true
	ascii := true
	for i := r.at + 1; i < len(r.data); i++ {
		switch c := r.data[i]; {
		case c > '"' && c < utf8.RuneSelf && c != '\\': // as most are
		case c == '"':
			literal, r.at = r.data[r.at:i+1], i+1
			return literal, plain && (ascii || utf8.Valid(literal))
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			r.fail()
			return nil, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	r.fail()
	return nil, false
}

// decoded returns a text of a literal with escapes, or with what is not UTF-8.
func (r *Reader) decoded(literal []byte) (text string) {
	if r.err == nil && json.Unmarshal(literal, &text) != nil {
		r.fail()
	}
	return text
}

// Bool returns a true or a false.
func (r *Reader) Bool() bool {
	switch {
	case r.word("true"):
		return true
	case !r.word("false"):
		r.fail()
	}
	return false
}

// Null moves past a null, and reports whether there was one.
func (r *Reader) Null() bool { return r.word("null") }

// word moves past one of the words of JSON.
func (r *Reader) word(word string) bool {
	r.next()
	if !bytes.HasPrefix(r.data[r.at:], []byte(word)) {
		return false
	}
	r.at += len(word)
	return true
}

// Number returns a number as it is written.
func (r *Reader) Number() json.Number {
	r.next()
	rest := r.data[r.at:]
	n := 0
	digits := func() bool {
		from := n
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		return n > from
	}
	is := func(chars string) bool {
		if n == len(rest) || bytes.IndexByte([]byte(chars), rest[n]) < 0 {
			return false
		}
		n++
		return true
	}
	is("-")
	ok := is("0") || digits()
	if is(".") {
		ok = ok && digits()
	}
	if is("eE") {
		is("+-")
		ok = ok && digits()
	}
	if !ok {
		r.fail()
		return ""
	}
	r.at += n
	return json.Number(rest[:n])
}

// Raw moves past a value and returns it as it is written, a part of the Reader's data.
func (r *Reader) Raw() []byte {
	r.next()
	start := r.at
	r.skip()
	if r.err != nil {
		return nil
	}
	return r.data[start:r.at]
}

// skip moves past a value.
func (r *Reader) skip() {
	switch c := r.next(); {
	case c == '{':
		r.skipParts('}')
	case c == '[':
		r.skipParts(']')
	case c == '"':
		r.skipText()
	case c == '-' || c >= '0' && c <= '9':
		r.Number()
	case !r.word("true") && !r.word("false") && !r.word("null"):
		r.fail()
	}
}

// skipParts moves past an object or an array that ends with a bracket, without the detour over
// Members, which would keep the names.
func (r *Reader) skipParts(end byte) {
	if r.depth++; r.depth > maxDepth {
		r.fail()
		return
	}
	r.at++
	for more := !r.take(end); more; more = r.more(end) {
		if end == '}' {
			r.skipText()
			r.expect(':')
		}
		r.skip()
	}
	r.depth--
}

// skipText moves past a text.
func (r *Reader) skipText() {
	if literal, plain := r.literal(); !plain && r.err == nil && !json.Valid(literal) {
		r.fail()
	}
}

// Value returns a value: nil, a bool, a string, a json.Number, a []any or a map[string]any.
func (r *Reader) Value() any {
	switch c := r.next(); {
	case c == '{':
		object := make(map[string]any)
		for name := range r.Members() {
			object[name] = r.Value()
		}
		return object
	case c == '[':
		list := []any{}
		for range r.Elements() {
			list = append(list, r.Value())
		}
		return list
	case c == '"':
		return r.Text()
	case c == '-' || c >= '0' && c <= '9':
		return r.Number()
	case c == 't' || c == 'f':
		return r.Bool()
	case !r.Null():
		r.fail()
	}
	return nil
}

// IsObject reports whether an object comes next.
func (r *Reader) IsObject() bool { return r.next() == '{' }
