// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/http"
	"time"
)

// lock has other processes hold a row for some tries.
func (k *control) lock(_ *http.Request, body []byte) (any, error) {
	var sent struct {
		Object, ID string
		Tries      int
	}
	if err := decode(body, &sent); err != nil {
		return nil, err
	}
	if err := required("object", sent.Object, "id", sent.ID); err != nil {
		return nil, err
	}
	if sent.Tries < 0 {
		return nil, errors.New("tries: must not be negative")
	}
	k.current().LockRow(sent.Object, sent.ID, sent.Tries)
	return struct{}{}, nil
}

// slow makes each written row of an object take a time, as a trigger does.
func (k *control) slow(_ *http.Request, body []byte) (any, error) {
	var sent struct{ Object, Row string }
	if err := decode(body, &sent); err != nil {
		return nil, err
	}
	if err := required("object", sent.Object, "row", sent.Row); err != nil {
		return nil, err
	}
	d, err := duration("row", sent.Row)
	if err != nil {
		return nil, err
	}
	k.current().SlowRows(sent.Object, func(map[string]any) time.Duration { return d })
	return struct{}{}, nil
}

// failBulk makes the next ingest job fail after some rows.
func (k *control) failBulk(_ *http.Request, body []byte) (any, error) {
	var sent struct {
		Rows    int
		Message string
	}
	if err := decode(body, &sent); err != nil {
		return nil, err
	}
	if err := required("message", sent.Message); err != nil {
		return nil, err
	}
	if sent.Rows < 0 {
		return nil, errors.New("rows: must not be negative")
	}
	k.current().FailBulk(sent.Rows, sent.Message)
	return struct{}{}, nil
}
