// SPDX-License-Identifier: Apache-2.0

// Package catalog answers queries of the org's schema, whose objects, fields and validation
// rules it keeps as rows: the Tooling API.
package catalog

import (
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
	of     *db.DB
	tables *db.DB
	engine *query.Engine
	ids    map[string]string // by what they are of: they stay the same

	modified time.Time // of the metadata that the rows show
	rules    int       // how many there were
}

// New returns the catalog of a database. It reports what it does not support by report.
func New(of *db.DB, pageSize int, report func(problem string)) *Catalog {
	// The prefixes of the first two are not known.
	prefixes := map[string]string{entity: "", field: "", rule: "03d"}
	tables := db.NewTables(db.Options{Now: of.Now, Report: report}, prefixes)
	return &Catalog{
		of: of, tables: tables, ids: map[string]string{},
		engine: query.New(tables, query.Options{PageSize: pageSize, Seen: func(...string) {},
			Virtual: map[string][]string{entity: nil, field: {"EntityDefinitionId", "DurableId"}}}),
	}
}

// Has reports whether the Tooling API has the object and so has the fake.
func (c *Catalog) Has(object string) bool { return c.tables.Named(object) != nil }

// Definitions returns the engine for the object if it is one of those that the REST API has
// too (Object Reference), nil otherwise.
func (c *Catalog) Definitions(object string) *query.Engine {
	if !c.Has(object) || strings.EqualFold(object, rule) {
		return nil
	}
	c.allow(true)
	c.fill()
	return c.engine
}

// allow says whether the user sees the objects.
func (c *Catalog) allow(may bool) {
	for _, obj := range c.tables.InOrder() {
		obj.Readable = may
	}
}

// Query answers /tooling/query (docs/salesforce.md, Tooling API). A user without View Setup and
// Configuration sees none of the objects (unverified).
func (c *Catalog) Query(req *wire.Request) *wire.Reply {
	tooling := *req
	tooling.Version += "/tooling" // the paths of rows and of further pages are below it
	tooling.Path = req.Path[1:]
	text := req.Query.Get("q") + req.Query.Get("explain")
	object := query.ObjectOf(text)
	if object != "" && !c.Has(object) {
		return c.of.Unsupported("the object " + object + " of the Tooling API")
	}
	c.allow(c.of.UserMay("PermissionsViewSetup"))
	c.fill()
	rep := c.engine.Query(&tooling)
	list, _ := rep.Body.(wire.Object)
	if size, found := list.Get("totalSize"); found && rep.Status == 200 {
		next, _ := list.Get("nextRecordsUrl")
		rep.Body = append(list, wire.Member{Name: "size", Value: size},
			wire.Member{Name: "queryLocator", Value: locator(wire.TextOf(next))},
			wire.Member{Name: "entityTypeName", Value: c.typeOf(object)})
	}
	return rep
}

// typeOf returns the name of the object that a page is of. A locator names none, but only rules
// have further pages.
func (c *Catalog) typeOf(object string) string {
	if obj := c.tables.Named(object); obj != nil {
		return obj.Name
	}
	return rule
}

// locator returns what a path to further rows ends with, null without one.
func locator(path string) any {
	return wire.TextOrNull(path[strings.LastIndexByte(path, '/')+1:])
}
