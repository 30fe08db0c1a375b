// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"context"
	"slices"

	"github.com/leadsync/leadsync/store"
)

// Run syncs captured leads, oldest first. It blocks until ctx is done and then
// returns nil; cancellation is its normal end. It lets the batch under way finish,
// for up to 20 seconds, and leaves no lead in flight: close the Store after Run has
// returned.
//
// Under Automatic it first releases all frozen leads. Several processes may Run
// on one Store: one at a time drains the connection, the others wait. So do several
// Syncers of one process, as when new Settings replace old ones.
//
// When Salesforce cannot be reached or one of its limits is reached, Run waits,
// from a second up to 5 minutes, and so it does when the Store fails. When the
// calls of the last 24 hours are spent, or Config.APIBudget is, it waits from 15
// minutes up to an hour. Then it tries with one lead, or with two one by one, and
// with more after each success. Leads whose request fails twice as in an outage (a
// server error, a web page, no response) are then tried in up to eight parts, and those of
// a part that fails where others get through in smaller ones, until the lead at fault is
// alone; it is tried again after 5 minutes up to an hour, and fails after 16 attempts.
// Health reports why Run waits. Only a failure that
// needs a person ends it, with a *Error: AUTHENTICATION, a CONNECTION_PERMISSION of
// the whole org, or STORAGE_LIMIT. The leads stay in Pre-Sync, and none is blamed.
// Once it is resolved the host calls Run again: after a reconnect that of a Syncer
// with the new tokens and the same Store and Connection.
func (s *Syncer) Run(ctx context.Context) error {
	return s.runner.NewDrainer().Run(ctx)
}

// Drain syncs captured leads like Run and returns nil when none is queued or in
// flight. It waits like Run does, for leads that are due later, and while the mode
// is Disabled. The error is the context's own when that ends first, the *Error that
// would end Run, or a *Error around the store's.
func (s *Syncer) Drain(ctx context.Context) error {
	return s.runner.NewDrainer().Drain(ctx)
}

// SetMode changes the mode until the Syncer ends; Config.Mode is where it
// starts. No Store keeps the mode: a host does, because the Run of the next Syncer
// releases all frozen leads if that starts as Automatic. So does switching to
// Automatic; if that fails, with a *Error or the context's own, call SetMode again.
// Under Manual, leads that are queued already are still synced. Disabled takes
// effect after the batch under way.
func (s *Syncer) SetMode(ctx context.Context, mode Mode) error {
	if !slices.Contains([]Mode{Automatic, Manual, Disabled}, mode) {
		return &Error{Op: "set mode", Code: DataValueValidation, Fields: []string{"mode"},
			Reason: "is not automatic, manual or disabled"}
	}
	s.runner.State.SetMode(mode)
	if mode != Automatic {
		return nil
	}
	_, err := s.Push(ctx, Filter{States: []store.State{store.StateFrozen}})
	return err
}
