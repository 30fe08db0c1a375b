// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const malformedSearch = "MALFORMED_SEARCH"

func badSearch(at int, format string, args ...any) *Error {
	return &Error{code: malformedSearch, message: fmt.Sprintf(format, args...), at: at}
}

// A term is what a search looks for: a combination of words.
type term interface {
	// match reports whether the words of the fields match.
	match(fields [][]string) bool
}

type (
	phrase  []string // words in a row; * matches any letters, ? one
	bothOf  []term
	eachOf  []term
	without struct{ part term }
)

func (t phrase) match(fields [][]string) bool {
	return len(t) > 0 && slices.ContainsFunc(fields, t.in)
}

func (t phrase) in(words []string) bool {
	for start := 0; start+len(t) <= len(words); start++ {
		all := true
		for i, word := range t {
			all = all && compileLike(word).match([]rune(words[start+i]))
		}
		if all {
			return true
		}
	}
	return false
}

func (t bothOf) match(fields [][]string) bool {
	return !slices.ContainsFunc(t, func(part term) bool { return !part.match(fields) })
}

func (t eachOf) match(fields [][]string) bool {
	return slices.ContainsFunc(t, func(part term) bool { return part.match(fields) })
}

func (t without) match(fields [][]string) bool { return !t.part.match(fields) }

// parseTerm parses a search term: words, which must all match, phrases in quotes, AND, OR, AND
// NOT and parentheses.
func parseTerm(text string, at int) (term, *Error) {
	if utf8.RuneCountInString(strings.Trim(strings.TrimSpace(text), `"*?`)) < 2 {
		return nil, badSearch(at, "search term must be longer than one character: %s", text)
	}
	p := &termParser{words: splitTerm(text)}
	t := p.either()
	if p.bad || len(p.words) > 0 {
		return nil, badSearch(at, "unexpected token: %s", strings.Join(append(p.words, "<EOF>")[:1], ""))
	}
	return t, nil
}

// splitTerm splits a term into words, quoted phrases and parentheses. A backslash makes the
// next character an ordinary one.
func splitTerm(text string) []string {
	var words []string
	var word strings.Builder
	quoted := false
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		switch c := runes[i]; {
		case c == '\\' && i+1 < len(runes):
			i++
			word.WriteRune(plain(runes[i]))
		case c == '"' && quoted:
			words, quoted = append(words, `"`+word.String()), false
			word.Reset()
		case c == '"':
			end()
			quoted = true
		case quoted:
			word.WriteRune(c)
		case c == '(' || c == ')':
			end()
			words = append(words, string(c))
		case c == ' ' || c == '\t' || c == '\n':
			end()
		default:
			word.WriteRune(c)
		}
	}
	end()
	return words
}

// plain returns an escaped character: a letter stays, others separate words.
func plain(c rune) rune {
	if len(splitWords(string(c))) == 0 {
		return '-'
	}
	return c
}

type termParser struct {
	words []string
	bad   bool
}

func (p *termParser) accept(word string) bool {
	if len(p.words) == 0 || !strings.EqualFold(p.words[0], word) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *termParser) either() term {
	parts := eachOf{p.both()}
	for p.accept("OR") {
		parts = append(parts, p.both())
	}
	return parts
}

func (p *termParser) both() term {
	parts := bothOf{p.single()}
	for len(p.words) > 0 && p.words[0] != ")" && !strings.EqualFold(p.words[0], "OR") {
		negated := p.accept("AND") && p.accept("NOT") || p.accept("NOT")
		part := p.single()
		if negated {
			part = without{part}
		}
		parts = append(parts, part)
	}
	return parts
}

func (p *termParser) single() term {
	switch {
	case p.accept("("):
		inner := p.either()
		p.bad = p.bad || !p.accept(")")
		return inner
	case len(p.words) == 0 || p.words[0] == ")":
		p.bad = true
		return bothOf{}
	}
	text := p.words[0]
	p.words = p.words[1:]
	return newPhrase(text)
}

// newPhrase compiles the words of a phrase to patterns of LIKE.
func newPhrase(text string) phrase {
	var t phrase
	marked := strings.NewReplacer("*", "\ue000", "?", "\ue001").Replace(text)
	for _, word := range strings.FieldsFunc(strings.ToLower(marked), func(c rune) bool {
		return c != '\ue000' && c != '\ue001' && len(splitWords(string(c))) == 0
	}) {
		t = append(t, strings.NewReplacer("\ue000", "%", "\ue001", "_").Replace(word))
	}
	return t
}

func splitWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}
