// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"context"
	"errors"
	"github.com/leadsync/leadsync/leadtype"
	"slices"
)

// A Sink receives outcomes. Record gets those of one batch, in no particular order,
// after they are settled in the Store. It may be called from several goroutines,
// must not keep the slice and must not change the outcomes. Of two outcomes of one
// lead the one with the later Outcome.At counts.
//
// Outcomes are sent once. Syncing continues when Record fails, when it has not
// returned after Config.SinkTimeout, or when the Store fails or the process ends
// before it; the outcomes are not sent again. The Store still has them: a host that
// must not miss any reads Leads, for example when it starts. A failure is reported to
// Config.Logger. While a call that ran out of time has still not returned, no other
// one is made, and the outcomes of that time are skipped.
type Sink interface {
	Record(ctx context.Context, outcomes []*Outcome) error
}

// SinkFunc is a function that is a Sink.
type SinkFunc func(ctx context.Context, outcomes []*Outcome) error

// Record calls f.
func (f SinkFunc) Record(ctx context.Context, outcomes []*Outcome) error { return f(ctx, outcomes) }

// Tee returns a Sink that passes outcomes to each of sinks in turn, whatever the others
// return, and joins their errors. It leaves out nil ones.
func Tee(sinks ...Sink) Sink {
	sinks = slices.DeleteFunc(slices.Clone(sinks), func(s Sink) bool { return s == nil })
	return SinkFunc(func(ctx context.Context, outcomes []*Outcome) error {
		errs := make([]error, len(sinks))
		for i, sink := range sinks {
			errs[i] = sink.Record(ctx, outcomes)
		}
		return errors.Join(errs...)
	})
}

// record sends outcomes to the Sink, if there is one, and waits no longer than its
// timeout.
func (s *Syncer) record(ctx context.Context, outcomes []*Outcome) {
	if s.cfg.Sink == nil || len(outcomes) == 0 {
		return
	}
	if s.lateSinks.Load() > 0 {
		s.cfg.Logger.WarnContext(ctx, "leadsync: sink still busy, outcomes skipped", "outcomes", len(outcomes))
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.SinkTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.cfg.Sink.Record(ctx, outcomes) }()
	select {
	case err := <-done:
		if err != nil {
			s.cfg.Logger.WarnContext(ctx, "leadsync: the sink failed", "outcomes", len(outcomes), "error", err)
		}
	case <-ctx.Done():
		s.cfg.Logger.ErrorContext(ctx, "leadsync: the sink does not return",
			"outcomes", len(outcomes), "after", s.cfg.SinkTimeout)
		s.lateSinks.Add(1)
		go func() {
			err := <-done
			s.lateSinks.Add(-1)
			s.cfg.Logger.WarnContext(ctx, "leadsync: the sink returned late", "outcomes", len(outcomes), "error", err)
		}()
	}
}

type (
	// An Outcome is what became of one lead; see [leadtype.Outcome].
	Outcome = leadtype.Outcome
	// A Stage is the progress of a lead: PreSync, Failed or Cleared.
	Stage = leadtype.Stage
	// An Action is what was done with a record: Created, Updated or Unchanged.
	Action = leadtype.Action
	// An Error is why a lead failed or a call did; see [leadtype.Error].
	Error = leadtype.Error
	// A BatchError holds the errors of the leads that failed in one call, by their
	// index; see [leadtype.BatchError].
	BatchError = leadtype.BatchError
	// A Code is the kind of an Error, and an error itself for errors.Is; see
	// [leadtype.Code].
	Code = leadtype.Code
)

// The stages.
const (
	PreSync = leadtype.PreSync
	Failed  = leadtype.Failed
	Cleared = leadtype.Cleared
)

// The actions.
const (
	Created   = leadtype.Created
	Updated   = leadtype.Updated
	Unchanged = leadtype.Unchanged
)

// The codes. [leadtype.Code] says what each means and whether it is retried.
const (
	NoTagMapping         = leadtype.NoTagMapping
	DataValueValidation  = leadtype.DataValueValidation
	MissingRemoteField   = leadtype.MissingRemoteField
	RequiredFieldMissing = leadtype.RequiredFieldMissing
	Authentication       = leadtype.Authentication
	ConnectionPermission = leadtype.ConnectionPermission
	DuplicateRecord      = leadtype.DuplicateRecord
	AmbiguousMatch       = leadtype.AmbiguousMatch
	StaleRemoteRecord    = leadtype.StaleRemoteRecord
	RecordLocked         = leadtype.RecordLocked
	RowContention        = leadtype.RowContention
	RemoteAutomation     = leadtype.RemoteAutomation
	RateLimit            = leadtype.RateLimit
	RemoteUnavailable    = leadtype.RemoteUnavailable
	UncertainWrite       = leadtype.UncertainWrite
	OwnerInvalid         = leadtype.OwnerInvalid
	CampaignStatus       = leadtype.CampaignStatus
	StorageLimit         = leadtype.StorageLimit
	BatchCollateral      = leadtype.BatchCollateral
	Unknown              = leadtype.Unknown
)

// CodeOf returns the code of err, and the empty Code when err has none.
func CodeOf(err error) Code { return leadtype.CodeOf(err) }

// Explain says in sentences why an outcome's record was chosen and what was written,
// for people to read. It names fields and never their values.
func Explain(o *Outcome) string { return leadtype.Explain(o) }
