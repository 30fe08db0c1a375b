// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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
					if lost || !scenario.WritesRecords(r) {
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

// A correction may have reached the record without the lead being cleared: the response was
// lost, or the lead's Task was refused. A lead that was corrected back kept the wrong address
// without a word, and one that was corrected further a warning that a person had written it.
func TestCorrectionThatDidNotClearIsCorrectedAgain(t *testing.T) {
	t.Parallel()
	lost := func(org *sftest.Org, over *atomic.Bool) {
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			if !over.Load() && scenario.WritesRecords(r) {
				return &sftest.Fault{DropAfter: true}
			}
			return nil
		})
	}
	refused := func(org *sftest.Org, over *atomic.Bool) {
		org.OnRow("Task", func(string, map[string]any) *sftest.RowError {
			if over.Load() {
				return nil
			}
			return sftest.FailedTrigger("Tasks", "BeforeInsert", "none today")
		})
	}
	faults := map[string]func(*sftest.Org, *atomic.Bool){"response lost": lost, "task refused": refused}
	for name, fault := range faults {
		for _, right := range []string{adasEmail, "ada@third.example"} {
			t.Run(name+"/"+right, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					org := sftest.NewOrg(t)
					s := timelessSyncer(t, org, &leadsync.Config{})
					captureAndDrain(t, s, scenario.Ada())
					wrong, last := withCall(scenario.Ada()), withCall(scenario.Ada())
					wrong.Email, last.Email = "ada@wrong.example", right

					var over atomic.Bool
					fault(org, &over)
					captureIn(t, s, wrong)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					_ = s.Drain(ctx)
					require.Equal(t, wrong.Email, org.Rows("Lead")[0]["Email"])
					require.NotEqual(t, leadsync.Cleared, onlyEntry(t, s).Stage)
					over.Store(true)
					captureAndDrain(t, s, last)

					entry := onlyEntry(t, s)
					require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
					require.Empty(t, entry.Last.Warnings)
					require.Equal(t, right, org.Rows("Lead")[0]["Email"])
					require.Equal(t, 1, org.Count("Lead"))
					require.Equal(t, 1, org.Count("Task"))
				})
			})
		}
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
					if lost || !scenario.WritesRecords(r) {
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
		wrong.FirstName, wrong.LastName, wrong.Email = "Grace", "Hopper", gracesEmail
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

// A revert of the corrected sync takes back what the wrong ones did, too; a revert of a
// later one does not.
func TestRevertOfACorrectedSyncReachesTheRecordThatWasLeft(t *testing.T) {
	t.Parallel()
	for _, later := range []bool{false, true} {
		org := sftest.NewOrg(t)
		lead := scenario.Ada()
		lead.JobTitle = "Countess"
		c := &correcting{t: t, org: org, object: "Lead", lead: lead,
			s: scenario.SyncerOf(t, org, &leadsync.Config{Mapper: scenario.Overwriting()})}
		grace := c.grace()
		c.cleared(gracesEmail)
		out, title := c.cleared(adasEmail), "Admiral"
		if later {
			lead.JobTitle = "Analyst"
			out, title = c.cleared(adasEmail), "Countess"
		}
		report := revertAll(t, c.s, []*leadsync.Outcome{out}, revert.Options{Delete: true})
		require.Empty(t, report.Left)
		require.Equal(t, title, org.Row("Lead", grace)["Title"])
	}
}

// What several outcomes say of one record is taken back once.
func TestRevertOfAllSyncsOfACorrectedLead(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lead := scenario.Ada()
	c := &correcting{t: t, org: org, object: "Lead", lead: lead,
		s: scenario.SyncerOf(t, org, &leadsync.Config{Mapper: scenario.Overwriting()})}
	grace := c.grace()
	var outcomes []*leadsync.Outcome
	for _, title := range []string{"Countess", "Analyst", "Mathematician"} {
		lead.JobTitle = title
		outcomes = append(outcomes, c.cleared(gracesEmail))
	}
	outcomes = append(outcomes, c.cleared(adasEmail))
	report := revertAll(t, c.s, outcomes, revert.Options{Delete: true})
	require.Empty(t, report.Left)
	require.Equal(t, "Admiral", org.Row("Lead", grace)["Title"])
	require.Equal(t, 1, org.Count("Lead"))
}

// The values before many syncs are still there when the lead is corrected.
func TestLeftReachesBackToTheFirstOfManySyncs(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	lead := scenario.Ada()
	c := &correcting{t: t, org: org, object: "Lead", lead: lead,
		s: scenario.SyncerOf(t, org, &leadsync.Config{Mapper: scenario.Overwriting()})}
	grace := c.grace()
	for i := range 8 {
		lead.JobTitle = fmt.Sprint("Title ", i)
		c.cleared(gracesEmail)
	}
	out := c.cleared(adasEmail)
	require.LessOrEqual(t, len(out.Left), 3)
	report := revertAll(t, c.s, out.Left, revert.Options{})
	require.Empty(t, report.Left)
	require.Equal(t, "Admiral", org.Row("Lead", grace)["Title"])
	require.Equal(t, "Hopper", org.Row("Lead", grace)["LastName"])
}

// A duplicate rule may find the record that the lead has left, because of what the wrong
// sync wrote there. The lead does not go back to it.
func TestCorrectedLeadIsNoDuplicateOfTheRecordThatItLeft(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddDuplicateRule("Lead", sftest.DuplicateRule{Name: "Title", MatchOn: []string{"Title"}, Block: true})
	lead := scenario.Ada()
	lead.JobTitle = "Countess"
	cfg := &leadsync.Config{Mapper: scenario.Overwriting()}
	c := &correcting{t: t, org: org, s: scenario.SyncerOf(t, org, cfg), object: "Lead", lead: lead}
	grace := c.grace()
	c.cleared(gracesEmail)
	for range 2 {
		entry := c.sync(adasEmail)
		require.ErrorIs(t, entry.Last.Err, leadsync.AmbiguousMatch)
		require.Len(t, entry.Last.Left, 1)
		candidates := leadtype.Candidates(entry.Last)
		require.Len(t, candidates, 1)
		require.Equal(t, grace, string(candidates[0].ID))
		lead.Notes = "captured once more"
	}
	report := revertAll(t, c.s, onlyEntry(t, c.s).Last.Left, revert.Options{})
	require.Empty(t, report.Left)
	pushIn(t, c.s, leadsync.Filter{})
	out := c.cleared(adasEmail)
	require.NotEqual(t, grace, string(out.ID))
	require.Equal(t, "Hopper", org.Row("Lead", grace)["LastName"])
	require.Equal(t, 2, org.Count("Lead"))
}
