// SPDX-License-Identifier: Apache-2.0

package number

import (
	"strings"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// KnownLocale reports whether a locale such as "de", "pt-BR" or "en_IN" is known.
func KnownLocale(locale string) bool {
	tag, err := language.Parse(locale)
	return err == nil && tag != language.Und
}

// marksOf returns the decimal and the group mark of a locale, in their normal form, by the
// data of CLDR. They are 0 for a locale that is not known.
func marksOf(locale string) (decimal, group rune) {
	if !KnownLocale(locale) {
		return 0, 0
	}
	printed := message.NewPrinter(language.Make(locale)).Sprint(number.Decimal(1234567.5, number.MinFractionDigits(1)))
	text, ok := normal(printed)
	if !ok {
		return 0, 0
	}
	for _, mark := range strings.Trim(text, "0123456789") {
		if mark < '0' || mark > '9' {
			if group == 0 {
				group = mark
			}
			decimal = mark
		}
	}
	return decimal, group
}

// KnownCurrency reports whether code is an ISO 4217 code in capitals.
func KnownCurrency(code string) bool {
	unit, err := currency.ParseISO(code)
	return err == nil && unit.String() == code
}

// CurrencyOf returns the ISO 4217 code of the currency of a locale's region, "" where the
// locale has none or is not known. It takes the forms of Salesforce too, such as
// "de_DE_EURO".
func CurrencyOf(locale string) string {
	parts := strings.FieldsFunc(locale, func(r rune) bool { return r == '_' || r == '-' })
	for _, part := range parts[min(1, len(parts)):] {
		region, err := language.ParseRegion(part)
		if err != nil || len(part) != 2 || part != strings.ToUpper(part) {
			continue
		}
		if part == "HR" || part == "BG" { // since the data was made
			return "EUR"
		}
		if unit, ok := currency.FromRegion(region); ok {
			return unit.String()
		}
	}
	return ""
}
