// SPDX-License-Identifier: Apache-2.0

package stored_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// A step that refers to the last outcome of its lead shows it as a copy would, with the ask that it had.
func TestAStepShowsTheLastOutcomeAsItWas(t *testing.T) {
	t.Parallel()
	last := &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Cleared, Ask: &leadtype.Ask{Owed: true},
		Parts: []leadtype.Part{{Kind: leadtype.PartPerson, Changes: []leadtype.FieldChange{{Field: "Title"}}}}}
	encoded, err := stored.EncodeOutcome(last)
	require.NoError(t, err)
	public, err := encoded.Public()
	require.NoError(t, err)
	asked := *last.ForHistory()
	asked.Ask = &leadtype.Ask{Over: []string{"Lead.Title"}}
	unasked := asked
	unasked.Ask = nil
	for step, want := range map[string]*leadtype.Outcome{
		stored.LastOutcome:                             last.ForHistory(),
		stored.LastOutcome + `null`:                    &unasked,
		stored.LastOutcome + `{"over":["Lead.Title"]}`: &asked,
		public: last.ForHistory(),
		"":     nil,
	} {
		got, err := stored.StepOutcome(step, encoded.Whole)
		require.NoError(t, err)
		require.Equal(t, want, got, step)
		own, err := stored.StepJSON(step, encoded.Whole)
		require.NoError(t, err)
		got, err = stored.StepOutcome(own, "")
		require.NoError(t, err)
		require.Equal(t, want, got, step)
	}
	own, err := stored.StepJSON(stored.LastOutcome, "")
	require.NoError(t, err)
	require.Empty(t, own, "Forget has removed what could not be read")
}

// What cannot be read of the last outcome is not copied: the step says that it cannot be read.
func TestAStepKeepsNothingOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	const damaged = `{"stage":"cleared","secret`
	_, err := stored.StepOutcome(stored.LastOutcome, damaged)
	require.Error(t, err)
	own, err := stored.StepJSON(stored.LastOutcome, damaged)
	require.NoError(t, err)
	require.NotContains(t, own, "secret")
	_, err = stored.StepOutcome(own, `{}`)
	require.Error(t, err)
}
