// SPDX-License-Identifier: Apache-2.0

package soql

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// maxLiteral is the longest string literal of a WHERE clause in characters.
const maxLiteral = 4000

// A Literal is a value that knows how SOQL writes it: Period, salesforce.ID and
// salesforce.Date do.
type Literal interface {
	// SOQL returns one literal: a string as Quote makes it, or an unquoted one such
	// as 2026-05-31 or TODAY. Anything else is an error of Build.
	SOQL() (string, error)
}

var (
	errLongLiteral = fmt.Errorf("text longer than %d characters", maxLiteral)
	errNotLiteral  = errors.New("value is not one literal")
)

// literal returns value as SOQL writes it.
func literal(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "null", nil
	case Literal:
		return checked(v)
	case string:
		return Quote(v)
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", errors.New("not a number")
		}
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case time.Time:
		utc := v.UTC()
		if utc.Year() < 1 || utc.Year() > 9999 {
			return "", errors.New("year outside 1 to 9999")
		}
		return utc.Format("2006-01-02T15:04:05Z"), nil
	}
	return "", fmt.Errorf("unsupported type %T", value)
}

// checked returns the literal of a value, if it is one: text that ends the literal
// early would change the statement.
func checked(value Literal) (string, error) {
	text, err := value.SOQL()
	if err != nil {
		return "", err
	}
	inside, isString := strings.CutPrefix(text, "'")
	if isString && inside != "" && endOfString(inside) == len(inside)-1 {
		return text, nil
	}
	for i := range len(text) {
		c := name.Upper(text[i])
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("_-+:.", rune(c)) {
			return "", errNotLiteral
		}
	}
	if text == "" {
		return "", errNotLiteral
	}
	return text, nil
}

// endOfString returns the index of the quote that ends a string literal, -1
// without one.
func endOfString(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\'':
			return i
		case '\\':
			i++
		}
	}
	return -1
}

// Quote returns text as a string literal, with quotes. A text that is not valid
// UTF-8, or longer than 4,000 characters, is an error.
func Quote(text string) (string, error) {
	var b strings.Builder
	b.Grow(len(text) + len("''"))
	err := quote(&b, text)
	return b.String(), err
}

// quote writes what Quote returns, or nothing.
func quote(b *strings.Builder, text string) error {
	if !utf8.ValidString(text) {
		return name.ErrInvalidUTF8
	}
	if len(text) > maxLiteral && name.Length(text) > maxLiteral {
		return errLongLiteral
	}
	b.WriteByte('\'')
	escape(b, text, false)
	b.WriteByte('\'')
	return nil
}

// escape writes text for the inside of a string literal. In a LIKE pattern % and _
// lose their meaning. A form feed is not written as \f, which the reference lists
// but Salesforce's own parser refuses.
func escape(b *strings.Builder, text string, like bool) {
	from := 0 // what is not written yet
	for i := range len(text) {
		escaped := ""
		switch c := text[i]; {
		case c == '\\':
			escaped = `\\`
		case c == '\'':
			escaped = `\'`
		case like && (c == '%' || c == '_'):
			escaped = `\` + string(c)
		case c == '\n':
			escaped = `\n`
		case c == '\r':
			escaped = `\r`
		case c == '\t':
			escaped = `\t`
		case c < ' ' || c == 0x7f, c == '@' && strings.HasPrefix(text[i:], "@{"):
			// A composite request would read @{ as a reference to an earlier reply.
			escaped = fmt.Sprintf(`\u%04X`, c)
		default:
			continue
		}
		b.WriteString(text[from:i])
		b.WriteString(escaped)
		from = i + 1
	}
	b.WriteString(text[from:])
}
