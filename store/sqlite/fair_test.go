// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/scenario"
)

// TestARecordNeverGetsWorse holds with a file as with a store in memory: for random leads, and
// whatever people, automation and processes that end do with their records.
func TestARecordNeverGetsWorse(t *testing.T) {
	t.Parallel()
	fairs := 3
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		fairs = 60
	}
	for seed := range uint64(fairs) { //nolint:gosec // it is small
		synctest.Test(t, func(t *testing.T) {
			cfg := scenario.FairConfig{Open: processes(t), Alone: true}
			require.NoError(t, scenario.NewFair(t, fairTape(seed), cfg).Live(), "fair %d", seed)
		})
	}
}

// fairTape returns a tape by its number.
func fairTape(seed uint64) scenario.Tape {
	random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // it is no secret
	tape := make(scenario.Tape, 2000)
	for i := range tape {
		tape[i] = random.IntN(120)
	}
	return tape
}
