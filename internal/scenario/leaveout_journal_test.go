// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A countingJournal counts transactions, and fails those whose numbers it has.
type countingJournal struct {
	leadsync.Store
	calls int
	fails map[int]bool
}

func (s *countingJournal) Journal(ctx context.Context, lease store.Lease,
	intents map[leadsync.LeadID][]leadtype.Intent) error {
	if len(intents) == 0 {
		return nil
	}
	s.calls++
	if s.fails[s.calls] {
		return errors.New("the disk is full")
	}
	return s.Store.Journal(ctx, lease, intents)
}

// refusedBatch drains leads whose titles are all refused, and returns the store's journal.
func refusedBatch(t *testing.T, leads int, fails map[int]bool) (*countingJournal, *leadsync.Syncer, *sftest.Org) {
	t.Helper()
	org := sftest.NewOrg(t)
	refusing(org, "Lead", "STRING_TOO_LONG", "Title")
	journal := &countingJournal{Store: memory.New(nil), fails: fails}
	syncer, err := leadsync.New(timelessClient(t, org, &http.Client{Transport: org.Transport()}),
		&leadsync.Config{Store: journal, Gather: leadsync.NoGather})
	require.NoError(t, err)
	all := make([]*leadsync.Lead, leads)
	for i := range all {
		all[i] = later(visitor(), func(l *leadsync.Lead) {
			l.ID, l.Email = leadsync.LeadID(fmt.Sprint(i)), fmt.Sprintf("pia%d@acme.example", i)
		})
	}
	_, err = syncer.Capture(t.Context(), all...)
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	return journal, syncer, org
}

// However many creates of a call are refused, they are journalled anew together: it was a
// transaction each, in the middle of the writes.
func TestRefusedCreatesAreJournalledOnceACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		leads := sized(200, 1000)
		journal, _, org := refusedBatch(t, leads, nil)
		require.Equal(t, 2, journal.calls)
		require.Equal(t, leads, org.Count("Lead"))
	})
}

// When that journal fails, the leads are not failed for a value that may be left out: they
// are synced once more.
func TestRefusedCreatesAreSentAgainWhenTheJournalFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, syncer, org := refusedBatch(t, 20, map[int]bool{2: true})
		entries, err := syncer.Leads(t.Context(), leadsync.Filter{})
		require.NoError(t, err)
		for _, entry := range entries {
			require.Equal(t, leadsync.Cleared, entry.Stage, entry.Last.Err)
			require.Len(t, entry.Last.Owed, 1)
		}
		require.Equal(t, 20, org.Count("Lead"))
	})
}
