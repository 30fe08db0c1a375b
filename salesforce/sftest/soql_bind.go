package sftest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A path is a field reached from a row over its parents.
type path struct {
	hops  []*field  // references to follow
	from  []*object // from[i] is the object of hops[i]
	obj   *object   // the object of last
	last  *field    // nil on a parent of several kinds
	loose string    // the field's name where last is nil, such as Type of Who
	names []string  // relationships and field as they are spelt in the schema
}

// looseFields are those of the Name object, which stands for a parent of
// several kinds (Who, What, Owner).
var looseFields = strings.Fields("Id Name Type FirstName LastName Email Phone Title Alias Username IsActive")

// A binder gives the names in a statement their meaning.
type binder struct {
	org   *Org
	obj   *object
	alias string
	all   bool // deleted rows too
}

func (b *binder) path(t token) (*path, *soqlError) {
	parts := strings.Split(t.text, ".")
	if len(parts) > 1 && (strings.EqualFold(parts[0], b.alias) || strings.EqualFold(parts[0], b.obj.name) && b.obj.relationship(parts[0]) == nil) {
		parts = parts[1:]
	}
	p := &path{obj: b.obj}
	for i, part := range parts[:len(parts)-1] {
		hop := p.obj.relationship(part)
		if hop == nil {
			return nil, noRelationship(part, t.at)
		}
		p.hops, p.from, p.names = append(p.hops, hop), append(p.from, p.obj), append(p.names, hop.Relationship)
		if hop.polymorphic() && i == len(parts)-2 {
			return b.loosePath(p, parts[i+1], t.at)
		}
		p.obj = b.org.objects[strings.ToLower(hop.ReferenceTo[0])]
		if p.obj == nil || !p.obj.readable || hop.polymorphic() {
			return nil, noRelationship(part, t.at)
		}
	}
	name := parts[len(parts)-1]
	p.last = p.obj.visible(name)
	if p.last == nil {
		return nil, noColumn(name, p.obj.name, t.at)
	}
	p.names = append(p.names, p.last.Name)
	return p, nil
}

func (b *binder) loosePath(p *path, name string, at int) (*path, *soqlError) {
	i := slices.IndexFunc(looseFields, func(known string) bool { return strings.EqualFold(known, name) })
	if i < 0 {
		return nil, noColumn(name, "Name", at)
	}
	p.obj, p.loose = nil, looseFields[i]
	p.names = append(p.names, p.loose)
	return p, nil
}

func noColumn(name, entity string, at int) *soqlError {
	return &soqlError{code: "INVALID_FIELD", at: at, message: fmt.Sprintf("No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", name, entity)}
}

func noRelationship(name string, at int) *soqlError {
	return &soqlError{code: "INVALID_FIELD", at: at, message: fmt.Sprintf("Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", name)}
}

// follow is the value at the path, null where a parent is missing. A deleted
// parent counts as missing unless deleted rows are asked for.
func (o *Org) follow(r *row, p *path, all bool) any {
	for _, hop := range p.hops {
		id, _ := o.value(r, hop).(string)
		if r = o.find(id); r == nil || r.deleted() && !all {
			return nil
		}
	}
	if p.last != nil {
		return o.value(r, p.last)
	}
	if p.loose == "Type" {
		return r.obj.name
	}
	if f := r.obj.visible(p.loose); f != nil {
		return o.value(r, f)
	}
	return nil
}

func (p *path) kind() kind {
	switch {
	case p.last != nil:
		return p.last.kind()
	case p.loose == "Id":
		return kindID
	case p.loose == "IsActive":
		return kindBool
	}
	return kindText
}

func (p *path) key(v any) string {
	if p.last != nil {
		return p.last.key(v)
	}
	return strings.ToLower(fmt.Sprint(v))
}

// where binds a condition.
func (b *binder) where(n node) (matcher, *soqlError) {
	switch n := n.(type) {
	case *andNode:
		parts, err := b.parts(n.parts)
		return allOf(parts), err
	case *orNode:
		parts, err := b.parts(n.parts)
		return anyOf(joinLikes(parts)), err
	case *notNode:
		part, err := b.where(n.part)
		return not{part}, err
	case *semiNode:
		return b.semiJoin(n)
	case *compareNode:
		return b.compare(n)
	}
	return allOf(nil), nil
}

func (b *binder) parts(nodes []node) ([]matcher, *soqlError) {
	matchers := make([]matcher, len(nodes))
	for i, n := range nodes {
		m, err := b.where(n)
		if err != nil {
			return nil, err
		}
		matchers[i] = m
	}
	return matchers, nil
}

func (b *binder) compare(n *compareNode) (matcher, *soqlError) {
	p, err := b.filter(n.field)
	if err != nil {
		return nil, err
	}
	if err := checkOperator(p, n); err != nil {
		return nil, err
	}
	switch n.op {
	case "LIKE":
		t := n.values[0]
		if t.kind != tokenString {
			return nil, wrongLiteral(p, t)
		}
		return newLikeMatcher(p, []like{compileLike(t.pattern)}), nil
	case "INCLUDES", "EXCLUDES":
		return b.includes(p, n)
	case "IN", "NOT IN":
		return b.equals(p, n)
	case "=", "!=":
		if !isRange(n.values[0]) {
			return b.equals(p, n)
		}
	}
	low, high, err := b.span(p, n.values[0])
	if err != nil {
		return nil, err
	}
	return &orderMatcher{path: p, op: n.op, low: low, high: high}, nil
}

func (b *binder) filter(t token) (*path, *soqlError) {
	p, err := b.path(t)
	if err == nil && p.last != nil && (!p.last.filterable || p.last.Type == "address") {
		return nil, &soqlError{code: "INVALID_FIELD", at: t.at, message: fmt.Sprintf("field '%s' can not be filtered in a query call", p.last.Name)}
	}
	return p, err
}

func checkOperator(p *path, n *compareNode) *soqlError {
	bad := &soqlError{code: "INVALID_QUERY_FILTER_OPERATOR", at: n.field.at, message: "invalid operator on " + operandType(p) + " field"}
	multi := p.last != nil && p.last.Type == "multipicklist"
	switch k := p.kind(); n.op {
	case "LIKE":
		if k != kindText && k != kindEmail && k != kindPicklist || multi {
			return bad
		}
	case "INCLUDES", "EXCLUDES":
		if !multi {
			return bad
		}
	case "<", "<=", ">", ">=":
		if k == kindBool || multi {
			return bad
		}
	}
	return nil
}

func operandType(p *path) string {
	if p.last != nil {
		return p.last.Type
	}
	return "string"
}

// equals binds the operators that compare by equality, over any number of
// values, as one lookup in a set.
func (b *binder) equals(p *path, n *compareNode) (matcher, *soqlError) {
	m := &setMatcher{path: p, negated: n.op == "!=" || n.op == "NOT IN", keys: make(map[string]struct{}, len(n.values))}
	for _, t := range n.values {
		v, err := b.literal(p, t)
		if err != nil {
			return nil, err
		}
		if v == nil {
			m.null = true
			continue
		}
		m.keys[p.key(v)] = struct{}{}
	}
	return m, nil
}

func (b *binder) includes(p *path, n *compareNode) (matcher, *soqlError) {
	m := &includesMatcher{path: p, negated: n.op == "EXCLUDES"}
	for _, t := range n.values {
		if t.kind != tokenString {
			return nil, wrongLiteral(p, t)
		}
		m.sets = append(m.sets, strings.Split(strings.ToLower(t.value), ";"))
	}
	return m, nil
}

func wrongLiteral(p *path, t token) *soqlError {
	name := p.names[len(p.names)-1]
	kind, quoted := operandType(p), " and should be enclosed in quotes"
	switch p.kind() {
	case kindBool, kindInt, kindNumber, kindDate, kindDatetime, kindTime:
		quoted = " and should not be enclosed in quotes"
	default:
		kind = "string"
	}
	if kind == "datetime" {
		kind = "dateTime"
	}
	return &soqlError{code: "INVALID_FIELD", at: t.at, message: fmt.Sprintf("value of filter criterion for field '%s' must be of type %s%s", name, kind, quoted)}
}

// literal is a token as a value of the path's type; null and the empty string
// are nil. A boolean is never null: null means false.
func (b *binder) literal(p *path, t token) (any, *soqlError) {
	k := p.kind()
	if t.wild {
		return nil, badEscape(t.at)
	}
	if t.is("null") {
		if k == kindBool {
			return false, nil
		}
		return nil, nil
	}
	switch {
	case k == kindID && t.kind == tokenString:
		return idLiteral(t)
	case (k == kindText || k == kindEmail || k == kindPicklist) && t.kind == tokenString:
		if t.value == "" {
			return nil, nil
		}
		return t.value, nil
	case k == kindBool && (t.is("true") || t.is("false")):
		return t.is("true"), nil
	case k == kindInt && t.kind == tokenNumber:
		n, err := strconv.Atoi(t.text)
		if err == nil {
			return n, nil
		}
	case k == kindNumber && t.kind == tokenNumber:
		n, err := strconv.ParseFloat(t.text, 64)
		if err == nil {
			return n, nil
		}
	case k == kindDate && t.kind == tokenDate:
		if day, ok := parseDate(t.text); ok {
			return day, nil
		}
	case k == kindDatetime && t.kind == tokenDatetime:
		if at, ok := parseDatetime(colonZone(t.text)); ok {
			return at, nil
		}
	}
	return nil, wrongLiteral(p, t)
}

func idLiteral(t token) (any, *soqlError) {
	if t.value == "" {
		return nil, nil
	}
	id, ok := canonicalID(t.value)
	if !ok {
		return nil, &soqlError{code: "INVALID_QUERY_FILTER_OPERATOR", at: t.at, message: "invalid ID field: " + t.value}
	}
	return id, nil
}

// colonZone puts the colon into a zone such as +0000: a statement may leave it
// out.
func colonZone(s string) string {
	if n := len(s); n > 5 && strings.IndexByte("+-", s[n-5]) >= 0 {
		return s[:n-2] + ":" + s[n-2:]
	}
	return s
}

func isRange(t token) bool {
	return t.kind == tokenName && !t.is("null") && !t.is("true") && !t.is("false")
}

// span is a literal as the first and the last value it stands for: a date
// literal such as TODAY is more than one instant.
func (b *binder) span(p *path, t token) (low, high any, err *soqlError) {
	if !isRange(t) {
		v, err := b.literal(p, t)
		return v, v, err
	}
	first, days, ok := b.dateLiteral(t)
	if !ok || p.kind() != kindDate && p.kind() != kindDatetime {
		return nil, nil, unexpected(t)
	}
	if p.kind() == kindDate {
		return first.Format(time.DateOnly), first.AddDate(0, 0, days-1).Format(time.DateOnly), nil
	}
	return first, first.AddDate(0, 0, days).Add(-time.Second), nil
}

// dateLiteral is the first day of a date literal and how many days it is long,
// in UTC, which is the time zone of the fake's user.
func (b *binder) dateLiteral(t token) (first time.Time, days int, ok bool) {
	today := b.org.opts.now().UTC().Truncate(24 * time.Hour)
	n, _ := strconv.Atoi(t.value)
	switch strings.ToUpper(t.text) {
	case "TODAY":
		return today, 1, true
	case "YESTERDAY":
		return today.AddDate(0, 0, -1), 1, true
	case "TOMORROW":
		return today.AddDate(0, 0, 1), 1, true
	case "LAST_N_DAYS":
		return today.AddDate(0, 0, -n), n + 1, true
	case "NEXT_N_DAYS":
		return today.AddDate(0, 0, 1), n, true
	}
	return today, 0, false
}

// semiJoin runs the inner query first: then it is a set of ids.
func (b *binder) semiJoin(n *semiNode) (matcher, *soqlError) {
	p, err := b.filter(n.field)
	if err != nil {
		return nil, err
	}
	if p.kind() != kindID {
		return nil, &soqlError{code: "INVALID_QUERY_FILTER_OPERATOR", at: n.field.at, message: "semi join operands must be of type id or reference"}
	}
	if n.query.from.is("Task") || n.query.from.is("Event") {
		return nil, malformed(n.query.from.at, "Entity '%s' is not supported for semi join inner selects", n.query.from.text)
	}
	inner, err := b.org.bind(n.query, b.all)
	if err != nil {
		return nil, err
	}
	if len(inner.paths) != 1 || inner.paths[0].kind() != kindID {
		return nil, malformed(n.at, "semi join sub-selects must select one id or reference field")
	}
	m := &setMatcher{path: p, negated: n.not, keys: map[string]struct{}{}}
	for _, r := range b.org.run(inner) {
		if v := b.org.follow(r, inner.paths[0], b.all); v != nil {
			m.keys[p.key(v)] = struct{}{}
		}
	}
	return m, nil
}
