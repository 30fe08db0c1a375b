package leadsync

import (
	"context"
	"errors"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// look reads the records as they are now, and what hangs on those to be deleted.
// A field that went since the session learnt of the org's schema is healed by
// learning it anew.
func (r *reverting) look(ctx context.Context) error {
	var err error
	if r.sch, err = r.s.sessions.session(ctx); err != nil {
		return err
	}
	err = r.read(ctx)
	if errors.Is(err, MissingRemoteField) {
		if r.sch, err = r.s.sessions.refresh(ctx); err == nil {
			err = r.read(ctx)
		}
	}
	r.see()
	return err
}

// see leaves alone the records of objects that the connected user cannot see.
func (r *reverting) see() {
	r.records = slices.DeleteFunc(r.records, func(t *touched) bool {
		hidden := r.sch.describe(t.Object) == nil
		if hidden {
			r.leave(&t.Reversal, ConnectionPermission, "the connected user may not see the object")
		}
		return hidden
	})
}

func (r *reverting) read(ctx context.Context) error {
	var reads []salesforce.Read
	for _, object := range r.objects() {
		reads = append(reads, r.queries(object)...)
	}
	if len(reads) == 0 {
		return nil
	}
	results, err := readAll(ctx, r.s.client, "revert", reads)
	if err != nil {
		return err
	}
	for _, result := range results {
		if result.Err != nil {
			return classify("revert", "", result.Err)
		}
		for i := range result.Records {
			r.take(&result.Records[i])
		}
	}
	return nil
}

// take enters a row: one that the run wrote, one that hangs on such a record, or
// both.
func (r *reverting) take(row *salesforce.Record) {
	t := r.byID[row.ID]
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
		if link.object.Equal(row.Object) && parent != nil && parent.created && !slices.ContainsFunc(parent.hanging, func(h *salesforce.Record) bool { return h.ID == row.ID }) {
			parent.hanging = append(parent.hanging, row)
		}
	}
}

// objects are those to be asked for: of the run's records, and of what may hang
// on them as far as the connected user sees it.
func (r *reverting) objects() []salesforce.Object {
	var objects []salesforce.Object
	add := func(o salesforce.Object) {
		known := slices.ContainsFunc(objects, func(other salesforce.Object) bool { return other.Equal(o) })
		if !known && r.sch.describe(o) != nil {
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

// queries ask for an object's rows by every way that leads to them.
func (r *reverting) queries(object salesforce.Object) []salesforce.Read {
	describe := r.sch.describe(object)
	names := []string{"Id", "CreatedDate", "SystemModstamp", "IsDeleted", "MasterRecordId", "IsConverted"}
	var ways []string // a field and an id: terms
	for _, t := range r.records {
		if t.Object.Equal(object) {
			names = append(names, t.fieldNames()...)
			ways = append(ways, "Id\x00"+string(t.ID))
			if master, ok := describe.Field("MasterRecordId"); ok && master.Filterable && r.opts.Delete && t.created {
				ways = append(ways, "MasterRecordId\x00"+string(t.ID))
			}
		}
	}
	for _, link := range r.links() {
		if _, sees := describe.Field(link.field); !r.opts.Delete || !link.object.Equal(object) || !sees {
			continue
		}
		names = append(names, link.field)
		for _, t := range r.records {
			if t.created && link.hangsOn(t) {
				ways = append(ways, link.field+"\x00"+string(t.ID))
			}
		}
	}
	fields := append(visible(describe, names), r.paths(object, describe)...)
	// Merged records are deleted ones.
	return splitReads(ways, salesforce.QueryAll, func(ways []string) *soql.Select {
		return soql.From(object, fields...).Where(anyTerm(ways))
	})
}
