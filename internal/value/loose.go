// SPDX-License-Identifier: Apache-2.0

package value

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/salesforce"
)

// Alike reports whether two values of a field differ in their form at most: in case and
// spaces, in the punctuation of a phone number or its country, in the scheme or the host of
// a URL, in the scale of a number. Salesforce, and automation that tidies records up, change no
// more than that. Blank values are alike.
func Alike(field *salesforce.Field, a, b any) bool {
	if SameValue(field, a, b) {
		return true
	}
	if field.Type == salesforce.TypePhone {
		return samePhone(a, b)
	}
	x, isText := a.(string)
	if y, both := b.(string); both && isText && foldsSpace(field) {
		return SameFolded(x, y)
	}
	return Loose(field, a) == Loose(field, b)
}

// foldsSpace reports whether Loose is FoldSpace for texts of a field.
func foldsSpace(field *salesforce.Field) bool {
	return field.Type == salesforce.TypeString || field.Type == salesforce.TypeTextarea && !field.RichText()
}

// HasForms reports whether values of a field may be Alike without being the same. Where case
// counts they are not.
func HasForms(field *salesforce.Field) bool {
	return !field.CaseSensitive && slices.Contains([]salesforce.FieldType{salesforce.TypeString, salesforce.TypeTextarea,
		salesforce.TypePhone, salesforce.TypeURL, salesforce.TypeCombobox}, field.Type)
}

// samePhone reports whether two values are one phone number, if one of them lacks its country.
func samePhone(a, b any) bool {
	x, okX := PlainValue(a)
	y, okY := PlainValue(b)
	if !okX || !okY || IsBlank(x) || IsBlank(y) {
		return false // SameValue has decided
	}
	return reading.ReadDialled(TextOf(x, nil)).Same(reading.ReadDialled(TextOf(y, nil)))
}

// Loose returns the form of a field's value that all values which are Alike share, but for
// phone numbers of which one lacks the country: see LooseOthers. It is "" for a blank value.
func Loose(field *salesforce.Field, v any) string {
	plain, ok := PlainValue(v)
	if !ok || IsBlank(plain) {
		return ""
	}
	text := TextOf(plain, nil)
	switch field.Type {
	case salesforce.TypeBoolean:
		if ticked, ok := reading.ReadYesNo(text); ok {
			return strconv.FormatBool(ticked)
		}
	case salesforce.TypeInt, salesforce.TypeLong, salesforce.TypeDouble, salesforce.TypeCurrency, salesforce.TypePercent:
		if number, ok := parseNumber(text); ok {
			return roundNumber(number, field)
		}
	case salesforce.TypeDate, salesforce.TypeDatetime:
		if instant, ok := ReadInstant(plain, time.UTC, time.UTC); ok {
			return looseTime(field.Type, instant)
		}
	case salesforce.TypeTime:
		if clock, ok := readClock(plain, time.UTC); ok {
			return clock.Format(timeForm)
		}
	case salesforce.TypeEmail:
		return identity.Email(text)
	case salesforce.TypeID, salesforce.TypeReference:
		return string(salesforce.ID(strings.TrimSpace(text)).ID18())
	case salesforce.TypePhone:
		return loosePhone(text)
	case salesforce.TypeURL:
		return looseURL(text)
	case salesforce.TypePicklist, salesforce.TypeCombobox:
		return looseOption(field, text)
	case salesforce.TypeMultipicklist:
		return looseOptions(field, text)
	}
	if field.RichText() {
		text = reading.HTMLText(text)
	}
	return FoldSpace(text)
}

func looseTime(fieldType salesforce.FieldType, instant time.Time) string {
	if fieldType == salesforce.TypeDate {
		return instant.Format(DateForm)
	}
	return instant.UTC().Truncate(time.Second).Format(datetimeForm)
}

// FoldSpace returns text in lower case, without outer spaces, and with one space for
// several. Accents are composed, and characters that nobody sees are left out. Letters of which
// capitals do not tell which they were are one: ß and ss, ς and σ, ı, İ and i.
func FoldSpace(text string) string {
	if isPlain(text) {
		return strings.ToLower(text)
	}
	text = strings.ToLower(norm.NFC.String(seenText(text))) // in this order: what is hidden keeps accents apart
	return sameCapitals.Replace(norm.NFC.String(text))      // some accents go with small letters only
}

// SameFolded reports whether FoldSpace makes one of two texts.
func SameFolded(a, b string) bool {
	if isPlain(a) && isPlain(b) {
		return strings.EqualFold(a, b)
	}
	return FoldSpace(a) == FoldSpace(b)
}

// sameCapitals makes one of the letters that have the same capitals: from those alone nothing tells
// which they were.
var sameCapitals = strings.NewReplacer("ß", "ss", "ς", "σ", "ı", "i", "i\u0307", "i")

// seenText returns text without outer spaces and what nobody sees, and with one space for
// several.
func seenText(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case unicode.Is(unicode.Cf, r) || unicode.IsControl(r):
			continue
		case space:
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isPlain reports whether text is ASCII without outer spaces, several in a row, and control
// characters, so that only its case is to be folded.
func isPlain(text string) bool {
	before := byte(' ')
	for i := range len(text) {
		c := text[i]
		if c >= 0x7f || c < ' ' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return before != ' ' || text == ""
}

// loosePhone returns the digits of a phone number without the zeros that it begins with,
// and its letters: of an extension, of a word in place of digits, or of what is no number.
func loosePhone(text string) string {
	loose := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case unicode.IsDigit(r):
			return '0' + reading.Digit(r)
		case unicode.IsLetter(r):
			return unicode.ToLower(r)
		}
		return -1
	}, strings.ReplaceAll(norm.NFC.String(text), "(0)", ""))
	if loose == "" {
		return FoldSpace(text)
	}
	return strings.TrimLeft(extensionWords.Replace(strings.TrimPrefix(loose, "tel")), "0")
}

var extensionWords = strings.NewReplacer("extension", "x", "ext", "x")

// LooseOthers yields what Loose is of the same value in another form that is not Alike by
// Loose alone: of a phone number with and without its country.
func LooseOthers(field *salesforce.Field, v any) iter.Seq[string] {
	return func(yield func(string) bool) {
		plain, ok := PlainValue(v)
		if field.Type != salesforce.TypePhone || !ok || IsBlank(plain) {
			return
		}
		number := reading.ReadDialled(TextOf(plain, nil))
		for digits := range number.Others() {
			if !yield(loosePhone(digits + number.Tail)) {
				return
			}
		}
	}
}

// looseURL returns a URL without its scheme, www. and the last slash. Case counts behind the
// host, and not in it.
func looseURL(text string) string {
	text = norm.NFC.String(seenText(text))
	if scheme, rest, ok := strings.Cut(text, "://"); ok && !strings.ContainsAny(scheme, "/?#") {
		text = rest
	}
	end := strings.IndexAny(text, "/?#")
	if end < 0 {
		end = len(text)
	}
	return strings.TrimRight(strings.TrimPrefix(strings.ToLower(text[:end]), "www.")+text[end:], "/")
}

func looseOption(field *salesforce.Field, text string) string {
	if option, ok := FindOption(field, text); ok {
		text = option
	}
	return FoldSpace(text)
}

func looseOptions(field *salesforce.Field, text string) string {
	values := SplitValues(text)
	for i := range values {
		values[i] = looseOption(field, values[i])
	}
	slices.Sort(values)
	return strings.Join(slices.Compact(values), ";")
}
