// SPDX-License-Identifier: Apache-2.0

package phone

import (
	"encoding/json"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
)

// E164 returns a transform that formats phone numbers as + and digits. A number
// without a country code is parsed as one of defaultRegion, an ISO 3166-1 code such
// as GB or gb; with an empty defaultRegion it is left unchanged.
//
// Everything that is not a valid number is left unchanged too, so that nothing is
// lost: text, a number that is not in the country's plan, a number without its area
// code, and one with an extension or more than 15 digits, which E.164 cannot
// represent. Each text of a list is formatted separately. The transform never fails
// and is safe for concurrent use.
//
// The error is a *leadsync.Error with DATA_VALUE_VALIDATION for a region that has
// no numbering plan.
func E164(defaultRegion string) (mapping.TransformFunc, error) {
	region := strings.ToUpper(strings.TrimSpace(defaultRegion))
	if region != "" && phonenumbers.GetCountryCodeForRegion(region) == 0 {
		return nil, &leadtype.Error{Op: "phone", Code: leadtype.DataValueValidation, Fields: []string{"defaultRegion"},
			Reason: "is not the ISO 3166-1 code of a country, such as GB"}
	}
	return func(value any) (any, error) { return each(value, region), nil }, nil
}

// each formats text, or each text of a list. Other values are left unchanged.
func each(value any, region string) any {
	switch v := value.(type) {
	case string:
		return format(v, region)
	case json.Number: // possible in a host's custom field
		return format(v.String(), region)
	case []string:
		list := make([]string, len(v))
		for i, text := range v {
			list[i] = format(text, region)
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = each(element, region)
		}
		return list
	}
	return value
}

// longest is the plus sign and the 15 digits that E.164 allows. Some plans, such as
// Germany's, have longer numbers.
const longest = 16

func format(text, region string) string {
	number, err := phonenumbers.Parse(text, region)
	if err != nil || number.GetExtension() != "" || !phonenumbers.IsValidNumber(number) {
		return text
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	if len(e164) > longest {
		return text
	}
	return e164
}
