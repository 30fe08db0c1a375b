// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/reading"
	"github.com/leadsync/leadsync/salesforce"
)

// Options are what a conversion depends on. The zero value works.
type Options struct {
	// Zone is where an instant becomes a day or a clock time, and where text without
	// an offset is read. Nil means each instant's own zone, and UTC for text.
	Zone *time.Location
	// Refuse refuses text beyond the field's length, which is cut otherwise.
	Refuse bool
	// Numbers are how texts are read as numbers, nil for the zero value.
	Numbers *Numbers
	// Controller is what the options of a dependent picklist depend on, nil where that
	// is not known.
	Controller *Controller
}

// A Problem is the reason why a field does not take a value.
type Problem struct {
	Field string
	// Reason says which rule is broken. It holds no value.
	Reason string
	// Option is the value, where a restricted picklist does not have it.
	Option string
}

// Error names the field and the reason.
func (p *Problem) Error() string { return p.Field + " " + p.Reason }

// A Note says what a field does not keep of a value.
type Note struct{ Field, Reason string }

// Convert returns a value as a field takes it, by the field's type and limits in
// describe; mapping.Convert says what that means for each type. What is cut is noted.
func Convert(field *salesforce.Field, value any, opts Options) (any, []Note, *Problem) {
	c := conversion{field: field, opts: opts}
	plain, ok := PlainValue(value)
	if !ok {
		return nil, nil, c.refuse(NotPlain)
	}
	c.given = plain
	if IsBlank(plain) {
		return nil, nil, nil
	}
	result, problem := c.convert(plain)
	if problem != nil {
		return nil, nil, problem
	}
	return result, c.notes, nil
}

// A conversion is one call of Convert.
type conversion struct {
	field *salesforce.Field
	opts  Options
	given any
	notes []Note
}

// boxed returns text, as the value that was given where it is that: another one would be a copy.
func (c *conversion) boxed(text string) any {
	if given, ok := c.given.(string); ok && given == text {
		return c.given
	}
	return text
}

func (c *conversion) refuse(format string, args ...any) *Problem {
	return &Problem{Field: c.field.Name, Reason: fmt.Sprintf(format, args...)}
}

func (c *conversion) convert(value any) (any, *Problem) {
	if c.field.RichText() {
		return c.richText(value)
	}
	switch c.field.Type {
	case salesforce.TypeString, salesforce.TypeTextarea, salesforce.TypeEncrypted, salesforce.TypeCombobox:
		return c.text(value)
	case salesforce.TypeEmail, salesforce.TypePhone, salesforce.TypeURL:
		return c.uncutText(value)
	case salesforce.TypePicklist:
		return c.picklist(value)
	case salesforce.TypeMultipicklist:
		return c.multipicklist(value)
	case salesforce.TypeBoolean:
		return c.boolean(value)
	case salesforce.TypeInt, salesforce.TypeLong:
		return c.integer(value)
	case salesforce.TypeDouble, salesforce.TypeCurrency, salesforce.TypePercent:
		return c.decimal(value)
	case salesforce.TypeDate, salesforce.TypeDatetime, salesforce.TypeTime:
		return c.temporal(value)
	case salesforce.TypeID, salesforce.TypeReference:
		return c.id(value)
	}
	return nil, c.refuse("has the type %s, which cannot be written", c.field.Type)
}

// TakesValue reports whether fields of the type can be mapped to.
func TakesValue(t salesforce.FieldType) bool { return slices.Contains(taken, t) }

var taken = []salesforce.FieldType{
	salesforce.TypeString, salesforce.TypeTextarea, salesforce.TypeEncrypted, salesforce.TypeCombobox,
	salesforce.TypeEmail, salesforce.TypePhone, salesforce.TypeURL, salesforce.TypePicklist, salesforce.TypeMultipicklist,
	salesforce.TypeBoolean, salesforce.TypeInt, salesforce.TypeLong, salesforce.TypeDouble, salesforce.TypeCurrency,
	salesforce.TypePercent, salesforce.TypeDate, salesforce.TypeDatetime, salesforce.TypeTime, salesforce.TypeID,
	salesforce.TypeReference,
}

// text converts to text that may be cut.
func (c *conversion) text(value any) (any, *Problem) {
	text, problem := c.cleanText(value)
	if problem != nil || text == "" {
		return nil, problem
	}
	if c.field.Length <= 0 || UTF16Length(text) <= c.field.Length {
		return c.boxed(text), nil
	}
	if c.opts.Refuse {
		return nil, c.tooLong()
	}
	c.notes = append(c.notes, cutNote(c.field))
	return BlankToNil(truncate(text, c.field.Length)), nil
}

// uncutText converts to text that is never cut.
func (c *conversion) uncutText(value any) (any, *Problem) {
	text, problem := c.cleanText(value)
	if problem != nil || text == "" {
		return nil, problem
	}
	if c.field.Type == salesforce.TypeEmail {
		address, err := reading.ReadEmail(TextOf(value, nil)) // whose lines are not joined
		if err != nil {
			return nil, c.refuse("%s", err)
		}
		if text = asciiDomain(address); !validEmail(text) {
			return nil, c.refuse("is not an e-mail address that Salesforce accepts")
		}
	}
	if c.field.Type == salesforce.TypeURL && beginsAddress(text) {
		return nil, c.refuse("is the beginning of a web address alone")
	}
	if c.field.Type == salesforce.TypePhone {
		number, err := reading.PhoneText(text)
		if err != nil {
			return nil, c.refuse("%s", err)
		}
		text = number
	}
	return c.bounded(text)
}

// beginsAddress reports whether text is what a web address begins with, and no more.
func beginsAddress(text string) bool {
	switch strings.ToLower(text) {
	case "http", "https", "www":
		return true
	}
	return false
}

func cutNote(field *salesforce.Field) Note {
	return Note{field.Name, fmt.Sprintf("was cut to %d characters", field.Length)}
}

func (c *conversion) bounded(text string) (any, *Problem) {
	if c.field.Length > 0 && UTF16Length(text) > c.field.Length {
		return nil, c.tooLong()
	}
	return c.boxed(text), nil
}

func (c *conversion) tooLong() *Problem {
	return c.refuse("is longer than %d characters", c.field.Length)
}

func (c *conversion) cleanText(value any) (string, *Problem) {
	text, ok := CleanText(TextOf(value, c.opts.Zone), c.field.Type == salesforce.TypeTextarea)
	if !ok {
		return "", c.refuse("is not valid UTF-8")
	}
	return text, nil
}

func (c *conversion) picklist(value any) (any, *Problem) {
	whole := TextOf(value, c.opts.Zone)
	text, problem := c.cleanText(whole)
	if problem != nil || text == "" {
		return nil, problem
	}
	if option, hits := OptionFor(c.field, text, c.opts.Controller); hits == 1 {
		return c.bounded(option)
	}
	if list, _ := value.([]string); len(TrimmedValues(list)) > 1 || c.namesSeveral(whole) {
		return nil, c.refuse("takes one option")
	}
	option, problem := c.option(text)
	if problem != nil {
		return nil, problem
	}
	return c.bounded(option)
}

// namesSeveral reports whether text has parts that all are options.
func (c *conversion) namesSeveral(text string) bool {
	if len(c.field.PicklistValues) == 0 {
		return false
	}
	parts, _ := SplitList(text, c.isOption)
	return len(parts) > 1 && !slices.ContainsFunc(parts, func(part string) bool { return !c.isOption(part) })
}

func (c *conversion) multipicklist(value any) (any, *Problem) {
	values, isList := value.([]string)
	if !isList {
		values = []string{TextOf(value, c.opts.Zone)}
	}
	var options []string
	for _, text := range values {
		parts, ok := SplitList(text, c.isOption)
		if !ok {
			return nil, c.refuse("has a part that is not exactly one active option of the picklist")
		}
		for _, part := range parts {
			option, problem := c.option(part)
			if problem != nil {
				return nil, problem
			}
			if !ContainsFold(options, option) {
				options = append(options, option)
			}
		}
	}
	if len(options) == 0 {
		return nil, nil
	}
	return c.bounded(strings.Join(options, ";"))
}

// isOption reports whether text names an option, or several.
func (c *conversion) isOption(text string) bool {
	_, hits := OptionFor(c.field, text, c.opts.Controller)
	if hits == 0 && c.opts.Controller != nil {
		_, hits = OptionFor(c.field, text, nil)
	}
	return hits > 0
}

// option returns text as the picklist spells it.
func (c *conversion) option(text string) (string, *Problem) {
	text, problem := c.cleanText(text)
	if problem != nil {
		return "", problem
	}
	option, hits := OptionFor(c.field, text, c.opts.Controller)
	if hits == 0 && c.opts.Controller != nil {
		if _, others := OptionFor(c.field, text, nil); others > 0 {
			return "", c.refuse("is not an option for the value of %s", c.opts.Controller.Field.Name)
		}
	}
	switch {
	case hits == 1:
		return option, nil
	case hits > 1:
		return "", c.refuse("names more than one active option of the picklist")
	case c.field.RestrictedPicklist:
		problem = c.refuse(NoOption)
		problem.Option = text
		return "", problem
	}
	return text, nil
}

func (c *conversion) boolean(value any) (any, *Problem) {
	b, ok := reading.ReadYesNo(TextOf(value, nil))
	if !ok {
		return nil, c.refuse("is not a yes or a no, such as true, false, yes, no, 1, 0, x, ja or nein")
	}
	return b, nil
}

func (c *conversion) id(value any) (any, *Problem) {
	id, err := salesforce.ParseID(TextOf(value, nil))
	switch {
	case err != nil && slices.Contains(c.field.ReferenceTo, salesforce.ObjectUser):
		return nil, c.refuse("is neither an e-mail address nor a record id of 15 or 18 characters")
	case err != nil:
		return nil, c.refuse("is not a record id of 15 or 18 characters")
	}
	return string(id), nil
}

func (c *conversion) integer(value any) (any, *Problem) {
	whole, problem := c.number(value)
	if problem != nil {
		return nil, problem
	}
	n := whole.Num()
	limit := int64(math.MaxInt64)
	if c.field.Type == salesforce.TypeInt {
		limit = math.MaxInt32
	}
	if !n.IsInt64() || n.CmpAbs(big.NewInt(limit)) > 0 {
		return nil, c.refuse("is outside the range of the field")
	}
	if digits := len(new(big.Int).Abs(n).String()); c.field.Digits > 0 && digits > c.field.Digits {
		return nil, c.refuse("has more than %d digits", c.field.Digits)
	}
	return n.Int64(), nil
}

func (c *conversion) decimal(value any) (any, *Problem) {
	exact, problem := c.number(value)
	if problem != nil {
		return nil, problem
	}
	rounded := roundNumber(exact, c.field)
	whole, _, _ := strings.Cut(strings.TrimLeft(rounded, "-0"), ".")
	if limit := c.field.Precision - c.field.Scale; c.field.Precision > 0 && len(whole) > limit {
		return nil, c.refuse("has more than %d digits before the decimal point", limit)
	}
	return json.Number(rounded), nil
}

// temporal converts to a date, a datetime or a time of day.
func (c *conversion) temporal(value any) (any, *Problem) {
	if c.field.Type == salesforce.TypeTime {
		clock, ok := readClock(value, c.opts.Zone)
		if !ok {
			return nil, c.refuse("is not a time such as 09:30:00")
		}
		return clock.Format(timeForm), nil
	}
	day := c.field.Type == salesforce.TypeDate
	instant, err := readMoment(value, c.opts.Zone, day)
	if err != nil {
		return nil, c.refuse("%s", err)
	}
	if !day {
		instant = instant.UTC()
	}
	if instant.Year() < firstYear || instant.Year() > lastYear {
		return nil, c.refuse("is outside the years %d to %d", firstYear, lastYear)
	}
	if day {
		return instant.Format(DateForm), nil
	}
	return instant.Truncate(time.Second).Format(datetimeForm), nil
}
