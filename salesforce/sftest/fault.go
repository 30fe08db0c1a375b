// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/rest"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A Fault is what goes wrong with one request. The first of these fields that is set decides:
// Status, DropBefore, CommitLater, DropAfter, CutBody. The zero Fault changes nothing; Delay
// may be combined with any of them.
type Fault struct {
	// Status answers with this HTTP status and Body without executing the request. Body is
	// sent as is; empty means the error that Salesforce sends with the status. With HTML it is
	// sent as a web page, as the proxies in front of Salesforce do.
	Status int
	Body   string
	HTML   bool
	// Header is added to the answer of Status.
	Header http.Header
	// DropBefore closes the connection without executing the request.
	DropBefore bool
	// CommitLater closes the connection and executes the request after that delay, as a server
	// does that keeps working after the client gave up. Close discards requests that are still
	// pending.
	CommitLater time.Duration
	// DropAfter executes the request and closes the connection without a response.
	DropAfter bool
	// CutBody executes the request and closes the connection in the middle of the response.
	CutBody bool
	// Delay passes before anything else happens.
	Delay time.Duration
}

// Fail sets a function that is called for every request from now on: n counts them from 1, and
// r has its body to read. It returns nil for a request that should succeed. It may be called
// from several goroutines. A second call replaces the function, and nil removes it.
func (o *Org) Fail(script func(r *http.Request, n int) *Fault) {
	o.db.Lock()
	defer o.db.Unlock()
	o.hooks.fail, o.hooks.requests = script, 0
}

func (o *Org) nextFault(r *http.Request, body []byte) Fault {
	o.db.Lock()
	script := o.hooks.fail
	o.hooks.requests++
	n := o.hooks.requests
	o.db.Unlock()
	if script == nil {
		return Fault{}
	}
	shown := r.Clone(r.Context())
	shown.Body = io.NopCloser(bytes.NewReader(body))
	if fault := script(shown, n); fault != nil {
		return *fault
	}
	return Fault{}
}

func (f *Fault) write(w http.ResponseWriter) {
	for name, values := range f.Header {
		w.Header()[name] = values
	}
	body := f.Body
	switch {
	case body == "" && f.HTML:
		body = fmt.Sprintf("<html><head><title>%d</title></head><body><h1>%s</h1></body></html>", f.Status,
			http.StatusText(f.Status))
	case body == "":
		body = string(wire.Append(nil, faultError(f.Status).Reply().Body))
	}
	kind := "application/json;charset=UTF-8"
	if f.HTML {
		kind = "text/html; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, body)
}

// faultError returns the error that goes with a status
// (docs/salesforce.md, Errors).
func faultError(status int) *wire.Error {
	switch status {
	case 401:
		return wire.Refuse(status, "INVALID_SESSION_ID", "Session expired or invalid")
	case 403:
		return wire.Refuse(status, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")
	case 500:
		return wire.Refuse(status, "UNKNOWN_EXCEPTION",
			"An unexpected error occurred. Please include this ErrorId if you contact support:"+
				" 1234567890-12345 (123456789)")
	}
	return wire.Refuse(status, "SERVER_UNAVAILABLE", "Server Unavailable")
}

// later runs do after d unless the org is closed first.
func (o *Org) later(d time.Duration, do func()) {
	o.db.Lock()
	defer o.db.Unlock()
	select {
	case <-o.closed:
		return
	default:
	}
	o.timers = append(o.timers, time.AfterFunc(d, do))
}

// A ReferenceFault is what an org makes of a reference to a row of an earlier collection in a
// composite, such as @{ref[0].id}. That it is resolved follows from the documented syntax, but
// no document says so (docs/salesforce.md, Composite, unverified): a client that
// uses it should be tested against each of these.
type ReferenceFault int32

// The faults. References to anything but a row of a collection are resolved in all of them.
const (
	// ReferencesWork resolves the reference; one to a row that has failed halts its subrequest
	// with PROCESSING_HALTED. It is the default.
	ReferencesWork = ReferenceFault(rest.ReferencesWork)
	// ReferenceHalts halts the subrequest with PROCESSING_HALTED, whatever became of the row.
	ReferenceHalts = ReferenceFault(rest.ReferenceHalts)
	// ReferenceIsText leaves the reference as it is: a field for an id refuses it with
	// MALFORMED_ID.
	ReferenceIsText = ReferenceFault(rest.ReferenceIsText)
	// ReferenceIsNull resolves the reference, and one to a row that has failed to null.
	ReferenceIsNull = ReferenceFault(rest.ReferenceIsNull)
)

// FailReferences sets what the org makes of references to rows of collections from now on.
func (o *Org) FailReferences(f ReferenceFault) { o.rest.FailReferences(rest.ReferenceFault(f)) }

// FailBulk makes the next ingest job fail after that many rows, with message as its
// errorMessage. The rows written before stay. FailBulk panics without a message.
func (o *Org) FailBulk(rows int, message string) {
	if message == "" {
		panic("sftest: FailBulk needs a message")
	}
	o.db.Lock()
	defer o.db.Unlock()
	o.bulk.FailBulk(rows, message)
}

// OnBulk sets a function that is called for every bulk job before each 200 rows that it writes,
// or each 2,000 that it reads, with the id of the job and how many of its rows are done. The
// org answers requests in the meantime, and the function may call it: while it does not return,
// the job stays InProgress. Close waits for it.
func (o *Org) OnBulk(step func(jobID string, rows int)) {
	o.db.Lock()
	defer o.db.Unlock()
	o.hooks.onBulk = step
}

func (o *Org) bulkStep(jobID string, rows int) {
	o.db.Lock()
	step := o.hooks.onBulk
	o.db.Unlock()
	if step != nil {
		step(jobID, rows)
	}
}
