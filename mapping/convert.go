// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// ConvertOptions are the options of Convert. The zero value works.
type ConvertOptions struct {
	// Zone is the time zone of the event: an instant becomes the calendar day and
	// the clock time there, and text without an offset is read there. Nil means
	// each instant's own zone, and UTC for text without one.
	Zone *time.Location
	// TooLong says what happens to text beyond the field's length: Truncate, the
	// default, or Fail. E-mail addresses, URLs, phone numbers, picklist values
	// and ids are never cut.
	TooLong Policy
	// NumberLocale, Currency and Range say how text becomes a number: see Mapping.NumberLocale,
	// Mapping.Currency and Rule.Range.
	NumberLocale string
	Currency     string
	Range        Range
}

// Convert returns value as a field takes it, by the field's type and limits in
// describe:
//   - text is trimmed, stripped of control characters, and limited in UTF-16 units;
//     where the field has one line, line breaks and tabs become a space;
//   - several values are joined with "; ", for a multipicklist with ";";
//   - a picklist value takes the spelling of the active option that it equals by value,
//     by label, or by one of them without regard to case; two such options are refused,
//     and a restricted picklist takes nothing else;
//   - several options in one text are separated where each part is one;
//   - numbers are rounded half away from zero to the field's scale: an int64 for
//     an int, else a json.Number. Text is read whole or not at all, with the grouping and
//     decimal marks, the digits and the words (Mio., lakh, 万) of any locale, for a percent
//     also with "%", for a currency with its sign or code. On an integer field one mark before
//     three digits groups them: "1.234" is 1234. On any other such a text is refused unless
//     NumberLocale decides. "1e6" is a million; "1.23E+05" is refused, because a spreadsheet
//     shows so a number of which digits are missing;
//   - dates are 2006-01-02, datetimes UTC to the second, times 15:04:05.000Z; text may be a
//     date in any form that has one reading only, such as 4 May 2026, 04.05.2026 or
//     13/04/2026, but not 03/04/2026, a year of two digits or a spreadsheet's day number.
//     A date alone is the first instant of its day, and a time that the clocks of the
//     event skip or show twice is refused;
//   - ids have 18 characters.
//
// Nil and blank text are nil, whatever the type. Converting what Convert
// returned gives the same again. The error is a *leadtype.Error with
// DATA_VALUE_VALIDATION that names the field and the rule.
func Convert(field *salesforce.Field, v any, opts ConvertOptions) (any, []leadtype.Warning, error) {
	converted, notes, problem := value.Convert(field, v, value.Options{Zone: opts.Zone, Refuse: opts.TooLong == Fail,
		Numbers: &value.Numbers{Locale: opts.NumberLocale, Currency: opts.Currency, Range: value.Range(opts.Range)}})
	if problem != nil {
		return nil, nil, verdict.OfField("convert", "", problem)
	}
	return converted, verdict.WarningsOf("", notes), nil
}
