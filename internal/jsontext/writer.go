// SPDX-License-Identifier: Apache-2.0

package jsontext

import (
	"encoding/json"
	"strconv"
	"time"
)

// A Writer writes a JSON text as encoding/json writes it, one value after the other: in an
// object each after its Name. Each method returns the Writer with which to go on.
type Writer struct {
	text   []byte
	failed bool // not why, which encoding/json says, so that a buffer may be on the stack
}

// NewWriter returns a Writer that appends to a buffer, which may be nil.
func NewWriter(buffer []byte) Writer { return Writer{text: buffer} }

// End returns the text, which is valid until the buffer is used again. It is not ok where a value
// has no JSON.
func (w Writer) End() (text []byte, ok bool) { return w.text, !w.failed }

// Open begins an object or an array, with its bracket.
func (w Writer) Open(bracket byte) Writer {
	w.text = append(begin(w.text), bracket)
	return w
}

// Close ends an object or an array.
func (w Writer) Close(bracket byte) Writer {
	w.text = append(w.text, bracket)
	return w
}

// Name writes the name of a member, which stands for itself in JSON.
func (w Writer) Name(name string) Writer {
	w.text = append(append(append(begin(w.text), '"'), name...), '"', ':')
	return w
}

// AnyName is Name for one that may not stand for itself.
func (w Writer) AnyName(name string) Writer {
	w.text = append(AppendText(begin(w.text), name), ':')
	return w
}

// begin separates a value, or the name of a member, from the one before.
func begin(text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	switch text[len(text)-1] {
	case '{', '[', ':':
		return text
	}
	return append(text, ',')
}

// Text writes a text.
func (w Writer) Text(text string) Writer {
	w.text = AppendText(begin(w.text), text)
	return w
}

// Texts writes a list of texts, and null for nil.
func (w Writer) Texts(list []string) Writer {
	if list == nil {
		return w.Value(nil)
	}
	w = w.Open('[')
	for _, text := range list {
		w = w.Text(text)
	}
	return w.Close(']')
}

// Value writes a value of any kind.
func (w Writer) Value(value any) Writer {
	if text, ok := value.(string); ok {
		return w.Text(text)
	}
	text, err := json.Marshal(value)
	w.text, w.failed = append(begin(w.text), text...), w.failed || err != nil
	return w
}

// Member writes a member that is a text.
func (w Writer) Member(name, text string) Writer { return w.Name(name).Text(text) }

// Filled writes a member that is a text, unless it is empty.
func (w Writer) Filled(name, text string) Writer {
	if text == "" {
		return w
	}
	return w.Member(name, text)
}

// Number writes a member that is a whole number, unless it is 0.
func (w Writer) Number(name string, n int64) Writer {
	if n == 0 {
		return w
	}
	w = w.Name(name)
	w.text = strconv.AppendInt(w.text, n, 10)
	return w
}

// Flag writes a member that is true, unless it is false.
func (w Writer) Flag(name string, set bool) Writer {
	if !set {
		return w
	}
	w = w.Name(name)
	w.text = append(w.text, "true"...)
	return w
}

// Time writes a member that is a time.
func (w Writer) Time(name string, t time.Time) Writer {
	w = w.Name(name)
	text, err := t.AppendText(append(w.text, '"'))
	w.text, w.failed = append(text, '"'), w.failed || err != nil
	return w
}
