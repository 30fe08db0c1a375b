// SPDX-License-Identifier: Apache-2.0

package write

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// Why a change is not carried out.
const (
	changedSince = "the record has changed since the plan was made"
	createdSince = "a record with the e-mail address was created since the plan was made"
	orphaned     = "the new record that it references is not created"
)

// Recheck reads again what a kept plan was made from, and returns the plan without
// the leads whose changes no longer fit the org: updates whose record is not as it
// was planned for, and creates of a person who exists since. The plan has passed
// CheckPlan. The error says that the records could not be read.
func Recheck(ctx context.Context, from org.Reader, plan *leadtype.Plan) (*leadtype.Plan, error) {
	newcomers := newcomersOf(plan)
	rows, err := readAgain(ctx, from, slices.Concat(updateReads(plan), newcomerReads(plan, newcomers)))
	if err != nil {
		return nil, err
	}
	stale := staleUpdates(plan, rows)
	maps.Copy(stale, staleCreates(plan, newcomers, rows))
	return withoutLeads(plan, stale), nil
}

// updateReads asks for the records that a plan updates.
func updateReads(plan *leadtype.Plan) []objectRead {
	ids := make(map[salesforce.Object]value.Set)
	for _, c := range plan.Changes {
		if !c.Create {
			put(ids, c.Object, string(c.ID))
		}
	}
	return readsFor(ids, func(object salesforce.Object, ids []string) *soql.Select {
		return soql.From(object, "Id", "SystemModstamp").Where(soql.In("Id", ids...))
	})
}

// An objectRead asks for records of an object.
type objectRead struct {
	object salesforce.Object
	read   salesforce.Read
}

// readsFor returns the queries that build makes for the values of each object.
func readsFor(values map[salesforce.Object]value.Set,
	build func(salesforce.Object, []string) *soql.Select,
) []objectRead {
	var reads []objectRead
	for _, object := range slices.Sorted(maps.Keys(values)) {
		of := func(values []string) *soql.Select { return build(object, values) }
		for _, read := range org.SplitReads(values[object].Sorted(), salesforce.Query, of) {
			reads = append(reads, objectRead{object, read})
		}
	}
	return reads
}

// put adds a value to the set of an object.
func put(sets map[salesforce.Object]value.Set, object salesforce.Object, v string) {
	if sets[object] == nil {
		sets[object] = make(value.Set)
	}
	sets[object].Add(v)
}

// readAgain returns the rows of all reads.
func readAgain(ctx context.Context, from org.Reader, asks []objectRead) ([]salesforce.Record, error) {
	if len(asks) == 0 {
		return nil, nil
	}
	reads := make([]salesforce.Read, len(asks))
	for i := range asks {
		reads[i] = asks[i].read
	}
	results, err := org.ReadAll(ctx, from, "apply", reads)
	if err != nil {
		return nil, err
	}
	var rows []salesforce.Record
	for i, result := range results {
		if err := cmp.Or(result.Err, org.CheckRows(asks[i].object, result.Records)); err != nil {
			return nil, verdict.Classify("apply", "", err)
		}
		rows = append(rows, result.Records...)
	}
	return rows, nil
}

// staleUpdates returns the updates whose record has changed or is gone, by index,
// and why they are not carried out.
func staleUpdates(plan *leadtype.Plan, rows []salesforce.Record) map[int]string {
	modified := make(map[salesforce.ID]string)
	for _, row := range rows {
		modified[row.ID] = row.Text("SystemModstamp")
	}
	stale := make(map[int]string)
	for i, c := range plan.Changes {
		if now, ok := modified[c.ID.ID18()]; !c.Create && (!ok || now != c.Modified) {
			stale[i] = changedSince
		}
	}
	return stale
}

// refusedLeads returns the leads of stale changes, with the object at fault and
// why. Leads that share a record are refused with the lead whose new record it was
// to refer to.
func refusedLeads(p *leadtype.Plan, stale map[int]string) map[leadtype.LeadID]*leadtype.Error {
	refused := make(map[leadtype.LeadID]*leadtype.Error)
	isRefused := func(id leadtype.LeadID) bool { return refused[id] != nil }
	orphan := func(r salesforce.Ref) bool {
		return !slices.ContainsFunc(p.Changes[r.Write].Leads, func(id leadtype.LeadID) bool { return !isRefused(id) })
	}
	for before := -1; before < len(refused); {
		before = len(refused)
		for i, c := range p.Changes {
			if stale[i] == "" && !slices.ContainsFunc(c.Refs, orphan) {
				continue
			}
			for _, id := range c.Leads {
				refused[id] = cmp.Or(refused[id],
					&leadtype.Error{Op: "apply", LeadID: id, Object: c.Object, Code: leadtype.StaleRemoteRecord,
						Reason: cmp.Or(stale[i], orphaned)})
			}
		}
	}
	return refused
}

// withoutLeads returns the plan without the leads of stale changes, and without the
// changes that no lead is left for.
func withoutLeads(p *leadtype.Plan, stale map[int]string) *leadtype.Plan {
	refused := refusedLeads(p, stale)
	fresh := &leadtype.Plan{At: p.At, Leads: make([]*leadtype.LeadPlan, len(p.Leads))}
	place := make([]int, len(p.Changes)) // in fresh, of each change
	for i, c := range p.Changes {
		place[i] = leadtype.Unplanned
		c.Leads = slices.DeleteFunc(slices.Clone(c.Leads), func(id leadtype.LeadID) bool { return refused[id] != nil })
		if len(c.Leads) == 0 {
			continue
		}
		c.Refs = slices.Clone(c.Refs)
		for r := range c.Refs {
			c.Refs[r].Write = place[c.Refs[r].Write]
		}
		place[i] = len(fresh.Changes)
		fresh.Changes = append(fresh.Changes, c)
	}
	for i, lead := range p.Leads {
		own := *lead
		if own.Err == nil {
			own.Err = refused[lead.LeadID]
		}
		own.Keys = keysOf(p, lead)
		own.Parts = slices.Clone(lead.Parts)
		for k := range own.Parts {
			if own.Parts[k].Change != leadtype.Unplanned {
				own.Parts[k].Change = place[own.Parts[k].Change]
			}
		}
		fresh.Leads[i] = &own
	}
	return fresh
}
