// SPDX-License-Identifier: Apache-2.0

package undo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A reversalWrite is a write of a revert and the record that it is for.
type reversalWrite struct {
	salesforce.Write
	record *record
}

// carryOut restores fields, and deletes level after level.
func (r *reverting) carryOut(ctx context.Context) error {
	var writes []reversalWrite
	for _, t := range r.records {
		if len(t.Fields) > 0 {
			change := leadtype.Change{Object: t.Object, ID: t.ID, Fields: t.Fields}
			if t.isPersonAccount() {
				change.PersonAccount = salesforce.ID(t.now.Text("AccountId")).ID18()
			}
			writes = append(writes, reversalWrite{write.ForChange(&change, r.Duplicates), t})
		}
	}
	for level := range r.levels() {
		for _, t := range r.records {
			if r.level(t) == level && t.deletes && r.childless(t) {
				writes = append(writes, reversalWrite{salesforce.Write{Op: salesforce.OpDelete, Object: t.Object, ID: t.ID}, t})
			}
		}
		r.send(ctx, writes)
		writes = nil
	}
	return r.stopped
}

// childless reports whether all records that referred to one were deleted or freed,
// and lists it when not.
func (r *reverting) childless(t *record) bool {
	child := r.remainingChild(t)
	if child == nil {
		return true
	}
	r.leave(&t.Reversal, leadtype.BatchCollateral, anObject(child.Object)+" that refers to it was not deleted")
	t.deletes = false
	return false
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
	results, err := r.Client.Write(ctx, rows...)
	if err = verdict.Failure(err); err == nil && len(results) != len(rows) {
		err = &leadtype.Error{Op: "revert", Code: leadtype.UncertainWrite,
			Reason: fmt.Sprintf("the client returned %d results for %d writes", len(results), len(rows))}
	}
	if err != nil {
		r.stopped = cmp.Or(r.stopped, verdict.CallError(ctx, "revert", err))
		results = slices.Repeat([]salesforce.WriteResult{{Err: err}}, len(rows))
	}
	for i, w := range writes {
		r.finish(ctx, w, verdict.Failure(results[i].Err))
	}
}

// finish enters what became of one write.
func (r *reverting) finish(ctx context.Context, w reversalWrite, err error) {
	failure := r.session.Classify("revert", w.Object, err)
	deletes := w.Op == salesforce.OpDelete
	switch {
	case deletes && (failure == nil || failure.Code == leadtype.StaleRemoteRecord): // gone already
		r.report.Deleted = append(r.report.Deleted, w.record.Reversal)
		return
	case failure == nil:
		r.report.Restored = append(r.report.Restored, w.record.Reversal)
		r.remembered = append(r.remembered, r.memoryOf(w.record, false))
		return
	}
	if verdict.Pauses(failure) || verdict.OfConnection(failure) || verdict.RequestFailed(failure) {
		r.stopped = cmp.Or[error](r.stopped, failure)
	}
	if ctx.Err() != nil {
		r.stopped = cmp.Or(r.stopped, verdict.ContextError(err))
	}
	w.record.deletes, w.record.Fields = false, nil
	r.refuse(&w.record.Reversal, failure)
}
