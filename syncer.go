package leadsync

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A Syncer keeps one org in step with captured leads. It is safe for concurrent
// use.
type Syncer struct {
	client         Client
	cfg            Config // with every default filled in
	state          runState
	strategies     map[string]Strategy
	memberMappings map[*CampaignLink]Mapper
	cache          sessionCache
	reps           reps
}

// New returns a Syncer for the org that client speaks to. cfg may be nil; it is
// copied. New makes no request. The error is a *Error that names the field of
// Config at fault.
func New(client Client, cfg *Config) (*Syncer, error) {
	if client == nil {
		return nil, &Error{Op: "new", Code: RequiredFieldMissing, Fields: []string{"client"}, Reason: "the client is nil"}
	}
	if cfg == nil {
		cfg = new(Config)
	}
	s := &Syncer{client: client, cfg: cfg.withDefaults()}
	if err := s.cfg.validate(); err != nil {
		return nil, err
	}
	var err error
	if s.strategies, err = s.cfg.knownStrategies(); err != nil {
		return nil, err
	}
	s.memberMappings = make(map[*CampaignLink]Mapper, len(s.cfg.Campaigns))
	for i := range s.cfg.Campaigns {
		link := &s.cfg.Campaigns[i]
		s.memberMappings[link] = link.mapping(s.cfg.Transforms)
	}
	return s, nil
}

// withDefaults returns a copy of the configuration with every default filled
// in.
func (c *Config) withDefaults() Config {
	d := *c
	d.Strategies, d.Qualifiers, d.Campaigns = slices.Clone(c.Strategies), slices.Clone(c.Qualifiers), slices.Clone(c.Campaigns)
	if d.Strategy == nil {
		d.Strategy = LeadsAndContacts
	}
	if d.Mapper == nil {
		d.Mapper = DefaultMapping()
	}
	if m, ok := d.Mapper.(*Mapping); ok {
		d.Mapper = m.with(d.Transforms)
	}
	setDefault(&d.Converted, Follow)
	setDefault(&d.Ambiguous, TakeBest)
	setDefault(&d.Connection, "default")
	setDefault(&d.Mode, Automatic)
	setDefault(&d.BatchSize, 1000)
	setDefault(&d.VerifyAfter, 10*time.Minute)
	setDefault(&d.LeaseTTL, 5*time.Minute)
	setDefault(&d.Poll, time.Second)
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Store == nil {
		d.Store = NewMemoryStore(d.Now)
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.NewID == nil {
		d.NewID = rand.Text
	}
	return d
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// validate names the first field whose value cannot work.
func (c *Config) validate() error {
	switch {
	case c.BatchSize < 0 || c.BatchSize > 2000:
		return configError("BatchSize", "must be between 1 and 2000")
	case c.VerifyAfter < 0:
		return configError("VerifyAfter", "must not be negative")
	case c.LeaseTTL < 10*time.Second:
		return configError("LeaseTTL", "must be at least 10 seconds")
	case c.Poll < 0:
		return configError("Poll", "must not be negative")
	case !slices.Contains([]Mode{Automatic, Manual, Disabled}, c.Mode):
		return configError("Mode", "must be automatic, manual or disabled")
	case !slices.Contains([]ConvertedPolicy{Follow, NewLead, HoldConverted}, c.Converted):
		return configError("Converted", "must be follow, new-lead or hold")
	case !slices.Contains([]AmbiguityPolicy{TakeBest, HoldAmbiguous}, c.Ambiguous):
		return configError("Ambiguous", "must be take-best or hold")
	}
	for i, link := range c.Campaigns {
		if _, err := salesforce.ParseID(string(link.CampaignID)); err != nil {
			return configError(fmt.Sprintf("Campaigns[%d].CampaignID", i), "is not the id of a record")
		}
	}
	if m, ok := c.Mapper.(*Mapping); ok {
		if issues := m.Validate(nil); len(issues) > 0 {
			return configError("Mapper."+issues[0].Path, issues[0].Reason)
		}
	}
	if issues := checkQualifiers(c.Qualifiers); len(issues) > 0 {
		return configError("Qualifiers"+issues[0].Path, issues[0].Reason)
	}
	return nil
}

func configError(field, reason string) error {
	return &Error{Op: "new", Code: DataValueValidation, Fields: []string{"Config." + field}, Reason: reason}
}

// knownStrategies returns every strategy that a lead may name.
func (c *Config) knownStrategies() (map[string]Strategy, error) {
	known := make(map[string]Strategy)
	for _, s := range []Strategy{LeadsAndContacts, LeadsOnly, AccountsAndContacts} {
		known[s.Name()] = s
	}
	for i, s := range append(slices.Clone(c.Strategies), c.Strategy) {
		field := fmt.Sprintf("Strategies[%d]", i)
		if i == len(c.Strategies) {
			field = "Strategy"
		}
		switch {
		case s == nil:
			return nil, configError(field, "is nil")
		case s.Name() == "":
			return nil, configError(field, "has no name")
		case known[s.Name()] != nil && known[s.Name()] != s:
			return nil, configError(field, "has the name of another strategy")
		}
		known[s.Name()] = s
	}
	return known, nil
}

// Sync brings leads to Salesforce at once, without the Store: outcomes[i] is
// what became of leads[i]. A lead that is nil, has no id, or has the id of an
// earlier one in the call, fails alone. Sync is Plan and then Apply, without
// the look back that Apply takes at a plan which the host has kept.
//
// The error is a *BatchError when some leads failed or wait. It is the
// context's own, or a *Error, when the connection stopped the work: outcomes
// then say for each lead how far it came. A create whose answer was lost leaves
// its lead with UNCERTAIN_WRITE in Pre-Sync; without a Store nothing remembers
// it, so sync such a lead again only after Outcome.RetryAt, or use Capture and
// Run.
func (s *Syncer) Sync(ctx context.Context, leads ...*Lead) ([]*Outcome, error) {
	outcomes := make([]*Outcome, len(leads))
	fit := s.admit(leads, outcomes)
	var stopped error
	for batch := range slices.Chunk(fit, s.cfg.BatchSize) {
		if stopped == nil {
			stopped = s.syncFit(ctx, leads, batch, outcomes)
		}
		for _, i := range batch {
			if outcomes[i] == nil {
				outcomes[i] = s.unsynced(leads[i], stopped)
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
func (s *Syncer) admit(leads []*Lead, outcomes []*Outcome) []int {
	var fit []int
	first := make(map[LeadID]bool, len(leads))
	for i, lead := range leads {
		err := lead.check()
		if err == nil && first[lead.ID] {
			err = &Error{LeadID: lead.ID, Code: DataValueValidation, Fields: []string{"id"}, Reason: "an earlier lead of the call has the same id"}
		}
		if err != nil {
			outcomes[i] = &Outcome{LeadID: err.LeadID, Stage: Failed, Err: err, At: s.cfg.Now()}
			continue
		}
		first[lead.ID] = true
		fit = append(fit, i)
	}
	return fit
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

// unsynced is the outcome of a lead that the work did not reach.
func (s *Syncer) unsynced(lead *Lead, cause error) *Outcome {
	err := asOwn("sync", cause)
	err.LeadID = lead.ID
	if errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
		err = &Error{Op: "sync", LeadID: lead.ID, Code: BatchCollateral, Reason: "the sync ended before the lead's turn", Err: cause}
	}
	return &Outcome{LeadID: lead.ID, EventID: lead.EventID, Stage: PreSync, Err: err, At: s.cfg.Now()}
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

// record tells the sink, if there is one.
func (s *Syncer) record(ctx context.Context, outcomes []*Outcome) {
	if s.cfg.Sink == nil || len(outcomes) == 0 {
		return
	}
	if err := s.cfg.Sink.Record(context.WithoutCancel(ctx), outcomes); err != nil {
		s.cfg.Logger.WarnContext(ctx, "leadsync: the sink failed", "outcomes", len(outcomes), "error", err)
	}
}

// Plan says what Sync would write, and writes nothing. A lead that would fail
// is in the plan with its error. The error is the context's own, or a *Error
// when the lookup failed.
func (s *Syncer) Plan(ctx context.Context, leads ...*Lead) (*Plan, error) {
	refused := make([]*Outcome, len(leads))
	fit := s.admit(leads, refused)
	plan := &Plan{At: s.cfg.Now(), Leads: make([]*LeadPlan, len(leads))}
	for i, out := range refused {
		if out != nil {
			plan.Leads[i] = &LeadPlan{LeadID: out.LeadID, Err: out.Err}
		}
	}
	for batch := range slices.Chunk(fit, s.cfg.BatchSize) {
		items := make([]*item, len(batch))
		for k, i := range batch {
			items[k] = &item{lead: leads[i]}
		}
		part, err := s.matchAndPlan(ctx, items)
		if err != nil {
			return nil, err
		}
		plan.take(part, batch)
	}
	return plan, nil
}

// take adds the plan of a batch, whose leads stand at the indexes given.
func (p *Plan) take(part *Plan, at []int) {
	offset := len(p.Changes)
	for _, change := range part.Changes {
		change.Refs = slices.Clone(change.Refs)
		for r := range change.Refs {
			change.Refs[r].Write += offset
		}
		p.Changes = append(p.Changes, change)
	}
	for k, lead := range part.Leads {
		for i := range lead.Parts {
			if lead.Parts[i].Change != Unplanned {
				lead.Parts[i].Change += offset
			}
		}
		p.Leads[at[k]] = lead
	}
	p.Calls += part.Calls
}
