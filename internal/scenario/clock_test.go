// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
)

// A scanner whose clock is decades ahead: its values were newer than all corrections, also
// those of its own lead, until the time came.
func TestAClockThatIsWrongMakesNoCorrectionOlder(t *testing.T) {
	t.Parallel()
	now := time.Now()
	scanned := later(visitor(), func(l *leadsync.Lead) { l.JobTitle, l.CapturedAt = "Mgr", now.AddDate(73, 0, 0) })
	corrected := later(visitor(), func(l *leadsync.Lead) { l.JobTitle, l.CapturedAt = "Manager", now.Add(time.Minute) })
	for _, stored := range []bool{false, true} {
		d := newDesk(t, leadsync.Config{})
		syncer := scenario.SyncerOf(t, d.org, nil)
		sync := func(lead *leadsync.Lead) *leadsync.Outcome {
			if stored {
				return d.sync(lead)["L1"]
			}
			return scenario.SyncOne(t, syncer, lead)
		}
		require.Empty(t, warned(sync(scanned), "Title"))
		out := sync(corrected)
		require.Empty(t, ofKind(out, leadtype.Stale))
		require.Equal(t, "Manager", d.org.Row("Lead", string(out.ID))["Title"])
	}
	require.Equal(t, now.AddDate(73, 0, 0), scanned.CapturedAt, "the host's lead stays as it is")
}
