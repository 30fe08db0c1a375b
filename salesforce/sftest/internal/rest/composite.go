package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const (
	maxSubrequests = 25 // of a composite (SALESFORCE.md 0)
	maxHeavy       = 5  // of those, queries and collections (SALESFORCE.md 0)
)

// A part is one subrequest of a composite.
type part struct {
	method, url, ref string
	body             any
	header           http.Header
	group            *wire.Collation // nil for a part that stands alone
}

var referenceID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_]*$`)

// Composite answers POST /composite (SALESFORCE.md 1). Headers of the composite
// itself do not reach its rows (SALESFORCE.md 4).
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

// readParts reads the subrequests, and refuses a composite that is wrong as a
// whole.
func readParts(req *wire.Request, body wire.Object) ([]*part, *wire.Error) {
	list, _ := body.Get("compositeRequest")
	requests, _ := list.([]any)
	if len(requests) == 0 {
		return nil, wire.Refuse(400, "REQUIRED_FIELD_MISSING", "At least 1 subrequest is required")
	}
	parts := make([]*part, len(requests))
	seen := map[string]bool{}
	for i, v := range requests {
		p, err := readPart(req, v)
		if err != nil {
			return nil, err
		}
		if seen[p.ref] {
			return nil, wire.Refuse(400, "JSON_PARSER_ERROR", fmt.Sprintf("Provided referenceId ('%s') must be unique within the request.", p.ref))
		}
		seen[p.ref] = true
		parts[i] = p
	}
	return parts, nil
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
		return wire.Refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("The request can’t contain more than %d operations.", maxSubrequests))
	case heavy > maxHeavy: // the limit is documented, the text is not
		return wire.Refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("The request can’t contain more than %d query and sObject collection operations.", maxHeavy))
	}
	return nil
}

// readPart reads a subrequest. Up to v51 a bad reference id fails only those
// that refer to it (SALESFORCE.md 1).
func readPart(req *wire.Request, v any) (*part, *wire.Error) {
	o, _ := v.(wire.Object)
	p := &part{method: strings.ToUpper(o.Text("method")), url: o.Text("url"), ref: o.Text("referenceId"), header: http.Header{}}
	p.body, _ = o.Get("body")
	if !referenceID.MatchString(p.ref) && (req.Since(52) || p.ref == "") {
		return nil, wire.Refuse(400, "JSON_PARSER_ERROR", referenceText(p.ref))
	}
	if p.method == "" || p.url == "" {
		return nil, wire.Refuse(400, "JSON_PARSER_ERROR", "A subrequest needs a method and a url")
	}
	headers, _ := o.Get("httpHeaders")
	list, _ := headers.(wire.Object)
	for _, m := range list {
		switch strings.ToLower(m.Name) {
		case "accept", "authorization", "content-type":
			return nil, wire.Refuse(400, "JSON_PARSER_ERROR", fmt.Sprintf("The header %s is not allowed in a subrequest", m.Name))
		}
		p.header.Set(m.Name, fmt.Sprint(m.Value))
	}
	return p, nil
}

func referenceText(ref string) string {
	return fmt.Sprintf("Provided referenceId ('%s') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').", ref)
}

var heavyPath = regexp.MustCompile(`^/services/data/v\d+\.0/(query|queryAll|composite/sobjects)([/?]|$)`)

func (p *part) heavy() bool { return heavyPath.MatchString(p.url) }

// runPart carries out one subrequest. answers holds the bodies of those before
// it, for references.
func (a *API) runPart(outer *wire.Request, p *part, answers map[string]any, allOrNone bool) *wire.Reply {
	outer.Note.Subrequests = append(outer.Note.Subrequests, wire.Subrequest{ReferenceID: p.ref, Method: p.method, Path: p.url})
	entry := &outer.Note.Subrequests[len(outer.Note.Subrequests)-1]
	rep := a.subrequest(outer, p, answers, allOrNone)
	entry.Status = rep.Status
	if !rep.Failed() {
		answers[p.ref] = rep.Body
	}
	return rep
}

func (a *API) subrequest(outer *wire.Request, p *part, answers map[string]any, allOrNone bool) *wire.Reply {
	target, body, halted := resolve(p, answers, outer.Since(52))
	if halted != nil {
		return halted.Reply()
	}
	parsed, err := url.Parse(target)
	if err != nil || !wire.VersionPath.MatchString(parsed.Path) {
		return wire.NotFound().Reply()
	}
	if strings.Contains(target, " ") { // must be URL-encoded (SALESFORCE.md 1; the answer is not known)
		return wire.Refuse(400, "INVALID_INPUT", "The url of a subrequest must be URL-encoded").Reply()
	}
	req := &wire.Request{Method: p.method, Query: parsed.Query(), Header: p.header, Text: parsed.EscapedPath(), Body: body, Note: outer.Note, AllOrNone: allOrNone, Group: p.group}
	if err := req.SetPath(parsed.EscapedPath()); err != nil {
		return err.Reply()
	}
	if body == nil && (p.method == http.MethodPost || p.method == http.MethodPatch) {
		req.BodyErr = wire.BodyError(nil)
	}
	if !allowedInComposite(req.Path) {
		return wire.Refuse(400, "INVALID_INPUT", "The resource "+req.Text+" is not supported in a composite request").Reply()
	}
	return a.opts.Route(req)
}

// allowedInComposite: only these resources may stand in a composite
// (SALESFORCE.md 1).
func allowedInComposite(path []string) bool {
	switch path[0] {
	case "sobjects", "query", "queryAll":
		return true
	}
	return path[0] == "composite" && len(path) > 1 && path[1] == "sobjects"
}

// partResult is the reply as one of a composite's; p is nil for that of the whole.
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

// takenBack is the answer of a subrequest whose transaction failed: its own
// error where it has one, otherwise that of the rollback.
func takenBack(rep *wire.Reply) *wire.Reply {
	if rep.Failed() {
		return rep
	}
	rows, ok := rep.Body.([]any)
	if !ok || len(rows) == 0 {
		return wire.Refuse(400, "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed.").Reply()
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
// counts as a call (SALESFORCE.md 1).
func (a *API) Batch(req *wire.Request) *wire.Reply {
	if req.BodyErr != nil {
		return req.BodyErr.Reply()
	}
	body, _ := req.Body.(wire.Object)
	list, _ := body.Get("batchRequests")
	requests, _ := list.([]any)
	if len(requests) == 0 || len(requests) > maxSubrequests { // text not known
		return wire.Refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("A batch has 1 to %d subrequests, not %d", maxSubrequests, len(requests))).Reply()
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
			results[i] = batchResult(wire.Refuse(412, "BATCH_PROCESSING_HALTED", "Batch processing halted because of a previous error").Reply())
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
	parsed, err := url.Parse("/services/data/" + strings.TrimPrefix(strings.TrimPrefix(p.Text("url"), "/services/data/"), "/"))
	if err != nil || !wire.VersionPath.MatchString(parsed.Path) {
		return wire.NotFound().Reply()
	}
	outer.Note.Subrequests = append(outer.Note.Subrequests, wire.Subrequest{Method: p.Text("method"), Path: parsed.Path})
	req := &wire.Request{Method: strings.ToUpper(p.Text("method")), Query: parsed.Query(), Header: http.Header{}, Text: parsed.EscapedPath(), Note: outer.Note}
	if err := req.SetPath(parsed.EscapedPath()); err != nil {
		return err.Reply()
	}
	if req.Path[0] == "composite" || req.Path[0] == "jobs" { // not among the resources of a batch (REST API guide); the answer is not known
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
