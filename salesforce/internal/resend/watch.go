// SPDX-License-Identifier: Apache-2.0

// Package resend watches for requests that are sent again although they could
// write twice. Tests put it between a client and an org, real or scripted.
package resend

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// A UniqueFunc reports whether a row to create carries a value that Salesforce
// holds to be unique, so that a second create of it is refused.
type UniqueFunc func(object string, fields map[string]any) bool

// A Watch remembers the requests whose outcome is unknown: those that were sent
// and got no response, or one that proves nothing. When one that could write
// twice is sent once more, and nothing was read in between, it says so. It is
// safe for concurrent use.
type Watch struct {
	report func(format string, args ...any)
	unique UniqueFunc

	mu   sync.Mutex
	open map[[sha256.Size]byte]bool
	// uploaded are the bulk jobs that were sent their data.
	uploaded map[string]bool
}

// New returns a Watch that reports by errorf, such as that of a testing.T.
func New(errorf func(format string, args ...any), unique UniqueFunc) *Watch {
	return &Watch{report: errorf, unique: unique, open: map[[sha256.Size]byte]bool{}, uploaded: map[string]bool{}}
}

// Sent notes a request, its body unpacked. The caller calls certain, once, when
// the sender has an answer, or proof that nothing was done.
func (w *Watch) Sent(method, path string, body []byte) (certain func()) {
	parts := partsOf(part{Method: method, URL: path, Body: body})
	if readsAll(parts) {
		w.mu.Lock()
		defer w.mu.Unlock()
		clear(w.open) // the sender looked before it sends again
		return func() {}
	}
	if !w.couldDouble(parts) {
		return func() {}
	}
	key := sha256.Sum256(append([]byte(method+" "+path+"\n"), body...))
	w.mu.Lock()
	again := w.open[key]
	w.open[key] = true
	w.mu.Unlock()
	if again {
		w.report("%s %s was sent again although it could write twice", method, path)
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.open, key)
	}
}

// Bulk reports whether a request is about a bulk job, and notes the data of one. A
// job takes its data once, whatever the answer to that was.
func (w *Watch) Bulk(method, path string) bool {
	name := strings.Split(part{URL: path}.resource(), "/")
	if name[0] != "jobs" {
		return false
	}
	if method != http.MethodPut {
		return true
	}
	w.mu.Lock()
	again := w.uploaded[path]
	w.uploaded[path] = true
	w.mu.Unlock()
	if again {
		w.report("%s %s was sent again, but a job accepts its data only once", method, path)
	}
	return true
}

// ProvesNothingDone reports whether an answer is Salesforce's own refusal.
func ProvesNothingDone(status int, body []byte) bool {
	if status == http.StatusMultipleChoices {
		return true
	}
	if status < 400 || status >= 500 || status == http.StatusRequestTimeout {
		return false
	}
	var problems []struct{ ErrorCode string }
	return json.Unmarshal(body, &problems) == nil && len(problems) > 0 && problems[0].ErrorCode != ""
}

// A part is a request, or one of those that a composite carries.
type part struct {
	Method string          `json:"method"`
	URL    string          `json:"url"`
	Body   json.RawMessage `json:"body"`
}

var resource = regexp.MustCompile(`^/services/data/v\d+\.0/([^?]*)`)

// resource returns what the part asks for, below the API version.
func (p part) resource() string {
	if found := resource.FindStringSubmatch(p.URL); found != nil {
		return strings.Trim(found[1], "/")
	}
	return ""
}

// partsOf takes a composite apart.
func partsOf(p part) []part {
	var body struct {
		Composite []part `json:"compositeRequest"`
		Graphs    []struct {
			Composite []part `json:"compositeRequest"`
		} `json:"graphs"`
	}
	if r := p.resource(); r != "composite" && r != "composite/graph" || json.Unmarshal(p.Body, &body) != nil {
		return []part{p}
	}
	parts := body.Composite
	for _, graph := range body.Graphs {
		parts = append(parts, graph.Composite...)
	}
	return parts
}

func readsAll(parts []part) bool {
	for _, p := range parts {
		if p.Method != http.MethodGet || p.resource() == "" {
			return false
		}
	}
	return true
}

// couldDouble reports whether some part creates a record that has no unique
// field.
func (w *Watch) couldDouble(parts []part) bool {
	for _, p := range parts {
		for object, row := range p.creates() {
			if !w.unique(object, row) {
				return true
			}
		}
	}
	return false
}

// creates gives out the rows that the part creates, with their objects.
func (p part) creates() func(yield func(object string, row map[string]any) bool) {
	return func(yield func(object string, row map[string]any) bool) {
		name := strings.Split(p.resource(), "/")
		switch {
		case p.Method != http.MethodPost:
		case len(name) == 2 && name[0] == "sobjects":
			var row map[string]any
			_ = json.Unmarshal(p.Body, &row) // what is no row has no unique field
			yield(name[1], row)
		case p.resource() == "composite/sobjects":
			var body struct{ Records []map[string]any }
			_ = json.Unmarshal(p.Body, &body)
			for _, row := range body.Records {
				attributes, _ := row["attributes"].(map[string]any)
				object, _ := attributes["type"].(string)
				if !yield(object, row) {
					return
				}
			}
		}
	}
}
