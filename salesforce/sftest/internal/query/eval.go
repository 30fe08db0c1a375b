package query

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// A matcher is a condition bound to the schema.
type matcher interface {
	match(e *evaluation, r *db.Row) bool
	// candidates are rows among which all matching ones are, found by an index;
	// false when the matcher cannot tell without looking at every row.
	candidates(e *evaluation) ([]*db.Row, bool)
}

// An evaluation runs a bound query.
type evaluation struct {
	engine *Engine
	all    bool
}

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

// candidates of a conjunction are the fewest that one of its parts knows.
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

// compareValues orders two values of one field; text without regard to case.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(strings.ToLower(a), strings.ToLower(b))
		}
	case int:
		if b, ok := b.(int); ok {
			return cmp.Compare(a, b)
		}
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b)
		}
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b)
		}
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func (m *includesMatcher) match(e *evaluation, r *db.Row) bool {
	v, _ := e.engine.Follow(r, m.path, e.all).(string)
	chosen := strings.Split(strings.ToLower(v), ";")
	in := slices.ContainsFunc(m.sets, func(set []string) bool {
		return !slices.ContainsFunc(set, func(option string) bool { return !slices.Contains(chosen, option) })
	})
	return in != m.negated
}

// A Query is a statement bound to the schema.
type Query struct {
	Obj     *db.Object
	Shape   *Shape
	Paths   []*Path // the fields selected
	Count   bool
	where   matcher
	Group   *grouping // nil unless it answers groups
	orderBy []boundOrder
	limit   int // -1 for none
	Offset  int
	All     bool
	view    bool // the rows count as seen
}

type boundOrder struct {
	path *Path
	ordering
}

// bind gives a statement its meaning, or refuses it.
func (e *Engine) bind(s *statement, all bool) (*Query, *Error) {
	obj := e.db.Requested(s.from.text)
	if obj == nil {
		return nil, &Error{code: "INVALID_TYPE", at: s.from.at, message: fmt.Sprintf("sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", s.from.text)}
	}
	return e.bindTo(obj, s, all, 1)
}

// bindTo binds a statement about an object, at a level of child queries.
func (e *Engine) bindTo(obj *db.Object, s *statement, all bool, level int) (*Query, *Error) {
	b, err := e.newBinder(obj, s, all)
	if err != nil {
		return nil, err
	}
	q := &Query{Obj: obj, Shape: &Shape{}, Count: s.count, limit: s.limit, Offset: max(s.offset, 0), All: all, view: s.view}
	if q.where, err = b.where(s.where); err != nil {
		return nil, err
	}
	if err := b.scope(s, q); err != nil {
		return nil, err
	}
	switch {
	case s.offset > maxOffset:
		return nil, &Error{code: "NUMBER_OUTSIDE_VALID_RANGE", at: -1, message: "Maximum SOQL offset allowed is 2000"}
	case s.count && (len(s.groupBy) > 0 || len(s.orderBy) > 0):
		// SOQL reference, COUNT(); the text is not known.
		return nil, malformed(-1, "COUNT() cannot be used with GROUP BY or ORDER BY")
	case s.count:
		return q, nil
	case s.aggregates():
		return q, b.bindGroups(s, q)
	}
	if err := b.selectItems(s, q, level); err != nil {
		return nil, err
	}
	return q, b.orderBy(s, q)
}

// scopes are those of the SOQL reference, of which the fake knows the first two.
var scopes = strings.Fields("everything mine delegated mine_and_my_groups my_territory my_team_territory team")

// scope adds what USING SCOPE asks for.
func (b *binder) scope(s *statement, q *Query) *Error {
	owner := b.obj.Field("OwnerId")
	switch {
	case s.scope.kind == tokenEnd, s.scope.is("everything"):
	case s.scope.is("mine") && owner != nil:
		mine := &setMatcher{path: &Path{Obj: b.obj, Last: owner}, keys: map[string]struct{}{b.engine.db.UserID: {}}}
		q.where = allOf{q.where, mine}
	case slices.ContainsFunc(scopes, s.scope.is):
		return beyond("the scope " + s.scope.text)
	default:
		return unexpected(s.scope)
	}
	return nil
}

func (b *binder) orderBy(s *statement, q *Query) *Error {
	for _, ordering := range s.orderBy {
		p, err := b.ordered(ordering.expr)
		if err != nil {
			return err
		}
		if f := p.Last; f != nil && p.function == "" && (!f.Filterable || f.Type == "address" || f.Type == "multipicklist") {
			return &Error{code: "INVALID_FIELD", at: ordering.expr.name.at, message: fmt.Sprintf("field '%s' can not be sorted in a query call", f.Name)}
		}
		q.orderBy = append(q.orderBy, boundOrder{p, ordering})
	}
	return nil
}

func (b *binder) ordered(x *expr) (*Path, *Error) {
	switch {
	case x.arg == nil:
		return b.path(x.name)
	case x.name.is(distance):
		return b.distance(x)
	}
	return nil, beyond("the function " + x.name.text + " in ORDER BY without GROUP BY")
}

// Run returns the rows or groups of a query, in the order of creation where it
// does not say another one.
func (e *Engine) Run(q *Query) []*db.Row {
	found := e.matching(q)
	if q.Group != nil {
		found = e.groups(q, found)
	}
	if len(q.orderBy) > 0 {
		slices.SortStableFunc(found, func(a, b *db.Row) int { return e.compareRows(q, a, b) })
	}
	found = found[min(q.Offset, len(found)):]
	if q.limit >= 0 {
		found = found[:min(q.limit, len(found))]
	}
	return found
}

// matching are the rows that the query's condition selects.
func (e *Engine) matching(q *Query) []*db.Row {
	run := &evaluation{engine: e, all: q.All}
	candidates, indexed := q.where.candidates(run)
	if !indexed {
		candidates = q.Obj.Rows
	}
	var found []*db.Row
	for _, r := range candidates {
		if (q.All || !r.Deleted()) && q.where.match(run, r) {
			found = append(found, r)
		}
	}
	if indexed {
		slices.SortFunc(found, func(a, b *db.Row) int { return cmp.Compare(a.Seq, b.Seq) })
		found = slices.Compact(found)
	}
	return found
}

// compareRows orders two rows; nulls come first unless NULLS LAST
// (SALESFORCE.md 7), which does nothing for references (SOQL reference, ORDER BY).
func (e *Engine) compareRows(q *Query, a, b *db.Row) int {
	for _, order := range q.orderBy {
		x, y := e.Follow(a, order.path, q.All), e.Follow(b, order.path, q.All)
		if x == nil || y == nil {
			switch {
			case x == nil && y == nil:
				continue
			case (x == nil) != (order.nullsLast && order.path.kind() != db.KindID):
				return -1
			}
			return 1
		}
		if c := order.path.compare(x, y); c != 0 {
			if order.desc {
				return -c
			}
			return c
		}
	}
	return 0
}
