// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/query"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const (
	maxRuns     = 10   // of rows of one type (docs/salesforce.md, Limits)
	maxRetrieve = 2000 // ids (docs/salesforce.md, Limits)
)

// A batch is the rows of one collection.
type batch struct {
	records   []any
	allOrNone bool
	upsert    bool
	headers   db.Headers
	refused   *wire.RowError // by Org.OnBatch, the run under way
}

// Collections answers /composite/sobjects and the resources below it.
func (a *API) Collections(req *wire.Request) *wire.Reply {
	arguments := req.Path[2:]
	switch {
	case len(arguments) == 0 && req.Method == http.MethodPost:
		return a.writeRows(req, db.OpCreate)
	case len(arguments) == 0 && req.Method == http.MethodPatch:
		return a.writeRows(req, db.OpUpdate)
	case len(arguments) == 0 && req.Method == http.MethodDelete:
		return a.deleteRows(req)
	case len(arguments) == 0:
		return wire.WrongMethod(req.Method, "POST", "PATCH", "DELETE")
	case len(arguments) == 1:
		return a.retrieve(req, arguments[0])
	case len(arguments) == 2 && !req.Since(46): // docs/salesforce.md, Limits
		return wire.NotFound().Reply()
	case len(arguments) == 2:
		return wire.Only(req, func(req *wire.Request) *wire.Reply {
			return a.upsertRows(req, arguments[0], arguments[1])
		}, http.MethodPatch)
	}
	return a.db.Unsupported(req.Method + " " + req.Text)
}

// readRows reads {allOrNone, records} and refuses a collection that is invalid as a whole.
func (a *API) readRows(req *wire.Request) (records []any, allOrNone bool, err *wire.Error) {
	body, _ := req.Body.(wire.Object)
	if boundary, ok := boundaryOf(req); ok {
		if body, err = readPartedRows(req, boundary); err != nil {
			return nil, false, err
		}
	} else if req.BodyErr != nil {
		return nil, false, req.BodyErr
	}
	list, _ := body.Get("records")
	records, _ = list.([]any)
	flag, err := body.Flag("allOrNone")
	req.Note.AddWrites(len(records))
	switch {
	case err != nil:
		return nil, false, err
	case len(records) == 0:
		return nil, false, wire.Refuse(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
	case len(records) > db.MaxRows:
		return nil, false, tooMany(db.MaxRows)
	}
	if len(typeRuns(records)) > maxRuns {
		// The text is Apex's for the same limit; that of REST is not recorded.
		return nil, false, wire.Refuse(400, "LIMIT_EXCEEDED",
			fmt.Sprintf(
				"Cannot have more than %d chunks in a single operation. Please rearrange the data to reduce chunking.",
				maxRuns,
			))
	}
	return records, flag || req.AllOrNone, nil
}

// tooMany refuses a collection with too many rows. The text is recorded for another limit
// (docs/salesforce.md, Collections).
func tooMany(limit int) *wire.Error {
	return wire.Refuse(400, "EXCEEDED_ID_LIMIT",
		fmt.Sprintf("record limit reached. cannot submit more than %d records in this operation", limit))
}

// typeRuns returns the lengths of the runs of consecutive rows of one type: 2, 1, 1 for a, a,
// c, a.
func typeRuns(records []any) []int {
	var runs []int
	last := ""
	for i, record := range records {
		name := typeOf(record)
		if i == 0 || name != last {
			runs = append(runs, 0)
		}
		runs[len(runs)-1]++
		last = name
	}
	return runs
}

// typeOf returns the lower-case object name in a row's attributes.
func typeOf(record any) string {
	fields, _ := record.(wire.Object)
	attributes, _ := fields.Get("attributes")
	a, _ := attributes.(wire.Object)
	return strings.ToLower(a.Text("type"))
}

// readRow reads a row. It is recorded that a row without attributes is refused
// (docs/salesforce.md, Collections). Their position does not matter, whatever the message
// says: jsforce sends the id before them, Go clients that encode a map all fields, and
// Salesforce's own SDK for iOS an unordered dictionary.
func (a *API) readRow(record any) *db.RowInput {
	c := &db.RowInput{}
	fields, _ := record.(wire.Object)
	at := slices.IndexFunc(fields, func(m wire.Member) bool { return m.Name == "attributes" })
	if at < 0 {
		c.Err = wire.NewRowError("JSON_PARSER_ERROR",
			"Nested object for polymorphic foreign key must have an attributes field before any other fields.")
		return c
	}
	attributes, _ := fields[at].Value.(wire.Object)
	c.Obj = a.db.Requested(attributes.Text("type"))
	if c.Obj == nil {
		c.Err = wire.NewRowError("INVALID_TYPE", fmt.Sprintf("sObject type '%s' is not supported.",
			attributes.Text("type")))
		return c
	}
	for i, m := range fields {
		switch {
		case strings.EqualFold(m.Name, "Id"):
			c.ID = wire.TextOf(m.Value)
		case i != at:
			c.Fields = append(c.Fields, m)
		}
	}
	return c
}

func (a *API) writeRows(req *wire.Request, op string) *wire.Reply {
	records, allOrNone, err := a.readRows(req)
	if err != nil {
		return err.Reply()
	}
	return a.runRows(req, &batch{records: records, allOrNone: allOrNone}, func(c *db.RowInput) *db.Save {
		s := &db.Save{Op: op, Obj: c.Obj, Sent: c.Fields}
		switch {
		case op == db.OpCreate && c.ID != "":
			c.Err = wire.NewRowError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
		case op == db.OpUpdate && c.ID == "":
			c.Err = wire.NewRowError("MISSING_ARGUMENT", "Id not specified in an update call")
		case op == db.OpUpdate:
			s.Row, c.Err = a.db.RowOf(c.Obj, c.ID)
		}
		return s
	})
}

// runRows writes the rows, run by run. With allOrNone a single failure rolls back all of them.
func (a *API) runRows(req *wire.Request, b *batch, plan func(*db.RowInput) *db.Save) *wire.Reply {
	b.headers = headersOf(req)
	rows := make([]*db.RowInput, len(b.records))
	var errs [][]*wire.RowError
	failed := false
	a.db.Atomically(func() bool {
		for _, n := range typeRuns(b.records) {
			start := len(errs)
			object := typeOf(b.records[start])
			b.refused = a.db.RefuseBatch(object, n)
			errs = append(errs, a.db.SavePartly(a.db.HasTriggers(object) && !b.allOrNone, n,
				func(i int) (errs []*wire.RowError) {
					rows[start+i], errs = a.runRow(b.records[start+i], b, plan)
					return errs
				})...)
		}
		failed = slices.ContainsFunc(errs, func(errs []*wire.RowError) bool { return len(errs) > 0 })
		return !failed || !b.allOrNone
	})
	results := make([]any, len(rows))
	for i, c := range rows {
		if failed && b.allOrNone && len(errs[i]) == 0 {
			errs[i] = rolledBack().List()
		}
		results[i] = rowResult(c, errs[i], b.upsert)
		if len(errs[i]) == 0 {
			req.Note.Written++
		}
	}
	return wire.Answer(200, results)
}

func rolledBack() *wire.RowError {
	return wire.NewRowError("ALL_OR_NONE_OPERATION_ROLLED_BACK",
		"Record rolled back because not all records were valid and the request was using AllOrNone header")
}

func (a *API) runRow(record any, b *batch, plan func(*db.RowInput) *db.Save) (*db.RowInput, []*wire.RowError) {
	c := a.readRow(record)
	if c.Err != nil {
		return c, []*wire.RowError{c.Err}
	}
	s := plan(c)
	if c.Err == nil {
		c.Err = b.refused
	}
	if c.Err != nil {
		return c, []*wire.RowError{c.Err}
	}
	s.Headers = b.headers
	r, errs := a.db.Save(s)
	c.Row, c.Made = r, s.Op == db.OpCreate
	return c, errs
}

func rowResult(c *db.RowInput, errs []*wire.RowError, upsert bool) wire.Object {
	if len(errs) > 0 {
		list := make([]any, len(errs))
		for i, err := range errs {
			list[i] = err.InRow()
		}
		result := wire.Object{{Name: "success", Value: false}, {Name: "errors", Value: list}}
		if upsert {
			result.Add("created", false) // recorded of a row of an upsert
		}
		return result
	}
	result := wire.Object{
		{Name: "id", Value: c.Row.ID}, {Name: "success", Value: true}, {Name: "errors", Value: []any{}},
	}
	if upsert {
		result.Add("created", c.Made)
	}
	return result
}

// upsertRows answers PATCH /composite/sobjects/X/Field.
func (a *API) upsertRows(req *wire.Request, objectName, fieldName string) *wire.Reply {
	obj := a.db.Requested(objectName)
	if obj == nil {
		return wire.NotFound().Reply()
	}
	f := db.KeyField(obj, fieldName)
	if f == nil {
		return noKey(fieldName).Reply()
	}
	records, allOrNone, err := a.readRows(req)
	if err != nil {
		return err.Reply()
	}
	twice := db.RepeatedKeys(records, f)
	return a.runRows(req, &batch{records: records, allOrNone: allOrNone, upsert: true}, func(c *db.RowInput) *db.Save {
		s, err := a.db.PlanUpsert(c, obj, f, twice)
		c.Err = err
		return s
	})
}

// deleteRows answers DELETE /composite/sobjects?ids=a,b&allOrNone=true.
func (a *API) deleteRows(req *wire.Request) *wire.Reply {
	ids := wire.Split(req.Query.Get("ids"), ",")
	req.Note.AddWrites(len(ids))
	switch {
	case len(ids) == 0:
		// recorded (restforce, spec/fixtures)
		return wire.Refuse(400, "REQUIRED_FIELD_MISSING", "At least 1 Id is required.").Reply()
	case len(ids) > db.MaxRows:
		return tooMany(db.MaxRows).Reply()
	}
	allOrNone := req.Query.Get("allOrNone") == "true" || req.AllOrNone
	watched := slices.ContainsFunc(ids, func(text string) bool {
		id, _ := wire.CanonicalID(strings.TrimSpace(text))
		r := a.db.Find(id)
		return r != nil && a.db.HasTriggers(r.Obj.Name)
	})
	var errs [][]*wire.RowError
	failed := false
	a.db.Atomically(func() bool {
		errs = a.db.SavePartly(watched && !allOrNone, len(ids), func(i int) []*wire.RowError {
			return a.deleteByID(ids[i]).List()
		})
		failed = slices.ContainsFunc(errs, func(errs []*wire.RowError) bool { return len(errs) > 0 })
		return !failed || !allOrNone
	})
	results := make([]any, len(ids))
	for i, text := range ids {
		if failed && allOrNone && len(errs[i]) == 0 {
			errs[i] = rolledBack().List()
		}
		if len(errs[i]) > 0 {
			results[i] = rowResult(&db.RowInput{}, errs[i], false)
			continue
		}
		req.Note.Written++
		id, _ := wire.CanonicalID(text)
		results[i] = wire.Object{
			{Name: "id", Value: id}, {Name: "success", Value: true}, {Name: "errors", Value: []any{}},
		}
	}
	return wire.Answer(200, results)
}

func (a *API) deleteByID(text string) *wire.RowError {
	id, ok := wire.CanonicalID(strings.TrimSpace(text))
	if !ok {
		return wire.NewRowError("MALFORMED_ID", "malformed id "+text)
	}
	r := a.db.Find(id)
	if r == nil {
		return wire.NewRowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	}
	return a.db.Remove(r)
}

// retrieve answers POST /composite/sobjects/X with {ids, fields}, and GET with both in the
// URL: rows in the order of the ids, null for those that do not exist.
func (a *API) retrieve(req *wire.Request, objectName string) *wire.Reply {
	obj := a.db.Requested(objectName)
	if obj == nil {
		return wire.NotFound().Reply()
	}
	ids, names := wire.Split(req.Query.Get("ids"), ","), wire.Split(req.Query.Get("fields"), ",")
	switch {
	case req.Method == http.MethodPost && req.BodyErr != nil:
		return req.BodyErr.Reply()
	case req.Method == http.MethodPost:
		body, _ := req.Body.(wire.Object)
		ids, names = body.Texts("ids"), body.Texts("fields")
	case req.Method != http.MethodGet:
		return wire.WrongMethod(req.Method, "GET", "POST")
	}
	if len(ids) == 0 || len(names) == 0 { // both are required; code and text not recorded
		return wire.Refuse(400, "REQUIRED_FIELD_MISSING", "ids and fields are required").Reply()
	}
	if len(ids) > maxRetrieve {
		return tooMany(maxRetrieve).Reply()
	}
	s := &query.Shape{}
	for _, name := range names {
		f := obj.Visible(name)
		if f == nil {
			return a.noColumn(name, obj)
		}
		s.Members = append(s.Members, &query.Shape{Name: f.Name, Path: &query.Path{Obj: obj, Last: f}})
	}
	rows := make([]any, len(ids))
	for i, text := range ids {
		id, _ := wire.CanonicalID(text)
		if r := obj.ByID[id]; r != nil && !r.Deleted() {
			rows[i] = a.query.Render(r, s, false, req.Version, false)
		}
	}
	return wire.Answer(200, rows)
}
