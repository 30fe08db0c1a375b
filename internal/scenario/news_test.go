// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
)

// captureIn captures leads and returns the report.
func captureIn(t *testing.T, s *leadsync.Syncer, leads ...*leadsync.Lead) store.CaptureReport {
	t.Helper()
	report, err := s.Capture(t.Context(), leads...)
	require.NoError(t, err)
	return report
}

// enrichedAda returns Ada with what enrichment found.
func enrichedAda() *leadsync.Lead {
	lead := scenario.Ada()
	lead.EnrichedAt, lead.JobTitle = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC), "Countess"
	return lead
}

// rawAda returns Ada as the badge scan had her.
func rawAda() *leadsync.Lead {
	lead := scenario.Ada()
	lead.JobTitle = "Visitor"
	return lead
}

// What a late scan says never replaces what enrichment found, nor does it send the lead
// back to wait. Both failed before.
func TestLateScanNeitherDiscardsEnrichedDataNorWaits(t *testing.T) {
	t.Parallel()
	for _, mode := range []leadsync.Mode{leadsync.Automatic, leadsync.Manual} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			s := scenario.SyncerOf(t, org, &leadsync.Config{WaitForEnrichment: true, Mode: mode})
			captureIn(t, s, enrichedAda())
			require.Equal(t, 1, captureIn(t, s, rawAda()).Stale)
			pushIn(t, s, leadsync.Filter{})
			require.NoError(t, s.Drain(t.Context()))
			require.Equal(t, 1, captureIn(t, s, rawAda()).Stale)
			entry := scenario.StoredIn(t, s)[0]
			require.Equal(t, leadsync.Cleared, entry.Stage)
			require.Empty(t, entry.Last.Warnings)
			require.Equal(t, "Countess", org.Row("Lead", string(entry.Last.ID))["Title"])

			noted := rawAda()
			noted.Activities = []leadsync.Activity{{Kind: leadsync.ActivityNote, Notes: "wants a demo"}}
			require.Equal(t, 1, captureIn(t, s, noted).Stale)
			want := map[leadsync.Mode]store.State{leadsync.Automatic: store.StateQueued, leadsync.Manual: store.StateFrozen}
			require.Equal(t, want[mode], scenario.StoredIn(t, s)[0].State)
			pushIn(t, s, leadsync.Filter{})
			require.NoError(t, s.Drain(t.Context()))
			require.Len(t, org.Rows("Task"), 1)
			require.Equal(t, "Countess", org.Row("Lead", string(entry.Last.ID))["Title"])
		})
	}
}

func pushIn(t *testing.T, s *leadsync.Syncer, filter leadsync.Filter) {
	t.Helper()
	_, err := s.Push(t.Context(), filter)
	require.NoError(t, err)
}

// Captures that arrive out of order end with the newest, and the activities of those that
// come late are logged too.
func TestCapturesOutOfOrderEndWithTheNewest(t *testing.T) {
	t.Parallel()
	revised := func(revision int64, title, note string) *leadsync.Lead {
		lead := scenario.Ada()
		lead.Revision, lead.JobTitle = revision, title
		lead.Activities = []leadsync.Activity{{ID: note, Kind: leadsync.ActivityNote, Notes: note}}
		return lead
	}
	orders := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	for _, order := range orders {
		for _, between := range []bool{false, true} {
			org := sftest.NewOrg(t)
			s := scenario.SyncerOf(t, org, nil)
			leads := []*leadsync.Lead{revised(1, "first", "one"), revised(2, "second", "two"), revised(3, "third", "three")}
			for _, i := range order {
				captureIn(t, s, leads[i])
				if between {
					require.NoError(t, s.Drain(t.Context()))
				}
			}
			require.NoError(t, s.Drain(t.Context()))
			rows := org.Rows("Lead")
			require.Len(t, rows, 1)
			require.Equal(t, "third", rows[0]["Title"], order)
			newestFirst := order[0] == 2
			if between || newestFirst {
				require.Len(t, org.Rows("Task"), 3, "each note once: %v", order)
			}
		}
	}
}

// A lead whose enrichment does not come is synced in the end, with a warning, and Health
// names it before. It waited for ever before.
func TestLeadIsSyncedWithoutEnrichmentWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		within time.Duration
		waits  time.Duration
	}{
		{"unless told", 0, 24 * time.Hour}, {"as told", 3 * time.Hour, 3 * time.Hour}, {"never", -1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t)
				s := timelessSyncer(t, org, &leadsync.Config{WaitForEnrichment: true, EnrichWithin: c.within})
				began := time.Now()
				captureIn(t, s, rawAda())
				require.NoError(t, s.Drain(t.Context()))
				health, err := s.Health(t.Context())
				require.NoError(t, err)
				require.Equal(t, leadsync.LeadID("L1"), health.Unenriched)
				require.True(t, health.UnenrichedSince.Equal(began))
				require.Empty(t, health.Oldest)

				if c.waits == 0 {
					time.Sleep(10 * 365 * 24 * time.Hour)
					require.NoError(t, s.Drain(t.Context()))
					require.Equal(t, store.StateWaiting, scenario.StoredIn(t, s)[0].State)
					return
				}
				time.Sleep(c.waits - time.Millisecond)
				require.NoError(t, s.Drain(t.Context()))
				require.Equal(t, store.StateWaiting, scenario.StoredIn(t, s)[0].State)
				time.Sleep(time.Millisecond)
				require.NoError(t, s.Drain(t.Context()))
				requireUnenriched(t, s)
				require.Len(t, org.Rows("Lead"), 1)

				captureIn(t, s, enrichedAda())
				require.NoError(t, s.Drain(t.Context()))
				entry := scenario.StoredIn(t, s)[0]
				require.Empty(t, entry.Last.Warnings)
				require.Equal(t, "Countess", org.Row("Lead", string(entry.Last.ID))["Title"])
			})
		})
	}
}

// requireUnenriched requires that the only lead was synced with a warning.
func requireUnenriched(t *testing.T, s *leadsync.Syncer) {
	t.Helper()
	entry := scenario.StoredIn(t, s)[0]
	require.Equal(t, leadsync.Cleared, entry.Stage)
	require.Equal(t, []leadtype.Warning{{Kind: leadtype.Dropped, Field: "enrichedAt",
		Reason: "synced without enrichment, which did not come in time"}}, entry.Last.Warnings)
}

// Run finds the lead too, though nothing wakes it, and under Manual it is frozen instead,
// until it is pushed or the mode changes.
func TestLeadWithoutEnrichmentFollowsTheMode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		s := timelessSyncer(t, org, &leadsync.Config{WaitForEnrichment: true, EnrichWithin: time.Hour,
			Mode: leadsync.Manual})
		captureIn(t, s, rawAda())
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Equal(t, store.StateFrozen, scenario.StoredIn(t, s)[0].State)
		require.Empty(t, org.Rows("Lead"))
		require.NoError(t, s.SetMode(t.Context(), leadsync.Automatic))
		time.Sleep(time.Minute)
		synctest.Wait()
		requireUnenriched(t, s)

		captureIn(t, s, &leadsync.Lead{ID: "L2", LastName: "Second", Company: "C", Email: "second@c.example"})
		time.Sleep(time.Hour + time.Minute)
		synctest.Wait()
		require.Equal(t, leadsync.Cleared, scenario.StoredIn(t, s)[1].Stage)
		stop()
		require.NoError(t, <-ended)
	})
}

// Push reaches a lead that waits. It did not before.
func TestPushReachesALeadThatWaitsForEnrichment(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	s := scenario.SyncerOf(t, org, &leadsync.Config{WaitForEnrichment: true})
	captureIn(t, s, rawAda())
	pushIn(t, s, leadsync.Filter{Leads: []leadsync.LeadID{"L1"}})
	require.NoError(t, s.Drain(t.Context()))
	requireUnenriched(t, s)
}

// CaptureForced takes a lead whole, however old it is.
func TestCaptureForcedTakesALeadWhole(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	s := scenario.SyncerOf(t, org, nil)
	newer := enrichedAda()
	newer.Revision = 5
	captureIn(t, s, newer)
	old := rawAda()
	old.Revision = 4
	require.Equal(t, 1, captureIn(t, s, old).Stale)
	report, err := s.CaptureForced(t.Context(), old)
	require.NoError(t, err)
	require.Equal(t, 1, report.Replaced)
	require.NoError(t, s.Drain(t.Context()))
	require.Equal(t, "Visitor", org.Rows("Lead")[0]["Title"])
}
