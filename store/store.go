// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// The errors of a Store.
var (
	// ErrLeaseHeld is returned by Acquire while another owner drains the
	// connection.
	ErrLeaseHeld = errors.New("leadsync: another process drains this connection")
	// ErrLeaseLost is returned when a lease that is no longer held is used.
	ErrLeaseLost = errors.New("leadsync: lease lost")
	// ErrInFlight is returned by Forget for a lead that is being synced.
	ErrInFlight = errors.New("leadsync: the lead is being synced")
	// ErrNoLead is returned by AddActivities for a lead that was never captured.
	ErrNoLead = errors.New("leadsync: the lead was not captured")
)

// A Store keeps captured leads until they are cleared, and what became of them.
// The row of a lead is its outbox: a lead is safe once Capture has returned.
//
// A Store serves any number of connections, each an org of its own, identified
// by name. It must be safe for concurrent use. It keeps no argument, and what
// it returns is the caller's. Each method is one transaction: it happens whole
// or not at all. A Store has its own clock, the database's where there is one, and
// keeps times to the microsecond or better. Clock skew between the Store and the
// hosts shifts retries and leadsync.Config.VerifyAfter by the same amount. It keeps
// leads and outcomes as their JSON: a number in leadtype.Lead.Custom comes back as a
// json.Number, so that no digit is lost. Package storetest checks an implementation.
//
// It also keeps each lead's history: a Step for every change, by whichever method.
// Claims and journals are not changes. Each change gives the connection a higher
// version, which is never given twice.
//
// A database with many writers can use the same tables as package store/sqlite, as
// store/postgres does: a row for each lead with its data, state and last outcome, one for
// each lease and for each record that is remembered, and a history that is only appended to.
// Where SQLite has one writer, it locks the lease's row in Acquire, Want, Claim, Journal,
// Settle and Release (SELECT ... FOR UPDATE), and skips the rows that others hold in Claim
// (FOR UPDATE SKIP LOCKED); captures are not blocked. Sequences and versions must become
// visible in order, so they are assigned under a lock. A notification of captured leads
// (LISTEN and NOTIFY) may wake a process sooner, and a job scheduler may call Drain; neither
// is required, as Run polls.
//
// What a Store cannot read again of a lead, such as a row that was damaged, concerns that
// lead only. Claim and List return it with what can be read, its id at least, and an
// Unreadable error; no other method fails for it. A re-capture replaces its data,
// and activities kept beside it that cannot be read; settling replaces the outcome and the
// intents. Forget removes it like any other.
//
// Errors are the database's own, the context's, ErrLeaseHeld, ErrLeaseLost,
// ErrInFlight and ErrNoLead, and a *leadtype.Error where a method says so. None of them
// holds a value of a lead.
type Store interface {
	// Capture adds leads, or replaces them by id. A new lead takes the state
	// that it comes with. For a lead that is there already:
	//   - its strategy stays what it was;
	//   - Merge decides what its data is then, and which activities are kept beside it;
	//     data that cannot be read is replaced;
	//   - nothing else happens when nothing comes out new, whatever its stage,
	//     unless it waits for enrichment and now takes another state, or the cause of its
	//     last outcome is UnreadableCause;
	//   - otherwise the new data replaces the old and the lead is in Pre-Sync
	//     with the state that Merge says and its attempts at zero, due as the capture
	//     says, or earlier where it was due earlier in that state; one that is in flight
	//     stays so, has the attempts at zero and its Since from now on, and takes that
	//     state when it is settled or its claim ends otherwise.
	// Of each lead Dated is kept. Intents and the last outcome survive a re-capture.
	// A lead that Suppressor.Of finds suppressed is refused: it is counted, and nothing
	// of it is kept. So is a new lead whose leadtype.LeadID.Folded is that of another one,
	// of this call or before. Leads that are there already stay, whatever their ids.
	Capture(ctx context.Context, connection string, leads []Captured) (CaptureReport, error)

	// AddActivities appends to a lead the activities that it does not have, as
	// leadtype.Lead.AddActivities does. They are kept beside its data, so that no capture
	// removes them, and come with every lead that the Store returns. When there
	// were any:
	//   - a lead that is cleared, and was not dismissed, is in Pre-Sync with the
	//     state, due at once, its attempts at zero;
	//   - one that is in flight stays so and takes the state when it is settled or
	//     its claim ends otherwise, unless a capture has given it one already;
	//   - any other stays where it is.
	// ErrNoLead, and nothing is kept, for a lead that the store does not have; that of
	// leadtype.CheckActivities when it would have too many, and that of Unreadable when it
	// is not known which it has.
	AddActivities(ctx context.Context, connection string, lead leadtype.LeadID, state State,
		activities []leadtype.Activity) error

	// Acquire takes the connection's lease for owner, a name that no one else
	// uses, until ttl from now, or renews it with the same epoch. An empty owner is
	// an error. While it is valid, other owners get ErrLeaseHeld. A
	// lease that passes to another owner, or that was released, comes with a
	// higher epoch, and the leads in flight under the old one are queued again.
	// Their intents may have been sent for as long as that lease lasted: an earlier
	// SentAt becomes its end, or the present if that is earlier. The same applies
	// wherever a claim ends without Settle.
	Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (Lease, error)

	// Want is Acquire for an owner that waits for its turn. While it gets ErrLeaseHeld, the
	// next lease is kept for it until WantFor from now, unless it is kept for another
	// already: until then no other owner gets a lease that was released or has run out, and
	// the holder sees Lease.Wanted when it renews its own. The owner calls Want again until
	// it has the lease, or gives up.
	Want(ctx context.Context, connection, owner string, ttl time.Duration) (Lease, error)

	// Claim moves up to limit due leads from queued to in flight under the
	// lease, in the order of their first capture, and returns them. A lead is
	// due when its RetryAt has passed, and so is one that waits for enrichment, unless
	// it has none. Each claim gives a lead a higher generation. ErrLeaseLost when the
	// lease has expired.
	Claim(ctx context.Context, lease Lease, limit int) ([]Claimed, error)

	// Journal records, before they are sent, the creates that are not safe to
	// repeat, and the updates with what they replace, for leads in flight under the lease. They
	// replace the lead's earlier intents. ErrLeaseLost, and nothing is recorded, when the
	// lease has expired or one of the leads is not in flight.
	Journal(ctx context.Context, lease Lease, intents map[leadtype.LeadID][]leadtype.Intent) error

	// Settle records what became of leads in flight, where the generation is
	// still the claim's; others are left untouched and returned as stale. It
	// works under a lease that has expired until another owner acquires it; after
	// that it changes nothing and returns ErrLeaseLost. The Records of the leads that
	// are settled are remembered in the same transaction, as Remember does.
	Settle(ctx context.Context, lease Lease, settlements []Settlement) (stale []leadtype.LeadID, err error)

	// Remember adds to what the connection remembers of records, one row a record: see
	// leadtype.RecordMemory.Merge. The records need not be those of leads in the store.
	Remember(ctx context.Context, connection string, records []leadtype.RecordMemory) error

	// Records returns what the connection remembers of the records with these ids, of 18
	// characters, without those that it does not know. It reads them with one statement.
	Records(ctx context.Context, connection string,
		ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error)

	// Push queues leads that match the filter, frozen, waiting, failed and cleared ones
	// alike, due at once and with their attempts at zero, and returns how many.
	// Leads in flight are left alone. What is asked for becomes the leadtype.Outcome.Ask of
	// their last outcomes, beside what earlier calls have asked for (leadtype.Ask.Join), where
	// leadtype.Outcome.Heeds says so. by is the Step.By of the steps.
	Push(ctx context.Context, connection string, filter Filter, by string, asks ...leadtype.Ask) (int, error)

	// List returns leads that match the filter in order of first capture, or with
	// Filter.Newest the other way round.
	List(ctx context.Context, connection string, filter Filter) ([]Entry, error)

	// Count counts the leads that match the filter, those of a count being alike in
	// stage and state, and in the action, code and cause of their last outcome. It
	// sees the leads as they are at one moment. After and Limit are ignored.
	Count(ctx context.Context, connection string, filter Filter) (Counts, error)

	// CountWarnings counts the leads that match the filter by leadtype.Outcome.WarningKinds of
	// their last outcome and, for each, by its WarningCauses, in order of the kind and of the
	// cause: a lead counts once for each. After and Limit are ignored.
	CountWarnings(ctx context.Context, connection string, filter Filter) ([]WarningCount, error)

	// CountEvents counts the leads that match the filter by event and stage, as they
	// are at one moment, in order of the event. After and Limit are ignored.
	CountEvents(ctx context.Context, connection string, filter Filter) ([]EventCount, error)

	// Resolve records what a person decided of failed leads: where a lead is still
	// failed and the generation is that of its last claim, the outcome replaces the
	// last one and its stage becomes the lead's. In Pre-Sync the lead is queued, due
	// at once, its attempts at zero. The other leads are left untouched and returned
	// as stale. Intents survive.
	Resolve(ctx context.Context, connection string, resolutions []Resolution) (stale []leadtype.LeadID, err error)

	// History returns the steps of a lead, the oldest first; none for a lead that
	// the store does not have. For an empty lead they are the connection's own.
	History(ctx context.Context, connection string, lead leadtype.LeadID) ([]Step, error)

	// Note adds a step to the histories of leads that the store has, with the stage, the state
	// and the generation that each has; of an empty lead to the connection's own. Of the step
	// Kind and By count, and Mode in the latter. It changes nothing else, but to Filter.Version the leads have
	// changed.
	Note(ctx context.Context, connection string, step Step, leads ...leadtype.LeadID) error

	// Prune removes the steps of the connection's history that are older than before,
	// but the last of each lead and the connection's own last one, and returns how many. It
	// may do so in several transactions, so that captures need not wait for all of it.
	Prune(ctx context.Context, connection string, before time.Time) (int, error)

	// Forget removes a lead with all that is kept of it, its history included, so
	// that nothing of it is left where the store keeps its data. What is remembered of
	// the records that it created, and of those in its outcomes and its journal, is removed
	// too. So are the values of these records in the last outcomes and the journals of other
	// leads, whose before-images may be what the lead had written: see
	// leadtype.Outcome.WithoutImages and leadtype.WithoutValues.
	// The sequence of a forgotten lead is not given to another. A lead that the store does
	// not have is forgotten already. ErrInFlight, and nothing is removed, while it, or a lead
	// of which something would be changed, is in flight under a lease that has not expired.
	//
	// With Suppress, the hashes of its id and of its Email are kept, and later captures
	// that Suppressor.Of finds by them are refused; of a lead that the store does not have
	// the id alone is suppressed.
	//
	// Of a lead that the store had, or that is suppressed, the connection's own history has a
	// StepForgotten with by, and nothing of the lead.
	Forget(ctx context.Context, connection string, lead leadtype.LeadID, by string, options ...ForgetOption) error

	// Unsuppress drops what Forget with Suppress has kept of the leads with this id or this
	// address, both hashes of each, and returns how many leads those were. An empty id or
	// address finds none. Where it finds some, the connection's own history has a
	// StepUnsuppressed with by, and nothing of the leads.
	Unsuppress(ctx context.Context, connection string, lead leadtype.LeadID, email, by string) (int, error)

	// Expire removes from outcomes that are older than before what
	// leadtype.Outcome.Expired leaves out, on the rows of leads and in their histories, and from
	// intents what leadtype.ExpireIntents does. It
	// does so for at most limit leads, those with the oldest first and those in flight
	// left out, and returns for how many. No lead changes by that.
	Expire(ctx context.Context, connection string, before time.Time, limit int) (int, error)

	// Bind binds the connection to an org, by its id of 18 characters, unless it is bound
	// already, and returns the org that it is bound to. An empty org only asks: the
	// connection may be bound to none. No other method asks for the org.
	Bind(ctx context.Context, connection string, org salesforce.ID) (bound salesforce.ID, err error)

	// Rebind binds the lease's connection to another org, ends the claims of the leads in
	// flight, and drops what is known of the org before: the RunState, all Records, the
	// intents of each lead, and of its last outcome what leadtype.Outcome.Rebound drops.
	// Stages and states stay. The connection's own history has a StepRebound, and so has that
	// of each lead that had any of this, with by. Nothing else happens when it is the org that
	// the connection is bound to. ErrLeaseLost when the lease has expired.
	Rebind(ctx context.Context, lease Lease, org salesforce.ID, by string) error

	// TakePlan records that a plan is being applied, by its id, and reports false when that
	// was recorded before. A Store may forget all but the last 10,000 of a connection.
	TakePlan(ctx context.Context, connection, plan string) (taken bool, err error)

	// ReturnPlan takes that back: nothing of the plan was sent. A plan that is not recorded
	// changes nothing.
	ReturnPlan(ctx context.Context, connection, plan string) error

	// Due returns how long it is, by the Store's clock, until the next lead can be
	// claimed: a queued one at its RetryAt, or at once without one; one in flight when
	// its lease expires; one that waits for enrichment at once when its RetryAt has
	// passed, and not before: enrichment may come first. It is never negative, and waits
	// is false when there is no such lead.
	Due(ctx context.Context, connection string) (wait time.Duration, waits bool, err error)

	// RunState returns what SetRunState kept last for the connection, nil before that:
	// what Run and Drain know about it and hand on to the next call, in whichever process,
	// such as why and until when nothing is sent.
	RunState(ctx context.Context, connection string) ([]byte, error)

	// SetRunState keeps such a text, of at most a few KB and without values of leads.
	// ErrLeaseLost, and nothing is kept, when the lease is not held any more.
	SetRunState(ctx context.Context, lease Lease, state []byte) error

	// Hasten makes the queued leads due at once that wait for nothing but the DueAt of
	// their capture, and returns how many. It is no change.
	Hasten(ctx context.Context, connection string) (int, error)

	// Release gives the lease back; leads still in flight under it are queued.
	// ErrLeaseLost when another owner has acquired it or it was released.
	Release(ctx context.Context, lease Lease) error
}

// A State says where in Pre-Sync a lead is. It is empty in the other stages.
type State string

// The states.
const (
	// StateQueued waits for its turn, or for RetryAt.
	StateQueued State = "queued"
	// StateFrozen waits for a push.
	StateFrozen State = "frozen"
	// StateWaiting waits to be captured again, enriched, or for RetryAt.
	StateWaiting State = "waiting"
	// StateInFlight is being synced.
	StateInFlight State = "in-flight"
)

// A Captured is a lead to be stored and the state to store it in: queued,
// frozen or waiting.
type Captured struct {
	Lead  *leadtype.Lead
	State State
	// DueAt is when the lead can be claimed if it is queued, zero for at once; and when
	// it can be claimed though it still waits for enrichment, zero for never.
	DueAt time.Time
	// Then is the state instead of waiting, queued or frozen, for a lead that is enriched
	// after all, by an earlier capture. Empty means queued.
	Then State
	// Force takes the lead whole, though the store has newer or enriched data.
	Force bool
	// Consents are where leads say an opt-out or a consent, which a capture does not take
	// back: see Merge. A Store must not change them.
	Consents []leadtype.ConsentSource
}

// A CaptureReport says what was done with captured leads.
type CaptureReport struct {
	// New, Replaced, Same and Stale count the leads, each in one of them. A lead that
	// waited for enrichment and is released is replaced, whatever its data. Stale are
	// those that were older than what the store has, or not enriched where that is: of
	// them only what was unknown was taken, if anything. See Merge.
	New      int `json:"new"`
	Replaced int `json:"replaced"`
	Same     int `json:"same"`
	Stale    int `json:"stale,omitempty"`
	// Suppressed counts the leads that were refused because they were forgotten with
	// Suppress, and SuppressedAt has their indexes in the call.
	Suppressed   int   `json:"suppressed,omitempty"`
	SuppressedAt []int `json:"suppressedAt,omitempty"`
	// Alike are the leads that were refused because their id is that of another lead but for
	// what leadtype.LeadID.Folded leaves out: by index in the call, with the id of the other.
	Alike map[int]leadtype.LeadID `json:"alike,omitempty"`
	// FullAt are the indexes of those that were refused because of Merged.Full.
	FullAt []int `json:"fullAt,omitempty"`
	// Strategies are, for each event of the captured leads, the strategies that
	// its leads in the store carry, sorted.
	Strategies map[string][]string `json:"strategies,omitempty"`
	// Warnings are about events whose leads carry several strategies, so that
	// one campaign may have both Leads and Contacts. A Store leaves them to
	// leadsync.Syncer.Capture. They have no Code: nothing failed.
	Warnings []leadtype.Warning `json:"warnings,omitempty"`
}

// A CaptureFunc stores leads of a connection as Store.Capture does: by method CaptureTx of package
// store/postgres in a transaction of the host, for example.
type CaptureFunc func(ctx context.Context, connection string, leads []Captured) (CaptureReport, error)

// A Lease is the right to drain a connection.
type Lease struct {
	Connection string
	Owner      string
	// Epoch is higher than that of every earlier lease of the connection. Renewing keeps it.
	Epoch int64
	// Until is when it expires, by the Store's clock.
	Until time.Time
	// Wanted says, in what Acquire and Want return, that the next lease is kept for an
	// owner that waits.
	Wanted bool
}

// WantFor is how long the next lease of a connection is kept for an owner that waits and
// does not ask again.
const WantFor = 3 * time.Second

// A Claimed is a lead in flight.
type Claimed struct {
	Lead *leadtype.Lead
	// Generation identifies the claim among those of the lead: Settle takes it back.
	Generation int64
	// Attempts counts the claims since the lead was captured or pushed, this
	// one included, without those given back.
	Attempts int
	// Waited says that the lead was waiting for enrichment until its RetryAt passed. It
	// remains true until the lead is captured with other data, pushed or settled with an
	// outcome.
	Waited bool
	// Since is the lead's Entry.Since: when it was captured or pushed last.
	Since time.Time
	// Intents are creates and updates that were journalled and not settled.
	Intents []leadtype.Intent
	// Last is the previous outcome, nil at first.
	Last *leadtype.Outcome
	// Unreadable is why the lead cannot be synced, nil when all of it can be read. What
	// cannot be read is missing in the other fields. See the function Unreadable.
	Unreadable *leadtype.Error
}

// A Settlement is what became of a lead in flight.
type Settlement struct {
	LeadID leadtype.LeadID
	// Generation is the claim's.
	Generation int64
	// Outcome's stage becomes the lead's. In Pre-Sync the lead is queued until
	// RetryAt, and frozen without one. A nil Outcome means that the lead was not
	// synced: it is queued, due at once, and keeps its last outcome.
	Outcome *leadtype.Outcome
	// Intents are those still unsettled.
	Intents []leadtype.Intent
	// Free gives the claim's attempt back: the lead was not at fault.
	Free bool
	// Records are what is to be remembered of the person and the account that the lead
	// was synced with.
	Records []leadtype.RecordMemory
}

// Counts are the leads of a connection, counted at one moment.
type Counts struct {
	// Version is the connection's at that moment, for Filter.Version.
	Version int64
	Groups  []Count
}

// A Count is leads that are alike.
type Count struct {
	Stage  leadtype.Stage
	State  State
	Action leadtype.Action   // of the last outcome, as are Code and Cause
	Code   leadtype.Code     // leadtype.Outcome.Code
	Cause  leadtype.CauseKey // leadtype.Outcome.CauseKey
	Leads  int
	// Oldest is the one of them with the earliest Entry.Since, which is Since; any
	// of those where there are several.
	Oldest leadtype.LeadID
	Since  time.Time
	// Sample is the last outcome of that lead, nil before the first.
	Sample *leadtype.Outcome
}

// An EventCount is the leads of one event.
type EventCount struct {
	Event  string                 `json:"event"`
	Stages map[leadtype.Stage]int `json:"stages"` // those with a lead
}

// A Resolution is what a person decided of a failed lead.
type Resolution struct {
	LeadID leadtype.LeadID
	// Generation is that of the Entry by which the person decided.
	Generation int64
	// By is the Step.By of its step.
	By string
	// Outcome is never nil. Its stage is PreSync or Cleared.
	Outcome *leadtype.Outcome
}
