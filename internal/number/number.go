// SPDX-License-Identifier: Apache-2.0

package number

import "math/big"

// A Kind is what a field takes.
type Kind int

// The kinds.
const (
	Decimal  Kind = iota
	Integer       // one mark before three digits groups them
	Percent       // takes "5 %" as 5
	Currency      // takes the sign or the code of its currency
)

// Options are what reading a text depends on. The zero value is for a decimal.
type Options struct {
	Kind Kind
	// Locale decides what one mark before three digits means, such as "de" or "en-US":
	// without it such a text is ambiguous, but for an Integer.
	Locale string
	// Currency is the ISO 4217 code of the amounts that the field holds, "" where it is not
	// known. Then a text with a currency is unfit.
	Currency string
	// People takes the words of people.txt after a number or a range, such as "employees".
	// Then no number is negative.
	People bool
}

// A Number is what a text says: the number Low, or a range from Low to High. High is nil for
// a range without an end, such as "10,000+".
type Number struct{ Low, High *big.Rat }

// IsRange reports whether the text gave more than one number.
func (n *Number) IsRange() bool { return n.High == nil || n.Low.Cmp(n.High) != 0 }

// Contains reports whether a number is in the range.
func (n *Number) Contains(x *big.Rat) bool {
	return n.Low.Cmp(x) <= 0 && (n.High == nil || x.Cmp(n.High) <= 0)
}

// Mid returns the middle of a range, rounded down for an Integer. It is Low where the range
// has no end.
func (n *Number) Mid(kind Kind) *big.Rat {
	if n.High == nil {
		return n.Low
	}
	sum := new(big.Rat).Add(n.Low, n.High)
	mid := sum.Quo(sum, big.NewRat(2, 1))
	if kind == Integer && !mid.IsInt() {
		mid.SetInt(new(big.Int).Div(mid.Num(), mid.Denom()))
	}
	return mid
}

// A Reason says why a text is unfit, in words that follow the name of the field. Fit is the
// one for a text that is not.
type Reason string

// The reasons. None holds anything of the text.
const (
	Fit       Reason = ""
	NotNumber Reason = "is not a number"
	NotWhole  Reason = "is not a whole number"
	// Ambiguous is for one mark before three digits.
	Ambiguous Reason = "is not one number: its mark may group digits or begin decimals, which numberLocale decides"
	// HalfScaled is for "1-5k".
	HalfScaled Reason = "is a range of which it is not clear whether both numbers are thousands, or millions"
	// Bound is for "<50" and ">500".
	Bound Reason = "is a bound and not a number"
	// Spreadsheet is for "10-Jan", "2026-01-10 00:00:00" and "1.23E+05".
	Spreadsheet Reason = "looks like what a spreadsheet made of a number or a range: format its column as text"
	// OtherCurrency, UnknownCurrency and NoCurrency are for a sign or a code: of another
	// currency than the field's, where that is not known, and where the field has none.
	OtherCurrency   Reason = "is an amount in another currency than the record's"
	UnknownCurrency Reason = "is an amount in a currency, and that of the record is not known"
	NoCurrency      Reason = "is an amount in a currency, which the field does not hold"
	NoPercent       Reason = "is a percentage, which the field does not hold"
)
