// SPDX-License-Identifier: Apache-2.0

package query

import (
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// formatted returns FORMAT of a path: the value as a user in the locale en_US sees it, in US
// dollars (SOQL reference, FORMAT()).
func (p *Path) formatted() *Path {
	shown := *p
	kind, scale, money := p.kind(), 0, false
	if p.Last != nil {
		scale, money = p.Last.Scale, p.Last.Type == "currency" && p.as == db.KindUnknown
	}
	before := p.apply
	shown.formats = strings.Join(p.Names, ".") // which an alias replaces
	if p.function != "" {
		shown.formats = p.call()
	}
	shown.function, shown.as = formatted, db.KindText
	shown.apply = func(v any) any {
		if before != nil && p.cell == "" {
			v = before(v)
		}
		return format(v, kind, scale, money)
	}
	return &shown
}

// labelled returns toLabel of a path: the label of a picklist's value.
func (p *Path) labelled() *Path {
	if p == nil || p.Last == nil || p.Last.Labels == nil {
		return p
	}
	shown := *p
	shown.apply = func(v any) any { return p.Last.OptionLabel(wire.TextOf(v)) }
	return &shown
}

func format(v any, kind db.Kind, scale int, money bool) any {
	switch v := v.(type) {
	case int:
		return thousands(strconv.Itoa(v))
	case float64:
		text := thousands(strconv.FormatFloat(v, 'f', scale, 64))
		switch {
		case !money:
			return text
		case strings.HasPrefix(text, "-"):
			return "-$" + text[1:]
		}
		return "$" + text
	case time.Time:
		return v.UTC().Format("1/2/2006, 3:04 PM")
	case string:
		if kind == db.KindDate {
			return timeOf(v).Format("1/2/2006")
		}
	}
	return v
}

// thousands adds thousands separators to a number.
func thousands(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	start := len(whole) - len(strings.TrimPrefix(whole, "-"))
	for i := len(whole) - 3; i > start; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}
