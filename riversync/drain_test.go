// SPDX-License-Identifier: Apache-2.0

package riversync_test

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

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/riversync"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

func TestJobSyncsAConnection(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	web, worker := h.process(), h.process()
	web.connect("acme")
	web.capture("acme", leads(1, 3)...)
	job := web.only()
	require.JSONEq(t, `{"connection":"acme"}`, string(job.EncodedArgs))
	require.Equal(t, rivertype.JobStateAvailable, job.State)
	worker.start()
	h.await(func() bool { return web.only().State == rivertype.JobStateCompleted })
	require.Equal(t, 3, web.cleared("acme"))
	require.Equal(t, 3, h.orgs["acme"].Count("Lead"))
	require.JSONEq(t, `{"state":"nothing"}`, string(web.only().Output()))
}

// Others have their turn after so many batches, and no attempt is used up.
func TestJobSyncsAFewBatchesAtATime(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process(func(c *change) { c.fleet.Base.BatchSize, c.jobs.Batches = 2, 3 })
	p.connect("acme")
	p.capture("acme", leads(1, 8)...)
	p.requireSnooze("acme", -time.Minute, time.Second)
	require.Equal(t, 6, p.cleared("acme"))
	p.requireEnd("acme")
	require.Equal(t, 8, p.cleared("acme"))
}

// A guard sees that no two processes have requests at an org at the same time.
type guard struct {
	mu      sync.Mutex
	inside  map[int]int // requests under way, by process
	served  map[int]int
	crossed bool
}

func (g *guard) enter(process, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.served[process]++
	if g.inside[process] += n; g.inside[process] == 0 {
		delete(g.inside, process)
	}
	g.crossed = g.crossed || len(g.inside) > 1
}

// A guarded transport is that of a process.
type guarded struct {
	*guard
	process int
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	g.enter(g.process, 1)
	defer g.enter(g.process, -1)
	return http.DefaultTransport.RoundTrip(r)
}

// That River has one job of a connection at a time is no lock: with many of them, in two
// processes, the lease still keeps them apart.
func TestProcessesNeverWriteToAnOrgAtOnce(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	h.process().connect("acme")
	seen := &guard{inside: make(map[int]int), served: make(map[int]int)}
	var processes []*process
	for i := range 2 {
		processes = append(processes, h.process(func(c *change) {
			c.fleet.Base.BatchSize, c.jobs.Batches = 5, 1
			c.fleet.Client.HTTPClient = &http.Client{Transport: guarded{seen, i}}
		}))
	}
	processes[0].capture("acme", leads(1, 100)...)
	for i := range 6 { // other jobs in River's eyes
		_, err := processes[0].client.Insert(t.Context(), riversync.DrainArgs{Connection: "acme"}, &river.InsertOpts{
			ScheduledAt: time.Now().Add(-time.Duration(i) * time.Hour),
			UniqueOpts:  river.UniqueOpts{ByArgs: true, ByPeriod: time.Hour}})
		require.NoError(t, err)
	}
	require.Len(t, processes[0].list("leadsync_drain"), 7)
	for _, p := range processes {
		p.start()
	}
	h.await(func() bool { return processes[0].cleared("acme") == 100 })
	require.Equal(t, 100, h.orgs["acme"].Count("Lead"))
	require.False(t, seen.crossed)
	require.Len(t, seen.served, 2, "both have worked")
	seen.enter(0, 1)
	seen.enter(1, 1)
	require.True(t, seen.crossed, "the guard sees it")
}

func TestJobSnoozesWhileALimitIsReached(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p, hasty := h.process(), h.process(func(c *change) { c.jobs.LongestSnooze = time.Minute })
	p.connect("acme")
	p.capture("acme", leads(1, 3)...)
	h.orgs["acme"].Fail(func(r *http.Request, _ int) *sftest.Fault {
		if !strings.Contains(r.URL.Path, "/services/data/") {
			return nil
		}
		return &sftest.Fault{Status: http.StatusForbidden,
			Body: `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`}
	})
	result, err := p.work("acme", nil)
	require.NoError(t, err)
	require.Equal(t, river.EventKindJobSnoozed, result.EventKind)
	require.JSONEq(t, `{"state":"paused","code":"RATE_LIMIT"}`, string(result.Job.Output()))
	require.Zero(t, result.Job.Attempt)
	require.Greater(t, time.Until(result.Job.ScheduledAt), 5*time.Minute)
	require.LessOrEqual(t, time.Until(result.Job.ScheduledAt), time.Hour)
	calls := h.orgs["acme"].Calls()
	hasty.requireSnooze("acme", 30*time.Second, time.Minute) // though the pause is longer
	require.Equal(t, calls, h.orgs["acme"].Calls())
}

func TestJobSnoozesWhileAnotherProcessHoldsTheConnection(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process()
	p.connect("acme")
	p.capture("acme", leads(1, 1)...)
	lease, err := p.store.Acquire(t.Context(), "acme", "another", time.Minute)
	require.NoError(t, err)
	calls := h.orgs["acme"].Calls()
	p.requireSnooze("acme", 0, 5*time.Second)
	require.Equal(t, calls, h.orgs["acme"].Calls())
	require.NoError(t, p.store.Release(t.Context(), lease))
	p.requireEnd("acme")
	require.Equal(t, 1, p.cleared("acme"))
}

// Another worker may be of a later version, which knows the settings.
func TestJobSnoozesWhereTheProcessCannotUseTheSettings(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process()
	p.connect("acme")
	p.capture("acme", leads(1, 1)...)
	require.NoError(t, p.store.SetSettings(t.Context(), "acme", 0, []byte(`{"ofALaterVersion": 1}`), ""))
	p.requireSnooze("acme", time.Second, 30*time.Second)
	c, err := p.store.Connection(t.Context(), "acme")
	require.NoError(t, err)
	require.Nil(t, c.Incident)
}

// A job that a person has to do something for ends, and says so.
func TestJobEndsWhereAPersonHasToAct(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex")
	p := h.process()
	p.connect("acme", "globex")
	h.orgs["acme"].DisableAPI()
	for _, name := range []string{"acme", "globex", "offline"} {
		p.capture(name, leads(1, 1)...)
	}
	require.NoError(t, p.fleet.SetMode(t.Context(), "globex", leadsync.Disabled))
	for name, state := range map[string]fleet.LeftState{"acme": fleet.LeftIncident, "globex": fleet.LeftDisabled,
		"offline": fleet.LeftOffline, "removed": fleet.LeftOffline} {
		p.requireEnd(name)
		require.Contains(t, h.log.String(), fmt.Sprintf("connection=%s state=%s", name, state))
	}
	health, err := p.fleet.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.NotNil(t, health.Incident)
	require.Equal(t, 1, p.stages("acme")[leadsync.PreSync])
}

// A failing is a Store that fails.
type failing struct {
	fleet.Store
	err atomic.Pointer[error]
}

func (f *failing) Connection(ctx context.Context, name string) (store.Connection, error) {
	if err := f.err.Load(); err != nil {
		return store.Connection{}, *err
	}
	return f.Store.Connection(ctx, name)
}

func TestJobFailsWithTheStoreAndIsRetriedSoon(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	broken := new(failing)
	p := h.process(func(c *change) {
		c.store = func(s fleet.Store) fleet.Store { broken.Store = s; return broken }
	})
	disk := errors.New("no disk")
	broken.err.Store(&disk)
	result, err := p.work("acme", nil)
	require.ErrorIs(t, err, disk)
	require.Equal(t, river.EventKindJobFailed, result.EventKind)
	require.LessOrEqual(t, time.Until(result.Job.ScheduledAt), time.Second)
	job := &river.Job[riversync.DrainArgs]{JobRow: &rivertype.JobRow{Attempt: 20}}
	require.LessOrEqual(t, time.Until(p.jobs.Drainer().NextRetry(job)), 5*time.Minute)
}

// The batch under way is settled when the client stops, and no attempt is used up.
func TestJobSettlesItsBatchWhenTheClientStops(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	cancelled := make(chan (<-chan struct{}), 1)
	p := h.process(func(c *change) {
		c.fleet.Base.BatchSize, c.jobs.Batches = 2, 100
		c.river.Middleware = []rivertype.Middleware{river.WorkerMiddlewareFunc(
			func(ctx context.Context, _ *rivertype.JobRow, work func(context.Context) error) error {
				cancelled <- ctx.Done()
				return work(ctx)
			})}
	})
	p.connect("acme")
	p.capture("acme", leads(1, 6)...)
	writing, goOn := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(writing) })
	h.orgs["acme"].Fail(func(r *http.Request, _ int) *sftest.Fault {
		if strings.Contains(r.URL.Path, "/composite") {
			once()
			<-goOn
		}
		return nil
	})
	require.NoError(t, p.client.Start(context.WithoutCancel(t.Context())))
	<-writing
	stopped := make(chan error, 1)
	go func() { stopped <- p.client.StopAndCancel(context.WithoutCancel(t.Context())) }()
	<-<-cancelled
	close(goOn)
	require.NoError(t, <-stopped)
	require.Equal(t, 2, p.cleared("acme"))
	job := p.only()
	require.Equal(t, rivertype.JobStateAvailable, job.State)
	require.Zero(t, job.Attempt)
	lease, err := p.store.Acquire(t.Context(), "acme", "another", time.Minute)
	require.NoError(t, err, "it is given back")
	claimed, err := p.store.Claim(t.Context(), lease, 10)
	require.NoError(t, err)
	require.Len(t, claimed, 4)
}

// A job whose time is up lets others have their turn, and one that is cancelled ends.
func TestJobWhoseTimeIsUpGoesOnLater(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	p := h.process()
	job := &river.Job[riversync.DrainArgs]{JobRow: new(rivertype.JobRow),
		Args: riversync.DrainArgs{Connection: "acme"}}
	require.Greater(t, p.jobs.Drainer().Timeout(job), time.Minute, "that of River's default")
	late, end := context.WithDeadline(t.Context(), time.Now())
	defer end()
	var snooze *river.JobSnoozeError
	require.ErrorAs(t, p.jobs.Drainer().Work(late, job), &snooze)
	require.Zero(t, snooze.Duration)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, context.Canceled, p.jobs.Drainer().Work(cancelled, job))
}

// Names that no connection can have are refused, and a job with one ends for good.
func TestNamesOfConnections(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	p := h.process()
	for _, name := range []string{"", "a\nb", "a\x00b", "\xff", strings.Repeat("x", 256)} {
		require.ErrorIs(t, p.jobs.Insert(t.Context(), p.client, name), leadsync.DataValueValidation)
		tx := p.begin()
		require.ErrorIs(t, p.jobs.InsertTx(t.Context(), p.client, tx, name), leadsync.DataValueValidation)
		_, err := p.jobs.CaptureTx(t.Context(), p.client, tx, name, leads(1, 1)...)
		require.ErrorIs(t, err, leadsync.DataValueValidation)
		require.NoError(t, tx.Commit(t.Context()))
	}
	require.Empty(t, p.list("leadsync_drain"))
	result, err := p.work("a\nb", nil)
	require.NoError(t, err)
	require.Equal(t, river.EventKindJobCancelled, result.EventKind)
	hostile := []string{`Müller & Söhne 🚀 'x'; DROP TABLE "lead"; --`, `{"connection":"acme"}`, `a\u0000,b`, " ", "%s%n",
		"\u202Eemca", strings.Repeat("é", 127)}
	for _, name := range hostile {
		p.capture(name, leads(1, 1)...)
	}
	var names []string
	for _, job := range p.list("leadsync_drain") {
		names = append(names, jobName(t, job))
	}
	require.Equal(t, hostile, names)
}
