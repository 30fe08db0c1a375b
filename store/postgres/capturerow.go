// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// A leadRow is what a capture reads and writes of a lead.
type leadRow struct {
	id               leadtype.LeadID
	folded           string
	sequence         int64
	event, strategy  string
	stage            leadtype.Stage
	state, next      store.State
	retryAt, nextAt  int64
	gathers, waited  bool
	attempts         int64
	generation       int64
	since            int64
	action           leadtype.Action
	cause            leadtype.CauseKey
	data, activities string
	words            *termSet // nil where they are those before
	before           string   // the terms of words that table search has, as the row keeps them

	fresh, changed, reworded bool
}

// stored is the row as package stored has it.
func (r *leadRow) stored() *stored.Row {
	row := &stored.Row{Data: r.data, Activities: r.activities, State: r.state, Cause: r.cause,
		InFlight: r.state == store.StateInFlight}
	at := r.retryAt
	if row.InFlight {
		row.State, at = r.next, r.nextAt
	}
	row.DueAt = stored.FromMicros(at)
	return row
}

// A captureStep is a step of the history that a capture adds.
type captureStep struct {
	sequence, generation int64
	change               store.StepKind
	stage                leadtype.Stage
	state                store.State
}

// A captureWriter applies the calls of a group to the rows that they concern, in memory, and
// writes what has changed.
type captureWriter struct {
	t          *transaction
	now        time.Time
	rows       map[leadtype.LeadID]*leadRow
	alike      map[string]leadtype.LeadID // by LeadID.Folded
	suppressed map[string]bool            // hashes
	fresh      []*leadRow
	steps      []captureStep
}

// capture captures one lead of a call.
func (w *captureWriter) capture(p *captureCall, i int) error {
	captured, data := p.leads[i], p.data[i]
	if lead := store.Dated(captured.Lead, w.now); lead != captured.Lead {
		var err error
		if data, err = stored.EncodeLead(lead); err != nil {
			return err
		}
	}
	row := w.rows[captured.Lead.ID]
	switch {
	case w.suppresses(captured.Lead):
		p.report.Suppressed++
		p.report.SuppressedAt = append(p.report.SuppressedAt, i)
	case row == nil && w.alike[p.folded[i]] != "":
		if p.report.Alike == nil {
			p.report.Alike = make(map[int]leadtype.LeadID)
		}
		p.report.Alike[i] = w.alike[p.folded[i]]
	case row == nil:
		w.insert(captured, p.folded[i], data)
		p.report.New++
	case row.stored().Same(data, captured.State):
		p.report.Same++
	default:
		return w.recapture(p, i, row)
	}
	return nil
}

func (w *captureWriter) suppresses(lead *leadtype.Lead) bool {
	if len(w.suppressed) == 0 {
		return false
	}
	for _, hash := range (store.Suppressor{Key: w.t.suppressor}).Of(lead) {
		if w.suppressed[string(hash)] {
			return true
		}
	}
	return false
}

// insert adds a new lead.
func (w *captureWriter) insert(captured store.Captured, folded, data string) {
	lead := captured.Lead
	w.t.sequence++
	row := &leadRow{id: lead.ID, folded: folded, sequence: w.t.sequence, event: lead.EventID, strategy: lead.Strategy,
		stage: leadtype.PreSync, state: captured.State, retryAt: stored.Micros(captured.Due()), since: w.t.now,
		data: data, words: &termSet{lead: lead}, before: noTerms, fresh: true}
	row.gathers = row.state == store.StateQueued && row.retryAt > 0
	w.rows[row.id], w.alike[folded] = row, row.id
	w.fresh = append(w.fresh, row)
	w.note(row, store.StepCaptured, row.state)
}

// recapture captures a lead that the store has with other data.
func (w *captureWriter) recapture(p *captureCall, i int, row *leadRow) error {
	to, err := row.stored().Capture(p.leads[i], w.now)
	if err != nil {
		return err
	}
	to.Count(&p.report, i)
	if !to.Changed {
		return nil
	}
	row.reword(to.Lead)
	row.event, row.data, row.activities = to.Lead.EventID, to.Data, to.Activities
	row.stage, row.attempts, row.waited, row.since = leadtype.PreSync, 0, false, w.t.now
	dueAt := stored.Micros(to.DueAt)
	row.gathers = to.State == store.StateQueued && dueAt > 0
	if row.state == store.StateInFlight {
		row.retryAt, row.next, row.nextAt = 0, to.State, dueAt
	} else {
		row.retryAt, row.state, row.next, row.nextAt = dueAt, to.State, "", 0
	}
	row.changed = true
	w.note(row, store.StepReplaced, to.State)
	return nil
}

// reword notes the terms of a lead's new data, unless they are those of its old.
func (r *leadRow) reword(lead *leadtype.Lead) {
	words := &termSet{lead: lead}
	if words.row() != r.keeps() {
		r.words, r.reworded = words, true
	}
}

// keeps returns the terms of the lead's words, as its row keeps them.
func (r *leadRow) keeps() string {
	if r.words == nil {
		return r.before
	}
	return r.words.row()
}

// note adds a step to the lead's history.
func (w *captureWriter) note(row *leadRow, change store.StepKind, state store.State) {
	w.steps = append(w.steps, captureStep{row.sequence, row.generation, change, row.stage, state})
}

// add adds the activities that the lead does not have.
func (w *captureWriter) add(a *addition) {
	row := w.rows[a.lead]
	if row == nil {
		a.err = store.ErrNoLead
		return
	}
	var activities string
	activities, a.err = stored.AppendActivities(a.lead, row.data, row.activities, a.activities)
	if a.err != nil || activities == "" {
		return
	}
	row.activities, row.changed = activities, true
	switch {
	case row.state == store.StateInFlight && row.next == "":
		row.next = a.state
	case row.stage == leadtype.Cleared && row.action != leadtype.Dismissed:
		row.stage, row.state, row.retryAt, row.attempts, row.since = leadtype.PreSync, a.state, 0, 0, w.t.now
	}
	state := row.state
	if row.next != "" {
		state = row.next
	}
	w.note(row, store.StepActivities, state)
}
