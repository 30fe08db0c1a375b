// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"slices"
)

// A RowError is why a row was refused: a status code and message as Salesforce
// gives them, and the API names of the fields to blame, if any.
type RowError struct {
	StatusCode string
	Message    string
	Fields     []string

	Unread     bool   // the row could not be read, so that nothing was tried
	Duplicates Object // duplicateResut, on single creates only
	Status     int    // HTTP status outside collections; 0 means 400
}

// NewRowError returns the refusal of one row.
func NewRowError(code, message string, fields ...string) *RowError {
	return &RowError{StatusCode: code, Message: message, Fields: fields}
}

// NewUnread returns the refusal of a row that could not be read.
func NewUnread(code, message string) *RowError {
	return &RowError{StatusCode: code, Message: message, Unread: true}
}

// List returns the error as the only one of its row; none for nil.
func (e *RowError) List() []*RowError {
	if e == nil {
		return nil
	}
	return []*RowError{e}
}

// An Error refuses a whole request or subrequest.
type Error struct {
	Status int
	errors []*RowError
}

// Refuse returns the refusal of a request, with one error.
func Refuse(status int, code, message string, fields ...string) *Error {
	return &Error{Status: status, errors: []*RowError{NewRowError(code, message, fields...)}}
}

// RefuseRow turns the errors of a row into the answer of a single-row request,
// whose status goes with the code (docs/salesforce.md, Errors). Their fields are [] where there
// are none to name, but for what could not be read (docs/salesforce.md, Requests).
func RefuseRow(errs []*RowError) *Error {
	status := errs[0].Status
	if status == 0 {
		status = 400
	}
	shown := make([]*RowError, len(errs))
	for i, err := range errs {
		one := *err
		if one.Fields == nil && !one.Unread {
			one.Fields = []string{}
		}
		shown[i] = &one
	}
	return &Error{Status: status, errors: shown}
}

// Reply returns the JSON array that carries errors outside collections.
func (e *Error) Reply() *Reply {
	list := make([]any, len(e.errors))
	for i, err := range e.errors {
		list[i] = err.single()
	}
	return &Reply{Status: e.Status, Body: list}
}

// single returns the error as an array member. fields is absent where there are none to name
// (docs/salesforce.md, Requests), and always with duplicateResut.
func (e *RowError) single() Object {
	o := Object{{Name: "message", Value: e.Message}, {Name: "errorCode", Value: e.StatusCode}}
	switch {
	case e.Duplicates != nil:
		o.Add("duplicateResut", e.Duplicates)
	case e.Fields != nil:
		o.Add("fields", e.Fields)
	}
	return o
}

// InRow returns the error as a row of a collection carries it.
func (e *RowError) InRow() Object {
	fields := e.Fields
	if fields == nil {
		fields = []string{}
	}
	return Object{
		{Name: "statusCode", Value: e.StatusCode}, {Name: "message", Value: e.Message},
		{Name: "fields", Value: fields},
	}
}

// RewriteMessages replaces the text of every error within a body.
func RewriteMessages(body any, rewrite func(code, message string) string) any {
	switch v := body.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = RewriteMessages(v[i], rewrite)
		}
		return out
	case Object:
		code := v.Text("errorCode") + v.Text("statusCode")
		out := slices.Clone(v)
		for i, m := range out {
			if text, ok := m.Value.(string); ok && m.Name == "message" && code != "" {
				out[i].Value = rewrite(code, text)
			} else {
				out[i].Value = RewriteMessages(m.Value, rewrite)
			}
		}
		return out
	}
	return body
}
