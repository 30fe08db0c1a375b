// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// The limits of a composite graph request (docs/salesforce.md, Graphs). It is not
// documented whether different nodes are counted by graph or by request.
const (
	maxGraphs       = 75
	maxGraphNodes   = 500
	maxGraphDepth   = 15
	maxGraphKinds   = 15
	maxFailedGraphs = 14
)

// A graph is a group of subrequests that are executed together or not at all.
type graph struct {
	id    string
	parts []*part
}

// Graphs answers POST /composite/graph. The texts of its refusals are not recorded. The nodes
// of a graph run in the order given.
func (a *API) Graphs(req *wire.Request) *wire.Reply {
	if req.BodyErr != nil {
		return req.BodyErr.Reply()
	}
	body, _ := req.Body.(wire.Object)
	graphs, err := readGraphs(req, body)
	if err != nil {
		return err.Reply()
	}
	results := make([]any, len(graphs))
	a.opts.Exclusive(req.Note, func() { a.runGraphs(req, graphs, results) })
	return wire.Answer(200, wire.Object{{Name: "graphs", Value: results}})
}

func (a *API) runGraphs(req *wire.Request, graphs []*graph, results []any) {
	failed := 0
	for i, g := range graphs {
		var replies []*wire.Reply
		ok := false
		if failed < maxFailedGraphs {
			replies, ok = a.runGraph(req, g)
		} else {
			replies = haltGraph(g)
		}
		if !ok {
			failed++
		}
		nodes := make([]any, len(replies))
		for n, rep := range replies {
			nodes[n] = partResult(g.parts[n], rep)
		}
		results[i] = wire.Object{
			{Name: "graphId", Value: g.id},
			{Name: "graphResponse", Value: wire.Object{{Name: "compositeResponse", Value: nodes}}},
			{Name: "isSuccessful", Value: ok},
		}
	}
}

// readGraphs reads the graphs, and refuses a request that is invalid as a whole.
func readGraphs(req *wire.Request, body wire.Object) ([]*graph, *wire.Error) {
	list, _ := body.Get("graphs")
	sent, _ := list.([]any)
	if len(sent) == 0 || len(sent) > maxGraphs {
		return nil, graphLimit("graphs", maxGraphs)
	}
	graphs := make([]*graph, len(sent))
	seen, kinds, nodes := map[string]bool{}, map[string]bool{}, 0
	for i, v := range sent {
		one, _ := v.(wire.Object)
		parts, err := readParts(req, one)
		if err != nil {
			return nil, err
		}
		g := &graph{id: one.Text("graphId"), parts: parts}
		if g.id == "" || seen[g.id] {
			return nil, wire.Refuse(400, "JSON_PARSER_ERROR", "A graph needs a graphId of its own")
		}
		seen[g.id] = true
		nodes += len(parts)
		for _, p := range parts {
			kinds[p.graphKind()] = true
		}
		if g.depth() > maxGraphDepth {
			return nil, graphLimit("levels", maxGraphDepth)
		}
		graphs[i] = g
	}
	switch {
	case nodes > maxGraphNodes:
		return nil, graphLimit("nodes", maxGraphNodes)
	case len(kinds) > maxGraphKinds:
		return nil, graphLimit("different nodes", maxGraphKinds)
	}
	return graphs, nil
}

func graphLimit(what string, limit int) *wire.Error {
	return wire.Refuse(400, "LIMIT_EXCEEDED", fmt.Sprintf("A composite graph request has 1 to %d %s", limit, what))
}

// graphKind returns what makes nodes different: version, method and object.
func (p *part) graphKind() string {
	path := strings.Split(strings.TrimPrefix(p.url, "/services/data/"), "/")
	return strings.ToLower(p.method + " " + strings.Join(path[:min(3, len(path))], "/"))
}

// depth returns the length of the longest chain of references.
func (g *graph) depth() int {
	deepest, level := 0, map[string]int{}
	for _, p := range g.parts {
		level[p.ref] = 1
		text := p.url + string(wire.Append(nil, p.body))
		for _, found := range reference.FindAllStringSubmatch(text, -1) {
			level[p.ref] = max(level[p.ref], level[found[1]]+1)
		}
		deepest = max(deepest, level[p.ref])
	}
	return deepest
}

// runGraph runs a graph as one transaction. The first failure halts the rest and rolls back
// the others.
func (a *API) runGraph(req *wire.Request, g *graph) (replies []*wire.Reply, ok bool) {
	written := req.Note.Written
	replies = haltGraph(g)
	answers := map[string]any{}
	failedAt := -1
	a.db.Atomically(func() bool {
		for i, p := range g.parts {
			replies[i] = a.runNode(req, p, answers)
			if replies[i].Failed() {
				failedAt = i
				return false
			}
		}
		return true
	})
	if failedAt < 0 {
		return replies, true
	}
	req.Note.Written = written
	for i := range replies {
		if i != failedAt {
			replies[i] = haltGraph(g)[i]
		}
	}
	return replies, false
}

func (a *API) runNode(req *wire.Request, p *part, answers map[string]any) *wire.Reply {
	if !inGraph(p) {
		return wire.Refuse(400, "INVALID_INPUT", "The resource "+p.url+" is not supported in a composite graph").Reply()
	}
	return a.runPart(req, p, answers, true)
}

// inGraph reports whether a graph may hold a subrequest: only single records
// (docs/salesforce.md, Limits).
func inGraph(p *part) bool {
	found := wire.VersionPath.FindString(p.url)
	path := strings.Split(strings.Trim(strings.TrimPrefix(p.url, found), "/"), "/")
	switch {
	case found == "" || path[0] != "sobjects":
		return false
	case p.method == "POST":
		return len(path) == 2
	}
	return len(path) > 2 && path[2] != "describe"
}

// haltGraph returns the answers to nodes that were not executed because of a failure.
func haltGraph(g *graph) []*wire.Reply {
	replies := make([]*wire.Reply, len(g.parts))
	for i := range replies {
		replies[i] = wire.Refuse(400, "PROCESSING_HALTED",
			"The transaction was rolled back since another operation in the same transaction failed.").Reply()
	}
	return replies
}
