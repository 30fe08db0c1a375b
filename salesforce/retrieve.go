// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/name"
	"github.com/leadsync/leadsync/salesforce/internal/schedule"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// Retrieve reads records of one object by their ids, 2,000 a call. Record k is that of
// ids[k], nil when it does not exist, is deleted or is hidden from the user; QueryAll
// finds deleted ones. At least one field is required. The error is the context's, a
// *Error, or names what is malformed; then there are no records.
// Source: docs/salesforce.md, Collections.
func (c *Client) Retrieve(ctx context.Context, object Object, ids []ID, fields ...string) ([]*Record, error) {
	names, err := retrieveFields(object, fields)
	if err != nil {
		return nil, fmt.Errorf("salesforce: retrieve: %w", err)
	}
	for i, id := range ids {
		if _, err := ParseID(string(id)); err != nil {
			return nil, fmt.Errorf("salesforce: retrieve: id %d is malformed", i)
		}
	}
	records := make([]*Record, 0, len(ids))
	for len(ids) > 0 {
		count := min(len(ids), limit.Retrieve)
		some, err := c.retrieve(ctx, object, ids[:count], names)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			err.Uncertain = false // it only reads
			return nil, err
		}
		records, ids = append(records, some...), ids[count:]
	}
	return records, nil
}

// retrieveFields checks the object and the fields, and puts Id before them.
func retrieveFields(object Object, fields []string) ([]string, error) {
	if !name.IsIdentifier(object) {
		return nil, fmt.Errorf("malformed object name %q", string(object))
	}
	if len(fields) == 0 {
		return nil, errors.New("no field named")
	}
	return withID(fields)
}

// retrieve makes one call.
func (c *Client) retrieve(ctx context.Context, object Object, ids []ID, names []string) ([]*Record, *Error) {
	canonical := make([]ID, len(ids))
	for i, id := range ids {
		canonical[i] = id.ID18()
	}
	payload, err := json.Marshal(map[string]any{"ids": canonical, "fields": names})
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("encode request: %w", err)}
	}
	x, failure := c.do(ctx, request{
		method: http.MethodPost, path: c.path("composite/sobjects/" + string(object)), payload: payload,
		subrequests: 1, repeatable: true,
	})
	if failure != nil {
		return nil, failure
	}
	records, err := parseRetrieved(x.body, canonical)
	if err != nil {
		return nil, x.malformed(err, false)
	}
	return records, nil
}

// parseRetrieved reads a reply, which must have a record or null for each id.
func parseRetrieved(body []byte, ids []ID) ([]*Record, error) {
	var records []*Record
	if json.Unmarshal(body, &records) != nil {
		return nil, errors.New("reply is not a list of records")
	}
	if len(records) != len(ids) {
		return nil, fmt.Errorf("reply has %d records for %d ids", len(records), len(ids))
	}
	for i, record := range records {
		if record != nil && !record.ID.Equal(ids[i]) {
			return nil, fmt.Errorf("record %d of the reply is not the one asked for", i)
		}
	}
	return records, nil
}

// maxReadBack is how many records one query reads back: some 21,000 characters of ids.
const maxReadBack = 1000

// readBack returns queries of what earlier calls have written, and of what this one writes if
// nothing is left to send after it, as many as a call with these batches has room for. Each
// record is asked for once; see Write.ReadBack.
func (w *writing) readBack(batches []schedule.Batch) (queries []*reading) {
	room := min(limit.Subrequests-len(batches), limit.Heavy)
	for _, b := range batches {
		if b.Direct() {
			return nil
		}
		if !b.Alone() {
			room--
		}
	}
	for len(queries) < room && len(w.landed) > 0 {
		queries = append(queries, w.queryOf(&w.landed))
	}
	if w.inCall == nil || rowsOf(batches) < len(w.pending) {
		return queries
	}
	var known, made []int
	for _, b := range batches {
		for _, i := range b.Rows {
			switch {
			case len(w.writes[i].ReadBack) == 0:
			case w.writes[i].ID != "":
				known = append(known, i)
			default:
				made = append(made, i)
			}
		}
	}
	for _, rows := range [][]int{known, made} { // a row that fails halts a query with its reference
		for len(queries) < room && len(rows) > 0 {
			queries = append(queries, w.queryOf(&rows))
		}
	}
	return queries
}

// queryOf takes rows of one object out of all, and returns the query that reads them back.
func (w *writing) queryOf(all *[]int) *reading {
	object := w.writes[(*all)[0]].Object
	var ids []ID
	var references, fields []string
	*all = slices.DeleteFunc(*all, func(i int) bool {
		write := &w.writes[i]
		if !write.Object.Equal(object) || len(ids) == maxReadBack {
			return false
		}
		switch {
		case w.results[i].ID != "":
			ids = append(ids, w.results[i].ID.ID18())
		case write.ID != "":
			ids = append(ids, write.ID.ID18())
		default: // as text, in its place after the address is escaped
			references = append(references, "%27"+string(w.inCall[i])+"%27")
			ids = append(ids, referredID)
		}
		for _, field := range write.ReadBack {
			if !slices.Contains(fields, field) {
				fields = append(fields, field)
			}
		}
		return true
	})
	read := Query(soql.From(object, append([]string{"Id"}, fields...)...).Where(soql.In("Id", slices.Compact(ids)...)))
	address, err := read.address(w.client.path(""))
	if err != nil { // a malformed name: nothing is asked
		address = w.client.path("query?q=")
	}
	address = strings.Replace(address, "%27"+referredID+"%27", strings.Join(references, ","), 1)
	return &reading{Read: read, url: address}
}

// referredID stands for references in a query that is not escaped yet. No record has it.
const referredID = "zzzzzzzzzzzzzzz"

// takeBack enters what was read back into the results. What could not be read is left out,
// and so are further pages.
func (w *writing) takeBack(queries []*reading, responses []subresponse) {
	if len(queries) == 0 {
		return
	}
	found := make(map[ID]*Record)
	for k, q := range queries {
		if q.take(&responses[k]) != nil {
			continue
		}
		for i := range q.result.Records {
			record := &q.result.Records[i]
			found[record.ID.ID18()] = record
		}
	}
	for i := range w.results {
		record := found[w.results[i].ID.ID18()]
		if record == nil || w.results[i].Err != nil || w.results[i].Landed != nil {
			continue
		}
		landed := make(Fields, len(w.writes[i].ReadBack))
		for _, field := range w.writes[i].ReadBack {
			if v, read := record.Value(field); read {
				landed[field] = v
			}
		}
		w.results[i].Landed = landed
	}
}
