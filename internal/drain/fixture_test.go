// SPDX-License-Identifier: Apache-2.0

package drain

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

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// These tests are within the package, to put a pipeline of their own into the
// loop. They run in virtual time.

// A runFixture is a runner whose pipeline is scripted.
type runFixture struct {
	t      *testing.T
	runner Runner
	sync   syncFunc
	log    bytes.Buffer
	sink   []*leadtype.Outcome

	mu      sync.Mutex
	batches [][]leadtype.LeadID
}

// newRunFixture returns a fixture of r, by default on a memory store and with the
// defaults of Config. Every lead clears unless sync says otherwise.
func newRunFixture(t *testing.T, r Runner) *runFixture {
	t.Helper()
	f := &runFixture{t: t, sync: clearAll}
	if r.Store == nil {
		r.Store = memory.New(nil)
	}
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.State == nil {
		r.State = NewRunState(leadtype.Automatic)
	}
	r.Connection, r.NewID, r.Trace = "default", rand.Text, leadtype.Join(r.Trace)
	r.BatchSize, r.Poll = cmp.Or(r.BatchSize, 1000), cmp.Or(r.Poll, time.Second)
	r.LeaseTTL = cmp.Or(r.LeaseTTL, 5*time.Minute)
	r.Logger = slog.New(slog.NewTextHandler(&f.log, nil))
	r.Look = func(context.Context) (bool, error) { return false, nil }
	r.Recall = func(context.Context) error { return nil }
	r.Record = func(_ context.Context, outcomes []*leadtype.Outcome, _ []time.Duration) {
		f.sink = append(f.sink, outcomes...)
	}
	r.Turn = f.turn
	f.runner = r
	return f
}

// turn takes a batch through the script.
func (f *runFixture) turn(ctx context.Context, d *Drainer) (bool, error) {
	b, err := d.Claim(ctx)
	if b == nil {
		return false, err
	}
	b.Sync(func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
		ids := make([]leadtype.LeadID, len(items))
		for i, it := range items {
			ids[i] = it.Lead.ID
		}
		f.mu.Lock()
		f.batches = append(f.batches, ids)
		f.mu.Unlock()
		return f.sync(ctx, items, journal)
	})
	return true, b.Finish(ctx)
}

func (f *runFixture) drainer() *Drainer {
	d := f.runner.NewDrainer()
	d.random = func() float64 { return 0.5 }
	return d
}

// drain is Drain with the script.
func (f *runFixture) drain(ctx context.Context) error { return f.drainer().Drain(ctx) }

// start is Run with the script. stop ends it and returns its error.
func (f *runFixture) start() (stop func() error) {
	ctx, cancel := context.WithCancel(f.t.Context())
	done := make(chan error, 1)
	go func() { done <- f.drainer().Run(ctx) }()
	return func() error {
		cancel()
		return <-done
	}
}

func (f *runFixture) capture(ids ...leadtype.LeadID) {
	f.t.Helper()
	leads := make([]*leadtype.Lead, len(ids))
	for i, id := range ids {
		leads[i] = &leadtype.Lead{ID: id, Email: "a@example.com"}
	}
	f.captureLeads(f.t.Context(), leads...)
}

// captureLeads stores leads as Capture does.
func (f *runFixture) captureLeads(ctx context.Context, leads ...*leadtype.Lead) {
	f.t.Helper()
	err := f.runner.State.Under(func(mode leadtype.Mode) error {
		captured := make([]store.Captured, len(leads))
		for i, lead := range leads {
			captured[i] = store.Captured{Lead: lead, State: store.StateQueued}
			if mode == leadtype.Manual {
				captured[i].State = store.StateFrozen
			}
		}
		_, err := f.runner.Store.Capture(ctx, "default", captured)
		return err
	})
	require.NoError(f.t, err)
	f.runner.State.Wake()
}

// push queues leads as Push does, and returns how many.
func (f *runFixture) push(ctx context.Context, filter store.Filter) int {
	f.t.Helper()
	n, err := f.runner.Store.Push(ctx, "default", filter, "")
	require.NoError(f.t, err)
	f.runner.State.Wake()
	return n
}

// setMode changes the mode as SetMode does.
func (f *runFixture) setMode(ctx context.Context, mode leadtype.Mode) {
	f.t.Helper()
	f.runner.State.SetMode(mode)
	if mode == leadtype.Automatic {
		f.push(ctx, store.Filter{States: []store.State{store.StateFrozen}})
	}
}

func (f *runFixture) entry(id leadtype.LeadID) store.Entry {
	f.t.Helper()
	entries, err := f.runner.Store.List(f.t.Context(), "default", store.Filter{Leads: []leadtype.LeadID{id}})
	require.NoError(f.t, err)
	require.Len(f.t, entries, 1)
	return entries[0]
}

func (f *runFixture) requireCleared(ids ...leadtype.LeadID) {
	f.t.Helper()
	for _, id := range ids {
		require.Equal(f.t, leadtype.Cleared, f.entry(id).Stage, string(id))
	}
}

func (f *runFixture) synced() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.batches)
}

// settleAll gives each item an outcome.
func settleAll(items []*match.Item, outcome func(*match.Item) *leadtype.Outcome) {
	for _, it := range items {
		out := outcome(it)
		out.LeadID, out.At = it.Lead.ID, time.Now()
		it.Settle(out, it.Intents)
	}
}

func clearAll(_ context.Context, items []*match.Item, _ write.JournalFunc) error {
	settleAll(items, func(it *match.Item) *leadtype.Outcome {
		it.Wrote = true
		return &leadtype.Outcome{Stage: leadtype.Cleared, Action: leadtype.Created}
	})
	return nil
}

// failWith fails every item with code.
func failWith(code leadtype.Code) syncFunc {
	return func(_ context.Context, items []*match.Item, _ write.JournalFunc) error {
		settleAll(items, func(*match.Item) *leadtype.Outcome {
			return &leadtype.Outcome{Stage: leadtype.Failed, Err: &leadtype.Error{Op: "write", Code: code}}
		})
		return nil
	}
}

// script runs one function per batch, and clears what comes after.
func script(steps ...syncFunc) syncFunc {
	var n atomic.Int64
	return func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
		if k := int(n.Add(1)) - 1; k < len(steps) {
			return steps[k](ctx, items, journal)
		}
		return clearAll(ctx, items, journal)
	}
}

// refuse is a batch that the connection refuses.
func refuse(err error) syncFunc {
	return func(context.Context, []*match.Item, write.JournalFunc) error { return err }
}

// block is a batch that ends with its context.
func block(ctx context.Context, _ []*match.Item, _ write.JournalFunc) error {
	<-ctx.Done()
	return ctx.Err()
}

// A faultyStore fails calls on demand.
type faultyStore struct {
	store.Store
	fail func(call string) error
}

func (s *faultyStore) Due(ctx context.Context, connection string) (time.Duration, bool, error) {
	if err := s.fail("due"); err != nil {
		return 0, false, err
	}
	return s.Store.Due(ctx, connection)
}

func (s *faultyStore) Push(ctx context.Context, connection string,
	filter store.Filter, by string, asks ...leadtype.Ask) (int, error) {
	if err := s.fail("push"); err != nil {
		return 0, err
	}
	return s.Store.Push(ctx, connection, filter, by, asks...)
}

func (s *faultyStore) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	if err := s.fail("acquire"); err != nil {
		return store.Lease{}, err
	}
	return s.Store.Acquire(ctx, connection, owner, ttl)
}

func (s *faultyStore) Claim(ctx context.Context, lease store.Lease, limit int) ([]store.Claimed, error) {
	if err := s.fail("claim"); err != nil {
		return nil, err
	}
	return s.Store.Claim(ctx, lease, limit)
}

func (s *faultyStore) Journal(ctx context.Context, lease store.Lease,
	intents map[leadtype.LeadID][]leadtype.Intent) error {
	if err := s.fail("journal"); err != nil {
		return err
	}
	return s.Store.Journal(ctx, lease, intents)
}

func (s *faultyStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	if err := s.fail("settle"); err != nil {
		return nil, err
	}
	return s.Store.Settle(ctx, lease, settlements)
}

func (s *faultyStore) Release(ctx context.Context, lease store.Lease) error {
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
func (f *runFixture) drainAfter(ids []leadtype.LeadID, pause time.Duration) {
	f.t.Helper()
	f.capture(ids...)
	d := f.drainer()
	_, err := d.step(f.t.Context())
	require.NoError(f.t, err)
	time.Sleep(pause)
	require.NoError(f.t, d.Drain(f.t.Context()))
}
