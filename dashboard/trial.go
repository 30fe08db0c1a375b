// SPDX-License-Identifier: Apache-2.0

package dashboard

import (
	"context"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
)

// A trialView is what a mapping that is not saved would write for a lead.
type trialView struct {
	Sequence int64
	Name     string
	Records  []recordView
	General  []warningView
	Failed   *leadtype.Advice
	Writes   int // records
	Calls    int // that a sync would take
}

// try plans a lead by settings that are not saved; nothing is written.
func (v *visit) try(edited *leadsync.Settings, sequence int64) *trialView {
	t := &trialView{Sequence: sequence}
	entry, err := v.org.entry(v.ctx(), sequence)
	if entry == nil || entry.Lead == nil || err != nil {
		t.Failed = &leadtype.Advice{Description: "Choose a lead to try the mapping with."}
		return t
	}
	t.Name = v.nameOfLead(entry)
	syncer, err := v.org.fleet.Trial(v.ctx(), v.org.name, edited)
	var plan *leadsync.Plan
	if err == nil {
		ctx, cancel := context.WithTimeout(v.ctx(), 4*patience) // several calls
		defer cancel()
		plan, err = syncer.Plan(ctx, entry.Lead)
	}
	if err != nil {
		t.Failed = v.adviceOn(err)
		return t
	}
	t.Writes, t.Calls = len(plan.Changes), plan.Calls+plan.LookupCalls
	v.fillTrial(t, plan)
	return t
}

func (v *visit) fillTrial(t *trialView, plan *leadsync.Plan) {
	lead := plan.Leads[0]
	told := make([]bool, len(lead.Warnings))
	for _, p := range lead.Parts {
		part := leadtype.Part{Kind: p.Kind, Object: p.Object, Key: p.Key, ID: p.ID, Err: p.Err,
			Action: leadtype.Unchanged}
		if p.Change >= 0 && p.Change < len(plan.Changes) {
			change := &plan.Changes[p.Change]
			part.Changes, part.Action = change.Fields, leadtype.Updated
			if change.Create {
				part.Action = leadtype.Created
			}
		}
		t.Records = append(t.Records, v.recordView(&part, lead.Warnings, told, nil))
	}
	for i := range lead.Warnings {
		if w := &lead.Warnings[i]; !told[i] {
			t.General = append(t.General, warningView{string(w.Object), w.Field, w.Reason, v.warningFix(w), nil})
		}
	}
	if lead.Err != nil {
		t.Failed = v.adviceOn(lead.Err)
	}
}
