// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// Options are what a conversion depends on. The zero value works.
type Options struct {
	// Zone is where an instant becomes a day or a clock time, and where text without
	// an offset is read. Nil means each instant's own zone, and UTC for text.
	Zone *time.Location
	// Refuse refuses text beyond the field's length, which is cut otherwise.
	Refuse bool
}

// A Problem says why a field does not take a value.
type Problem struct {
	Field string
	// Reason says which rule is broken. It holds no value.
	Reason string
}

// Error names the field and the reason.
func (p *Problem) Error() string { return p.Field + " " + p.Reason }

// A Note says what a field does not keep of a value.
type Note struct{ Field, Reason string }

// Convert returns value as a field takes it: see the exported Convert.
func Convert(field *salesforce.Field, value any, opts Options) (any, []Note, *Problem) {
	c := conversion{field: field, opts: opts}
	plain, ok := PlainValue(value)
	if !ok {
		return nil, nil, c.refuse(NotPlain)
	}
	if IsBlank(plain) {
		return nil, nil, nil
	}
	result, problem := c.convert(plain)
	if problem != nil {
		return nil, nil, problem
	}
	return result, c.notes, nil
}

// A conversion is one call of convert.
type conversion struct {
	field *salesforce.Field
	opts  Options
	notes []Note
}

func (c *conversion) refuse(format string, args ...any) *Problem {
	return &Problem{c.field.Name, fmt.Sprintf(format, args...)}
}

func (c *conversion) convert(value any) (any, *Problem) {
	if f := converterOf(c.field.Type); f != nil {
		return f(c, value)
	}
	return nil, c.refuse("has the type %s, which takes no value", c.field.Type)
}

// converterOf returns how values for a type of field are converted, nil for a
// type that takes none.
func converterOf(t salesforce.FieldType) func(*conversion, any) (any, *Problem) {
	switch t {
	case salesforce.TypeString, salesforce.TypeTextarea, salesforce.TypeEncrypted, salesforce.TypeCombobox:
		return (*conversion).text
	case salesforce.TypeEmail, salesforce.TypePhone, salesforce.TypeURL:
		return (*conversion).uncutText
	case salesforce.TypePicklist:
		return (*conversion).picklist
	case salesforce.TypeMultipicklist:
		return (*conversion).multipicklist
	case salesforce.TypeBoolean:
		return (*conversion).boolean
	case salesforce.TypeInt, salesforce.TypeLong:
		return (*conversion).integer
	case salesforce.TypeDouble, salesforce.TypeCurrency, salesforce.TypePercent:
		return (*conversion).decimal
	case salesforce.TypeDate, salesforce.TypeDatetime, salesforce.TypeTime:
		return (*conversion).temporal
	case salesforce.TypeID, salesforce.TypeReference:
		return (*conversion).id
	}
	return nil
}

// Fits reports whether text is a number or a boolean, whatever a field's limits are.
func Fits(t salesforce.FieldType, text string) bool {
	if t == salesforce.TypeBoolean {
		_, problem := (&conversion{field: &salesforce.Field{}}).boolean(text)
		return problem == nil
	}
	_, ok := parseNumber(text)
	return ok
}

// TakesValue reports whether fields of the type can be mapped to.
func TakesValue(t salesforce.FieldType) bool { return converterOf(t) != nil }

// NotPlain is the reason to refuse a value that PlainValue cannot reduce.
const NotPlain = "is not text, a finite number, a boolean, a time, or a list of them"

// PlainValue reduces what a source field may hold to nil, string, bool,
// json.Number, time.Time or []string.
func PlainValue(value any) (any, bool) {
	switch v := value.(type) {
	case nil, string, bool, time.Time, []string:
		return v, true
	case json.Number:
		return v, true
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, true
		}
		return PlainValue(v.Elem().Interface())
	case reflect.String:
		return v.String(), true
	case reflect.Bool:
		return v.Bool(), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(v.Int(), 10)), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return json.Number(strconv.FormatUint(v.Uint(), 10)), true
	case reflect.Float32, reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return nil, false
		}
		return json.Number(strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits())), true
	case reflect.Slice:
		return plainList(v)
	}
	return nil, false
}

func plainList(list reflect.Value) (any, bool) {
	if list.Type().Elem().Kind() == reflect.Uint8 {
		return nil, false // bytes
	}
	texts := make([]string, 0, list.Len())
	for i := range list.Len() {
		plain, ok := PlainValue(list.Index(i).Interface())
		if _, nested := plain.([]string); !ok || nested {
			return nil, false
		}
		if !IsBlank(plain) {
			texts = append(texts, TextOf(plain, nil))
		}
	}
	return texts, true
}

// IsBlank reports whether a plain value is empty. False and zero are not.
func IsBlank(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return BlankText(v)
	case json.Number:
		return BlankText(string(v))
	case time.Time:
		return v.IsZero()
	case []string:
		for _, s := range v {
			if !BlankText(s) {
				return false
			}
		}
		return true
	}
	return false
}

// TextOf writes a plain value as text.
func TextOf(value any, zone *time.Location) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case time.Time:
		return InZone(v, zone).Format(time.RFC3339)
	case []string:
		return strings.Join(TrimmedValues(v), "; ")
	}
	return ""
}

// text converts to text that may be cut.
func (c *conversion) text(value any) (any, *Problem) {
	text, problem := c.cleanText(value)
	if problem != nil || text == "" {
		return nil, problem
	}
	if c.field.Length <= 0 || Utf16Length(text) <= c.field.Length {
		return text, nil
	}
	if c.opts.Refuse {
		return nil, c.tooLong()
	}
	c.notes = append(c.notes, Note{c.field.Name, fmt.Sprintf("was cut to %d characters", c.field.Length)})
	return BlankToNil(truncate(text, c.field.Length)), nil
}

// uncutText converts to text that is never cut.
func (c *conversion) uncutText(value any) (any, *Problem) {
	text, problem := c.cleanText(value)
	if problem != nil || text == "" {
		return nil, problem
	}
	if c.field.Type == salesforce.TypeEmail {
		if text = asciiDomain(text); !validEmail(text) {
			return nil, c.refuse("is not an e-mail address that Salesforce takes")
		}
	}
	return c.bounded(text)
}

func (c *conversion) bounded(text string) (any, *Problem) {
	if c.field.Length > 0 && Utf16Length(text) > c.field.Length {
		return nil, c.tooLong()
	}
	return text, nil
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
	text, problem := c.cleanText(value)
	if problem != nil || text == "" {
		return nil, problem
	}
	option, problem := c.option(text)
	if problem != nil {
		return nil, problem
	}
	return c.bounded(option)
}

func (c *conversion) multipicklist(value any) (any, *Problem) {
	values, isList := value.([]string)
	if !isList {
		values = []string{TextOf(value, c.opts.Zone)}
	}
	var options []string
	for _, part := range SplitValues(strings.Join(values, ";")) {
		text, problem := c.cleanText(part)
		if problem != nil {
			return nil, problem
		}
		if text == "" {
			continue
		}
		option, problem := c.option(text)
		if problem != nil {
			return nil, problem
		}
		if !ContainsFold(options, option) {
			options = append(options, option)
		}
	}
	if len(options) == 0 {
		return nil, nil
	}
	return c.bounded(strings.Join(options, ";"))
}

// option returns text as the picklist spells it.
func (c *conversion) option(text string) (string, *Problem) {
	option, ok := FindOption(c.field, text)
	switch {
	case ok:
		return option, nil
	case c.field.RestrictedPicklist:
		return "", c.refuse("is not an active option of the restricted picklist")
	}
	return text, nil
}

func (c *conversion) boolean(value any) (any, *Problem) {
	switch strings.ToLower(strings.TrimSpace(TextOf(value, nil))) {
	case "true", "t", "yes", "y", "on", "1":
		return true, nil
	case "false", "f", "no", "n", "off", "0":
		return false, nil
	}
	return nil, c.refuse("is not a boolean: true, false, yes, no, on, off, 1 or 0")
}

func (c *conversion) id(value any) (any, *Problem) {
	id, err := salesforce.ParseID(TextOf(value, nil))
	if err != nil {
		return nil, c.refuse("is not a record id of 15 or 18 characters")
	}
	return string(id), nil
}

func (c *conversion) integer(value any) (any, *Problem) {
	number, ok := parseNumber(TextOf(value, nil))
	if !ok || !number.IsInt() {
		return nil, c.refuse("is not a whole number")
	}
	n := number.Num()
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

// unboundedScale is how many decimals are kept where describe names no limit.
// A float64 holds at most as many.
const unboundedScale = 17

func (c *conversion) decimal(value any) (any, *Problem) {
	text := strings.TrimSpace(TextOf(value, nil))
	if c.field.Type == salesforce.TypePercent {
		text = strings.TrimSpace(strings.TrimSuffix(text, "%"))
	}
	number, ok := parseNumber(text)
	if !ok {
		return nil, c.refuse("is not a number")
	}
	rounded := roundNumber(number, c.field)
	whole, _, _ := strings.Cut(strings.TrimLeft(rounded, "-0"), ".")
	if limit := c.field.Precision - c.field.Scale; c.field.Precision > 0 && len(whole) > limit {
		return nil, c.refuse("has more than %d digits before the decimal point", limit)
	}
	return json.Number(rounded), nil
}

// roundNumber writes number to the field's scale, without trailing zeros.
func roundNumber(number *big.Rat, field *salesforce.Field) string {
	scale := field.Scale
	if field.Precision <= 0 {
		scale = unboundedScale
	}
	text := number.FloatString(max(scale, 0))
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

// longestNumber and longestExponent keep a number from growing beyond reason
// when it is expanded, and let any float64 pass; no Salesforce number has more
// than 18 digits.
const (
	longestNumber   = 400
	longestExponent = 3
)

// parseNumber reads a decimal such as -12.50 or 1e6, in full. One beyond a
// float64 is none.
func parseNumber(text string) (*big.Rat, bool) {
	text = strings.TrimSpace(text)
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(unsigned(mantissa), ".")
	exponent = unsigned(exponent)
	switch {
	case len(text) > longestNumber, !AllDigits(whole), !AllDigits(fraction), whole+fraction == "":
		return nil, false
	case scientific && (exponent == "" || !AllDigits(exponent) || len(exponent) > longestExponent):
		return nil, false
	}
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, false
	}
	near, _ := number.Float64()
	return number, !math.IsInf(near, 0)
}

func unsigned(text string) string {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

// AllDigits reports whether text has no character but ASCII digits.
func AllDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
