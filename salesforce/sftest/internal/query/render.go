// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// renderGroup renders a group, without a url (docs/salesforce.md, Queries).
func (e *Engine) renderGroup(q *Query, r *db.Row) wire.Object {
	out := wire.Object{{Name: "attributes", Value: wire.Object{{Name: "type", Value: "AggregateResult"}}}}
	for _, c := range q.Group.columns {
		v := r.Get(c.path.cell)
		if v != nil && c.path.apply != nil {
			v = c.path.apply(v)
		}
		out.Add(c.name, v)
	}
	return out
}

// How many rows a page has.
const (
	MaxPage  = 2000
	minPage  = 200
	longPage = 200 // of a query with two custom long texts or more
)

var batchSize = regexp.MustCompile(`(?i)batchSize\s*=\s*(\d+)`)

// pageSize returns the rows of a page; Sforce-Query-Options is a hint of 200 to 2,000. Groups
// come on one page, and definitions do.
func (e *Engine) pageSize(options string, q *Query) int {
	if q.Group != nil || e.virtual(q.Obj) {
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

// keepCursor stores a cursor and drops the oldest ones; their locators become invalid.
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

// answerRow renders a row or a group of a query.
func (e *Engine) answerRow(q *Query, r *db.Row, version string) wire.Object {
	if q.Group != nil {
		return e.renderGroup(q, r)
	}
	return e.Render(r, q.Shape, q.All, version, false)
}

// Render renders a row of a query: attributes first, then the fields in the order they were
// selected, parents as nested rows or null.
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
			v := e.Follow(r, m.Path, all)
			if _, ok := v.(*db.Blob); ok {
				v = e.db.Shown(r, m.Path.Last, version)
			}
			out.Add(m.Name, v)
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

// showChildren renders a query of child rows: null without any, with a locator if there is
// more than a page.
func (e *Engine) showChildren(q *Query, parent *db.Field, r *db.Row, version string) any {
	of := *q
	of.where = allOf{
		&setMatcher{path: &Path{Obj: q.Obj, Last: parent}, keys: map[string]struct{}{parent.Key(r.ID): {}}}, q.where,
	}
	rows := e.Run(&of)
	if len(rows) == 0 {
		return nil
	}
	return e.page("", &cursor{query: q, rows: rows, version: version, size: e.pageSize("", q)}, 0).Body
}

func (e *Engine) showTypeOf(target *db.Row, shapes map[string]*Shape, all bool, version string) any {
	if target == nil {
		return nil
	}
	if s := shapes[target.Obj.Name]; s != nil {
		return e.Render(target, s, all, version, false)
	}
	if s := shapes[""]; s != nil {
		return e.Render(target, s, all, version, true)
	}
	return nil
}
