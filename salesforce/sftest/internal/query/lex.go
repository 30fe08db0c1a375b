// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenString
	tokenNumber
	tokenDate
	tokenDatetime
	tokenTime
	tokenSymbol
)

// A token is one word of a statement. text is what was written; value is a
// string literal's content, and pattern the same with the escapes of LIKE kept
// as \_ and \%.
type token struct {
	kind           tokenKind
	text           string
	value, pattern string
	wild           bool // holds \_ or \%, which only LIKE may
	at             int  // offset in the statement
}

// is reports whether the token is the keyword or symbol.
func (t token) is(word string) bool {
	return (t.kind == tokenName || t.kind == tokenSymbol) && strings.EqualFold(t.text, word)
}

const (
	maxStatement = 100_000 // characters (docs/salesforce.md, Limits)
	maxLiteral   = 4_000   // characters of a string in WHERE (docs/salesforce.md, Limits)
)

// An Error refuses a statement, at an offset in it; a negative one names no place. Unsupported
// names the part of the statement that Salesforce may support and the fake does not: then the
// test fails.
type Error struct {
	code, message string
	at            int
	Unsupported   string
}

func unsupported(what string) *Error { return &Error{Unsupported: what} }

// Reply returns the refusal, with the statement around the place, a caret under it, and the
// row and column before the message (docs/salesforce.md, Errors, INVALID_FIELD).
func (e *Error) Reply(statement string) *wire.Error {
	if e.at < 0 {
		return wire.Refuse(400, e.code, e.message)
	}
	before := statement[:min(e.at, len(statement))]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	line, _, _ := strings.Cut(statement[lineStart:], "\n")
	column := utf8.RuneCountInString(before[lineStart:])
	context, caret := excerpt([]rune(line), column)
	return wire.Refuse(400, e.code, fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s",
		context, strings.Repeat(" ", caret), 1+strings.Count(before, "\n"), column+1, e.message))
}

// excerpt returns the line around a column, and the column within it: thirty characters each
// way, extended to whole words (as in all recorded messages, such as
// roblesterjr04/EloquentSalesForce#68).
func excerpt(line []rune, column int) (string, int) {
	const around = 30
	parts := func(i int) bool { return line[i] == ' ' || line[i] == ',' }
	start, end := max(0, column-around), min(len(line), column+around)
	for start > 0 && !parts(start-1) {
		start--
	}
	for end < len(line) && !parts(end) {
		end++
	}
	return string(line[start:end]), column - start
}

func malformed(at int, format string, args ...any) *Error {
	return &Error{code: "MALFORMED_QUERY", message: fmt.Sprintf(format, args...), at: at}
}

func unexpected(t token) *Error {
	text := t.text
	if t.kind == tokenEnd {
		text = "<EOF>"
	}
	return malformed(t.at, "unexpected token: '%s'", text)
}

var (
	nameToken     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*`)
	datetimeToken = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)`)
	dateToken     = regexp.MustCompile(`^\d{4}-\d\d-\d\d`)
	timeToken     = regexp.MustCompile(`^\d\d:\d\d:\d\d(\.\d+)?Z`)
	numberToken   = regexp.MustCompile(`^([+-]\s*)?(\d+(\.\d+)?|\.\d+)`)
	symbolToken   = regexp.MustCompile(`^(!=|<>|<\s*=|>\s*=|[=<>(),:])`)
)

// lex splits a statement into tokens, the last of which is tokenEnd.
func lex(statement string) ([]token, *Error) {
	if utf8.RuneCountInString(statement) > maxStatement {
		return nil, &Error{
			code: "MALFORMED_QUERY", message: "SOQL statements can not be longer than 100000 characters",
			at: -1,
		}
	}
	var tokens []token
	for at := 0; at < len(statement); {
		if strings.IndexByte(" \t\r\n", statement[at]) >= 0 {
			at++
			continue
		}
		t, size, err := lexOne(statement[at:], at)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		at += size
	}
	return append(tokens, token{kind: tokenEnd, at: len(statement)}), nil
}

func lexOne(rest string, at int) (token, int, *Error) {
	if rest[0] == '\'' {
		return lexString(rest, at)
	}
	for _, try := range []struct {
		pattern *regexp.Regexp
		kind    tokenKind
	}{
		{nameToken, tokenName}, {datetimeToken, tokenDatetime}, {dateToken, tokenDate},
		{timeToken, tokenTime}, {numberToken, tokenNumber}, {symbolToken, tokenSymbol},
	} {
		if text := try.pattern.FindString(rest); text != "" {
			return token{kind: try.kind, text: strings.Join(strings.Fields(text), ""), at: at}, len(text), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return token{}, 0, malformed(at, "unexpected token: '%c'", r)
}

// lexString reads a quoted string with the escapes that SOQL has; any other
// backslash is an error (docs/salesforce.md, SOQL).
func lexString(rest string, at int) (token, int, *Error) {
	var value, pattern strings.Builder
	wild := false
	for i := 1; i < len(rest); {
		switch c := rest[i]; c {
		case '\'':
			t := token{
				kind: tokenString, text: rest[:i+1], value: value.String(), pattern: pattern.String(),
				wild: wild, at: at,
			}
			if utf8.RuneCountInString(t.value) > maxLiteral {
				return t, 0, malformed(at, "string literal exceeds the limit of %d characters", maxLiteral)
			}
			return t, i + 1, nil
		case '\\':
			size, err := escape(rest[i:], at+i, &value, &pattern)
			if err != nil {
				return token{}, 0, err
			}
			wild = wild || rest[i+1] == '_' || rest[i+1] == '%'
			i += size
		default:
			value.WriteByte(c)
			pattern.WriteByte(c)
			i++
		}
	}
	return token{}, 0, malformed(at, "unexpected token: '<EOF>'")
}

func badEscape(at int) *Error { return malformed(at, "invalid escape sequence in string literal") }

func escape(rest string, at int, value, pattern *strings.Builder) (int, *Error) {
	const letters, meanings = `nNrRtTbBfF"'\`, "\n\n\r\r\t\t\b\b\f\f\"'\\"
	bad := badEscape(at)
	if len(rest) < 2 {
		return 0, bad
	}
	switch c := rest[1]; {
	case c == '_' || c == '%':
		value.WriteString(rest[:2])
		pattern.WriteString(rest[:2])
		return 2, nil
	case c == 'u' && len(rest) >= 6:
		code, err := strconv.ParseUint(rest[2:6], 16, 32)
		if err != nil {
			return 0, bad
		}
		value.WriteRune(rune(code))
		pattern.WriteRune(rune(code))
		return 6, nil
	case c == '\\':
		value.WriteByte(c)
		pattern.WriteString(`\\`)
		return 2, nil
	default:
		i := strings.IndexByte(letters, c)
		if i < 0 {
			return 0, bad
		}
		value.WriteByte(meanings[i])
		pattern.WriteByte(meanings[i])
		return 2, nil
	}
}

// Functions of the select list besides those of dates and groups.
const (
	toLabel         = "TOLABEL"
	formatted       = "FORMAT"
	convertCurrency = "CONVERTCURRENCY"
	convertTimezone = "CONVERTTIMEZONE"
	allFields       = "FIELDS"
)

func isFunction(t token) bool {
	switch name := strings.ToUpper(t.text); name {
	case toLabel, formatted, convertCurrency, convertTimezone, allFields, groupingOf:
		return true
	default:
		return isDateFunction(name) || isAggregate(name)
	}
}

func isAggregate(name string) bool {
	switch name {
	case "COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX":
		return true
	}
	return false
}

// GROUP BY ROLLUP and CUBE also return totals, over all values of some of the fields (SOQL
// reference, GROUP BY ROLLUP and GROUP BY CUBE).
const (
	rollup     = "ROLLUP"
	cube       = "CUBE"
	groupingOf = "GROUPING"
	maxSubsets = 3 // fields (SOQL reference)
)

// distance is DISTANCE, a function of a field that holds a place.
const distance = "DISTANCE"
