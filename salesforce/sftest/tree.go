package sftest

import (
	"fmt"
	"slices"
	"strings"
)

// The limits of a tree request (SALESFORCE.md 0, /composite/tree).
const (
	maxTreeRows   = 200 // over all trees
	maxTreeTypes  = 5
	maxTreeLevels = 5
)

// A treeNode is a record of a tree on its way.
type treeNode struct {
	ref    string
	obj    *object
	fields jsonObject
	link   string // the field that names the parent
	parent *treeNode
	row    *row
	err    *rowError // why it cannot be read
}

// A treeReader takes the trees of a request apart.
type treeReader struct {
	api    *restAPI
	nodes  []*treeNode // level by level
	refs   map[string]bool
	types  map[*object]bool
	levels int
}

// tree answers POST /composite/tree/X: nested records, all of them inserted or
// none (SALESFORCE.md 1, tree). The records of a level come before those of the
// next, in the answer too. The texts of its own refusals are from memory.
func (a *restAPI) tree(req *request) *reply {
	if req.bodyErr != nil {
		return req.bodyErr.reply()
	}
	obj := a.db.asked(req.path[2])
	if obj == nil {
		return notFound().reply()
	}
	body, _ := req.body.(jsonObject)
	list, _ := body.get("records")
	records, _ := list.([]any)
	if len(records) == 0 {
		return refuse(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required").reply()
	}
	t := &treeReader{api: a, refs: map[string]bool{}, types: map[*object]bool{}}
	t.read(obj, records)
	req.entry.attempt(len(t.nodes))
	if bad := t.refused(); bad != nil {
		return bad
	}
	return a.plant(req, t.nodes)
}

// read reads the trees level by level.
func (t *treeReader) read(root *object, records []any) {
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

// node reads one record, of which the object is given.
func (t *treeReader) node(record any, obj *object, parent *treeNode, link string) *treeNode {
	fields, _ := record.(jsonObject)
	attributes, _ := fields.get("attributes")
	about, _ := attributes.(jsonObject)
	n := &treeNode{ref: about.text("referenceId"), obj: obj, parent: parent, link: link}
	for _, m := range fields {
		if m.name != "attributes" {
			n.fields = append(n.fields, m)
		}
	}
	t.types[obj] = true
	switch {
	case !referenceID.MatchString(n.ref):
		n.err = rowErr("INVALID_INPUT", "Include a reference ID for each record in the request.")
	case t.refs[n.ref]:
		n.err = rowErr("INVALID_INPUT", "Duplicate ReferenceId provided in the request.")
	case !strings.EqualFold(about.text("type"), obj.name):
		n.err = rowErr("INVALID_INPUT", fmt.Sprintf("Records of this place are of type %s, not %s.", obj.name, about.text("type")))
	}
	t.refs[n.ref] = true
	return n
}

// childrenOf takes the records below a relationship, such as Contacts, out of
// the fields of a node.
func (t *treeReader) childrenOf(n *treeNode) []*treeNode {
	var children []*treeNode
	n.fields = slices.DeleteFunc(n.fields, func(m member) bool {
		nested, _ := m.value.(jsonObject)
		list, ok := nested.get("records")
		if !ok {
			return false
		}
		obj, link, _ := t.api.db.children(n.obj, m.name)
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

// refused is the answer to trees that cannot be inserted at all.
func (t *treeReader) refused() *reply {
	tooMuch := func(what string, limit int) *reply {
		err := rowErr("LIMIT_EXCEEDED", fmt.Sprintf("The request can't contain more than %d %s.", limit, what))
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

// plant inserts the nodes. The children of one that failed are not tried.
func (a *restAPI) plant(req *request, nodes []*treeNode) *reply {
	headers := headersOf(req)
	var results, failed []any
	a.db.atomically(func() bool {
		for _, n := range nodes {
			if n.parent != nil && n.parent.row == nil {
				continue
			}
			sent := n.fields
			if n.parent != nil {
				sent = append(sent, member{name: n.link, value: n.parent.row.id})
			}
			r, errs := a.db.save(&save{op: opCreate, obj: n.obj, sent: sent, headers: headers})
			if len(errs) > 0 {
				failed = append(failed, treeError(n.ref, errs...))
				continue
			}
			n.row = r
			results = append(results, jsonObject{{name: "referenceId", value: n.ref}, {name: "id", value: r.id}})
		}
		return failed == nil
	})
	if failed != nil {
		return treeReply(400, failed)
	}
	req.entry.Written += len(results)
	return treeReply(201, results)
}

func treeReply(status int, results []any) *reply {
	return answer(status, jsonObject{{name: "hasErrors", value: status != 201}, {name: "results", value: results}})
}

func treeError(ref string, errs ...*rowError) jsonObject {
	list := make([]any, len(errs))
	for i, err := range errs {
		list[i] = err.inRow()
	}
	return jsonObject{{name: "referenceId", value: ref}, {name: "errors", value: list}}
}
