// SPDX-License-Identifier: Apache-2.0

package undo

import (
	"context"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// tellTimeout bounds how long a Store may take to remember what was restored.
const tellTimeout = 10 * time.Second

// note says which leads have records that are to be restored or deleted. Whatever becomes of
// the revert, no record changes without it.
func (r *reverting) note(ctx context.Context) error {
	var leads []leadtype.LeadID
	for _, t := range r.records {
		if len(t.Fields) > 0 || t.deletes {
			leads = append(leads, t.Leads...)
		}
	}
	if len(leads) == 0 || r.Note == nil {
		return nil
	}
	slices.Sort(leads)
	return verdict.StoreError(ctx, "revert", r.Note(ctx, slices.Compact(leads)))
}

// announce lets be remembered, before anything is sent, that records may get back what they
// held before the run: whatever becomes of the revert, nobody takes that for the edit of a
// person, and what the leads wanted is written again when they are synced again.
func (r *reverting) announce(ctx context.Context) error {
	var ids []salesforce.ID
	for _, t := range r.records {
		if len(t.Fields) > 0 {
			ids = append(ids, t.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	known, err := r.Memory.Records(ctx, ids)
	if err != nil {
		return verdict.StoreError(ctx, "revert", err)
	}
	var records []leadtype.RecordMemory
	for _, t := range r.records {
		if len(t.Fields) == 0 {
			continue
		}
		before := known[t.ID]
		at := r.Now().Truncate(time.Second)
		if last := before.RevertedAt(); !at.After(last) {
			at = last.Add(time.Second)
		}
		record := r.memoryOf(t, true)
		record.NoteSentAt(r.Now())
		record.NoteReverted(at)
		records = append(records, record)
	}
	if err := r.Memory.Tell(ctx, records); err != nil {
		return verdict.StoreError(ctx, "revert", err)
	}
	return nil
}

// remember lets be remembered what was restored.
func (r *reverting) remember(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTimeout)
	defer cancel()
	if err := r.Memory.Tell(ctx, r.remembered); err != nil { // what was announced has to do
		r.Logger.WarnContext(ctx, "leadsync: what a revert restored was not remembered",
			"records", len(r.remembered), "error", err)
	}
}

// memoryOf returns what a restored record holds in the fields that are remembered. No lead
// was captured with it: any may write over a blank and over what the connection wrote
// before. A value of others is theirs again, and a field that a user had emptied stays so.
// open says that it has still to be restored: others' values are left out then, because
// they are no value that was written whether they come back or not.
func (r *reverting) memoryOf(t *record, open bool) leadtype.RecordMemory {
	memory := leadtype.RecordMemory{ID: t.ID}
	remembered := r.Set.Remembered(t.Object)
	for _, f := range t.Fields {
		field, ok := r.session.Describe(t.Object).Field(f.Field)
		if !ok || !value.ContainsFold(remembered, f.Field) {
			continue
		}
		ours := f.Held == leadtype.HoldOurs || f.Held == leadtype.HoldUnknown && value.IsBlank(f.After)
		switch {
		case ours && open:
			memory.NoteOpen(field, f.After, time.Time{})
		case ours:
			memory.Note(field, f.After, time.Time{})
		case !open:
			memory.NoteEdited(field, time.Time{})
		}
	}
	return memory
}
