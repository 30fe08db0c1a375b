// SPDX-License-Identifier: Apache-2.0

package undo

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/personaccount"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// look reads the records as they are now, and what refers to those to be deleted.
// When a field was deleted since the session was read, it reads a new session and
// tries again.
func (r *reverting) look(ctx context.Context) error {
	var err error
	if r.session, err = r.Sessions.Session(ctx); err != nil {
		return err
	}
	err = r.read(ctx)
	if errors.Is(err, leadtype.MissingRemoteField) {
		if r.session, err = r.Sessions.Refresh(ctx); err == nil {
			err = r.read(ctx)
		}
	}
	r.leaveHidden()
	return err
}

// leaveHidden lists the records of objects that the connected user cannot see.
func (r *reverting) leaveHidden() {
	r.records = slices.DeleteFunc(r.records, func(t *record) bool {
		hidden := r.session.Describe(t.Object) == nil
		if hidden {
			r.leave(&t.Reversal, leadtype.ConnectionPermission, "the connected user may not see the object")
		}
		return hidden
	})
}

// read reads the records, and enters each row.
func (r *reverting) read(ctx context.Context) error {
	var reads []salesforce.Read
	for _, object := range r.objects() {
		reads = append(reads, r.queries(object)...)
	}
	if len(reads) == 0 {
		return nil
	}
	results, err := org.ReadAll(ctx, r.Client, "revert", reads)
	if err != nil {
		return err
	}
	for _, result := range results {
		if err := cmp.Or(result.Err, org.CheckRows("", result.Records)); err != nil {
			return verdict.Classify("revert", "", err)
		}
		for i := range result.Records {
			r.take(&result.Records[i])
		}
	}
	return nil
}

// take enters a row: one that the run wrote, one that refers to such a record, or
// both.
func (r *reverting) take(row *salesforce.Record) {
	t := r.byID[row.ID]
	personaccount.Fill(row, r.session.Describe(salesforce.ObjectAccount))
	if row.Bool("IsDeleted") {
		master := salesforce.ID(row.Text("MasterRecordId")).ID18()
		if t != nil {
			t.merged = master
		}
		if winner := r.byID[master]; winner != nil {
			winner.absorbed = true
		}
		return
	}
	if t != nil {
		t.now = row
	}
	for _, link := range r.links() {
		parent := r.byID[salesforce.ID(row.Text(link.field)).ID18()]
		if link.object.Equal(row.Object) && parent != nil && parent.created {
			parent.addChild(row)
		}
	}
}

func (t *record) addChild(row *salesforce.Record) {
	if !slices.ContainsFunc(t.children, func(known *salesforce.Record) bool { return known.ID == row.ID }) {
		t.children = append(t.children, row)
	}
}

// objects are those to be queried: of the run's records, and of what may refer to
// them, where the connected user sees it.
func (r *reverting) objects() []salesforce.Object {
	var objects []salesforce.Object
	add := func(o salesforce.Object) {
		known := slices.ContainsFunc(objects, func(other salesforce.Object) bool { return other.Equal(o) })
		if !known && r.session.Describe(o) != nil {
			objects = append(objects, o)
		}
	}
	for _, t := range r.records {
		add(t.Object)
	}
	if r.opts.Delete {
		for _, link := range r.links() {
			add(link.object)
		}
	}
	return objects
}

// queries return the reads of an object's rows: those that the run wrote, with what
// was merged into them, and those that refer to records to be deleted.
func (r *reverting) queries(object salesforce.Object) []salesforce.Read {
	describe := r.session.Describe(object)
	names := []string{"Id", "CreatedDate", "SystemModstamp", "IsDeleted", "MasterRecordId", "IsConverted"}
	if object.Equal(salesforce.ObjectContact) {
		names = append(names, personaccount.Marker, "AccountId")
	}
	var terms []string // a field and an id, for anyTerm
	for _, t := range r.records {
		if t.Object.Equal(object) {
			names = append(names, t.fieldNames()...)
			terms = append(terms, r.ownTerms(describe, t)...)
		}
	}
	for _, link := range r.links() {
		if _, sees := describe.Field(link.field); sees && r.opts.Delete && link.object.Equal(object) {
			names = append(names, link.field)
			terms = append(terms, r.childTerms(link)...)
		}
	}
	fields := match.Visible(describe, names)
	if object.Equal(salesforce.ObjectContact) && personaccount.Has(describe) {
		fields = append(fields, personaccount.Paths(r.session.Describe(salesforce.ObjectAccount), fields)...)
	}
	fields = append(fields, r.paths(object, describe)...)
	// Merged records are deleted ones.
	return org.SplitReads(terms, salesforce.QueryAll, func(terms []string) *soql.Select {
		return soql.From(object, fields...).Where(match.AnyTerm(terms))
	})
}

// ownTerms find a record that the run wrote, and what was merged into it when it may
// be deleted.
func (r *reverting) ownTerms(describe *salesforce.Describe, t *record) []string {
	terms := []string{"Id\x00" + string(t.ID)}
	master, ok := describe.Field("MasterRecordId")
	if ok && master.Filterable && r.opts.Delete && t.created {
		terms = append(terms, "MasterRecordId\x00"+string(t.ID))
	}
	return terms
}

// childTerms find the records that refer by a link to one that may be deleted.
func (r *reverting) childTerms(l link) []string {
	var terms []string
	for _, t := range r.records {
		if t.created && l.mayRefer(t) {
			terms = append(terms, l.field+"\x00"+string(t.ID))
		}
	}
	return terms
}
