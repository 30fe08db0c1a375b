// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A correction that comes while nobody knows whether the record was created: there is
// one, and it gets the new address.
func TestCorrectionOfALeadWhoseCreateGotNoResponse(t *testing.T) {
	t.Parallel()
	for _, keys := range []bool{false, true} {
		t.Run(fmt.Sprintf("keys %t", keys), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t)
				if keys {
					org.AddExternalID("Lead", "Contact", "Account", "Task")
				}
				s := timelessSyncer(t, org, &leadsync.Config{})
				lost := false
				org.Fail(func(r *http.Request, _ int) *sftest.Fault {
					if lost || !writes(r) {
						return nil
					}
					lost = true
					captureIn(t, s, scenario.Ada()) // in flight
					return &sftest.Fault{DropAfter: true}
				})
				wrong := scenario.Ada()
				wrong.Email = "ada@wrong.example"
				captureAndDrain(t, s, wrong)
				require.True(t, lost)
				entry := onlyEntry(t, s)
				require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
				rows := org.Rows("Lead")
				require.Len(t, rows, 1)
				require.Equal(t, adasEmail, rows[0]["Email"])
			})
		})
	}
}

// A Task whose create got no response may be on the record that the corrected lead has
// left: there is one in the end, on the right one.
func TestCorrectionOfALeadWhoseTaskGotNoResponse(t *testing.T) {
	t.Parallel()
	for _, keys := range []bool{false, true} {
		t.Run(fmt.Sprintf("keys %t", keys), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t)
				if keys {
					org.AddExternalID("Lead", "Contact", "Account", "Task")
				}
				s := timelessSyncer(t, org, &leadsync.Config{})
				lead := scenario.Ada()
				lead.Activities = []leadsync.Activity{{ID: "n1", Kind: leadsync.ActivityNote, Notes: "wants a demo"}}
				c := &correcting{t: t, org: org, s: s, object: "Lead", lead: lead}
				c.grace()
				lost := false
				org.Fail(func(r *http.Request, _ int) *sftest.Fault {
					if lost || !writes(r) {
						return nil
					}
					lost = true
					right := *lead
					captureIn(t, s, &right) // in flight
					return &sftest.Fault{DropAfter: true}
				})
				out := c.cleared(gracesEmail)
				require.True(t, lost)
				require.Equal(t, adasEmail, c.row(out.ID)["Email"])
				require.Equal(t, 2, org.Count("Lead"))
				tasks := org.Rows("Task")
				require.Len(t, tasks, 1)
				require.Equal(t, string(out.ID), tasks[0]["WhoId"])
			})
		})
	}
}

// A correction that made a record, and that was wrong itself: a person decides whether the
// lead is the colleague after all.
func TestCorrectionThatMadeARecordIsCorrectedBack(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		grace := c.grace()
		c.cleared(gracesEmail)
		c.cleared(adasEmail)
		require.ErrorIs(c.t, c.sync(gracesEmail).Last.Err, leadsync.AmbiguousMatch)
		require.NoError(c.t, c.s.Choose(c.t.Context(), "L1", salesforce.ID(grace)))
		require.NoError(c.t, c.s.Drain(c.t.Context()))
		out := onlyEntry(c.t, c.s).Last
		require.Equal(c.t, leadsync.Cleared, out.Stage, "%v", out.Err)
		require.Equal(c.t, grace, string(out.ID))
		c.requireOn(out.ID)
		report := revertAll(c.t, c.s, out.Left, revert.Options{Delete: true})
		require.Empty(c.t, report.Left)
		require.Equal(c.t, 1, c.org.Count(c.object))
		require.Equal(c.t, "Countess", c.row(out.ID)["Title"], "what is on the lead's record stays")
		c.requireOn(out.ID)
	})
}

// Sync without a Store follows corrections of the leads that the process has synced.
func TestSyncFollowsACorrection(t *testing.T) {
	t.Parallel()
	for _, keys := range []bool{false, true} {
		org := sftest.NewOrg(t)
		if keys {
			org.AddExternalID("Lead", "Contact", "Account", "Task")
		}
		s := scenario.SyncerOf(t, org, nil)
		grace := scenario.InsertLead(org, "Hopper", gracesEmail)
		wrong := scenario.Ada()
		wrong.Email = gracesEmail
		require.Equal(t, grace, string(scenario.SyncOne(t, s, wrong).ID))
		out := scenario.SyncOne(t, s, scenario.Ada())
		require.NotEqual(t, grace, string(out.ID))
		require.Len(t, out.Left, 1)
		require.Equal(t, grace, string(out.Left[0].ID))
		require.Equal(t, leadtype.Rebound, rebound(out)[0].Kind)
		corrected := scenario.Ada()
		corrected.Email = "ada@third.example"
		require.Equal(t, out.ID, scenario.SyncOne(t, s, corrected).ID)
		require.Equal(t, "ada@third.example", org.Row("Lead", string(out.ID))["Email"])
		require.Equal(t, 2, org.Count("Lead"))
	}
}
