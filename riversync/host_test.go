// SPDX-License-Identifier: Apache-2.0

package riversync_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertest"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/internal/pgtest"
	"github.com/leadsync/leadsync/riversync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/postgres"
)

// server is the server of this test binary, started by the first test that needs it.
var server pgtest.Server

func TestMain(m *testing.M) {
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

const callbackURL = "https://host.example/salesforce/callback"

// A host is one whose processes share a database that has a Store and River's tables.
type host struct {
	t      *testing.T
	pool   *pgxpool.Pool
	schema string // of the Store; River's has _river at its end
	orgs   map[string]*sftest.Org
	log    *syncBuffer
}

// newHost returns a host whose customers have orgs.
func newHost(t *testing.T, names ...string) *host {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), server.DSN(t)+" pool_max_conns=12")
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	h := &host{t: t, pool: pool, orgs: make(map[string]*sftest.Org), log: new(syncBuffer),
		schema: fmt.Sprintf("test_%d_%d", os.Getpid(), time.Now().UnixNano())}
	t.Cleanup(func() {
		for _, schema := range []string{h.schema, h.river()} {
			_, err := pool.Exec(context.WithoutCancel(t.Context()), `DROP SCHEMA IF EXISTS `+schema+` CASCADE`)
			require.NoError(t, err)
		}
	})
	h.exec(`CREATE SCHEMA ` + h.river())
	migrator, err := rivermigrate.New(riverpgxv5.New(pool),
		&rivermigrate.Config{Schema: h.river(), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
	for i, name := range names {
		h.orgs[name] = sftest.NewOrg(t, sftest.WithNumber(uint8(i+1)))
		h.orgs[name].AddApp(sftest.App{ClientID: "host", Callback: callbackURL, PKCE: true})
	}
	return h
}

func (h *host) river() string { return h.schema + "_river" }

func (h *host) exec(statement string, args ...any) {
	h.t.Helper()
	_, err := h.pool.Exec(h.t.Context(), statement, args...)
	require.NoError(h.t, err)
}

// begin begins a transaction, which ends with the test.
func (h *host) begin() pgx.Tx {
	h.t.Helper()
	tx, err := h.pool.Begin(h.t.Context())
	require.NoError(h.t, err)
	h.t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(h.t.Context())) })
	return tx
}

// A process is one of the host's. Its client inserts, and works once it is started.
type process struct {
	*host
	store  *postgres.Store
	fleet  *fleet.Fleet
	jobs   *riversync.Jobs
	client *river.Client[pgx.Tx]
}

// A change is one of the configuration of a process.
type change struct {
	fleet  *fleet.Config
	jobs   *riversync.Config
	river  *river.Config
	store  func(fleet.Store) fleet.Store
	sweeps bool
}

func (h *host) process(changes ...func(*change)) *process {
	h.t.Helper()
	p := &process{host: h}
	var err error
	p.store, err = postgres.New(h.t.Context(), h.pool, &postgres.Options{Schema: h.schema})
	require.NoError(h.t, err)
	var hosts []string
	for _, org := range h.orgs {
		hosts = append(hosts, strings.TrimPrefix(org.URL(), "http://"))
	}
	cipher, err := login.NewTokenCipher(bytes.Repeat([]byte{7}, 32))
	require.NoError(h.t, err)
	logger := slog.New(slog.NewTextHandler(h.log, nil))
	c := &change{jobs: &riversync.Config{Logger: logger}, store: func(s fleet.Store) fleet.Store { return s },
		fleet: &fleet.Config{App: login.AppConfig{ClientID: "host", Hosts: hosts}, Cipher: cipher, RedirectURL: callbackURL,
			Client: salesforce.Config{Hosts: hosts}, Base: leadsync.Config{Gather: leadsync.NoGather}, Logger: logger},
		river: &river.Config{Schema: h.river(), Logger: slog.New(slog.NewTextHandler(h.log, nil)), TestOnly: true,
			FetchCooldown: 5 * time.Millisecond, FetchPollInterval: 20 * time.Millisecond, Workers: river.NewWorkers(),
			Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}}}
	for _, one := range changes {
		one(c)
	}
	p.fleet, err = fleet.New(c.store(p.store), c.fleet)
	require.NoError(h.t, err)
	p.jobs, err = riversync.New(p.fleet, c.jobs)
	require.NoError(h.t, err)
	require.NoError(h.t, p.jobs.Register(c.river.Workers))
	p.client, err = river.NewClient(riverpgxv5.New(h.pool), c.river)
	require.NoError(h.t, err)
	if c.sweeps {
		p.client.PeriodicJobs().Add(p.jobs.Sweep())
	}
	return p
}

// sweeps has a process sweep every second once it is started.
func sweeps(c *change) { c.sweeps, c.jobs.SweepEvery = true, time.Second }

// start starts the client, and returns what stops it.
func (p *process) start() (stop func()) {
	p.t.Helper()
	require.NoError(p.t, p.client.Start(context.WithoutCancel(p.t.Context())))
	stop = sync.OnceFunc(func() { require.NoError(p.t, p.client.Stop(context.WithoutCancel(p.t.Context()))) })
	p.t.Cleanup(stop)
	return stop
}

// connect connects customers' orgs by the browser.
func (p *process) connect(names ...string) {
	p.t.Helper()
	for _, name := range names {
		begun, err := p.fleet.BeginConnect(p.t.Context(), name, &fleet.ConnectOptions{LoginURL: p.orgs[name].URL()})
		require.NoError(p.t, err)
		request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, begun.URL, nil)
		require.NoError(p.t, err)
		reply, err := http.DefaultTransport.RoundTrip(request)
		require.NoError(p.t, err)
		require.NoError(p.t, reply.Body.Close())
		back := httptest.NewRequestWithContext(p.t.Context(), http.MethodGet, reply.Header.Get("Location"), nil)
		back.AddCookie(begun.Cookie)
		shown := httptest.NewRecorder()
		p.fleet.Callback().ServeHTTP(shown, back)
		require.Equal(p.t, http.StatusOK, shown.Code, shown.Body.String())
	}
}

// capture captures leads and inserts their job in one transaction.
func (p *process) capture(name string, leads ...*leadsync.Lead) {
	p.t.Helper()
	require.NoError(p.t, pgx.BeginFunc(p.t.Context(), p.pool, func(tx pgx.Tx) error {
		_, err := p.jobs.CaptureTx(p.t.Context(), p.client, tx, name, leads...)
		return err
	}))
}

// leads are n leads, numbered from one.
func leads(from, n int) []*leadsync.Lead {
	made := make([]*leadsync.Lead, n)
	for i := range made {
		made[i] = &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprintf("canary-%d", from+i)), LastName: "Canary",
			Email: fmt.Sprintf("canary%d@canary.example", from+i), Company: "Canary"}
	}
	return made
}

// cleared returns how many leads of a connection are cleared.
func (p *process) cleared(name string) int { return p.stages(name)[leadsync.Cleared] }

func (p *process) stages(name string) map[leadsync.Stage]int {
	p.t.Helper()
	syncer, err := p.fleet.Syncer(p.t.Context(), name)
	require.NoError(p.t, err)
	summary, err := syncer.Summary(p.t.Context(), leadsync.Filter{})
	require.NoError(p.t, err)
	return summary.Stages
}

// await waits for something.
func (h *host) await(done func() bool) {
	h.t.Helper()
	require.Eventually(h.t, done, time.Minute, 10*time.Millisecond, "%s", h.log)
}

// list returns the jobs of a kind, oldest first.
func (p *process) list(kind string) []*rivertype.JobRow {
	p.t.Helper()
	listed, err := p.client.JobList(p.t.Context(),
		river.NewJobListParams().Kinds(kind).OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(1000))
	require.NoError(p.t, err)
	return listed.Jobs
}

// only returns the one job that drains.
func (p *process) only() *rivertype.JobRow {
	p.t.Helper()
	jobs := p.list("leadsync_drain")
	require.Len(p.t, jobs, 1)
	return jobs[0]
}

// work works a job of a connection, without starting the client.
func (p *process) work(name string, opts *river.InsertOpts) (*rivertest.WorkResult, error) {
	p.t.Helper()
	tx := p.begin()
	defer tx.Rollback(p.t.Context())
	worker := rivertest.NewWorker(p.t, riverpgxv5.New(nil), &river.Config{Schema: p.river()}, p.jobs.Drainer())
	return worker.Work(p.t.Context(), p.t, tx, riversync.DrainArgs{Connection: name}, opts)
}

// requireSnooze works a job and requires that it snoozes for a time, without using up an attempt.
func (p *process) requireSnooze(name string, least, most time.Duration) {
	p.t.Helper()
	result, err := p.work(name, nil)
	require.NoError(p.t, err)
	require.Equal(p.t, river.EventKindJobSnoozed, result.EventKind, p.log)
	require.Zero(p.t, result.Job.Attempt)
	wait := time.Until(result.Job.ScheduledAt)
	require.LessOrEqual(p.t, wait, most)
	require.Greater(p.t, wait, least)
}

// requireEnd works a job and requires that it ends.
func (p *process) requireEnd(name string) {
	p.t.Helper()
	result, err := p.work(name, nil)
	require.NoError(p.t, err)
	require.Equal(p.t, river.EventKindJobCompleted, result.EventKind, p.log)
}

// A syncBuffer is a bytes.Buffer for concurrent use.
type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}
