// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// stored returns the JSON of all that a Syncer's store returns.
func stored(t *testing.T, syncer *leadsync.Syncer) string {
	t.Helper()
	var all []any
	for _, entry := range scenario.StoredIn(t, syncer) {
		steps, err := syncer.History(t.Context(), entry.Lead.ID)
		require.NoError(t, err)
		all = append(all, entry, steps)
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	return string(text)
}

// captureInTurn captures leads one after the other, each cleared before the next.
func captureInTurn(t *testing.T, syncer *leadsync.Syncer, leads ...*leadsync.Lead) {
	t.Helper()
	for _, lead := range leads {
		_, err := syncer.Capture(t.Context(), lead)
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
	}
}

// sharedMailbox returns a Syncer that has synced two leads with one address to a Contact,
// one after the other and again.
func sharedMailbox(t *testing.T, cfg leadsync.Config) (*sftest.Org, *leadsync.Syncer) {
	t.Helper()
	org := sftest.NewOrg(t)
	scenario.InsertContact(org, "Body", "some.body@acme.example")
	cfg.Strategy = leadsync.AccountsAndContacts
	syncer := scenario.SyncerOf(t, org, &cfg)
	lead := func(id leadsync.LeadID, phone, notes string) *leadsync.Lead {
		return &leadsync.Lead{ID: id, FirstName: "Some", LastName: "Body", Email: "some.body@acme.example", Company: "Acme",
			JobTitle: "T-" + string(id), Phone: phone, Notes: notes}
	}
	captureInTurn(t, syncer, lead("ada", "ada-phone", "ada-notes"), lead("bob", "bob-phone", "bob-notes"),
		lead("ada", "ada-phone-2", "ada-notes-2"), lead("bob", "bob-phone-2", "bob-notes-2"))
	return org, syncer
}

var ofAda = []string{"T-ada", "ada-phone", "ada-notes"}

// What one lead wrote to a record is in the before-images of the other, and goes with it.
func TestForgetRemovesWhatTheLeadHadWrittenFromOthersBeforeImages(t *testing.T) {
	t.Parallel()
	org, syncer := sharedMailbox(t, leadsync.Config{Mapper: scenario.Overwriting()})
	bob, err := syncer.Leads(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"bob"}})
	require.NoError(t, err)
	before, err := json.Marshal(bob[0].Last)
	require.NoError(t, err)
	require.Contains(t, string(before), "ada-", "otherwise the test proves nothing")

	require.NoError(t, syncer.Forget(t.Context(), "ada"))
	left := stored(t, syncer)
	for _, value := range ofAda {
		require.NotContains(t, left, value)
	}
	require.Contains(t, left, "bob-notes-2")

	// Revert says what it can no longer restore, and changes nothing there.
	contact := org.Rows("Contact")[0]
	entry := scenario.StoredIn(t, syncer)[0]
	report, err := syncer.Revert(t.Context(), []*leadsync.Outcome{entry.Last}, revert.Options{})
	require.NoError(t, err)
	require.Empty(t, report.Restored)
	require.Len(t, report.Left, 1)
	require.ErrorIs(t, report.Left[0].Err, leadsync.UncertainWrite)
	require.Contains(t, report.Left[0].Err.Fields, "Phone")
	require.Equal(t, contact, org.Rows("Contact")[0])
}

func TestSuppressedLeadsAreRefusedAndCounted(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	syncer := scenario.SyncerOf(t, org, nil)
	captureInTurn(t, syncer, scenario.Ada())
	require.NoError(t, syncer.Forget(t.Context(), "L1", store.Suppress))

	again := scenario.Ada()
	again.ID, again.Email = "other id", " ADA@analytical.example "
	unfit := &leadsync.Lead{ID: "unfit"}
	grace := &leadsync.Lead{ID: "L3", LastName: "Hopper", Email: "grace@navy.example", Company: "Navy"}
	report, err := syncer.Capture(t.Context(), unfit, scenario.Ada(), grace, again)
	var batch *leadsync.BatchError
	require.ErrorAs(t, err, &batch)
	require.Len(t, batch.Failed, 3)
	require.NotErrorIs(t, batch.Failed[0], store.ErrSuppressed)
	for _, i := range []int{1, 3} {
		require.ErrorIs(t, batch.Failed[i], store.ErrSuppressed)
		require.NotContains(t, batch.Failed[i].Error(), "nalytical")
	}
	require.Equal(t, 2, report.Suppressed)
	require.Equal(t, []int{1, 3}, report.SuppressedAt)
	require.Equal(t, 1, report.New)

	n, err := syncer.Unsuppress(t.Context(), "", "ada@analytical.example")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	report, err = syncer.Capture(t.Context(), scenario.Ada())
	require.NoError(t, err)
	require.Equal(t, 1, report.New)
}

// A clock that is turned by hand.
type handClock struct{ past atomic.Int64 }

func (c *handClock) now() time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(c.past.Load()))
}

func (c *handClock) turn(d time.Duration) { c.past.Add(int64(d)) }

// Before-images and candidates go after a while, with a Drain or with PruneHistory, and
// not earlier.
func TestBeforeImagesExpire(t *testing.T) {
	t.Parallel()
	for name, expire := range map[string]func(t *testing.T, syncer *leadsync.Syncer){
		"by draining": func(t *testing.T, syncer *leadsync.Syncer) {
			t.Helper()
			require.NoError(t, syncer.Drain(t.Context()))
		},
		"by pruning": func(t *testing.T, syncer *leadsync.Syncer) {
			t.Helper()
			_, err := syncer.PruneHistory(t.Context(), time.Time{})
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := new(handClock)
			org, syncer := sharedMailbox(t, leadsync.Config{Now: clock.now, Store: memory.New(clock.now)})
			clock.turn(30*24*time.Hour - time.Second)
			expire(t, syncer)
			require.Contains(t, stored(t, syncer), `"before":"ada-phone`)
			clock.turn(2 * time.Hour)
			expire(t, syncer)
			require.NotContains(t, stored(t, syncer), `"before":"`)
			require.Contains(t, stored(t, syncer), "bob-notes-2", "the leads' own data stays")
			outcomes := []*leadsync.Outcome{scenario.StoredIn(t, syncer)[1].Last}
			report, err := syncer.Revert(t.Context(), outcomes, revert.Options{})
			require.NoError(t, err)
			require.Empty(t, report.Restored)
			require.NotEmpty(t, report.Left)
			require.Len(t, org.Rows("Contact"), 1)
		})
	}
}

// A lead that is held says that its candidates are no longer listed. Pushed, it has them again.
func TestHeldCandidatesExpire(t *testing.T) {
	t.Parallel()
	clock := new(handClock)
	org := sftest.NewOrg(t)
	one := scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
	scenario.InsertLead(org, "Lovelace", "ada@analytical.example")
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Now: clock.now, Store: memory.New(clock.now),
		KeepBefore: time.Hour, Ambiguous: leadsync.HoldAmbiguous})
	captureInTurn(t, syncer, scenario.Ada())
	require.Len(t, leadtype.Candidates(scenario.StoredIn(t, syncer)[0].Last), 2)
	clock.turn(3 * time.Hour)
	require.NoError(t, syncer.Drain(t.Context()))
	require.NotContains(t, stored(t, syncer), one)
	entry := scenario.StoredIn(t, syncer)[0]
	require.Equal(t, leadsync.AmbiguousMatch, entry.Last.Code())
	require.Contains(t, leadsync.Explain(entry.Last), "found 2 records")
	require.ErrorContains(t, syncer.Choose(t.Context(), "L1", "00Q000000000001AAA"), "push the lead")

	_, err := syncer.Push(t.Context(), leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}})
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	require.Len(t, leadtype.Candidates(scenario.StoredIn(t, syncer)[0].Last), 2)
}
