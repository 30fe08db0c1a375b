// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// A part is one subrequest of a composite.
type part struct {
	method, url, ref string
	body             any
	header           http.Header
	group            *wire.Collation // nil for a part outside any group
}

var referenceID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_]*$`)

// readParts reads the subrequests, and refuses a composite that is invalid as a whole.
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
			return nil, wire.Refuse(400, "JSON_PARSER_ERROR",
				fmt.Sprintf("Provided referenceId ('%s') must be unique within the request.", p.ref))
		}
		seen[p.ref] = true
		parts[i] = p
	}
	return parts, nil
}

// readPart reads a subrequest. Up to v51 a bad reference id fails only those
// that refer to it (docs/salesforce.md, Composite).
func readPart(req *wire.Request, v any) (*part, *wire.Error) {
	o, _ := v.(wire.Object)
	p := &part{
		method: strings.ToUpper(o.Text("method")), url: o.Text("url"), ref: o.Text("referenceId"),
		header: http.Header{},
	}
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
			return nil, wire.Refuse(400, "JSON_PARSER_ERROR",
				fmt.Sprintf("The header %s is not allowed in a subrequest", m.Name))
		}
		p.header.Set(m.Name, fmt.Sprint(m.Value))
	}
	return p, nil
}

func referenceText(ref string) string {
	return fmt.Sprintf(
		"Provided referenceId ('%s') must start with a letter or a number,"+
			" and it can contain only letters, numbers and underscores ('_').",
		ref,
	)
}

var heavyPath = regexp.MustCompile(`^/services/data/v\d+\.0/(query|queryAll|composite/sobjects)([/?]|$)`)

func (p *part) heavy() bool { return heavyPath.MatchString(p.url) }
