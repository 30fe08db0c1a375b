package leadsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// RevertOptions say how far a Revert goes. The zero RevertOptions put fields
// back and delete nothing.
type RevertOptions struct {
	// Delete also deletes the records that the run created, children first. A
	// record that was changed or converted since, that another one was merged into,
	// or that others have hung a Contact, a Task or a membership on, stays. What else
	// hangs on a deleted record goes with it, as Salesforce has it; all of it is in
	// the recycle bin.
	Delete bool
}

// Revert undoes what syncs have done. outcomes are theirs, in any order: those
// that Sync and Apply return or that the Sink was given, kept as JSON or not.
// What several of them did to one record is undone last first.
//
// A field gets the value that it had before where it still holds what was
// written; one that somebody has changed since is left alone and listed, and so
// is a record that was merged away, or that is gone and was not the run's. A
// created record counts as changed when its SystemModstamp is over a minute past
// the last of outcomes that touched it, which leaves the org's own automation its
// time. A second Revert changes nothing.
//
// It spends one reading of the records, and one call of the writes, which with
// Delete is one for each level of children. A change in the moment between is not
// seen. The Store is not told: a lead that is pushed again is synced again, but
// for Tasks that were deleted, which count as logged.
//
// The error is the context's own, or a *Error, when the connection stopped the
// work: without a report nothing was written; with one, it says how far Revert
// came. What single records stood in the way of is in RevertReport.Left.
func (s *Syncer) Revert(ctx context.Context, outcomes []*Outcome, opts RevertOptions) (*RevertReport, error) {
	r := &reverting{s: s, opts: opts, report: &RevertReport{At: s.cfg.Now()}, byID: make(map[salesforce.ID]*touched)}
	r.gather(outcomes)
	if len(r.records) == 0 {
		return r.report, nil
	}
	if err := r.look(ctx); err != nil {
		return nil, err
	}
	r.condemn()
	return r.report, r.carryOut(ctx)
}

// A reverting is a Revert under way.
type reverting struct {
	s       *Syncer
	opts    RevertOptions
	sch     *session
	records []*touched // in the order in which they were first written
	byID    map[salesforce.ID]*touched
	report  *RevertReport
	stopped error // what the connection turned out to lack, or the context's
}

// A touched is a record that the run wrote.
type touched struct {
	Reversal
	created bool
	first   time.Time // when the run wrote it first
	last    time.Time // and last
	// spans are the run's changes, those of a field in their order, with nobody
	// else's between one's Before and After.
	spans []FieldChange
	now   *salesforce.Record // as it is, nil when it is gone
	// merged is the record that this one was merged into; absorbed says that another
	// one was merged into this.
	merged   salesforce.ID
	absorbed bool
	// hanging are the records found to refer to this one.
	hanging []*salesforce.Record
	doomed  bool // to be deleted
}

// gather collects what outcomes did, by record.
func (r *reverting) gather(outcomes []*Outcome) {
	outcomes = slices.DeleteFunc(slices.Clone(outcomes), func(o *Outcome) bool { return o == nil })
	slices.SortStableFunc(outcomes, func(a, b *Outcome) int { return a.At.Compare(b.At) })
	for _, out := range outcomes {
		for i := range out.Parts {
			r.add(out, &out.Parts[i])
		}
	}
}

func (r *reverting) add(out *Outcome, part *Part) {
	if part.ID == "" {
		if part.Err != nil && part.Err.Code == UncertainWrite {
			r.leave(&Reversal{Kind: part.Kind, Object: part.Object, Leads: []LeadID{out.LeadID}},
				UncertainWrite, "a create got no answer: sync the lead first, which looks for the record")
		}
		return
	}
	t := r.byID[part.ID.ID18()]
	if t == nil {
		if part.Action != Created && len(part.Changes) == 0 {
			if part.Kind == PartCustom && part.Action == Updated {
				r.leave(&Reversal{Kind: part.Kind, Object: part.Object, ID: part.ID, Leads: []LeadID{out.LeadID}},
					UncertainWrite, "the record was there when it was to be created, and what it held is not known")
			}
			return
		}
		if _, err := salesforce.ParseID(string(part.ID)); err != nil {
			r.leave(&Reversal{Kind: part.Kind, Object: part.Object, ID: part.ID, Leads: []LeadID{out.LeadID}}, DataValueValidation, "the outcome is damaged: its id is none")
			return
		}
		t = &touched{Reversal: Reversal{Kind: part.Kind, Object: part.Object, ID: part.ID.ID18()}, first: out.At}
		r.byID[t.ID] = t
		r.records = append(r.records, t)
	}
	t.created = t.created || part.Action == Created
	t.last = out.At
	if !slices.Contains(t.Leads, out.LeadID) {
		t.Leads = append(t.Leads, out.LeadID)
	}
	t.spans = append(t.spans, part.Changes...)
}

// leave lists what is not reverted.
func (r *reverting) leave(record *Reversal, code Code, reason string, fields ...string) {
	r.refuse(record, &Error{Op: "revert", Object: record.Object, Code: code, Fields: fields, Reason: reason})
}

func (r *reverting) refuse(record *Reversal, err *Error) {
	left := *record
	left.Fields, left.Err = nil, err
	r.report.Left = append(r.report.Left, left)
}

// settling is how long after a create the org's own automation may still change
// the record.
const settling = time.Minute

// changedSince reports whether a created record was changed after the run was
// done with it. It compares Salesforce's times with each other and ours with
// each other: the two clocks may differ.
func (t *touched) changedSince() bool {
	modified, _ := time.Parse(salesforceTime, t.now.Text("SystemModstamp"))
	return modified.Sub(created(t.now)) > t.last.Sub(t.first)+settling
}

// condemn chooses the records to be deleted, children before what they hang on,
// and the fields to be put back of the others.
func (r *reverting) condemn() {
	for _, t := range r.records {
		if !t.created || t.now == nil {
			t.Fields = r.restore(t)
		}
	}
	for level := range r.levels() {
		for _, t := range r.records {
			if r.level(t) != level || !t.created || t.now == nil {
				continue
			}
			if t.doomed = r.condemned(t); !t.doomed {
				t.Fields = r.restore(t)
			}
		}
	}
}

// condemned reports whether a created record is to be deleted, and lists it when
// it is not.
func (r *reverting) condemned(t *touched) bool {
	if !r.opts.Delete {
		r.report.Kept = append(r.report.Kept, t.Reversal)
		return false
	}
	if err := r.spared(t); err != nil {
		r.refuse(&t.Reversal, err)
		return false
	}
	return true
}

// spared says why a created record is not deleted, nil when it is.
func (r *reverting) spared(t *touched) *Error {
	err := &Error{Op: "revert", Object: t.Object, Code: StaleRemoteRecord}
	for _, child := range t.hanging {
		if !r.freed(child, t) {
			err.Reason = fmt.Sprintf("a %s that stays hangs on it", child.Object)
			return err
		}
	}
	switch {
	case !r.sch.describe(t.Object).Deletable:
		denied := forbidden(t.Object, "delete")
		denied.Op = "revert"
		return denied
	case t.now.Bool("IsConverted"):
		err.Reason = "it was converted since"
		return err
	case t.absorbed:
		err.Reason = "another record was merged into it since"
		return err
	case t.changedSince():
		err.Reason = "somebody has changed it since"
		return err
	}
	return nil
}

// A reversalWrite is a write of a Revert and the record that it is for.
type reversalWrite struct {
	salesforce.Write
	record *touched
}

// carryOut puts fields back and deletes level after level.
func (r *reverting) carryOut(ctx context.Context) error {
	var writes []reversalWrite
	for _, t := range r.records {
		if len(t.Fields) > 0 {
			change := Change{Object: t.Object, ID: t.ID, Fields: t.Fields}
			writes = append(writes, reversalWrite{r.s.writer.writeOf(&change), t})
		}
	}
	for level := range r.levels() {
		for _, t := range r.records {
			if r.level(t) == level && t.doomed && r.bare(t) {
				writes = append(writes, reversalWrite{salesforce.Write{Op: salesforce.OpDelete, Object: t.Object, ID: t.ID}, t})
			}
		}
		r.send(ctx, writes)
		writes = nil
	}
	return r.stopped
}

// bare reports whether all that hung on a record was deleted or freed.
func (r *reverting) bare(t *touched) bool {
	for _, child := range t.hanging {
		if !r.freed(child, t) {
			r.leave(&t.Reversal, BatchCollateral, fmt.Sprintf("a %s that hangs on it was not deleted", child.Object))
			t.doomed = false
			return false
		}
	}
	return true
}

// restore returns the fields of a record to put back, and lists those that are
// left alone.
func (r *reverting) restore(t *touched) []FieldChange {
	switch {
	case t.now != nil:
	case t.merged != "":
		r.leave(&t.Reversal, StaleRemoteRecord, fmt.Sprintf("the record was merged into %s", t.merged))
		return nil
	case !t.created:
		r.leave(&t.Reversal, StaleRemoteRecord, "the record is deleted, or hidden from the connected user")
		return nil
	default: // it was deleted, which is what Revert is for
		return nil
	}
	var fields []FieldChange
	var changed, missing, locked []string
	describe := r.sch.describe(t.Object)
	for _, name := range t.fieldNames() {
		field, ok := describe.Field(name)
		if !ok {
			missing = append(missing, name)
			continue
		}
		now, _ := t.now.Value(name)
		before, clean := t.undo(field)
		if !clean {
			changed = append(changed, name)
		}
		switch {
		case sameValue(field, now, before):
		case !field.Updateable:
			locked = append(locked, name)
		default:
			fields = append(fields, FieldChange{Field: field.Name, Before: now, After: before})
		}
	}
	if len(changed) > 0 {
		r.leave(&t.Reversal, StaleRemoteRecord, "somebody has changed it since", changed...)
	}
	if len(missing) > 0 {
		r.leave(&t.Reversal, MissingRemoteField, "the field is deleted, or hidden from the connected user", missing...)
	}
	if len(locked) > 0 {
		r.leave(&t.Reversal, ConnectionPermission, "the connected user may not write the field", locked...)
	}
	return fields
}

// fieldNames are the fields that the run changed, in their first order.
func (t *touched) fieldNames() []string {
	var names []string
	for _, span := range t.spans {
		if !slices.Contains(names, span.Field) {
			names = append(names, span.Field)
		}
	}
	return names
}

// undo takes a value back through the run's changes of a field. It is not clean
// when somebody else's change stood in the way: the value before that is out of
// reach.
func (t *touched) undo(field *salesforce.Field) (before any, clean bool) {
	before, _ = t.now.Value(field.Name)
	clean = true
	keys := make(map[string]string) // of the record that before is the id of, by path
	for _, span := range t.spans {
		if span.By != "" {
			keys[span.By] = t.now.Text(span.By)
		}
	}
	for _, span := range slices.Backward(t.runs(field)) {
		was := span.Before
		done, undone := sameValue(field, before, span.After), sameValue(field, before, span.Before)
		if span.By != "" {
			was = blankToNil(string(span.BeforeID))
			done, undone = strings.EqualFold(keys[span.By], textOf(span.After, nil)), sameValue(field, before, was)
		}
		switch {
		case done:
			before = was
			clear(keys)
			keys[span.By] = textOf(span.Before, nil)
		case !undone: // else it was undone before
			clean = false
		}
	}
	return before, clean
}

// runs joins the changes of a field that follow on each other. Leads that share
// a record tell of the same change twice.
func (t *touched) runs(field *salesforce.Field) []FieldChange {
	var runs []FieldChange
	for _, span := range t.spans {
		if !strings.EqualFold(span.Field, field.Name) {
			continue
		}
		if len(runs) == 0 {
			runs = append(runs, span)
			continue
		}
		last := &runs[len(runs)-1]
		switch {
		case last.By != span.By:
			runs = append(runs, span)
		case sameValue(field, last.Before, span.Before) && sameValue(field, last.After, span.After):
		case sameValue(field, last.After, span.Before):
			last.After = span.After
		default:
			runs = append(runs, span)
		}
	}
	return runs
}

// send sends writes and reports what became of them.
func (r *reverting) send(ctx context.Context, writes []reversalWrite) {
	if len(writes) == 0 {
		return
	}
	rows := make([]salesforce.Write, len(writes))
	for i := range writes {
		rows[i] = writes[i].Write
	}
	results, err := r.s.client.Write(ctx, rows...)
	if err == nil && len(results) != len(rows) {
		err = &Error{Op: "revert", Code: UncertainWrite, Reason: fmt.Sprintf("the client answered %d of %d writes", len(results), len(rows))}
	}
	if err != nil {
		r.stopped = cmp.Or(r.stopped, callError(ctx, "revert", err))
		results = slices.Repeat([]salesforce.WriteResult{{Err: err}}, len(rows))
	}
	for i, w := range writes {
		r.settle(ctx, w, results[i].Err)
	}
}

// settle enters what became of one write.
func (r *reverting) settle(ctx context.Context, w reversalWrite, err error) {
	failure := r.sch.classify("revert", w.Object, err)
	deletes := w.Op == salesforce.OpDelete
	switch {
	case deletes && (failure == nil || failure.Code == StaleRemoteRecord): // gone is gone
		r.report.Deleted = append(r.report.Deleted, w.record.Reversal)
		return
	case failure == nil:
		r.report.Restored = append(r.report.Restored, w.record.Reversal)
		return
	}
	if pauses(failure) {
		r.stopped = cmp.Or[error](r.stopped, failure)
	}
	if ctx.Err() != nil {
		r.stopped = cmp.Or(r.stopped, contextError(err))
	}
	w.record.doomed, w.record.Fields = false, nil
	r.refuse(&w.record.Reversal, failure)
}
