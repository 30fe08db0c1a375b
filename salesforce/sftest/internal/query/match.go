// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

type (
	allOf []matcher
	anyOf []matcher
	not   struct{ part matcher }
	// setMatcher is =, !=, IN and NOT IN.
	setMatcher struct {
		path    *Path
		keys    map[string]struct{}
		null    bool
		negated bool
	}
	// orderMatcher compares by order, and with the spans of date literals.
	orderMatcher struct {
		path      *Path
		op        string
		low, high any
	}
	includesMatcher struct {
		path    *Path
		sets    [][]string
		negated bool
	}
)

func (m allOf) match(e *evaluation, r *db.Row) bool {
	return !slices.ContainsFunc(m, func(part matcher) bool { return !part.match(e, r) })
}

// candidates returns the shortest list that one of the parts has.
func (m allOf) candidates(e *evaluation) ([]*db.Row, bool) {
	var best []*db.Row
	found := false
	for _, part := range m {
		if rows, ok := part.candidates(e); ok && (!found || len(rows) < len(best)) {
			best, found = rows, true
		}
	}
	return best, found
}

func (m anyOf) match(e *evaluation, r *db.Row) bool {
	return slices.ContainsFunc(m, func(part matcher) bool { return part.match(e, r) })
}

func (m anyOf) candidates(e *evaluation) ([]*db.Row, bool) {
	var union []*db.Row
	for _, part := range m {
		rows, ok := part.candidates(e)
		if !ok {
			return nil, false
		}
		union = append(union, rows...)
	}
	return union, true
}

func (m not) match(e *evaluation, r *db.Row) bool              { return !m.part.match(e, r) }
func (m not) candidates(*evaluation) ([]*db.Row, bool)         { return nil, false }
func (*orderMatcher) candidates(*evaluation) ([]*db.Row, bool) { return nil, false }
func (*includesMatcher) candidates(*evaluation) ([]*db.Row, bool) {
	return nil, false
}

func (m *setMatcher) match(e *evaluation, r *db.Row) bool {
	v := e.engine.Follow(r, m.path, e.all)
	if v == nil {
		return m.null != m.negated
	}
	_, in := m.keys[m.path.key(v)]
	return in != m.negated
}

func (m *setMatcher) candidates(e *evaluation) ([]*db.Row, bool) {
	p := m.path
	if m.negated || m.null || p.Last == nil || p.apply != nil || p.cell != "" {
		return nil, false
	}
	rows, ok := p.Obj.Having(p.Last, m.keys)
	for i := len(p.hops) - 1; ok && i >= 0; i-- {
		ids := make(map[string]struct{}, len(rows))
		for _, r := range rows {
			ids[r.ID] = struct{}{}
		}
		rows, ok = p.from[i].Having(p.hops[i], ids)
	}
	return rows, ok
}

func (m *orderMatcher) match(e *evaluation, r *db.Row) bool {
	v := e.engine.Follow(r, m.path, e.all)
	if v == nil || m.low == nil {
		return m.op == "!=" && v != nil
	}
	low, high := m.path.order(v, m.low), m.path.order(v, m.high)
	switch m.op {
	case "<":
		return low < 0
	case "<=":
		return high <= 0
	case ">":
		return high > 0
	case ">=":
		return low >= 0
	case "!=":
		return low < 0 || high > 0
	}
	return low >= 0 && high <= 0
}

func (m *includesMatcher) match(e *evaluation, r *db.Row) bool {
	v, _ := e.engine.Follow(r, m.path, e.all).(string)
	chosen := strings.Split(strings.ToLower(v), ";")
	in := slices.ContainsFunc(m.sets, func(set []string) bool {
		return !slices.ContainsFunc(set, func(option string) bool { return !slices.Contains(chosen, option) })
	})
	return in != m.negated
}
