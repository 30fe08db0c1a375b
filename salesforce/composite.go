// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/salesforce/internal/scratch"
)

// A subrequest is one request within a composite call.
type subrequest struct {
	Method      string
	URL         string
	ReferenceID string
	Headers     map[string]string
	Body        requestBody // nil for none
}

// A requestBody is a collection or a row.
type requestBody interface {
	// appendJSON writes it.
	appendJSON(b []byte) ([]byte, error)
}

// appendJSON writes the subrequest.
func (s *subrequest) appendJSON(b []byte) ([]byte, error) {
	b = jsontext.AppendText(append(b, `{"method":`...), s.Method)
	b = jsontext.AppendText(append(b, `,"url":`...), s.URL)
	b = jsontext.AppendText(append(b, `,"referenceId":`...), s.ReferenceID)
	if len(s.Headers) > 0 {
		headers, err := json.Marshal(s.Headers)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"httpHeaders":`...), headers...)
	}
	if s.Body != nil {
		var err error
		if b, err = s.Body.appendJSON(append(b, `,"body":`...)); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// sizeOf returns about how many bytes subrequests take without their bodies.
func sizeOf(subrequests []subrequest) (size int) {
	for i := range subrequests {
		size += len(subrequests[i].URL) + 256
	}
	return size
}

// appendAll writes subrequests as an array.
func appendAll(b []byte, subrequests []subrequest) (_ []byte, err error) {
	b = append(b, '[')
	for i := range subrequests {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = subrequests[i].appendJSON(b); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// A subresponse answers a subrequest.
type subresponse struct {
	ReferenceID string                     `json:"referenceId"`
	Status      int                        `json:"httpStatusCode"`
	Headers     map[string]json.RawMessage `json:"httpHeaders"`
	Body        json.RawMessage            `json:"body"`

	requestID string // of the whole call
	// repeated means that an earlier attempt of the call may have been carried out, so that
	// a refusal now proves nothing.
	repeated bool
}

// header returns the value of a header, compared without regard to case.
func (r *subresponse) header(name string) string {
	for key, raw := range r.Headers {
		var value string
		if strings.EqualFold(key, name) && json.Unmarshal(raw, &value) == nil {
			return value
		}
	}
	return ""
}

// err returns the error of a subrequest that did not succeed, nil for one that
// did.
func (r *subresponse) err() *Error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	e := errorOf(r.Status, r.Body)
	e.RequestID = r.requestID
	e.Uncertain = r.repeated || !provesNothingDone(r.Status, r.Body)
	return e
}

// composite sends subrequests in one call. Response k is that of subrequest k, until the
// next call in the space; any doubt about that fails the whole call.
func (c *Client) composite(
	ctx context.Context, space *scratch.Space, subrequests []subrequest, repeatable bool,
) ([]subresponse, *Error) {
	for i := range subrequests {
		subrequests[i].ReferenceID = "r" + strconv.Itoa(i)
	}
	payload := append(space.Text[:0], `{"allOrNone":false,"collateSubrequests":false,"compositeRequest":`...)
	payload, err := appendAll(slices.Grow(payload, sizeOf(subrequests)), subrequests)
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("encode request: %w", err)}
	}
	space.Text = append(payload, '}')
	x, failure := c.do(ctx, request{
		method:      http.MethodPost,
		path:        c.path("composite"),
		payload:     space.Text,
		subrequests: len(subrequests),
		repeatable:  repeatable,
		space:       space,
	})
	if failure != nil {
		failure.WholeCall = failure.HTTPStatus != 0 && failure.Err == nil
		return nil, failure
	}
	responses, err := parseComposite(x.body, len(subrequests))
	if err != nil {
		return nil, x.malformed(err, true)
	}
	for i := range responses {
		responses[i].requestID, responses[i].repeated = requestID(x.header), x.maybeDone
	}
	return responses, nil
}

// direct sends one subrequest as a call of its own.
func (c *Client) direct(
	ctx context.Context, space *scratch.Space, s subrequest, repeatable bool,
) ([]subresponse, *Error) {
	payload := []byte("null")
	if s.Body != nil {
		var err error
		if payload, err = s.Body.appendJSON(space.Text[:0]); err != nil {
			return nil, &Error{Err: fmt.Errorf("encode request: %w", err)}
		}
		space.Text = payload
	}
	x, failure := c.do(ctx, request{
		method:      s.Method,
		path:        s.URL,
		headers:     s.Headers,
		payload:     payload,
		subrequests: 1,
		repeatable:  repeatable,
		space:       space,
	})
	if failure != nil {
		return nil, failure
	}
	return []subresponse{{Status: x.status, Body: x.body, requestID: requestID(x.header)}}, nil
}

// parseComposite returns the responses of a reply in the order of the count subrequests
// that were sent.
func parseComposite(body []byte, count int) ([]subresponse, error) {
	var responses []subresponse
	understood := true
	from := jsontext.NewReader(body)
	for name := range from.Members() {
		if name != "compositeResponse" {
			from.Raw()
			continue
		}
		responses = make([]subresponse, 0, count)
		for range from.Elements() {
			var response subresponse
			understood = response.read(from) && understood
			responses = append(responses, response)
		}
	}
	if from.End() != nil || responses == nil || !understood {
		return nil, errors.New("reply is not a composite reply")
	}
	return inOrder(responses, count)
}

// read reads the response to one subrequest, whose body is a part of the reply. It reports
// whether the headers are an object.
func (r *subresponse) read(from *jsontext.Reader) (understood bool) {
	understood = true
	for name := range from.Members() {
		switch name {
		case "referenceId":
			r.ReferenceID = from.Text()
		case "httpStatusCode":
			r.Status, _ = strconv.Atoi(from.Number().String()) // none is refused
		case "httpHeaders":
			understood = json.Unmarshal(from.Raw(), &r.Headers) == nil
		case "body":
			r.Body = from.Raw()
		default:
			from.Raw()
		}
	}
	return understood
}

// inOrder sorts responses into the order of the count requests that were sent.
func inOrder(responses []subresponse, count int) ([]subresponse, error) {
	if len(responses) != count {
		return nil, fmt.Errorf("composite reply has %d responses to %d requests", len(responses), count)
	}
	ordered := make([]subresponse, count)
	for _, r := range responses {
		digits, ok := strings.CutPrefix(r.ReferenceID, "r")
		i, err := strconv.Atoi(digits)
		switch {
		case !ok || err != nil || i < 0 || i >= count || digits != strconv.Itoa(i):
			return nil, errors.New("composite reply has an unknown referenceId")
		case ordered[i].ReferenceID != "":
			return nil, errors.New("composite reply has a repeated referenceId")
		case r.Status < 100 || r.Status > 599:
			return nil, errors.New("composite reply has a response without a status")
		}
		ordered[i] = r
	}
	return ordered, nil
}
