// SPDX-License-Identifier: Apache-2.0

// Package jsontext writes and reads JSON without the detours of encoding/json, for what
// requests and replies have most of. Where a text is not plain it asks that package.
package jsontext

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

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
	ascii := true
	for i := range len(text) {
		switch c := text[i]; {
		case c > '>' && c != '\\' && c < utf8.RuneSelf: // as most are
		case c < ' ', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return ascii || utf8.ValidString(text) && !strings.ContainsAny(text, "\u2028\u2029")
}
