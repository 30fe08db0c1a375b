package leadsync

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// Apply carries out a plan that the host has kept. It first looks at the org again,
// for one API call, and refuses with STALE_REMOTE_RECORD the leads whose record has
// changed since it was planned or is gone, and those whose person is to be created
// and has been since, as far as the e-mail address tells; a change in the moment
// between that look and the write is not seen. What else is to be created is not
// looked for again; only key fields keep it from being doubled: apply a plan soon,
// and once. The outcomes are in the order of the plan's leads, the error is as of
// Sync.
func (s *Syncer) Apply(ctx context.Context, plan *Plan) ([]*Outcome, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	stale, err := s.staleChanges(ctx, plan)
	if err != nil {
		return nil, err
	}
	fresh := plan.without(stale)
	w, err := s.write(ctx, fresh)
	if err != nil {
		return nil, err
	}
	outcomes := make([]*Outcome, len(fresh.Leads))
	for i, lead := range fresh.Leads {
		outcomes[i] = w.settle(lead, &item{}).outcome
	}
	s.record(ctx, outcomes)
	if err := w.failure(); err != nil {
		return outcomes, err
	}
	return outcomes, batchError(outcomes)
}

// check refuses a plan that was not made by Syncer.Plan, or was damaged since.
func (p *Plan) check() error {
	if p == nil {
		return &Error{Op: "apply", Code: RequiredFieldMissing, Fields: []string{"plan"}, Reason: "the plan is nil"}
	}
	broken := func(field string) error {
		return &Error{Op: "apply", Code: DataValueValidation, Fields: []string{field}, Reason: "does not fit the rest of the plan"}
	}
	if p.At.IsZero() {
		return broken("at")
	}
	for i, c := range p.Changes {
		if c.Create == (c.ID != "") || len(c.Leads) == 0 || c.Upsert && (!c.Create || c.UniqueField == "") {
			return broken(fmt.Sprintf("changes[%d]", i))
		}
		for _, ref := range c.Refs {
			if ref.Write < 0 || ref.Write >= i {
				return broken(fmt.Sprintf("changes[%d].refs", i))
			}
		}
	}
	for i, lead := range p.Leads {
		if lead == nil || slices.ContainsFunc(lead.Parts, func(part PlannedPart) bool {
			return part.Change < Unplanned || part.Change >= len(p.Changes)
		}) {
			return broken(fmt.Sprintf("leads[%d]", i))
		}
	}
	return nil
}

// Why a change is not carried out.
const (
	changedSince = "the record has changed since the plan was made"
	createdSince = "a record with the e-mail address was created since the plan was made"
	orphaned     = "the new record that it was to refer to is not created"
)

// staleChanges returns the indexes of the changes that no longer fit the org, and
// why: updates whose record is not as it was planned for, and creates of a person
// who is there by now.
func (s *Syncer) staleChanges(ctx context.Context, plan *Plan) (map[int]string, error) {
	updates := make(map[salesforce.Object]set)
	for _, c := range plan.Changes {
		if !c.Create {
			put(updates, c.Object, string(c.ID))
		}
	}
	var reads []salesforce.Read
	for _, object := range slices.Sorted(maps.Keys(updates)) {
		ids := updates[object].sorted()
		reads = append(reads, splitReads(ids, salesforce.Query, func(ids []string) *soql.Select {
			return soql.From(object, "Id", "SystemModstamp").Where(soql.In("Id", ids...))
		})...)
	}
	newcomers := plan.newcomers()
	reads = append(reads, plan.readNewcomers(newcomers)...)
	if len(reads) == 0 {
		return nil, nil
	}
	results, err := readAll(ctx, s.client, "apply", reads)
	if err != nil {
		return nil, err
	}
	modified, there, known := make(map[salesforce.ID]string), make(map[valueKey]bool), plan.candidates()
	for _, result := range results {
		if result.Err != nil {
			return nil, classify("apply", "", result.Err)
		}
		for _, row := range result.Records {
			modified[row.ID] = row.Text("SystemModstamp")
			if !known.has(string(row.ID)) {
				there[emailKey(row.Object, row.Text("Email"))] = true
			}
		}
	}
	stale := make(map[int]string)
	for i, c := range plan.Changes {
		if now, ok := modified[c.ID.ID18()]; !c.Create && (!ok || now != c.Modified) {
			stale[i] = changedSince
		}
	}
	for _, n := range newcomers {
		if slices.ContainsFunc(n.objects, func(o salesforce.Object) bool { return there[emailKey(o, n.email)] }) {
			stale[n.change] = createdSince
		}
	}
	return stale, nil
}

// refused returns the leads of stale changes, with the object that is to blame and
// why. Leads that share a record go with the one whose new record it was to refer
// to.
func (p *Plan) refused(stale map[int]string) map[LeadID]*Error {
	refused := make(map[LeadID]*Error)
	gone := func(id LeadID) bool { _, no := refused[id]; return no }
	orphan := func(r salesforce.Ref) bool {
		return !slices.ContainsFunc(p.Changes[r.Write].Leads, func(id LeadID) bool { return !gone(id) })
	}
	for before := -1; before < len(refused); {
		before = len(refused)
		for i, c := range p.Changes {
			if stale[i] == "" && !slices.ContainsFunc(c.Refs, orphan) {
				continue
			}
			for _, id := range c.Leads {
				refused[id] = cmp.Or(refused[id], &Error{Op: "apply", LeadID: id, Object: c.Object, Code: StaleRemoteRecord, Reason: cmp.Or(stale[i], orphaned)})
			}
		}
	}
	return refused
}

// without returns the plan without the leads of stale changes, and without the
// changes that then are nobody's.
func (p *Plan) without(stale map[int]string) *Plan {
	refused := p.refused(stale)
	fresh := &Plan{At: p.At, Leads: make([]*LeadPlan, len(p.Leads))}
	place := make([]int, len(p.Changes))
	for i, c := range p.Changes {
		place[i] = Unplanned
		c.Leads = slices.DeleteFunc(slices.Clone(c.Leads), func(id LeadID) bool { _, no := refused[id]; return no })
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
		own.Parts = slices.Clone(lead.Parts)
		for k := range own.Parts {
			if own.Parts[k].Change != Unplanned {
				own.Parts[k].Change = place[own.Parts[k].Change]
			}
		}
		fresh.Leads[i] = &own
	}
	return fresh
}
