// SPDX-License-Identifier: Apache-2.0

// Package undo takes back what syncs have done to an org: it is the engine of Revert.
// It is not one of the stages of a sync, but starts from their outcomes: it
// gathers what they say was written, reads the records as they are now, decides what
// may be deleted or restored, and writes that.
package undo

import (
	"context"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
)

// Revert reverts outcomes, in any order. The error is the context's own, or a *Error,
// when the connection stopped the work: without a report nothing was written.
func (u *Undoer) Revert(ctx context.Context, outcomes []*leadtype.Outcome,
	opts revert.Options) (*revert.Report, error) {
	r := &reverting{Undoer: u, opts: opts, report: &revert.Report{At: u.Now()}, byID: make(map[salesforce.ID]*record)}
	r.gather(outcomes)
	if len(r.records) == 0 {
		return r.report, nil
	}
	if err := r.look(ctx); err != nil {
		return nil, err
	}
	if err := r.lookForDependents(ctx); err != nil {
		return nil, err
	}
	r.decide()
	if err := r.note(ctx); err != nil {
		return nil, err
	}
	if err := r.announce(ctx); err != nil {
		return nil, err
	}
	defer r.remember(ctx)
	return r.report, r.carryOut(ctx)
}
