// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/leadsync/leadsync"
)

// A job is what a contestant is given: an org, and the leads to bring there.
type job struct {
	// URL is where the org is, Token an access token of its user.
	URL   string `json:"url"`
	Token string `json:"token"`
	// Campaign is the id of the campaign that all leads become members of.
	Campaign string `json:"campaign"`
	// Leads are the people, each with one activity.
	Leads []*leadsync.Lead `json:"-"`
	// Dir is a folder for files; it is empty at first.
	Dir string `json:"-"`
	// Postgres is the connection string of a database, "" where there is none.
	Postgres string `json:"postgres"`
}

// A session is a contestant that is connected to the org of a job. It has spent what
// it spends once per session.
type session interface {
	// do does the job. It fails unless all leads are done.
	do(ctx context.Context) error
	// close frees what the session holds.
	close() error
}

// A contestant is one way to do the job.
type contestant struct {
	key  string // names it in the flag -only
	name string // as the table shows it
	open func(ctx context.Context, j *job) (session, error)
	// single says that it sends one record a call, so that its time is little but waiting.
	single bool
	// ours says that it is leadsync, of which another build may take turns.
	ours bool
	// postgres says that it needs a PostgreSQL server.
	postgres bool
	// program is another build of this program that runs it; "" for this one.
	program string
}

// contestants lists all of them, in the order of the table.
func contestants() []contestant {
	return []contestant{
		{key: "sync", name: "leadsync, Sync", open: openSync, ours: true},
		{key: "memory", name: "leadsync, Capture and Drain, memory", open: openMemory, ours: true},
		{key: "sqlite", name: "leadsync, Capture and Drain, SQLite", open: openSQLite, ours: true},
		{key: "postgres", name: "leadsync, Capture and Drain, PostgreSQL", open: openPostgres, ours: true, postgres: true},
		{key: "go-composites", name: "go-salesforce, composites", open: openGoComposites},
		{key: "go-collections", name: "go-salesforce, collections", open: openGoCollections},
		{key: "go-records", name: "go-salesforce, records", open: openGoRecords, single: true},
		{key: "simpleforce", name: "simpleforce, records", open: openSimpleforce, single: true},
		{key: "floor", name: "net/http, composites of five", open: openFloor},
	}
}

// contestantOf returns the contestant with a key.
func contestantOf(key string) (contestant, bool) {
	for _, c := range contestants() {
		if c.key == key {
			return c, true
		}
	}
	return contestant{}, false
}
