// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A blindStore journals no updates.
type blindStore struct{ leadsync.Store }

func (s blindStore) Journal(ctx context.Context, lease store.Lease,
	intents map[leadsync.LeadID][]leadtype.Intent) error {
	creates := maps.Clone(intents)
	for lead := range creates {
		creates[lead] = slices.DeleteFunc(slices.Clone(creates[lead]), func(i leadtype.Intent) bool { return i.Update })
	}
	return s.Store.Journal(ctx, lease, creates)
}

// The control: without the journal a lead keeps the address of the interrupted correction.
func TestInterruptedCorrectionWouldStayWithoutItsJournal(t *testing.T) {
	t.Parallel()
	for email, warnings := range map[string]int{scenario.First: 0, "ada@third.example": 1} {
		synctest.Test(t, func(t *testing.T) {
			kept := blindStore{memory.New(nil)}
			c := scenario.CorrectedAgain{Death: scenario.AfterCommit, Deaths: 1, Email: email}
			entry, rows := c.Run(t, func() leadsync.Store { return kept })
			require.Equal(t, scenario.Wrong(0), rows[0]["Email"])
			require.Len(t, entry.Last.Warnings, warnings)
		})
	}
}

// A correction that was interrupted may have reached the record. Without a trace of it in
// the store, the record kept the wrong address: without a word where the lead was corrected
// back, else with a warning that a person had written it.
func TestInterruptedCorrectionIsCorrectedAgain(t *testing.T) {
	t.Parallel()
	for i, c := range scenario.Corrections() {
		if sized(1, 0) == 1 && i%7 != 0 {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				kept := memory.New(nil)
				entry, rows := c.Run(t, func() leadsync.Store { return kept })
				require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
				require.Empty(t, entry.Last.Warnings)
				require.Len(t, rows, 1)
				require.Equal(t, c.Email, rows[0]["Email"])
				require.Empty(t, entry.Intents)
			})
		})
	}
}
