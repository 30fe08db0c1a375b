package leadsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/salesforce"
)

// Apply carries out a plan that the host has kept. It first reads the records
// to be updated again, for one API call, and refuses with STALE_REMOTE_RECORD
// the leads whose record has changed since it was planned or is gone; a change
// in the moment between that read and the write is not seen. Records to be created
// are not looked for again: apply a plan soon, and once. The outcomes are in
// the order of the plan's leads, the error is as of Sync.
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

// staleChanges returns the indexes of the updates whose record is no longer as
// it was planned for.
func (s *Syncer) staleChanges(ctx context.Context, plan *Plan) (map[int]bool, error) {
	ids := make(map[salesforce.Object][]string)
	var objects []salesforce.Object
	for _, c := range plan.Changes {
		if c.Create {
			continue
		}
		if ids[c.Object] == nil {
			objects = append(objects, c.Object)
		}
		ids[c.Object] = append(ids[c.Object], string(c.ID))
	}
	var reads []salesforce.Read
	for _, object := range objects {
		for _, q := range salesforce.SplitValues(ids[object], salesforce.MaxStatement, func(ids []string) *salesforce.Select {
			return salesforce.From(object, "Id", "SystemModstamp").Where(salesforce.In("Id", ids...))
		}) {
			reads = append(reads, salesforce.Query(q))
		}
	}
	if len(reads) == 0 {
		return nil, nil
	}
	results, err := s.readAll(ctx, "apply", reads)
	if err != nil {
		return nil, err
	}
	modified := make(map[salesforce.ID]string)
	for _, result := range results {
		if result.Err != nil {
			return nil, classify("apply", "", result.Err)
		}
		for i := range result.Records {
			modified[result.Records[i].ID] = result.Records[i].Text("SystemModstamp")
		}
	}
	stale := make(map[int]bool)
	for i, c := range plan.Changes {
		if now, ok := modified[c.ID.ID18()]; !c.Create && (!ok || now != c.Modified) {
			stale[i] = true
		}
	}
	return stale, nil
}

// refused returns the leads of stale changes, with the object that is to blame.
// Leads that share a record go with the one whose new record it was to refer to.
func (p *Plan) refused(stale map[int]bool) map[LeadID]salesforce.Object {
	refused := make(map[LeadID]salesforce.Object)
	gone := func(id LeadID) bool { _, no := refused[id]; return no }
	orphan := func(r salesforce.Ref) bool {
		return !slices.ContainsFunc(p.Changes[r.Write].Leads, func(id LeadID) bool { return !gone(id) })
	}
	for before := -1; before < len(refused); {
		before = len(refused)
		for i, c := range p.Changes {
			if !stale[i] && !slices.ContainsFunc(c.Refs, orphan) {
				continue
			}
			for _, id := range c.Leads {
				refused[id] = cmp.Or(refused[id], c.Object)
			}
		}
	}
	return refused
}

// without returns the plan without the leads of stale changes, and without the
// changes that then are nobody's.
func (p *Plan) without(stale map[int]bool) *Plan {
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
		if object, no := refused[lead.LeadID]; no && own.Err == nil {
			own.Err = &Error{Op: "apply", LeadID: lead.LeadID, Object: object, Code: StaleRemoteRecord, Reason: "the record has changed since the plan was made"}
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
