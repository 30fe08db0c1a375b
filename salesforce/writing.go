package salesforce

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Write carries out writes, packed into as few API calls as the composite
// limits and the dependencies among them allow. Result i is write i's. The
// error says which write is malformed, and then nothing was sent; every other
// failure is in the Err of the writes it struck. A cancelled context leaves
// what was not yet sent with ErrNotSent.
//
// When Salesforce refuses a collection as a whole, its rows are sent again in
// halves, until the row that is to blame is alone.
//
// Two writes of one record, by the same id or the same key, go one after the
// other in their order; a failure of the first does not stop the second.
func (c *Client) Write(ctx context.Context, writes ...Write) ([]WriteResult, error) {
	if err := checkWrites(writes); err != nil {
		return nil, err
	}
	w := &writing{
		client:   c,
		writes:   writes,
		results:  make([]WriteResult, len(writes)),
		schedule: newSchedule(writes, platformLimits),
		pending:  make([]int, len(writes)),
		suspects: make(map[int]*Error),
	}
	for i := range writes {
		w.pending[i] = i
	}
	var rounds [][]batch
	for len(w.pending) > 0 {
		if ctx.Err() != nil {
			w.leave(ctx.Err())
			break
		}
		if rounds == nil {
			rounds = w.schedule.rounds(w.pending)
		}
		halved := w.round(ctx, rounds[0])
		rounds = rounds[1:]
		if w.dropOrphans() || halved {
			rounds = nil
		}
	}
	return w.results, nil
}

// A writing is the progress of one Client.Write.
type writing struct {
	client   *Client
	writes   []Write
	results  []WriteResult
	schedule *schedule
	pending  []int // writes without a result, in order
	// halvings counts the rounds that halved a batch, suspects are the rows of
	// those batches with the refusal.
	halvings int
	suspects map[int]*Error
}

// maxHalvings bounds the calls spent on finding rows that get their collection
// refused. One row among 200 is alone after 8.
const maxHalvings = 16

// round makes one call. It reports whether it halved a batch, whose rows are
// still pending.
func (w *writing) round(ctx context.Context, batches []batch) (halved bool) {
	subrequests := make([]subrequest, len(batches))
	repeatable := true
	for k, b := range batches {
		w.arrange(b)
		subrequests[k] = w.subrequest(b)
		for _, i := range b.rows {
			repeatable = repeatable && w.writes[i].repeatable()
		}
	}
	responses, failure := w.client.write(ctx, subrequests, repeatable, batches[0].kind.direct)
	sent := make(map[int]bool)
	for k, b := range batches {
		err := failure
		if err == nil {
			err = responses[k].err()
		}
		var results []WriteResult
		switch {
		case err == nil:
			results = w.read(b, &responses[k])
		case w.mayHalve(b, err):
			w.halve(b, err)
			halved = true
			continue
		default:
			results = refused(ctx, b, err)
		}
		for n, i := range b.rows {
			w.results[i] = results[n]
			sent[i] = true
		}
	}
	w.pending = slices.DeleteFunc(w.pending, func(i int) bool { return sent[i] })
	if halved {
		w.halvings++
		w.giveUpSearch()
	}
	return halved
}

// halve has the rows of a batch sent again in halves.
func (w *writing) halve(b batch, err *Error) {
	w.schedule.halve(b)
	for _, i := range b.rows {
		w.suspects[i] = err
	}
}

// giveUpSearch ends the search when it has taken too long: the refusal is then the
// answer to all rows that are still under suspicion.
func (w *writing) giveUpSearch() {
	if w.halvings < maxHalvings {
		return
	}
	w.pending = slices.DeleteFunc(w.pending, func(i int) bool {
		if err := w.suspects[i]; err != nil {
			w.results[i].Err = err
			return true
		}
		return false
	})
}

// mayHalve reports whether some row of a batch may be to blame for the refusal
// of the whole, and nothing of it was written.
func (w *writing) mayHalve(b batch, err *Error) bool {
	return len(b.rows) > 1 && err.HTTPStatus == http.StatusBadRequest && !err.Uncertain && w.halvings < maxHalvings
}

// write makes one call, when no other write of the client is in flight.
func (c *Client) write(ctx context.Context, subrequests []subrequest, repeatable, direct bool) ([]subresponse, *Error) {
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-ctx.Done():
		return nil, &Error{Err: ctx.Err()}
	}
	if direct {
		return c.direct(ctx, subrequests[0], repeatable)
	}
	return c.composite(ctx, subrequests, repeatable)
}

// dropOrphans gives up the writes that refer to one that failed, and reports
// whether there were any.
func (w *writing) dropOrphans() (dropped bool) {
	// An earlier write comes first, so a chain falls in one pass.
	w.pending = slices.DeleteFunc(w.pending, func(i int) bool {
		for _, ref := range w.writes[i].Refs {
			if w.results[ref.Write].Err != nil {
				w.results[i].Err = fmt.Errorf("%w: write %d, which it refers to, failed", ErrNotSent, ref.Write)
				dropped = true
				return true
			}
		}
		return false
	})
	return dropped
}

// leave gives up what is pending.
func (w *writing) leave(cause error) {
	for _, i := range w.pending {
		w.results[i].Err = fmt.Errorf("%w: %w", ErrNotSent, cause)
	}
	w.pending = nil
}

// refused returns the results of a batch that failed as a whole.
func refused(ctx context.Context, b batch, failure *Error) []WriteResult {
	var err error = failure
	if ctx.Err() != nil && failure.HTTPStatus == 0 && !failure.Uncertain {
		err = fmt.Errorf("%w: %w", ErrNotSent, ctx.Err())
	}
	return slices.Repeat([]WriteResult{{Err: err}}, len(b.rows))
}

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
		key := url.PathEscape(write.Key.Value)
		return subrequest{Method: http.MethodPatch, URL: resource + "/" + write.Key.Field + "/" + key, Body: body}
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
			Err:        fmt.Errorf("reply has %d results for %d rows", len(answers), len(b.rows)),
			Uncertain:  true,
		}
		return slices.Repeat([]WriteResult{{Err: err}}, len(b.rows))
	}
	results := make([]WriteResult, len(b.rows))
	for n, i := range b.rows {
		results[n] = w.writes[i].result(&answers[n], response.Status)
	}
	return results
}

// result reads the answer to one write.
func (w *Write) result(answer *rowResult, status int) WriteResult {
	if !answer.Success {
		err := errorFrom(http.StatusOK, answer.Errors)
		if len(answer.Errors) == 0 {
			err.Err = errors.New("refused without a reason")
		}
		return WriteResult{Err: err}
	}
	id, err := ParseID(string(answer.ID))
	switch {
	case err != nil:
		return WriteResult{Err: &Error{HTTPStatus: status, Err: errors.New("reply names no record"), Uncertain: true}}
	case w.ID != "" && !w.ID.Equal(id):
		return WriteResult{Err: &Error{HTTPStatus: status, Err: errors.New("reply names another record"), Uncertain: true}}
	}
	created := w.Op == OpCreate || w.Op == OpUpsert && answer.Created != nil && *answer.Created
	return WriteResult{ID: id, Created: created}
}
