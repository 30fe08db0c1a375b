// SPDX-License-Identifier: Apache-2.0

package riversync_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/riversync"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
	"github.com/leadsync/leadsync/store/postgres"
)

// jobName returns the connection of a job.
func jobName(t *testing.T, job *rivertype.JobRow) string {
	t.Helper()
	var args riversync.DrainArgs
	require.NoError(t, json.Unmarshal(job.EncodedArgs, &args))
	return args.Connection
}

// kept returns how many leads of a connection the Store has.
func (p *process) kept(name string) int { return p.stages(name)[leadsync.PreSync] }

func TestLeadsAndTheirJobAreCapturedTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process()
	tx := p.begin()
	report, err := p.jobs.CaptureTx(t.Context(), p.client, tx, "acme", leads(1, 2)...)
	require.NoError(t, err)
	require.Equal(t, 2, report.New)
	require.Zero(t, p.kept("acme"), "before the commit")
	require.Empty(t, p.list("leadsync_drain"))
	require.NoError(t, tx.Rollback(t.Context()))
	require.Zero(t, p.kept("acme"), "after the rollback")
	require.Empty(t, p.list("leadsync_drain"))

	tx = p.begin()
	report, err = p.jobs.CaptureTx(t.Context(), p.client, tx, "acme", leads(1, 1)[0], new(leadsync.Lead))
	var refused *leadsync.BatchError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Failed, 1)
	require.Equal(t, 1, report.New)
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, 1, p.kept("acme"))
	p.only()

	tx = p.begin()
	_, err = p.jobs.CaptureTx(t.Context(), p.client, tx, "globex", new(leadsync.Lead))
	require.ErrorAs(t, err, &refused, "of all leads")
	require.NoError(t, tx.Commit(t.Context()))
	p.only()
}

// A host with nothing else to store need not begin a transaction, and cannot roll back over leads that are refused.
func TestCaptureCommitsTheLeadsThatAreNotRefused(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process()
	report, err := p.jobs.Capture(t.Context(), p.client, p.pool, "acme", leads(1, 2)[0], new(leadsync.Lead))
	var refused *leadsync.BatchError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Failed, 1)
	require.Equal(t, 1, report.New)
	require.Equal(t, 1, p.kept("acme"))
	p.only()
	report, err = p.jobs.Capture(t.Context(), p.client, p.pool, "acme", leads(5, 2)...)
	require.NoError(t, err)
	require.Equal(t, 2, report.New)
	require.Equal(t, 3, p.kept("acme"))

	_, err = p.jobs.Capture(t.Context(), p.client, p.pool, "", leads(1, 1)...)
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.jobs.Capture(ctx, p.client, p.pool, "acme", leads(9, 1)...)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, p.kept("acme"))
}

func TestActivitiesAndTheirJobAreCapturedTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process()
	_, err := p.fleet.Capture(t.Context(), "acme", leads(1, 1)[0])
	require.NoError(t, err)
	note := leadsync.Activity{ID: "A1", Kind: leadsync.ActivityNote, Notes: "Met."}
	for _, commits := range []bool{false, true} {
		tx := p.begin()
		err := p.jobs.CaptureActivitiesTx(t.Context(), p.client, tx, "acme", "nobody", note)
		require.ErrorIs(t, err, store.ErrNoLead)
		id := leads(1, 1)[0].ID
		require.NoError(t, p.jobs.CaptureActivitiesTx(t.Context(), p.client, tx, "acme", id, note))
		require.Empty(t, p.list("leadsync_drain"), "before the commit")
		if commits {
			require.NoError(t, tx.Commit(t.Context()))
			continue
		}
		require.NoError(t, tx.Rollback(t.Context()))
		require.Empty(t, p.list("leadsync_drain"))
	}
	p.only()
	entries, err := p.store.List(t.Context(), "acme", store.Filter{})
	require.NoError(t, err)
	require.Len(t, entries[0].Lead.Activities, 1)
}

// Nothing but the transaction is used: a pool whose only connection has it does.
func TestCaptureInATransactionNeedsNoOtherConnection(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	h.process().connect("acme")
	config := h.pool.Config()
	config.MaxConns = 1
	small, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(small.Close)
	h.pool = small
	p := h.process()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // of a control that would wait for good
	defer cancel()
	tx := p.begin()
	lead := leads(1, 1)[0]
	_, err = p.jobs.CaptureTx(ctx, p.client, tx, "acme", lead)
	require.NoError(t, err)
	require.NoError(t, p.jobs.CaptureActivitiesTx(ctx, p.client, tx, "acme", lead.ID,
		leadsync.Activity{ID: "A1", Kind: leadsync.ActivityNote, Notes: "Met."}))
	require.NoError(t, tx.Commit(ctx))
	require.Equal(t, 1, p.kept("acme"))
}

func TestConfigOfRiverIsMade(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process()
	cfg := new(river.Config)
	require.NoError(t, p.jobs.AddTo(cfg, 3))
	require.NotNil(t, cfg.Workers)
	require.Len(t, cfg.PeriodicJobs, 1)
	require.Len(t, cfg.Queues, 1)
	for _, queue := range cfg.Queues {
		require.Equal(t, 3, queue.MaxWorkers)
	}
	require.Error(t, p.jobs.AddTo(cfg, 3), "they are there already")
}

// When the job cannot be inserted, nothing of the capture stays in a transaction that continues.
func TestCaptureWithoutItsJobLeavesTheTransactionAsItWas(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process()
	h.exec(`ALTER TABLE ` + h.river() + `.river_job RENAME TO gone`)
	tx := p.begin()
	_, err := p.jobs.CaptureTx(t.Context(), p.client, tx, "acme", leads(1, 2)...)
	require.ErrorIs(t, err, leadsync.Unknown)
	_, err = p.store.CaptureTx(t.Context(), tx, "acme", nil)
	require.NoError(t, err, "it continues")
	require.NoError(t, tx.Commit(t.Context()))
	require.Zero(t, p.kept("acme"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, p.jobs.Insert(ctx, p.client, "acme"), context.Canceled)
}

func TestConnectionHasOneJobAtATime(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process()
	p.connect("acme")
	for i := range 3 {
		p.capture("acme", leads(i, 1)...)
		require.NoError(t, p.jobs.Insert(t.Context(), p.client, "acme"))
		_, err := p.client.Insert(t.Context(), riversync.DrainArgs{Connection: "acme"}, nil)
		require.NoError(t, err)
	}
	first := p.only()
	p.start()
	h.await(func() bool { return p.only().State == rivertype.JobStateCompleted })
	require.Equal(t, 3, p.cleared("acme"))
	p.capture("acme", leads(10, 1)...)
	h.await(func() bool { return p.cleared("acme") == 4 })
	jobs := p.list("leadsync_drain")
	require.Len(t, jobs, 2)
	require.Equal(t, first.ID, jobs[0].ID)
}

// Leads gather as with fleet.Fleet.Capture, and their job comes when they have.
func TestJobComesWhenLeadsHaveGathered(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	gather := func(c *change) { c.fleet.Base.Gather, c.fleet.Base.BatchSize = 10*time.Minute, 3 }
	p, hasty := h.process(gather), h.process(gather, func(c *change) { c.jobs.LongestSnooze = time.Minute })
	p.connect("acme")
	p.capture("acme", leads(1, 1)...)
	job := p.only()
	require.Equal(t, rivertype.JobStateScheduled, job.State)
	require.InDelta(t, 10*time.Minute, time.Until(job.ScheduledAt), float64(time.Minute))
	p.requireSnooze("acme", 9*time.Minute, 10*time.Minute)
	hasty.requireSnooze("acme", 59*time.Second, time.Minute)
	p.capture("acme", leads(2, 1)...)
	require.Equal(t, job.ScheduledAt, p.only().ScheduledAt, "the same window")
	p.capture("acme", leads(3, 3)...) // more than a batch
	require.Equal(t, rivertype.JobStateAvailable, p.only().State)
}

// Leads that are captured while the mode changes from Manual to Automatic are released by their job.
func TestJobReleasesLeadsCapturedWhileTheModeChanged(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	var other *process
	p := h.process(func(c *change) {
		c.store = func(s fleet.Store) fleet.Store {
			return &changing{Store: s.(*postgres.Store), change: func(ctx context.Context) error {
				return other.fleet.SetMode(ctx, "acme", leadsync.Automatic)
			}}
		}
	})
	other = h.process()
	other.connect("acme")
	require.NoError(t, other.fleet.SetMode(t.Context(), "acme", leadsync.Manual))
	p.capture("acme", leads(1, 2)...)
	entries, err := p.store.List(t.Context(), "acme", store.Filter{States: []store.State{store.StateFrozen}})
	require.NoError(t, err)
	require.Len(t, entries, 2)
	other.start()
	h.await(func() bool { return p.cleared("acme") == 2 })
}

// A changing is a Store of which something changes just before a capture.
type changing struct {
	*postgres.Store
	change func(ctx context.Context) error
}

func (c *changing) CaptureTx(ctx context.Context, tx pgx.Tx, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	if err := c.change(ctx); err != nil {
		return store.CaptureReport{}, err
	}
	return c.Store.CaptureTx(ctx, tx, connection, leads)
}

// A job that snoozes is brought forward for leads that are due before, unless it waits for the end
// of a pause.
func TestCaptureBringsASnoozingJobForward(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process(func(c *change) { c.fleet.Base.BatchSize = 1 })
	p.connect("acme")
	limited := make(chan struct{})
	h.orgs["acme"].Fail(func(r *http.Request, _ int) *sftest.Fault {
		select {
		case <-limited:
			return nil
		default:
		}
		if !strings.Contains(r.URL.Path, "/services/data/") {
			return nil
		}
		return &sftest.Fault{Status: http.StatusForbidden,
			Body: `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`}
	})
	p.capture("acme", leads(1, 1)...)
	p.start()
	h.await(func() bool { return p.only().State == rivertype.JobStateScheduled })
	paused := p.only()
	require.Greater(t, time.Until(paused.ScheduledAt), 5*time.Minute)
	require.Zero(t, paused.Attempt)
	p.capture("acme", leads(2, 1)...)
	require.NoError(t, p.jobs.Insert(t.Context(), p.client, "acme"))
	require.Equal(t, paused.ScheduledAt, p.only().ScheduledAt)

	// The same snooze for leads that are to be tried again.
	close(limited)
	h.exec(`UPDATE ` + h.river() + `.river_job SET metadata = metadata || '{"output": {"state": "later"}}'`)
	before := p.only().ScheduledAt
	require.NoError(t, pgx.BeginFunc(t.Context(), p.pool, func(tx pgx.Tx) error {
		return p.jobs.InsertTx(t.Context(), p.client, tx, "acme")
	}))
	h.await(func() bool { return p.only().ScheduledAt != before })
}

// River's tables and logs have no data of a lead, whatever becomes of the jobs.
func TestJobsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex", "initech")
	p := h.process(sweeps)
	p.connect("acme", "globex", "initech")
	h.orgs["globex"].DisableAPI()
	h.orgs["initech"].Fail(func(r *http.Request, _ int) *sftest.Fault {
		return &sftest.Fault{Status: http.StatusServiceUnavailable, Body: "canary1@canary.example"}
	})
	p.start()
	for _, name := range []string{"acme", "globex", "initech", "offline"} {
		p.capture(name, leads(1, 2)...)
	}
	h.await(func() bool {
		done := 0
		for _, job := range p.list("leadsync_drain") {
			if len(job.Output()) > 0 {
				done++
			}
		}
		return done == 4 && len(p.list("leadsync_sweep")) > 0
	})
	rows, err := p.pool.Query(t.Context(), `SELECT to_jsonb(j)::text FROM `+h.river()+`.river_job AS j`)
	require.NoError(t, err)
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	text := fmt.Sprint(texts, h.log)
	require.Contains(t, text, "initech")
	for _, secret := range []string{"canary", "Canary", h.orgs["acme"].Token(), h.orgs["acme"].RefreshToken()} {
		require.NotContains(t, text, secret)
	}
}

func TestNewNamesTheFieldAtFault(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	p := h.process()
	for field, cfg := range map[string]*riversync.Config{
		"Config.Batches":       {Batches: -1},
		"Config.LongestSnooze": {LongestSnooze: time.Millisecond},
		"Config.SweepEvery":    {SweepEvery: -time.Second},
	} {
		_, err := riversync.New(p.fleet, cfg)
		var refused *leadsync.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, []string{field}, refused.Fields)
	}
	_, err := riversync.New(nil, nil)
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	jobs, err := riversync.New(p.fleet, nil)
	require.NoError(t, err)
	workers := river.NewWorkers()
	require.NoError(t, jobs.Register(workers))
	require.Error(t, jobs.Register(workers), "twice")
}

// A Store that has no CaptureTx is refused by name.
func TestCaptureTxNeedsAStoreOfTransactions(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	p := h.process(func(c *change) { c.store = func(fleet.Store) fleet.Store { return memory.New(nil) } })
	tx := p.begin()
	_, err := p.jobs.CaptureTx(t.Context(), p.client, tx, "acme", leads(1, 1)...)
	var refused *leadsync.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{"store"}, refused.Fields)
}

func TestCallsNameWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := newHost(t, "acme").process()
	tx, err := p.pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(t.Context())) }()
	for field, call := range map[string]func() error{
		"client": func() error { return p.jobs.Insert(t.Context(), nil, "acme") },
		"tx":     func() error { return p.jobs.InsertTx(t.Context(), p.client, nil, "acme") },
		"client ": func() error {
			_, err := p.jobs.CaptureTx(t.Context(), nil, tx, "acme", leads(1, 1)...)
			return err
		},
		"tx ": func() error { return p.jobs.CaptureActivitiesTx(t.Context(), p.client, nil, "acme", "L1") },
		"db": func() error {
			_, err := p.jobs.Capture(t.Context(), p.client, nil, "acme", leads(1, 1)...)
			return err
		},
		"workers": func() error { return p.jobs.Register(nil) },
		"cfg":     func() error { return p.jobs.AddTo(nil, 1) },
		"in": func() error {
			_, err := p.fleet.CaptureWithin(t.Context(), nil, "acme", leads(1, 1)...)
			return err
		},
	} {
		var refused *leadsync.Error
		require.ErrorAs(t, call(), &refused, field)
		require.Equal(t, leadsync.DataValueValidation, refused.Code)
		require.Equal(t, []string{strings.TrimSpace(field)}, refused.Fields)
	}
}
