// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"regexp"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/internal/identity"
	"github.com/leadsync/leadsync/internal/reading"
)

// What a column may hold that is a part of a source field, whose rest another column has.
const (
	particle      = "particle"      // of the last name, such as "van der"
	secondSurname = "secondSurname" // of the last name
	houseNumber   = "houseNumber"   // behind the street
	streetNumber  = "streetNumber"  // before the street
	areaCode      = "areaCode"      // of the phone number
	callingCode   = "callingCode"   // of the phone number: that of its country
	extension     = "extension"     // of the phone number
	timeOfDay     = "timeOfDay"     // of the time of capture, beside its day
)

// partOf returns the source field that a column holds a part of, "" for other columns.
func partOf(holds string) string {
	switch holds {
	case particle, secondSurname:
		return "lastName"
	case houseNumber, streetNumber, secondLine:
		return "street"
	case areaCode, callingCode, extension:
		return "phone"
	case timeOfDay:
		return "capturedAt"
	}
	return ""
}

// decideClock tells a column of times of day from the one beside it that has the days, as in
// "Scan Date" and "Scan Time".
func (f *file) decideClock(header int) {
	var day, clock *column
	for i := range f.columns {
		c := &f.columns[i]
		if c.holds != "capturedAt" {
			continue
		}
		all, clocks := 0, 0
		f.texts(header, c, func(text string, _ []string) {
			all++
			if _, ok := reading.ReadClock(text); ok {
				clocks++
			}
		})
		switch {
		case day == nil && clocks == 0:
			day = c
		case clock == nil && all > 0 && clocks == all:
			clock = c
		}
	}
	if day != nil && clock != nil {
		clock.holds = timeOfDay
	}
}

// decideParts does not read a part of a field of which no column has the rest.
func (f *file) decideParts() {
	for i := range f.columns {
		c := &f.columns[i]
		whole := partOf(c.holds)
		switch {
		case whole == "":
		case c.holds != secondLine && f.columnOf(whole) == nil:
			c.Status, c.Source, c.holds = NotUnderstood, "", ""
			c.Reason = "is a part of " + whole + ", and no column has the rest"
		default:
			c.Source = whole
		}
	}
}

var (
	// numberOfHouse is 5, 12 b, 3-7 or 4 bis, and not what a spreadsheet made of 1-5.
	numberOfHouse = regexp.MustCompile(`(?i)^\d{1,5}\s?(?:[a-z]|bis|ter|quater)?(?:\s?[-–/+]\s?\d{0,5}\s?[a-z]?)?$`)
	numberOfArea  = regexp.MustCompile(`^\(?\d{1,6}\)?[/-]?$`)
	numberInside  = regexp.MustCompile(`^[#x]?\d{1,7}$`)
)

const noRest = ", and there is no rest to put it to"

// A part is the text of a column that holds a part of a source field.
type part struct {
	column *column
	text   string
}

// joinParts puts the parts of source fields to the rest: the code of a country before that of
// an area.
func (w *row) joinParts() {
	if len(w.parts) == 0 {
		return
	}
	for _, holds := range []string{particle, secondSurname, houseNumber, streetNumber, areaCode, callingCode, extension,
		timeOfDay} {
		if p, ok := w.parts[holds]; ok {
			w.join(p.column, p.text)
		}
	}
}

// join puts a part of a source field to the rest, or says why it is left out.
func (w *row) join(c *column, text string) {
	if blank.Always(text) || (blank.Words{}).Has(text) {
		return
	}
	if fraction.MatchString(text) {
		text = text[:strings.IndexAny(text, ".,")]
	}
	var rest *string
	switch c.Source {
	case "lastName":
		rest = &w.lead.LastName
	case "street":
		rest = &w.lead.Street
	case "phone":
		rest = &w.lead.Phone
	}
	if rest == nil {
		w.joinClock(c, text)
		return
	}
	if *rest == "" {
		w.refuse(c, Unreadable, "is a part of "+c.Source+noRest)
		return
	}
	joined, ok := joined(c.holds, text, *rest)
	if !ok {
		w.refuse(c, Unreadable, "is not of the form of such a part of "+c.Source)
		return
	}
	*rest = joined
}

// joinClock puts the time of day to the day of the capture.
func (w *row) joinClock(c *column, text string) {
	day := w.lead.CapturedAt
	switch hour, minute, second := day.Clock(); {
	case day.IsZero():
		w.refuse(c, Unreadable, "is a part of "+c.Source+noRest)
	case hour+minute+second > 0: // the column of the day has the time too
	default:
		at, kind, reason := w.file.readTime(c, day.Format(time.DateOnly)+" "+text)
		if reason != "" {
			w.refuse(c, kind, reason)
			return
		}
		_ = w.lead.Set(c.Source, at) // readTime returns what Set takes
	}
}

// joined returns the rest of a source field with a part of it, unless it has that already, and
// whether the part has the form of one.
func joined(holds, part, rest string) (string, bool) {
	begins := hasWords(rest, part, strings.HasPrefix)
	ends := hasWords(rest, part, strings.HasSuffix)
	switch holds {
	case particle:
		switch {
		case !identity.IsParticle(part):
			return "", false
		case begins:
			return rest, true
		case strings.HasSuffix(part, "'") || strings.HasSuffix(part, "’"):
			return part + rest, true
		}
		return part + " " + rest, true
	case secondSurname:
		if ends {
			return rest, true
		}
		return rest + " " + part, true
	case houseNumber, streetNumber:
		switch {
		case !numberOfHouse.MatchString(part):
			return "", false
		case begins || ends:
			return rest, true
		case holds == streetNumber:
			return part + " " + rest, true
		}
		return rest + " " + part, true
	case areaCode:
		return withArea(part, rest)
	case callingCode:
		return withCountry(part, rest)
	}
	if !numberInside.MatchString(part) {
		return "", false
	}
	if strings.ContainsAny(rest, "xX#") {
		return rest, true
	}
	return rest + " x" + strings.TrimLeft(part, "#x"), true
}

// withArea returns a phone number with its area code, unless it has one.
func withArea(code, number string) (string, bool) {
	switch {
	case !numberOfArea.MatchString(code):
		return withCountry(code, number)
	case isInternational(number), strings.HasPrefix(digits(number), digits(code)):
		return number, true
	}
	return strings.TrimRight(code, "/-") + " " + number, true
}

// withCountry returns a phone number with the calling code of its country, unless it has one.
func withCountry(code, number string) (string, bool) {
	code = strings.TrimPrefix(digits(code), "00")
	switch {
	case !reading.KnownCallingCode(code):
		return "", false
	case isInternational(number):
		return number, true
	}
	if whole, err := reading.E164(number, code); err == nil {
		return whole, true
	}
	return "", false
}

func isInternational(number string) bool {
	return strings.HasPrefix(number, "+") || strings.HasPrefix(number, "00")
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// hasWords reports whether a text begins, or ends, with the words of another.
func hasWords(text, words string, has func(s, part string) bool) bool {
	fold := func(s string) string { return " " + strings.Join(strings.Fields(strings.ToLower(s)), " ") + " " }
	return has(fold(text), fold(words))
}
