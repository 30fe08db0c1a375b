// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A revertStore counts the steps of reverts, and fails to keep them while it is full.
type revertStore struct {
	leadsync.Store
	full bool
}

func (s *revertStore) Note(ctx context.Context, connection string, step store.Step, leads ...leadsync.LeadID) error {
	if s.full {
		return errors.New("disk full")
	}
	return s.Store.Note(ctx, connection, step, leads...)
}

func TestRevertIsAStepOfEachLeadThatItConcerns(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	contact := org.Insert("Contact",
		map[string]any{"LastName": "Lovelace", "Email": "ada@analytical.example", "Title": "Miss"})
	kept := &revertStore{Store: memory.New(cfg.Now)}
	cfg.Store = kept
	syncer := scenario.SyncerOf(t, org, cfg)
	lead, other := scenario.Ada(), scenario.Ada()
	lead.JobTitle = "Countess"
	other.ID, other.Email, other.LastName = "L2", "mary@else.example", "Somerville"
	captureAndDrain(t, syncer, lead, other)
	var outcomes []*leadsync.Outcome
	for _, entry := range scenario.StoredIn(t, syncer) {
		require.Equal(t, leadsync.Cleared, entry.Stage)
		outcomes = append(outcomes, entry.Last)
	}
	last := func(id leadsync.LeadID) store.Step {
		t.Helper()
		steps, err := syncer.History(t.Context(), id)
		require.NoError(t, err)
		return steps[len(steps)-1]
	}

	kept.full = true
	_, err := syncer.By("zoe").Revert(t.Context(), outcomes, revert.Options{})
	require.ErrorContains(t, err, "disk full")
	require.Equal(t, "Countess", org.Row("Contact", contact)["Title"], "nothing is reverted without a step")

	kept.full = false
	report, err := syncer.By("zoe").Revert(t.Context(), outcomes, revert.Options{})
	require.NoError(t, err)
	require.Len(t, report.Restored, 1)
	require.Equal(t, "Miss", org.Row("Contact", contact)["Title"])
	step := last(lead.ID)
	require.Equal(t, store.StepReverted, step.Kind)
	require.Equal(t, "zoe", step.By)
	require.Equal(t, leadsync.Cleared, step.Stage)
	require.Equal(t, store.StepSettled, last("L2").Kind, "what was created was kept")

	again, err := syncer.By("eve").Revert(t.Context(), outcomes, revert.Options{Delete: true})
	require.NoError(t, err)
	require.Len(t, again.Deleted, 1)
	require.Equal(t, "zoe", last(lead.ID).By, "nothing was left to revert")
	require.Equal(t, "eve", last("L2").By)
}
