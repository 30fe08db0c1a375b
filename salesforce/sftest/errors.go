package sftest

import (
	"slices"
)

// A rowError is why a row was refused: a status code and message as Salesforce
// gives them, and the API names of the fields to blame, if any.
type rowError struct {
	StatusCode string
	Message    string
	Fields     []string

	duplicates jsonObject // duplicateResut, on single creates only
	status     int        // HTTP status outside collections; 0 means 400
}

// rowErr is a refusal of one row.
func rowErr(code, message string, fields ...string) *rowError {
	return &rowError{StatusCode: code, Message: message, Fields: fields}
}

// list is the error as the only one of its row; none for nil.
func (e *rowError) list() []*rowError {
	if e == nil {
		return nil
	}
	return []*rowError{e}
}

// An apiError refuses a whole request or subrequest.
type apiError struct {
	status int
	errors []*rowError
}

func refuse(status int, code, message string, fields ...string) *apiError {
	return &apiError{status: status, errors: []*rowError{rowErr(code, message, fields...)}}
}

// refuseRow turns the errors of a row into the answer of a single-row request,
// whose status goes with the code (SALESFORCE.md 3).
func refuseRow(errs []*rowError) *apiError {
	status := errs[0].status
	if status == 0 {
		status = 400
	}
	return &apiError{status: status, errors: errs}
}

// reply is the JSON array that carries errors outside collections.
func (e *apiError) reply() *reply {
	list := make([]any, len(e.errors))
	for i, err := range e.errors {
		list[i] = err.single()
	}
	return &reply{status: e.status, body: list}
}

// single is the error as an array member. fields is absent where there are
// none to name (SALESFORCE.md 1), and always with duplicateResut.
func (e *rowError) single() jsonObject {
	o := jsonObject{{name: "message", value: e.Message}, {name: "errorCode", value: e.StatusCode}}
	switch {
	case e.duplicates != nil:
		o.add("duplicateResut", e.duplicates)
	case e.Fields != nil:
		o.add("fields", e.Fields)
	}
	return o
}

// inRow is the error as a row of a collection carries it.
func (e *rowError) inRow() jsonObject {
	fields := e.Fields
	if fields == nil {
		fields = []string{}
	}
	return jsonObject{{name: "statusCode", value: e.StatusCode}, {name: "message", value: e.Message}, {name: "fields", value: fields}}
}

// rewriteMessages gives every error within a body another text.
func rewriteMessages(body any, rewrite func(code, message string) string) any {
	switch v := body.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = rewriteMessages(v[i], rewrite)
		}
		return out
	case jsonObject:
		code := v.text("errorCode") + v.text("statusCode")
		out := slices.Clone(v)
		for i, m := range out {
			if text, ok := m.value.(string); ok && m.name == "message" && code != "" {
				out[i].value = rewrite(code, text)
			} else {
				out[i].value = rewriteMessages(m.value, rewrite)
			}
		}
		return out
	}
	return body
}
