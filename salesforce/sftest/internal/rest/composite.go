// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const (
	maxSubrequests = 25 // of a composite (docs/salesforce.md, Limits)
	maxHeavy       = 5  // of those, queries and collections (docs/salesforce.md, Limits)
)

// Composite answers POST /composite (docs/salesforce.md, Composite). Headers of
// the composite itself do not reach its rows (docs/salesforce.md, Headers).
func (a *API) Composite(req *wire.Request) *wire.Reply {
	if req.BodyErr != nil {
		return req.BodyErr.Reply()
	}
	body, _ := req.Body.(wire.Object)
	parts, err := readParts(req, body)
	if err != nil {
		return err.Reply()
	}
	if err := tooManyParts(parts); err != nil {
		// Recorded: one result without a reference id (guardian/support-service-lambdas#766).
		return wire.Answer(200, wire.Object{{Name: "compositeResponse", Value: []any{partResult(nil, err.Reply())}}})
	}
	collate(req, body, parts)
	allOrNone, err := body.Flag("allOrNone")
	if err != nil {
		return err.Reply()
	}
	results := make([]any, len(parts))
	if allOrNone {
		a.runAllOrNone(req, parts, results)
	} else {
		answers := map[string]any{}
		for i, p := range parts {
			results[i] = partResult(p, a.runPart(req, p, answers, false))
		}
	}
	return wire.Answer(200, wire.Object{{Name: "compositeResponse", Value: results}})
}

func tooManyParts(parts []*part) *wire.Error {
	heavy := 0
	for _, p := range parts {
		if p.heavy() {
			heavy++
		}
	}
	switch {
	case len(parts) > maxSubrequests:
		return wire.Refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("The request can’t contain more than %d operations.",
			maxSubrequests))
	case heavy > maxHeavy: // the limit is documented, the text is not
		return wire.Refuse(400, "LIMIT_EXCEEDED",
			fmt.Sprintf("The request can’t contain more than %d query and sObject collection operations.", maxHeavy))
	}
	return nil
}

// runPart executes one subrequest. answers holds the bodies of those before it, for
// references.
func (a *API) runPart(outer *wire.Request, p *part, answers map[string]any, allOrNone bool) *wire.Reply {
	outer.Note.Subrequests = append(outer.Note.Subrequests,
		wire.Subrequest{ReferenceID: p.ref, Method: p.method, Path: p.url, AutoAssign: autoAssigns(p.header)})
	entry := &outer.Note.Subrequests[len(outer.Note.Subrequests)-1]
	rep := a.subrequest(outer, p, answers, allOrNone)
	entry.Status = rep.Status
	if !rep.Failed() {
		answers[p.ref] = rep.Body
	}
	return rep
}

func (a *API) subrequest(outer *wire.Request, p *part, answers map[string]any, allOrNone bool) *wire.Reply {
	references := resolver{answers, outer.Since(52), ReferenceFault(a.references.Load())}
	target, body, halted := references.resolve(p)
	if halted != nil {
		return halted.Reply()
	}
	// blanks need not be encoded (docs/salesforce.md, Composite)
	parsed, err := url.Parse(strings.ReplaceAll(target, " ", "%20"))
	if err != nil || !wire.VersionPath.MatchString(parsed.Path) {
		return wire.NotFound().Reply()
	}
	req := &wire.Request{
		Method: p.method, Query: parsed.Query(), Header: p.header, Text: parsed.EscapedPath(), Body: body,
		Note: outer.Note, AllOrNone: allOrNone, Group: p.group,
	}
	if err := req.SetPath(parsed.EscapedPath()); err != nil {
		return err.Reply()
	}
	if body == nil && (p.method == http.MethodPost || p.method == http.MethodPatch) {
		req.BodyErr = wire.BodyError(nil)
	}
	if !allowedInComposite(req.Path) {
		return wire.Refuse(400, "INVALID_INPUT",
			"The resource "+req.Text+" is not supported in a composite request").Reply()
	}
	return a.opts.Route(req)
}

// allowedInComposite reports whether a resource is supported in a composite
// (docs/salesforce.md, Composite).
func allowedInComposite(path []string) bool {
	switch path[0] {
	case "sobjects", "query", "queryAll":
		return true
	}
	return path[0] == "composite" && len(path) > 1 && path[1] == "sobjects"
}

// partResult returns the reply as one of a composite's; p is nil for that of the whole.
func partResult(p *part, r *wire.Reply) wire.Object {
	var ref any
	if p != nil {
		ref = p.ref
	}
	headers := wire.Object{}
	for _, name := range []string{"ETag", "Last-Modified", "Location"} {
		if v := r.Header.Get(name); v != "" {
			headers.Add(name, v)
		}
	}
	return wire.Object{
		{Name: "body", Value: r.Body}, {Name: "httpHeaders", Value: headers},
		{Name: "httpStatusCode", Value: r.Status}, {Name: "referenceId", Value: ref},
	}
}

// runAllOrNone runs the subrequests as one transaction.
func (a *API) runAllOrNone(req *wire.Request, parts []*part, results []any) {
	replies := make([]*wire.Reply, len(parts))
	answers := map[string]any{}
	failed := false
	a.opts.Exclusive(req.Note, func() {
		a.db.Atomically(func() bool {
			for i, p := range parts {
				replies[i] = a.runPart(req, p, answers, true)
				failed = failed || replies[i].Failed() || hasFailedRow(replies[i].Body)
			}
			return !failed
		})
	})
	if failed {
		req.Note.Written = 0
	}
	for i, p := range parts {
		if failed {
			replies[i] = takenBack(replies[i])
		}
		results[i] = partResult(p, replies[i])
	}
}

// takenBack returns the answer of a subrequest whose transaction failed: its own error if it
// has one, otherwise that of the rollback.
func takenBack(rep *wire.Reply) *wire.Reply {
	if rep.Failed() {
		return rep
	}
	rows, ok := rep.Body.([]any)
	if !ok || len(rows) == 0 {
		return wire.Refuse(400, "PROCESSING_HALTED",
			"The transaction was rolled back since another operation in the same transaction failed.").Reply()
	}
	out := make([]any, len(rows))
	for i, v := range rows {
		result, _ := v.(wire.Object)
		if success, _ := result.Get("success"); success == true {
			_, upsert := result.Get("created")
			v = rowResult(&db.RowInput{}, []*wire.RowError{rolledBack()}, upsert)
		}
		out[i] = v
	}
	return wire.Answer(rep.Status, out)
}

func hasFailedRow(body any) bool {
	rows, _ := body.([]any)
	for _, v := range rows {
		result, _ := v.(wire.Object)
		if success, ok := result.Get("success"); ok && success != true {
			return true
		}
	}
	return false
}

// Batch answers POST /composite/batch: independent subrequests, each of which
// counts as a call (docs/salesforce.md, Composite).
func (a *API) Batch(req *wire.Request) *wire.Reply {
	if req.BodyErr != nil {
		return req.BodyErr.Reply()
	}
	body, _ := req.Body.(wire.Object)
	list, _ := body.Get("batchRequests")
	requests, _ := list.([]any)
	if len(requests) == 0 || len(requests) > maxSubrequests { // text not known
		return wire.Refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("A batch has 1 to %d subrequests, not %d",
			maxSubrequests, len(requests))).Reply()
	}
	a.opts.Count(req.Note, len(requests)-1)
	halt, err := body.Flag("haltOnError")
	if err != nil {
		return err.Reply()
	}
	failed := false
	results := make([]any, len(requests))
	for i, v := range requests {
		if failed && halt {
			results[i] = batchResult(wire.Refuse(412, "BATCH_PROCESSING_HALTED",
				"Batch processing halted because of a previous error").Reply())
			continue
		}
		p, _ := v.(wire.Object)
		rep := a.batchPart(req, p)
		failed = failed || rep.Failed()
		results[i] = batchResult(rep)
	}
	return wire.Answer(200, wire.Object{{Name: "hasErrors", Value: failed}, {Name: "results", Value: results}})
}

func (a *API) batchPart(outer *wire.Request, p wire.Object) *wire.Reply {
	target := strings.ReplaceAll(p.Text("url"), " ", "%20")
	parsed, err := url.Parse("/services/data/" + strings.TrimPrefix(strings.TrimPrefix(target, "/services/data/"), "/"))
	if err != nil || !wire.VersionPath.MatchString(parsed.Path) {
		return wire.NotFound().Reply()
	}
	outer.Note.Subrequests = append(outer.Note.Subrequests,
		wire.Subrequest{Method: p.Text("method"), Path: parsed.Path, AutoAssign: true})
	req := &wire.Request{
		Method: strings.ToUpper(p.Text("method")), Query: parsed.Query(), Header: http.Header{},
		Text: parsed.EscapedPath(), Note: outer.Note,
	}
	if err := req.SetPath(parsed.EscapedPath()); err != nil {
		return err.Reply()
	}
	// not among the resources of a batch (REST API guide); the answer is not known
	if req.Path[0] == "composite" || req.Path[0] == "jobs" {
		return wire.Refuse(400, "INVALID_INPUT", "The resource "+req.Text+" is not supported in a batch").Reply()
	}
	if req.Body, _ = p.Get("richInput"); req.Body == nil {
		req.BodyErr = wire.BodyError(nil)
	}
	rep := a.opts.Route(req)
	outer.Note.Subrequests[len(outer.Note.Subrequests)-1].Status = rep.Status
	return rep
}

func batchResult(rep *wire.Reply) wire.Object {
	return wire.Object{{Name: "statusCode", Value: rep.Status}, {Name: "result", Value: rep.Body}}
}
