// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Member is one name and value of a JSON object. End is the offset in the body just after
// the value, for messages that name a column.
type Member struct {
	Name  string
	Value any
	End   int
}

// An Object is a JSON object that keeps the order of its members: Salesforce requires
// attributes first, and answers in the order asked for.
type Object []Member

// Get returns the member of that name, false if there is none.
func (o Object) Get(name string) (any, bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// Text returns the text of a member, "" if it is not text.
func (o Object) Text(name string) string {
	v, _ := o.Get(name)
	s, _ := v.(string)
	return s
}

// Flag returns a member that is true or false, false if it is absent. Any other value is
// refused: a guess could write what was to be rolled back. The text is modelled on those of
// fields.
func (o Object) Flag(name string) (bool, *Error) {
	v, said := o.Get(name)
	flag, ok := v.(bool)
	if said && v != nil && !ok {
		return false, Refuse(400, "JSON_PARSER_ERROR", "Cannot deserialize instance of boolean from the value of "+name)
	}
	return flag, nil
}

// Add appends a member.
func (o *Object) Add(name string, value any) { *o = append(*o, Member{Name: name, Value: value}) }

// BodyError returns the refusal of a body that is not JSON (docs/salesforce.md, Errors,
// JSON_PARSER_ERROR). It parses the body again, as a whole: the token decoder does not say
// where it met the wrong character.
func BodyError(body []byte) *Error {
	if len(bytes.TrimSpace(body)) == 0 {
		return Refuse(400, "JSON_PARSER_ERROR",
			"The HTTP entity body is required, but this request has no entity body.")
	}
	offset := len(body)
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(body, new(any)), &syntax) && int(syntax.Offset) <= len(body) {
		offset = int(syntax.Offset)
	}
	char := byte(0)
	if offset > 0 {
		char = body[offset-1]
	}
	return Refuse(400, "JSON_PARSER_ERROR", fmt.Sprintf(
		"Unexpected character ('%c' (code %d)): was expecting a valid value at [line:%d, column:%d]",
		char, char, 1+bytes.Count(body[:offset], []byte("\n")), offset+1))
}

// TimeLayout is how Salesforce writes a datetime (docs/salesforce.md, SOQL).
const TimeLayout = "2006-01-02T15:04:05.000-0700"

// Append appends v, which consists of the types of Decode and of the values that rows hold.
func Append(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case float64:
		return appendFloat(b, v)
	case time.Time:
		return Append(b, v.UTC().Format(TimeLayout))
	case Object:
		return appendObject(b, v)
	case []any:
		return appendList(b, v)
	case []string:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
		}
		return appendList(b, list)
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic("sftest: a reply that is not JSON: " + err.Error())
	}
	return append(b, text...)
}

// appendFloat writes numbers as Java does, in JSON and in CSV: 1.5, 2.0, 9.0E7
// (Bulk API 2.0 guide, Bulk Insert; forcedotcom/dataloader#1204).
func appendFloat(b []byte, f float64) []byte {
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-3 || size >= 1e7) {
		format = 'E'
	}
	mantissa, exponent, scientific := strings.Cut(strconv.FormatFloat(f, format, -1, 64), "E")
	b = append(b, mantissa...)
	if !strings.Contains(mantissa, ".") {
		b = append(b, ".0"...)
	}
	if scientific {
		n, _ := strconv.Atoi(exponent)
		b = strconv.AppendInt(append(b, 'E'), int64(n), 10)
	}
	return b
}

func appendObject(b []byte, o Object) []byte {
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = Append(b, m.Name)
		b = append(b, ':')
		b = Append(b, m.Value)
	}
	return append(b, '}')
}

func appendList(b []byte, list []any) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = Append(b, v)
	}
	return append(b, ']')
}

// Sorted puts the members in the order of their names, as describes have them.
func Sorted(o Object) Object {
	slices.SortFunc(o, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return o
}

// Texts returns the texts of a member that is a list.
func (o Object) Texts(name string) []string {
	v, _ := o.Get(name)
	list, _ := v.([]any)
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = TextOf(list[i])
	}
	return texts
}
