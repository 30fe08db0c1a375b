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

	"github.com/leadsync/leadsync/internal/jsontext"
	"github.com/leadsync/leadsync/salesforce/internal/limit"
)

// A Graph is writes that are carried out together or not at all. The Refs of a write
// refer to earlier writes of the same graph. Source: docs/salesforce.md, Graphs.
type Graph []Write

// MaxGraphWrites is how many writes a Graph may have.
// Source: docs/salesforce.md, Limits.
const MaxGraphWrites = limit.GraphWrites

// WriteGraphs carries out graphs, each as one transaction, in as few API calls as their
// order and the limits allow: 75 graphs and 500 writes a call. Result g, i is that of
// write i of graph g. When a graph fails, nothing of it is written: the write that
// failed has its own error, the others have ProcessingHalted. Salesforce stops after 14
// graphs of a call have failed; the rest is sent again until the context is done. A
// failure that every call would have ends the sending, as in Write.
//
// A graph costs the org more time than rows of a collection: use Write for rows that
// may fail individually. A text must not contain "@{", which Salesforce would read as a
// reference. The error names the write that is malformed or the graph that exceeds a
// limit, and then nothing was sent. Source: docs/salesforce.md, Graphs.
func (c *Client) WriteGraphs(ctx context.Context, graphs ...Graph) ([][]WriteResult, error) {
	results := make([][]WriteResult, len(graphs))
	pending := make([]int, 0, len(graphs))
	for g, graph := range graphs {
		if err := graph.check(); err != nil {
			return nil, fmt.Errorf("salesforce: graph %d: %w", g, err)
		}
		results[g] = make([]WriteResult, len(graph))
		pending = append(pending, g)
	}
	for len(pending) > 0 {
		count := firstGraphs(graphs, pending)
		halted, failure := c.writeGraphs(ctx, graphs, pending[:count], results)
		if failure != nil && failure.ofConnection() {
			for _, g := range pending[count:] {
				fillGraph(results[g], failure.certain())
			}
			break
		}
		if len(halted) == count { // no progress
			break
		}
		pending = append(halted, pending[count:]...)
	}
	return results, nil
}

// check reports a malformed write, or a limit that the graph exceeds by itself.
func (g Graph) check() error {
	if len(g) == 0 || len(g) > MaxGraphWrites {
		return fmt.Errorf("has %d writes, not 1 to %d", len(g), MaxGraphWrites)
	}
	kinds := map[string]bool{}
	depth := make([]int, len(g))
	for i := range g {
		w := g[i]
		w.Alone = true
		if err := w.check(i); err != nil {
			return fmt.Errorf("write %d: %w", i, err)
		}
		if holdsReference(&w) {
			return fmt.Errorf("write %d: text holds a reference", i)
		}
		for _, ref := range w.Refs {
			depth[i] = max(depth[i], depth[ref.Write]+1)
		}
		kinds[graphKind(&w)] = true
		if depth[i] >= limit.GraphDepth {
			return fmt.Errorf("write %d: chain is longer than %d", i, limit.GraphDepth)
		}
	}
	if len(kinds) > limit.GraphKinds {
		return fmt.Errorf("has %d combinations of operation and object, not at most %d", len(kinds), limit.GraphKinds)
	}
	return nil
}

// graphKind is the kind of a node: method and object.
func graphKind(w *Write) string {
	op := w.Op
	if op == OpUpsert {
		op = OpUpdate // a PATCH as well
	}
	return op.String() + " " + strings.ToLower(string(w.Object))
}

// firstGraphs returns how many of the pending graphs fit into one call.
func firstGraphs(graphs []Graph, pending []int) int {
	writes, kinds := 0, map[string]bool{}
	for n, g := range pending {
		writes += len(graphs[g])
		for i := range graphs[g] {
			kinds[graphKind(&graphs[g][i])] = true
		}
		if n == limit.Graphs || writes > MaxGraphWrites || len(kinds) > limit.GraphKinds {
			return n
		}
	}
	return len(pending)
}

// A graphRequest is one graph of a request.
type graphRequest struct {
	ID    string
	Nodes []subrequest
}

// appendGraphs writes the body of a request.
func appendGraphs(requests []graphRequest) (b []byte, err error) {
	b = []byte(`{"graphs":[`)
	for i := range requests {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsontext.AppendText(append(b, `{"graphId":`...), requests[i].ID)
		if b, err = appendAll(append(b, `,"compositeRequest":`...), requests[i].Nodes); err != nil {
			return nil, err
		}
		b = append(b, '}')
	}
	return append(b, "]}"...), nil
}

// A graphReply is the reply to one graph.
type graphReply struct {
	ID       string `json:"graphId"`
	Response struct {
		Nodes []subresponse `json:"compositeResponse"`
	} `json:"graphResponse"`
	Successful bool `json:"isSuccessful"`
}

// writeGraphs makes one call for the graphs of these indexes, and returns those that
// Salesforce did not reach, or why the call failed.
func (c *Client) writeGraphs(
	ctx context.Context, graphs []Graph, chosen []int, results [][]WriteResult,
) (halted []int, failure *Error) {
	requests := make([]graphRequest, len(chosen))
	repeatable := true
	for n, g := range chosen {
		requests[n] = graphRequest{ID: "g" + strconv.Itoa(n), Nodes: c.nodes(graphs[g])}
		for i := range graphs[g] {
			repeatable = repeatable && graphs[g][i].repeatable()
		}
	}
	replies, failure := c.callGraphs(ctx, requests, repeatable)
	for n, g := range chosen {
		if failure != nil {
			fillGraph(results[g], refusal(ctx, failure))
			continue
		}
		if replies[n].read(graphs[g], results[g]) {
			halted = append(halted, g)
		}
	}
	return halted, failure
}

// nodes returns the requests of a graph.
func (c *Client) nodes(graph Graph) []subrequest {
	w := newWriteSet(graph)
	for i := range graph {
		w.results[i].ID = ID("@{r" + strconv.Itoa(i) + ".id}")
		if id := graph[i].ID; id != "" {
			w.results[i].ID = id.ID18()
		}
	}
	nodes := make([]subrequest, len(graph))
	for i := range graph {
		nodes[i] = w.subrequest(c, []int{i}, true)
		nodes[i].ReferenceID = "r" + strconv.Itoa(i)
	}
	return nodes
}

// callGraphs sends graphs in one call. Reply n is request n's.
func (c *Client) callGraphs(ctx context.Context, requests []graphRequest, repeatable bool) ([]graphReply, *Error) {
	payload, err := appendGraphs(requests)
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("encode request: %w", err)}
	}
	nodes := 0
	for _, request := range requests {
		nodes += len(request.Nodes)
	}
	release, failure := c.holdWrites(ctx)
	if failure != nil {
		return nil, failure
	}
	defer release()
	x, failure := c.do(ctx, request{
		method: http.MethodPost, path: c.path("composite/graph"), payload: payload,
		subrequests: nodes, repeatable: repeatable,
	})
	if failure != nil {
		return nil, failure
	}
	replies, err := parseGraphs(x.body, requests)
	if err != nil {
		return nil, x.malformed(err, true)
	}
	for _, reply := range replies {
		for i := range reply.Response.Nodes {
			reply.Response.Nodes[i].requestID = requestID(x.header)
		}
	}
	return replies, nil
}

// parseGraphs returns the graphs of a reply, and their nodes, in the order of the
// requests.
func parseGraphs(body []byte, requests []graphRequest) ([]graphReply, error) {
	var reply struct {
		Graphs []graphReply `json:"graphs"`
	}
	if json.Unmarshal(body, &reply) != nil || len(reply.Graphs) != len(requests) {
		return nil, fmt.Errorf("graph reply has %d graphs of %d", len(reply.Graphs), len(requests))
	}
	ordered := make([]graphReply, len(requests))
	for _, graph := range reply.Graphs {
		n, err := strconv.Atoi(strings.TrimPrefix(graph.ID, "g"))
		if err != nil || n < 0 || n >= len(requests) || graph.ID != requests[n].ID || ordered[n].ID != "" {
			return nil, errors.New("graph reply has an unknown or a repeated graphId")
		}
		if graph.Response.Nodes, err = inOrder(graph.Response.Nodes, len(requests[n].Nodes)); err != nil {
			return nil, fmt.Errorf("graph %d: %w", n, err)
		}
		ordered[n] = graph
	}
	return ordered, nil
}

// read fills in the results of a graph. It reports whether Salesforce did not reach it.
func (r *graphReply) read(graph Graph, results []WriteResult) (halted bool) {
	w := writeSet{writes: graph}
	halted = !r.Successful
	for i := range graph {
		node := &r.Response.Nodes[i]
		err := node.err()
		switch {
		case r.Successful && err == nil:
			results[i] = w.read([]int{i}, true, node)[0]
		case r.Successful:
			err.Uncertain = true // the reply contradicts itself
			results[i] = WriteResult{Err: err}
		case err == nil:
			results[i] = WriteResult{Err: &Error{
				HTTPStatus: node.Status, Code: ProcessingHalted, Err: errors.New("graph was rolled back"),
			}}
			halted = false
		default:
			// Whatever the status, the whole graph was rolled back.
			err.Uncertain = false
			results[i] = WriteResult{Err: err}
			halted = halted && err.Code == ProcessingHalted
		}
	}
	return halted
}

// fillGraph gives all writes of a graph one error.
func fillGraph(results []WriteResult, err error) {
	for i := range results {
		results[i] = WriteResult{Err: err}
	}
}
