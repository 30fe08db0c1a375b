// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"cmp"
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A Stage is the state of a lead: waiting, failed, or done.
type Stage string

// The stages.
const (
	// PreSync is a lead that is queued, waiting, in flight or frozen.
	PreSync Stage = "pre-sync"
	// Failed is a lead that needs attention: its Outcome explains why and what to do.
	Failed Stage = "failed"
	// Cleared is a lead whose person, account, memberships, tasks and custom
	// objects are all in Salesforce, or deliberately dropped with a warning.
	Cleared Stage = "cleared"
)

// An Outcome is what happened to one lead.
type Outcome struct {
	LeadID  LeadID `json:"leadId"`
	EventID string `json:"eventId,omitempty"`
	Stage   Stage  `json:"stage"`
	// Action is set on a cleared lead. A lead that was folded into another's
	// record has that record's.
	Action Action `json:"action,omitempty"`
	// Object and ID name the person's record, also that of a lead which failed
	// after it was found or written.
	Object salesforce.Object `json:"object,omitempty"`
	ID     salesforce.ID     `json:"id,omitempty"`
	// AccountID is the account of the person, if the sync knows it.
	AccountID salesforce.ID `json:"accountId,omitempty"`
	// Parts are the records, in the order they depend on each other.
	Parts    []Part     `json:"parts,omitempty"`
	Trace    MatchTrace `json:"trace"`
	Warnings []Warning  `json:"warnings,omitempty"`
	// Owed are the values that were left out, and that may be written once the schema or the
	// mapping has changed.
	Owed []OwedValue `json:"owed,omitempty"`
	// Ask is what a person has asked for when the lead was pushed, nil for nothing.
	Ask *Ask `json:"ask,omitempty"`
	// Err is why the lead failed or waits, nil when it is cleared.
	Err *Error `json:"error,omitempty"`
	// RetryAt is when a lead in Pre-Sync is retried, zero when that does not depend on
	// time.
	RetryAt time.Time `json:"retryAt,omitzero"`
	// Together is how many leads at most the lead in Pre-Sync is tried with in one batch,
	// itself included, because requests with it failed as they do in an outage, or because
	// its records were locked; 1 is alone. Zero is any number.
	Together int `json:"together,omitempty"`
	// Suspect is what attempts with the lead in Pre-Sync alone have shown of the fault, nil
	// where there were none that failed as in an outage.
	Suspect *Suspect  `json:"suspect,omitempty"`
	At      time.Time `json:"at"`
	// Left are the records that a correction of the lead took it away from, each as an
	// outcome of what earlier syncs did there for it, with the before-images: give them to
	// leadsync.Syncer.Revert. A Warning names each. Tasks that were moved along are not there.
	// An Account is among them that was created for the lead before its person turned out to be
	// a record outside it, because a duplicate rule named that, or a person chose it.
	Left []*Outcome `json:"left,omitempty"`
	// Earlier is what earlier syncs did to the records that the lead has now, for Left.
	Earlier []*Outcome `json:"earlier,omitempty"`
}

// JustLeft returns those of Left that this sync, and not an earlier one, took the lead
// away from: those that a warning names.
func (o *Outcome) JustLeft() []*Outcome {
	return slices.DeleteFunc(slices.Clone(o.Left), func(left *Outcome) bool {
		return !slices.ContainsFunc(o.Warnings, func(w Warning) bool {
			return w.Kind == Rebound && w.Record != "" && w.Record.Equal(left.ID)
		})
	})
}

// Code returns the code that a Store keeps for the lead: of the error, Unknown
// for a failed lead without one, else "", also of a nil Outcome.
func (o *Outcome) Code() Code {
	switch {
	case o == nil:
		return ""
	case o.Err != nil:
		return o.Err.Code
	case o.Stage == Failed:
		return Unknown
	}
	return ""
}

// CauseKey returns the key of the error's Cause that a Store keeps for the lead,
// "" where Code is.
func (o *Outcome) CauseKey() CauseKey {
	switch {
	case o == nil:
		return ""
	case o.Err != nil:
		return o.Err.CauseKey()
	case o.Stage == Failed:
		return (&Error{Code: Unknown}).CauseKey()
	}
	return ""
}

// WarningKinds returns the kinds of the outcome's warnings and notes, each once, sorted. It
// is empty for nil.
func (o *Outcome) WarningKinds() []WarningKind {
	if o == nil {
		return nil
	}
	var kinds []WarningKind
	for _, w := range o.Warnings {
		if kind := cmp.Or(w.Kind, KindFor(w.Code)); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// MaxWarningCauses is how many causes WarningCauses returns at most.
const MaxWarningCauses = 100

// WarningCauses returns the Warning.CauseKey of the outcome's warnings and notes, each once,
// sorted: those of the first 100, where there are more. It is empty for nil.
func (o *Outcome) WarningCauses() []CauseKey {
	if o == nil {
		return nil
	}
	var causes []CauseKey
	for i := range o.Warnings {
		if len(causes) == MaxWarningCauses {
			break
		}
		if key := o.Warnings[i].CauseKey(); !slices.Contains(causes, key) {
			causes = append(causes, key)
		}
	}
	slices.Sort(causes)
	return causes
}

// ForHistory returns the outcome without Salesforce's own messages, which may
// quote the lead, and without before-images: itself where it has none. A Store keeps those on
// the lead's row only, never in its history.
func (o *Outcome) ForHistory() *Outcome {
	if !o.isPrivate() {
		return o
	}
	public := *o
	public.Err = o.Err.withoutMessage()
	public.Parts = slices.Clone(o.Parts)
	for i := range public.Parts {
		public.Parts[i].Err = public.Parts[i].Err.withoutMessage()
		public.Parts[i].Changes = nil
	}
	public.Earlier = nil
	public.Left = slices.Clone(o.Left)
	for i := range public.Left {
		public.Left[i] = public.Left[i].ForHistory()
	}
	return &public
}

// isPrivate reports whether the outcome has what its history must not have.
func (o *Outcome) isPrivate() bool {
	return o.Earlier != nil || o.Err.hasMessage() || slices.ContainsFunc(o.Left, (*Outcome).isPrivate) ||
		slices.ContainsFunc(o.Parts, func(p Part) bool { return len(p.Changes) > 0 || p.Err.hasMessage() })
}

// Rebound returns the outcome as a Store keeps it when its connection is bound to another
// org; see leadsync.Syncer.Rebind. It has nothing to do with the warning kind of that name,
// which is of a lead that is bound to another record. It lacks what is true of the org before only: the ids
// of records, the parts, the trace, the cause of the error and the options that its picklists lack. A warning says so.
func (o *Outcome) Rebound() *Outcome {
	bare := Outcome{LeadID: o.LeadID, EventID: o.EventID, Stage: o.Stage, Action: o.Action, RetryAt: o.RetryAt, At: o.At,
		Warnings: append(slices.Clone(o.Warnings), Warning{Kind: Dropped,
			Reason: "the connection was bound to another org, in which the lead was not synced"})}
	if o.Err != nil {
		err := *o.Err
		err.Err, err.User, err.Instance, err.Options = nil, "", "", nil
		bare.Err = &err
	}
	return &bare
}

// OnlyFailed returns the outcomes that failed, in their order.
func OnlyFailed(outcomes []*Outcome) []*Outcome {
	var failed []*Outcome
	for _, o := range outcomes {
		if o != nil && o.Stage == Failed {
			failed = append(failed, o)
		}
	}
	return failed
}
