// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// virtual reports whether Salesforce keeps the object elsewhere than other rows.
func (e *Engine) virtual(obj *db.Object) bool {
	_, virtual := e.opts.Virtual[obj.Name]
	return virtual
}

// limits refuses what queries of virtual objects may not have (docs/salesforce.md, Tooling API). The
// rows of a parent need no filter.
func (b *binder) limits(s *statement, level int) *Error {
	if !b.engine.virtual(b.obj) {
		return nil
	}
	if s.aggregates() {
		return notHere("The requested operation is not yet supported by this SObject storage type," +
			" contact salesforce.com support for more information.")
	}
	if err := plainFilter(s.where); err != nil {
		return err
	}
	columns := b.engine.opts.Virtual[b.obj.Name]
	if level > 1 || len(columns) == 0 || b.filters(s.where, columns) {
		return nil
	}
	return malformed(-1, "%s: a filter on a reified column is required [%s]", b.obj.Name, strings.Join(columns, ","))
}

// plainFilter refuses conditions other than equality, likeness and null, joined by AND.
func plainFilter(n node) *Error {
	switch n := n.(type) {
	case *andNode:
		for _, part := range n.parts {
			if err := plainFilter(part); err != nil {
				return err
			}
		}
	case *orNode:
		return notHere("Disjunctions not supported")
	case *notNode:
		return notHere("Only equals comparisons permitted")
	case *semiNode:
		return unsupported("semi joins of definitions")
	case *compareNode:
		switch {
		case n.op == "INCLUDES" || n.op == "EXCLUDES":
			return notHere("Unsupported filter type")
		case n.op == "!=" && n.values[0].is("null"): // clients do this (docs/salesforce.md, Tooling API)
		case n.op != "=" && n.op != "IN" && n.op != "LIKE":
			return notHere("Only equals comparisons permitted")
		}
	}
	return nil
}

// notHere refuses what a virtual object does not support. The code is that of another such
// refusal (recorded of DataStatistics; unverified of these).
func notHere(message string) *Error {
	return &Error{code: "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", at: -1, message: message}
}

// filters reports whether a condition asks for values of one of the columns, or of the parent
// that one of them names.
func (b *binder) filters(n node, columns []string) bool {
	switch n := n.(type) {
	case *andNode:
		return slices.ContainsFunc(n.parts, func(part node) bool { return b.filters(part, columns) })
	case *compareNode:
		parts, _ := b.relative(n.operand.name.text)
		if len(parts) == 2 {
			parts = []string{parts[0] + "Id"}
		}
		return n.operand.arg == nil && (n.op == "=" || n.op == "IN") && len(parts) == 1 &&
			slices.ContainsFunc(columns, func(column string) bool { return strings.EqualFold(column, parts[0]) })
	}
	return false
}
