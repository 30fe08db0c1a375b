// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// The Store remembers the record of each lead and which of them it created: person and
// account, found or new, and for leads that share one the first.
func TestStoreRemembersWhoseTheRecordsAre(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	known := scenario.InsertContact(org, "Known", "known@elsewhere.example")
	kept := memory.New(time.Now)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Store: kept, Strategy: leadsync.AccountsAndContacts})
	ada, twin := scenario.Ada(), scenario.Ada()
	twin.ID = "L2"
	_, err := syncer.Capture(t.Context(), ada, twin,
		&leadsync.Lead{ID: "L3", LastName: "Known", Email: "known@elsewhere.example", Company: "Elsewhere"})
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))

	entries := scenario.StoredIn(t, syncer)
	person, company := entries[0].Last.ID, entries[0].Last.AccountID
	require.Equal(t, person, entries[1].Last.ID)
	created := leadtype.RecordMemory{ID: person, Lead: "L1"}
	created.Note(&salesforce.Field{Name: "Email", Type: salesforce.TypeEmail}, ada.Email, ada.CapturedAt)
	created.Note(&salesforce.Field{Name: "FirstName", Type: salesforce.TypeString}, ada.FirstName, ada.CapturedAt)
	created.Note(&salesforce.Field{Name: "LastName", Type: salesforce.TypeString}, ada.LastName, ada.CapturedAt)
	found, err := kept.Records(t.Context(), "default", []salesforce.ID{person, company, salesforce.ID(known)})
	require.NoError(t, err)
	require.Equal(t, map[salesforce.ID]leadtype.RecordMemory{
		person: created, company: {ID: company, Lead: "L1"}, salesforce.ID(known): {ID: salesforce.ID(known)},
	}, found)
}

// A lostMemory is a store that cannot read what it remembers of records.
type lostMemory struct {
	leadsync.Store
	failing atomic.Bool
}

func (s *lostMemory) Records(ctx context.Context, connection string,
	ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	if s.failing.Load() {
		return nil, errors.New("the disk is gone")
	}
	return s.Store.Records(ctx, connection, ids)
}

// Whose a namesake's record is must be known before a lead gets it: without the memory,
// nothing is written.
func TestNothingIsWrittenWhileTheMemoryCannotBeRead(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	kept := &lostMemory{Store: memory.New(nil)}
	kept.failing.Store(true)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Store: kept})
	first, second := &leadsync.Lead{ID: "L1", LastName: "Smith", Company: "Acme"},
		&leadsync.Lead{ID: "L2", LastName: "Smith", Company: "Acme"}
	scenario.SyncOne(t, syncer, first) // has no look-alike

	_, err := syncer.Sync(t.Context(), second)
	var failed *leadsync.Error
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "the store failed", failed.Reason)
	_, err = syncer.Plan(t.Context(), second)
	require.ErrorAs(t, err, &failed)
	_, err = syncer.Capture(t.Context(), second)
	require.NoError(t, err)
	require.Error(t, syncer.Drain(t.Context()))
	require.Equal(t, 1, org.Count("Lead"))
	kept.failing.Store(false)
	require.NoError(t, syncer.Drain(t.Context()))
	require.Equal(t, 2, org.Count("Lead"))
}

// What Sync and Apply create is remembered in a Store that the host shares with others.
func TestStoreRemembersWhatIsSyncedWithoutIt(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	kept := memory.New(nil)
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Store: kept})
	synced := scenario.SyncOne(t, syncer, &leadsync.Lead{ID: "L1", LastName: "Smith", Company: "Acme"})
	plan, err := syncer.Plan(t.Context(), &leadsync.Lead{ID: "L2", LastName: "Smith", Company: "Acme"})
	require.NoError(t, err)
	applied, err := syncer.Apply(t.Context(), plan)
	require.NoError(t, err)
	other := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Store: kept}),
		&leadsync.Lead{ID: "L3", LastName: "Smith", Company: "Acme"})

	require.Equal(t, 3, org.Count("Lead"), "namesakes are people of their own")
	found, err := kept.Records(t.Context(), "default", []salesforce.ID{synced.ID, applied[0].ID, other.ID})
	require.NoError(t, err)
	require.Equal(t, leadsync.LeadID("L1"), found[synced.ID].Lead)
	require.Equal(t, leadsync.LeadID("L2"), found[applied[0].ID].Lead)
	require.Equal(t, leadsync.LeadID("L3"), found[other.ID].Lead)
}
