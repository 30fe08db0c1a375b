package leadsync

import (
	"context"
	"errors"
	"time"
)

// A Step is one change of a lead, and the stage and state after it.
type Step struct {
	At    time.Time `json:"at"`
	Kind  StepKind  `json:"kind"`
	Stage Stage     `json:"stage"`
	// State is the one asked for when a lead is captured again in flight; it stays
	// in flight until then.
	State      State `json:"state,omitempty"`
	Generation int64 `json:"generation"`
	// Outcome is that of a step that has one, as Outcome.ForHistory leaves it.
	Outcome *Outcome `json:"outcome,omitempty"`
}

// A StepKind says what changed a lead.
type StepKind string

// The kinds of step.
const (
	StepCaptured StepKind = "captured"
	// StepReplaced is a capture with other data.
	StepReplaced StepKind = "replaced"
	// StepActivities is a lead that was given activities after its capture.
	StepActivities StepKind = "activities"
	// StepSettled comes with what an attempt brought.
	StepSettled StepKind = "settled"
	// StepUnclaimed ends a claim without an outcome.
	StepUnclaimed StepKind = "unclaimed"
	StepPushed    StepKind = "pushed"
	// StepResolved comes with what a person decided.
	StepResolved StepKind = "resolved"
)

// History returns what changed a captured lead and when, the oldest step first.
// A lead that the Store does not have has none. Outcomes lack Salesforce's own
// messages and before-images; Leads returns the last one whole. The error is a *Error around the
// store's, or the context's own.
func (s *Syncer) History(ctx context.Context, lead LeadID) ([]Step, error) {
	steps, err := s.cfg.Store.History(ctx, s.cfg.Connection, lead)
	return steps, storeError(ctx, "read the history", err)
}

// PruneHistory removes the steps of the captured leads that are older than before,
// but the last of each lead, and returns how many. The leads stay as they are,
// with their last outcomes; what they carry in Salesforce is still known. Call it
// now and then, so that the Store does not grow with every attempt: in a file the
// room is used again, though the file does not get smaller. The error is a *Error
// around the store's, or the context's own: some may be removed then.
func (s *Syncer) PruneHistory(ctx context.Context, before time.Time) (int, error) {
	pruned, err := s.cfg.Store.Prune(ctx, s.cfg.Connection, before)
	return pruned, storeError(ctx, "prune the history", err)
}

// Forget removes a lead from the Store with all that is kept of it: its data,
// its outcomes and its history. No count has it any more, and captured again it
// is a new lead. The lead's records in Salesforce are left alone. What remains
// is its id, in the trace of a lead that was folded into its record; so an id
// should not itself be personal data. To forget a lead twice is no error.
//
// Forget waits for a lead that is being synced: until its batch ends, and at most
// until the lease of a process that died runs out. When the context ends first,
// nothing is removed, and the error is a *Error under which errors.Is finds
// ErrInFlight and the context's. Any other error is a *Error around the store's, or
// the context's own: the lead may or may not be gone, so forget it again.
func (s *Syncer) Forget(ctx context.Context, lead LeadID) error {
	for {
		err := s.cfg.Store.Forget(ctx, s.cfg.Connection, lead)
		if !errors.Is(err, ErrInFlight) {
			return storeError(ctx, "forget", err)
		}
		select {
		case <-ctx.Done():
			return &Error{Op: "forget", LeadID: lead, Code: RowContention, Reason: "forget it again when it is settled", Err: errors.Join(ErrInFlight, ctx.Err())}
		case <-time.After(s.cfg.Poll):
		}
	}
}
