// SPDX-License-Identifier: Apache-2.0

// Package rest answers the REST API of the fake org other than queries: describes, rows, collections, composites.
package rest

import (
	"sync/atomic"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// An API answers the resources of the REST API other than queries and searches.
type API struct {
	db     *db.DB
	query  *query.Engine
	opts   Options
	recent []string // ids of rows that the user saw, the last first

	references atomic.Int32 // a ReferenceFault
}

// Options are what an API needs from the org around it.
type Options struct {
	Route     func(*wire.Request) *wire.Reply  // answers a subrequest
	Exclusive func(note *wire.Note, do func()) // runs do with the org locked
	Count     func(note *wire.Note, calls int) // counts API calls
	Used      func() map[string]int            // what of limits is used, by name
	APILimit  func() int
}

// New returns the REST API of an org.
func New(d *db.DB, query *query.Engine, opts Options) *API {
	return &API{db: d, query: query, opts: opts}
}
