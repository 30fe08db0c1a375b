// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// A subrequest is one request within a composite call.
type subrequest struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	Headers     map[string]string `json:"httpHeaders,omitempty"`
	Body        any               `json:"body,omitempty"`
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

// composite sends subrequests in one call. Response k is that of subrequest k; any
// doubt about that fails the whole call.
func (c *Client) composite(ctx context.Context, subrequests []subrequest, repeatable bool) ([]subresponse, *Error) {
	for i := range subrequests {
		subrequests[i].ReferenceID = "r" + strconv.Itoa(i)
	}
	payload, err := json.Marshal(map[string]any{
		"allOrNone":          false,
		"collateSubrequests": false,
		"compositeRequest":   subrequests,
	})
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("encode request: %w", err)}
	}
	x, failure := c.do(ctx, request{
		method:      http.MethodPost,
		path:        c.path("composite"),
		payload:     payload,
		subrequests: len(subrequests),
		repeatable:  repeatable,
	})
	if failure != nil {
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
func (c *Client) direct(ctx context.Context, s subrequest, repeatable bool) ([]subresponse, *Error) {
	payload, err := json.Marshal(s.Body)
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("encode request: %w", err)}
	}
	x, failure := c.do(ctx, request{
		method:      s.Method,
		path:        s.URL,
		headers:     s.Headers,
		payload:     payload,
		subrequests: 1,
		repeatable:  repeatable,
	})
	if failure != nil {
		return nil, failure
	}
	return []subresponse{{Status: x.status, Body: x.body, requestID: requestID(x.header)}}, nil
}

// parseComposite returns the responses of a reply in the order of the count subrequests
// that were sent.
func parseComposite(body []byte, count int) ([]subresponse, error) {
	var reply struct {
		Responses []subresponse `json:"compositeResponse"`
	}
	if err := json.Unmarshal(body, &reply); err != nil || reply.Responses == nil {
		return nil, errors.New("reply is not a composite reply")
	}
	return inOrder(reply.Responses, count)
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
