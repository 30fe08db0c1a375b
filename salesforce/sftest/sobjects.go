package sftest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A restAPI answers the resources of the REST API but those of queries.
type restAPI struct {
	db     *database
	query  *engine
	opts   restOptions
	recent []string // ids of rows that the user saw, the last first
}

// restOptions are what a restAPI needs of the org around it.
type restOptions struct {
	route     func(*request) *reply        // answers a subrequest
	exclusive func(entry *note, do func()) // runs do with the org locked
	count     func(entry *note, calls int) // counts API calls
	used      func() map[string]int        // what of limits is used, by name
	apiLimit  int
}

func newRestAPI(d *database, query *engine, opts restOptions) *restAPI {
	return &restAPI{db: d, query: query, opts: opts}
}

// sobjects answers /sobjects and what is below it. The caller holds o.mu.
func (a *restAPI) sobjects(req *request) *reply {
	if len(req.path) == 1 {
		return only(req, a.describeGlobal, http.MethodGet)
	}
	obj := a.db.asked(req.path[1])
	if obj == nil {
		return notFound().reply() // SALESFORCE.md 1: a wrong object name in a URL
	}
	if len(req.path) > 3 && req.path[2] == "describe" && req.path[3] == "layouts" {
		return only(req, func(req *request) *reply { return a.layouts(req, obj) }, http.MethodGet)
	}
	switch arguments := req.path[2:]; len(arguments) {
	case 0:
		return a.objectResource(req, obj)
	case 1:
		switch {
		case arguments[0] == "describe":
			return only(req, func(req *request) *reply { return a.describe(req, obj) }, http.MethodGet)
		case arguments[0] == "updated" || arguments[0] == "deleted":
			return only(req, func(req *request) *reply { return a.changes(req, obj, arguments[0] == "deleted") }, http.MethodGet)
		case arguments[0] == "Id" && req.method == http.MethodPost && req.since(37):
			return a.createOne(req, obj) // an upsert by no id (SALESFORCE.md 1)
		}
		if !slices.Contains(strings.Fields("compactLayouts layouts listviews namedLayouts quickActions"), arguments[0]) {
			return a.rowResource(req, obj, arguments[0])
		}
	case 2:
		_, related := canonicalID(arguments[0]) // rows of a relationship, which it does not know
		if arguments[0] != "describe" && !related {
			return a.keyResource(req, obj, arguments[0], arguments[1])
		}
	}
	return a.db.surprised(req.method + " " + req.text)
}

func (a *restAPI) objectResource(req *request, obj *object) *reply {
	switch req.method {
	case http.MethodGet:
		return answer(200, jsonObject{{name: "objectDescribe", value: a.globalEntry(obj, req.version)}, {name: "recentItems", value: a.recentItems(obj, shownRecent, req.version)}})
	case http.MethodPost:
		return a.createOne(req, obj)
	}
	return wrongMethod(req.method, "GET", "POST")
}

// sentRow is the body of a single-row write, its attributes left out.
func sentRow(req *request) (jsonObject, *apiError) {
	if req.bodyErr != nil {
		return nil, req.bodyErr
	}
	body, ok := req.body.(jsonObject)
	if !ok {
		return nil, refuse(400, "JSON_PARSER_ERROR", "Cannot deserialize instance of object from the request body")
	}
	fields := jsonObject{}
	for _, m := range body {
		if m.name != "attributes" {
			fields = append(fields, m)
		}
	}
	return fields, nil
}

// refuseNamed refuses a row that names in its body what the URL says (SALESFORCE.md 1,
// Upsert).
func refuseNamed(o jsonObject, keys ...string) *apiError {
	for _, m := range o {
		if slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(m.name, key) }) {
			return refuse(400, "INVALID_FIELD", fmt.Sprintf("The %s field should not be specified in the sobject data.", m.name))
		}
	}
	return nil
}

func (a *restAPI) createOne(req *request, obj *object) *reply {
	sent, err := sentRow(req)
	if err != nil {
		return err.reply()
	}
	r, errs := a.write(req, &save{op: opCreate, obj: obj, sent: sent})
	if len(errs) > 0 {
		return refuseRow(errs).reply()
	}
	return created(r, req.version, false)
}

// write saves a row of a single-row request, in a transaction of its own.
func (a *restAPI) write(req *request, s *save) (r *row, errs []*rowError) {
	req.entry.attempt(1)
	s.headers = headersOf(req)
	s.headers.single = true
	if err := a.refuseCollated(req, s.obj); err != nil {
		return nil, []*rowError{err}
	}
	a.db.atomically(func() bool {
		r, errs = a.db.save(s)
		return len(errs) == 0
	})
	if len(errs) == 0 {
		req.entry.Written++
		a.seeIfAsked(req.header, r)
	}
	return r, errs
}

// headersOf reads the headers that change a write; that of duplicate rules is
// known since v52 (SALESFORCE.md 4).
func headersOf(req *request) writeHeaders {
	duplicates := ""
	if req.since(52) {
		duplicates = strings.ToLower(strings.ReplaceAll(req.header.Get("Sforce-Duplicate-Rule-Header"), " ", ""))
	}
	return writeHeaders{
		version:        req.version,
		autoAssign:     !strings.EqualFold(strings.TrimSpace(req.header.Get("Sforce-Auto-Assign")), "FALSE"),
		allowSave:      strings.Contains(duplicates, "allowsave=true"),
		includeDetails: strings.Contains(duplicates, "includerecorddetails=true"),
	}
}

func created(r *row, version string, upsert bool) *reply {
	body := jsonObject{{name: "id", value: r.id}, {name: "success", value: true}, {name: "errors", value: []any{}}}
	if upsert {
		body.add("created", true)
	}
	return answer(201, body).with("Location", r.url(version))
}

// rowResource is /sobjects/X/id.
func (a *restAPI) rowResource(req *request, obj *object, text string) *reply {
	for _, name := range strings.Fields("If-Match If-None-Match If-Modified-Since If-Unmodified-Since") {
		if req.header.Get(name) != "" { // to carry it out all the same could overwrite what is newer
			return a.db.surprised(name + " of a row")
		}
	}
	id, ok := canonicalID(text)
	r := obj.byID[id]
	if !ok || r == nil {
		return a.noSuchRow(req).reply()
	}
	switch req.method {
	case http.MethodGet:
		return a.showRow(req, r)
	case http.MethodPatch:
		return a.updateOne(req, r)
	case http.MethodDelete:
		return a.deleteOne(req, r)
	}
	return wrongMethod(req.method, "GET", "PATCH", "DELETE")
}

func (a *restAPI) noSuchRow(req *request) *apiError {
	if req.method == http.MethodPatch || req.method == http.MethodDelete {
		req.entry.attempt(1)
	}
	if req.method == http.MethodDelete {
		return refuse(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	}
	return notFound()
}

func (a *restAPI) showRow(req *request, r *row) *reply {
	if r.deleted() {
		return notFound().reply() // GET after delete is 404 NOT_FOUND (SALESFORCE.md 1)
	}
	fields := r.obj.fields
	if list := req.query.Get("fields"); list != "" {
		fields = nil
		for name := range strings.SplitSeq(list, ",") {
			f := r.obj.visible(strings.TrimSpace(name))
			if f == nil {
				return refuse(400, "INVALID_FIELD", noSuchColumn(name, r.obj).Message).reply()
			}
			fields = append(fields, f)
		}
		if id := r.obj.field("Id"); !slices.Contains(fields, id) {
			fields = append(fields, id)
		}
	}
	body := jsonObject{{name: "attributes", value: r.attributes(req.version)}}
	for _, f := range fields {
		if !f.hidden {
			body.add(f.Name, a.db.value(r, f))
		}
	}
	rep := answer(200, body)
	if modified, ok := r.values["LastModifiedDate"]; ok {
		rep.with("Last-Modified", httpDate(modified))
	}
	return rep
}

func (a *restAPI) updateOne(req *request, r *row) *reply {
	sent, err := sentRow(req)
	if err != nil {
		return err.reply()
	}
	if err := refuseNamed(sent, "Id"); err != nil {
		return err.reply()
	}
	if _, errs := a.write(req, &save{op: opUpdate, obj: r.obj, row: r, sent: sent}); len(errs) > 0 {
		return refuseRow(errs).reply()
	}
	return answer(204, nil)
}

func (a *restAPI) deleteOne(req *request, r *row) *reply {
	req.entry.attempt(1)
	if err := a.db.remove(r); err != nil {
		return refuseRow([]*rowError{err}).reply()
	}
	req.entry.Written++
	return answer(204, nil)
}

// keyResource is /sobjects/X/Field/value.
func (a *restAPI) keyResource(req *request, obj *object, name, value string) *reply {
	f := keyField(obj, name)
	if f == nil {
		return noKey(name).reply()
	}
	if f.Name == "Id" {
		return a.rowResource(req, obj, value)
	}
	v, ok := f.fromText(value)
	if !ok {
		return notFound().reply()
	}
	rows := obj.keyed(f, v)
	if len(rows) > 1 {
		urls := []any{}
		for _, r := range rows {
			urls = append(urls, r.url(req.version))
		}
		return answer(300, urls)
	}
	switch {
	case req.method == http.MethodPatch:
		return a.upsertOne(req, obj, f, v, rows)
	case len(rows) == 0:
		return a.noSuchRow(req).reply()
	}
	return a.rowResource(req, obj, rows[0].id)
}

func noKey(name string) *apiError {
	return refuse(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+name)
}

func (a *restAPI) upsertOne(req *request, obj *object, f *field, v any, rows []*row) *reply {
	sent, err := sentRow(req)
	if err != nil {
		return err.reply()
	}
	if obj.name == "CampaignMember" {
		return refuseRow([]*rowError{noUpsert(obj)}).reply()
	}
	if err := refuseNamed(sent, "Id", f.Name); err != nil {
		return err.reply()
	}
	if !a.db.mayUseKey(f) {
		return refuseRow([]*rowError{keyNeedsViewAll(f)}).reply()
	}
	if len(rows) == 0 && req.query.Get("updateOnly") == "true" {
		return notFound().reply()
	}
	s := upsertSave(obj, f, v, rows, sent)
	r, errs := a.write(req, s)
	switch {
	case len(errs) > 0:
		return refuseRow(errs).reply()
	case s.op == opCreate:
		return created(r, req.version, req.since(46))
	case !req.since(46):
		return answer(204, nil) // older versions answer an update so (SALESFORCE.md 1)
	}
	return answer(200, jsonObject{{name: "id", value: r.id}, {name: "success", value: true}, {name: "errors", value: []any{}}, {name: "created", value: false}})
}
