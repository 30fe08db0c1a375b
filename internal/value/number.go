// SPDX-License-Identifier: Apache-2.0

package value

import (
	"math"
	"math/big"
	"strings"

	"github.com/leadsync/leadsync/salesforce"
)

// Fits reports whether text is a boolean, for a field of that type, or else a number,
// whatever the field's limits are.
func Fits(t salesforce.FieldType, text string) bool {
	ok := false
	if t == salesforce.TypeBoolean {
		_, ok = parseBool(text)
	} else {
		_, ok = parseNumber(text)
	}
	return ok
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
