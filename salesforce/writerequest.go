// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/salesforce/internal/schedule"
)

// A writeSet is the writes of one Client.Write or of a Graph with their results so
// far, whose ids later writes refer to. It makes requests of them and reads the
// replies.
type writeSet struct {
	writes  []Write
	results []WriteResult
	// inCall are references to the ids of the writes that earlier subrequests of a call hold.
	inCall map[int]ID
	// answered and taken are the memory for the answers to a subrequest and for what they
	// mean.
	answered []rowResult
	taken    []WriteResult
}

func newWriteSet(writes []Write) writeSet {
	return writeSet{writes: writes, results: make([]WriteResult, len(writes))}
}

// repeatable reports whether sending the write twice makes one record.
func (w *Write) repeatable() bool { return w.Op != OpCreate || w.UniqueField != "" }

// parentFields are the fields whose records a write locks, the busiest first.
var parentFields = [...]string{"CampaignId", "AccountId", "WhatId", "WhoId"}

// arrange sorts the rows of a collection by object, as compareObjects orders them,
// then by parent: rows that lock the same parent become neighbours.
func (s *writeSet) arrange(rows []int, compareObjects func(i, j int) int) {
	type child struct {
		row    int
		parent string
	}
	children := make([]child, len(rows))
	for n, i := range rows {
		children[n] = child{i, s.parentOf(i)}
	}
	slices.SortFunc(children, func(a, b child) int {
		return cmp.Or(compareObjects(a.row, b.row), strings.Compare(a.parent, b.parent), cmp.Compare(a.row, b.row))
	})
	for n := range children {
		rows[n] = children[n].row
	}
}

// parentOf returns the id of the busiest record that a write locks, "" for none.
func (s *writeSet) parentOf(i int) string {
	for _, name := range parentFields {
		if value, ok := s.value(i, name); ok {
			if parent := textOf(value); parent != "" {
				return parent
			}
		}
	}
	return ""
}

// value returns the value of a field of a write, or the id of the write that it refers to.
func (s *writeSet) value(i int, field string) (any, bool) {
	for _, ref := range s.writes[i].Refs {
		if ref.Field == field {
			return string(s.idOf(ref.Write)), true
		}
	}
	value, ok := s.writes[i].Fields[field]
	return value, ok
}

func textOf(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return fmt.Sprint(value)
}

// idOf returns the id of the record of a write, or the reference to it within the call.
func (s *writeSet) idOf(i int) ID {
	if id := s.results[i].ID; id != "" {
		return id
	}
	return s.inCall[i]
}

// subrequest returns the request of the writes of those indexes: a collection, or
// with alone a single write.
func (s *writeSet) subrequest(c *Client, rows []int, alone bool) subrequest {
	var request subrequest
	if alone {
		request = s.single(rows[0])
	} else {
		request = s.collection(rows)
	}
	request.URL = c.path(request.URL)
	request.Headers = make(map[string]string)
	request.Headers["Sforce-Auto-Assign"] = s.autoAssign(c, rows)
	if s.writes[rows[0]].AllowDuplicate {
		request.Headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
	}
	return request
}

// autoAssign returns the header for the rows of a subrequest. It is FALSE where one of them
// needs that, as when Write.Without has left the owner of another out.
func (s *writeSet) autoAssign(c *Client, rows []int) string {
	header := "FALSE"
	for _, i := range rows {
		may, either := c.assigns(&s.writes[i])
		if !may && !either {
			return "FALSE"
		}
		if may {
			header = "TRUE"
		}
	}
	return header
}

// assigns is Write.assigns under the client's configuration.
func (c *Client) assigns(w *Write) (may, either bool) {
	by := *w
	by.AutoAssign = by.AutoAssign || c.cfg.AutoAssign
	return by.assigns()
}

// A collection is the body of a collections request.
type collection struct{ records []row }

func (c *collection) appendJSON(b []byte) (_ []byte, err error) {
	b = append(b, `{"allOrNone":false,"records":[`...)
	start := len(b)
	for i := range c.records {
		if i == 1 { // the others are about as long
			b = slices.Grow(b, (len(b)-start)*len(c.records))
		}
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = c.records[i].appendJSON(b); err != nil {
			return nil, err
		}
	}
	return append(b, "]}"...), nil
}

func (s *writeSet) collection(rows []int) subrequest {
	const resource = "composite/sobjects"
	first := &s.writes[rows[0]]
	if first.Op == OpDelete {
		ids := make([]string, len(rows))
		for n, i := range rows {
			ids[n] = string(s.writes[i].ID.ID18())
		}
		return subrequest{Method: http.MethodDelete, URL: resource + "?ids=" + strings.Join(ids, ",") + "&allOrNone=false"}
	}
	body, idOf := &collection{make([]row, len(rows))}, s.idOf
	for n, i := range rows {
		write := &s.writes[i]
		body.records[n] = row{object: write.Object, id: write.ID.ID18(), fields: write.Fields, refs: write.Refs, idOf: idOf}
		if write.Op == OpUpsert {
			body.records[n].fields = withKey(write.Fields, write.Key)
		}
	}
	switch first.Op {
	case OpCreate:
		return subrequest{Method: http.MethodPost, URL: resource, Body: body}
	case OpUpsert:
		return subrequest{
			Method: http.MethodPatch, URL: resource + "/" + string(first.Object) + "/" + first.Key.Field, Body: body,
		}
	}
	return subrequest{Method: http.MethodPatch, URL: resource, Body: body}
}

// withKey returns a copy of fields that holds the key too.
func withKey(fields Fields, key ExternalKey) Fields {
	keyed := make(Fields, len(fields)+1)
	maps.Copy(keyed, fields)
	keyed[key.Field] = key.Value
	return keyed
}

// single returns the request of a write that is sent alone.
func (s *writeSet) single(i int) subrequest {
	write := &s.writes[i]
	resource := "sobjects/" + string(write.Object)
	body := &row{fields: write.Fields, refs: write.Refs, idOf: s.idOf}
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

// A row is one record in a request.
type row struct {
	// object is empty where the address names it; otherwise it goes into attributes,
	// which must be the first key.
	object Object
	id     ID // of an update
	fields Fields
	refs   []Ref // the fields with the ids of other writes
	idOf   func(write int) ID
}

// appendJSON writes attributes and id first, then the fields by name.
func (r *row) appendJSON(b []byte) ([]byte, error) {
	b = append(b, '{')
	if r.object != "" {
		b = append(jsontext.AppendText(append(b, `"attributes":{"type":`...), string(r.object)), "},"...)
	}
	if r.id != "" {
		b = append(jsontext.AppendText(append(b, `"id":`...), string(r.id)), ',')
	}
	var some [32]string
	names := slices.AppendSeq(some[:0], maps.Keys(r.fields))
	for _, ref := range r.refs {
		names = append(names, ref.Field)
	}
	slices.Sort(names)
	for _, name := range names {
		b = append(jsontext.AppendText(b, name), ':')
		var err error
		if at := slices.IndexFunc(r.refs, func(ref Ref) bool { return ref.Field == name }); at >= 0 {
			b = jsontext.AppendText(b, string(r.idOf(r.refs[at].Write)))
		} else if b, err = appendValue(b, r.fields[name]); err != nil {
			return nil, err
		}
		b = append(b, ',')
	}
	return append(bytes.TrimSuffix(b, []byte{','}), '}'), nil
}

// appendValue writes the value of a field.
func appendValue(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case string:
		return jsontext.AppendText(b, v), nil
	case ID:
		return jsontext.AppendText(b, string(v)), nil
	case time.Time:
		return append(v.UTC().AppendFormat(append(b, '"'), jsonTime), '"'), nil
	case ExternalKey:
		b = append(jsontext.AppendText(append(b, '{'), v.Field), ':')
		return append(jsontext.AppendText(b, v.Value), '}'), nil
	}
	text, err := json.Marshal(value)
	return append(b, text...), err
}

// A rowResult is Salesforce's answer to one row, and to a single create or upsert.
type rowResult struct {
	ID               ID
	Success, Created bool
	Errors           []problem
}

// read reads the answer that comes next, and reports whether its errors are a list of them.
func (r *rowResult) read(from *jsontext.Reader) (understood bool) {
	understood = true
	for name := range from.Members() {
		switch {
		case from.Null(): // as if it were not there
		case name == "id":
			r.ID = ID(from.Text())
		case name == "success":
			r.Success = from.Bool()
		case name == "created":
			r.Created = from.Bool()
		case name == "errors":
			if list := from.Raw(); len(list) > len("[]") {
				understood = json.Unmarshal(list, &r.Errors) == nil
			}
		default:
			from.Raw()
		}
	}
	return understood
}

// read returns the results of the rows of a request that succeeded, by position, until it is
// called again.
func (s *writeSet) read(rows []int, alone bool, response *subresponse) []WriteResult {
	answers := s.answers(rows, alone, response)
	if len(answers) != len(rows) {
		err := &Error{
			HTTPStatus: response.Status,
			RequestID:  response.requestID,
			Err:        fmt.Errorf("reply has %d results for %d rows", len(answers), len(rows)),
			Uncertain:  true,
		}
		return slices.Repeat([]WriteResult{{Err: err}}, len(rows))
	}
	s.taken = slices.Grow(s.taken[:0], len(rows))
	for n, i := range rows {
		s.taken = append(s.taken, s.writes[i].result(&answers[n], response))
	}
	return s.taken
}

// answers returns the answer to each row, none when the reply is malformed.
func (s *writeSet) answers(rows []int, alone bool, response *subresponse) []rowResult {
	if alone && response.Status == http.StatusNoContent {
		return []rowResult{{ID: s.writes[rows[0]].ID, Success: true}}
	}
	answers := slices.Grow(s.answered[:0], len(rows))
	from := jsontext.NewSharedReader(response.Body)
	understood := true
	one := func() {
		answers = append(answers, rowResult{})
		understood = answers[len(answers)-1].read(from) && understood
	}
	if alone {
		one()
	} else {
		for range from.Elements() {
			one()
		}
	}
	s.answered = answers
	if from.End() != nil || !understood {
		return nil
	}
	return answers
}

// result reads the answer to one write.
func (w *Write) result(answer *rowResult, response *subresponse) WriteResult {
	if !answer.Success {
		err := errorFrom(http.StatusOK, answer.Errors)
		err.RequestID = response.requestID
		if len(answer.Errors) == 0 {
			err.Err = errors.New("refused without a reason")
		}
		return WriteResult{Err: err, codes: codesOf(answer.Errors)}
	}
	id, err := ParseID(string(answer.ID))
	if err != nil {
		err = errors.New("reply names no record")
	} else if w.ID != "" && !w.ID.Equal(id) {
		err = errors.New("reply names another record")
	}
	if err != nil {
		return WriteResult{Err: &Error{
			HTTPStatus: response.Status, RequestID: response.requestID, Err: err, Uncertain: true,
		}}
	}
	created := w.Op == OpCreate || w.Op == OpUpsert && answer.Created
	return WriteResult{ID: id, Created: created}
}

// newSchedule returns the schedule of writes. assigns is Write.assigns.
func newSchedule(writes []Write, assigns func(*Write) (may, either bool)) *schedule.Schedule {
	var after []int
	return schedule.New(len(writes), func(i int) schedule.Row {
		after = after[:0]
		for _, ref := range writes[i].Refs {
			after = append(after, ref.Write)
		}
		row := scheduled(&writes[i], after)
		row.AutoAssign, row.EitherAssign = assigns(&writes[i])
		return row
	}, compositeLimits)
}

// scheduled describes a write to its schedule.
func scheduled(w *Write, after []int) schedule.Row {
	row := schedule.Row{
		Op: int(w.Op), Object: string(w.Object), Record: target(w), After: after,
		AllowDuplicate: w.AllowDuplicate, Alone: w.alone(), Direct: holdsReference(w),
		Silent: w.Op == OpUpdate || w.Op == OpDelete || w.UpdateOnly,
		Shared: w.Key.Value == "." || w.Key.Value == "..", // see checkTarget
	}
	if w.Op == OpUpsert {
		row.Key = w.Key.Field
	}
	return row
}

// target identifies the record that a write changes, if the write does.
func target(w *Write) string {
	switch w.Op {
	case OpUpdate, OpDelete:
		return string(w.ID.ID18())
	case OpUpsert:
		return strings.ToLower(string(w.Object) + " " + w.Key.Field + " " + w.Key.Value)
	}
	return ""
}

// holdsReference reports whether a text of the write looks like a reference to the
// reply of another subrequest.
func holdsReference(w *Write) bool {
	holds := strings.Contains(w.Key.Value, "@{")
	for _, value := range w.Fields {
		switch v := value.(type) {
		case string:
			holds = holds || strings.Contains(v, "@{")
		case ID:
			holds = holds || strings.Contains(string(v), "@{")
		case ExternalKey:
			holds = holds || strings.Contains(v.Value, "@{")
		}
	}
	return holds
}
