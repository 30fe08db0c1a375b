// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
)

// A TransformFunc is a named transform of a Mapping's rules. It gets what
// leadtype.Lead.Value or the transform before it returned, never a blank value; what it
// returns is converted to the field's type, and a blank result counts as no
// value. It must be pure and safe for concurrent use. Its error fails the lead
// with DATA_VALUE_VALIDATION; the text of the error is not shown, because it
// may quote the value.
type TransformFunc func(value any) (any, error)

// builtinTransform returns the transform that a rule names, such as "trim" or
// "split:,". The part after the first colon is its argument. See
// Rule.Transforms for what each does.
func builtinTransform(spec string) (TransformFunc, bool) {
	name, argument, hasArgument := strings.Cut(spec, ":")
	if hasArgument && argument == "" {
		return nil, false
	}
	switch name {
	case "join":
		return joinTransform(argument), true
	case "split":
		return splitTransform(argument), true
	case "date":
		return dateTransform(argument, false), !hasArgument || reading.IsLayout(argument)
	case "datetime":
		return dateTransform(argument, true), !hasArgument || reading.IsLayout(argument)
	case "addDays":
		days, err := strconv.Atoi(argument)
		return addDaysTransform(days), err == nil && days >= -mostDays && days <= mostDays
	case "e164":
		if hasArgument && !reading.KnownCallingCode(argument) {
			return nil, false
		}
		return readEach(func(s string) (string, error) { return reading.E164(s, argument) }), true
	case "title":
		if !hasArgument {
			return titleTransform, true
		}
		tag, err := language.Parse(argument)
		return eachText(func(s string) string { return reading.Title(s, tag) }), err == nil
	}
	if hasArgument {
		return nil, false
	}
	switch name {
	case "trim":
		return eachText(strings.TrimSpace), true
	case "lower":
		return eachText(strings.ToLower), true
	case "upper":
		return eachText(strings.ToUpper), true
	case "digits":
		return eachText(onlyDigits), true
	case toNumber:
		return numberTransform(""), true
	case "first":
		return firstTransform, true
	}
	return nil, false
}

// unknownTransform says why transform does not know a name.
func unknownTransform(name string, own map[string]TransformFunc) string {
	if kind, _, hasLayout := strings.Cut(name, ":"); hasLayout && (kind == "date" || kind == "datetime") {
		return "is not a Go time layout with a year, a month and a day, such as 02.01.2006"
	}
	names := []string{"trim", "lower", "upper", "title", "digits", toNumber, "e164", "date", "datetime", "addDays",
		"split", "join", "first"}
	names = append(names, slices.Sorted(maps.Keys(own))...)
	return "is not a known transform: it must be one of " + strings.Join(names, ", ")
}

// titleFor returns the transform title, or title:<language>, as it is for a field: nil where
// the record is there already.
func titleFor(name, field string, creates bool) (f TransformFunc, isTitle bool) {
	kind, argument, _ := strings.Cut(name, ":")
	switch {
	case kind != toTitle:
		return nil, false
	case !creates:
		return nil, true
	case !value.ContainsFold(givenNames, field):
		f, isTitle = builtinTransform(name)
		return f, isTitle
	case argument == "":
		return givenTitle, true
	}
	tag, err := language.Parse(argument)
	return eachText(func(s string) string { return reading.GivenName(s, tag) }), err == nil
}

// givenNames are the fields for names before the family name.
var givenNames = []string{"FirstName", "MiddleName"}

// toTitle is the transform that writes names as people do, when a record is created.
const toTitle = "title"

// givenTitle is titleTransform for a given name.
func givenTitle(v any) (any, error) { return applyEach(v, givenOf) }

func givenOf(text string) (string, error) { return reading.GivenName(text, language.Und), nil }

// toNumber is the transform that reads a number.
const toNumber = "number"

var errNoText = errors.New("is not text, a number, a boolean, a time, or a list of them")

// eachText applies f to text, or to each text of a list.
func eachText(f func(string) string) TransformFunc {
	return readEach(func(text string) (string, error) { return f(text), nil })
}

// readEach is eachText for what not every text can be.
func readEach(f func(string) (string, error)) TransformFunc {
	return func(v any) (any, error) { return applyEach(v, f) }
}

// titleTransform is "title" without a language, which the default mapping has.
func titleTransform(v any) (any, error) { return applyEach(v, titleOf) }

func titleOf(text string) (string, error) { return reading.Title(text, language.Und), nil }

func applyEach(v any, f func(string) (string, error)) (any, error) {
	plain, ok := value.PlainValue(v)
	if !ok {
		return nil, errNoText
	}
	list, isList := plain.([]string)
	if !isList {
		text := value.TextOf(plain, nil)
		result, err := f(text)
		if err == nil && result == text {
			return plain, nil
		}
		return result, err
	}
	result := make([]string, len(list))
	for i, s := range list {
		var err error
		if result[i], err = f(s); err != nil {
			return nil, err
		}
	}
	return result, nil
}

func joinTransform(separator string) TransformFunc {
	if separator == "" {
		separator = "; "
	}
	return func(v any) (any, error) {
		plain, ok := value.PlainValue(v)
		if !ok {
			return nil, errNoText
		}
		if list, isList := plain.([]string); isList {
			return strings.Join(value.TrimmedValues(list), separator), nil
		}
		return plain, nil
	}
}

func splitTransform(separator string) TransformFunc {
	if separator == "" {
		separator = ";"
	}
	return func(v any) (any, error) {
		plain, ok := value.PlainValue(v)
		if !ok {
			return nil, errNoText
		}
		if list, isList := plain.([]string); isList {
			return list, nil
		}
		return value.TrimmedValues(strings.Split(value.TextOf(plain, nil), separator)), nil
	}
}

func firstTransform(v any) (any, error) {
	plain, ok := value.PlainValue(v)
	if !ok {
		return nil, errNoText
	}
	list, isList := plain.([]string)
	if !isList {
		return plain, nil
	}
	if list = value.TrimmedValues(list); len(list) > 0 {
		return list[0], nil
	}
	return nil, nil
}

// dateTransform reads text in the form of a layout, or else of ISO 8601; without a layout
// each date that has one reading. With clock it keeps the time of day.
func dateTransform(layout string, clock bool) TransformFunc {
	read := func(text string) (reading.Moment, error) {
		if layout == "" {
			return reading.ReadDate(text)
		}
		return reading.ReadLayout(text, layout)
	}
	return func(v any) (any, error) {
		plain, ok := value.PlainValue(v)
		if !ok {
			return nil, errNoText
		}
		if t, isTime := plain.(time.Time); isTime {
			if clock {
				return t, nil
			}
			return t.Format(value.DateForm), nil
		}
		m, err := read(value.TextOf(plain, nil))
		switch {
		case err != nil:
			return nil, err
		case !clock || !m.Clock:
			return m.Time.Format(value.DateForm), nil
		case m.Zoned:
			return m.Time, nil
		}
		return m.Time.Format("2006-01-02T15:04:05.999999999"), nil // its zone is the event's
	}
}

// mostDays bounds addDays, to a hundred years or so.
const mostDays = 36_600

func addDaysTransform(days int) TransformFunc {
	date := dateTransform("", false)
	return func(v any) (any, error) {
		text, err := date(v)
		if err != nil {
			return nil, err
		}
		t, err := time.Parse(value.DateForm, text.(string))
		if err != nil {
			return nil, err
		}
		return t.AddDate(0, 0, days).Format(value.DateForm), nil
	}
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// numberTransform reads text in a locale as a number, the low end where it is a range.
func numberTransform(locale string) TransformFunc {
	return func(v any) (any, error) {
		plain, ok := value.PlainValue(v)
		if !ok {
			return nil, errNoText
		}
		if _, isNumber := plain.(json.Number); isNumber {
			return plain, nil
		}
		n, ok := value.NumberIn(value.TextOf(plain, nil), locale)
		if !ok {
			return nil, errors.New("is not a number")
		}
		return n, nil
	}
}
