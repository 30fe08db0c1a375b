package query

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const (
	MaxPage  = 2000
	minPage  = 200
	longPage = 200 // of a query with two custom long texts or more
)

// An Engine answers queries and searches.
type Engine struct {
	db       *db.DB
	opts     Options
	cursors  map[string]*cursor
	locators []string // of cursors, oldest first
}

// Options are the options of an engine.
type Options struct {
	PageSize int
	Seen     func(ids ...string) // notes rows that the user saw
}

func New(d *db.DB, opts Options) *Engine {
	return &Engine{db: d, opts: opts, cursors: map[string]*cursor{}}
}

// A cursor is what is left of a query with more than one page.
type cursor struct {
	query   *Query
	rows    []*db.Row
	version string
	size    int
}

// Query answers query and queryAll, with a statement or a locator
// (SALESFORCE.md 1). The caller holds o.mu.
func (e *Engine) Query(req *wire.Request) *wire.Reply {
	if len(req.Path) > 1 {
		return e.nextPage(req, req.Path[1])
	}
	if req.Query.Has("explain") {
		return e.db.Unsupported("query plans (explain)")
	}
	text := req.Query.Get("q")
	if text == "" { // recorded (forcedotcom/SmartSyncExplorerReactNative#31)
		return wire.Refuse(400, "MALFORMED_QUERY", "A query string has to be specified").Reply()
	}
	req.Note.AddSOQL(text)
	q, refused := e.Compile(text, req.Path[0] == "queryAll")
	switch {
	case refused != nil && refused.Beyond != "":
		return e.db.Unsupported(refused.Beyond)
	case refused != nil:
		return refused.Reply(text).Reply()
	}
	if req.Query.Get("columns") == "true" {
		return wire.Answer(200, q.columnMetadata())
	}
	rows := e.Run(q)
	if q.view && q.Group == nil {
		ids := make([]string, len(rows))
		for i := range ids {
			ids[i] = rows[i].ID
		}
		e.opts.Seen(ids...)
	}
	if q.Group != nil && len(rows) > MaxPage {
		return tooManyGroups().Reply()
	}
	if q.Count {
		return wire.Answer(200, wire.Object{{Name: "totalSize", Value: len(rows)}, {Name: "done", Value: true}, {Name: "records", Value: []any{}}})
	}
	return e.page("", &cursor{query: q, rows: rows, version: req.Version, size: e.pageSize(req.Header.Get("Sforce-Query-Options"), q)}, 0)
}

func (e *Engine) Compile(text string, all bool) (*Query, *Error) {
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
func tooManyGroups() *wire.Error {
	return wire.Refuse(400, "EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch")
}

var batchSize = regexp.MustCompile(`(?i)batchSize\s*=\s*(\d+)`)

// pageSize honours Sforce-Query-Options, a hint of 200 to 2,000 rows. Groups come
// on one page.
func (e *Engine) pageSize(options string, q *Query) int {
	if q.Group != nil {
		return MaxPage
	}
	size := e.opts.PageSize
	if hint := batchSize.FindStringSubmatch(options); hint != nil {
		n, _ := strconv.Atoi(hint[1])
		size = min(size, max(minPage, n))
	}
	long := 0
	for _, p := range q.Paths {
		if p.Last != nil && p.Last.Custom && p.Last.Type == "textarea" && p.Last.Length > 255 {
			long++
		}
	}
	if long >= 2 {
		size = min(size, longPage)
	}
	return size
}

// nextPage answers a locator such as 0r8xx0000000001-2000.
func (e *Engine) nextPage(req *wire.Request, locator string) *wire.Reply {
	id, offset, _ := strings.Cut(locator, "-")
	c := e.cursors[id]
	start, err := strconv.Atoi(offset)
	if c == nil || err != nil || start < 0 || start > len(c.rows) {
		return wire.Refuse(404, "INVALID_QUERY_LOCATOR", "invalid query locator").Reply()
	}
	return e.page(id, c, start)
}

func (e *Engine) page(id string, c *cursor, start int) *wire.Reply {
	end := min(start+c.size, len(c.rows))
	result := wire.Object{{Name: "totalSize", Value: len(c.rows)}, {Name: "done", Value: end == len(c.rows)}}
	if end < len(c.rows) {
		if id == "" {
			id = e.keepCursor(c)
		}
		result.Add("nextRecordsUrl", fmt.Sprintf("/services/data/%s/query/%s-%d", c.version, id, end))
	}
	records := make([]any, 0, end-start)
	for _, r := range c.rows[start:end] {
		records = append(records, e.answerRow(c.query, r, c.version))
	}
	result.Add("records", records)
	return wire.Answer(200, result)
}

// keepCursor keeps the newest cursors; the locators of older ones are stale.
func (e *Engine) keepCursor(c *cursor) string {
	const most = 100
	id := e.db.NewID("0r8")
	e.cursors[id] = c
	e.locators = append(e.locators, id)
	if len(e.locators) > most {
		delete(e.cursors, e.locators[0])
		e.locators = e.locators[1:]
	}
	return id
}

// A Shape is what a query selects of a row and, nested, of its parents.
type Shape struct {
	Name    string    // of the field or the relationship
	Path    *Path     // of a field, counted from its own row
	hop     *db.Field // of a relationship
	Members []*Shape
	// show answers what is neither: child rows, TYPEOF.
	show func(r *db.Row, version string) any
}

// Nests says whether child rows or TYPEOF are selected.
func (s *Shape) Nests() bool {
	return slices.ContainsFunc(s.Members, func(m *Shape) bool { return m.show != nil })
}

// add puts a path below the relationships that lead to it.
func (s *Shape) add(p *Path) {
	for i, hop := range p.hops {
		s = s.member(p.Names[i], hop)
	}
	own := *p
	own.hops, own.from = nil, nil
	s.Members = append(s.Members, &Shape{Name: p.Names[len(p.Names)-1], Path: &own})
}

func (s *Shape) member(name string, hop *db.Field) *Shape {
	for _, m := range s.Members {
		if m.Name == name && m.hop != nil {
			return m
		}
	}
	m := &Shape{Name: name, hop: hop}
	s.Members = append(s.Members, m)
	return m
}

// answerRow is a row or a group as the query answers it.
func (e *Engine) answerRow(q *Query, r *db.Row, version string) wire.Object {
	if q.Group != nil {
		return e.renderGroup(q, r)
	}
	return e.Render(r, q.Shape, q.All, version, false)
}

// Render is a row as a query answers it: attributes first, then the fields in
// the order they were selected, parents as nested rows or null.
func (e *Engine) Render(r *db.Row, s *Shape, all bool, version string, loose bool) wire.Object {
	out := make(wire.Object, 0, len(s.Members)+1)
	kinds := r.Attributes(version)
	if loose {
		kinds[0].Value = "Name" // a parent of several kinds shows as Name
	}
	out.Add("attributes", kinds)
	for _, m := range s.Members {
		if m.show != nil {
			out.Add(m.Name, m.show(r, version))
			continue
		}
		if m.hop == nil {
			out.Add(m.Name, e.Follow(r, m.Path, all))
			continue
		}
		id, _ := e.db.Value(r, m.hop).(string)
		parent := e.db.Find(id)
		if parent == nil || parent.Deleted() && !all {
			out.Add(m.Name, nil)
			continue
		}
		out.Add(m.Name, e.Render(parent, m, all, version, m.hop.Polymorphic()))
	}
	return out
}
