package salesforce

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// repeatable reports whether sending the write twice makes one record.
func (w *Write) repeatable() bool { return w.Op != OpCreate || w.UniqueField != "" }

// parentFields are the fields whose records a write locks, the busiest first.
var parentFields = [...]string{"CampaignId", "AccountId", "WhatId", "WhoId"}

// arrange sorts the rows of a batch by object, then by parent, so that rows
// which lock one parent are neighbours (SALESFORCE.md 8).
func (w *writing) arrange(b batch) {
	parent := make(map[int]string, len(b.rows))
	for _, i := range b.rows {
		fields := w.fields(i)
		for _, name := range parentFields {
			if value, ok := fields[name]; ok && parent[i] == "" {
				parent[i] = fmt.Sprint(value)
			}
		}
	}
	slices.SortStableFunc(b.rows, func(i, j int) int {
		return cmp.Or(
			cmp.Compare(w.schedule.objects[i], w.schedule.objects[j]),
			cmp.Compare(parent[i], parent[j]),
			cmp.Compare(i, j),
		)
	})
}

// fields returns the fields of a write with the ids that it waited for.
func (w *writing) fields(i int) Fields {
	write := &w.writes[i]
	if len(write.Refs) == 0 {
		return write.Fields
	}
	fields := make(Fields, len(write.Fields)+len(write.Refs))
	maps.Copy(fields, write.Fields)
	for _, ref := range write.Refs {
		fields[ref.Field] = w.results[ref.Write].ID
	}
	return fields
}

// subrequest returns the request of a batch.
func (w *writing) subrequest(b batch) subrequest {
	s := w.collection(b)
	if b.kind.alone {
		s = w.single(b.rows[0])
	}
	s.URL = w.client.path(s.URL)
	s.Headers = make(map[string]string)
	if !w.client.cfg.AutoAssign {
		s.Headers["Sforce-Auto-Assign"] = "FALSE"
	}
	if b.kind.allowDuplicate {
		s.Headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
	}
	return s
}

// A collection is the body of a collections request.
type collection struct {
	AllOrNone bool  `json:"allOrNone"`
	Records   []row `json:"records"`
}

func (w *writing) collection(b batch) subrequest {
	const resource = "composite/sobjects"
	if b.kind.op == OpDelete {
		ids := make([]string, len(b.rows))
		for n, i := range b.rows {
			ids[n] = string(w.writes[i].ID.ID18())
		}
		return subrequest{Method: http.MethodDelete, URL: resource + "?ids=" + strings.Join(ids, ",") + "&allOrNone=false"}
	}
	body := collection{Records: make([]row, len(b.rows))}
	for n, i := range b.rows {
		write := &w.writes[i]
		body.Records[n] = row{object: write.Object, id: write.ID.ID18(), fields: w.fields(i)}
		if write.Op == OpUpsert {
			body.Records[n].fields = maps.Clone(body.Records[n].fields)
			if body.Records[n].fields == nil {
				body.Records[n].fields = make(Fields)
			}
			body.Records[n].fields[write.Key.Field] = write.Key.Value
		}
	}
	first := &w.writes[b.rows[0]]
	switch b.kind.op {
	case OpCreate:
		return subrequest{Method: http.MethodPost, URL: resource, Body: body}
	case OpUpsert:
		return subrequest{Method: http.MethodPatch, URL: resource + "/" + string(first.Object) + "/" + first.Key.Field, Body: body}
	}
	return subrequest{Method: http.MethodPatch, URL: resource, Body: body}
}

// single returns the request of a write that goes alone.
func (w *writing) single(i int) subrequest {
	write := &w.writes[i]
	resource := "sobjects/" + string(write.Object)
	body := row{fields: w.fields(i)}
	switch write.Op {
	case OpCreate:
		return subrequest{Method: http.MethodPost, URL: resource, Body: body}
	case OpUpsert:
		resource += "/" + write.Key.Field + "/" + url.PathEscape(write.Key.Value)
		if write.UpdateOnly {
			resource += "?updateOnly=true"
		}
		return subrequest{Method: http.MethodPatch, URL: resource, Body: body}
	case OpDelete:
		return subrequest{Method: http.MethodDelete, URL: resource + "/" + string(write.ID.ID18())}
	}
	return subrequest{Method: http.MethodPatch, URL: resource + "/" + string(write.ID.ID18()), Body: body}
}

// read returns the results of a batch that Salesforce answered, by position.
func (w *writing) read(b batch, response *subresponse) []WriteResult {
	var answers []rowResult
	switch {
	case !b.kind.alone:
		if json.Unmarshal(response.Body, &answers) != nil {
			answers = nil
		}
	case response.Status == http.StatusNoContent:
		answers = []rowResult{{ID: w.writes[b.rows[0]].ID, Success: true}}
	default:
		answers = make([]rowResult, 1)
		if json.Unmarshal(response.Body, &answers[0]) != nil {
			answers = nil
		}
	}
	if len(answers) != len(b.rows) {
		err := &Error{
			HTTPStatus: response.Status,
			RequestID:  response.requestID,
			Err:        fmt.Errorf("reply has %d results for %d rows", len(answers), len(b.rows)),
			Uncertain:  true,
		}
		return slices.Repeat([]WriteResult{{Err: err}}, len(b.rows))
	}
	results := make([]WriteResult, len(b.rows))
	for n, i := range b.rows {
		results[n] = w.writes[i].result(&answers[n], response)
	}
	return results
}

// result reads the answer to one write.
func (w *Write) result(answer *rowResult, response *subresponse) WriteResult {
	if !answer.Success {
		err := errorFrom(http.StatusOK, answer.Errors)
		err.RequestID = response.requestID
		if len(answer.Errors) == 0 {
			err.Err = errors.New("refused without a reason")
		}
		return WriteResult{Err: err}
	}
	id, err := ParseID(string(answer.ID))
	if err != nil {
		err = errors.New("reply names no record")
	} else if w.ID != "" && !w.ID.Equal(id) {
		err = errors.New("reply names another record")
	}
	if err != nil {
		return WriteResult{Err: &Error{HTTPStatus: response.Status, RequestID: response.requestID, Err: err, Uncertain: true}}
	}
	created := w.Op == OpCreate || w.Op == OpUpsert && answer.Created != nil && *answer.Created
	return WriteResult{ID: id, Created: created}
}
