// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// A Store is a store.Store that loses its leads with the process. It is meant for tests
// and for hosts that can capture everything again. It is safe for concurrent use.
type Store struct {
	now         func() time.Time
	mu          sync.Mutex
	connections map[string]*conn
	once        map[string]once
}

// A conn is one connection of a Store.
type conn struct {
	plans      []string                   // that were applied, the oldest first
	suppressor store.Suppressor           // without a key until a lead is suppressed
	suppressed map[string]map[string]bool // the hashes of ids, by a hash of the lead
	org        salesforce.ID              // that it is bound to, empty before
	lease      store.Lease
	runState   []byte
	wanted     want
	rows       []*leadRow // by sequence
	last       int64      // sequence given
	version    int64
	profile    profile
	steps      []store.Step              // its own
	byID       map[string]*leadRow       // by LeadID.Folded: there are no two of one
	strategies map[string]map[string]int // leads by event and strategy
	records    map[salesforce.ID]leadtype.RecordMemory
}

// A leadRow is a lead. What may be shared with a caller is kept as JSON.
type leadRow struct {
	sequence   int64
	id         leadtype.LeadID
	event      string
	strategy   string
	data       string              // the lead without its strategy
	words      []string            // see searchWords; nil before somebody searches
	activities []leadtype.Activity // that came after the lead; never changed in place
	stage      leadtype.Stage
	state      store.State
	next       store.State // set by a capture in flight: the state to take after it
	nextAt     time.Time   // when it is due then
	waited     bool        // store.Claimed.Waited
	attempts   int
	generation int64
	retryAt    time.Time
	gathers    bool // retryAt is the DueAt of a capture
	intents    []leadtype.Intent
	action     leadtype.Action // of the last outcome, as are code and cause
	code       leadtype.Code
	cause      leadtype.CauseKey
	outcome    string
	warned     []leadtype.WarningKind // by the last outcome, as are causes and records
	causes     []leadtype.CauseKey    // of the warnings
	records    []salesforce.ID
	heldSince  time.Time // of the oldest outcome, or journal, with something that expires
	since      time.Time
	version    int64 // the connection's at the last change
	steps      []storedStep
}

// A storedStep is a Step with its outcome as JSON.
type storedStep struct {
	store.Step
	outcome string
}

// New returns an empty store that reads the time from now. Nil means time.Now.
func New(now func() time.Time) *Store {
	if now == nil {
		now = time.Now
	}
	return &Store{now: now, connections: make(map[string]*conn)}
}

var _ store.Store = (*Store)(nil)

// begin locks the store and returns the connection, unless ctx has ended. The
// caller unlocks when there is no error.
func (s *Store) begin(ctx context.Context, connection string) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	c := s.connections[connection]
	if c == nil {
		c = &conn{byID: make(map[string]*leadRow), strategies: make(map[string]map[string]int),
			records: make(map[salesforce.ID]leadtype.RecordMemory)}
		s.connections[connection] = c
	}
	return c, nil
}

// beginUnder is begin for the holder of a lease, which need not be valid still.
func (s *Store) beginUnder(ctx context.Context, lease store.Lease) (*conn, error) {
	c, err := s.begin(ctx, lease.Connection)
	if err != nil {
		return nil, err
	}
	if c.lease.Owner == "" || c.lease.Owner != lease.Owner || c.lease.Epoch != lease.Epoch {
		s.mu.Unlock()
		return nil, store.ErrLeaseLost
	}
	return c, nil
}

// Capture implements store.Store.
func (s *Store) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	data, now := make([]string, len(leads)), s.now()
	for i, captured := range leads {
		var err error
		if data[i], err = stored.EncodeLead(store.Dated(captured.Lead, now)); err != nil {
			return store.CaptureReport{}, err
		}
	}
	c, err := s.begin(ctx, connection)
	if err != nil {
		return store.CaptureReport{}, err
	}
	defer s.mu.Unlock()
	report := store.CaptureReport{Strategies: make(map[string][]string)}
	for i, captured := range leads {
		row, alike := c.row(captured.Lead.ID), c.byID[captured.Lead.ID.Folded()]
		switch {
		case c.suppresses(captured.Lead):
			report.Suppressed++
			report.SuppressedAt = append(report.SuppressedAt, i)
		case row == nil && alike != nil:
			if report.Alike == nil {
				report.Alike = make(map[int]leadtype.LeadID)
			}
			report.Alike[i] = alike.id
		case row == nil:
			c.add(captured, data[i], now)
			report.New++
		case row.same(data[i], captured.State):
			report.Same++
		default:
			if err := c.merge(row, i, captured, now, &report); err != nil {
				return store.CaptureReport{}, err
			}
		}
	}
	for _, captured := range leads {
		event := captured.Lead.EventID
		if _, reported := report.Strategies[event]; !reported {
			report.Strategies[event] = slices.Sorted(maps.Keys(c.strategies[event]))
		}
	}
	return report, nil
}

func (c *conn) add(captured store.Captured, data string, now time.Time) {
	lead := captured.Lead
	c.last++
	row := &leadRow{
		sequence: c.last, id: lead.ID, event: lead.EventID, strategy: lead.Strategy,
		data: data, stage: leadtype.PreSync, state: captured.State,
		retryAt: captured.Due(), since: now, gathers: captured.State == store.StateQueued,
		steps: make([]storedStep, 0, 2), // for most leads: captured and settled
	}
	c.rows = append(c.rows, row)
	c.byID[row.id.Folded()] = row
	c.count(row, 1)
	c.step(row, store.Step{At: now, Kind: store.StepCaptured, State: row.state}, "")
}

// row returns the row of a lead, nil for none.
func (c *conn) row(id leadtype.LeadID) *leadRow {
	if row := c.byID[id.Folded()]; row != nil && row.id == id {
		return row
	}
	return nil
}

// step enters a change of the row into its history, under a new version.
func (c *conn) step(row *leadRow, step store.Step, outcome string) {
	c.version++
	row.version = c.version
	step.Stage, step.Generation = row.stage, row.generation
	row.steps = append(row.steps, storedStep{step, outcome})
}

// AddActivities implements store.Store.
func (s *Store) AddActivities(
	ctx context.Context, connection string, lead leadtype.LeadID, state store.State, activities []leadtype.Activity,
) error {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	row := c.row(lead)
	if row == nil {
		return store.ErrNoLead
	}
	fresh, err := row.fresh(activities)
	if err != nil || len(fresh) == 0 {
		return err
	}
	row.activities = slices.Concat(row.activities, fresh)
	now := s.now()
	switch {
	case row.state == store.StateInFlight:
		row.next = cmp.Or(row.next, state)
	case row.stage == leadtype.Cleared && row.action != leadtype.Dismissed:
		row.queue(now)
		row.state = state
	}
	c.step(row, store.Step{At: now, Kind: store.StepActivities, State: cmp.Or(row.next, row.state)}, "")
	return nil
}

// fresh returns those of the activities that the lead does not have.
func (r *leadRow) fresh(activities []leadtype.Activity) ([]leadtype.Activity, error) {
	lead := new(leadtype.Lead)
	if err := stored.DecodeLead(r.data, lead); err != nil {
		return nil, store.Unreadable(r.id, store.PartLead)
	}
	lead.AddActivities(r.activities...)
	before := len(lead.Activities)
	lead.AddActivities(activities...)
	fresh := lead.Activities[before:]
	size := 0 // about that of the JSON
	for _, a := range slices.Concat(r.activities, fresh) {
		size += a.Size()
	}
	return fresh, leadtype.CheckActivities(r.id, len(lead.Activities), size)
}

// merge captures a lead that the store has with other data.
func (c *conn) merge(row *leadRow, i int, captured store.Captured, now time.Time, report *store.CaptureReport) error {
	merged := store.Merged{Lead: store.Dated(captured.Lead, now), State: captured.State, DueAt: captured.Due()}
	kept := store.Kept{Lead: new(leadtype.Lead), Activities: row.activities, State: cmp.Or(row.next, row.state)}
	if err := stored.DecodeLead(row.data, kept.Lead); err == nil && kept.Lead.ID == row.id {
		merged = store.Merge(kept, captured, now)
	}
	data, err := stored.EncodeLead(merged.Lead)
	if err != nil {
		return err
	}
	if merged.Full(&kept, len(data)) {
		report.FullAt = append(report.FullAt, i)
		return nil
	}
	changed := len(merged.Activities) > 0 || !row.same(data, merged.State)
	if changed {
		c.replace(row, &merged, data, now)
	}
	switch {
	case merged.Stale:
		report.Stale++
	case changed:
		report.Replaced++
	default:
		report.Same++
	}
	return nil
}

func (c *conn) replace(row *leadRow, merged *store.Merged, data string, now time.Time) {
	c.count(row, -1)
	row.event = merged.Lead.EventID
	c.count(row, 1)
	row.data, row.words = data, nil
	row.activities = slices.Concat(row.activities, merged.Activities)
	row.attempts, row.since, row.waited = 0, now, false
	state, dueAt := merged.State, merged.DueAt
	row.gathers = state == store.StateQueued
	if row.state == store.StateInFlight {
		if row.next == state {
			dueAt = state.Earlier(row.nextAt, dueAt)
		}
		row.next, row.nextAt = state, dueAt
	} else {
		if row.state == state {
			dueAt = state.Earlier(row.retryAt, dueAt)
		}
		row.stage, row.state, row.retryAt = leadtype.PreSync, state, dueAt
	}
	c.step(row, store.Step{At: now, Kind: store.StepReplaced, State: state}, "")
}

// count keeps the number of leads per event and strategy.
func (c *conn) count(row *leadRow, n int) {
	of := c.strategies[row.event]
	if of == nil {
		of = make(map[string]int)
		c.strategies[row.event] = of
	}
	if of[row.strategy] += n; of[row.strategy] == 0 {
		delete(of, row.strategy)
	}
}

// same reports whether a capture changes nothing.
func (r *leadRow) same(data string, state store.State) bool {
	return r.data == data && (r.state != store.StateWaiting || state == store.StateWaiting) &&
		r.cause != store.UnreadableCause()
}

// Push implements store.Store.
func (s *Store) Push(ctx context.Context, connection string, filter store.Filter, by string,
	asks ...leadtype.Ask) (int, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	now := s.now()
	pushed := 0
	for _, row := range c.match(filter) {
		if row.state == store.StateInFlight {
			continue
		}
		if err := row.ask(leadtype.Ask{}.Join(asks...)); err != nil {
			return pushed, err
		}
		row.queue(now)
		c.step(row, store.Step{At: now, Kind: store.StepPushed, By: by, State: row.state}, "")
		pushed++
	}
	return pushed, nil
}

// ask enters what a person asks for into the last outcome. One that cannot be read stays.
func (r *leadRow) ask(ask leadtype.Ask) error {
	last, err := stored.DecodeOutcome(r.outcome)
	if err != nil || !last.Heeds(ask) {
		return nil //nolint:nilerr // the lead is pushed all the same
	}
	if last.Ask != nil {
		ask = last.Ask.Join(ask)
	}
	last.Ask = &ask
	encoded, err := encodeOutcome(last)
	r.outcome = encoded.whole
	return err
}

// queue makes the row due at once, as if it had never been tried.
func (r *leadRow) queue(now time.Time) {
	r.stage, r.state, r.retryAt, r.attempts, r.since = leadtype.PreSync, store.StateQueued, time.Time{}, 0, now
	r.waited = false
}

// List implements store.Store.
func (s *Store) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	c, err := s.begin(ctx, connection)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var entries []store.Entry
	for _, row := range c.match(filter) {
		lead, last, unreadable := row.read(filter.Detail)
		entries = append(entries, store.Entry{Sequence: row.sequence, Lead: lead, Stage: row.stage, State: row.state,
			Attempts: row.attempts, RetryAt: row.retryAt, Since: row.since, Generation: row.generation,
			Intents: slices.Clone(row.intents), Last: last, Unreadable: unreadable})
	}
	return entries, nil
}

// match returns the rows of a filter's page, in its order.
func (c *conn) match(filter store.Filter) []*leadRow {
	wanted := make(map[leadtype.LeadID]bool, len(filter.Leads))
	for _, id := range filter.Leads {
		wanted[id] = true
	}
	var rows []*leadRow
	for i := range c.rows {
		row := c.rows[i]
		if filter.Newest {
			row = c.rows[len(c.rows)-1-i]
		}
		if !row.follows(filter) || !row.matches(filter) || filter.Leads != nil && !wanted[row.id] {
			continue
		}
		rows = append(rows, row)
		if len(rows) == filter.Limit {
			break
		}
	}
	return rows
}

// follows reports whether the row comes after Filter.After.
func (r *leadRow) follows(f store.Filter) bool {
	if f.Newest {
		return f.After == 0 || r.sequence < f.After
	}
	return r.sequence > f.After
}

func (r *leadRow) matches(f store.Filter) bool {
	return (f.Event == "" || f.Event == r.event) &&
		(!f.Unanswered || len(r.intents) > 0) &&
		(f.Version == 0 || r.version <= f.Version) &&
		(f.Record == "" || slices.Contains(r.records, f.Record.ID18())) &&
		(f.Text == "" || r.hasWords(f.Text)) &&
		!r.since.Before(f.From) && (f.Until.IsZero() || r.since.Before(f.Until)) &&
		among(f.Stages, r.stage) && among(f.States, r.state) && among(f.Codes, r.code) && among(f.Causes, r.cause) &&
		anyAmong(f.Warnings, r.warned) && anyAmong(f.WarningCauses, r.causes)
}

// hasWords reports whether each word of a text begins one of the row's.
func (r *leadRow) hasWords(text string) bool {
	words, ok := store.TextWords(text)
	return ok && !slices.ContainsFunc(words, func(begin string) bool {
		return !slices.ContainsFunc(r.searchWords(), func(word string) bool { return strings.HasPrefix(word, begin) })
	})
}

// searchWords are the store.SearchWords of the row's lead.
func (r *leadRow) searchWords() []string {
	if r.words == nil {
		lead, _, _ := r.read(store.DetailLead)
		r.words = store.SearchWords(lead)
	}
	return r.words
}

// among reports whether list, unless nil, holds v.
func among[T comparable](list []T, v T) bool { return list == nil || slices.Contains(list, v) }

// anyAmong reports whether list, unless nil, holds one of values.
func anyAmong[T comparable](list, values []T) bool {
	return list == nil || slices.ContainsFunc(values, func(v T) bool { return slices.Contains(list, v) })
}
