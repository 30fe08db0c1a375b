package rest

import (
	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A API answers the resources of the REST API but those of queries.
type API struct {
	db     *db.DB
	query  *query.Engine
	opts   Options
	recent []string // ids of rows that the user saw, the last first
}

// Options are what a restAPI needs of the org around it.
type Options struct {
	Route     func(*wire.Request) *wire.Reply   // answers a subrequest
	Exclusive func(entry *wire.Note, do func()) // runs do with the org locked
	Count     func(entry *wire.Note, calls int) // counts API calls
	Used      func() map[string]int             // what of limits is used, by name
	APILimit  int
}

func New(d *db.DB, query *query.Engine, opts Options) *API {
	return &API{db: d, query: query, opts: opts}
}
