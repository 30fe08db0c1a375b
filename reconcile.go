// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"context"
	"errors"
	"slices"

	"github.com/leadsync/leadsync/internal/hook"
	"github.com/leadsync/leadsync/leadtype"
)

// A Sink receives outcomes. Record gets those of one batch, in no particular order,
// after they are settled in the Store. It may be called from several goroutines,
// must not keep the slice and must not change the outcomes. Of two outcomes of one
// lead the one with the later Outcome.At counts.
//
// Outcomes are sent once. Syncing continues when Record fails or panics, when it has not
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
// return, also when one panics, and joins their errors. It leaves out nil ones.
func Tee(sinks ...Sink) Sink {
	sinks = slices.DeleteFunc(slices.Clone(sinks), func(s Sink) bool { return s == nil })
	return tee(sinks)
}

// A tee is what Tee returns.
type tee []Sink

func (t tee) Record(ctx context.Context, outcomes []*Outcome) error {
	return t.each(func(sink Sink) error { return sink.Record(ctx, outcomes) })
}

// Incident tells those of the sinks that are a leadtype.IncidentSink.
func (t tee) Incident(ctx context.Context, incident leadtype.Incident) error {
	return t.each(func(sink Sink) error {
		if told, ok := sink.(leadtype.IncidentSink); ok {
			return told.Incident(ctx, incident)
		}
		return nil
	})
}

func (t tee) each(call func(Sink) error) error {
	errs := make([]error, len(t))
	var all hook.Several
	for i, sink := range t {
		_ = all.Call(func() { errs[i] = call(sink) })
	}
	all.End(nil)
	return errors.Join(errs...)
}

// An Outcome is what became of one lead: its stage, the record that it matched and why,
// what was written to which records, and the error if it failed. See [leadtype.Outcome].
type Outcome = leadtype.Outcome

// A Stage is how far a lead is: PreSync, Failed or Cleared. See [leadtype.Stage].
type Stage = leadtype.Stage

// The stages.
const (
	PreSync = leadtype.PreSync
	Failed  = leadtype.Failed
	Cleared = leadtype.Cleared
)

// An Action is what was done to a record, or to all records of a lead together. See
// [leadtype.Action].
type Action = leadtype.Action

// The actions.
const (
	Created   = leadtype.Created
	Updated   = leadtype.Updated
	Unchanged = leadtype.Unchanged
	Dismissed = leadtype.Dismissed // by Syncer.Dismiss
)

// An Error is why a lead or a call failed. Compare it with a Code by errors.Is; its Fix
// says what to do. See [leadtype.Error].
type Error = leadtype.Error

// A BatchError is the error of a call in which some leads failed: it has the error of
// each by the lead's index. The other leads went through. See [leadtype.BatchError].
type BatchError = leadtype.BatchError

// A Code is the kind of an Error, and an error itself:
// errors.Is(err, leadsync.RateLimit). See [leadtype.Code].
type Code = leadtype.Code

// The codes. Code.Description says what each means, Code.Fix what to do about it, and the
// table in README.md which are retried.
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
	PersonAccount        = leadtype.PersonAccount
	StorageLimit         = leadtype.StorageLimit
	BatchCollateral      = leadtype.BatchCollateral
	Unknown              = leadtype.Unknown
)

// CodeOf returns the code of err: that of the first Error or Code in its chain, Unknown
// for any other error, and the empty Code for nil. See [leadtype.CodeOf].
func CodeOf(err error) Code { return leadtype.CodeOf(err) }

// Explain says in sentences, for people to read, why the record of an outcome was chosen
// and what was done with it. It has the ids of records and the names of fields, and no
// values. See [leadtype.Explain].
func Explain(o *Outcome) string { return leadtype.Explain(o) }
