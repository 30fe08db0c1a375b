package sftest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A Fault is what goes wrong with one request. The first of these that is set
// decides: Status, DropBefore, CommitLater, DropAfter, CutBody. The zero Fault
// changes nothing; Delay goes with any of them.
type Fault struct {
	// Status answers with this HTTP status and Body, and carries nothing out.
	// Body is sent as it is; empty stands for the error that Salesforce sends
	// with the status. With HTML it is sent as a web page, as the machinery in
	// front of Salesforce does.
	Status int
	Body   string
	HTML   bool
	// Header is added to the answer of Status.
	Header http.Header
	// DropBefore cuts the connection, and carries nothing out.
	DropBefore bool
	// CommitLater cuts the connection, and carries the request out that much
	// later: the server goes on working after the client gave up. Close forgets
	// what is still put off.
	CommitLater time.Duration
	// DropAfter carries the request out, and cuts the connection without an
	// answer.
	DropAfter bool
	// CutBody carries the request out, and cuts the answer in the middle.
	CutBody bool
	// Delay passes before anything else happens.
	Delay time.Duration
}

// Fail sets a function that is asked about every request from now on: n counts them
// from 1, and r has its body to read. It answers nil for a request that goes well.
// It may be called from several goroutines. A second call replaces the function,
// and nil takes it away.
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

// faultError is the error that goes with a status (SALESFORCE.md 3).
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

// later runs do after d, unless the org is closed first.
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

// FailBulk makes the next ingest job that is carried out fail after that many
// rows, with message as its errorMessage. What it wrote until then stays. FailBulk
// panics without a message.
func (o *Org) FailBulk(rows int, message string) {
	if message == "" {
		panic("sftest: a job fails with a message")
	}
	o.db.Lock()
	defer o.db.Unlock()
	o.bulk.FailBulk(rows, message)
}
