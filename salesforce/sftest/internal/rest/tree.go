// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// The limits of a tree request (docs/salesforce.md, Graphs).
const (
	maxTreeRows   = 200 // over all trees
	maxTreeTypes  = 5
	maxTreeLevels = 5
)

// A treeNode is a record of a tree as it is read and written.
type treeNode struct {
	ref    string
	obj    *db.Object
	fields wire.Object
	link   string // the field that names the parent
	parent *treeNode
	row    *db.Row
	err    *wire.RowError // why it cannot be read
}

// A treeReader reads the trees of a request.
type treeReader struct {
	api    *API
	nodes  []*treeNode // level by level
	refs   map[string]bool
	types  map[*db.Object]bool
	levels int
}

// Tree answers POST /composite/tree/X: nested records, all of them inserted or none
// (docs/salesforce.md, Graphs). The records of a level come before those of the next, also
// in the answer. The texts of its own refusals are unverified.
func (a *API) Tree(req *wire.Request) *wire.Reply {
	if req.BodyErr != nil {
		return req.BodyErr.Reply()
	}
	obj := a.db.Requested(req.Path[2])
	if obj == nil {
		return wire.NotFound().Reply()
	}
	body, _ := req.Body.(wire.Object)
	list, _ := body.Get("records")
	records, _ := list.([]any)
	if len(records) == 0 {
		return wire.Refuse(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required").Reply()
	}
	t := &treeReader{api: a, refs: map[string]bool{}, types: map[*db.Object]bool{}}
	t.read(obj, records)
	req.Note.AddWrites(len(t.nodes))
	if bad := t.refused(); bad != nil {
		return bad
	}
	return a.plant(req, t.nodes)
}

// read reads the trees level by level.
func (t *treeReader) read(root *db.Object, records []any) {
	var level []*treeNode
	for _, record := range records {
		level = append(level, t.node(record, root, nil, ""))
	}
	for ; len(level) > 0; t.levels++ {
		t.nodes = append(t.nodes, level...)
		var below []*treeNode
		for _, n := range level {
			below = append(below, t.childrenOf(n)...)
		}
		level = below
	}
}

// node reads one record of the given object.
func (t *treeReader) node(record any, obj *db.Object, parent *treeNode, link string) *treeNode {
	fields, _ := record.(wire.Object)
	attributes, _ := fields.Get("attributes")
	about, _ := attributes.(wire.Object)
	n := &treeNode{ref: about.Text("referenceId"), obj: obj, parent: parent, link: link}
	for _, m := range fields {
		if m.Name != "attributes" {
			n.fields = append(n.fields, m)
		}
	}
	t.types[obj] = true
	switch {
	case !referenceID.MatchString(n.ref):
		n.err = wire.NewRowError("INVALID_INPUT", "Include a reference ID for each record in the request.")
	case t.refs[n.ref]:
		n.err = wire.NewRowError("INVALID_INPUT", "Duplicate ReferenceId provided in the request.")
	case !strings.EqualFold(about.Text("type"), obj.Name):
		n.err = wire.NewRowError("INVALID_INPUT", fmt.Sprintf("Records of this place are of type %s, not %s.",
			obj.Name, about.Text("type")))
	}
	t.refs[n.ref] = true
	return n
}

// childrenOf removes the records of a relationship, such as Contacts, from the fields of a
// node and reads them.
func (t *treeReader) childrenOf(n *treeNode) []*treeNode {
	var children []*treeNode
	n.fields = slices.DeleteFunc(n.fields, func(m wire.Member) bool {
		nested, _ := m.Value.(wire.Object)
		list, ok := nested.Get("records")
		if !ok {
			return false
		}
		obj, link, _ := t.api.db.Children(n.obj, m.Name)
		if obj == nil {
			return false // an unknown field, as the insert will say
		}
		records, _ := list.([]any)
		for _, record := range records {
			children = append(children, t.node(record, obj, n, link.Name))
		}
		return true
	})
	return children
}

// refused returns the answer to trees that cannot be inserted at all.
func (t *treeReader) refused() *wire.Reply {
	tooMuch := func(what string, limit int) *wire.Reply {
		err := wire.NewRowError("LIMIT_EXCEEDED", fmt.Sprintf("The request can't contain more than %d %s.", limit,
			what))
		return treeReply(400, []any{treeError(t.nodes[0].ref, err)})
	}
	switch {
	case len(t.nodes) > maxTreeRows:
		return tooMuch("records", maxTreeRows)
	case len(t.types) > maxTreeTypes:
		return tooMuch("types of records", maxTreeTypes)
	case t.levels > maxTreeLevels:
		return tooMuch("levels of records", maxTreeLevels)
	}
	var failed []any
	for _, n := range t.nodes {
		if n.err != nil {
			failed = append(failed, treeError(n.ref, n.err))
		}
	}
	if failed == nil {
		return nil
	}
	return treeReply(400, failed)
}

// plant inserts the nodes. The children of a failed node are skipped.
func (a *API) plant(req *wire.Request, nodes []*treeNode) *wire.Reply {
	headers := headersOf(req)
	var results, failed []any
	a.db.Atomically(func() bool {
		for _, n := range nodes {
			if n.parent != nil && n.parent.row == nil {
				continue
			}
			sent := n.fields
			if n.parent != nil {
				sent = append(sent, wire.Member{Name: n.link, Value: n.parent.row.ID})
			}
			r, errs := a.db.Save(&db.Save{Op: db.OpCreate, Obj: n.obj, Sent: sent, Headers: headers})
			if len(errs) > 0 {
				failed = append(failed, treeError(n.ref, errs...))
				continue
			}
			n.row = r
			results = append(results, wire.Object{{Name: "referenceId", Value: n.ref}, {Name: "id", Value: r.ID}})
		}
		return failed == nil
	})
	if failed != nil {
		return treeReply(400, failed)
	}
	req.Note.Written += len(results)
	return treeReply(201, results)
}

func treeReply(status int, results []any) *wire.Reply {
	return wire.Answer(status,
		wire.Object{{Name: "hasErrors", Value: status != 201}, {Name: "results", Value: results}})
}

func treeError(ref string, errs ...*wire.RowError) wire.Object {
	list := make([]any, len(errs))
	for i, err := range errs {
		list[i] = err.InRow()
	}
	return wire.Object{{Name: "referenceId", Value: ref}, {Name: "errors", Value: list}}
}
