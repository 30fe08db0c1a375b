// SPDX-License-Identifier: Apache-2.0

package value

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/salesforce"
)

// SameValue reports whether writing want over current would change nothing,
// given how Salesforce stores and returns the field's type: it trims text, has
// e-mail addresses in lower case, and writes numbers, times and ids in its own
// forms. Accents are the same whether composed or not (Unicode NFC). Null and blank
// are the same, and a checkbox is never null.
func SameValue(field *salesforce.Field, current, want any) bool {
	a, okA := PlainValue(current)
	b, okB := PlainValue(want)
	if !okA || !okB {
		return false
	}
	if field.Type == salesforce.TypeBoolean {
		return sameBool(a, b)
	}
	if IsBlank(a) || IsBlank(b) {
		return IsBlank(a) && IsBlank(b)
	}
	switch field.Type {
	case salesforce.TypeInt, salesforce.TypeLong, salesforce.TypeDouble, salesforce.TypeCurrency, salesforce.TypePercent:
		return sameNumber(field, TextOf(a, nil), TextOf(b, nil))
	case salesforce.TypeDate, salesforce.TypeDatetime, salesforce.TypeTime:
		return sameTime(field, a, b)
	}
	if field.RichText() {
		return reading.HTMLText(TextOf(a, nil)) == reading.HTMLText(asHTML(TextOf(b, nil)))
	}
	return sameText(field.Type, TextOf(a, nil), TextOf(b, nil))
}

func sameBool(a, b any) bool {
	truth := func(v any) (ticked, ok bool) {
		if IsBlank(v) {
			return false, true
		}
		return reading.ReadYesNo(TextOf(v, nil))
	}
	x, okX := truth(a)
	y, okY := truth(b)
	return okX && okY && x == y
}

func sameNumber(field *salesforce.Field, a, b string) bool {
	x, okX := parseNumber(a)
	y, okY := parseNumber(b)
	if !okX || !okY {
		return strings.TrimSpace(a) == strings.TrimSpace(b)
	}
	if roundNumber(x, field) == roundNumber(y, field) {
		return true
	}
	// Salesforce answers with a double, which holds only 15 digits reliably.
	nearX, _ := x.Float64()
	nearY, _ := y.Float64()
	return nearX == nearY
}

func sameTime(field *salesforce.Field, a, b any) bool {
	read := func(v any) (time.Time, bool) {
		if field.Type == salesforce.TypeTime {
			return readClock(v, time.UTC)
		}
		return ReadInstant(v, time.UTC, time.UTC)
	}
	x, okX := read(a)
	y, okY := read(b)
	if !okX || !okY {
		return strings.TrimSpace(TextOf(a, nil)) == strings.TrimSpace(TextOf(b, nil))
	}
	switch field.Type {
	case salesforce.TypeDate:
		return x.Format(DateForm) == y.Format(DateForm)
	case salesforce.TypeTime:
		return x.Format(timeForm) == y.Format(timeForm)
	}
	return x.Truncate(time.Second).Equal(y.Truncate(time.Second))
}

func sameText(fieldType salesforce.FieldType, a, b string) bool {
	switch fieldType {
	case salesforce.TypeEmail:
		return identity.Email(a) == identity.Email(b)
	case salesforce.TypeID, salesforce.TypeReference:
		return salesforce.ID(strings.TrimSpace(a)).Equal(salesforce.ID(strings.TrimSpace(b)))
	case salesforce.TypeMultipicklist:
		return slices.Equal(sortedValues(a), sortedValues(b))
	}
	return StoredText(a) == StoredText(b)
}

func sortedValues(text string) []string {
	values := SplitValues(norm.NFC.String(text))
	slices.Sort(values)
	return values
}

var lineForms = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// Stored returns the text of a value as Salesforce stores and returns it.
func Stored(v any) string {
	plain, _ := PlainValue(v)
	return StoredText(TextOf(plain, nil))
}

// StoredText returns text as Salesforce stores and returns it: trimmed, with one form of
// line breaks and of accents.
func StoredText(text string) string {
	if strings.Contains(text, "\r") {
		text = lineForms.Replace(text)
	}
	return norm.NFC.String(strings.TrimSpace(text))
}
