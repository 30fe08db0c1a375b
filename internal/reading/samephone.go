// SPDX-License-Identifier: Apache-2.0

package reading

import (
	"iter"
	"strings"
)

// A Dialled phone number is what tells it from others.
type Dialled struct {
	// Digits begin with the calling code where International is set. Otherwise they are as they are
	// written.
	Digits        string
	International bool
	// Tail is what follows from the first letter on, in small letters: an extension, or all
	// of a text that is no number.
	Tail string
}

// ReadDialled reads a phone number to compare it, whatever it is.
func ReadDialled(text string) Dialled {
	text = plain(text)
	d := Dialled{International: isInternational(text)}
	all := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r > 0x7f:
			return r
		}
		return -1
	}, strings.TrimPrefix(strings.ToLower(text), "tel"))
	end := strings.IndexFunc(all, func(r rune) bool { return r > '9' })
	if end < 0 {
		end = len(all)
	}
	d.Digits, d.Tail = all[:end], extensionWords.Replace(all[end:])
	if rest, ok := strings.CutPrefix(d.Digits, "00"); ok && !d.International {
		d.Digits, d.International = rest, true
	}
	if p, rest, ok := splitCode(d.Digits); ok && d.International {
		rest, _ = p.international(p.unmarked(rest, text))
		d.Digits = p.code + rest
	}
	return d
}

var extensionWords = strings.NewReplacer("extension", "x", "ext", "x")

// Same reports whether two are one number: as they are dialled, or one with its calling code
// and the other as it is dialled within that country. A number without its area code is
// another one.
func (d Dialled) Same(other Dialled) bool {
	switch {
	case d.Tail != other.Tail:
		return false
	case d.Digits == other.Digits:
		return d.Digits != "" || d.Tail != ""
	case d.International == other.International:
		return !d.International && (longDistance(d.Digits, other.Digits) || longDistance(other.Digits, d.Digits))
	case other.International:
		d, other = other, d
	}
	for digits := range d.national {
		if digits == other.Digits {
			return true
		}
	}
	return false
}

// longDistance reports whether two national numbers of North America differ in the 1 that is
// dialled before one.
func longDistance(with, without string) bool {
	return len(without) == 10 && with == "1"+without && plans()["1"].known(without)
}

// Others yields the digits of the same number as it may be written elsewhere: one with its
// calling code as it is dialled within the country, and one without as that of any country
// which has such numbers.
func (d Dialled) Others() iter.Seq[string] {
	if d.International {
		return d.national
	}
	return func(yield func(string) bool) {
		for code, p := range plans() {
			for digits := range p.readings(d.Digits) {
				if p.known(digits) && !yield(code+digits) {
					return
				}
			}
		}
	}
}

// national yields the digits of an international number that are dialled within its country.
func (d Dialled) national(yield func(string) bool) {
	p, rest, ok := splitCode(d.Digits)
	if !ok || !yield(rest) {
		return
	}
	for _, trunk := range p.trunks {
		if !yield(trunk + rest) {
			return
		}
	}
}
