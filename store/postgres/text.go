// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/leadsync/leadsync/leadtype"
)

// PostgreSQL's texts hold neither U+0000 nor bytes that are not UTF-8, which ids, names and
// codes may have. They are kept as \0 and \xHH, and a backslash as \\. All other texts are
// kept as they are. What encoding/json writes needs none of this.

// escape returns a text as it is kept.
func escape[T ~string](text T) string {
	s := string(text)
	plain := 0 // how many bytes are ASCII that is kept as it is
	for plain < len(s) && s[plain] < utf8.RuneSelf && s[plain] != 0 && s[plain] != '\\' {
		plain++
	}
	if plain == len(s) || utf8.ValidString(s) && !strings.ContainsAny(s, "\x00\\") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == 0:
			b.WriteString(`\0`)
		case r == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// escapeAll is escape for a list, which is never nil.
func escapeAll[T ~string](texts []T) []string {
	escaped := make([]string, len(texts))
	for i, text := range texts {
		escaped[i] = escape(text)
	}
	return escaped
}

// fold returns the folded id of a lead as it is kept.
func fold(lead leadtype.LeadID) string { return escape(lead.Folded()) }

// foldAll is fold for a list, which is never nil.
func foldAll(leads []leadtype.LeadID) []string {
	folded := make([]string, len(leads))
	for i, lead := range leads {
		folded[i] = fold(lead)
	}
	return folded
}

// unescape is the inverse of escape.
func unescape(s string) (string, error) {
	before, rest, found := strings.Cut(s, `\`)
	if !found {
		return s, nil
	}
	var b strings.Builder
	for found {
		b.WriteString(before)
		size := 1
		switch {
		case strings.HasPrefix(rest, `\`):
			b.WriteByte('\\')
		case strings.HasPrefix(rest, "0"):
			b.WriteByte(0)
		case strings.HasPrefix(rest, "x") && len(rest) >= 3:
			code, err := strconv.ParseUint(rest[1:3], 16, 8)
			if err != nil {
				return "", errEscape
			}
			b.WriteByte(byte(code))
			size = 3
		default:
			return "", errEscape
		}
		before, rest, found = strings.Cut(rest[size:], `\`)
	}
	b.WriteString(before)
	return b.String(), nil
}

// An unescaper reads a text that escape has written.
type unescaper[T ~string] struct{ to *T }

// text returns what a text that escape has written is scanned into.
func text[T ~string](to *T) unescaper[T] { return unescaper[T]{to} }

// ScanText implements pgtype.TextScanner.
func (u unescaper[T]) ScanText(v pgtype.Text) error {
	s, err := unescape(v.String)
	*u.to = T(s)
	return err
}

// array returns texts as the server writes an array of them: what a row keeps of its terms.
func array(texts []string) string {
	size := len(`{}`)
	for _, text := range texts {
		size += len(text) + len(`"",`)
	}
	b := make([]byte, 0, size)
	b = append(b, '{')
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		for k := range len(text) {
			if text[k] == '"' || text[k] == '\\' {
				b = append(b, '\\')
			}
			b = append(b, text[k])
		}
		b = append(b, '"')
	}
	return string(append(b, '}'))
}
