// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

// drain drains a connection and requires what is left.
func (h *host) drain(f *fleet.Fleet, name string, batches int, want fleet.LeftState) fleet.Left {
	h.t.Helper()
	left, err := f.Drain(h.t.Context(), name, batches)
	require.NoError(h.t, err)
	require.Equal(h.t, want, left.State, "%+v %s", left, h.log)
	require.Equal(h.t, want == fleet.LeftMore, left.Wait == 0)
	return left
}

// A process that only serves pages drains nothing.
func TestCallsOfASyncerAreCounted(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	h.connect(f, "acme")
	before, err := f.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.Empty(t, before.Calls)
	syncer, err := f.Syncer(t.Context(), "acme")
	require.NoError(t, err)
	_, err = syncer.Preflight(t.Context())
	require.NoError(t, err)
	other := h.process()
	for _, reader := range []*fleet.Fleet{f, other} {
		health, err := reader.Health(t.Context(), "acme")
		require.NoError(t, err)
		require.NotEmpty(t, health.Calls)
	}
}

func TestDrainSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process(func(c *fleet.Config) { c.Base.BatchSize = 10 })
	h.capture(f, "acme", 30)
	h.drain(f, "acme", 5, fleet.LeftOffline)
	h.connect(f, "acme")
	h.drain(f, "acme", 1, fleet.LeftMore)
	require.Equal(t, 10, h.stages(f, "acme")[leadsync.Cleared])
	h.drain(f, "acme", 2, fleet.LeftMore)
	h.drain(f, "acme", 2, fleet.LeftNothing)
	require.Equal(t, 30, h.stages(f, "acme")[leadsync.Cleared])
	health, err := f.Health(t.Context(), "acme")
	require.NoError(t, err)
	require.NotEmpty(t, health.Calls)

	lease, err := h.store.Acquire(t.Context(), "acme", "another", time.Minute)
	require.NoError(t, err)
	_, err = f.Capture(t.Context(), "acme", lead(100))
	require.NoError(t, err)
	h.drain(f, "acme", 2, fleet.LeftHeld)
	require.NoError(t, h.store.Release(t.Context(), lease))
	require.NoError(t, f.SetMode(t.Context(), "acme", leadsync.Disabled))
	h.drain(f, "acme", 2, fleet.LeftDisabled)
	require.NoError(t, f.SetMode(t.Context(), "acme", leadsync.Automatic))
	h.drain(f, "acme", 2, fleet.LeftNothing)
	h.drain(f, "of nobody", 1, fleet.LeftOffline)
	_, err = f.Drain(t.Context(), "a\nb", 1)
	requireRefused(t, err, "connection")
}

func TestDrainSaysHowLongToWait(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process(func(c *fleet.Config) { c.Base.Gather = 10 * time.Minute })
	h.connect(f, "acme")
	h.capture(f, "acme", 2)
	left := h.drain(f, "acme", 3, fleet.LeftLater)
	require.InDelta(t, 10*time.Minute, left.Wait, float64(time.Minute))
	syncer, err := f.Syncer(t.Context(), "acme")
	require.NoError(t, err)
	_, err = syncer.Push(t.Context(), leadsync.Filter{})
	require.NoError(t, err)

	h.orgs["acme"].Fail(func(r *http.Request, _ int) *sftest.Fault {
		if !strings.Contains(r.URL.Path, "/services/data/") {
			return nil
		}
		return &sftest.Fault{Status: http.StatusForbidden,
			Body: `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`}
	})
	left = h.drain(f, "acme", 3, fleet.LeftPaused)
	require.Equal(t, leadsync.RateLimit, left.Code)
	require.Greater(t, left.Wait, 5*time.Minute)
	calls := h.orgs["acme"].Calls()
	another := h.process()
	h.drain(another, "acme", 3, fleet.LeftLater)
	_, err = another.Capture(t.Context(), "acme", lead(3))
	require.NoError(t, err)
	other := h.drain(another, "acme", 3, fleet.LeftPaused)
	require.Equal(t, leadsync.RateLimit, other.Code)
	require.InDelta(t, left.Wait, other.Wait, float64(time.Minute))
	require.Equal(t, calls, h.orgs["acme"].Calls())
}

func TestDrainThatNeedsAPersonIsNotDueUntilResume(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex", "offline", "disabled")
	f := h.process()
	h.connect(f, "acme", "globex", "disabled")
	require.NoError(t, f.SetMode(t.Context(), "disabled", leadsync.Disabled))
	h.orgs["acme"].DisableAPI()
	for _, name := range []string{"acme", "globex", "offline", "disabled"} {
		h.capture(f, name, 1)
	}
	due := func(want ...string) {
		t.Helper()
		names, err := f.Due(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, names)
	}
	due("acme", "globex")
	left := h.drain(f, "acme", 1, fleet.LeftIncident)
	require.NotEmpty(t, left.Code)
	calls := h.orgs["acme"].Calls()
	require.Equal(t, left, h.drain(f, "acme", 1, fleet.LeftIncident))
	require.Equal(t, calls, h.orgs["acme"].Calls())
	due("globex")
	require.NoError(t, f.Resume(t.Context(), "acme"))
	due("acme", "globex")
	h.drain(f, "globex", 1, fleet.LeftMore)
	due("acme")
}

func TestAClockThatIsSetBackDoesNotProlongAnIncident(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	var back atomic.Int64
	f := h.process(func(c *fleet.Config) {
		c.Now = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }
	})
	h.connect(f, "acme")
	h.capture(f, "acme", 1)
	h.orgs["acme"].DisableAPI()
	h.drain(f, "acme", 1, fleet.LeftIncident)
	asked := len(h.orgs["acme"].Requests())
	back.Store(int64(10 * time.Second)) // as the clocks of two processes differ
	h.drain(f, "acme", 1, fleet.LeftIncident)
	require.Len(t, h.orgs["acme"].Requests(), asked)
	back.Store(int64(24 * time.Hour))
	h.drain(f, "acme", 1, fleet.LeftIncident)
	require.Greater(t, len(h.orgs["acme"].Requests()), asked, "it was tried again")
}

func TestDrainReturnsWhatTheStoreSays(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	broken := &brokenStore{Store: h.store}
	f := h.processOn(broken)
	h.connect(f, "acme")
	h.capture(f, "acme", 1)
	broken.broken.Store(true)
	_, err := f.Drain(t.Context(), "acme", 1)
	require.ErrorIs(t, err, leadsync.Unknown)
	_, err = f.Due(t.Context())
	require.ErrorIs(t, err, leadsync.Unknown)
	broken.broken.Store(false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = f.Drain(ctx, "acme", 1)
	require.ErrorIs(t, err, context.Canceled)
	h.drain(f, "acme", 2, fleet.LeftNothing)
}

// Leads that were captured under a mode that has changed meanwhile are released.
func TestDrainReleasesWhatWasCapturedUnderAnotherMode(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.process()
	h.connect(f, "acme")
	require.NoError(t, f.SetMode(t.Context(), "acme", leadsync.Manual))
	within := &hostsOwn{Within: h.store, capture: func(ctx context.Context, connection string,
		leads []store.Captured) (store.CaptureReport, error) {
		require.NoError(t, h.process().SetMode(ctx, "acme", leadsync.Automatic))
		return h.store.Capture(ctx, connection, leads)
	}}
	_, err := f.CaptureWithin(t.Context(), within, "acme", lead(1))
	require.NoError(t, err)
	h.drain(f, "acme", 2, fleet.LeftNothing)
	require.Equal(t, 1, h.stages(f, "acme")[leadsync.Cleared])
}

// What fails under a link or settings that a person has replaced meanwhile says nothing of those that are in force.
func TestABatchThatEndsLateMakesNoIncident(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(ctx context.Context, h *host, f *fleet.Fleet) error{
		"disconnected": func(ctx context.Context, _ *host, f *fleet.Fleet) error { return f.Disconnect(ctx, "acme") },
		"connected again": func(ctx context.Context, h *host, _ *fleet.Fleet) error {
			c, err := h.store.Connection(ctx, "acme")
			return cmp.Or(err, h.store.Connect(ctx, "acme", c.Link, c.Token.Sealed, "ada"))
		},
		"other settings": func(ctx context.Context, _ *host, f *fleet.Fleet) error {
			return f.SetSettings(ctx, "acme", &leadsync.Settings{LeadSource: "Fair"}, 0)
		},
		"nothing": func(context.Context, *host, *fleet.Fleet) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, "acme")
			f := h.process()
			h.connect(f, "acme")
			h.capture(f, "acme", 1)
			change := sync.OnceValue(func() error { return meanwhile(t.Context(), h, f) })
			h.orgs["acme"].Fail(func(r *http.Request, _ int) *sftest.Fault {
				if !strings.Contains(r.URL.Path, "/composite") {
					return nil
				}
				_ = change()
				return &sftest.Fault{Status: http.StatusForbidden,
					Body: `[{"errorCode":"API_DISABLED_FOR_ORG","message":"API is not enabled for this Organization"}]`}
			})
			left, err := f.Drain(t.Context(), "acme", 1)
			require.NoError(t, err)
			require.NoError(t, change())
			c, err := h.store.Connection(t.Context(), "acme")
			require.NoError(t, err)
			if name == "nothing" {
				require.Equal(t, fleet.LeftIncident, left.State)
				require.NotEmpty(t, c.Incident)
				return
			}
			require.Equal(t, fleet.LeftMore, left.State, "it is looked at again at once")
			require.Empty(t, c.Incident)
		})
	}
}
