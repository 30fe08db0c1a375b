// SPDX-License-Identifier: Apache-2.0

// Package query parses, binds and runs SOQL and SOSL.
package query

import "github.com/leadsync/leadsync/salesforce/sftest/internal/db"

// An Engine answers queries and searches.
type Engine struct {
	db       *db.DB
	opts     Options
	cursors  map[string]*cursor
	locators []string // of cursors, oldest first
}

// Options are the settings of an Engine.
type Options struct {
	PageSize int
	Seen     func(ids ...string) // notes rows that the user saw
	// Other returns the engine that answers queries of an object that is not in the database,
	// nil for none. It may be nil.
	Other func(object string) *Engine
	// Virtual are the objects that Salesforce keeps elsewhere than other rows, with the fields of
	// which a query has to name one: see limits. Nil for none.
	Virtual map[string][]string
}

// New returns an engine over a database.
func New(d *db.DB, opts Options) *Engine {
	return &Engine{db: d, opts: opts, cursors: map[string]*cursor{}}
}

// of returns the engine that answers queries of the object.
func (e *Engine) of(object string) *Engine {
	if e.opts.Other != nil {
		if other := e.opts.Other(object); other != nil {
			return other
		}
	}
	return e
}

// A cursor is a query with more than one page.
type cursor struct {
	query   *Query
	rows    []*db.Row
	version string
	size    int
}

// Follow returns the value at the path, null if a parent is missing. A deleted parent counts
// as missing unless deleted rows are asked for.
func (e *Engine) Follow(r *db.Row, p *Path, all bool) any {
	if p.cell != "" {
		return r.Get(p.cell)
	}
	v := e.reach(r, p, all)
	if v != nil && p.apply != nil {
		return p.apply(v)
	}
	return v
}

func (e *Engine) reach(r *db.Row, p *Path, all bool) any {
	if r = e.parent(r, p.hops, all); r == nil {
		return nil
	}
	if p.Last != nil {
		return e.db.Value(r, p.Last)
	}
	if p.loose == "Type" {
		return r.Obj.Name
	}
	f := r.Obj.Visible(p.loose)
	if f == nil && p.loose == "Name" { // that of a Case is its number (Object Reference, Name)
		f = r.Obj.NameField()
	}
	if f != nil {
		return e.db.Value(r, f)
	}
	return nil
}

func (e *Engine) parent(r *db.Row, hops []*db.Field, all bool) *db.Row {
	for _, hop := range hops {
		id, _ := e.db.Value(r, hop).(string)
		if r = e.db.Find(id); r == nil || r.Deleted() && !all {
			return nil
		}
	}
	return r
}
