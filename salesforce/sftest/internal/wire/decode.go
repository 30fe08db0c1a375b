// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// Decode reads one document: objects become Object, arrays []any, numbers json.Number.
func Decode(data []byte) (any, error) {
	if !json.Valid(data) {
		return nil, errors.New("not one JSON document")
	}
	d := decoder{data: data, names: make(map[string]string)}
	return d.value(), nil
}

// A decoder reads a document that is valid.
type decoder struct {
	data  []byte
	at    int
	names map[string]string // of members, each once
}

// next skips white space and returns the byte after it.
func (d *decoder) next() byte {
	for {
		switch c := d.data[d.at]; c {
		case ' ', '\t', '\r', '\n':
			d.at++
		default:
			return c
		}
	}
}

// more reports whether a list has a value after what was read, and skips the comma before it.
func (d *decoder) more(end byte) bool {
	switch d.next() {
	case end:
		d.at++
		return false
	case ',':
		d.at++
	}
	return true
}

func (d *decoder) value() any {
	switch d.next() {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		quoted := d.quoted()
		if text, ok := plain(quoted); ok {
			return string(text)
		}
		return unquote(quoted)
	case 't':
		d.at += len("true")
		return true
	case 'f':
		d.at += len("false")
		return false
	case 'n':
		d.at += len("null")
		return nil
	}
	return d.number()
}

func (d *decoder) object() Object {
	o := Object{}
	for d.at++; d.more('}'); {
		d.next()
		name := d.name()
		d.next()
		d.at++ // the colon
		value := d.value()
		o = append(o, Member{Name: name, Value: value, End: d.at})
	}
	return o
}

func (d *decoder) array() []any {
	list := []any{}
	for d.at++; d.more(']'); {
		list = append(list, d.value())
	}
	return list
}

// name reads the name of a member.
func (d *decoder) name() string {
	quoted := d.quoted()
	text, ok := plain(quoted)
	if !ok {
		return unquote(quoted)
	}
	if name, ok := d.names[string(text)]; ok {
		return name
	}
	name := string(text)
	d.names[name] = name
	return name
}

// quoted reads a text with its quotes.
func (d *decoder) quoted() []byte {
	from := d.at
	for d.at++; d.data[d.at] != '"'; d.at++ {
		if d.data[d.at] == '\\' {
			d.at++
		}
	}
	d.at++
	return d.data[from:d.at]
}

// plain returns a quoted text without its quotes, and whether it is what it says.
func plain(quoted []byte) ([]byte, bool) {
	text := quoted[1 : len(quoted)-1]
	for _, c := range text {
		if c == '\\' || c >= utf8.RuneSelf {
			return text, false
		}
	}
	return text, true
}

// unquote reads a quoted text with escapes, or with bytes that may not be UTF-8.
func unquote(quoted []byte) string {
	var text string
	_ = json.Unmarshal(quoted, &text) // the document is valid
	return text
}

func (d *decoder) number() json.Number {
	from := d.at
	for d.at < len(d.data) {
		switch c := d.data[d.at]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			d.at++
		default:
			return json.Number(d.data[from:d.at])
		}
	}
	return json.Number(d.data[from:])
}
