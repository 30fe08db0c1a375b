package leadsync

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

// These tests are within the package, to put a pipeline of their own into the
// loop. They run in virtual time.

// A runFixture is a runner whose pipeline is scripted.
type runFixture struct {
	t      *testing.T
	runner runner
	sync   syncFunc
	log    bytes.Buffer
	sink   []*Outcome

	mu      sync.Mutex
	batches [][]LeadID
}

// newRunFixture returns a fixture of r, by default on a memory store and with the
// defaults of Config. Every lead clears unless sync says otherwise.
func newRunFixture(t *testing.T, r runner) *runFixture {
	t.Helper()
	f := &runFixture{t: t, sync: clearAll}
	if r.store == nil {
		r.store = NewMemoryStore(nil)
	}
	if r.now == nil {
		r.now = time.Now
	}
	if r.state == nil {
		r.state = newRunState(Automatic)
	}
	if r.overBudget == nil {
		r.overBudget = func() *Error { return nil }
	}
	r.connection, r.newID, r.trace = "default", rand.Text, Join(r.trace)
	r.batchSize, r.poll = cmp.Or(r.batchSize, 1000), cmp.Or(r.poll, time.Second)
	r.leaseTTL = cmp.Or(r.leaseTTL, 5*time.Minute)
	r.logger = slog.New(slog.NewTextHandler(&f.log, nil))
	r.recall = func(context.Context) error { return nil }
	r.record = func(_ context.Context, outcomes []*Outcome) { f.sink = append(f.sink, outcomes...) }
	r.turn = f.turn
	f.runner = r
	return f
}

// turn takes a batch through the script.
func (f *runFixture) turn(ctx context.Context, d *drainer) (bool, error) {
	b, err := d.claim(ctx)
	if b == nil {
		return false, err
	}
	b.sync(func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
		ids := make([]LeadID, len(items))
		for i, it := range items {
			ids[i] = it.lead.ID
		}
		f.mu.Lock()
		f.batches = append(f.batches, ids)
		f.mu.Unlock()
		return f.sync(ctx, items, journal)
	})
	return true, b.settle(ctx)
}

func (f *runFixture) drainer() *drainer {
	d := f.runner.newDrainer()
	d.random = func() float64 { return 0.5 }
	return d
}

// drain is Drain with the script.
func (f *runFixture) drain(ctx context.Context) error { return f.drainer().drain(ctx) }

// start is Run with the script. stop ends it and returns its error.
func (f *runFixture) start() (stop func() error) {
	ctx, cancel := context.WithCancel(f.t.Context())
	done := make(chan error, 1)
	go func() { done <- f.drainer().run(ctx) }()
	return func() error {
		cancel()
		return <-done
	}
}

func (f *runFixture) capture(ids ...LeadID) {
	f.t.Helper()
	leads := make([]*Lead, len(ids))
	for i, id := range ids {
		leads[i] = &Lead{ID: id, Email: "a@example.com"}
	}
	f.captureLeads(f.t.Context(), leads...)
}

// captureLeads stores leads as Capture does.
func (f *runFixture) captureLeads(ctx context.Context, leads ...*Lead) {
	f.t.Helper()
	err := f.runner.state.under(func(mode Mode) error {
		captured := make([]Captured, len(leads))
		for i, lead := range leads {
			captured[i] = Captured{Lead: lead, State: StateQueued}
			if mode == Manual {
				captured[i].State = StateFrozen
			}
		}
		_, err := f.runner.store.Capture(ctx, "default", captured)
		return err
	})
	require.NoError(f.t, err)
	f.runner.state.wake()
}

// push queues leads as Push does, and returns how many.
func (f *runFixture) push(ctx context.Context, filter Filter) int {
	f.t.Helper()
	n, err := f.runner.store.Push(ctx, "default", filter)
	require.NoError(f.t, err)
	f.runner.state.wake()
	return n
}

// setMode changes the mode as SetMode does.
func (f *runFixture) setMode(ctx context.Context, mode Mode) {
	f.t.Helper()
	f.runner.state.setMode(mode)
	if mode == Automatic {
		f.push(ctx, Filter{States: []State{StateFrozen}})
	}
}

func (f *runFixture) entry(id LeadID) Entry {
	f.t.Helper()
	entries, err := f.runner.store.List(f.t.Context(), "default", Filter{Leads: []LeadID{id}})
	require.NoError(f.t, err)
	require.Len(f.t, entries, 1)
	return entries[0]
}

func (f *runFixture) requireCleared(ids ...LeadID) {
	f.t.Helper()
	for _, id := range ids {
		require.Equal(f.t, Cleared, f.entry(id).Stage, string(id))
	}
}

func (f *runFixture) synced() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.batches)
}

// settleAll gives each item an outcome.
func settleAll(items []*item, outcome func(*item) *Outcome) []result {
	results := make([]result, len(items))
	for i, it := range items {
		out := outcome(it)
		out.LeadID, out.At = it.lead.ID, time.Now()
		results[i] = result{outcome: out, intents: it.intents}
	}
	return results
}

func clearAll(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
	return settleAll(items, func(*item) *Outcome { return &Outcome{Stage: Cleared, Action: Created} }), nil
}

// failWith fails every item with code.
func failWith(code Code) syncFunc {
	return func(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
		return settleAll(items, func(*item) *Outcome { return &Outcome{Stage: Failed, Err: &Error{Op: "write", Code: code}} }), nil
	}
}

// script runs one function per batch, and clears what comes after.
func script(steps ...syncFunc) syncFunc {
	var n atomic.Int64
	return func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
		if k := int(n.Add(1)) - 1; k < len(steps) {
			return steps[k](ctx, items, journal)
		}
		return clearAll(ctx, items, journal)
	}
}

// refuse is a batch that the connection refuses.
func refuse(err error) syncFunc {
	return func(context.Context, []*item, journalFunc) ([]result, error) { return nil, err }
}

// block is a batch that ends with its context.
func block(ctx context.Context, _ []*item, _ journalFunc) ([]result, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A faultyStore fails calls on demand.
type faultyStore struct {
	Store
	fail func(call string) error
}

func (s *faultyStore) Due(ctx context.Context, connection string) (time.Duration, bool, error) {
	if err := s.fail("due"); err != nil {
		return 0, false, err
	}
	return s.Store.Due(ctx, connection)
}

func (s *faultyStore) Push(ctx context.Context, connection string, filter Filter) (int, error) {
	if err := s.fail("push"); err != nil {
		return 0, err
	}
	return s.Store.Push(ctx, connection, filter)
}

func (s *faultyStore) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (Lease, error) {
	if err := s.fail("acquire"); err != nil {
		return Lease{}, err
	}
	return s.Store.Acquire(ctx, connection, owner, ttl)
}

func (s *faultyStore) Claim(ctx context.Context, lease Lease, limit int) ([]Claimed, error) {
	if err := s.fail("claim"); err != nil {
		return nil, err
	}
	return s.Store.Claim(ctx, lease, limit)
}

func (s *faultyStore) Journal(ctx context.Context, lease Lease, intents map[LeadID][]Intent) error {
	if err := s.fail("journal"); err != nil {
		return err
	}
	return s.Store.Journal(ctx, lease, intents)
}

func (s *faultyStore) Settle(ctx context.Context, lease Lease, settlements []Settlement) ([]LeadID, error) {
	if err := s.fail("settle"); err != nil {
		return nil, err
	}
	return s.Store.Settle(ctx, lease, settlements)
}

func (s *faultyStore) Release(ctx context.Context, lease Lease) error {
	if err := s.fail("release"); err != nil {
		return err
	}
	return s.Store.Release(ctx, lease)
}

// failOnce fails the n-th call of each name, from 1.
func failOnce(n int, names ...string) func(string) error {
	var mu sync.Mutex
	calls := make(map[string]int)
	return func(call string) error {
		mu.Lock()
		defer mu.Unlock()
		calls[call]++
		for _, name := range names {
			if name == call && calls[call] == n {
				return errors.New("disk on fire")
			}
		}
		return nil
	}
}

func sfError(code salesforce.StatusCode) error { return &salesforce.Error{HTTPStatus: 200, Code: code} }

// drainAfter syncs leads once, waits, and drains what is to be tried again.
func (f *runFixture) drainAfter(ids []LeadID, pause time.Duration) {
	f.t.Helper()
	f.capture(ids...)
	d := f.drainer()
	_, err := d.step(f.t.Context())
	require.NoError(f.t, err)
	time.Sleep(pause)
	require.NoError(f.t, d.drain(f.t.Context()))
}
