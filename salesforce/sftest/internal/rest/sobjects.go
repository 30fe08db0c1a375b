// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// SObjects answers /sobjects and the resources below it.
func (a *API) SObjects(req *wire.Request) *wire.Reply {
	if len(req.Path) == 1 {
		return wire.Only(req, a.describeGlobal, http.MethodGet)
	}
	obj := a.db.Requested(req.Path[1])
	if obj == nil {
		return wire.NotFound().Reply() // docs/salesforce.md, Requests: a wrong object name in a URL
	}
	if len(req.Path) > 3 && req.Path[2] == "describe" && req.Path[3] == "layouts" {
		return wire.Only(req, func(req *wire.Request) *wire.Reply { return a.layouts(req, obj) }, http.MethodGet)
	}
	switch arguments := req.Path[2:]; len(arguments) {
	case 0:
		return a.objectResource(req, obj)
	case 1:
		switch {
		case arguments[0] == "describe":
			return wire.Only(req, func(req *wire.Request) *wire.Reply { return a.describe(req, obj) }, http.MethodGet)
		case arguments[0] == "updated" || arguments[0] == "deleted":
			return wire.Only(req, func(req *wire.Request) *wire.Reply {
				return a.changes(req, obj, arguments[0] == "deleted")
			}, http.MethodGet)
		case arguments[0] == "Id" && req.Method == http.MethodPost && req.Since(37):
			return a.createOne(req, obj) // an upsert by no id (docs/salesforce.md, Upsert)
		}
		if !slices.Contains(strings.Fields("compactLayouts layouts listviews namedLayouts quickActions"),
			arguments[0]) {
			return a.rowResource(req, obj, arguments[0])
		}
	case 2:
		_, related := wire.CanonicalID(arguments[0]) // rows of a relationship, which the fake does not support
		if f := obj.Field(arguments[1]); related && f != nil && f.Kind() == db.KindBlob {
			return wire.Only(req, func(req *wire.Request) *wire.Reply { return a.content(req, obj, f) }, http.MethodGet)
		}
		if arguments[0] != "describe" && !related {
			return a.keyResource(req, obj, arguments[0], arguments[1])
		}
	}
	return a.db.Unsupported(req.Method + " " + req.Text)
}

func (a *API) objectResource(req *wire.Request, obj *db.Object) *wire.Reply {
	switch req.Method {
	case http.MethodGet:
		return wire.Answer(200,
			wire.Object{
				{Name: "objectDescribe", Value: a.globalEntry(obj, req.Version)},
				{Name: "recentItems", Value: a.recentItems(obj, shownRecent, req.Version)},
			})
	case http.MethodPost:
		return a.createOne(req, obj)
	}
	return wire.WrongMethod(req.Method, "GET", "POST")
}

// sentRow returns the body of a single-row write without its attributes.
func sentRow(req *wire.Request, obj *db.Object) (wire.Object, *wire.Error) {
	if boundary, ok := boundaryOf(req); ok && obj.HasContent() {
		return readParted(req, boundary)
	}
	if req.BodyErr != nil {
		return nil, req.BodyErr
	}
	return withoutAttributes(req.Body)
}

func withoutAttributes(v any) (wire.Object, *wire.Error) {
	body, ok := v.(wire.Object)
	if !ok {
		return nil, wire.Refuse(400, "JSON_PARSER_ERROR", "Cannot deserialize instance of object from the request body")
	}
	fields := wire.Object{}
	for _, m := range body {
		if m.Name != "attributes" {
			fields = append(fields, m)
		}
	}
	return fields, nil
}

// refuseNamed refuses a row whose body names a key of the URL
// (docs/salesforce.md, Upsert).
func refuseNamed(o wire.Object, keys ...string) *wire.Error {
	for _, m := range o {
		if slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(m.Name, key) }) {
			return wire.Refuse(400, "INVALID_FIELD",
				fmt.Sprintf("The %s field should not be specified in the sobject data.", m.Name))
		}
	}
	return nil
}

func (a *API) createOne(req *wire.Request, obj *db.Object) *wire.Reply {
	sent, err := sentRow(req, obj)
	if err != nil {
		return err.Reply()
	}
	r, errs := a.write(req, &db.Save{Op: db.OpCreate, Obj: obj, Sent: sent})
	if len(errs) > 0 {
		return wire.RefuseRow(errs).Reply()
	}
	return created(r, req.Version, false)
}

// write saves a row of a single-row request, in a transaction of its own.
func (a *API) write(req *wire.Request, s *db.Save) (r *db.Row, errs []*wire.RowError) {
	req.Note.AddWrites(1)
	s.Headers = headersOf(req)
	s.Headers.Single = true
	if err := a.refuseCollated(req, s.Obj); err != nil {
		return nil, []*wire.RowError{err}
	}
	a.db.Atomically(func() bool {
		r, errs = a.db.Save(s)
		return len(errs) == 0
	})
	if len(errs) == 0 {
		req.Note.Written++
		a.seeIfAsked(req.Header, r)
	}
	return r, errs
}

// headersOf reads the headers that change a write; that of duplicate rules exists since v52
// (docs/salesforce.md, Headers).
func headersOf(req *wire.Request) db.Headers {
	duplicates := ""
	if req.Since(52) {
		duplicates = strings.ToLower(strings.ReplaceAll(req.Header.Get("Sforce-Duplicate-Rule-Header"), " ", ""))
	}
	return db.Headers{
		Version:        req.Version,
		AutoAssign:     autoAssigns(req.Header),
		AllowSave:      strings.Contains(duplicates, "allowsave=true"),
		IncludeDetails: strings.Contains(duplicates, "includerecorddetails=true"),
	}
}

// autoAssigns reports whether assignment rules apply to what a request writes.
func autoAssigns(h http.Header) bool {
	return !strings.EqualFold(strings.TrimSpace(h.Get("Sforce-Auto-Assign")), "FALSE")
}

func created(r *db.Row, version string, upsert bool) *wire.Reply {
	body := wire.Object{{Name: "id", Value: r.ID}, {Name: "success", Value: true}, {Name: "errors", Value: []any{}}}
	if upsert {
		body.Add("created", true)
	}
	return wire.Answer(201, body).With("Location", r.URL(version))
}

// rowResource answers /sobjects/X/id.
func (a *API) rowResource(req *wire.Request, obj *db.Object, text string) *wire.Reply {
	id, ok := wire.CanonicalID(text)
	r := obj.ByID[id]
	switch {
	case !ok:
		return a.noSuchID(req, text).Reply()
	case r == nil:
		return a.noSuchRow(req).Reply()
	}
	if met := a.precondition(req, r); met != nil {
		return met
	}
	switch req.Method {
	case http.MethodGet:
		return a.showRow(req, r)
	case http.MethodPatch:
		return a.updateOne(req, r)
	case http.MethodDelete:
		return a.deleteOne(req, r)
	}
	return wire.WrongMethod(req.Method, "GET", "PATCH", "DELETE")
}

func (a *API) noSuchRow(req *wire.Request) *wire.Error {
	if req.Method == http.MethodPatch || req.Method == http.MethodDelete {
		req.Note.AddWrites(1)
	}
	if req.Method == http.MethodDelete {
		return wire.RefuseRow([]*wire.RowError{
			{StatusCode: "INVALID_CROSS_REFERENCE_KEY", Message: "invalid cross reference id", Status: 404},
		})
	}
	return wire.NotFound()
}

// noSuchID refuses what is not an id: it is read as the name of a key (recorded,
// docs/salesforce.md, Requests).
func (a *API) noSuchID(req *wire.Request, text string) *wire.Error {
	if req.Method == http.MethodPatch || req.Method == http.MethodDelete {
		req.Note.AddWrites(1)
	}
	return noKey(text)
}

func (a *API) showRow(req *wire.Request, r *db.Row) *wire.Reply {
	if r.Deleted() {
		return wire.NotFound().Reply() // GET after delete is 404 NOT_FOUND (docs/salesforce.md, Requests)
	}
	fields := r.Obj.Fields
	if list := req.Query.Get("fields"); list != "" {
		fields = nil
		for name := range strings.SplitSeq(list, ",") {
			f := r.Obj.Visible(strings.TrimSpace(name))
			if f == nil {
				return a.noColumn(name, r.Obj)
			}
			fields = append(fields, f)
		}
		if id := r.Obj.Field("Id"); !slices.Contains(fields, id) {
			fields = append(fields, id)
		}
	}
	body := wire.Object{{Name: "attributes", Value: r.Attributes(req.Version)}}
	for _, f := range fields {
		if !f.Hidden {
			body.Add(f.Name, a.db.Shown(r, f, req.Version))
		}
	}
	rep := a.tagged(wire.Answer(200, body), r)
	if modified := r.Get("LastModifiedDate"); modified != nil {
		rep.With("Last-Modified", httpDate(modified))
	}
	return rep
}

func (a *API) updateOne(req *wire.Request, r *db.Row) *wire.Reply {
	sent, err := sentRow(req, r.Obj)
	if err != nil {
		return err.Reply()
	}
	if err := refuseNamed(sent, "Id"); err != nil {
		return err.Reply()
	}
	if _, errs := a.write(req, &db.Save{Op: db.OpUpdate, Obj: r.Obj, Row: r, Sent: sent}); len(errs) > 0 {
		return wire.RefuseRow(errs).Reply()
	}
	return a.tagged(wire.Answer(204, nil), r)
}

func (a *API) deleteOne(req *wire.Request, r *db.Row) *wire.Reply {
	req.Note.AddWrites(1)
	if err := a.db.Remove(r); err != nil {
		return wire.RefuseRow([]*wire.RowError{err}).Reply()
	}
	req.Note.Written++
	return wire.Answer(204, nil)
}

// keyResource answers /sobjects/X/Field/value.
func (a *API) keyResource(req *wire.Request, obj *db.Object, name, value string) *wire.Reply {
	f := db.KeyField(obj, name)
	if f == nil {
		return noKey(name).Reply()
	}
	if f.Name == "Id" {
		return a.upserted(req, obj, a.rowResource(req, obj, value), value)
	}
	v, ok := f.FromText(value)
	if !ok {
		return wire.NotFound().Reply()
	}
	rows := obj.Keyed(f, v)
	if len(rows) > 1 {
		urls := []any{}
		for _, r := range rows {
			urls = append(urls, r.URL(req.Version))
		}
		return wire.Answer(300, urls)
	}
	switch {
	case req.Method == http.MethodPatch:
		return a.upsertOne(req, obj, f, v, rows)
	case len(rows) == 0:
		return a.noSuchRow(req).Reply()
	}
	return a.rowResource(req, obj, rows[0].ID)
}

// noColumn refuses to read a field.
func (a *API) noColumn(name string, obj *db.Object) *wire.Reply {
	if obj.Lacks(strings.TrimSpace(name)) {
		return a.db.Unsupported("the field " + name + " of " + obj.Name)
	}
	return wire.Refuse(400, "INVALID_FIELD", db.NoSuchColumn(name, obj).Message).Reply()
}

// upserted turns the answer to an update by an id in place of a key into that of an upsert
// (recorded, docs/salesforce.md, Upsert).
func (a *API) upserted(req *wire.Request, obj *db.Object, rep *wire.Reply, text string) *wire.Reply {
	if req.Method != http.MethodPatch || rep.Status != 204 || !req.Since(46) {
		return rep
	}
	id, _ := wire.CanonicalID(text)
	rep.Status, rep.Body = 200, wire.Object{
		{Name: "id", Value: id}, {Name: "success", Value: true}, {Name: "errors", Value: []any{}},
		{Name: "created", Value: false},
	}
	return rep.With("Location", obj.ByID[id].URL(req.Version))
}

func noKey(name string) *wire.Error {
	return wire.Refuse(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+name)
}

func (a *API) upsertOne(req *wire.Request, obj *db.Object, f *db.Field, v any, rows []*db.Row) *wire.Reply {
	sent, err := sentRow(req, obj)
	if err != nil {
		return err.Reply()
	}
	if obj.Name == "CampaignMember" {
		return wire.RefuseRow([]*wire.RowError{db.NoUpsert(obj)}).Reply()
	}
	if err := refuseNamed(sent, "Id", f.Name); err != nil {
		return err.Reply()
	}
	if !a.db.MayUseKey(f) {
		return wire.RefuseRow([]*wire.RowError{db.KeyNeedsViewAll(f)}).Reply()
	}
	if len(rows) == 0 && req.Query.Get("updateOnly") == "true" {
		return wire.NotFound().Reply()
	}
	s := db.UpsertSave(obj, f, v, rows, sent)
	r, errs := a.write(req, s)
	switch {
	case len(errs) > 0:
		return wire.RefuseRow(errs).Reply()
	case s.Op == db.OpCreate:
		return created(r, req.Version, req.Since(46))
	case !req.Since(46):
		return wire.Answer(204, nil) // older versions answer an update so (docs/salesforce.md, Requests)
	}
	return wire.Answer(200, wire.Object{
		{Name: "id", Value: r.ID}, {Name: "success", Value: true}, {Name: "errors", Value: []any{}},
		{Name: "created", Value: false},
	})
}
