// SPDX-License-Identifier: Apache-2.0

package phone

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
)

// E164 returns a transform that formats phone numbers as + and digits. A number
// without a country code is parsed as one of defaultRegion, an ISO 3166-1 code such
// as GB or gb; with an empty defaultRegion it is left unchanged.
//
// An extension follows the number as " x12", since E.164 cannot represent it. Letters
// behind a number, as in 1-800-FLOWERS, are read by the keypad. Each text of a list is
// formatted separately; blank text and values that are no text are left unchanged.
//
// What is not one valid number is refused, and so the field keeps what it has: other
// text, two numbers, a number that is not in the country's plan or lacks its area code,
// one with more than 15 digits, and one that a spreadsheet has cut, such as 4.9E+11. The
// error does not hold the number. The transform is safe for concurrent use.
//
// The error of E164 itself is a *leadsync.Error with DATA_VALUE_VALIDATION for a region
// that has no numbering plan.
func E164(defaultRegion string) (mapping.TransformFunc, error) {
	region := strings.ToUpper(strings.TrimSpace(defaultRegion))
	if region != "" && phonenumbers.GetCountryCodeForRegion(region) == 0 {
		return nil, &leadtype.Error{Op: "phone", Code: leadtype.DataValueValidation, Fields: []string{"defaultRegion"},
			Reason: "is not the ISO 3166-1 code of a country, such as GB"}
	}
	return func(value any) (any, error) { return each(value, region) }, nil
}

// each formats text, or each text of a list. Other values are left unchanged.
func each(value any, region string) (any, error) {
	switch v := value.(type) {
	case string:
		return format(v, region)
	case json.Number: // possible in a host's custom field
		return format(v.String(), region)
	case []string:
		list := make([]string, len(v))
		for i, text := range v {
			var err error
			if list[i], err = format(text, region); err != nil {
				return nil, err
			}
		}
		return list, nil
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			var err error
			if list[i], err = each(element, region); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return value, nil
}

// longest is the plus sign and the 15 digits that E.164 allows. Some plans, such as
// Germany's, have longer numbers.
const longest = 16

// invalid is why a number in digits is refused.
const invalid = reading.Unfit("is not a valid phone number of its country")

func format(text, region string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return text, nil
	}
	written, err := reading.ReadPhone(dialled(text))
	if err != nil {
		return "", err
	}
	number, err := phonenumbers.Parse(written.Number, region)
	if errors.Is(err, phonenumbers.ErrInvalidCountryCode) && region == "" && !strings.Contains(written.Number, "+") {
		return text, nil // of which country?
	}
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", invalid
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	if len(e164) > longest {
		return "", invalid
	}
	if written.Extension != "" {
		e164 += " x" + written.Extension
	}
	return e164, nil
}

// vanity is a number that ends in a word of the keypad.
var vanity = regexp.MustCompile(`^\s*\+?[0-9 ().-]{3,12}[A-Za-z]{3,7}(-[A-Za-z]{3,7})?\s*$`)

// dialled returns a number with its letters as the digits of the keypad, where letters
// stand only at the end, and other text as it is.
func dialled(text string) string {
	digits := strings.Count(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return -1
	}, text), "0")
	if digits > 7 || !vanity.MatchString(text) { // a whole number with a remark
		return text
	}
	return phonenumbers.ConvertAlphaCharactersInNumber(text)
}
