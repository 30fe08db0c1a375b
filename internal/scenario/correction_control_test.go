// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A forgettingStore does not keep all of an outcome.
type forgettingStore struct {
	leadsync.Store
	forget func(*leadsync.Outcome)
}

func (s forgettingStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadsync.LeadID, error) {
	settlements = slices.Clone(settlements)
	for i := range settlements {
		if settlements[i].Outcome != nil {
			out := *settlements[i].Outcome
			s.forget(&out)
			settlements[i].Outcome = &out
		}
	}
	return s.Store.Settle(ctx, lease, settlements)
}

// mistaken returns an org in which Ada was matched with Grace, by a wrong address, twice
// and then corrected, and what the store forgot meanwhile.
func mistaken(t *testing.T, forget func(*leadsync.Outcome)) *correcting {
	t.Helper()
	org := sftest.NewOrg(t)
	cfg := &leadsync.Config{Store: forgettingStore{memory.New(nil), forget}, Mapper: scenario.Overwriting()}
	lead := scenario.Ada()
	lead.JobTitle = "Countess"
	c := &correcting{t: t, org: org, s: scenario.SyncerOf(t, org, cfg), object: "Lead", lead: lead}
	c.grace()
	c.cleared(gracesEmail)
	lead.JobTitle = "Analyst"
	c.cleared(gracesEmail)
	c.cleared(adasEmail)
	return c
}

// The control of corrections: without bonds a lead stays on the colleague's record.
func TestCorrectionWouldChangeNothingWithoutBonds(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2, mistaken(t, func(*leadsync.Outcome) {}).org.Count("Lead"))
	c := mistaken(t, func(out *leadsync.Outcome) { out.Trace.Bond = nil })
	require.Equal(t, 1, c.org.Count("Lead"))
	require.Equal(t, "Analyst", c.org.Rows("Lead")[0]["Title"])
}

// The control of Earlier: without it the first values of the colleague's record are lost
// with the second sync.
func TestRevertWouldNotReachTheFirstSyncWithoutEarlier(t *testing.T) {
	t.Parallel()
	for kept, title := range map[bool]string{true: "Admiral", false: "Countess"} {
		c := mistaken(t, func(out *leadsync.Outcome) {
			if !kept {
				out.Earlier = nil
			}
		})
		revertAll(t, c.s, onlyEntry(t, c.s).Last.Left, revert.Options{})
		require.Equal(t, title, c.org.Rows("Lead")[0]["Title"])
	}
}

// An eagerStore takes every capture whole.
type eagerStore struct{ leadsync.Store }

func (s eagerStore) Capture(ctx context.Context, connection string,
	leads []store.Captured) (store.CaptureReport, error) {
	leads = slices.Clone(leads)
	for i := range leads {
		leads[i].Force = true
	}
	return s.Store.Capture(ctx, connection, leads)
}

// The control of older news: taken whole, a late scan discards what enrichment found, and
// the lead waits again.
func TestLateScanWouldDiscardEnrichedDataIfItWereTakenWhole(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	s := scenario.SyncerOf(t, org, &leadsync.Config{WaitForEnrichment: true, Store: eagerStore{memory.New(nil)}})
	captureIn(t, s, enrichedAda())
	captureIn(t, s, rawAda())
	entry := onlyEntry(t, s)
	require.Equal(t, store.StateWaiting, entry.State)
	require.Equal(t, "Visitor", entry.Lead.JobTitle)
}
