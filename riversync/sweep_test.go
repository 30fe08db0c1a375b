// SPDX-License-Identifier: Apache-2.0

package riversync_test

import (
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/riversync"
)

// leaseTTL is how long a lease lasts.
const leaseTTL = time.Minute

// sweeper returns a process that works sweeps and nothing else, and started.
func (h *host) sweeper() *process {
	h.t.Helper()
	p := h.process(func(c *change) { c.river.Queues = map[string]river.QueueConfig{"sweeps": {MaxWorkers: 1}} })
	p.start()
	return p
}

// sweep has a sweep worked and returns its output.
func (p *process) sweep() string {
	p.t.Helper()
	inserted, err := p.client.Insert(p.t.Context(), riversync.SweepArgs{}, &river.InsertOpts{Queue: "sweeps"})
	require.NoError(p.t, err)
	var output []byte
	p.await(func() bool {
		job, err := p.client.JobGet(p.t.Context(), inserted.Job.ID)
		require.NoError(p.t, err)
		output = job.Output()
		return job.State == rivertype.JobStateCompleted
	})
	return string(output)
}

// The sweep finds what no job was inserted for, once it is due.
func TestSweepFindsForgottenLeads(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex", "initech")
	p := h.process(sweeps)
	p.connect("acme", "globex")
	h.orgs["globex"].DisableAPI()
	for _, name := range []string{"acme", "globex", "initech"} {
		_, err := p.fleet.Capture(t.Context(), name, leads(1, 2)...)
		require.NoError(t, err)
	}
	p.start()
	h.await(func() bool { return p.cleared("acme") == 2 })
	h.await(func() bool {
		health, err := p.fleet.Health(t.Context(), "globex")
		require.NoError(t, err)
		return health.Incident != nil
	})
	p.connect("initech")
	h.await(func() bool { return p.cleared("initech") == 2 })
	ended := len(p.list("leadsync_drain"))

	// What a person has mended is swept up after Resume, and not before.
	h.orgs["globex"].SetPermission("PermissionsApiEnabled", true)
	swept := len(p.list("leadsync_sweep"))
	h.await(func() bool { return len(p.list("leadsync_sweep")) > swept+1 })
	require.Len(t, p.list("leadsync_drain"), ended)
	require.NoError(t, p.fleet.Resume(t.Context(), "globex"))
	h.await(func() bool { return p.cleared("globex") == 2 })
}

// A job that a dead process has left running does not keep its connection from others.
func TestSweepReplacesTheJobOfADeadProcess(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p, sweeper := h.process(), h.sweeper()
	p.connect("acme")
	p.capture("acme", leads(1, 2)...)
	running := func(since string) {
		h.exec(`UPDATE `+h.river()+`.river_job SET state = 'running', attempt = 1, attempted_at = now() - $1::interval
			WHERE kind = 'leadsync_drain' AND NOT tags @> '{stand-in}'`, since)
	}
	running("1 second")
	lease, err := p.store.Acquire(t.Context(), "acme", "the dead", leaseTTL)
	require.NoError(t, err)
	require.JSONEq(t, `{"due":0,"inserted":0,"standIns":0}`, sweeper.sweep(), "it may be alive")
	require.NoError(t, p.store.Release(t.Context(), lease))
	require.JSONEq(t, `{"due":1,"inserted":0,"standIns":0}`, sweeper.sweep(), "it may be about to begin or to end")
	running("10 minutes")
	require.JSONEq(t, `{"due":1,"inserted":0,"standIns":1}`, sweeper.sweep())
	sweeper.sweep()
	jobs := p.list("leadsync_drain")
	require.LessOrEqual(t, len(jobs), 3, "one in a minute")
	require.Equal(t, []string{"stand-in"}, jobs[1].Tags)
	require.JSONEq(t, `{"connection":"acme"}`, string(jobs[1].EncodedArgs))
	p.start()
	h.await(func() bool { return p.cleared("acme") == 2 })
	require.Equal(t, rivertype.JobStateRunning, p.list("leadsync_drain")[0].State)
}

// A stand-in does not wait beside the job that it stands in for, which may live.
func TestStandInDoesNotSnooze(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	p := h.process(func(c *change) { c.fleet.Base.BatchSize, c.jobs.Batches = 1, 1 })
	p.connect("acme")
	p.capture("acme", leads(1, 2)...)
	lease, err := p.store.Acquire(t.Context(), "acme", "the living", leaseTTL)
	require.NoError(t, err)
	standIn := &river.InsertOpts{Tags: []string{"stand-in"}}
	result, err := p.work("acme", standIn)
	require.NoError(t, err)
	require.Equal(t, river.EventKindJobCompleted, result.EventKind)
	require.NoError(t, p.store.Release(t.Context(), lease))
	result, err = p.work("acme", standIn)
	require.NoError(t, err)
	require.Equal(t, river.EventKindJobSnoozed, result.EventKind, "more is due")
	require.Equal(t, 1, p.stages("acme")[leadsync.PreSync])
}

// Sweep comes once a period, and a sweep that has died keeps no other from coming.
func TestSweepsDoNotPileUp(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	p := h.process(func(c *change) { c.jobs.SweepEvery = leaseTTL })
	args, opts := p.jobs.SweepJob()
	for range 3 {
		_, err := p.client.Insert(t.Context(), args, opts)
		require.NoError(t, err)
	}
	require.Len(t, p.list("leadsync_sweep"), 1)
	opts.ScheduledAt = time.Now().Add(leaseTTL)
	_, err := p.client.Insert(t.Context(), args, opts)
	require.NoError(t, err)
	require.Len(t, p.list("leadsync_sweep"), 2)
}
