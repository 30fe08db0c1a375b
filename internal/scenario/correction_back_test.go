// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
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

// correctedAfterLoss returns the entry and the rows of a lead that had Grace's record by
// mistake. The create of its own got no answer, and then it was corrected once more.
func correctedAfterLoss(t *testing.T, death scenario.Death, keys bool,
	last *leadsync.Lead) (entry leadsync.Entry, grace, own map[string]any) {
	t.Helper()
	org := sftest.NewOrg(t, sftest.WithNow(time.Now))
	if keys {
		org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
	id := scenario.InsertLead(org, "Hopper", gracesEmail)
	kept := memory.New(nil)
	process := func(death scenario.Death) *scenario.Mortal {
		return scenario.NewMortal(t, org, leadsync.Config{Store: kept}, death)
	}
	scenario.Rounds(t, process("").Syncer, asGrace())
	<-time.After(time.Hour)
	dying, wrong := process(death), scenario.Ada()
	wrong.Email, wrong.JobTitle = "ada@wrong.example", "Countess"
	captureIn(t, dying.Syncer, wrong)
	scenario.DrainFor(t, dying.Syncer, 20*time.Second)
	<-time.After(time.Hour)
	require.Equal(t, 2, org.Count("Lead"))
	next := process("")
	scenario.Rounds(t, next.Syncer, last)
	require.Equal(t, 2, org.Count("Lead"))
	for _, row := range org.Rows("Lead") {
		if row["Id"] == id {
			grace = row
		} else {
			own = row
		}
	}
	return scenario.StoredIn(t, next.Syncer)[0], grace, own
}

// asGrace is the lead with the name and the address of another person.
func asGrace() *leadsync.Lead {
	lead := scenario.Ada()
	lead.FirstName, lead.LastName, lead.Email, lead.Company = "Grace", "Hopper", gracesEmail, ""
	return lead
}

// The record of a create without an answer is the lead's own, also where the lead had that
// of another person before: it gets what the lead says by now.
func TestRecordOfALostCreateIsCorrectedAfterTheLeadLeftAnother(t *testing.T) {
	t.Parallel()
	for _, death := range []scenario.Death{scenario.AfterCommit, scenario.AnswerLost} {
		for _, keys := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/keys %t", death, keys), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					right := scenario.Ada()
					right.Email, right.JobTitle = "ada@right.example", "Analyst"
					entry, grace, own := correctedAfterLoss(t, death, keys, right)
					require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
					require.Equal(t, []leadtype.WarningKind{leadtype.Rebound}, entry.Last.WarningKinds())
					require.Equal(t, grace["Id"], string(rebound(entry.Last)[0].Record))
					require.Equal(t, own["Id"], string(entry.Last.ID))
					require.Equal(t, []any{right.Email, "Analyst"}, []any{own["Email"], own["Title"]})
				})
			})
		}
	}
}

// A lead that is corrected back has its former record again. An outcome from in between said
// that it has it no longer: that was repeated of the record that it has.
func TestLeadThatIsCorrectedBackHasNotLeftItsRecord(t *testing.T) {
	t.Parallel()
	for _, death := range []scenario.Death{scenario.AfterCommit, scenario.AnswerLost} {
		t.Run(string(death), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				entry, grace, _ := correctedAfterLoss(t, death, false, asGrace())
				require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
				require.Equal(t, grace["Id"], string(entry.Last.ID))
				require.Empty(t, rebound(entry.Last))
				require.Empty(t, entry.Last.Left)
			})
		})
	}
}
