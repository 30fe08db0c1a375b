// SPDX-License-Identifier: Apache-2.0

// Package jsontext writes and reads JSON without the detours of encoding/json, for what
// requests and replies have most of. Where a text is not plain it asks that package.
package jsontext

import "encoding/json"

// AppendText appends a text as JSON.
func AppendText(b []byte, text string) []byte {
	if isPlain(text) {
		return append(append(append(b, '"'), text...), '"')
	}
	encoded, _ := json.Marshal(text) // a text always has a form
	return append(b, encoded...)
}

// isPlain reports whether a text stands for itself in JSON, also within HTML.
func isPlain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
