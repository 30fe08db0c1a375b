// SPDX-License-Identifier: Apache-2.0

package sftest

import (
	"context"
	"net/http"

	"github.com/leadsync/leadsync/salesforce/internal/resend"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// watchResend records a request. The returned function is called when the client learns its
// outcome.
func (o *Org) watchResend(r *http.Request, body []byte) (certain func()) {
	if o.watch == nil {
		return func() {}
	}
	return o.watch.Sent(r.Method, r.URL.RequestURI(), body)
}

// uniqueRow reports whether a row to create has a value that is unique in the org. The caller
// does not hold the lock.
func (o *Org) uniqueRow(objectName string, fields map[string]any) bool {
	o.db.Lock()
	defer o.db.Unlock()
	return o.db.GivesUnique(objectName, fields)
}

// provesNothingDone reports whether a client can conclude from the response that nothing was
// executed.
func (f *Fault) provesNothingDone() bool {
	body := f.Body
	if body == "" && !f.HTML {
		body = string(wire.Append(nil, faultError(f.Status).Reply().Body))
	}
	return resend.ProvesNothingDone(f.Status, []byte(body))
}

// waiting is the key under which Transport keeps the context of the client.
type waiting struct{}

// gaveUp reports whether the client no longer waits for the response.
func gaveUp(r *http.Request) bool {
	if client, ok := r.Context().Value(waiting{}).(context.Context); ok {
		return client.Err() != nil
	}
	return r.Context().Err() != nil
}
