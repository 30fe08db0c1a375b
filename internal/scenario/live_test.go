// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/memory"
)

// Before, a process took for its own what it had written before another one replaced it: a
// rep who set that value again lost it, and the record was never settled in that process.
func TestOfTwoLiveProcessesBothKnowWhatWasWrittenLast(t *testing.T) {
	t.Parallel()
	for name, sync := range map[string]func(*desk, *leadsync.Syncer, *leadsync.Lead) *leadsync.Outcome{
		"captured": captureOne, "Sync": syncOne,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, leadsync.Config{})
			d.cfg.Store = d.store
			first, second := scenario.SyncerOf(t, d.org, &d.cfg), scenario.SyncerOf(t, d.org, &d.cfg)
			lead := visitor()
			lead.JobTitle = "CTO"
			sync(d, first, lead)
			at := func(hour int, title string) *leadsync.Lead {
				return later(lead, func(l *leadsync.Lead) {
					l.JobTitle, l.CapturedAt, l.Scans = title, l.CapturedAt.Add(time.Duration(hour)*time.Hour), hour
				})
			}
			out := sync(d, second, at(1, "CEO"))
			d.edit(out, map[string]any{"Title": "CTO"})
			out = sync(d, first, at(2, "Chair"))
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "Title"))
			require.Equal(t, "CTO", d.org.Row("Lead", string(out.ID))["Title"])
		})
	}
}

func captureOne(d *desk, syncer *leadsync.Syncer, lead *leadsync.Lead) *leadsync.Outcome {
	_, err := syncer.Capture(d.t.Context(), lead)
	require.NoError(d.t, err)
	require.NoError(d.t, syncer.Drain(d.t.Context()))
	return scenario.StoredIn(d.t, syncer)[0].Last
}

func syncOne(d *desk, syncer *leadsync.Syncer, lead *leadsync.Lead) *leadsync.Outcome {
	return scenario.SyncOne(d.t, syncer, lead)
}

// An update without a response that was never carried out counts as ours only for as long as
// it may come: before, a rep who set that value months later lost it, and the record was
// planned again with every activity.
func TestAnUpdateThatNeverCameIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		kept := memory.New(nil)
		lead := visitor()
		lead.CapturedAt = time.Now()
		sync := func(title string, activities ...leadsync.Activity) *leadsync.Outcome {
			syncer := timelessSyncer(t, org, &leadsync.Config{Store: kept, Gather: leadsync.NoGather})
			lead.JobTitle = title
			if len(activities) > 0 {
				require.NoError(t, syncer.CaptureActivities(t.Context(), lead.ID, activities...))
			} else {
				lead.CapturedAt = lead.CapturedAt.Add(time.Minute)
				_, err := syncer.Capture(t.Context(), lead)
				require.NoError(t, err)
			}
			require.NoError(t, syncer.Drain(t.Context()))
			return scenario.StoredIn(t, syncer)[0].Last
		}
		out := sync("Mgr")
		lost := false
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			body, _ := io.ReadAll(r.Body)
			if !strings.Contains(string(body), "Assistant") {
				return nil
			}
			if lost {
				return &sftest.Fault{DropBefore: true}
			}
			lost = true
			corrected := *lead
			corrected.JobTitle, corrected.Scans = "CEO", 2
			_, err := timelessSyncer(t, org, &leadsync.Config{Store: kept}).Capture(t.Context(), &corrected)
			require.NoError(t, err)
			return &sftest.Fault{DropBefore: true}
		})
		sync("Assistant")
		require.True(t, lost)
		require.Equal(t, "CEO", org.Row("Lead", string(out.ID))["Title"])
		time.Sleep(time.Hour)
		sync("Chair")
		org.Update("Lead", string(out.ID), map[string]any{"Title": "Assistant"})
		out = sync("Chair", leadsync.Activity{Kind: leadsync.ActivityEmail, Notes: "sent"})
		require.Empty(t, warned(out, "Title"), "the record is settled")
		require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(sync("President"), "Title"))
		require.Equal(t, "Assistant", org.Row("Lead", string(out.ID))["Title"])
	})
}
