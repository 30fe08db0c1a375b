// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A customer with many leads does not hold up one with few, though one org is synced at a time.
func TestConnectionsTakeTurns(t *testing.T) {
	t.Parallel()
	h := newHost(t, "big", "small")
	var mu sync.Mutex
	var order []string // of the outcomes, by batch
	f := h.process(func(c *fleet.Config) {
		c.Workers, c.Base.BatchSize = 1, 20
		c.Base.Sink = sinkFunc(func(outcomes []*leadsync.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, outcomes[0].EventID)
		})
	})
	h.connect(f, "big", "small")
	for name, n := range map[string]int{"big": 400, "small": 10} {
		leads := make([]*leadsync.Lead, n)
		for i := range leads {
			leads[i] = lead(i)
			leads[i].EventID = name
		}
		_, err := f.Capture(t.Context(), name, leads...)
		require.NoError(t, err)
	}
	stop := h.run(f)
	h.cleared(f, "big", 400)
	h.cleared(f, "small", 10)
	stop()
	require.Len(t, order, 21)
	require.Contains(t, order[:3], "small", "it waits for two batches at most")
}

// A sinkFunc is a Sink.
type sinkFunc func(outcomes []*leadsync.Outcome)

func (f sinkFunc) Record(_ context.Context, outcomes []*leadsync.Outcome) error {
	f(outcomes)
	return nil
}

// A guard sees that no two processes have requests at one org at the same time.
type guard struct {
	mu      sync.Mutex
	inside  map[string]map[int]int // requests under way, by org and process
	crossed bool
}

func (g *guard) enter(org string, process, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside[org] == nil {
		g.inside[org] = make(map[int]int)
	}
	if g.inside[org][process] += n; g.inside[org][process] == 0 {
		delete(g.inside[org], process)
	}
	g.crossed = g.crossed || len(g.inside[org]) > 1
}

// A guarded transport is that of a process.
type guarded struct {
	*guard
	process int
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	g.enter(r.URL.Host, g.process, 1)
	defer g.enter(r.URL.Host, g.process, -1)
	time.Sleep(time.Millisecond)
	return http.DefaultTransport.RoundTrip(r)
}

// Several processes on one Store sync each lead once, and an org is reached by one at a time.
func TestProcessesShareTheWork(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d"}
	h := newHost(t, names...)
	h.connect(h.process(), names...)
	seen := &guard{inside: make(map[string]map[int]int)}
	var processes []*fleet.Fleet
	for i := range 3 {
		processes = append(processes, h.process(func(c *fleet.Config) {
			c.Base.BatchSize = 10
			c.Client.HTTPClient = &http.Client{Transport: guarded{seen, i}}
		}))
	}
	for _, name := range names {
		h.capture(processes[1], name, 60)
	}
	for _, f := range processes {
		h.run(f)
	}
	for _, name := range names {
		h.cleared(processes[2], name, 60)
		require.Equal(t, 60, h.orgs[name].Count("Lead"), name)
	}
	require.False(t, seen.crossed)
}

func TestSettingsAreInForceInEveryProcess(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	web, worker := h.process(), h.process()
	h.connect(web, "acme")
	h.run(worker)
	h.capture(web, "acme", 1)
	h.cleared(web, "acme", 1)

	settings, revision, err := web.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.Zero(t, revision)
	settings.LeadSource = "Partner Referral"
	require.NoError(t, web.By("ada").SetSettings(t.Context(), "acme", settings, revision))
	_, err = worker.Capture(t.Context(), "acme", lead(2))
	require.NoError(t, err)
	h.cleared(web, "acme", 2)
	sources := map[any]int{}
	for _, row := range h.orgs["acme"].Rows("Lead") {
		sources[row["LeadSource"]]++
	}
	require.Equal(t, 1, sources["Partner Referral"])

	err = worker.SetSettings(t.Context(), "acme", settings, revision)
	require.ErrorIs(t, err, store.ErrRevision)
	require.ErrorIs(t, err, leadsync.RowContention)
	require.Contains(t, fixOf(t, err), "repeat the call", "a person can act on it")
	settings.Strategy = "no such"
	requireRefused(t, web.SetSettings(t.Context(), "acme", settings, 1), "strategy")
	requireRefused(t, web.SetSettings(t.Context(), "acme", nil, 1), "settings")
	requireRefused(t, web.By("a\nb").SetSettings(t.Context(), "acme", settings, 1), "by")
	got, revision, err := worker.Settings(t.Context(), "acme")
	require.NoError(t, err)
	require.EqualValues(t, 1, revision)
	require.Equal(t, "Partner Referral", got.LeadSource)
	revisions, err := h.store.Revisions(t.Context(), "acme", 0, 10)
	require.NoError(t, err)
	require.Equal(t, "ada", revisions[0].By)
}

// fixOf returns what a refused call says to do.
func fixOf(t *testing.T, err error) string {
	t.Helper()
	var refused *leadsync.Error
	require.ErrorAs(t, err, &refused)
	return refused.Fix()
}

func TestModeIsInForceInEveryProcess(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	web, worker := h.process(), h.process()
	h.connect(web, "acme")
	h.run(worker)
	require.NoError(t, web.By("ada").SetMode(t.Context(), "acme", leadsync.Manual))
	h.capture(worker, "acme", 3)
	syncer, err := web.Syncer(t.Context(), "acme")
	require.NoError(t, err)
	summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.Equal(t, map[store.State]int{store.StateFrozen: 3}, summary.States)
	requireRefused(t, web.SetMode(t.Context(), "acme", "sometimes"), "mode")
	requireRefused(t, web.By("a\nb").SetMode(t.Context(), "acme", leadsync.Automatic), "by")

	require.NoError(t, worker.By("bo").SetMode(t.Context(), "acme", leadsync.Automatic))
	h.cleared(web, "acme", 3)
	history, err := syncer.History(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, []string{"ada", "bo"}, []string{history[1].By, history[2].By})
	steps, err := syncer.History(t.Context(), "L1")
	require.NoError(t, err)
	require.Equal(t, []any{store.StepPushed, "bo"}, []any{steps[1].Kind, steps[1].By})
}

// A connection that needs a person stops by itself, says why, and resumes when it is resumed or connected again.
func TestIncidentStopsOneConnection(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex")
	f := h.process()
	h.run(f)
	h.connect(f, "acme", "globex")
	h.orgs["acme"].DisableAPI()
	h.capture(f, "acme", 2)
	h.health(f, "acme", func(health fleet.Health) bool { return health.Incident != nil })
	health, err := f.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.NotEmpty(t, health.Incident.Err.Code)
	h.capture(f, "globex", 2)
	h.cleared(f, "globex", 2)
	h.connectThough(f, "acme")
	require.Equal(t, map[leadsync.Stage]int{leadsync.PreSync: 2}, h.stages(f, "acme"))
}

// connectThough waits and sees that no call is made while there is an incident.
func (h *host) connectThough(f *fleet.Fleet, name string) {
	h.t.Helper()
	calls := h.orgs[name].Calls()
	_, err := f.Capture(h.t.Context(), name, lead(1))
	require.NoError(h.t, err)
	time.Sleep(20 * time.Millisecond)
	require.Equal(h.t, calls, h.orgs[name].Calls())
}

// Processes that use one rotating token refresh it once each time it has expired.
func TestProcessesRefreshATokenOnce(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	h.connect(h.process(), "acme")
	var syncers []*leadsync.Syncer
	for range 3 {
		syncer, err := h.process().Syncer(t.Context(), "acme")
		require.NoError(t, err)
		syncers = append(syncers, syncer)
	}
	for round := range 4 {
		h.orgs["acme"].ExpireToken()
		var wg sync.WaitGroup
		var failed atomic.Value
		for i, syncer := range syncers {
			wg.Go(func() {
				if _, err := syncer.Sync(t.Context(), lead(10*round+i)); err != nil {
					failed.Store(err)
				}
			})
		}
		wg.Wait()
		require.Nil(t, failed.Load())
		kept, err := h.store.Connection(t.Context(), "acme")
		require.NoError(t, err)
		require.EqualValues(t, round+2, kept.Token.Version)
	}
}

// A process that died while it had the lock of a token keeps nobody from the token that is stored.
func TestALockThatIsLeftDelaysNobody(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	h.connect(h.process(), "acme")
	require.NoError(t, h.store.LockToken(t.Context(), "acme", "dead", time.Hour))
	f := h.process()
	h.capture(f, "acme", 1)
	h.run(f)
	h.cleared(f, "acme", 1)
}

// A brokenStore cannot say what is due, until it is mended.
type brokenStore struct {
	fleet.Store
	broken atomic.Bool
}

func (s *brokenStore) DueConnections(ctx context.Context, after string, limit int) ([]string, error) {
	if s.broken.Load() {
		return nil, errors.New("no disk")
	}
	return s.Store.DueConnections(ctx, after, limit)
}

func (s *brokenStore) Connection(ctx context.Context, name string) (store.Connection, error) {
	if s.broken.Load() {
		return store.Connection{}, errors.New("no disk")
	}
	return s.Store.Connection(ctx, name)
}

func TestRunOutlivesAStoreThatFails(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	h.connect(h.process(), "acme")
	broken := &brokenStore{Store: h.store}
	f := h.processOn(broken)
	h.capture(f, "acme", 1)
	broken.broken.Store(true)
	_, err := f.Capture(t.Context(), "acme", lead(2))
	require.ErrorIs(t, err, leadsync.Unknown)
	h.run(f)
	require.Eventually(t, func() bool { return h.log.String() != "" }, time.Minute, time.Millisecond)
	broken.broken.Store(false)
	h.cleared(f, "acme", 1)
}

// An unsettledStore does not settle or take leases back while it fails.
type unsettledStore struct {
	*memory.Store
	fails atomic.Bool
}

func (s *unsettledStore) Settle(ctx context.Context, l store.Lease, all []store.Settlement) ([]leadsync.LeadID, error) {
	if s.fails.Load() {
		return nil, errors.New("no disk")
	}
	return s.Store.Settle(ctx, l, all)
}

func (s *unsettledStore) Release(ctx context.Context, l store.Lease) error {
	if s.fails.Load() {
		return errors.New("no disk")
	}
	return s.Store.Release(ctx, l)
}

// A store that fails for a moment costs no connection the time of a lease, which here never ends.
func TestLeasesAreGivenBackLateAfterAStoreThatFailed(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	now := time.Now()
	h.store = memory.New(func() time.Time { return now })
	failing := &unsettledStore{Store: h.store}
	f := h.processOn(failing)
	h.connect(f, "acme")
	failing.fails.Store(true)
	h.capture(f, "acme", 1)
	h.run(f)
	require.Eventually(t, func() bool { return strings.Count(h.log.String(), "could not be synced") > 2 },
		time.Minute, time.Millisecond)
	failing.fails.Store(false)
	h.cleared(f, "acme", 1)
}

// A lease that could not be given back outlives the settings under which it was taken.
func TestLeasesAreGivenBackLateUnderOtherSettings(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	now := time.Now()
	h.store = memory.New(func() time.Time { return now }) // in which no lease ends
	failing := &unsettledStore{Store: h.store}
	f := h.processOn(failing)
	h.connect(f, "acme")
	failing.fails.Store(true)
	h.capture(f, "acme", 1)
	_, err := f.Drain(t.Context(), "acme", 1)
	require.Error(t, err)
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Fair"}, 0))
	_, err = f.Drain(t.Context(), "acme", 1)
	require.Error(t, err)
	require.NoError(t, f.SetSettings(t.Context(), "acme", &leadsync.Settings{LeadSource: "Expo"}, 1))
	failing.fails.Store(false)
	left, err := f.Drain(t.Context(), "acme", 2)
	require.NoError(t, err)
	require.Equal(t, fleet.LeftNothing, left.State)
	h.cleared(f, "acme", 1)
}

// More connections than are read at once all have their turn, and an idle host asks the Store once a poll.
func TestManyConnectionsAreAllVisited(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	h.connect(f, "acme")
	for i := range 600 {
		_, err := f.Capture(t.Context(), fmt.Sprintf("%03d", i), lead(1)) // not connected
		require.NoError(t, err)
	}
	h.capture(f, "acme", 1)
	h.run(f)
	h.cleared(f, "acme", 1)
}

// A hintingStore tells of connections as store/postgres does.
type hintingStore struct {
	*memory.Store
	hints chan string
}

func (s hintingStore) Hint(_ context.Context, name string) error {
	s.hints <- name
	return nil
}

func (s hintingStore) Hints(ctx context.Context, hinted func(string)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case name := <-s.hints:
			hinted(name)
		}
	}
}

// The clock stands still, so that a connection that is left alone stays so, until a process is told of it.
func TestProcessLooksAfterWhatAnotherTellsOf(t *testing.T) {
	t.Parallel()
	for _, tells := range []bool{true, false} {
		h := newHost(t, "acme")
		hinting := hintingStore{h.store, make(chan string, 10)}
		web := h.processOn(hinting)
		stands := time.Now()
		var kept fleet.Store = hinting
		if !tells {
			kept = h.store
		}
		worker := h.processOn(kept, func(c *fleet.Config) { c.Now = func() time.Time { return stands } })
		h.capture(web, "acme", 1)
		stop := h.run(worker)
		require.Eventually(t, func() bool { return worker.Rests("acme") }, time.Minute, time.Millisecond)
		h.connect(web, "acme")
		if tells {
			h.cleared(web, "acme", 1)
		} else {
			require.True(t, worker.Rests("acme"), "the control")
		}
		stop()
	}
}

// A lateStore names acme as due though another process has taken it since, and counts who tries to.
type lateStore struct {
	*memory.Store
	tried atomic.Int64
}

func (s *lateStore) DueConnections(context.Context, string, int) ([]string, error) {
	return []string{"acme"}, nil
}

func (s *lateStore) Acquire(ctx context.Context, name, owner string, ttl time.Duration) (store.Lease, error) {
	lease, err := s.Store.Acquire(ctx, name, owner, ttl)
	s.tried.Add(1)
	return lease, err
}

// The clock of the process stands still, so that it would leave alone for good what it leaves alone.
func TestConnectionOfAnotherProcessIsNotLeftAlone(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	late, stands := &lateStore{Store: h.store}, time.Now()
	web, worker := h.process(), h.processOn(late, func(c *fleet.Config) { c.Now = func() time.Time { return stands } })
	h.connect(web, "acme")
	h.capture(web, "acme", 1)
	lease, err := h.store.Acquire(t.Context(), "acme", "another", time.Minute)
	require.NoError(t, err)
	h.run(worker)
	require.Eventually(t, func() bool { return late.tried.Load() > 2 }, time.Minute, time.Millisecond)
	require.NoError(t, h.store.Release(t.Context(), lease))
	h.cleared(web, "acme", 1)
}
