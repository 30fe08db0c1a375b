package sftest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	maxRows     = 200  // of a collection (SALESFORCE.md 0)
	maxRuns     = 10   // of rows of one type (SALESFORCE.md 0)
	maxRetrieve = 2000 // ids (SALESFORCE.md 0)
)

// A batch is the rows of one collection.
type batch struct {
	records   []any
	allOrNone bool
	upsert    bool
	headers   writeHeaders
	refused   *rowError // by Org.OnBatch, the run under way
}

// collections answers /composite/sobjects and what is below it. The caller
// holds o.mu.
func (a *restAPI) collections(req *request) *reply {
	arguments := req.path[2:]
	switch {
	case len(arguments) == 0 && req.method == http.MethodPost:
		return a.writeRows(req, opCreate)
	case len(arguments) == 0 && req.method == http.MethodPatch:
		return a.writeRows(req, opUpdate)
	case len(arguments) == 0 && req.method == http.MethodDelete:
		return a.deleteRows(req)
	case len(arguments) == 0:
		return wrongMethod(req.method, "POST", "PATCH", "DELETE")
	case len(arguments) == 1:
		return a.retrieve(req, arguments[0])
	case len(arguments) == 2 && !req.since(46): // SALESFORCE.md 0
		return notFound().reply()
	case len(arguments) == 2:
		return only(req, func(req *request) *reply { return a.upsertRows(req, arguments[0], arguments[1]) }, http.MethodPatch)
	}
	return a.db.surprised(req.method + " " + req.text)
}

// readRows reads {allOrNone, records} and refuses a collection that is wrong as
// a whole.
func (a *restAPI) readRows(req *request) (records []any, allOrNone bool, err *apiError) {
	if req.bodyErr != nil {
		return nil, false, req.bodyErr
	}
	body, _ := req.body.(jsonObject)
	list, _ := body.get("records")
	records, _ = list.([]any)
	flag, err := body.flag("allOrNone")
	req.entry.attempt(len(records))
	switch {
	case err != nil:
		return nil, false, err
	case len(records) == 0:
		return nil, false, refuse(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
	case len(records) > maxRows:
		return nil, false, tooMany(maxRows)
	}
	if len(typeRuns(records)) > maxRuns {
		// The text is Apex's for the same limit; that of REST is not recorded.
		return nil, false, refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("Cannot have more than %d chunks in a single operation. Please rearrange the data to reduce chunking.", maxRuns))
	}
	return records, flag || req.allOrNone, nil
}

// tooMany has the text recorded for another limit, with the number changed
// (SALESFORCE.md 1, Collections).
func tooMany(limit int) *apiError {
	return refuse(400, "EXCEEDED_ID_LIMIT", fmt.Sprintf("record limit reached. cannot submit more than %d records in this operation", limit))
}

// typeRuns are the lengths of the runs of consecutive rows of one type: of a, a,
// c, a they are 2, 1, 1.
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

// typeOf is the lower-case object name that a row's attributes give.
func typeOf(record any) string {
	fields, _ := record.(jsonObject)
	attributes, _ := fields.get("attributes")
	a, _ := attributes.(jsonObject)
	return strings.ToLower(a.text("type"))
}

// readRow takes a row apart. What is recorded is that a row without attributes is
// refused (SALESFORCE.md 1, Collections). Their place does not matter, whatever
// the message says: jsforce sends the id before them, Go clients that encode a
// map all fields, and Salesforce's own SDK for iOS an unordered dictionary.
func (a *restAPI) readRow(record any) *collectionRow {
	c := &collectionRow{}
	fields, _ := record.(jsonObject)
	at := slices.IndexFunc(fields, func(m member) bool { return m.name == "attributes" })
	if at < 0 {
		c.err = rowErr("JSON_PARSER_ERROR", "Nested object for polymorphic foreign key must have an attributes field before any other fields.")
		return c
	}
	attributes, _ := fields[at].value.(jsonObject)
	c.obj = a.db.asked(attributes.text("type"))
	if c.obj == nil {
		c.err = rowErr("INVALID_TYPE", fmt.Sprintf("sObject type '%s' is not supported.", attributes.text("type")))
		return c
	}
	for i, m := range fields {
		switch {
		case strings.EqualFold(m.name, "Id"):
			c.id = textOf(m.value)
		case i != at:
			c.fields = append(c.fields, m)
		}
	}
	return c
}

func (a *restAPI) writeRows(req *request, op string) *reply {
	records, allOrNone, err := a.readRows(req)
	if err != nil {
		return err.reply()
	}
	return a.runRows(req, &batch{records: records, allOrNone: allOrNone}, func(c *collectionRow) *save {
		s := &save{op: op, obj: c.obj, sent: c.fields}
		switch {
		case op == opCreate && c.id != "":
			c.err = rowErr("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
		case op == opUpdate && c.id == "":
			c.err = rowErr("MISSING_ARGUMENT", "Id not specified in an update call")
		case op == opUpdate:
			s.row, c.err = a.db.rowOf(c.obj, c.id)
		}
		return s
	})
}

// runRows writes the rows, run by run. With allOrNone a single failure takes all
// of them back.
func (a *restAPI) runRows(req *request, b *batch, plan func(*collectionRow) *save) *reply {
	b.headers = headersOf(req)
	rows := make([]*collectionRow, len(b.records))
	var errs [][]*rowError
	failed := false
	a.db.atomically(func() bool {
		for _, n := range typeRuns(b.records) {
			start := len(errs)
			object := typeOf(b.records[start])
			b.refused = a.db.refuseBatch(object, n)
			errs = append(errs, a.db.partly(a.db.triggers(object) && !b.allOrNone, n, func(i int) (errs []*rowError) {
				rows[start+i], errs = a.runRow(b.records[start+i], b, plan)
				return errs
			})...)
		}
		failed = slices.ContainsFunc(errs, func(errs []*rowError) bool { return len(errs) > 0 })
		return !failed || !b.allOrNone
	})
	results := make([]any, len(rows))
	for i, c := range rows {
		if failed && b.allOrNone && len(errs[i]) == 0 {
			errs[i] = rolledBack().list()
		}
		results[i] = rowResult(c, errs[i], b.upsert)
		if len(errs[i]) == 0 {
			req.entry.Written++
		}
	}
	return answer(200, results)
}

func rolledBack() *rowError {
	return rowErr("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header")
}

func (a *restAPI) runRow(record any, b *batch, plan func(*collectionRow) *save) (*collectionRow, []*rowError) {
	c := a.readRow(record)
	if c.err != nil {
		return c, []*rowError{c.err}
	}
	s := plan(c)
	if c.err == nil {
		c.err = b.refused
	}
	if c.err != nil {
		return c, []*rowError{c.err}
	}
	s.headers = b.headers
	r, errs := a.db.save(s)
	c.row, c.made = r, s.op == opCreate
	return c, errs
}

func rowResult(c *collectionRow, errs []*rowError, upsert bool) jsonObject {
	if len(errs) > 0 {
		list := make([]any, len(errs))
		for i, err := range errs {
			list[i] = err.inRow()
		}
		result := jsonObject{{name: "success", value: false}, {name: "errors", value: list}}
		if upsert {
			result.add("created", false) // recorded of a row of an upsert
		}
		return result
	}
	result := jsonObject{{name: "id", value: c.row.id}, {name: "success", value: true}, {name: "errors", value: []any{}}}
	if upsert {
		result.add("created", c.made)
	}
	return result
}

// upsertRows answers PATCH /composite/sobjects/X/Field.
func (a *restAPI) upsertRows(req *request, objectName, fieldName string) *reply {
	obj := a.db.asked(objectName)
	if obj == nil {
		return notFound().reply()
	}
	f := keyField(obj, fieldName)
	if f == nil {
		return noKey(fieldName).reply()
	}
	records, allOrNone, err := a.readRows(req)
	if err != nil {
		return err.reply()
	}
	twice := repeatedKeys(records, f)
	return a.runRows(req, &batch{records: records, allOrNone: allOrNone, upsert: true}, func(c *collectionRow) *save {
		s, err := a.db.planUpsert(c, obj, f, twice)
		c.err = err
		return s
	})
}

// deleteRows answers DELETE /composite/sobjects?ids=a,b&allOrNone=true.
func (a *restAPI) deleteRows(req *request) *reply {
	ids := split(req.query.Get("ids"), ",")
	req.entry.attempt(len(ids))
	switch {
	case len(ids) == 0:
		return refuse(400, "REQUIRED_FIELD_MISSING", "At least 1 Id is required.").reply() // recorded (restforce, spec/fixtures)
	case len(ids) > maxRows:
		return tooMany(maxRows).reply()
	}
	allOrNone := req.query.Get("allOrNone") == "true" || req.allOrNone
	watched := slices.ContainsFunc(ids, func(text string) bool {
		id, _ := canonicalID(strings.TrimSpace(text))
		r := a.db.find(id)
		return r != nil && a.db.triggers(r.obj.name)
	})
	var errs [][]*rowError
	failed := false
	a.db.atomically(func() bool {
		errs = a.db.partly(watched && !allOrNone, len(ids), func(i int) []*rowError { return a.deleteByID(ids[i]).list() })
		failed = slices.ContainsFunc(errs, func(errs []*rowError) bool { return len(errs) > 0 })
		return !failed || !allOrNone
	})
	results := make([]any, len(ids))
	for i, text := range ids {
		if failed && allOrNone && len(errs[i]) == 0 {
			errs[i] = rolledBack().list()
		}
		if len(errs[i]) > 0 {
			results[i] = rowResult(&collectionRow{}, errs[i], false)
			continue
		}
		req.entry.Written++
		id, _ := canonicalID(text)
		results[i] = jsonObject{{name: "id", value: id}, {name: "success", value: true}, {name: "errors", value: []any{}}}
	}
	return answer(200, results)
}

func (a *restAPI) deleteByID(text string) *rowError {
	id, ok := canonicalID(strings.TrimSpace(text))
	if !ok {
		return rowErr("MALFORMED_ID", "malformed id "+text)
	}
	r := a.db.find(id)
	if r == nil {
		return rowErr("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	}
	return a.db.remove(r)
}

// retrieve answers POST /composite/sobjects/X with {ids, fields}, and GET with
// both in the URL: rows in the order of the ids, null for what there is not.
func (a *restAPI) retrieve(req *request, objectName string) *reply {
	obj := a.db.asked(objectName)
	if obj == nil {
		return notFound().reply()
	}
	ids, names := split(req.query.Get("ids"), ","), split(req.query.Get("fields"), ",")
	switch {
	case req.method == http.MethodPost && req.bodyErr != nil:
		return req.bodyErr.reply()
	case req.method == http.MethodPost:
		body, _ := req.body.(jsonObject)
		ids, names = body.texts("ids"), body.texts("fields")
	case req.method != http.MethodGet:
		return wrongMethod(req.method, "GET", "POST")
	}
	if len(ids) == 0 || len(names) == 0 { // both are required; code and text not recorded
		return refuse(400, "REQUIRED_FIELD_MISSING", "ids and fields are required").reply()
	}
	if len(ids) > maxRetrieve {
		return tooMany(maxRetrieve).reply()
	}
	s := &shape{}
	for _, name := range names {
		f := obj.visible(name)
		if f == nil {
			return refuse(400, "INVALID_FIELD", noSuchColumn(name, obj).Message).reply()
		}
		s.members = append(s.members, &shape{name: f.Name, path: &path{obj: obj, last: f}})
	}
	rows := make([]any, len(ids))
	for i, text := range ids {
		id, _ := canonicalID(text)
		if r := obj.byID[id]; r != nil && !r.deleted() {
			rows[i] = a.query.render(r, s, false, req.version, false)
		}
	}
	return answer(200, rows)
}
