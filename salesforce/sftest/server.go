// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/bulkv1"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/rest"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/soap"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

func (o *Org) serveHTTP(w http.ResponseWriter, r *http.Request) {
	r = rooted(r)
	limit := bodyLimit(r, o.knows(r))
	body, err := readBody(r, limit)
	note := &wire.Note{Method: r.Method, Path: r.URL.Path, Time: o.db.Now()}
	switch {
	case errors.Is(err, errTooLarge):
		note.Status = o.sendTooLarge(w, r, limit)
		o.record(note)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	certain := o.watchResend(r, body)
	fault := o.nextFault(r, body)
	o.db.Lock()
	o.oauth.Begin(note)
	latency := o.opts.latency
	o.db.Unlock()
	defer o.finish(note)
	o.wait(latency + fault.Delay)
	switch {
	case fault.Status != 0:
		note.Status = fault.Status
		o.record(note)
		if fault.provesNothingDone() {
			certain()
		}
		fault.write(w)
		return
	case fault.DropBefore:
		o.record(note)
		panic(http.ErrAbortHandler)
	case fault.CommitLater > 0:
		o.later(fault.CommitLater, func() {
			o.handle(r, body, note)
			o.record(note)
		})
		panic(http.ErrAbortHandler)
	}
	rep := o.handle(r, body, note)
	o.record(note)
	if fault.DropAfter {
		panic(http.ErrAbortHandler)
	}
	if !fault.CutBody && !gaveUp(r) {
		certain()
	}
	o.send(w, r, rep, fault.CutBody)
}

// rooted returns a request whose path begins with one slash: the command line tool joins the
// instance URL, which ends in one, and a path, and Salesforce accepts that (recorded of
// clients).
func rooted(r *http.Request) *http.Request {
	if !strings.HasPrefix(r.URL.Path, "//") {
		return r
	}
	u := *r.URL
	u.Path, u.RawPath = collapse(u.Path), collapse(u.RawPath)
	one := *r
	one.URL = &u
	return &one
}

// collapse replaces the slashes that a path begins with by one.
func collapse(path string) string {
	if path == "" {
		return ""
	}
	return "/" + strings.TrimLeft(path, "/")
}

func (o *Org) finish(note *wire.Note) {
	o.db.Lock()
	defer o.db.Unlock()
	o.oauth.End(note)
}

func (o *Org) knows(r *http.Request) bool {
	o.db.Lock()
	defer o.db.Unlock()
	return o.oauth.Knows(r)
}

// sendTooLarge refuses a request whose body is larger than the limit, and returns the status. The text
// is recorded of the REST API, of others the answer is unverified (docs/salesforce.md, Limits).
func (o *Org) sendTooLarge(w http.ResponseWriter, r *http.Request, limit int64) int {
	const text = "Maximum size of request reached. Maximum size of request is 52428800 bytes."
	var rep *wire.Reply
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/services/Soap/"):
		rep = soap.Refuse(r, "EXCEEDED_MAX_SIZE_REQUEST", text)
	case limit != maxBody || !wire.VersionPath.MatchString(path):
		rep = wire.Refuse(http.StatusRequestEntityTooLarge, "REQUEST_ENTITY_TOO_LARGE",
			"Request Entity Too Large").Reply()
	case !o.knows(r):
		rep = o.named(wire.Refuse(401, "INVALID_SESSION_ID", "Session expired or invalid").Reply())
	default:
		rep = o.named(wire.Refuse(http.StatusBadRequest, "JSON_PARSER_ERROR",
			"; nested exception is: \n\tcommon.exception.ApiException: "+text).Reply())
	}
	o.send(w, r, rep, false)
	return rep.Status
}

// handle executes a request that no fault prevents.
func (o *Org) handle(r *http.Request, body []byte, note *wire.Note) *wire.Reply {
	path := r.URL.Path
	var rep *wire.Reply
	switch {
	case path == "/services/data" || path == "/services/data/":
		rep = wire.Only(&wire.Request{Method: methodOf(r)}, rest.Versions, http.MethodGet)
	case strings.HasPrefix(path, "/services/oauth2/") || strings.HasPrefix(path, "/id/"):
		rep = o.login(r, body)
	case strings.HasPrefix(path, "/services/Soap/"):
		rep = o.soap(r, note).Serve(r, body)
	case strings.HasPrefix(path, "/services/async/"):
		rep = o.async(r, body, note)
	case wire.VersionPath.MatchString(path):
		rep = o.versioned(r, body, note)
	default:
		rep = o.db.Unsupported(r.Method + " " + path)
	}
	note.Status = rep.Status
	if o.opts.message != nil {
		rep.Body = wire.RewriteMessages(rep.Body, o.opts.message)
	}
	return rep
}

// admit checks and counts a call. A session that comes elsewhere than in Authorization counts in
// its place.
func (o *Org) admit(r *http.Request, session string, note *wire.Note) *wire.Error {
	if session != "" {
		own := *r
		own.Header = r.Header.Clone()
		own.Header.Set("Authorization", "Bearer "+session)
		r = &own
	}
	o.db.Lock()
	defer o.db.Unlock()
	refused := o.oauth.Admit(r)
	if refused == nil {
		o.count(note, 1)
		o.bulk.Tick()
	}
	return refused
}

// versioned checks and counts a call to a versioned resource and answers it. HEAD is answered
// like GET, without a body.
func (o *Org) versioned(r *http.Request, body []byte, note *wire.Note) *wire.Reply {
	refused := o.admit(r, "", note)
	if refused == nil {
		refused = tooLarge(r)
	}
	if refused != nil {
		return o.named(refused.Reply())
	}
	req := &wire.Request{
		Method: methodOf(r), Query: r.URL.Query(), Header: r.Header, Text: r.URL.EscapedPath(), Note: note,
		Instance: wire.InstanceURL(r),
	}
	if err := req.SetPath(r.URL.EscapedPath()); err != nil {
		return o.named(err.Reply())
	}
	if wantsXML(r.Header) {
		return o.db.Unsupported("XML in " + req.Method + " " + req.Text)
	}
	if req.Method == http.MethodPost || req.Method == http.MethodPatch || req.Method == http.MethodPut {
		req.SetBody(body)
		req.Raw = body
	}
	rep := o.route(req)
	o.wait(req.Note.Slow)
	return o.named(rep)
}

// async checks and counts a call to the first Bulk API and answers it. It has its session in a
// header of its own (docs/salesforce.md, The first Bulk API).
func (o *Org) async(r *http.Request, body []byte, note *wire.Note) *wire.Reply {
	if refused := o.admit(r, r.Header.Get("X-SFDC-Session"), note); refused != nil {
		return bulkv1.Refuse(r, refused)
	}
	return o.bulkv1.Serve(&bulkv1.Request{HTTP: r, Body: body, Note: note})
}

// soap is the SOAP API for a request, with a login where the org has it.
func (o *Org) soap(r *http.Request, note *wire.Note) soap.API {
	about := func() soap.About {
		o.db.Lock()
		defer o.db.Unlock()
		user, org := o.db.Find(o.db.UserID), o.db.Find(o.db.OrgID)
		return soap.About{
			OrgID: o.db.OrgID, OrgName: org.Text("Name"), UserID: o.db.UserID, UserName: user.Text("Username"),
			FullName: user.Text("Name"), Email: user.Text("Email"), ProfileID: user.Text("ProfileId"),
			RoleID: user.Text("UserRoleId"), Persons: o.opts.persons, Session: cmp.Or(o.opts.session, 2*time.Hour),
			Now: o.db.Now(), Used: o.oauth.Used(), Limit: o.opts.apiLimit,
		}
	}
	api := soap.API{About: about, Unsupported: o.db.Unsupported}
	api.Admit = func(session string) *wire.Error { return o.admit(r, session, note) }
	api.Logout = func(session string) {
		o.db.Lock()
		defer o.db.Unlock()
		o.oauth.Logout(session)
	}
	if o.opts.soapLogin {
		api.Login = func(user, password string) (string, bool) {
			o.db.Lock()
			defer o.db.Unlock()
			return o.oauth.Login(user, password)
		}
	}
	return api
}

// login answers the OAuth endpoints.
func (o *Org) login(r *http.Request, body []byte) *wire.Reply {
	o.db.Lock()
	defer o.db.Unlock()
	return o.oauth.Serve(r, body)
}

// count counts API calls.
func (o *Org) count(note *wire.Note, calls int) {
	note.Calls += calls
	o.log.calls += calls
	o.oauth.Count(calls)
}

// methodOf returns the effective method of a request: a client that cannot send PATCH sends
// ?_HttpMethod=PATCH in a POST (REST API guide).
func methodOf(r *http.Request) string {
	switch other := r.URL.Query().Get("_HttpMethod"); {
	case r.Method == http.MethodHead:
		return http.MethodGet
	case r.Method == http.MethodPost && other != "":
		return strings.ToUpper(other)
	}
	return r.Method
}

// wantsXML reports whether a request is in XML or asks for an answer in XML, which Salesforce
// supports and the fake does not.
func wantsXML(h http.Header) bool {
	accept := h.Get("Accept")
	return strings.HasPrefix(h.Get("Content-Type"), "application/xml") ||
		strings.Contains(accept, "application/xml") && !strings.Contains(accept, "json") &&
			!strings.Contains(accept, "*/*")
}

// maxURI bounds the URI and, together with it, the headers, in bytes
// (docs/salesforce.md, Limits).
const maxURI = 16_384

func tooLarge(r *http.Request) *wire.Error {
	size := len(r.URL.RequestURI())
	if size > maxURI {
		return wire.Refuse(414, "URI_TOO_LONG", "URI Too Long")
	}
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	if size > maxURI {
		return wire.Refuse(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", "Request Header Fields Too Large")
	}
	return nil
}

// named adds the headers of every versioned answer (docs/salesforce.md, Headers): how many
// calls are used, and a request id.
func (o *Org) named(rep *wire.Reply) *wire.Reply {
	o.db.Lock()
	defer o.db.Unlock()
	o.log.answers++
	id := sha256.Sum256(fmt.Appendf(nil, "%s request %d", o.db.OrgID, o.log.answers))
	used := o.oauth.Used()
	return rep.With("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", used,
		o.opts.apiLimit)).With("X-Sfdc-Request-Id", hex.EncodeToString(id[:16]))
}

// route answers a request with the resource that it names.
func (o *Org) route(req *wire.Request) *wire.Reply {
	arguments := req.Path[1:]
	get := func(resource func(*wire.Request) *wire.Reply) *wire.Reply {
		return wire.Only(req, func(req *wire.Request) *wire.Reply { return o.locked(req, resource) }, http.MethodGet)
	}
	switch name := req.Path[0]; {
	case name == "":
		return get(o.rest.Resources)
	case name == "sobjects":
		return o.locked(req, o.rest.SObjects)
	case name == "query" || name == "queryAll":
		return get(o.query.Query)
	case name == "search" && len(arguments) == 0:
		return get(o.query.Search)
	case name == "parameterizedSearch":
		return wire.Only(req, func(req *wire.Request) *wire.Reply {
			return o.locked(req, o.query.ParameterizedSearch)
		}, http.MethodGet, http.MethodPost)
	case name == "recent" && len(arguments) == 0:
		return get(o.rest.RecentRows)
	case name == "limits" && len(arguments) == 0:
		return get(o.rest.Limits)
	case name == "limits" && arguments[0] == "recordCount" && req.Since(40):
		return get(o.rest.RecordCount)
	case name == "tooling" && len(arguments) > 0 && len(arguments) < 3 && arguments[0] == "query":
		return get(o.catalog.Query)
	case name == "composite":
		return o.routeComposite(req, arguments)
	case name == "jobs":
		return o.bulk.Serve(req)
	case name == "ui-api":
		return wire.Only(req, func(req *wire.Request) *wire.Reply {
			return o.locked(req, o.rest.UIAPI)
		}, http.MethodGet)
	}
	return o.db.Unsupported(req.Method + " " + req.Text)
}

// routeComposite answers a request to /composite. A resource that the version does not have
// yet is not found (REST API guide, each resource).
func (o *Org) routeComposite(req *wire.Request, arguments []string) *wire.Reply {
	name := ""
	if len(arguments) > 0 {
		name = arguments[0]
	}
	first, known := map[string]int{"": 38, "sobjects": 42, "graph": 50, "batch": 34, "tree": 34}[name]
	switch {
	case known && !req.Since(first):
		return wire.NotFound().Reply()
	case name == "sobjects":
		return o.locked(req, o.rest.Collections)
	case name == "tree" && len(arguments) == 2:
		return wire.Only(req, func(req *wire.Request) *wire.Reply {
			return o.locked(req, o.rest.Tree)
		}, http.MethodPost)
	case len(arguments) > 1:
	case name == "":
		return wire.Only(req, o.rest.Composite, http.MethodPost)
	case name == "graph":
		return wire.Only(req, o.rest.Graphs, http.MethodPost)
	case name == "batch":
		return wire.Only(req, o.rest.Batch, http.MethodPost)
	}
	return o.db.Unsupported(req.Method + " " + req.Text)
}

// locked runs a resource with the org locked, and answers with 501 if the request named
// an object that the fake lacks. Within an all-or-none composite the org is locked already.
func (o *Org) locked(req *wire.Request, resource func(*wire.Request) *wire.Reply) *wire.Reply {
	if !req.AllOrNone {
		o.db.Lock()
		defer o.db.Unlock()
		defer o.db.Settle(req.Note)
	}
	rep := resource(req)
	if name := o.db.TakeUnsupported(); name != "" {
		return o.db.Unsupported("the object " + name + ", which Org.DefineObject can add")
	}
	return rep
}

// exclusive runs do with the org locked.
func (o *Org) exclusive(note *wire.Note, do func()) {
	o.db.Lock()
	defer o.db.Unlock()
	defer o.db.Settle(note)
	do()
}

// send writes a reply, compressed if the client accepts that. With cut it writes half of it
// and closes the connection.
func (o *Org) send(w http.ResponseWriter, req *http.Request, r *wire.Reply, cut bool) {
	for name, values := range r.Header {
		w.Header()[name] = values
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private")
	if r.Body == nil || req.Method == http.MethodHead {
		w.WriteHeader(r.Status)
		return
	}
	body, kind := bodyText(r.Body)
	h.Set("Content-Type", kind)
	body = o.pack(body, req.Header.Get("Accept-Encoding"), h)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(r.Status)
	if cut {
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

// bodyText returns a reply's body as it is sent, and its type.
func bodyText(body any) (text []byte, kind string) {
	switch body := body.(type) {
	case wire.CSV:
		return body, "text/csv"
	case wire.Binary:
		return body, "application/octetstream"
	case wire.Word:
		return []byte(body), "text/html;charset=UTF-8"
	case wire.XML:
		return []byte(body), "text/xml;charset=UTF-8"
	}
	return wire.Append(nil, body), "application/json;charset=UTF-8"
}

// pack compresses a body in the way that the client asks for
// (docs/salesforce.md, Headers).
func (o *Org) pack(body []byte, accepts string, h http.Header) []byte {
	var packed bytes.Buffer
	switch {
	case strings.Contains(accepts, "gzip"):
		h.Set("Content-Encoding", "gzip")
		z, used := o.gzips.Get().(*gzip.Writer) // each takes most of a megabyte
		if !used {
			z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // a level that there is
		}
		z.Reset(&packed)
		_, _ = z.Write(body)
		_ = z.Close()
		o.gzips.Put(z)
	case strings.Contains(accepts, "deflate"):
		h.Set("Content-Encoding", "deflate")
		z := zlib.NewWriter(&packed)
		_, _ = z.Write(body)
		_ = z.Close()
	default:
		return body
	}
	return packed.Bytes()
}

// wait waits for d or until the org is closed. A client that gives up does not shorten it:
// Salesforce keeps working (docs/salesforce.md, Repeats).
func (o *Org) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-o.closed:
	}
}

// used returns how much of each limit is used, by name. The caller holds the lock.
func (o *Org) used() map[string]int {
	return map[string]int{"DailyApiRequests": o.oauth.Used(), "DailyBulkV2QueryJobs": o.bulk.QueryJobs()}
}

// countMore counts further API calls of a request. The caller does not hold the lock.
func (o *Org) countMore(note *wire.Note, calls int) {
	o.db.Lock()
	defer o.db.Unlock()
	o.count(note, calls)
}
