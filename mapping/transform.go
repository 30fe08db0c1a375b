// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

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
		return dateTransform(argument), true
	case "addDays":
		days, err := strconv.Atoi(argument)
		return addDaysTransform(days), err == nil && days >= -mostDays && days <= mostDays
	case "e164":
		if len(argument) > longestCallingCode || !value.AllDigits(argument) {
			return nil, false
		}
		return eachText(func(s string) string { return e164(s, argument) }), true
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
	case "title":
		return eachText(func(s string) string { return cases.Title(language.Und).String(s) }), true
	case "digits":
		return eachText(onlyDigits), true
	case toNumber:
		return numberTransform(""), true
	case "first":
		return firstTransform, true
	}
	return nil, false
}

// toNumber is the transform that reads a number.
const toNumber = "number"

var errNoText = errors.New("is not text, a number, a boolean, a time, or a list of them")

// eachText applies f to text, or to each text of a list.
func eachText(f func(string) string) TransformFunc {
	return func(v any) (any, error) {
		plain, ok := value.PlainValue(v)
		if !ok {
			return nil, errNoText
		}
		list, isList := plain.([]string)
		if !isList {
			return f(value.TextOf(plain, nil)), nil
		}
		result := make([]string, len(list))
		for i, s := range list {
			result[i] = f(s)
		}
		return result, nil
	}
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

func dateTransform(layout string) TransformFunc {
	return func(v any) (any, error) {
		plain, ok := value.PlainValue(v)
		if !ok {
			return nil, errNoText
		}
		if text, isText := plain.(string); isText && layout != "" {
			if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
				return t.Format(value.DateForm), nil
			}
		}
		t, ok := value.ReadInstant(plain, nil, nil)
		if !ok {
			return nil, errors.New("is not a date")
		}
		return t.Format(value.DateForm), nil
	}
}

// mostDays bounds addDays, to a hundred years or so.
const mostDays = 36_600

func addDaysTransform(days int) TransformFunc {
	return func(v any) (any, error) {
		plain, ok := value.PlainValue(v)
		if !ok {
			return nil, errNoText
		}
		t, ok := value.ReadInstant(plain, nil, nil)
		if !ok {
			return nil, errors.New("is not a date")
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

// longestCallingCode and longestE164 are digits (ITU-T E.164).
const (
	longestCallingCode = 3
	longestE164        = 15
)

// e164 writes a phone number as + and digits. A number without + or 00 is taken
// for one of the country with that calling code; without a code, and where
// letters or too many digits make it no plain number, it stays as it is.
func e164(text, callingCode string) string {
	number := strings.ReplaceAll(strings.TrimSpace(text), "(0)", "")
	if strings.Trim(number, "+0123456789 ()-./\u00a0\u2010\u2011\u2013") != "" {
		return text
	}
	digits := onlyDigits(number)
	switch {
	case strings.HasPrefix(number, "+"):
	case strings.HasPrefix(number, "00"):
		digits = strings.TrimPrefix(digits, "00")
	case callingCode == "" || digits == "":
		return text
	case callingCode == "1" && len(digits) == 11 && digits[0] == '1':
	case callingCode == "39": // Italy keeps the zero
		digits = callingCode + digits
	default:
		digits = callingCode + strings.TrimPrefix(digits, "0")
	}
	if digits == "" || len(digits) > longestE164 {
		return text
	}
	return "+" + digits
}
