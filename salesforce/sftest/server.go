package sftest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A request is one request to a versioned resource, alone or within a
// composite.
type request struct {
	method  string
	version string   // such as v62.0
	path    []string // below the version, unescaped
	query   url.Values
	header  http.Header
	body    any
	bodyErr *apiError // why body could not be read
	raw     []byte    // the body as it came
	text    string    // the path as it was sent
	// instance is the org's URL as the client reached it.
	instance string
	entry    *Request
	// allOrNone of the enclosing composite, which overrides a collection's own.
	allOrNone bool
}

// A reply is the answer to a request. A nil body is none.
type reply struct {
	status int
	header http.Header
	body   any
}

func answer(status int, body any) *reply { return &reply{status: status, body: body} }

func (r *reply) with(name, value string) *reply {
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
	return r
}

func (r *reply) failed() bool { return r.status >= 400 || r.status == 300 }

const (
	defaultVersion = "v62.0"
	oldestVersion  = 31
	newestVersion  = 67
)

var versionPath = regexp.MustCompile(`^/services/data/v(\d+)\.0(/|$)`)

func (o *Org) serveHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	entry := &Request{Method: r.Method, Path: r.URL.Path, Time: o.opts.now()}
	certain := o.watchResend(r, body)
	fault := o.nextFault(r, body)
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
	rep.write(w, r, fault.CutBody)
}

// readBody reads the whole body, unpacked (SALESFORCE.md 4, Content-Encoding).
// Without a body there is nothing to unpack: go-salesforce names an encoding in
// every request, a GET too.
func readBody(r *http.Request) ([]byte, error) {
	packed, err := io.ReadAll(r.Body)
	if err != nil || len(packed) == 0 {
		return nil, err
	}
	var reader io.Reader
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
func (o *Org) handle(r *http.Request, body []byte, entry *Request) *reply {
	path := r.URL.Path
	var rep *reply
	switch {
	case path == "/services/data" || path == "/services/data/":
		rep = versions()
	case strings.HasPrefix(path, "/services/oauth2/") || strings.HasPrefix(path, "/id/"):
		rep = o.oauth(r, body)
	case versionPath.MatchString(path):
		rep = o.versioned(r, body, entry)
	default:
		rep = o.surprised(r.Method + " " + path)
	}
	entry.Status = rep.status
	if o.opts.message != nil {
		rep.body = rewriteMessages(rep.body, o.opts.message)
	}
	return rep
}

// versioned checks what stands before every versioned resource, counts the
// call, and answers it.
func (o *Org) versioned(r *http.Request, body []byte, entry *Request) *reply {
	o.mu.Lock()
	refused := o.admit(r)
	if refused == nil {
		entry.Calls = 1
		o.log.calls++
		o.access.used++
	}
	o.mu.Unlock()
	if refused != nil {
		return refused.reply().with("Sforce-Limit-Info", o.limitInfo())
	}
	if err := tooLarge(r); err != nil {
		return err.reply().with("Sforce-Limit-Info", o.limitInfo())
	}
	req := &request{method: r.Method, query: r.URL.Query(), header: r.Header, text: r.URL.EscapedPath(), entry: entry, instance: instanceURL(r)}
	if err := req.setPath(r.URL.EscapedPath()); err != nil {
		return err.reply()
	}
	if r.Method == http.MethodPost || r.Method == http.MethodPatch || r.Method == http.MethodPut {
		req.setBody(body)
		req.raw = body
	}
	rep := o.route(req)
	return rep.with("Sforce-Limit-Info", o.limitInfo())
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

// wrongMedia refuses a body that does not say it is JSON (SALESFORCE.md 3, other
// statuses; text not recorded). Without a type it is taken for JSON.
func wrongMedia(h http.Header) *apiError {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind == "" || kind == "application/json" {
		return nil
	}
	return refuse(415, "UNSUPPORTED_MEDIA_TYPE", "Content type "+kind+" is not supported")
}

func (req *request) setBody(body []byte) {
	if err := wrongMedia(req.header); err != nil {
		req.bodyErr = err
		return
	}
	v, err := decodeJSON(body)
	if err != nil {
		req.bodyErr = bodyError(body)
		return
	}
	req.body = v
}

// setPath splits /services/data/v62.0/a/b into the version and a, b.
func (req *request) setPath(escaped string) *apiError {
	found := versionPath.FindStringSubmatch(escaped)
	number := 0
	if found != nil {
		number, _ = strconv.Atoi(found[1])
	}
	if number < oldestVersion || number > newestVersion {
		return notFound()
	}
	req.version = "v" + found[1] + ".0"
	rest := strings.Trim(strings.TrimPrefix(escaped, "/services/data/"+req.version), "/")
	for part := range strings.SplitSeq(rest, "/") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return notFound()
		}
		req.path = append(req.path, plain)
	}
	return nil
}

func notFound() *apiError {
	return refuse(404, "NOT_FOUND", "The requested resource does not exist")
}

// since says whether the request speaks that version or a newer one.
func (req *request) since(version int) bool {
	number, _ := strconv.Atoi(strings.TrimSuffix(req.version[1:], ".0"))
	return number >= version
}

func (o *Org) limitInfo() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Sprintf("api-usage=%d/%d", o.access.used, o.opts.apiLimit)
}

// route finds the resource that a request names.
func (o *Org) route(req *request) *reply {
	arguments := req.path[1:]
	switch req.path[0] {
	case "":
		return o.only(req, o.resources, http.MethodGet)
	case "sobjects":
		return o.locked(req, o.sobjects)
	case "query", "queryAll":
		return o.only(req, func(req *request) *reply { return o.locked(req, o.query) }, http.MethodGet)
	case "limits":
		switch {
		case len(arguments) == 0:
			return o.only(req, o.limits, http.MethodGet)
		case arguments[0] == "recordCount":
			return o.only(req, o.recordCount, http.MethodGet)
		}
	case "composite":
		return o.routeComposite(req, arguments)
	case "jobs":
		return o.locked(req, o.jobs)
	case "ui-api":
		return o.only(req, func(req *request) *reply { return o.locked(req, o.uiAPI) }, http.MethodGet)
	}
	return o.surprised(req.method + " " + req.text)
}

func (o *Org) routeComposite(req *request, arguments []string) *reply {
	switch {
	case len(arguments) == 0:
		return o.only(req, o.composite, http.MethodPost)
	case arguments[0] == "sobjects":
		return o.locked(req, o.collections)
	case arguments[0] == "graph" && req.since(50):
		return o.only(req, o.graphs, http.MethodPost)
	case arguments[0] == "batch":
		return o.only(req, o.batch, http.MethodPost)
	}
	return o.surprised(req.method + " " + req.text)
}

// locked runs a resource with the org to itself. Within a composite that is all
// or none, the org is locked already.
func (o *Org) locked(req *request, resource func(*request) *reply) *reply {
	if req.allOrNone {
		return resource(req)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return resource(req)
}

func (o *Org) only(req *request, resource func(*request) *reply, methods ...string) *reply {
	for _, method := range methods {
		if req.method == method {
			return resource(req)
		}
	}
	return wrongMethod(req.method, methods...)
}

func wrongMethod(method string, allowed ...string) *reply {
	return refuse(405, "METHOD_NOT_ALLOWED", fmt.Sprintf("HTTP Method '%s' not allowed. Allowed are %s", method, strings.Join(allowed, ","))).reply()
}

// versions lists the API versions; it needs no token, counts as no call and
// carries no limit header (SALESFORCE.md 0).
func versions() *reply {
	list := []any{}
	for n := oldestVersion; n <= newestVersion; n++ {
		seasons := []string{"Summer", "Winter", "Spring"} // v31.0 is Summer '14
		year := 14 + (n-31+2)/3
		version := fmt.Sprintf("%d.0", n)
		list = append(list, jsonObject{
			{name: "label", value: fmt.Sprintf("%s '%d", seasons[(n-31)%3], year)},
			{name: "url", value: "/services/data/v" + version}, {name: "version", value: version},
		})
	}
	return answer(200, list)
}

func (o *Org) resources(req *request) *reply {
	base := "/services/data/" + req.version + "/"
	list := jsonObject{}
	for _, name := range []string{"composite", "limits", "query", "queryAll", "sobjects"} {
		list.add(name, base+name)
	}
	list.add("identity", req.instance+"/id/"+o.orgID+"/"+o.userID)
	return answer(200, list)
}

func (o *Org) limits(*request) *reply {
	o.mu.Lock()
	defer o.mu.Unlock()
	return answer(200, jsonObject{{name: "DailyApiRequests", value: jsonObject{
		{name: "Max", value: o.opts.apiLimit}, {name: "Remaining", value: max(0, o.opts.apiLimit-o.access.used)},
	}}})
}

func (o *Org) recordCount(req *request) *reply {
	o.mu.Lock()
	defer o.mu.Unlock()
	wanted := split(strings.ToLower(req.query.Get("sObjects")), ",")
	list := []any{}
	for _, obj := range o.inOrder() {
		if obj.readable && (len(wanted) == 0 || slices.Contains(wanted, strings.ToLower(obj.name))) {
			list = append(list, jsonObject{{name: "count", value: obj.count()}, {name: "name", value: obj.name}})
		}
	}
	return answer(200, jsonObject{{name: "sObjects", value: list}})
}

// write sends the reply, packed when asked to. With cut, half of it, and then
// the connection breaks.
func (r *reply) write(w http.ResponseWriter, req *http.Request, cut bool) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private")
	if r.body == nil {
		w.WriteHeader(r.status)
		return
	}
	body, csv := r.body.(csvText)
	if csv {
		h.Set("Content-Type", "text/csv")
	} else {
		body = appendJSON(nil, r.body)
		h.Set("Content-Type", "application/json;charset=UTF-8")
	}
	if strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(body)
		_ = z.Close()
		body = packed.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(r.status)
	if cut {
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
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
