// SPDX-License-Identifier: Apache-2.0

package query

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Query answers query and queryAll, with a statement or a locator
// (docs/salesforce.md, Queries).
func (e *Engine) Query(req *wire.Request) *wire.Reply {
	if len(req.Path) > 1 {
		return e.nextPage(req, req.Path[1])
	}
	text := req.Query.Get("q")
	explains := req.Query.Has("explain")
	if explains {
		text = req.Query.Get("explain")
	}
	if explains && reportOrView.MatchString(text) {
		return e.db.Unsupported("query plans of reports and list views")
	}
	if text == "" { // recorded (forcedotcom/SmartSyncExplorerReactNative#31)
		return wire.Refuse(400, "MALFORMED_QUERY", "A query string has to be specified").Reply()
	}
	req.Note.AddSOQL(text)
	s, refused := parse(text)
	var q *Query
	if refused == nil {
		e = e.of(s.from.text)
		q, refused = e.compile(s, text, req.Path[0] == "queryAll")
	}
	switch {
	case refused != nil && refused.Unsupported != "":
		return e.db.Unsupported(refused.Unsupported)
	case refused != nil:
		return refused.Reply(text).Reply()
	}
	if explains {
		return e.explain(req, q, text)
	}
	if req.Query.Get("columns") == "true" {
		return wire.Answer(200, q.columnMetadata())
	}
	rows := e.Run(q)
	if e.virtual(q.Obj) && len(rows) > MaxPage && !q.Count {
		return noMore(q.Obj.Name).Reply()
	}
	if q.view && q.Group == nil {
		ids := make([]string, len(rows))
		for i := range ids {
			ids[i] = rows[i].ID
		}
		e.opts.Seen(ids...)
	}
	if q.Group != nil && len(rows) > MaxPage {
		return noMore("Aggregate query").Reply()
	}
	if q.Count {
		return wire.Answer(200,
			wire.Object{
				{Name: "totalSize", Value: len(rows)}, {Name: "done", Value: true},
				{Name: "records", Value: []any{}},
			})
	}
	return e.page("",
		&cursor{
			query: q, rows: rows, version: req.Version,
			size: e.pageSize(req.Header.Get("Sforce-Query-Options"), q),
		}, 0)
}

// reportOrView matches the id of a report or of a list view, which can be explained too.
var reportOrView = regexp.MustCompile(`^00[BO](\w{12}|\w{15})$`)

// ObjectOf returns the object that a statement queries, "" if the statement cannot be read.
func ObjectOf(text string) string {
	s, refused := parse(text)
	if refused != nil {
		return ""
	}
	return s.from.text
}

// Compile parses a statement and binds it to the schema.
func (e *Engine) Compile(text string, all bool) (*Query, *Error) {
	s, refused := parse(text)
	if refused != nil {
		return nil, refused
	}
	return e.compile(s, text, all)
}

func (e *Engine) compile(s *statement, text string, all bool) (*Query, *Error) {
	q, refused := e.bind(s, all)
	if refused == nil {
		recordSOQL(text)
	}
	return q, refused
}

// noMore refuses a query with more rows than a page has, of what is not paged: groups (SOQL
// reference, Considerations for GROUP BY; code and text unverified) and definitions
// (recorded, SalesforceLabs/OrgCheck#429).
func noMore(what string) *wire.Error {
	return wire.Refuse(400, "EXCEEDED_ID_LIMIT",
		what+" does not support queryMore(), use LIMIT to restrict the results to a single batch")
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
