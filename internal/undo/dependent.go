// SPDX-License-Identifier: Apache-2.0

package undo

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// A reference is a field of an object that may refer to records of another.
type reference struct {
	object salesforce.Object
	field  string
}

// alwaysDependent are references of Leads, Contacts and Accounts that count although the
// describe does not say that their records are deleted with the record.
func alwaysDependent() []reference {
	return []reference{{"Event", "WhoId"}, {"Event", "WhatId"}, {"Opportunity", "AccountId"}, {"Case", "ContactId"},
		{"Case", "AccountId"}}
}

// isByproduct reports whether records of an object come and go with those of another by
// themselves, so that no work of others is lost with them.
func isByproduct(o salesforce.Object) bool {
	name := string(value.Folded(o))
	for _, end := range []string{"feed", "history", "share", "changeevent", "cleaninfo", "relation", "subscription"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return slices.Contains([]string{"attachedcontentdocument", "attachedcontentnote", "combinedattachment",
		"contentdocumentlink", "duplicaterecorditem", "emailstatus", "noteandattachment", "openactivity", "processinstance",
		"recordaction", "topicassignment"}, name)
}

// dependents returns the records of others that may be deleted with records of an object,
// as references, without those that links name.
func (r *reverting) dependents(parent salesforce.Object) []reference {
	describe, always, links := r.session.Describe(parent), alwaysDependent(), r.links()
	if describe == nil {
		return nil
	}
	var references []reference
	for _, child := range describe.ChildRelationships {
		ref := reference{child.Child, child.Field}
		named := value.IsAPIName(ref.field) && value.IsAPIName(string(ref.object))
		counts := child.CascadeDelete && !isByproduct(child.Child) || slices.Contains(always, ref)
		if named && counts && !child.Deprecated {
			references = append(references, ref)
		}
	}
	return slices.DeleteFunc(references, func(ref reference) bool {
		return slices.ContainsFunc(links, func(l link) bool {
			return l.object.Equal(ref.object) && strings.EqualFold(l.field, ref.field)
		})
	})
}

// lookForDependents reads the records of others that belong to those which may be
// deleted.
func (r *reverting) lookForDependents(ctx context.Context) error {
	terms := make(map[salesforce.Object][]string) // a field and an id, for match.AnyTerm
	fields := make(map[salesforce.Object][]string)
	var order []salesforce.Object
	for _, t := range r.records {
		if !r.opts.Delete || !t.created || t.now == nil {
			continue
		}
		for _, ref := range r.dependents(t.Object) {
			term := ref.field + "\x00" + string(t.ID)
			if terms[ref.object] == nil {
				order = append(order, ref.object)
			}
			if !slices.Contains(fields[ref.object], ref.field) {
				fields[ref.object] = append(fields[ref.object], ref.field)
			}
			terms[ref.object] = append(terms[ref.object], term)
		}
	}
	var reads []salesforce.Read
	var of []salesforce.Object
	for _, object := range order {
		for _, read := range org.SplitReads(terms[object], salesforce.Query, func(terms []string) *soql.Select {
			return soql.From(object, append([]string{"Id"}, fields[object]...)...).Where(match.AnyTerm(terms))
		}) {
			reads, of = append(reads, read), append(of, object)
		}
	}
	if len(reads) == 0 {
		return nil
	}
	results, err := org.ReadAll(ctx, r.Client, "revert", reads)
	if err != nil {
		return err
	}
	for i, result := range results {
		if result.Err != nil && !cannotBeAsked(result.Err) {
			return verdict.Classify("revert", of[i], result.Err)
		}
		for k := range result.Records {
			r.takeDependent(&result.Records[k], fields[of[i]])
		}
	}
	return nil
}

// cannotBeAsked reports whether Salesforce refused a query because the connected user
// does not see the object or the field, or because the object cannot be queried by it.
func cannotBeAsked(err error) bool {
	var sf *salesforce.Error
	if !errors.As(err, &sf) || sf.HTTPStatus != http.StatusBadRequest {
		return false
	}
	switch sf.Code {
	case salesforce.InvalidType, salesforce.InvalidField, salesforce.InvalidTypeForOperation, salesforce.MalformedQuery:
		return true
	}
	return false
}

// takeDependent enters a row as a child of the records that it refers to.
func (r *reverting) takeDependent(row *salesforce.Record, fields []string) {
	for _, field := range fields {
		if parent := r.byID[salesforce.ID(row.Text(field)).ID18()]; parent != nil && parent.created {
			parent.addChild(row)
		}
	}
}

// listDependents enters the records of others that a record has into its reversal.
func (r *reverting) listDependents(t *record) {
	t.Dependents, t.MoreDependents = nil, 0
	for _, child := range t.children {
		switch {
		case r.byID[child.ID] != nil: // the run's own
		case len(t.Dependents) == revert.MaxDependents:
			t.MoreDependents++
		default:
			t.Dependents = append(t.Dependents, revert.Dependent{Object: child.Object, ID: child.ID})
		}
	}
}

// anObject is an object with its article.
func anObject(o salesforce.Object) string {
	if o != "" && strings.ContainsRune("AEIO", rune(o[0])) {
		return "an " + string(o)
	}
	return "a " + string(o)
}
