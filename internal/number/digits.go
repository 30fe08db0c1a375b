// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math/big"
	"strings"
)

// longestDigits bounds what is read: no Salesforce number has more than 18 digits.
const longestDigits = 60

// digitsOf reads digits with their marks, such as "1.234,5", in whole.
func (r *reader) digitsOf(text string) (*big.Rat, Reason) {
	if len(text) > longestDigits {
		return nil, NotNumber
	}
	if whole, ended := strings.CutSuffix(text, "."); ended && strings.Trim(whole, "0123456789") == "" {
		text = whole // as programs write a decimal without decimals
	}
	runs, marks, ok := runsOf(text)
	if !ok || r.People && len(marks) == 0 && len(text) > mostPeople {
		return nil, NotNumber
	}
	whole, fraction, reason := r.interpret(runs, marks)
	if reason != Fit {
		return nil, reason
	}
	if whole == "" {
		whole = "0"
	}
	value, ok := new(big.Rat).SetString(whole + "." + fraction + "0")
	if !ok {
		return nil, NotNumber
	}
	return value, Fit
}

// runsOf splits text into runs of digits and the marks between them. Only the first run may
// be empty.
func runsOf(text string) (runs []string, marks []rune, ok bool) {
	rest := text
	for {
		end := strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' })
		if end < 0 {
			return append(runs, rest), marks, rest != ""
		}
		if end == 0 && len(runs) > 0 {
			return nil, nil, false
		}
		mark := []rune(rest[end:])[0]
		if !strings.ContainsRune(".,' ٫٬", mark) {
			return nil, nil, false
		}
		runs, marks = append(runs, rest[:end]), append(marks, mark)
		rest = rest[end+len(string(mark)):]
	}
}

// interpret says which of the marks group digits and which begins decimals.
func (r *reader) interpret(runs []string, marks []rune) (whole, fraction string, reason Reason) {
	last := len(marks) - 1
	switch {
	case last < 0:
		return runs[0], "", Fit
	case last == 0:
		return r.oneMark(runs[0], runs[1], marks[0])
	}
	group := marks[0]
	for i, mark := range marks[:last] {
		if mark != group || i > 0 && group == '٫' {
			return "", "", NotNumber
		}
	}
	if marks[last] == group {
		return grouped(runs, group)
	}
	if !isDecimal(marks[last]) {
		return "", "", NotNumber
	}
	whole, _, reason = grouped(runs[:last+1], group)
	return whole, runs[last+1], reason
}

// grouped joins groups of digits: of three after the first one, or, as in India, of two and
// then one of three.
func grouped(runs []string, mark rune) (whole, fraction string, reason Reason) {
	first, last := runs[0], len(runs)-1
	if mark == '٫' || first == "" || len(first) > 3 || first[0] == '0' || len(runs[last]) != 3 {
		return "", "", NotNumber
	}
	size := len(runs[1])
	indian := last >= 2 && size == 2 && len(first) <= 2 && (mark == ',' || mark == '٬')
	for _, run := range runs[1:last] {
		if len(run) != size || size != 3 && !indian {
			return "", "", NotNumber
		}
	}
	return strings.Join(runs, ""), "", Fit
}

// oneMark interprets the only mark of a number.
func (r *reader) oneMark(before, after string, mark rune) (whole, fraction string, reason Reason) {
	switch {
	case !isDecimal(mark):
		return grouped([]string{before, after}, mark)
	case mark == '٫', len(after) != 3, len(before) > 3, before == "", before == "0":
		return before, after, Fit
	case before[0] == '0':
		return "", "", NotNumber
	case r.Kind == Integer && !r.scaled:
		return before + after, "", Fit
	}
	switch decimal, group := marksOf(r.Locale); mark {
	case decimal:
		return before, after, Fit
	case group:
		return before + after, "", Fit
	}
	return "", "", Ambiguous
}

func isDecimal(mark rune) bool { return mark == '.' || mark == ',' || mark == '٫' }
