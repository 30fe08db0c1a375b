// SPDX-License-Identifier: Apache-2.0

package leadcsv

import (
	"regexp"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/blank"
	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/internal/value"
)

const (
	isError     = "is an error of a spreadsheet"
	lostDigits  = "is a number that has lost digits in a spreadsheet: format the column as text before the export"
	notRecordID = "is not the id of a record in Salesforce, which has 15 or 18 letters and digits"
	notCountry  = "is a number and no country, such as a calling code"
	notNumber   = "is not a number that can be read in one way only"
)

var (
	// exponent is a number as spreadsheets show a long one.
	exponent = regexp.MustCompile(`^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$`)
	// rounded is a number of which a spreadsheet has kept 15 digits.
	rounded = regexp.MustCompile(`^[1-9]\d{14}0+$`)
	// fraction is what a program makes of digits that it takes for a number.
	fraction = regexp.MustCompile(`^\d+[.,]0+$`)
	// numeric is a calling code, or the number that a country has in a list.
	numeric  = regexp.MustCompile(`^\(?\+?\d{1,5}\)?$`)
	recordID = regexp.MustCompile(`^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$`)
	// decimal is a number with a decimal comma, which can be no separator of thousands.
	decimal     = regexp.MustCompile(`^-?\d+,(?:\d{1,2}|\d{4,})$`)
	plainNumber = regexp.MustCompile(`^-?\d+(?:\.\d+)?$`)
)

// read returns a text as its column takes it, "" for one that stands for no value. Where it
// cannot be taken, reason says why.
func (f *file) read(c *column, text string) (taken string, kind ProblemKind, reason string) {
	none := blank.Always(text)
	if none && len(text) > 2 && strings.HasPrefix(text, "#") {
		return "", Damaged, isError
	}
	switch c.holds {
	case "capturedAt", "enrichedAt", "updatedAt":
		if none {
			return "", "", ""
		}
		return f.readTime(c, text)
	case "scans", "revision", "score":
		if none {
			return "", "", ""
		}
		return readNumber(c.holds, text)
	case "phone", "mobilePhone", "companyPhone":
		number, err := reading.PhoneText(text)
		if err != nil {
			return "", Damaged, err.Error()
		}
		return number, "", ""
	case "contactId", "leadId", "accountId":
		switch {
		case none:
			return "", "", ""
		case exponent.MatchString(text):
			return "", Damaged, lostDigits
		case !recordID.MatchString(text):
			return "", Unreadable, notRecordID
		}
	case "id":
		switch {
		case none:
			return "", "", ""
		case exponent.MatchString(text), rounded.MatchString(text), fraction.MatchString(text):
			return "", Damaged, lostDigits
		}
	case "country", "companyCountry":
		if numeric.MatchString(text) {
			return "", Unreadable, notCountry
		}
	case "email", "otherEmails", "capturedBy", "postalCode", "companyPostalCode", "eventId":
		if exponent.MatchString(text) || fraction.MatchString(text) {
			return "", Damaged, lostDigits
		}
	}
	return text, "", ""
}

// readTime returns a time as leadtype.Lead.Set takes it.
func (f *file) readTime(c *column, text string) (taken string, kind ProblemKind, reason string) {
	moment, err := reading.ReadDateBy(text, c.order)
	switch {
	case reading.HasTwoReadings(err):
		return "", TwoReadings, "is a date that can be read in two ways: say Options.DateOrder, or write years in full"
	case err != nil:
		return "", Unreadable, err.Error()
	}
	at, err := value.MomentIn(moment, f.opts.Location)
	if err != nil {
		return "", Unreadable, err.Error()
	}
	return at.Format(time.RFC3339Nano), "", ""
}

// readNumber returns a number as leadtype.Lead.Set takes it.
func readNumber(source, text string) (taken string, kind ProblemKind, reason string) {
	switch {
	case exponent.MatchString(text):
		return "", Damaged, lostDigits
	case fraction.MatchString(text) && !strings.HasSuffix(text, ",000"):
		text = text[:strings.IndexAny(text, ".,")]
	case source == "score" && decimal.MatchString(text):
		text = strings.Replace(text, ",", ".", 1)
	}
	if !plainNumber.MatchString(text) {
		return "", Unreadable, notNumber
	}
	return text, "", ""
}
