// SPDX-License-Identifier: Apache-2.0

package reading

import (
	"regexp"
	"strings"
)

// The bounds of a number in E.164: the longest of ITU-T E.164, and the shortest that are
// in use.
const (
	longestE164  = 15
	shortestE164 = 7
)

const (
	wrongLength = Unfit("has too few or too many digits for a phone number")
	noCode      = Unfit("has no country code behind its +")
	notOfPlan   = Unfit("is not one phone number of the country")
)

// E164 writes a phone number as + and digits; an extension follows as " x12". A number
// without + or 00, or what else is dialled for abroad, is taken for one of the country with
// the calling code: what is dialled before national numbers, such as 0, 8 or 06, is dropped
// as that country has it. So it is from an international number, such as +49 (0)30 ... One
// that is not of the country's numbering plan, or that has several readings, is unfit.
// Without a calling code a national number is returned as it is written.
func E164(text, callingCode string) (string, error) {
	p, err := ReadPhone(text)
	if err != nil {
		return "", err
	}
	digits, err := e164(p.Number, callingCode)
	switch {
	case err != nil:
		return "", err
	case digits == "" && (len(digitsIn(p.Number)) < 4 || len(digitsIn(p.Number)) > longestE164):
		return "", wrongLength
	case digits == "":
		return strings.TrimSpace(text), nil
	case len(digits) < shortestE164, len(digits) > longestE164:
		return "", wrongLength
	}
	if p.Extension != "" {
		digits += " x" + p.Extension
	}
	return "+" + digits, nil
}

// e164 returns the digits of a number with its calling code, "" for a national number where
// the code is not known.
func e164(number, callingCode string) (string, error) {
	all := digitsIn(number)
	if isInternational(number) {
		return withCode(all, number)
	}
	home := plans()[callingCode]
	if home == nil {
		if rest, ok := strings.CutPrefix(all, "00"); ok {
			return withCode(rest, number)
		}
		return "", nil
	}
	abroad, err := home.abroad(all, number)
	if err != nil {
		return "", err
	}
	national, ways := home.nationalOf(all, home.usual())
	if ways == 0 && abroad == "" {
		national, ways = home.nationalOf(all, home.special())
	}
	if ways == 1 && national == all && home.mayBeLocal(all) {
		return "", notOfPlan
	}
	national = callingCode + national
	if rest, found := strings.CutPrefix(all, callingCode); found && home.known(rest) {
		switch { // a program or a spreadsheet took the + away
		case ways == 0, len(all) >= max(11, len(callingCode)+8):
			national, ways = all, 1
		case national != all:
			ways++
		}
	}
	switch {
	case ways > 1, ways == 1 && abroad != "":
		return "", notOfPlan
	case ways == 1:
		return national, nil
	case abroad != "":
		return abroad, nil
	}
	return "", notOfPlan
}

// abroad reads digits as an international number that is dialled from the country, "" where
// they are none.
func (p *plan) abroad(digits, number string) (found string, _ error) {
	for _, exit := range p.exits {
		rest, ok := strings.CutPrefix(digits, exit)
		if !ok {
			continue
		}
		one, err := withCode(rest, number)
		switch {
		case err != nil:
		case found != "" && found != one:
			return "", notOfPlan
		default:
			found = one
		}
	}
	return found, nil
}

// isInternational reports whether a number begins with +.
func isInternational(number string) bool {
	return strings.HasPrefix(strings.TrimLeft(number, "("), "+")
}

// withCode reads digits that begin with a calling code.
func withCode(digits, number string) (string, error) {
	p, rest, ok := splitCode(digits)
	switch {
	case !ok && len(digits) < shortestE164:
		return "", wrongLength
	case !ok:
		return "", noCode
	}
	if rest, ok = p.international(p.unmarked(rest, number)); !ok {
		return "", wrongLength
	}
	return p.code + rest, nil
}

// unmarked returns the digits behind the calling code of a number without the 0 that it has in
// parentheses there, unless they are of the plan with it: Italy keeps it.
func (p *plan) unmarked(rest, number string) string {
	before, _, marked := strings.Cut(trunk.ReplaceAllString(number, "\x00"), "\x00")
	if marked && strings.HasSuffix(digitsIn(before), p.code) && !p.known(rest) {
		return strings.TrimPrefix(rest, "0")
	}
	return rest
}

// trunk is the 0 that is dialled within the country only.
var trunk = regexp.MustCompile(`\(\s*0\s*\)`)
