// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
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
	created.Note("Email", ada.Email)
	found, err := kept.Records(t.Context(), "default", []salesforce.ID{person, company, salesforce.ID(known)})
	require.NoError(t, err)
	require.Equal(t, map[salesforce.ID]leadtype.RecordMemory{
		person: created, company: {ID: company, Lead: "L1"}, salesforce.ID(known): {ID: salesforce.ID(known)},
	}, found)
}
