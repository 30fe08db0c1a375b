// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"

	"github.com/leadsync/leadsync/internal/number"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/salesforce"
)

// Numbers are how texts become numbers. The zero value reads what is clear without them.
type Numbers struct {
	// Locale decides what one mark before three digits means.
	Locale string
	// Currency is the ISO 4217 code of the record's amounts, "" where it is not known.
	Currency string
	// Foreign says that the amounts are in another currency than the record's.
	Foreign bool
	// People takes words such as "employees" after a number.
	People bool
	// Range says which number of a range counts; RangeUnfit and "" refuse one.
	Range Range
	// Current is the record's value: one within a range stays.
	Current any
}

// A Range says which number of a range counts.
type Range string

// The ranges. A range without an end, such as "10,000+", is its low end whatever they say.
const (
	RangeLow   Range = "low"
	RangeHigh  Range = "high"
	RangeMid   Range = "mid"
	RangeUnfit Range = "unfit"
)

// isRange is why a field does not take a range.
const isRange = "is a range, and the rule does not say which of its numbers counts"

// number reads a plain value as a number. What is a number and no text is never ambiguous.
func (c *conversion) number(value any) (*big.Rat, *Problem) {
	kind := kindOf(c.field.Type)
	if c.opts.Numbers != nil && c.opts.Numbers.Foreign {
		return nil, c.refuse("%s", string(number.OtherCurrency))
	}
	if n, isNumber := value.(json.Number); isNumber {
		exact, ok := parseNumber(n.String())
		switch {
		case !ok:
			return nil, c.refuse("%s", string(number.NotNumber))
		case kind == number.Integer && !exact.IsInt():
			return nil, c.refuse("%s", string(number.NotWhole))
		}
		return exact, nil
	}
	var opts Numbers
	if c.opts.Numbers != nil {
		opts = *c.opts.Numbers
	}
	read, reason := number.Read(TextOf(value, nil),
		number.Options{Kind: kind, Locale: opts.Locale, Currency: opts.Currency, People: opts.People})
	switch {
	case reason != number.Fit:
		return nil, c.refuse("%s", string(reason))
	case !read.IsRange():
		return read.Low, nil
	}
	if current, ok := PlainValue(opts.Current); ok && !IsBlank(current) {
		if now, ok := parseNumber(TextOf(current, nil)); ok && read.Contains(now) {
			return now, nil
		}
	}
	switch {
	case opts.Range == RangeLow, read.High == nil:
		return read.Low, nil
	case opts.Range == RangeHigh:
		return read.High, nil
	case opts.Range == RangeMid:
		return read.Mid(kind), nil
	}
	return nil, c.refuse("%s", isRange)
}

func kindOf(t salesforce.FieldType) number.Kind {
	switch t {
	case salesforce.TypeInt, salesforce.TypeLong:
		return number.Integer
	case salesforce.TypePercent:
		return number.Percent
	case salesforce.TypeCurrency:
		return number.Currency
	}
	return number.Decimal
}

// IsNumeric reports whether fields of the type hold numbers.
func IsNumeric(t salesforce.FieldType) bool {
	switch t {
	case salesforce.TypeInt, salesforce.TypeLong, salesforce.TypeDouble, salesforce.TypeCurrency, salesforce.TypePercent:
		return true
	}
	return false
}

// NumberIn returns the number that a text is, the low end where it is a range, and false
// where it is none or may be two.
func NumberIn(text, locale string) (json.Number, bool) {
	read, reason := number.Read(text, number.Options{Locale: locale})
	if reason == number.NotNumber {
		read, reason = number.Read(text, number.Options{Locale: locale, People: true})
	}
	if reason != number.Fit {
		return "", false
	}
	return json.Number(roundNumber(read.Low, &salesforce.Field{})), true
}

// Fits reports whether text is a boolean, for a field of that type, or else one number,
// whatever the field's limits are and whatever else they leave open.
func Fits(t salesforce.FieldType, text string) bool {
	if t == salesforce.TypeBoolean {
		_, ok := reading.ReadYesNo(text)
		return ok
	}
	read, reason := number.Read(text, number.Options{})
	switch reason {
	case number.Fit:
		return !read.IsRange()
	case number.Ambiguous, number.NoCurrency, number.NoPercent:
		return true
	}
	return false
}

// unboundedScale is how many decimals are kept where describe names no limit.
// A float64 holds at most as many.
const unboundedScale = 17

// roundNumber writes number to the field's scale, without trailing zeros.
func roundNumber(number *big.Rat, field *salesforce.Field) string {
	scale := field.Scale
	if field.Precision <= 0 {
		scale = unboundedScale
	}
	text := number.FloatString(max(scale, 0))
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

// longestNumber and longestExponent keep a number from growing beyond reason
// when it is expanded, and let any float64 pass; no Salesforce number has more
// than 18 digits.
const (
	longestNumber   = 400
	longestExponent = 3
)

// parseNumber reads a decimal such as -12.50 or 1e6, in full. One beyond a
// float64 is none.
func parseNumber(text string) (*big.Rat, bool) {
	text = strings.TrimSpace(text)
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(unsigned(mantissa), ".")
	exponent = unsigned(exponent)
	switch {
	case len(text) > longestNumber, !AllDigits(whole), !AllDigits(fraction), whole+fraction == "":
		return nil, false
	case scientific && (exponent == "" || !AllDigits(exponent) || len(exponent) > longestExponent):
		return nil, false
	}
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, false
	}
	near, _ := number.Float64()
	return number, !math.IsInf(near, 0)
}

func unsigned(text string) string {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

// AllDigits reports whether text has no character but ASCII digits; "" has none.
func AllDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
