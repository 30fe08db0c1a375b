// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/store/memory"
	"github.com/stretchr/testify/require"
)

// liveFair lets a fair take place.
func liveFair(t *testing.T, tape scenario.Tape, cfg scenario.FairConfig) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { err = scenario.NewFair(t, tape, cfg).Live() })
	return err
}

// openMemory returns what opens one store in memory.
func openMemory() func() leadsync.Store {
	kept := memory.New(nil)
	return func() leadsync.Store { return kept }
}

// TestARecordNeverGetsWorse holds for random leads, orgs, edits by people and automation,
// merges, conversions, answers, members of a campaign and visits, processes that end or get
// no answer, reverts and leads that are forgotten, with the default mapping and rows of other
// kinds: what is written is what the person's own leads said, as a whole; what people have
// changed stays; nothing becomes blank or a stand-in; consents go one way; and what was
// decided against has a warning of the right kind, and nothing else has. Another sync of the
// same leads writes nothing. A revert takes back what a sync wrote and nothing else.
func TestARecordNeverGetsWorse(t *testing.T) {
	t.Parallel()
	full := sized(0, 1) == 1
	var all sync.Mutex
	met := make(map[string]int)
	t.Run("modes", func(t *testing.T) {
		for name, open := range map[string]func() func() leadsync.Store{
			"Sync": func() func() leadsync.Store { return nil }, "store": openMemory,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				mine := make(map[string]int)
				for seed := range uint64(sized(4, 150)) { //nolint:gosec // it is small
					err := liveFair(t, tapeOf(seed), scenario.FairConfig{Open: open(), Met: mine})
					require.NoError(t, err, "fair %d", seed)
				}
				all.Lock()
				defer all.Unlock()
				for what, n := range mine {
					met[what] += n
				}
			})
		}
	})
	if full {
		require.Empty(t, slices.DeleteFunc(scenario.FairMeets(), func(what string) bool { return met[what] > 0 }),
			"all of it happens: %v", slices.Sorted(maps.Keys(met)))
	}
}

// tapeOf returns a tape by its number.
func tapeOf(seed uint64) scenario.Tape {
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // it is no secret
	tape := make(scenario.Tape, 2000)
	for i := range tape {
		tape[i] = random.IntN(120)
	}
	return tape
}

// TestEachRuleOfTheContentIsNeeded takes one rule away at a time: a fair that goes well with
// it must then break it.
func TestEachRuleOfTheContentIsNeeded(t *testing.T) {
	t.Parallel()
	for name, test := range controls() {
		if sized(1, 0) == 1 && !test.quick {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const tries = 300
			for seed := range uint64(tries) {
				without := scenario.FairConfig{Open: openMemory(), Change: test.change, Quiet: test.quiet}
				if test.store != nil {
					without.Open = func() leadsync.Store { return test.store(memory.New(nil)) }
					one := without.Open()
					without.Open = func() leadsync.Store { return one }
				}
				err := liveFair(t, tapeOf(seed), without)
				if !test.isBroken(err) {
					continue
				}
				t.Logf("fair %d", seed)
				require.NoError(t, liveFair(t, tapeOf(seed), scenario.FairConfig{Open: openMemory()}))
				return
			}
			t.Fatalf("no fair of %d breaks the rule", tries)
		})
	}
}
