// SPDX-License-Identifier: Apache-2.0

package soql

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/leadsync/leadsync/salesforce/internal/name"
)

// A Condition is a part of a WHERE clause, made with Eq, In, Like, And and the
// like. The zero Condition is no condition: Where, And and Or leave it out.
type Condition struct {
	soql string
	// joiner is the outermost operator, AND or OR, if there is one.
	joiner string
	err    error
}

// Eq is field = value. The value is a string, bool, int, int64, float64, Literal,
// time.Time (a datetime, cut to the second) or nil; any other type is an error of
// Build. Ne, Lt, Le, Gt and Ge take the same, but the last four no nil.
func Eq(field string, value any) Condition { return compare(field, "=", value) }

// Ne is field != value; see Eq.
func Ne(field string, value any) Condition { return compare(field, "!=", value) }

// Lt is field < value; see Eq.
func Lt(field string, value any) Condition { return compare(field, "<", value) }

// Le is field <= value; see Eq.
func Le(field string, value any) Condition { return compare(field, "<=", value) }

// Gt is field > value; see Eq.
func Gt(field string, value any) Condition { return compare(field, ">", value) }

// Ge is field >= value; see Eq.
func Ge(field string, value any) Condition { return compare(field, ">=", value) }

func compare(field, operator string, value any) Condition {
	text, err := literal(value)
	if value == nil && operator != "=" && operator != "!=" {
		err = errors.New("null has no order")
	}
	return on(field, operator+" "+text, err)
}

// on makes the condition of a field, or names the field in err.
func on(field, rest string, err error) Condition {
	if !name.IsPath(field) {
		return Condition{err: fmt.Errorf("malformed field name %q", field)}
	}
	if err != nil {
		return Condition{err: fmt.Errorf("field %s: %w", field, err)}
	}
	return Condition{soql: field + " " + rest}
}

// In is field IN (values). No values: a condition that no row meets (Id = null).
func In[T ~string](field string, values ...T) Condition {
	if len(values) == 0 && name.IsPath(field) {
		return Eq("Id", nil)
	}
	return list(field, "IN", values)
}

// NotIn is field NOT IN (values). No values: a condition that every row meets
// (Id != null).
func NotIn[T ~string](field string, values ...T) Condition {
	if len(values) == 0 && name.IsPath(field) {
		return Ne("Id", nil)
	}
	return list(field, "NOT IN", values)
}

func list[T ~string](field, operator string, values []T) Condition {
	if !name.IsPath(field) {
		return on(field, "", nil)
	}
	var b strings.Builder
	size := len(field) + len(operator) + len("  ()")
	for _, value := range values {
		size += len(value) + len("'',")
	}
	b.Grow(size)
	b.WriteString(field + " " + operator + " (")
	for i, value := range values {
		if i > 0 {
			b.WriteByte(',') // without a space: a list may fill the statement
		}
		if err := quote(&b, string(value)); err != nil {
			return on(field, "", err)
		}
	}
	b.WriteByte(')')
	return Condition{soql: b.String()}
}

// InSelect is the semi-join field IN (SELECT ...). Salesforce allows two of
// them in a statement, outside any OR, on id and reference fields.
func InSelect(field string, sub *Select) Condition {
	statement, err := sub.Build()
	return on(field, "IN ("+statement+")", err)
}

// NotInSelect is the anti-join field NOT IN (SELECT ...); see InSelect.
func NotInSelect(field string, sub *Select) Condition {
	statement, err := sub.Build()
	return on(field, "NOT IN ("+statement+")", err)
}

// A LikePart is a piece of a LIKE pattern: Text or Anything.
type LikePart struct {
	text     string
	anything bool
}

// Text matches text itself; %, _, quotes and backslashes in it are escaped.
func Text(text string) LikePart { return LikePart{text: text} }

// Anything matches any run of characters, also none.
func Anything() LikePart { return LikePart{anything: true} }

// Like is field LIKE pattern, where the pattern is made of Text and Anything.
func Like(field string, parts ...LikePart) Condition {
	var pattern strings.Builder
	length := 0
	for _, part := range parts {
		if part.anything {
			pattern.WriteByte('%')
			length++
			continue
		}
		if !utf8.ValidString(part.text) {
			return on(field, "", name.ErrInvalidUTF8)
		}
		escape(&pattern, part.text, true)
		length += name.Length(part.text)
	}
	if length > maxLiteral {
		return on(field, "", errLongLiteral)
	}
	return on(field, "LIKE '"+pattern.String()+"'", nil)
}

// And joins conditions with AND, leaving out zero ones; of none it is the zero
// Condition. Parentheses are added where SOQL needs them.
func And(conditions ...Condition) Condition { return join("AND", conditions) }

// Or joins conditions with OR; see And.
func Or(conditions ...Condition) Condition { return join("OR", conditions) }

func join(joiner string, conditions []Condition) Condition {
	var kept []Condition
	for _, c := range conditions {
		if c.err != nil {
			return c
		}
		if c.soql != "" {
			kept = append(kept, c)
		}
	}
	switch len(kept) {
	case 0:
		return Condition{}
	case 1:
		return kept[0]
	}
	parts := make([]string, len(kept))
	for i, c := range kept {
		parts[i] = c.within(joiner)
	}
	return Condition{soql: strings.Join(parts, " "+joiner+" "), joiner: joiner}
}

// within returns the condition as an operand of joiner. SOQL does not mix AND
// and OR without parentheses.
func (c Condition) within(joiner string) string {
	if c.joiner == "" || c.joiner == joiner {
		return c.soql
	}
	return "(" + c.soql + ")"
}

// Not negates a condition. Of the zero Condition it is the zero Condition.
func Not(c Condition) Condition {
	if c.err != nil || c.soql == "" {
		return c
	}
	return Condition{soql: "(NOT " + c.within("NOT") + ")"}
}
