// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/store"
)

// A hostsOwn is where a host keeps what is captured.
type hostsOwn struct {
	fleet.Within
	capture store.CaptureFunc
}

func (o *hostsOwn) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	return o.capture(ctx, connection, leads)
}

// An unusedStore fails a test that uses it.
type unusedStore struct{ fleet.Store }

// What is captured within a host's own transaction is read and stored there, and nowhere else.
func TestCaptureWithinLeavesTheStoringToTheHost(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.processOn(unusedStore{}, func(c *fleet.Config) { c.Base.Gather = 10 * time.Minute })
	require.Equal(t, fleet.Store(unusedStore{}), f.Store())
	h.connect(h.process(), "acme")
	asked := h.orgs["acme"].Calls()
	var got []store.Captured
	own := &hostsOwn{Within: h.store, capture: func(_ context.Context, connection string,
		leads []store.Captured) (store.CaptureReport, error) {
		require.Equal(t, "acme", connection)
		got = append(got, leads...)
		return store.CaptureReport{New: len(leads)}, nil
	}}
	report, err := f.CaptureWithin(t.Context(), own, "acme", lead(1), new(leadsync.Lead))
	var batch *leadsync.BatchError
	require.ErrorAs(t, err, &batch)
	require.Equal(t, 1, report.New)
	require.Len(t, got, 1)
	require.Equal(t, store.StateQueued, got[0].State)
	require.NotEmpty(t, got[0].Lead.Strategy)
	require.InDelta(t, 10*time.Minute, time.Until(got[0].DueAt), float64(time.Minute))
	require.Equal(t, asked, h.orgs["acme"].Calls(), "nor is Salesforce asked")

	own.capture = func(context.Context, string, []store.Captured) (store.CaptureReport, error) {
		return store.CaptureReport{}, errors.New("no disk")
	}
	_, err = f.CaptureWithin(t.Context(), own, "acme", lead(1))
	require.ErrorIs(t, err, leadsync.Unknown)
	_, err = f.CaptureWithin(t.Context(), own, "a\nb", lead(1))
	requireRefused(t, err, "connection")
}

// A transaction that has read Manual commits after another process has set the mode to Automatic. Run finds its
// leads though nothing else is due, and leaves those of connections whose mode is another.
func TestLeadsOfALateTransactionAreReleased(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "globex")
	f, other := h.process(), h.process()
	h.connect(f, "acme", "globex")
	for _, name := range []string{"acme", "globex"} {
		require.NoError(t, f.SetMode(t.Context(), name, leadsync.Manual))
	}
	var late []store.Captured
	own := &hostsOwn{Within: h.store, capture: func(_ context.Context, _ string,
		leads []store.Captured) (store.CaptureReport, error) {
		late = leads
		return store.CaptureReport{New: len(leads)}, nil
	}}
	_, err := f.CaptureWithin(t.Context(), own, "acme", lead(1))
	require.NoError(t, err)
	_, err = f.Capture(t.Context(), "globex", lead(2))
	require.NoError(t, err)
	require.NoError(t, other.SetMode(t.Context(), "acme", leadsync.Automatic))
	h.drain(other, "acme", 1, fleet.LeftNothing)
	_, err = h.store.Capture(t.Context(), "acme", late)
	require.NoError(t, err)
	due, err := other.Due(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"acme"}, due)
	h.run(other)
	h.cleared(other, "acme", 1)
	require.Zero(t, h.stages(f, "globex")[leadsync.Cleared])
}

func TestActivitiesAreCapturedWithinWhatTheHostHas(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme")
	f := h.processOn(unusedStore{})
	note := leadsync.Activity{ID: "A1", Kind: leadsync.ActivityNote, Notes: "Met."}
	err := f.CaptureActivitiesWithin(t.Context(), h.store, "acme", "L1", note)
	require.ErrorIs(t, err, store.ErrNoLead)
	_, err = f.CaptureWithin(t.Context(), h.store, "acme", lead(1))
	require.NoError(t, err)
	require.NoError(t, f.CaptureActivitiesWithin(t.Context(), h.store, "acme", "L1", note))
	entries, err := h.store.List(t.Context(), "acme", store.Filter{})
	require.NoError(t, err)
	require.Len(t, entries[0].Lead.Activities, 1)
	err = f.CaptureActivitiesWithin(t.Context(), h.store, "acme", "L1", leadsync.Activity{Kind: "nope"})
	require.ErrorIs(t, err, leadsync.DataValueValidation)
	requireRefused(t, f.CaptureActivitiesWithin(t.Context(), h.store, "", "L1", note), "connection")
}
