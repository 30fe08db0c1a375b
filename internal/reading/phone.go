// SPDX-License-Identifier: Apache-2.0

package reading

import (
	"regexp"
	"strings"
)

// A Phone is a phone number as it is written.
type Phone struct {
	// Number has digits and the signs that people put between them, and + before an
	// international one.
	Number string
	// Extension has the digits of an extension, "" for none.
	Extension string
}

var (
	phoneLabel = regexp.MustCompile(
		`^(?i:tel|telefon|telephone|téléphone|tél|phone|ph|p|t|m|mob|mobile|mobil|cell|handy)\s*[:.]+\s*`,
	)
	phoneTail = regexp.MustCompile(
		`^(.*\d\)?)\s*(?:,\s*)?(?:;ext=|(?i:extension|extn|ext|xtn|durchwahl|dw|poste|anexo|interno|int|ramal|` +
			`доб|вн|x)\s*[.:]?|#|內線|内線|分機)\s*(\d{1,7})$`,
	)
	exponent   = regexp.MustCompile(`^[+-]?\d+([.,]\d+)?[eE]\+?\d+$`)
	phoneSigns = regexp.MustCompile(`^[0-9 ()./-]*$`)
)

// ReadPhone reads one phone number. Digits may be of any script. A label such as "Tel.:"
// before the number, and what keeps it text in a spreadsheet (="...", an apostrophe),
// are no part of it, and neither is the ".0" of a number that a program took for a
// fraction.
// Letters, a second number, and what a spreadsheet has cut are unfit.
func ReadPhone(text string) (Phone, error) {
	number := unguarded(plain(text))
	number = phoneLabel.ReplaceAllString(number, "")
	number = unguarded(strings.TrimPrefix(number, "tel:"))
	var p Phone
	if found := phoneTail.FindStringSubmatch(number); found != nil {
		number, p.Extension = found[1], found[2]
	}
	if whole, ok := strings.CutSuffix(number, ".0"); ok && allDigits(strings.TrimPrefix(whole, "+")) {
		number = whole
	}
	p.Number = number
	international := strings.HasPrefix(strings.TrimLeft(number, "("), "+")
	switch rest := strings.Replace(number, "+", "", 1); {
	case exponent.MatchString(number):
		return Phone{}, Unfit("has lost digits in a spreadsheet" + fromSpreadsheet)
	case strings.Contains(rest, "+"):
		return Phone{}, Unfit("is more than one phone number")
	case strings.HasPrefix(number, "-"):
		return Phone{}, Unfit("is a phone number that a spreadsheet took for a formula" + fromSpreadsheet)
	case callingCodeAlone(number):
		return Phone{}, Unfit("is a calling code without a number")
	case !phoneSigns.MatchString(rest), rest != number && !international, digitsIn(rest) == "":
		return Phone{}, Unfit("is not a phone number in digits")
	}
	if twoNumbers(number, international || strings.HasPrefix(number, "00")) {
		return Phone{}, Unfit("is more than one phone number")
	}
	return p, nil
}

// PhoneText returns what a phone field takes of a text that need not be one number: the
// text without what keeps it text in a spreadsheet, and a number without its label and
// ".0". A number that a spreadsheet has cut or changed is unfit, and so is a zero.
func PhoneText(text string) (string, error) {
	if usualPhone(text) {
		return text, nil
	}
	number := unguarded(plain(text))
	bare := phoneLabel.ReplaceAllString(number, "")
	p, err := ReadPhone(text)
	switch {
	case err != nil && (exponent.MatchString(number) || strings.HasPrefix(number, "-") && phoneSigns.MatchString(number)):
		return "", err
	case callingCodeAlone(bare):
		return "", Unfit("is a calling code without a number")
	case isMask(bare):
		return "", Unfit("is what a form shows in place of a number")
	case strings.Trim(number, "0 .()") == "" && number != "":
		return "", Unfit("is a zero, as spreadsheets have for nothing")
	case err != nil || p.Extension != "":
		if inner := unguarded(strings.TrimSpace(text)); inner != strings.TrimSpace(text) {
			return inner, nil
		}
		return text, nil
	case isPlain(text) && strings.TrimSpace(text) == p.Number:
		return text, nil
	}
	return p.Number, nil
}

// callingCodeAlone reports whether a number ends with its calling code, as forms send it
// whose list of countries is filled and whose number is not.
func callingCodeAlone(number string) bool {
	number = strings.TrimLeft(number, "(")
	return len(number) <= 12 && strings.HasPrefix(number, "+") && len(digitsIn(number)) < 4 &&
		phoneSigns.MatchString(number[1:])
}

// isMask reports whether a text is what a form shows where a number is to be typed, such as
// +1 (___) ___-____, with a calling code at most.
func isMask(number string) bool {
	const blanks, signs = "_xX#", "+ ()./-"
	gaps := 0
	for _, r := range number {
		switch {
		case strings.ContainsRune(blanks, r):
			gaps++
		case !strings.ContainsRune(signs, r) && (r < '0' || r > '9'):
			return false
		}
	}
	return gaps >= 3 && len(digitsIn(number)) < 4
}

// usualPhone reports whether text has nothing but digits and the usual signs, and no sign
// of a spreadsheet.
func usualPhone(text string) bool {
	some := false
	if callingCodeAlone(text) {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '1' && c <= '9':
			some = true
		case c == '0', c == ' ', c == '(', c == ')', c == '/', c == '+', c == '-' && i > 0:
		default:
			return false
		}
	}
	return some
}

// twoNumbers reports whether a slash separates more than an area code.
func twoNumbers(number string, international bool) bool {
	longest := 5 // of an area code with its 0
	if international {
		longest += 3
	}
	parts := strings.Split(number, "/")
	before := 0
	for _, part := range parts[:len(parts)-1] {
		if before += len(digitsIn(part)); before > longest {
			return true
		}
	}
	return false
}
