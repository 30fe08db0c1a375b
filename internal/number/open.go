// SPDX-License-Identifier: Apache-2.0

package number

import "strings"

// openEnds follow the number from which a range without an end begins. Longer ones come before
// those that they end in.
var openEnds = []string{
	"+", " or more", " or above", " and more", " and above", " and up",
	" oder mehr", " und mehr", " und darüber", " ou plus", " et plus", " o más", " y más",
	" of meer", " en meer", " o più", " e oltre", " ou mais", " plus", "以上",
}

// openRange returns the number from which the range begins, in normal form, of a text such as
// "10,000+" or "1000 or more".
func openRange(text string) (low string, ok bool) {
	for _, end := range openEnds {
		if low, ok = strings.CutSuffix(text, end); ok {
			return strings.TrimSpace(low), !strings.HasPrefix(low, "+")
		}
	}
	return "", false
}

// beforeBounds and behindBounds say of the number beside them that it is not the one meant.
var (
	beforeBounds = []string{
		"<=", ">=", "<", ">", "≤", "≥",
		"more than ", "less than ", "fewer than ", "over ", "under ", "below ", "above ",
		"up to ", "at least ", "at most ", "from ",
		"mehr als ", "weniger als ", "über ", "unter ", "bis zu ", "bis ", "ab ", "mindestens ", "höchstens ",
		"plus de ", "moins de ", "jusqu'à ", "au moins ", "más de ", "menos de ", "hasta ", "al menos ",
		"meer dan ", "minder dan ", "tot ", "vanaf ", "più di ", "meno di ", "mais de ", "menos que ",
	}
	behindBounds = []string{
		" or less", " or fewer", " and below", " oder weniger", " ou moins",
		" o menos", " of minder", "以下",
	}
)

// bound reports whether text is a number that something bounds, as in "<50" and "more than 500".
func (r *reader) bound(text string) bool {
	for _, word := range beforeBounds {
		if rest, ok := strings.CutPrefix(text, word); ok {
			return r.amount(strings.TrimSpace(rest), false).reason != NotNumber
		}
	}
	for _, word := range behindBounds {
		if rest, ok := strings.CutSuffix(text, word); ok {
			return r.amount(strings.TrimSpace(rest), false).reason != NotNumber
		}
	}
	return false
}
