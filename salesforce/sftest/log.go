// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A Request is one HTTP request as the org saw it.
type Request struct {
	Time         time.Time
	Method, Path string
	// SOQL holds its statements, including those of subrequests.
	SOQL []string
	// Status is the HTTP status of the response, even if a fault kept it from the client; 0 if
	// there was none.
	Status int
	// Calls is how many API calls it counted as: 0 if it is free or was rejected, otherwise 1,
	// and for a composite batch one for each subrequest.
	Calls int
	// Total is the number of API calls of the org after the request.
	Total int
	// Writes is how many rows it asked to write, Written how many were written.
	Writes, Written int
	// Subrequests are those of a composite.
	Subrequests []Subrequest
}

// A Subrequest is one part of a composite.
type Subrequest struct {
	ReferenceID  string
	Method, Path string
	SOQL         string
	Status       int
	Writes       int
	// AutoAssign says that assignment rules apply to what it writes: its Sforce-Auto-Assign
	// is not FALSE.
	AutoAssign bool
}

type requestLog struct {
	requests []wire.Note
	calls    int
	answers  int // ever, for the ids of requests
}

// Requests returns the requests since the org was made or ResetLog was called,
// or the last of them: see WithLogSize.
func (o *Org) Requests() []Request {
	o.db.Lock()
	defer o.db.Unlock()
	if o.log.requests == nil {
		return nil
	}
	requests := make([]Request, len(o.log.requests))
	for i := range requests {
		requests[i] = requestOf(&o.log.requests[i])
	}
	return requests
}

// Calls returns how many API calls were made, as Salesforce counts them: one for
// each request to a versioned resource, a composite too, and one for each
// subrequest of a composite batch. The list of versions and OAuth are free.
func (o *Org) Calls() int {
	o.db.Lock()
	defer o.db.Unlock()
	return o.log.calls
}

// ResetLog forgets the requests and sets Calls to 0. What counts towards the
// daily limit stays.
func (o *Org) ResetLog() {
	o.db.Lock()
	defer o.db.Unlock()
	o.log = requestLog{answers: o.log.answers}
}

// OnRequest sets a function that is called for every request once it has been executed, before
// its response is sent. It may be called from several goroutines.
func (o *Org) OnRequest(hook func(Request)) {
	o.db.Lock()
	defer o.db.Unlock()
	o.hooks.onRequest = hook
}

func (o *Org) record(note *wire.Note) {
	o.db.Lock()
	note.Total = o.log.calls
	o.log.requests = append(o.log.requests, *note)
	if surplus := len(o.log.requests) - o.opts.keepLog; o.opts.keepLog >= 0 && surplus > 0 {
		o.log.requests = slices.Delete(o.log.requests, 0, surplus)
	}
	hook := o.hooks.onRequest
	o.db.Unlock()
	if hook != nil {
		hook(requestOf(note))
	}
}

func requestOf(n *wire.Note) Request {
	r := Request{
		Time: n.Time, Method: n.Method, Path: n.Path, SOQL: n.SOQL, Status: n.Status,
		Calls: n.Calls, Total: n.Total, Writes: n.Writes, Written: n.Written,
	}
	if n.Subrequests != nil {
		r.Subrequests = make([]Subrequest, len(n.Subrequests))
	}
	for i, part := range n.Subrequests {
		r.Subrequests[i] = Subrequest(part)
	}
	return r
}
