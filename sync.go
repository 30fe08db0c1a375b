package leadsync

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/leadsync/leadsync/salesforce"
)

// A Client is what a Syncer needs of Salesforce. *salesforce.Client is one; a
// host or a test may bring its own. It must be safe for concurrent use and keep
// no argument. Its methods have the contract of salesforce.Client's.
type Client interface {
	Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error)
	Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error)
}

// An Identifier is a Client that knows which org and user it is connected as.
type Identifier interface {
	Identity(ctx context.Context) (org, user salesforce.ID, err error)
}

// A Syncer keeps one org in step with captured leads. It is safe for concurrent
// use.
type Syncer struct {
	client     Client
	cfg        Config // with every default filled in
	state      *runState
	set        *mappingSet // what goes where
	matcher    *matcher
	planner    *planner
	strategies map[string]Strategy
	sessions   *sessions
	looked     atomic.Pointer[Schema] // what the last Preflight saw
	pending    pending
	writer     *writer
	recaller   *recaller
	lateSinks  atomic.Int32 // calls of the Sink that were left behind
}

// New returns a Syncer for the org that client speaks to. cfg may be nil; it is
// copied. New makes no request. The error is a *Error that names the field of
// Config at fault, such as Config.BatchSize, or its path in the JSON of Settings,
// such as mapping.objects[0].rules[3].field.
func New(client Client, cfg *Config) (*Syncer, error) {
	if client == nil || holdsNil(client) {
		return nil, &Error{Op: "new", Code: RequiredFieldMissing, Fields: []string{"client"}, Reason: "the client is nil"}
	}
	if cfg == nil {
		cfg = new(Config)
	}
	if err := cfg.nilPointer(); err != nil {
		return nil, err
	}
	s := &Syncer{client: client, cfg: cfg.withDefaults()}
	s.cfg.Logger = s.cfg.Logger.With("connection", s.cfg.Connection)
	if err := s.cfg.validate(); err != nil {
		return nil, err
	}
	var err error
	if s.strategies, err = s.cfg.knownStrategies(); err != nil {
		return nil, err
	}
	s.set = s.cfg.mappingSet()
	s.sessions = newSessions(s.client, s.set, s.cfg.FallbackOwner, s.cfg.Now)
	s.matcher, s.planner = s.newMatcher(), s.newPlanner()
	s.writer, s.recaller = s.newWriter(), s.newRecaller()
	s.state = newRunState(s.cfg.Mode)
	return s, nil
}

func (s *Syncer) newWriter() *writer {
	return &writer{client: s.client, duplicates: s.cfg.Duplicates, owners: s.cfg.Owners,
		verifyAfter: s.cfg.VerifyAfter, session: s.sessions.current, pending: &s.pending, now: s.cfg.Now}
}

func (s *Syncer) newRecaller() *recaller {
	r := &recaller{store: s.cfg.Store, connection: s.cfg.Connection, pending: &s.pending,
		strategies: make(map[string]prober, len(s.strategies)), standard: s.cfg.Strategy.Name()}
	for name, strategy := range s.strategies {
		r.strategies[name] = strategy
	}
	return r
}

func (s *Syncer) newRunner() *runner {
	return &runner{store: s.cfg.Store, connection: s.cfg.Connection, batchSize: s.cfg.BatchSize,
		leaseTTL: s.cfg.LeaseTTL, poll: s.cfg.Poll, trace: s.cfg.Trace, logger: s.cfg.Logger, now: s.cfg.Now,
		newID: s.cfg.NewID, state: s.state,
		turn: s.turn, recall: s.recaller.recall, record: s.record, overBudget: s.overBudget}
}

func (s *Syncer) newMatcher() *matcher {
	m := &matcher{set: s.set, converted: s.cfg.Converted, ambiguous: s.cfg.Ambiguous, reader: s.client, now: s.cfg.Now,
		strategies: make(map[string]matchStrategy, len(s.strategies)), strategy: s.cfg.Strategy.Name()}
	for name, strategy := range s.strategies {
		m.strategies[name] = strategy
	}
	return m
}

func (s *Syncer) newPlanner() *planner {
	return &planner{set: s.set, owners: s.cfg.Owners, fallback: s.cfg.FallbackOwner, verifyAfter: s.cfg.VerifyAfter,
		pending: &s.pending, now: s.cfg.Now}
}

// Sync brings leads to Salesforce at once, without the Store: outcomes[i] is
// what became of leads[i]. A lead that is nil, has no id, or has the id of an
// earlier one in the call, fails alone. Sync is Plan and then Apply, except that
// Apply first reads again the records of a plan that the host has kept.
//
// The error is a *BatchError when some leads failed or wait. It is the
// context's own, or a *Error, when the connection stopped the sync: the outcomes
// then say how far each lead came. A create whose answer was lost leaves
// its lead with UNCERTAIN_WRITE in Pre-Sync: sync it again after
// Outcome.RetryAt. The Syncer remembers such creates, and other leads of the same
// person wait for them too, until the process ends; Capture and Run remember them
// in the Store.
func (s *Syncer) Sync(ctx context.Context, leads ...*Lead) ([]*Outcome, error) {
	outcomes := make([]*Outcome, len(leads))
	fit := s.admit("sync", leads, outcomes)
	var stopped error
	for batch := range slices.Chunk(fit, s.cfg.BatchSize) {
		if stopped == nil {
			stopped = s.syncFit(ctx, leads, batch, outcomes)
		}
		for _, i := range batch {
			if outcomes[i] == nil {
				outcomes[i] = unsyncedOutcome(leads[i], stopped, s.cfg.Now())
			}
		}
	}
	s.record(ctx, outcomes)
	if stopped != nil {
		return outcomes, stopped
	}
	return outcomes, batchError(outcomes)
}

// admit returns the indexes of the leads that are fit to be synced, and gives
// the others their outcome.
func (s *Syncer) admit(op string, leads []*Lead, outcomes []*Outcome) []int {
	var fit []int
	first := make(map[LeadID]bool, len(leads))
	for i, lead := range leads {
		if err := checkAmong(lead, first, op); err != nil {
			outcomes[i] = &Outcome{LeadID: err.LeadID, Stage: Failed, Err: err, At: s.cfg.Now()}
			if lead != nil {
				outcomes[i].EventID = lead.EventID
			}
			continue
		}
		first[lead.ID] = true
		fit = append(fit, i)
	}
	return fit
}

// checkAmong returns why a lead cannot be taken in a call that has taken leads with
// these ids.
func checkAmong(lead *Lead, taken map[LeadID]bool, op string) *Error {
	if err := lead.Check(); err != nil {
		return asOwn(op, err)
	}
	if taken[lead.ID] {
		return &Error{Op: op, LeadID: lead.ID, Code: DataValueValidation, Fields: []string{"id"},
			Reason: "an earlier lead of the call has the same id"}
	}
	return nil
}

func (s *Syncer) syncFit(ctx context.Context, leads []*Lead, batch []int, outcomes []*Outcome) error {
	items := make([]*item, len(batch))
	for k, i := range batch {
		items[k] = &item{lead: leads[i]}
	}
	results, err := s.syncBatch(ctx, items, nil)
	for k, res := range results {
		outcomes[batch[k]] = res.outcome
	}
	return err
}

// batchError gathers the failures of outcomes, nil when there is none.
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

// Plan says what Sync would write, and writes nothing. A lead that would fail
// is in the plan with its error. The error is the context's own, or a *Error
// when the lookup failed.
func (s *Syncer) Plan(ctx context.Context, leads ...*Lead) (*Plan, error) {
	refused := make([]*Outcome, len(leads))
	fit := s.admit("plan", leads, refused)
	plan := &Plan{At: s.cfg.Now(), Leads: make([]*LeadPlan, len(leads))}
	for i, out := range refused {
		if out != nil {
			plan.Leads[i] = &LeadPlan{LeadID: out.LeadID, Err: out.Err}
		}
	}
	if len(fit) == 0 {
		return plan, nil
	}
	// All at once, whatever Config.BatchSize: nothing is written in between, so two
	// batches with the same new person would both create it.
	items := make([]*item, len(fit))
	for k, i := range fit {
		items[k] = &item{lead: leads[i]}
	}
	found, err := s.match(ctx, items)
	if err != nil {
		return nil, err
	}
	all := s.planner.plan(found)
	plan.Changes, plan.Calls, plan.LookupCalls = all.Changes, all.Calls, all.LookupCalls
	for k, i := range fit {
		plan.Leads[i] = all.Leads[k]
	}
	return plan, nil
}

// Apply carries out a plan that the host has kept. It first reads the org again, for
// one API call, and refuses with STALE_REMOTE_RECORD the leads whose record has
// changed since it was planned or is gone, and those whose new person exists since,
// by the e-mail address; a change between that read and the write is not seen. It
// does not look again for other records that are to be created: only key fields
// prevent duplicates of them, so apply a plan soon, and once. The outcomes are in the
// order of the plan's leads; the error is as of Sync.
func (s *Syncer) Apply(ctx context.Context, plan *Plan) ([]*Outcome, error) {
	fresh, err := recheck(ctx, s.client, plan)
	if err != nil {
		return nil, err
	}
	items := make([]*item, len(fresh.Leads))
	for i := range items {
		items[i] = new(item)
	}
	written, err := s.writer.write(ctx, fresh, items, nil)
	if err != nil {
		return nil, err
	}
	outcomes := outcomesOf(written.settle(items))
	s.record(ctx, outcomes)
	if err := written.failure(); err != nil {
		return outcomes, err
	}
	return outcomes, batchError(outcomes)
}
