// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/store"
)

// Run syncs captured leads, oldest first. It blocks until ctx is done and then
// returns nil; cancellation is its normal end. It lets the batch under way finish,
// for up to 20 seconds, and leaves no lead in flight: close the Store after Run has
// returned.
//
// Under Automatic it first releases all frozen leads. Several processes may Run
// on one Store: one at a time drains the connection, the others wait. So do several
// Syncers of one process, as when new Settings replace old ones. Between batches it lets a
// Sync have its turn, and another process every few seconds.
//
// When Salesforce cannot be reached or one of its limits is reached, Run waits,
// from a second up to 5 minutes, and so it does when the Store fails. When the
// calls of the last 24 hours are spent, or Config.APIBudget is, it waits from 15
// minutes up to an hour, or longer in an org with few calls: see there. Then it tries
// with one lead, or with two one by one, and with more after each success. Leads whose
// request fails twice as in an outage (a server error, a web page, no response) are then
// tried in up to eight parts, and those of a part that fails where others get through in
// smaller ones, until the lead at fault is alone. It is tried alone after half an hour up
// to two, and fails when 12 attempts point to it: others got through since the one before,
// or nothing else failed. Where nothing else is left to get through, this looks like an
// outage of the writes: a lead then fails when it has failed alone for three days in which
// look-ups were answered, so that no shorter outage fails a lead. It costs about ten
// attempts, of two calls each. One of such leads is tried every 5 minutes up to an hour
// meanwhile; when it gets through, so are the others.
//
// A lead whose record another process has locked is tried again after a second up to an
// hour, from the second lock on in parts of half the size each time, and fails with
// ROW_CONTENTION after 20 attempts, in four hours or so.
//
// Health reports why Run waits. Only a failure that
// needs a person ends it, with a *Error: AUTHENTICATION, a CONNECTION_PERMISSION of
// the whole org, or STORAGE_LIMIT. The leads stay in Pre-Sync, and none is blamed.
// Once it is resolved the host calls Run again: after a reconnect that of a Syncer
// with the new tokens and the same Store and Connection.
//
// The Store keeps why and until when Run waits, and how many API calls were used: a
// scheduler may call Drain for some minutes at a time, also in new processes, and is no
// more than such a wait behind. What was used of the API calls counts for 24 hours.
func (s *Syncer) Run(ctx context.Context) error {
	return s.runner.NewDrainer().Run(ctx)
}

// Drain syncs captured leads like Run and returns nil when none is queued or in
// flight. It waits like Run does, for leads that are due later, and while the mode
// is Disabled. A new process reads the describes of the org first, once there are leads to
// sync, which is a call that a process with one lasting Syncer spends once an hour. The
// error is the context's own when that ends first, the *Error that would end Run, or a
// *Error around the store's.
func (s *Syncer) Drain(ctx context.Context) error {
	return s.runner.NewDrainer().Drain(ctx)
}

// DrainDue syncs at most batches batches of the leads that are due now, without waiting, and
// returns how long to wait before it has more to do: 0 when more are due, or the rest of a pause
// after a failure, which is noted as by Run. Leads that wait for others are not due. It is for a
// scheduler of many connections. The error is as of Drain.
func (s *Syncer) DrainDue(ctx context.Context, batches int) (wait time.Duration, err error) {
	return s.runner.NewDrainer().Visit(ctx, batches)
}

// Waiting returns why DrainDue or Run of this Syncer waits, and until when: nil when neither does.
func (s *Syncer) Waiting() (why *Error, until time.Time) { return s.runner.State.Waiting() }

// Rebind binds Config.Connection to the org of the client. A Store's connection belongs to
// one org: the first that it is used with, by a capture, a read or a sync. A client of
// another org is refused with AUTHENTICATION before anything is sent, by every method that
// asks Salesforce, and before anything is kept, by Capture, so that two orgs cannot share
// leads by accident. Rebind is for the case that the other org is meant: a sandbox that was
// refreshed, which has a new id, or an org that replaces another. Make a new Syncer with a
// client of the new org, and call Rebind on it before Run.
//
// The leads stay where they are: those in Pre-Sync are synced to the new org, with the
// strategy of their capture. What the Store knows of the records in the old org is dropped,
// as those ids mean nothing in the new one: each lead's record, account, memberships and
// Tasks, its match and its creates without a response, so that a lead that is pushed is
// matched and written as if it were new. Revert of the old org's changes needs the outcomes
// that the Sink was given. Failed and cleared leads stay so, with a warning: Push those
// that belong in the new org. The ids that the host itself set, such as Lead.ContactID,
// stay; an id that the new org does not have is skipped.
//
// The Histories of these leads and the connection's own have a Step. Nothing happens when the
// connection is bound to the client's org already. The error is a
// *Error: ROW_CONTENTION while a Run drains the connection, AUTHENTICATION when the client
// does not know its org or this Syncer has worked with another, or one around the store's;
// or it is the context's own.
func (s *Syncer) Rebind(ctx context.Context) (err error) {
	if err := verdict.OfPerson("rebind", s.by); err != nil {
		return err
	}
	to, err := s.sessions.Org(ctx)
	if err != nil {
		return err
	}
	lease, err := s.cfg.Store.Acquire(ctx, s.cfg.Connection, s.cfg.NewID(), s.cfg.LeaseTTL)
	if errors.Is(err, store.ErrLeaseHeld) {
		return &Error{Op: "rebind", Code: RowContention, Reason: "end the Run that drains the connection first", Err: err}
	}
	if err == nil {
		err = errors.Join(s.cfg.Store.Rebind(ctx, lease, to, s.by), s.cfg.Store.Release(context.WithoutCancel(ctx), lease))
	}
	return verdict.StoreError(ctx, "rebind", err)
}

// SetMode changes the mode until the Syncer ends; Config.Mode is where it
// starts. No Store keeps the mode: a host does, because the Run of the next Syncer
// releases all frozen leads if that starts as Automatic. So does switching to
// Automatic. The connection's own History has a Step. If the Store fails, with a *Error around its
// error or the context's own, the mode is changed all the same: call SetMode again.
// Under Manual, leads that are queued already are still synced. Disabled takes
// effect after the batch under way.
func (s *Syncer) SetMode(ctx context.Context, mode Mode) error {
	if err := verdict.OfPerson("set mode", s.by); err != nil {
		return err
	}
	if !slices.Contains([]Mode{Automatic, Manual, Disabled}, mode) {
		return &Error{Op: "set mode", Code: DataValueValidation, Fields: []string{"mode"},
			Reason: "must be one of " + value.Quoted([]Mode{Automatic, Manual, Disabled})}
	}
	s.runner.State.SetMode(mode)
	err := s.cfg.Store.Note(ctx, s.cfg.Connection, store.Step{Kind: store.StepMode, By: s.by, Mode: mode}, "")
	if err != nil || mode != Automatic {
		return verdict.StoreError(ctx, "set mode", err)
	}
	_, err = s.Push(ctx, Filter{States: []store.State{store.StateFrozen}})
	return err
}
