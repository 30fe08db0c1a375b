package sftest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func (o *Org) serveHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	entry := &note{Method: r.Method, Path: r.URL.Path, Time: o.db.now()}
	certain := o.watchResend(r, body)
	fault := o.nextFault(r, body)
	o.db.Lock()
	o.oauth.usage.begin(entry)
	o.db.Unlock()
	defer o.finish(entry)
	o.wait(o.opts.latency + fault.Delay)
	switch {
	case fault.Status != 0:
		entry.Status = fault.Status
		o.record(entry)
		if fault.provesNothingDone() {
			certain()
		}
		fault.write(w)
		return
	case fault.DropBefore:
		o.record(entry)
		panic(http.ErrAbortHandler)
	case fault.CommitLater > 0:
		o.later(fault.CommitLater, func() {
			o.handle(r, body, entry)
			o.record(entry)
		})
		panic(http.ErrAbortHandler)
	}
	rep := o.handle(r, body, entry)
	o.record(entry)
	if fault.DropAfter {
		panic(http.ErrAbortHandler)
	}
	if !fault.CutBody && !gaveUp(r) {
		certain()
	}
	o.send(w, r, rep, fault.CutBody)
}

func (o *Org) finish(entry *note) {
	o.db.Lock()
	defer o.db.Unlock()
	o.oauth.usage.end(entry)
}

// readBody reads the whole body, unpacked (SALESFORCE.md 4, Content-Encoding).
// Without a body there is nothing to unpack: go-salesforce names an encoding in
// every request, a GET too.
func readBody(r *http.Request) ([]byte, error) {
	var body bytes.Buffer
	body.Grow(int(max(0, r.ContentLength)) + bytes.MinRead) // a bulk job's data is large
	if _, err := body.ReadFrom(r.Body); err != nil || body.Len() == 0 {
		return nil, err
	}
	packed := body.Bytes()
	var reader io.Reader
	var err error
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
		return packed, nil
	case "gzip":
		reader, err = gzip.NewReader(bytes.NewReader(packed))
	case "deflate":
		reader, err = zlib.NewReader(bytes.NewReader(packed))
	default:
		err = fmt.Errorf("unknown content encoding %s", encoding)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

// handle carries out a request that no fault keeps from it.
func (o *Org) handle(r *http.Request, body []byte, entry *note) *reply {
	path := r.URL.Path
	var rep *reply
	switch {
	case path == "/services/data" || path == "/services/data/":
		rep = only(&request{method: methodOf(r)}, versions, http.MethodGet)
	case strings.HasPrefix(path, "/services/oauth2/") || strings.HasPrefix(path, "/id/"):
		rep = o.login(r, body)
	case versionPath.MatchString(path):
		rep = o.versioned(r, body, entry)
	default:
		rep = o.db.surprised(r.Method + " " + path)
	}
	entry.Status = rep.status
	if o.opts.message != nil {
		rep.body = rewriteMessages(rep.body, o.opts.message)
	}
	return rep
}

// versioned checks what stands before every versioned resource, counts the
// call, and answers it. HEAD is a GET whose body stays away.
func (o *Org) versioned(r *http.Request, body []byte, entry *note) *reply {
	o.db.Lock()
	refused := o.oauth.admit(r)
	if refused == nil {
		o.count(entry, 1)
	}
	o.db.Unlock()
	if refused == nil {
		refused = tooLarge(r)
	}
	if refused != nil {
		return o.named(refused.reply())
	}
	req := &request{method: methodOf(r), query: r.URL.Query(), header: r.Header, text: r.URL.EscapedPath(), entry: entry, instance: instanceURL(r)}
	if err := req.setPath(r.URL.EscapedPath()); err != nil {
		return o.named(err.reply())
	}
	if wantsXML(r.Header) {
		return o.db.surprised("XML in " + req.method + " " + req.text)
	}
	if req.method == http.MethodPost || req.method == http.MethodPatch || req.method == http.MethodPut {
		req.setBody(body)
		req.raw = body
	}
	rep := o.route(req)
	o.wait(req.entry.slow)
	return o.named(rep)
}

// login answers the OAuth endpoints.
func (o *Org) login(r *http.Request, body []byte) *reply {
	o.db.Lock()
	defer o.db.Unlock()
	return o.oauth.oauth(r, body)
}

// count counts API calls. The caller holds o.mu.
func (o *Org) count(entry *note, calls int) {
	entry.Calls += calls
	o.log.calls += calls
	o.oauth.usage.add(o.db.now(), calls)
}

// methodOf is the method that a request stands for: a client that cannot send
// PATCH says ?_HttpMethod=PATCH in a POST (REST API guide).
func methodOf(r *http.Request) string {
	switch other := r.URL.Query().Get("_HttpMethod"); {
	case r.Method == http.MethodHead:
		return http.MethodGet
	case r.Method == http.MethodPost && other != "":
		return strings.ToUpper(other)
	}
	return r.Method
}

// wantsXML says whether a request is in XML or wants its answer so. Salesforce
// speaks it, the fake does not.
func wantsXML(h http.Header) bool {
	accept := h.Get("Accept")
	return strings.HasPrefix(h.Get("Content-Type"), "application/xml") ||
		strings.Contains(accept, "application/xml") && !strings.Contains(accept, "json") && !strings.Contains(accept, "*/*")
}

// maxURI bounds the URI and, together with it, the headers, in bytes
// (SALESFORCE.md 0).
const maxURI = 16_384

func tooLarge(r *http.Request) *apiError {
	size := len(r.URL.RequestURI())
	if size > maxURI {
		return refuse(414, "URI_TOO_LONG", "URI Too Long")
	}
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	if size > maxURI {
		return refuse(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", "Request Header Fields Too Large")
	}
	return nil
}

// named puts on what every versioned answer carries (SALESFORCE.md 4): how many
// calls are used, and an id of the request.
func (o *Org) named(rep *reply) *reply {
	o.db.Lock()
	defer o.db.Unlock()
	o.log.answers++
	id := sha256.Sum256(fmt.Appendf(nil, "%s request %d", o.db.orgID, o.log.answers))
	used := o.oauth.usage.used(o.db.now())
	return rep.with("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", used, o.opts.apiLimit)).with("X-Sfdc-Request-Id", hex.EncodeToString(id[:16]))
}

// route finds the resource that a request names.
func (o *Org) route(req *request) *reply {
	arguments := req.path[1:]
	get := func(resource func(*request) *reply) *reply {
		return only(req, func(req *request) *reply { return o.locked(req, resource) }, http.MethodGet)
	}
	switch name := req.path[0]; {
	case name == "":
		return get(o.rest.resources)
	case name == "sobjects":
		return o.locked(req, o.rest.sobjects)
	case name == "query" || name == "queryAll":
		return get(o.query.query)
	case name == "search" && len(arguments) == 0:
		return get(o.query.search)
	case name == "parameterizedSearch":
		return only(req, func(req *request) *reply { return o.locked(req, o.query.parameterizedSearch) }, http.MethodGet, http.MethodPost)
	case name == "recent" && len(arguments) == 0:
		return get(o.rest.recentRows)
	case name == "limits" && len(arguments) == 0:
		return get(o.rest.limits)
	case name == "limits" && arguments[0] == "recordCount" && req.since(40):
		return get(o.rest.recordCount)
	case name == "composite":
		return o.routeComposite(req, arguments)
	case name == "jobs":
		return o.locked(req, o.bulk.serve)
	case name == "ui-api":
		return only(req, func(req *request) *reply { return o.locked(req, o.rest.uiAPI) }, http.MethodGet)
	}
	return o.db.surprised(req.method + " " + req.text)
}

// routeComposite finds a resource of /composite. What a version does not have
// yet is not found (REST API guide, each resource).
func (o *Org) routeComposite(req *request, arguments []string) *reply {
	name := ""
	if len(arguments) > 0 {
		name = arguments[0]
	}
	first, known := map[string]int{"": 38, "sobjects": 42, "graph": 50, "batch": 34, "tree": 34}[name]
	switch {
	case known && !req.since(first):
		return notFound().reply()
	case name == "sobjects":
		return o.locked(req, o.rest.collections)
	case name == "tree" && len(arguments) == 2:
		return only(req, func(req *request) *reply { return o.locked(req, o.rest.tree) }, http.MethodPost)
	case len(arguments) > 1:
	case name == "":
		return only(req, o.rest.composite, http.MethodPost)
	case name == "graph":
		return only(req, o.rest.graphs, http.MethodPost)
	case name == "batch":
		return only(req, o.rest.batch, http.MethodPost)
	}
	return o.db.surprised(req.method + " " + req.text)
}

// locked runs a resource with the org to itself. Within a composite that is all
// or none, the org is locked already.
func (o *Org) locked(req *request, resource func(*request) *reply) *reply {
	if req.allOrNone {
		return o.known(req, resource)
	}
	var rep *reply
	o.exclusive(req.entry, func() { rep = o.known(req, resource) })
	return rep
}

// exclusive runs do with the org to itself.
func (o *Org) exclusive(entry *note, do func()) {
	o.db.Lock()
	defer o.db.Unlock()
	defer o.db.settle(entry)
	do()
}

// known answers with 501 where a request named an object that the fake has not.
func (o *Org) known(req *request, resource func(*request) *reply) *reply {
	rep := resource(req)
	if name := o.db.takeLacked(); name != "" {
		return o.db.surprised("the object " + name + ", which Org.DefineObject can add")
	}
	return rep
}

// send answers a request, packed when asked to. With cut, half of it, and then the
// connection breaks.
func (o *Org) send(w http.ResponseWriter, req *http.Request, r *reply, cut bool) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private")
	if r.body == nil || req.Method == http.MethodHead {
		w.WriteHeader(r.status)
		return
	}
	body, kind := bodyText(r.body)
	h.Set("Content-Type", kind)
	body = o.pack(body, req.Header.Get("Accept-Encoding"), h)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(r.status)
	if cut {
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

// bodyText is a reply's body as it is sent, and its type.
func bodyText(body any) (text []byte, kind string) {
	switch body := body.(type) {
	case csvText:
		return body, "text/csv"
	case oneWord:
		return []byte(body), "text/html;charset=UTF-8"
	}
	return appendJSON(nil, body), "application/json;charset=UTF-8"
}

// pack compresses a body in the way that the client asks for (SALESFORCE.md 4).
func (o *Org) pack(body []byte, accepts string, h http.Header) []byte {
	var packed bytes.Buffer
	switch {
	case strings.Contains(accepts, "gzip"):
		h.Set("Content-Encoding", "gzip")
		z, used := o.gzips.Get().(*gzip.Writer) // each takes most of a megabyte
		if !used {
			z = gzip.NewWriter(nil)
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

// wait lets d pass, or the org be closed. A client that gives up does not
// shorten it: Salesforce goes on working (SALESFORCE.md 8.8).
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
