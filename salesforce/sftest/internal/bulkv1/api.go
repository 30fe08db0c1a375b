// SPDX-License-Identifier: Apache-2.0

// Package bulkv1 answers the first Bulk API of the fake org, at /services/async. Its batches are
// carried out by package bulk (docs/salesforce.md, The first Bulk API).
package bulkv1

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/bulk"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// An API holds the jobs. The lock of the database guards it.
type API struct {
	db      *db.DB
	bulk    *bulk.API
	query   *query.Engine
	jobs    map[string]*job
	message func(code, message string) string // nil to leave messages as they are
}

// New returns the first Bulk API of an org.
func New(d *db.DB, b *bulk.API, q *query.Engine, message func(code, message string) string) *API {
	return &API{db: d, bulk: b, query: q, jobs: map[string]*job{}, message: message}
}

// path matches the address of a job and what is below it.
var path = regexp.MustCompile(`^/services/async/(\d+)\.0/job(?:/(\w+)(?:/batch(?:/(\w+)(?:/(\w+)(?:/(\w+))?)?)?)?)?/?$`)

// A Request is a request to the API, whose session is checked.
type Request struct {
	HTTP *http.Request
	Body []byte
	Note *wire.Note
	json bool // the answer is JSON, else XML
}

// keep is how long jobs are kept (docs/salesforce.md, Bulk API).
const keep = 7 * 24 * time.Hour

// Serve answers a request. The caller does not hold the lock.
func (a *API) Serve(r *Request) *wire.Reply {
	r.json = wantsJSON(r.HTTP.Header)
	reply, wait := a.decide(r)
	if wait == nil {
		return reply(r)
	}
	<-wait
	a.db.Lock()
	defer a.db.Unlock()
	return reply(r)
}

// wantsJSON reports whether a request is about JSON: as its headers say, else it is XML.
func wantsJSON(h http.Header) bool {
	for _, name := range []string{"Accept", "Content-Type"} {
		switch kind := strings.ToLower(h.Get(name)); {
		case strings.Contains(kind, "xml"):
			return false
		case strings.Contains(kind, "json"):
			return true
		}
	}
	return false
}

// An answer makes the reply to a request once there is nothing to wait for.
type answer func(*Request) *wire.Reply

func ready(reply *wire.Reply) (answer, <-chan struct{}) {
	return func(*Request) *wire.Reply { return reply }, nil
}

// decide answers a request with the lock.
func (a *API) decide(r *Request) (answer, <-chan struct{}) {
	a.db.Lock()
	defer a.db.Unlock()
	defer a.db.Settle(r.Note)
	for id, j := range a.jobs {
		if a.db.Now().Sub(j.created) >= keep {
			delete(a.jobs, id)
		}
	}
	found := path.FindStringSubmatch(r.HTTP.URL.Path)
	if found == nil || r.HTTP.Header.Get("Sforce-Enable-PKChunking") != "" {
		return ready(a.db.Unsupported(r.HTTP.Method + " " + r.HTTP.URL.Path))
	}
	jobID, batchID, below := found[2], found[3], found[4]
	if jobID == "" {
		return ready(a.create(r, found[1]))
	}
	id, _ := wire.CanonicalID(jobID)
	j := a.jobs[id]
	switch {
	case j == nil:
		return ready(refuse(r, "InvalidJob", "Unable to find job for id: "+jobID))
	case !strings.Contains(r.HTTP.URL.Path, "/batch"):
		return ready(a.job(r, j))
	case batchID == "":
		return ready(a.batches(r, j))
	}
	id, _ = wire.CanonicalID(batchID)
	at := slices.IndexFunc(j.batches, func(t *batch) bool { return t.id == id })
	switch {
	case at < 0:
		return ready(refuse(r, "InvalidBatch", "Unable to find batch for id: "+batchID))
	case r.HTTP.Method != http.MethodGet:
		return ready(wire.WrongMethod(r.HTTP.Method, http.MethodGet))
	case below == "":
		t := j.batches[at]
		return func(r *Request) *wire.Reply { return t.info().reply(r, 200) }, t.run.Look()
	}
	return ready(a.data(r, j.batches[at], below, found[5]))
}

// Refuse answers a request whose session or whose limits do not allow it.
func Refuse(r *http.Request, refused *wire.Error) *wire.Reply {
	first := refused.Reply().Body.([]any)[0].(wire.Object)
	// Of these InvalidSessionId is recorded.
	code, message := "ExceededQuota", first.Text("message")
	switch first.Text("errorCode") {
	case "INVALID_SESSION_ID", "INVALID_AUTH_HEADER":
		code, message = "InvalidSessionId", "Invalid session id"
	case "API_CURRENTLY_DISABLED":
		code = "FeatureNotEnabled"
	}
	return refuse(&Request{HTTP: r, json: wantsJSON(r.Header)}, code, message)
}

// refuse refuses a request: 400 with a code and a message.
func refuse(r *Request, code, message string) *wire.Reply {
	return info{"error", []member{{"exceptionCode", code, true}, {"exceptionMessage", message, true}}}.reply(r, 400)
}
