// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math/big"
	"regexp"
	"strings"
)

// A reader is one call of Read.
type reader struct {
	Options
	scaled bool // the number that is read has a word such as "million"
}

// Read reads text as a number or a range, in whole, or says why it is unfit.
func Read(text string, opts Options) (Number, Reason) {
	if few, ok := fewDigits(text); ok && (!opts.People || len(text) <= mostPeople) {
		return Number{few, few}, Fit
	}
	r := reader{Options: opts}
	plain, ok := normal(text)
	switch {
	case !ok, plain == "", len(plain) > longestText:
		return Number{}, NotNumber
	case ofSpreadsheet(plain):
		return Number{}, Spreadsheet
	}
	if r.People {
		plain = withoutPeople(plain)
	}
	if low, open := openRange(plain); open {
		if r.People { // "1000 employees or more"
			low = withoutPeople(low)
		}
		one := r.amount(low, false)
		if one.signed {
			one.reason = NotNumber
		}
		return Number{Low: one.value}, one.reason
	}
	one := r.amount(plain, false)
	if one.reason != NotNumber {
		return Number{one.value, one.value}, one.reason
	}
	if low, high, ok := splitRange(plain); ok {
		return r.readRange(low, high)
	}
	if r.bound(plain) {
		return Number{}, Bound
	}
	return Number{}, NotNumber
}

// mostPeople is how many digits a number of people has at most where none are grouped. One
// of more is a phone number.
const mostPeople = 8

// fewDigits reads a number of one to nine ASCII digits without a sign or a mark, as most are.
func fewDigits(text string) (*big.Rat, bool) {
	if text == "" || len(text) > 9 || text[0] == '0' {
		return nil, false
	}
	n := int64(0)
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return nil, false
		}
		n = 10*n + int64(text[i]-'0')
	}
	return new(big.Rat).SetInt64(n), true
}

// longestText bounds what is read, in bytes.
const longestText = 200

// readRange reads the two ends of a range.
func (r *reader) readRange(lowText, highText string) (Number, Reason) {
	low := r.amount(lowText, false)
	high := r.amount(highText, low.money)
	if high.money && !low.money {
		low = r.amount(lowText, true)
	}
	switch {
	case low.reason != Fit:
		return Number{}, low.reason
	case high.reason != Fit:
		return Number{}, high.reason
	case low.signed || high.signed, low.value.Cmp(high.value) > 0, isCode(lowText), isCode(highText):
		return Number{}, NotNumber
	}
	if low.scale == nil && high.scale != nil {
		// "500-1k" is clear, "1-5k" is not.
		if scaled := new(big.Rat).Mul(low.value, high.scale); scaled.Cmp(high.value) <= 0 && scaled.Sign() != 0 {
			return Number{}, HalfScaled
		}
	}
	return Number{low.value, high.value}, Fit
}

// isCode reports whether text begins as no number does: 030-1234 is a phone number.
func isCode(text string) bool {
	return len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9'
}

// splitRange splits "51-200", "51 to 200" and "between 51 and 200" between the two numbers.
func splitRange(text string) (low, high string, ok bool) {
	for _, words := range rangeWords {
		rest, opened := strings.CutPrefix(text, words.before)
		if !opened {
			continue
		}
		low, high, ok = strings.Cut(rest, words.between)
		if !ok || strings.Contains(high, words.between) {
			continue
		}
		if low, high = strings.TrimSpace(low), strings.TrimSpace(high); low != "" && high != "" {
			return low, high, true
		}
	}
	return "", "", false
}

// rangeWords are how ranges are written: what is before the first number, and what is
// between the two.
var rangeWords = []struct{ before, between string }{
	{"between ", " and "}, {"zwischen ", " und "}, {"entre ", " et "},
	{"entre ", " y "}, {"entre ", " e "}, {"tra ", " e "},
	{"fra ", " e "}, {"tussen ", " en "}, {"mellan ", " och "},
	{"mellem ", " og "}, {"mellom ", " og "}, {"między ", " a "},
	{"między ", " i "}, {"между ", " и "}, {"între ", " și "}, {"mezi ", " a "},
	{"from ", " to "}, {"von ", " bis "}, {"de ", " à "}, {"de ", " a "},
	{"da ", " a "}, {"van ", " tot "}, {"fra ", " til "},
	{"från ", " till "}, {"od ", " do "}, {"от ", " до "}, {"с ", " до "}, {"від ", " до "},
	{"", " to "}, {"", " bis "}, {"", " à "}, {"", " a "}, {"", " até "},
	{"", " tot "}, {"", " til "}, {"", " till "}, {"", " do "}, {"", " до "},
	{"", "から"}, {"", "至"}, {"", "到"}, {"", "..."}, {"", "…"}, {"", ".."}, {"", "–"}, {"", "-"}, {"", "~"},
}

// ofSpreadsheet reports whether text is a date, or a number in which digits may be missing.
func ofSpreadsheet(text string) bool {
	if rounded.MatchString(text) || dateForm.MatchString(text) {
		return true
	}
	if m := monthForm.FindStringSubmatch(text); m != nil {
		return months.has(m[1])
	}
	return false
}

var (
	// rounded is a scientific notation as a narrow column shows it.
	rounded  = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)?e[+-][0-9]{2}$`)
	dateForm = regexp.MustCompile(`^([0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}|` +
		`[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2,4}|[0-9]{1,2}/[0-9]{1,2})($|[ t])`)
	monthForm = regexp.MustCompile(`^(?:[0-9]{1,4}[-./ ]*)?(\p{L}{3,10})\.?(?:[-./ ]*[0-9]{1,4})?$`)
	// exact is a scientific notation as programs write it.
	exact = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)e[+-]?[0-9]{1,3}$`)
)
