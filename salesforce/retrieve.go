// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/leadsync/leadsync/salesforce/internal/limit"
	"github.com/leadsync/leadsync/salesforce/internal/name"
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
