// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/store"
)

// ambiguous is an outcome that waits for a choice between two Leads.
func ambiguous(id leadsync.LeadID) *leadsync.Outcome {
	out := failed(id,
		&leadsync.Error{Op: "match", Code: leadsync.AmbiguousMatch, Object: "Lead", Fields: []string{"Email"}})
	out.Trace.Probes = []leadtype.ProbeTrace{{Probe: leadtype.Probe{Object: "Lead", Field: "Email"},
		Candidates: []leadtype.Candidate{{Object: "Lead", ID: "00Q000000000001AAA"},
			{Object: "Lead", ID: "00Q000000000002AAA"}}}}
	return out
}

func TestEveryDecisionSaysWhoMadeIt(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, ambiguous("L1"), ambiguous("L2"), ambiguous("L3"), ambiguous("L4"))
	require.NoError(t, s.By("zoe").Choose(t.Context(), "L1", "00Q000000000001AAA"))
	_, err := s.By("eve").Dismiss(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"L2"}}, "spam")
	require.NoError(t, err)
	require.NoError(t, s.By("ida").SetMode(t.Context(), leadsync.Manual))
	_, err = s.Capture(t.Context(), person("frozen"))
	require.NoError(t, err)
	_, err = s.By("ann").Push(t.Context(), leadsync.Filter{Leads: []leadsync.LeadID{"L3"}})
	require.NoError(t, err)
	require.NoError(t, s.By("bob").Forget(t.Context(), "L4", store.Suppress))
	_, err = s.By("ron").Unsuppress(t.Context(), "L4", "")
	require.NoError(t, err)
	require.NoError(t, s.SetMode(t.Context(), leadsync.Disabled))
	require.NoError(t, s.By("joe").SetMode(t.Context(), leadsync.Automatic))

	for lead, want := range map[leadsync.LeadID][]string{
		"L1":     {"captured", "settled", "resolved by zoe"},
		"L2":     {"captured", "settled", "resolved by eve"},
		"L3":     {"captured", "settled", "pushed by ann"},
		"L4":     nil,
		"frozen": {"captured", "pushed by joe"},
		"":       {"mode manual by ida", "forgotten by bob", "unsuppressed by ron", "mode disabled", "mode automatic by joe"},
	} {
		steps, err := s.History(t.Context(), lead)
		require.NoError(t, err)
		var got []string
		for _, step := range steps {
			text := strings.TrimSpace(string(step.Kind) + " " + string(step.Mode))
			if step.By != "" {
				text += " by " + step.By
			}
			got = append(got, text)
		}
		require.Equal(t, want, got, lead)
	}
}

func TestNobodyDecidesUnderANameThatIsNone(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]string{
		"too long": strings.Repeat("x", 257), "no text": "a\xff", "a line break": "ada\nlogged out",
		"a separator": "a\u2028b",
		"a bell":      "ada\a", "blanks": " \u00a0",
	} {
		s := newShelf(t)
		s.have(t, ambiguous("L1"))
		before := scenario.StoredIn(t, s.Syncer)
		who := s.By(by)
		calls := map[string]func() error{
			"choose":     func() error { return who.Choose(t.Context(), "L1", "00Q000000000001AAA") },
			"dismiss":    func() error { _, err := who.Dismiss(t.Context(), leadsync.Filter{}, "why"); return err },
			"push":       func() error { _, err := who.Push(t.Context(), leadsync.Filter{}); return err },
			"rebind":     func() error { return who.Rebind(t.Context()) },
			"unsuppress": func() error { _, err := who.Unsuppress(t.Context(), "L1", ""); return err },
			"forget":     func() error { return who.Forget(t.Context(), "L1") },
			"set mode":   func() error { return who.SetMode(t.Context(), leadsync.Manual) },
			"revert":     func() error { _, err := who.Revert(t.Context(), nil, revert.Options{}); return err },
		}
		for call, do := range calls {
			var own *leadsync.Error
			require.ErrorAs(t, do(), &own, "%s: %s", name, call)
			require.Equal(t, []string{"by"}, own.Fields, "%s: %s", name, call)
			require.Equal(t, call, own.Op)
			require.NotContains(t, own.Error(), by)
		}
		require.Equal(t, before, scenario.StoredIn(t, s.Syncer), name)
		steps, err := s.History(t.Context(), "")
		require.NoError(t, err)
		require.Empty(t, steps)
	}
	s := newShelf(t)
	s.have(t, ambiguous("L1"))
	longest := strings.Repeat("é", 128)
	require.NoError(t, s.By(longest).Choose(t.Context(), "L1", leadtype.NewRecord), "the control")
}

// What someone decides concerns the one Syncer that there is.
func TestByIsTheSameSyncer(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	require.NoError(t, s.By("ida").SetMode(t.Context(), leadsync.Manual))
	_, err := s.Capture(t.Context(), person("L1"))
	require.NoError(t, err)
	require.Equal(t, store.StateFrozen, scenario.StoredIn(t, s.Syncer)[0].State)
	_, err = s.Push(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	steps, err := s.By("ida").History(t.Context(), "L1")
	require.NoError(t, err)
	require.Empty(t, steps[1].By, "s itself is nobody's")
}

// A deafStore takes no steps, and all else.
type deafStore struct{ leadsync.Store }

var errDeaf = errors.New("disk full")

func (deafStore) Note(context.Context, string, store.Step, ...leadsync.LeadID) error { return errDeaf }

func TestModeChangesThoughTheStoreFails(t *testing.T) {
	t.Parallel()
	shelf := newShelf(t)
	s := newOfflineSyncer(t, leadsync.Config{Store: deafStore{shelf.store}})
	require.ErrorIs(t, s.SetMode(t.Context(), leadsync.Disabled), errDeaf)
	health, err := s.Health(t.Context())
	require.NoError(t, err)
	require.Equal(t, leadsync.Disabled, health.Mode)
}

// Two readers of one store have its texts in their languages.
func TestWithAdvisorWordsForOneReader(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.have(t, ambiguous("L1"))
	german := s.WithAdvisor(&leadtype.Advisor{Words: func(text leadtype.Text) string {
		return text.Fill(map[string]string{"fix.AMBIGUOUS_MATCH": "Wählen Sie den Datensatz von {object}."}[text.Key])
	}})

	for syncer, fix := range map[*leadsync.Syncer]string{
		german:             "Wählen Sie den Datensatz von Lead.",
		german.By("ada"):   "Wählen Sie den Datensatz von Lead.",
		s.Syncer:           "Choose the record of Lead",
		s.WithAdvisor(nil): "Choose the record of Lead",
		s.By("nobody"):     "Choose the record of Lead",
	} {
		summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
		require.NoError(t, err)
		require.Len(t, summary.Groups, 1)
		require.Contains(t, summary.Groups[0].Causes[0].Fix, fix)
		var csv strings.Builder
		require.NoError(t, syncer.ExportCSV(t.Context(), &csv, leadsync.Filter{}, nil))
		require.Contains(t, csv.String(), fix)
	}
}
