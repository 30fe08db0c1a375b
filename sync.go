// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/leadsync/leadsync/internal/check"
	"github.com/leadsync/leadsync/internal/drain"
	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/plan"
	"github.com/leadsync/leadsync/internal/undo"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/preflight"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A Client reads and writes records of one org. *salesforce.Client is one; a host or a
// test may bring its own. It must be safe for concurrent use and keep no argument. Its
// methods have the contract of salesforce.Client's.
type Client interface {
	Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error)
	Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error)
}

// An Identifier is a Client that knows which org and user it is connected as, without a
// request. *salesforce.Client is one. The org of a Client that is none is read with each
// session, and Preflight checks less.
type Identifier interface {
	Identity(ctx context.Context) (org, user salesforce.ID, err error)
}

// A Meter is a Client that knows how many of the org's API calls of 24 hours are used, as
// Config.APIBudget and Health need it. *salesforce.Client is one. See [leadtype.Meter].
type Meter = leadtype.Meter

// A Syncer keeps one org in sync with captured leads. It is safe for concurrent use: see
// Sync for what waits for what.
type Syncer struct {
	client   Client
	cfg      Config        // with every default filled in
	set      *mapping.Set  // what goes where, by cfg
	sessions *org.Sessions // what is known of the org
	memory   *write.Memory
	pipeline *pipeline
	runner   *drain.Runner
	gatherer *drain.Gatherer
	recorder *drain.Recorder
	leased   bool                              // work on the connection takes turns for the Store's lease
	by       string                            // who decides, see By
	looked   *atomic.Pointer[preflight.Schema] // what the last Preflight saw
}

// New returns a Syncer for the org that client is connected to. cfg may be nil; it is
// copied. New makes no request. The error is a *Error that names the field of Config at
// fault, such as Config.BatchSize, or its path in the JSON of Settings, such as
// mapping.objects[0].rules[3].field.
func New(client Client, cfg *Config) (*Syncer, error) {
	if client == nil || holdsNil(client) {
		return nil, &Error{Op: "new", Code: RequiredFieldMissing, Fields: []string{"client"}, Reason: "the client is nil"}
	}
	if cfg == nil {
		cfg = new(Config)
	}
	full, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	strategies, name, err := full.knownStrategies()
	if err != nil {
		return nil, err
	}
	return newSyncer(client, full, strategies, name, cfg.Store != nil), nil
}

// newSyncer gives each stage what it needs of a complete configuration. shared says that
// other processes may use the Store.
func newSyncer(client Client, cfg Config, strategies map[string]match.Strategy, strategy string,
	shared bool) *Syncer {
	set := cfg.mappingSet()
	sessions := org.NewSessions(client, set, cfg.FallbackOwner, cfg.Now)
	sessions.Bind = func(ctx context.Context, org salesforce.ID) (salesforce.ID, error) {
		return cfg.Store.Bind(ctx, cfg.Connection, org)
	}
	pending := new(write.Pending)
	memory := &write.Memory{Store: cfg.Store, Connection: cfg.Connection, Pending: pending, Shared: shared}
	matcher := &match.Matcher{Set: set, Strategies: strategies, Default: strategy,
		Converted: cfg.Converted, OtherPerson: cfg.OtherPerson, Ambiguous: cfg.Ambiguous, Reader: client,
		Sessions: sessions, Memory: memory, Pending: pending, Now: cfg.Now, Logger: cfg.Logger}
	planner := &plan.Planner{Set: set, Owners: cfg.Owners, OtherPerson: cfg.OtherPerson, PersonLeads: cfg.PersonLeads,
		Fallback: cfg.FallbackOwner, AutoAssign: cfg.AutoAssign, VerifyAfter: cfg.VerifyAfter, Pending: pending, Now: cfg.Now}
	writer := &write.Writer{Client: client, BulkAbove: cfg.BulkAbove, Set: set, Duplicates: cfg.Duplicates,
		Owners: cfg.Owners, VerifyAfter: cfg.VerifyAfter, Session: sessions.Current, ReadOrg: sessions.Session,
		Username: sessions.Username, Pending: pending, Memory: memory, Now: cfg.Now}
	recaller := &write.Recaller{Store: cfg.Store, Connection: cfg.Connection, Probes: matcher.Probes, Clean: set.Clean,
		Pending: pending}
	meter, _ := client.(Meter)
	s := &Syncer{client: client, cfg: cfg, set: set, sessions: sessions, memory: memory, leased: shared,
		looked: new(atomic.Pointer[preflight.Schema]),
		pipeline: &pipeline{client: client, sessions: sessions, matcher: matcher, planner: planner, writer: writer,
			trace: cfg.Trace, now: cfg.Now},
		recorder: &drain.Recorder{Sink: cfg.Sink, Trace: cfg.Trace, Timeout: cfg.SinkTimeout, Logger: cfg.Logger,
			Now: cfg.Now}}
	s.gatherer = &drain.Gatherer{Window: cfg.Gather, BatchSize: cfg.BatchSize, Meter: meter, Now: cfg.Now}
	s.runner = &drain.Runner{Store: cfg.Store, Connection: cfg.Connection, BatchSize: cfg.BatchSize,
		LeaseTTL: cfg.LeaseTTL, Poll: cfg.Poll, VerifyAfter: cfg.VerifyAfter, WaitForEnrichment: cfg.WaitForEnrichment,
		Jobs: drain.NewJobs(client, writer.ClaimedTogether), Trace: cfg.Trace, Logger: cfg.Logger, Now: cfg.Now,
		Expiry: &drain.Expiry{Store: cfg.Store, Connection: cfg.Connection, KeepBefore: cfg.KeepBefore, Logger: cfg.Logger,
			Now: cfg.Now},
		State: drain.NewRunState(cfg.Mode), Budget: drain.Budget{Meter: meter, Share: cfg.APIBudget},
		Schema: schemaFunc(&plan.Schema{Set: set, Session: sessions.Current}),
		Turn:   s.pipeline.turn, Look: sessions.Look, Recall: recaller.Recall, Told: memory.Told,
		Record: s.recorder.Record, NewID: cfg.NewID}
	return s
}

// schemaFunc returns what a Runner asks for changes by which owed values may fit.
func schemaFunc(schema *plan.Schema) drain.SchemaFunc {
	return func() (string, func([]leadtype.OwedValue) bool) {
		now := schema.Current()
		if now == nil {
			return "", nil
		}
		return now.All(), now.HaveChanged
	}
}

// Sync syncs leads at once, without the Store: outcomes[i] is what became of
// leads[i]. A lead that is nil, has no id, or has the id of an earlier one in the
// call, fails alone. Sync is Plan and then Apply, except that
// Apply first reads again the records of a plan that the host has kept.
//
// Syncs of one process that may concern the same people or companies of an org take turns,
// in the order of their calls: with each other, with Run, Apply and Revert, of whichever
// Syncer. What counts is the lead's id, the values that its strategy probes, its name where
// it has no e-mail address, and its company where accounts are created. Others run side by
// side.
//
// Where Config.Store is set, Sync keeps no lead there, but batches of the connection that are synced
// by this process and others take turns, one at a time, for the Store's lease: Run gives it back
// between batches and when nothing is due. Processes without a common Store do not know of each
// other, and may create the same record twice when they sync at the same moment. Key fields prevent
// that for a lead id and for a company, and not for two leads of one person.
//
// When ctx ends while Sync waits for its turn, the leads are in Pre-Sync with
// BATCH_COLLATERAL, and nothing was written. A Sink or a hook that calls Sync must pass the
// context that it was given: another one waits for the batch that waits for the Sink.
//
// The error is a *BatchError when some leads failed or wait. It is the
// context's own, or a *Error, when the connection stopped the sync: the outcomes
// then say how far each lead came. A create whose response was lost leaves
// its lead with UNCERTAIN_WRITE in Pre-Sync: sync it again after
// Outcome.RetryAt. The Syncer remembers such creates, and other leads of the same person
// wait for them too, until the process ends; Capture and Run remember them in the Store.
//
// The Syncer also remembers the record of each of the 10,000 leads that it synced last, so that one
// without an e-mail address, an id or a key is found again when its data changes, and what is done
// of it, as for captured leads: parts are left alone until the lead or its rows change, and
// activities are logged once, also when a correction gives the lead another record. Another process
// cannot: the first such outcome has a NotIdentifiable warning.
func (s *Syncer) Sync(ctx context.Context, leads ...*Lead) ([]*Outcome, error) {
	outcomes := make([]*Outcome, len(leads))
	fit, indexes, refused := admit("sync", leads, s.cfg.Now())
	for i, err := range refused {
		outcomes[i] = &Outcome{LeadID: err.LeadID, Stage: Failed, Err: err, At: s.cfg.Now()}
		if leads[i] != nil {
			outcomes[i].EventID = leads[i].EventID
		}
	}
	stopped := s.syncAll(ctx, fit)
	for k, it := range fit {
		outcomes[indexes[k]] = it.Outcome
	}
	s.recorder.RecordFrom(ctx, drain.FromSync, outcomes)
	if stopped != nil {
		return outcomes, stopped
	}
	return outcomes, batchError(outcomes)
}

// syncAll syncs items in batches, and settles them all. The error is what stopped it.
func (s *Syncer) syncAll(ctx context.Context, items []*match.Item) (stopped error) {
	for batch := range slices.Chunk(items, s.pipeline.writer.Together(ctx, len(items), s.cfg.BatchSize)) {
		if stopped == nil {
			stopped = s.underLease(ctx, "sync", func(ctx context.Context) error {
				defer s.remember(ctx, batch)
				return s.pipeline.sync(ctx, batch, nil)
			})
			stopped = ownError(ctx, "sync", stopped)
		}
		for _, it := range batch {
			if it.Outcome == nil {
				it.Outcome = write.UnsyncedOutcome(it.Lead, stopped, s.cfg.Now())
			}
		}
	}
	return stopped
}

// ownError returns the context's own error or a *Error of a sync without the Store: the
// memory of records may have failed.
func ownError(ctx context.Context, op string, err error) error {
	var own *Error
	if err == nil || errors.As(err, &own) || verdict.ContextError(err) != nil {
		return err
	}
	return verdict.StoreError(ctx, op, err)
}

// remember tells a Store that the host shares with others which lead created which record.
func (s *Syncer) remember(ctx context.Context, items []*match.Item) {
	if !s.leased {
		return
	}
	var records []leadtype.RecordMemory
	for _, it := range items {
		records = append(records, it.Records...)
	}
	leadtype.InOrder(records)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.SinkTimeout)
	defer cancel()
	if err := s.memory.Tell(ctx, records); err != nil {
		s.cfg.Logger.WarnContext(ctx, "leadsync: the records of a sync were not remembered",
			"records", len(records), "error", err)
	}
}

// underLease calls do while no other process works on the connection, where it has a
// Store in which others could.
func (s *Syncer) underLease(ctx context.Context, op string, do func(ctx context.Context) error) error {
	if !s.leased {
		return do(ctx)
	}
	return s.runner.Guest(ctx, op, do)
}

// admit returns the leads that are fit to be synced, with their indexes, and by index why
// the others are not.
func admit(op string, leads []*Lead, now time.Time) (fit []*match.Item, indexes []int, refused map[int]*Error) {
	refused = make(map[int]*Error)
	taken := make(map[LeadID]bool, len(leads))
	items := make([]match.Item, len(leads))
	fit, indexes = make([]*match.Item, 0, len(leads)), make([]int, 0, len(leads))
	for i, lead := range leads {
		if err := checkAmong(lead, taken, op); err != nil {
			refused[i] = err
			continue
		}
		taken[lead.ID] = true
		items[i].Lead = store.Dated(lead, now)
		fit, indexes = append(fit, &items[i]), append(indexes, i)
	}
	return fit, indexes, refused
}

// checkAmong returns why a lead cannot be taken in a call that has taken leads with
// these ids.
func checkAmong(lead *Lead, taken map[LeadID]bool, op string) *Error {
	if err := lead.Check(); err != nil {
		return verdict.AsOwn(op, err)
	}
	if taken[lead.ID] {
		return &Error{Op: op, LeadID: lead.ID, Code: DataValueValidation, Fields: []string{"id"},
			Reason: "an earlier lead of the call has the same id"}
	}
	return nil
}

// batchError returns the failures of outcomes, nil when there is none.
func batchError(outcomes []*Outcome) error {
	failed := make(map[int]error)
	for i, out := range outcomes {
		if out.Err != nil {
			failed[i] = out.Err
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &BatchError{Failed: failed}
}

// A Plan is what Sync would write, field by field: for a dry run, or for Syncer.Apply. See
// [leadtype.Plan].
type Plan = leadtype.Plan

// Plan says what Sync would write, and writes nothing. A lead that would fail
// is in the plan with its error. The error is the context's own, or a *Error
// when the lookup failed.
func (s *Syncer) Plan(ctx context.Context, leads ...*Lead) (*Plan, error) {
	planned := &Plan{ID: s.cfg.NewID(), At: s.cfg.Now(), Leads: make([]*leadtype.LeadPlan, len(leads))}
	fit, indexes, refused := admit("plan", leads, s.cfg.Now())
	for i, err := range refused {
		planned.Leads[i] = &leadtype.LeadPlan{LeadID: err.LeadID, Err: err}
	}
	if len(fit) == 0 {
		return planned, nil
	}
	// All at once, whatever Config.BatchSize: nothing is written in between, so two
	// batches with the same new person would both create it.
	batch, err := s.pipeline.plan(ctx, fit)
	if err != nil {
		return nil, ownError(ctx, "plan", err)
	}
	planned.Changes, planned.LookupCalls = batch.Changes, batch.LookupCalls
	planned.Calls = s.pipeline.writer.Calls(batch)
	for k, i := range indexes {
		planned.Leads[i] = batch.Leads[k]
	}
	return planned, nil
}

// Apply carries out a plan that the host has kept. It first reads the org again, for
// one API call, and refuses with STALE_REMOTE_RECORD the leads whose record has
// changed since it was planned or is gone, and those whose new person exists since,
// by the e-mail address; a change between that read and the write is not seen. It does not look
// again for other records that are to be created: only key fields prevent duplicates of them, so
// apply a plan soon. A Syncer that has not read the org does when a value is refused that may be
// left out. It takes its turn as Sync does.
//
// A plan is carried out once: its id is kept in the Store, for the last 10,000 plans of
// the connection. Applying it again, from here or from its JSON, is STALE_REMOTE_RECORD
// with the field id, and makes no call; plan the leads again for what is left. When the
// error says that nothing was sent, it may be applied again. With the Store in memory
// that is the default, only this Syncer knows.
//
// The outcomes are in the order of the plan's leads; the error is as of Sync.
func (s *Syncer) Apply(ctx context.Context, plan *Plan) ([]*Outcome, error) {
	if err := s.sessions.Confirm(ctx); err != nil {
		return nil, err
	}
	id, err := write.CheckPlan(plan)
	if err != nil {
		return nil, err
	}
	taken, err := s.cfg.Store.TakePlan(ctx, s.cfg.Connection, id)
	switch {
	case err != nil:
		return nil, verdict.StoreError(ctx, "apply", err)
	case !taken:
		return nil, &Error{Op: "apply", Code: StaleRemoteRecord, Fields: []string{"id"},
			Reason: "the plan was applied before; plan the leads again"}
	}
	var items []*match.Item
	stopped := s.underLease(ctx, "apply", func(ctx context.Context) error {
		return s.pipeline.inTurn(ctx, write.TurnKeys(plan), func() (err error) {
			items, err = s.pipeline.apply(ctx, plan)
			s.remember(ctx, items)
			return err
		})
	})
	if items == nil {
		// Nothing was sent. If this fails too, the plan just has to be made again.
		_ = s.cfg.Store.ReturnPlan(context.WithoutCancel(ctx), s.cfg.Connection, id)
		return nil, stopped
	}
	outcomes := write.OutcomesOf(items)
	s.recorder.RecordFrom(ctx, drain.FromSync, outcomes)
	if stopped != nil {
		return outcomes, stopped
	}
	return outcomes, batchError(outcomes)
}

// Preflight checks the org and the Config against each other before leads are synced, with one
// API call as a rule; unchanged describes are not sent again. A second asks for lead statuses
// where the mapping fills Lead.Status, for sharing where the user lacks View All Data, and for
// what a queue as Config.FallbackOwner takes. asks are what else to look at, for one call each.
// The next syncs use what it reads. Run it before going live, after a change of the org or the
// mapping, and on a schedule: it finds what changed in the org since the last one, which is
// this Syncer's, or else Config.LastSchema.
//
// The error is the context's own, or a *Error when the org or the Store could not
// be asked: AUTHENTICATION and the like. Anything else wrong is a Finding.
func (s *Syncer) Preflight(ctx context.Context, asks ...preflight.Ask) (*preflight.Report, error) {
	ctx, before := leadtype.WithConnection(ctx, s.cfg.Connection), org.Usage(s.client).Calls
	known, err := s.sessions.Refresh(ctx)
	if err != nil {
		return nil, err
	}
	extra, err := s.sessions.Extra(ctx, known, check.AskFor(s.set, asks))
	if err != nil {
		return nil, err
	}
	report, err := check.Run(ctx, &check.Input{
		Session: known, Extra: extra, Usage: org.Usage(s.client), Set: s.set, Owner: s.cfg.FallbackOwner,
		AutoAssign: s.cfg.AutoAssign, PersonLeads: s.cfg.PersonLeads, Converted: s.cfg.Converted,
		Strategy:   s.pipeline.matcher.Default,
		Strategies: slices.Collect(maps.Keys(s.pipeline.matcher.Strategies)), Last: cmp.Or(s.looked.Load(), s.cfg.LastSchema),
		Store: s.cfg.Store, Connection: s.cfg.Connection, Advisor: s.cfg.Advisor,
	})
	if err != nil {
		return nil, err
	}
	report.Calls = org.Usage(s.client).Calls - before
	s.looked.Store(report.Schema)
	return report, nil
}

// Revert undoes what syncs have done. outcomes are theirs, in any order: those
// that Sync and Apply return or that the Sink was given, kept as JSON or not.
// What several of them did to one record is undone last first. What a sync lists as Left,
// because the lead was corrected, is undone with it, and alone when Left is passed.
//
// A field gets the value that it had before where it still holds what was
// written; one that has been changed since is left alone and listed, and so
// is a record that was merged away, or that is gone and was not the run's. A
// created record counts as changed when its SystemModstamp is over a minute past
// the last of outcomes that touched it, which leaves the org's own automation its
// time. A second Revert changes nothing.
//
// It spends one reading of the records, with Delete one more of what others have given
// to those that would be deleted (one call for five kinds of it, as a rule one or two),
// and one call of the writes, which with Delete is one for each level of children. A
// change in the moment between is not seen. The outcomes of the leads stay what they were,
// and the Store remembers of the records that they were reverted: a lead that is pushed,
// captured or synced again is written again, but for Tasks that were deleted, which count as
// logged. Its History has a Step. It takes its turn as Sync does.
//
// The error is the context's own, or a *Error, when the connection stopped the
// work: without a report nothing was written; with one, it says how far Revert
// came. Records that could not be reverted are in the report's Left.
func (s *Syncer) Revert(ctx context.Context, outcomes []*Outcome, opts revert.Options) (report *revert.Report,
	err error) {
	if err := verdict.OfPerson("revert", s.by); err != nil {
		return nil, err
	}
	ctx = leadtype.WithConnection(ctx, s.cfg.Connection)
	undoer := &undo.Undoer{Client: s.client, Sessions: s.sessions, Set: s.set, Duplicates: s.cfg.Duplicates,
		Memory: s.memory, Logger: s.cfg.Logger, Now: s.cfg.Now,
		Note: func(ctx context.Context, leads []LeadID) error {
			return s.cfg.Store.Note(ctx, s.cfg.Connection, store.Step{Kind: store.StepReverted, By: s.by}, leads...)
		}}
	err = s.underLease(ctx, "revert", func(ctx context.Context) error {
		return s.pipeline.inTurn(ctx, undo.TurnKeys(outcomes), func() (err error) {
			report, err = undoer.Revert(ctx, outcomes, opts)
			return err
		})
	})
	return report, err
}
