// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// wrongLiteral refuses a literal; its place is that of the field
// (roblesterjr04/EloquentSalesForce#68).
func (n *compareNode) wrongLiteral(p *Path) *Error {
	name := p.Names[len(p.Names)-1]
	kind, quoted := p.typeName(), " and should be enclosed in quotes"
	switch p.kind() {
	case db.KindBool, db.KindInt, db.KindNumber, db.KindDate, db.KindDatetime, db.KindTime:
		quoted = " and should not be enclosed in quotes"
	default:
		kind = "string"
	}
	if kind == "datetime" {
		kind = "dateTime"
	}
	return &Error{
		code: "INVALID_FIELD", at: n.operand.name.at,
		message: fmt.Sprintf("value of filter criterion for field '%s' must be of type %s%s", name, kind, quoted),
	}
}

// literal returns a token as a value of the path's type; null and the empty string are nil. A
// boolean is never null: null means false.
func (b *binder) literal(p *Path, n *compareNode, t token) (any, *Error) {
	k := p.kind()
	if t.wild {
		return nil, badEscape(t.at)
	}
	if t.is("null") {
		if k == db.KindBool {
			return false, nil
		}
		return nil, nil
	}
	switch {
	case k == db.KindID && t.kind == tokenString:
		return n.idLiteral(t)
	case (k == db.KindText || k == db.KindEmail || k == db.KindPicklist) && t.kind == tokenString:
		if t.value == "" {
			return nil, nil
		}
		return t.value, nil
	case k == db.KindBool && (t.is("true") || t.is("false")):
		return t.is("true"), nil
	case k == db.KindInt && t.kind == tokenNumber:
		if whole, err := strconv.Atoi(t.text); err == nil {
			return whole, nil
		}
	case k == db.KindNumber && t.kind == tokenNumber:
		if number, err := strconv.ParseFloat(t.text, 64); err == nil {
			return number, nil
		}
	case k == db.KindDate && t.kind == tokenDate:
		if day, ok := db.ParseDate(t.text); ok {
			return day, nil
		}
	case k == db.KindTime && t.kind == tokenTime:
		if at, ok := db.ParseTime(t.text); ok {
			return at, nil
		}
	case k == db.KindDatetime && t.kind == tokenDatetime:
		if at, ok := db.ParseDatetime(colonZone(t.text)); ok {
			return at, nil
		}
	}
	return nil, n.wrongLiteral(p)
}

func (n *compareNode) idLiteral(t token) (any, *Error) {
	if t.value == "" {
		return nil, nil
	}
	id, ok := wire.CanonicalID(t.value)
	if !ok {
		return nil, &Error{
			code: "INVALID_QUERY_FILTER_OPERATOR", at: n.operand.name.at,
			message: "invalid ID field: " + t.value,
		}
	}
	return id, nil
}

// colonZone adds the colon to a zone such as +0000, where a statement may omit it.
func colonZone(s string) string {
	if n := len(s); n > 5 && strings.IndexByte("+-", s[n-5]) >= 0 {
		return s[:n-2] + ":" + s[n-2:]
	}
	return s
}

// span returns the first and the last value of a literal: a date literal such as TODAY is more
// than one instant. Days are those of UTC, the time zone of the fake's user.
func (b *binder) span(p *Path, n *compareNode, t token) (low, high any, err *Error) {
	if !isRange(t) {
		v, err := b.literal(p, n, t)
		return v, v, err
	}
	literal, ok := dateLiteralOf(t.text)
	if !ok || p.kind() != db.KindDate && p.kind() != db.KindDatetime {
		return nil, nil, n.wrongLiteral(p)
	}
	const most = 1_000_000 // further away than any date that Salesforce knows
	count, _ := strconv.Atoi(t.value)
	first, end := literal.span(b.engine.db.Now().UTC().Truncate(24*time.Hour), min(count, most))
	if p.kind() == db.KindDate {
		return first.Format(time.DateOnly), end.AddDate(0, 0, -1).Format(time.DateOnly), nil
	}
	return first, end.Add(-time.Second), nil
}

func isRange(t token) bool {
	return t.kind == tokenName && !t.is("null") && !t.is("true") && !t.is("false")
}
