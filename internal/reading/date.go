// SPDX-License-Identifier: Apache-2.0

package reading

import (
	_ "embed"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Moment is a day, with a time of day and an offset where the text has them.
type Moment struct {
	// Time is in UTC where the text has no offset.
	Time time.Time
	// Clock says that there is a time of day, and Zoned that there is an offset.
	Clock, Zoned bool
}

// Why a text is no date. The first is for all that has no reason of its own.
const (
	notDate   = Unfit("is not a date or time such as 2026-05-04 or 2026-05-04T09:30:00+02:00")
	noDay     = Unfit("is not a day of the calendar")
	twoDates  = Unfit("may be day/month or month/day: the rule needs a transform with a layout, such as date:02/01/2006")
	shortYear = Unfit("has a year of two digits: the rule needs a transform with a layout, such as date:02.01.06")
	serialDay = Unfit("is a number, such as spreadsheets have for a day" + fromSpreadsheet)
)

// The years of dates that are not in the order of ISO 8601. Others are of another
// calendar, such as 2569 and 1405, or mistyped.
const (
	firstYear = 1800
	lastYear  = 2200
)

// ReadDate reads a text that is a date in one way only:
//   - year-month-day with -, / or ., 20260504, and 2026年5月4日;
//   - day.month.year with full stops;
//   - with / or - a day and a month of which one is over 12, or which are equal;
//   - a day, the name of a month and a year, in any order that people use;
//   - any of them with a weekday that is right, and a time of day after it, with an
//     offset, UTC or GMT, or without; also 20260504T093000Z, and as JavaScript prints a Date.
//
// The year has four digits. All else is unfit, also where only a part of the text is not
// understood.
func ReadDate(text string) (Moment, error) { return ReadDateBy(text, AnyOrder) }

// An Order is which of two numbers before a year is the day.
type Order int

// The orders. With AnyOrder a date that has two readings is unfit, with the others one that
// does not have that order.
const (
	AnyOrder Order = iota
	DayFirst
	MonthFirst
)

// HasTwoReadings reports whether an error of ReadDate is that of a date whose day may be its
// month, or whose year has two digits only.
func HasTwoReadings(err error) bool { return errors.Is(err, twoDates) || errors.Is(err, shortYear) }

// ReadDateBy reads a text as ReadDate does, by an order where it has a day and a month with /
// or - between them.
func ReadDateBy(text string, order Order) (Moment, error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil && len(text) >= len(time.DateOnly) {
			return Moment{Time: t, Clock: form == time.RFC3339, Zoned: form == time.RFC3339}, nil
		}
	}
	text = extended(unguarded(plain(text)))
	if number.MatchString(text) && !compactDate.MatchString(text) {
		return Moment{}, serialDay
	}
	day, clock, zone := splitClock(text)
	y, m, d, err := readDay(day, order)
	if err != nil {
		return Moment{}, err
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d || t.Month() != time.Month(m) {
		return Moment{}, noDay
	}
	if err := rightWeekday(day, t); err != nil {
		return Moment{}, err
	}
	moment := Moment{Time: t, Clock: clock != ""}
	if clock == "" {
		return moment, nil
	}
	since, ok := readClock(clock)
	if !ok {
		return Moment{}, notDate
	}
	offset, zoned, ok := readZone(zone)
	if !ok {
		return Moment{}, Unfit("has a time zone that is not known: use an offset such as +02:00")
	}
	moment.Time, moment.Zoned = t.Add(since-offset), zoned
	if zoned {
		moment.Time = moment.Time.In(time.FixedZone("", int(offset/time.Second)))
	}
	return moment, nil
}

var (
	basicForm = regexp.MustCompile(
		`^((?:19|20|21)\d{2})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2}(?:[.,]\d{1,9})?)?(Z|[+-]\d{2}(?::?\d{2})?)?$`)
	// A browser writes the name of the zone behind its offset.
	zoneNamed = regexp.MustCompile(`((?:GMT|UTC)[+-]\d{4}) \((?:[^()\d]+|GMT[+-]\d{1,2}(?::\d{2})?)\)$`)
)

// extended returns a moment of the basic format of ISO 8601 (20260504T093000Z) in the extended one,
// and one as JavaScript prints it without the name of its zone, which the offset says too.
func extended(text string) string {
	if f := basicForm.FindStringSubmatch(text); f != nil {
		seconds := ""
		if f[6] != "" {
			seconds = ":" + f[6]
		}
		return f[1] + "-" + f[2] + "-" + f[3] + "T" + f[4] + ":" + f[5] + seconds + f[7]
	}
	return zoneNamed.ReplaceAllString(text, "$1")
}

// ReadClock reads a time of day, such as 09:30, 9:30 PM, 14h30 or 14.30 Uhr.
func ReadClock(text string) (sinceMidnight time.Duration, ok bool) {
	return readClock(strings.TrimSuffix(plain(text), "Z"))
}

var (
	number      = regexp.MustCompile(`^[+-]?\d+([.,]\d+)?$`)
	compactDate = regexp.MustCompile(`^(19|20|21)\d{6}$`)
	clockAtEnd  = regexp.MustCompile(`^(.*?\d.*?)(?:\s*T\s*|[\s,]+(?:` + beforeClock + `\s+)?)` +
		`(\d{1,2}(?:[:h]\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?|\.\d{2}\s*Uhr)?\s*(?i:[ap]\.?\s?m\.?|uhr|h)?)` +
		`\s*(\S*(?:\s?[+-]\d{1,2}:?\d{0,2})?)$`)
	clockForm = regexp.MustCompile(
		`^(\d{1,2})(?:[:h.](\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*([ap]\.?\s?m\.?|uhr|h)?$`,
	)
	offsetForm = regexp.MustCompile(`^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$`)
)

// beforeClock is what stands between a day and a time of day.
const beforeClock = `(?i:at|um|à|a las|alle|om|kl\.?|às|o|в|-|,)`

// splitClock splits a text into its day, its time of day and what follows.
func splitClock(text string) (day, clock, zone string) {
	found := clockAtEnd.FindStringSubmatch(text)
	if found == nil || !clockMark.MatchString(found[2]) {
		return text, "", ""
	}
	return found[1], strings.TrimSpace(found[2]), found[3]
}

// clockMark is what tells a time of day from another number.
var clockMark = regexp.MustCompile(`(?i)[:hapu]`)

// readClock reads a time of day in full.
func readClock(text string) (time.Duration, bool) {
	f := clockForm.FindStringSubmatch(strings.ToLower(strings.TrimSpace(text)))
	if f == nil || f[2] == "" && f[5] == "" {
		return 0, false
	}
	hour, _ := strconv.Atoi(f[1])
	minute, _ := strconv.Atoi("0" + f[2])
	second, _ := strconv.Atoi("0" + f[3])
	nanos, _ := strconv.Atoi((f[4] + "000000000")[:9])
	if half := f[5]; strings.HasPrefix(half, "a") || strings.HasPrefix(half, "p") {
		if hour < 1 || hour > 12 {
			return 0, false
		}
		hour %= 12
		if half[0] == 'p' {
			hour += 12
		}
	}
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second +
		time.Duration(nanos), true
}

// zones are abbreviations that mean one offset wherever they are used, in hours.
var zones = map[string]int{"Z": 0, "UTC": 0, "GMT": 0, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
	"EDT": -4, "CDT": -5, "MDT": -6, "PDT": -7}

// readZone reads what follows a time of day: nothing, an offset, or an abbreviation.
func readZone(text string) (offset time.Duration, zoned, ok bool) {
	text = strings.Trim(strings.ReplaceAll(text, " ", ""), "()")
	if text == "" {
		return 0, false, true
	}
	if hours, ok := zones[strings.ToUpper(text)]; ok {
		return time.Duration(hours) * time.Hour, true, true
	}
	f := offsetForm.FindStringSubmatch(strings.ToUpper(text))
	if f == nil {
		return 0, false, false
	}
	hours, _ := strconv.Atoi(f[2])
	minutes, _ := strconv.Atoi("0" + f[3])
	if offset = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute; f[1] == "-" {
		offset = -offset
	}
	return offset, true, hours <= 14 && minutes < 60
}

var (
	yearFirst  = regexp.MustCompile(`^(\d{4})\s*([-/.])\s*(\d{1,2})\s*([-/.])\s*(\d{1,2})\.?$`)
	yearLast   = regexp.MustCompile(`^(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*([-/.])\s*(\d{4})\.?$`)
	shortYears = regexp.MustCompile(`^\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*'?\d{1,2}\.?$`)
	byUnits    = regexp.MustCompile(`^(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]$`)
	ordinal    = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|er|º|o|ª|a|e|ème|\.)?$`)
)

// readDay reads a date without a time of day.
func readDay(text string, order Order) (y, m, d int, err error) {
	text = withoutWeekday(text)
	atoi := func(s string) int { n, _ := strconv.Atoi(s); return n }
	if compactDate.MatchString(text) {
		return atoi(text[:4]), atoi(text[4:6]), atoi(text[6:]), nil
	}
	if f := yearFirst.FindStringSubmatch(text); f != nil && f[2] == f[4] {
		if y, m, d = atoi(f[1]), atoi(f[3]), atoi(f[5]); y == 0 || m == 0 || d == 0 {
			return 0, 0, 0, noDay
		}
		return y, m, d, nil
	}
	if f := byUnits.FindStringSubmatch(text); f != nil {
		return inYears(atoi(f[1]), atoi(f[2]), atoi(f[3]))
	}
	f := yearLast.FindStringSubmatch(text)
	switch {
	case shortYears.MatchString(text):
		return 0, 0, 0, shortYear
	case f == nil || f[2] != f[4]:
		return namedMonth(text)
	}
	a, b, y := atoi(f[1]), atoi(f[3]), atoi(f[5])
	switch {
	case f[2] == "." || a == b || order == DayFirst || a > 12 && order == AnyOrder:
		return inYears(y, b, a)
	case b > 12 || order == MonthFirst:
		return inYears(y, a, b)
	}
	return 0, 0, 0, twoDates
}

// inYears refuses a year that is hardly meant.
func inYears(y, m, d int) (int, int, int, error) {
	if y < firstYear || y > lastYear || m < 1 || m > 12 || d < 1 {
		return 0, 0, 0, noDay
	}
	return y, m, d, nil
}

// The words that stand before, between and behind the parts of a date.
const (
	wordsBefore  = " the le il el den "
	wordsBetween = " of de del d "
	wordsBehind  = " г года р року "
)

// isLink reports whether a word has no meaning where it stands in a date.
func isLink(word string, first, last bool) bool {
	in := wordsBetween
	switch {
	case first:
		in = wordsBefore
	case last:
		in = wordsBehind
	}
	return strings.Contains(in, " "+strings.ToLower(word)+" ")
}

// namedMonth reads a date with the name of a month.
func namedMonth(text string) (y, m, d int, err error) {
	if strings.Trim(text, "-/") != text {
		return 0, 0, 0, notDate
	}
	words := strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || r == ',' || r == '-' || r == '/' || r == '.' || r == '،'
	})
	atoi := func(s string) int { n, _ := strconv.Atoi(s); return n }
	for i, word := range words {
		month := monthOf(word)
		number := ordinal.FindStringSubmatch(strings.ToLower(word))
		switch {
		case month > 0 && m == 0:
			m = month
		case len(word) == 4 && allDigits(word) && y == 0:
			y = atoi(word)
		case number != nil && d == 0:
			d = atoi(number[1])
		case isLink(word, i == 0, i == len(words)-1):
		case number != nil && allDigits(word) && m > 0 && y == 0:
			return 0, 0, 0, shortYear
		default:
			return 0, 0, 0, notDate
		}
	}
	if y == 0 || m == 0 || d == 0 {
		return 0, 0, 0, notDate
	}
	return inYears(y, m, d)
}

//go:embed months.txt
var monthText string

//go:embed weekdays.txt
var weekdayText string

var (
	months   = sync.OnceValue(func() map[string]int { return namesIn(monthText) })
	weekdays = sync.OnceValue(func() map[string]int { return namesIn(weekdayText) })
)

// ambiguous is a name that means two things in two languages.
const ambiguous = -1

// namesIn returns the place of each name, from 1.
func namesIn(text string) map[string]int {
	places := make(map[string]int)
	for line := range strings.Lines(text) {
		_, list, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for i, names := range strings.Split(list, ",") {
			for name := range strings.FieldsSeq(names) {
				name = foldWord(name)
				if known := places[name]; known != 0 && known != i+1 {
					places[name] = ambiguous
					continue
				}
				places[name] = i + 1
			}
		}
	}
	return places
}

// monthOf returns the month that a word names, 0 for none.
func monthOf(word string) int { return max(months()[foldWord(word)], 0) }

// foldWord makes a word comparable: small letters without accents.
func foldWord(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || r == '.' {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(word)))
}

var (
	weekdayFirst = regexp.MustCompile(`^(\p{L}[\p{L}\p{M}-]*)\.?[\s,]+(.*\d.*)$`)
	weekdayLast  = regexp.MustCompile(`^(.*\d.*?)[\s,]*` +
		`(?:\(([\p{L}\p{M}.-]+)\)|[\s,]([\p{L}\p{M}-]+日|[월화수목금토일]요일))$`)
)

// weekdayIn splits a text into a weekday and the rest; name is "" where there is none.
func weekdayIn(text string) (name, rest string) {
	if f := weekdayFirst.FindStringSubmatch(text); f != nil && weekdays()[foldWord(f[1])] != 0 {
		// mar. is a Tuesday in French, and a month in English.
		if _, _, _, err := namedMonth(text); monthOf(f[1]) == 0 || err != nil {
			return f[1], f[2]
		}
	}
	if f := weekdayLast.FindStringSubmatch(text); f != nil && weekdays()[foldWord(f[2]+f[3])] != 0 {
		return f[2] + f[3], f[1]
	}
	return "", text
}

func withoutWeekday(text string) string {
	_, rest := weekdayIn(text)
	return strings.TrimSpace(rest)
}

// rightWeekday refuses a date whose weekday is that of another day.
func rightWeekday(text string, t time.Time) error {
	name, _ := weekdayIn(text)
	if place := weekdays()[foldWord(name)]; name == "" || place == ambiguous || place == int(t.Weekday())+1 {
		return nil
	}
	return Unfit("has a weekday that is not that of its date")
}
