// SPDX-License-Identifier: Apache-2.0

// Package catalog answers queries of the org's schema, whose objects, fields and validation
// rules it keeps as rows: the Tooling API.
package catalog

import (
	"cmp"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// The objects of the catalog.
const (
	entity = "EntityDefinition"
	field  = "FieldDefinition"
	rule   = "ValidationRule"
)

// A Catalog is the schema of a database as rows. Callers hold the lock of that database.
type Catalog struct {
	of       *db.DB
	pageSize int
	report   func(problem string)
	ids      map[string]string // by what they are of: they stay the same

	tables   *db.DB // nil before the first use: most orgs have none
	engine   *query.Engine
	modified time.Time // of the metadata that the rows show
	rules    int       // how many there were
}

// New returns the catalog of a database. It reports what it does not support by report.
func New(of *db.DB, pageSize int, report func(problem string)) *Catalog {
	return &Catalog{of: of, pageSize: pageSize, report: report, ids: map[string]string{}}
}

// open makes the tables what the schema is now. The user sees them if may is set.
func (c *Catalog) open(may bool) {
	if c.tables == nil {
		// The prefixes of the first two are not known.
		prefixes := map[string]string{entity: "", field: "", rule: "03d"}
		c.tables = db.NewTables(db.Options{Now: c.of.Now, Report: c.report}, prefixes)
		c.engine = query.New(c.tables, query.Options{PageSize: c.pageSize, Seen: func(...string) {},
			Virtual: map[string][]string{entity: nil, field: {"EntityDefinitionId", "DurableId"}}})
	}
	for _, obj := range c.tables.InOrder() {
		obj.Readable = may
	}
	c.fill()
}

// named returns the object of that name as it is spelt, "" if the catalog has none.
func named(object string) string {
	for _, name := range []string{entity, field, rule} {
		if strings.EqualFold(name, object) {
			return name
		}
	}
	return ""
}

// Definitions returns the engine for the object if it is one of those that the REST API has
// too (Object Reference), nil otherwise.
func (c *Catalog) Definitions(object string) *query.Engine {
	if name := named(object); name == "" || name == rule {
		return nil
	}
	c.open(true)
	c.tables.Named(rule).Readable = false // nor by a relationship: rules are of the Tooling API only
	return c.engine
}

// Query answers /tooling/query (docs/salesforce.md, Tooling API). A user without View Setup and
// Configuration sees none of the objects (unverified).
func (c *Catalog) Query(req *wire.Request) *wire.Reply {
	tooling := *req
	tooling.Version += "/tooling" // the paths of rows and of further pages are below it
	tooling.Path = req.Path[1:]
	text := req.Query.Get("q") + req.Query.Get("explain")
	object := query.ObjectOf(text)
	if object != "" && named(object) == "" {
		return c.of.Unsupported("the object " + object + " of the Tooling API")
	}
	c.open(c.of.UserMay("PermissionsViewSetup"))
	rep := c.engine.Query(&tooling)
	list, _ := rep.Body.(wire.Object)
	if size, found := list.Get("totalSize"); found && rep.Status == 200 {
		next, _ := list.Get("nextRecordsUrl")
		// A locator names no object, but only rules have further pages.
		rep.Body = append(list, wire.Member{Name: "size", Value: size},
			wire.Member{Name: "queryLocator", Value: locator(wire.TextOf(next))},
			wire.Member{Name: "entityTypeName", Value: cmp.Or(named(object), rule)})
	}
	return rep
}

// locator returns what a path to further rows ends with, null without one.
func locator(path string) any {
	return wire.TextOrNull(path[strings.LastIndexByte(path, '/')+1:])
}
