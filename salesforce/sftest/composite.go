package sftest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
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
	group            *collation // nil for a part that stands alone
}

var referenceID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_]*$`)

// composite answers POST /composite (SALESFORCE.md 1). Headers of the composite
// itself do not reach its rows (SALESFORCE.md 4).
func (a *restAPI) composite(req *request) *reply {
	if req.bodyErr != nil {
		return req.bodyErr.reply()
	}
	body, _ := req.body.(jsonObject)
	parts, err := readParts(req, body)
	if err != nil {
		return err.reply()
	}
	if err := tooManyParts(parts); err != nil {
		// Recorded: one result without a reference id (guardian/support-service-lambdas#766).
		return answer(200, jsonObject{{name: "compositeResponse", value: []any{partResult(nil, err.reply())}}})
	}
	collate(req, body, parts)
	allOrNone, err := body.flag("allOrNone")
	if err != nil {
		return err.reply()
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
	return answer(200, jsonObject{{name: "compositeResponse", value: results}})
}

// readParts reads the subrequests, and refuses a composite that is wrong as a
// whole.
func readParts(req *request, body jsonObject) ([]*part, *apiError) {
	list, _ := body.get("compositeRequest")
	requests, _ := list.([]any)
	if len(requests) == 0 {
		return nil, refuse(400, "REQUIRED_FIELD_MISSING", "At least 1 subrequest is required")
	}
	parts := make([]*part, len(requests))
	seen := map[string]bool{}
	for i, v := range requests {
		p, err := readPart(req, v)
		if err != nil {
			return nil, err
		}
		if seen[p.ref] {
			return nil, refuse(400, "JSON_PARSER_ERROR", fmt.Sprintf("Provided referenceId ('%s') must be unique within the request.", p.ref))
		}
		seen[p.ref] = true
		parts[i] = p
	}
	return parts, nil
}

func tooManyParts(parts []*part) *apiError {
	heavy := 0
	for _, p := range parts {
		if p.heavy() {
			heavy++
		}
	}
	switch {
	case len(parts) > maxSubrequests:
		return refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("The request can’t contain more than %d operations.", maxSubrequests))
	case heavy > maxHeavy: // the limit is documented, the text is not
		return refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("The request can’t contain more than %d query and sObject collection operations.", maxHeavy))
	}
	return nil
}

// readPart reads a subrequest. Up to v51 a bad reference id fails only those
// that refer to it (SALESFORCE.md 1).
func readPart(req *request, v any) (*part, *apiError) {
	o, _ := v.(jsonObject)
	p := &part{method: strings.ToUpper(o.text("method")), url: o.text("url"), ref: o.text("referenceId"), header: http.Header{}}
	p.body, _ = o.get("body")
	if !referenceID.MatchString(p.ref) && (req.since(52) || p.ref == "") {
		return nil, refuse(400, "JSON_PARSER_ERROR", referenceText(p.ref))
	}
	if p.method == "" || p.url == "" {
		return nil, refuse(400, "JSON_PARSER_ERROR", "A subrequest needs a method and a url")
	}
	headers, _ := o.get("httpHeaders")
	list, _ := headers.(jsonObject)
	for _, m := range list {
		switch strings.ToLower(m.name) {
		case "accept", "authorization", "content-type":
			return nil, refuse(400, "JSON_PARSER_ERROR", fmt.Sprintf("The header %s is not allowed in a subrequest", m.name))
		}
		p.header.Set(m.name, fmt.Sprint(m.value))
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
func (a *restAPI) runPart(outer *request, p *part, answers map[string]any, allOrNone bool) *reply {
	outer.entry.Subrequests = append(outer.entry.Subrequests, subnote{ReferenceID: p.ref, Method: p.method, Path: p.url})
	entry := &outer.entry.Subrequests[len(outer.entry.Subrequests)-1]
	rep := a.subrequest(outer, p, answers, allOrNone)
	entry.Status = rep.status
	if !rep.failed() {
		answers[p.ref] = rep.body
	}
	return rep
}

func (a *restAPI) subrequest(outer *request, p *part, answers map[string]any, allOrNone bool) *reply {
	target, body, halted := resolve(p, answers, outer.since(52))
	if halted != nil {
		return halted.reply()
	}
	parsed, err := url.Parse(target)
	if err != nil || !versionPath.MatchString(parsed.Path) {
		return notFound().reply()
	}
	if strings.Contains(target, " ") { // must be URL-encoded (SALESFORCE.md 1; the answer is not known)
		return refuse(400, "INVALID_INPUT", "The url of a subrequest must be URL-encoded").reply()
	}
	req := &request{method: p.method, query: parsed.Query(), header: p.header, text: parsed.EscapedPath(), body: body, entry: outer.entry, allOrNone: allOrNone, group: p.group}
	if err := req.setPath(parsed.EscapedPath()); err != nil {
		return err.reply()
	}
	if body == nil && (p.method == http.MethodPost || p.method == http.MethodPatch) {
		req.bodyErr = bodyError(nil)
	}
	if !allowedInComposite(req.path) {
		return refuse(400, "INVALID_INPUT", "The resource "+req.text+" is not supported in a composite request").reply()
	}
	return a.opts.route(req)
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
func partResult(p *part, r *reply) jsonObject {
	var ref any
	if p != nil {
		ref = p.ref
	}
	headers := jsonObject{}
	for _, name := range []string{"ETag", "Last-Modified", "Location"} {
		if v := r.header.Get(name); v != "" {
			headers.add(name, v)
		}
	}
	return jsonObject{
		{name: "body", value: r.body}, {name: "httpHeaders", value: headers},
		{name: "httpStatusCode", value: r.status}, {name: "referenceId", value: ref},
	}
}

// runAllOrNone runs the subrequests as one transaction.
func (a *restAPI) runAllOrNone(req *request, parts []*part, results []any) {
	replies := make([]*reply, len(parts))
	answers := map[string]any{}
	failed := false
	a.opts.exclusive(req.entry, func() {
		a.db.atomically(func() bool {
			for i, p := range parts {
				replies[i] = a.runPart(req, p, answers, true)
				failed = failed || replies[i].failed() || hasFailedRow(replies[i].body)
			}
			return !failed
		})
	})
	if failed {
		req.entry.Written = 0
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
func takenBack(rep *reply) *reply {
	if rep.failed() {
		return rep
	}
	rows, ok := rep.body.([]any)
	if !ok || len(rows) == 0 {
		return refuse(400, "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed.").reply()
	}
	out := make([]any, len(rows))
	for i, v := range rows {
		result, _ := v.(jsonObject)
		if success, _ := result.get("success"); success == true {
			_, upsert := result.get("created")
			v = rowResult(&collectionRow{}, []*rowError{rolledBack()}, upsert)
		}
		out[i] = v
	}
	return answer(rep.status, out)
}

func hasFailedRow(body any) bool {
	rows, _ := body.([]any)
	for _, v := range rows {
		result, _ := v.(jsonObject)
		if success, ok := result.get("success"); ok && success != true {
			return true
		}
	}
	return false
}

// batch answers POST /composite/batch: independent subrequests, each of which
// counts as a call (SALESFORCE.md 1).
func (a *restAPI) batch(req *request) *reply {
	if req.bodyErr != nil {
		return req.bodyErr.reply()
	}
	body, _ := req.body.(jsonObject)
	list, _ := body.get("batchRequests")
	requests, _ := list.([]any)
	if len(requests) == 0 || len(requests) > maxSubrequests { // text not known
		return refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("A batch has 1 to %d subrequests, not %d", maxSubrequests, len(requests))).reply()
	}
	a.opts.count(req.entry, len(requests)-1)
	halt, err := body.flag("haltOnError")
	if err != nil {
		return err.reply()
	}
	failed := false
	results := make([]any, len(requests))
	for i, v := range requests {
		if failed && halt {
			results[i] = batchResult(refuse(412, "BATCH_PROCESSING_HALTED", "Batch processing halted because of a previous error").reply())
			continue
		}
		p, _ := v.(jsonObject)
		rep := a.batchPart(req, p)
		failed = failed || rep.failed()
		results[i] = batchResult(rep)
	}
	return answer(200, jsonObject{{name: "hasErrors", value: failed}, {name: "results", value: results}})
}

func (a *restAPI) batchPart(outer *request, p jsonObject) *reply {
	parsed, err := url.Parse("/services/data/" + strings.TrimPrefix(strings.TrimPrefix(p.text("url"), "/services/data/"), "/"))
	if err != nil || !versionPath.MatchString(parsed.Path) {
		return notFound().reply()
	}
	outer.entry.Subrequests = append(outer.entry.Subrequests, subnote{Method: p.text("method"), Path: parsed.Path})
	req := &request{method: strings.ToUpper(p.text("method")), query: parsed.Query(), header: http.Header{}, text: parsed.EscapedPath(), entry: outer.entry}
	if err := req.setPath(parsed.EscapedPath()); err != nil {
		return err.reply()
	}
	if req.path[0] == "composite" || req.path[0] == "jobs" { // not among the resources of a batch (REST API guide); the answer is not known
		return refuse(400, "INVALID_INPUT", "The resource "+req.text+" is not supported in a batch").reply()
	}
	if req.body, _ = p.get("richInput"); req.body == nil {
		req.bodyErr = bodyError(nil)
	}
	rep := a.opts.route(req)
	outer.entry.Subrequests[len(outer.entry.Subrequests)-1].Status = rep.status
	return rep
}

func batchResult(rep *reply) jsonObject {
	return jsonObject{{name: "statusCode", value: rep.status}, {name: "result", value: rep.body}}
}
