// SPDX-License-Identifier: Apache-2.0

package review

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// longestCell is how many UTF-16 units a cell of Excel and LibreOffice has at most; the
// rest is cut without a word.
const longestCell = 32767

var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// sameCell reports whether a cell says what was written, or what a spreadsheet makes of
// that when it opens and saves the file.
func sameCell(written, cell string, ansi bool) bool {
	written, cell = strings.TrimSpace(lines.Replace(written)), strings.TrimSpace(lines.Replace(cell))
	switch {
	case written == cell:
		return true
	case written == "":
		return false
	case ansi && asANSI(written) == cell:
		return true
	case len(written) > longestCell && isCut(written, cell):
		return true
	}
	return sameTruth(written, cell) || sameNumber(written, cell) || sameTime(written, cell) || isDayOf(written, cell)
}

// asANSI returns text as a spreadsheet saves it in Windows-1252, with ? for what that
// lacks.
func asANSI(text string) string {
	saved, err := encoding.ReplaceUnsupported(charmap.Windows1252.NewEncoder()).String(text)
	if err != nil {
		return text
	}
	saved = strings.ReplaceAll(saved, "\x1a", "?")
	read, _ := charmap.Windows1252.NewDecoder().String(saved) // decodes every byte
	return read
}

// isCut reports whether a cell is as much of a text as a spreadsheet keeps.
func isCut(written, cell string) bool {
	return strings.HasPrefix(written, cell) && len(utf16.Encode([]rune(cell))) >= longestCell-1
}

// truths are how spreadsheets of several languages save a boolean.
var truths = map[string]bool{
	"TRUE": true, "WAHR": true, "VRAI": true, "VERDADERO": true, "VERO": true, "WAAR": true, "VERDADEIRO": true,
	"FALSE": false, "FALSCH": false, "FAUX": false, "FALSO": false, "ONWAAR": false,
}

func truthOf(cell string) (truth, ok bool) {
	truth, ok = truths[strings.ToUpper(cell)]
	return truth, ok
}

func sameTruth(written, cell string) bool {
	a, okA := truthOf(written)
	b, okB := truthOf(cell)
	return okA && okB && a == b
}

// numberForm is a number as spreadsheets save it: without leading zeros and plus signs.
var numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)([.,][0-9]+)?([eE][+-]?[0-9]{1,3})?$`)

// writtenNumber is text that spreadsheets take for a number.
var writtenNumber = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]*)?([eE][+-]?[0-9]{1,3})?$`)

// sameNumber reports whether a cell is what becomes of text that looks like a number:
// 15 digits of it, without leading zeros, in scientific notation when it is long.
func sameNumber(written, cell string) bool {
	if len(written) > 40 || len(cell) > 40 || !writtenNumber.MatchString(written) || !numberForm.MatchString(cell) {
		return false
	}
	digits := 15
	if mantissa, _, scientific := strings.Cut(strings.ToLower(cell), "e"); scientific {
		digits = len(strings.Trim(mantissa, "-.,")) - strings.Count(mantissa, ".") - strings.Count(mantissa, ",")
	}
	return rounded(written, digits) == rounded(cell, digits)
}

// rounded returns a number with so many digits.
func rounded(text string, digits int) string {
	f, _, err := big.ParseFloat(withPoint(text), 10, 200, big.ToNearestEven)
	if err != nil {
		return text
	}
	return f.Text('e', max(0, digits-1))
}

// withPoint returns a number with a decimal point.
func withPoint(text string) string {
	if numberForm.MatchString(text) || writtenNumber.MatchString(text) {
		return strings.Replace(text, ",", ".", 1)
	}
	return text
}

// dayForms and clockForms are how spreadsheets save a day and a time of day.
var (
	dayForms = []string{"2006-01-02", "2006/01/02", "1/2/2006", "2/1/2006", "2.1.2006", "2-1-2006", "1/2/06", "2/1/06",
		"2.1.06", "2-1-06"}
	clockForms = []string{"", " 15:04", " 15:04:05", "T15:04:05", " 3:04 PM", " 3:04:05 PM"}
)

// longestTime bounds what may be a time.
const longestTime = 40

// sameTime reports whether a cell is what becomes of a day or a time.
func sameTime(written, cell string) bool {
	if len(written) > longestTime || len(cell) > longestTime {
		return false
	}
	at, err := time.Parse(time.RFC3339, written)
	hasClock := err == nil
	if !hasClock {
		if at, err = time.Parse(time.DateOnly, written); err != nil {
			return false
		}
	}
	for _, day := range dayForms {
		for _, clock := range clockForms {
			form := day + clock
			if _, err := time.Parse(form, cell); err == nil && hasClock == (clock != "") && sameAs(at, form, cell) {
				return true
			}
		}
	}
	return false
}

// sameAs reports whether a time is that of a cell, to the precision of the form.
func sameAs(at time.Time, form, cell string) bool {
	read, err := time.Parse(form, cell)
	return err == nil && at.Format(form) == read.Format(form)
}

// timeIn reads a time in a form that cannot be mistaken, without a zone as one in zone.
func timeIn(cell string, zone *time.Location) (time.Time, bool) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(form, cell, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// months are the beginnings of the months' names in the languages of spreadsheets.
var months = []string{
	"jan ene gen", "feb fév fev", "mar mrz mär mrt", "apr avr abr", "may mai mei mag maj", "jun jui giu",
	"jul juil lug",
	"aug aoû ago", "sep set", "oct okt ott out", "nov", "dec dez déc dic",
}

var (
	twoNumbers = regexp.MustCompile(`^([0-9]{1,2})[-/.]([0-9]{1,2})$`)
	dayOfMonth = regexp.MustCompile(`^([0-9]{1,2})[-. ]+(\pL{3,5})\.?$|^(\pL{3,5})\.?[- ]([0-9]{1,2})$`)
)

// isDayOf reports whether a cell is the day that a spreadsheet takes two numbers for:
// 1-10 becomes 10-Jan, 1-Oct or 01. Okt.
func isDayOf(written, cell string) bool {
	pair, day := twoNumbers.FindStringSubmatch(written), dayOfMonth.FindStringSubmatch(cell)
	if pair == nil || day == nil {
		return false
	}
	a, _ := strconv.Atoi(pair[1])
	b, _ := strconv.Atoi(pair[2])
	n, _ := strconv.Atoi(day[1] + day[4])
	name := strings.ToLower(day[2] + day[3])
	isMonth := func(month int) bool {
		return month >= 1 && month <= len(months) &&
			slices.ContainsFunc(strings.Fields(months[month-1]), func(begin string) bool {
				return strings.HasPrefix(name,
					begin)
			})
	}
	return n == b && isMonth(a) || n == a && isMonth(b)
}
