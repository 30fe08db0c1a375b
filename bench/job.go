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
