package sftest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	maxPage  = 2000
	minPage  = 200
	longPage = 200 // of a query with two custom long texts or more
)

// An engine answers queries and searches.
type engine struct {
	db       *database
	opts     queryOptions
	cursors  map[string]*cursor
	locators []string // of cursors, oldest first
}

// queryOptions are the options of an engine.
type queryOptions struct {
	pageSize int
	seen     func(ids ...string) // notes rows that the user saw
}

func newEngine(d *database, opts queryOptions) *engine {
	return &engine{db: d, opts: opts, cursors: map[string]*cursor{}}
}

// A cursor is what is left of a query with more than one page.
type cursor struct {
	query   *query
	rows    []*row
	version string
	size    int
}

// query answers query and queryAll, with a statement or a locator
// (SALESFORCE.md 1). The caller holds o.mu.
func (e *engine) query(req *request) *reply {
	if len(req.path) > 1 {
		return e.nextPage(req, req.path[1])
	}
	if req.query.Has("explain") {
		return e.db.surprised("query plans (explain)")
	}
	text := req.query.Get("q")
	if text == "" { // recorded (forcedotcom/SmartSyncExplorerReactNative#31)
		return refuse(400, "MALFORMED_QUERY", "A query string has to be specified").reply()
	}
	req.entry.addSOQL(text)
	q, refused := e.compile(text, req.path[0] == "queryAll")
	switch {
	case refused != nil && refused.beyond != "":
		return e.db.surprised(refused.beyond)
	case refused != nil:
		return refused.reply(text).reply()
	}
	if req.query.Get("columns") == "true" {
		return answer(200, q.columnMetadata())
	}
	rows := e.run(q)
	if q.view && q.group == nil {
		ids := make([]string, len(rows))
		for i := range ids {
			ids[i] = rows[i].id
		}
		e.opts.seen(ids...)
	}
	if q.group != nil && len(rows) > maxPage {
		return tooManyGroups().reply()
	}
	if q.count {
		return answer(200, jsonObject{{name: "totalSize", value: len(rows)}, {name: "done", value: true}, {name: "records", value: []any{}}})
	}
	return e.page("", &cursor{query: q, rows: rows, version: req.version, size: e.pageSize(req.header.Get("Sforce-Query-Options"), q)}, 0)
}

func (e *engine) compile(text string, all bool) (*query, *soqlError) {
	s, refused := parse(text)
	if refused != nil {
		return nil, refused
	}
	q, refused := e.bind(s, all)
	if refused == nil {
		recordSOQL(text)
	}
	return q, refused
}

// tooManyGroups: groups do not come in pages (SOQL reference, Considerations for
// GROUP BY; code and text from memory).
func tooManyGroups() *apiError {
	return refuse(400, "EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch")
}

var batchSize = regexp.MustCompile(`(?i)batchSize\s*=\s*(\d+)`)

// pageSize honours Sforce-Query-Options, a hint of 200 to 2,000 rows. Groups come
// on one page.
func (e *engine) pageSize(options string, q *query) int {
	if q.group != nil {
		return maxPage
	}
	size := e.opts.pageSize
	if hint := batchSize.FindStringSubmatch(options); hint != nil {
		n, _ := strconv.Atoi(hint[1])
		size = min(size, max(minPage, n))
	}
	long := 0
	for _, p := range q.paths {
		if p.last != nil && p.last.custom && p.last.Type == "textarea" && p.last.Length > 255 {
			long++
		}
	}
	if long >= 2 {
		size = min(size, longPage)
	}
	return size
}

// nextPage answers a locator such as 0r8xx0000000001-2000.
func (e *engine) nextPage(req *request, locator string) *reply {
	id, offset, _ := strings.Cut(locator, "-")
	c := e.cursors[id]
	start, err := strconv.Atoi(offset)
	if c == nil || err != nil || start < 0 || start > len(c.rows) {
		return refuse(404, "INVALID_QUERY_LOCATOR", "invalid query locator").reply()
	}
	return e.page(id, c, start)
}

func (e *engine) page(id string, c *cursor, start int) *reply {
	end := min(start+c.size, len(c.rows))
	result := jsonObject{{name: "totalSize", value: len(c.rows)}, {name: "done", value: end == len(c.rows)}}
	if end < len(c.rows) {
		if id == "" {
			id = e.keepCursor(c)
		}
		result.add("nextRecordsUrl", fmt.Sprintf("/services/data/%s/query/%s-%d", c.version, id, end))
	}
	records := make([]any, 0, end-start)
	for _, r := range c.rows[start:end] {
		records = append(records, e.answerRow(c.query, r, c.version))
	}
	result.add("records", records)
	return answer(200, result)
}

// keepCursor keeps the newest cursors; the locators of older ones are stale.
func (e *engine) keepCursor(c *cursor) string {
	const most = 100
	id := e.db.newID("0r8")
	e.cursors[id] = c
	e.locators = append(e.locators, id)
	if len(e.locators) > most {
		delete(e.cursors, e.locators[0])
		e.locators = e.locators[1:]
	}
	return id
}

// A shape is what a query selects of a row and, nested, of its parents.
type shape struct {
	name    string // of the field or the relationship
	path    *path  // of a field, counted from its own row
	hop     *field // of a relationship
	members []*shape
	// show answers what is neither: child rows, TYPEOF.
	show func(r *row, version string) any
}

// nests says whether child rows or TYPEOF are selected.
func (s *shape) nests() bool {
	return slices.ContainsFunc(s.members, func(m *shape) bool { return m.show != nil })
}

// add puts a path below the relationships that lead to it.
func (s *shape) add(p *path) {
	for i, hop := range p.hops {
		s = s.member(p.names[i], hop)
	}
	own := *p
	own.hops, own.from = nil, nil
	s.members = append(s.members, &shape{name: p.names[len(p.names)-1], path: &own})
}

func (s *shape) member(name string, hop *field) *shape {
	for _, m := range s.members {
		if m.name == name && m.hop != nil {
			return m
		}
	}
	m := &shape{name: name, hop: hop}
	s.members = append(s.members, m)
	return m
}

// answerRow is a row or a group as the query answers it.
func (e *engine) answerRow(q *query, r *row, version string) jsonObject {
	if q.group != nil {
		return e.renderGroup(q, r)
	}
	return e.render(r, q.shape, q.all, version, false)
}

// render is a row as a query answers it: attributes first, then the fields in
// the order they were selected, parents as nested rows or null.
func (e *engine) render(r *row, s *shape, all bool, version string, loose bool) jsonObject {
	out := make(jsonObject, 0, len(s.members)+1)
	kinds := r.attributes(version)
	if loose {
		kinds[0].value = "Name" // a parent of several kinds shows as Name
	}
	out.add("attributes", kinds)
	for _, m := range s.members {
		if m.show != nil {
			out.add(m.name, m.show(r, version))
			continue
		}
		if m.hop == nil {
			out.add(m.name, e.follow(r, m.path, all))
			continue
		}
		id, _ := e.db.value(r, m.hop).(string)
		parent := e.db.find(id)
		if parent == nil || parent.deleted() && !all {
			out.add(m.name, nil)
			continue
		}
		out.add(m.name, e.render(parent, m, all, version, m.hop.polymorphic()))
	}
	return out
}
