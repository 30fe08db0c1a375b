// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// What automation makes of a value is the connection's, where the batch has a later call that
// reads it: the field stays correctable, and what a person edits there stays. Before, it
// counted as an edit and froze the field.
func TestWhatAutomationRewritesStaysTheConnections(t *testing.T) {
	t.Parallel()
	for _, activity := range []bool{false, true} {
		d := newDesk(t, leadsync.Config{Gather: leadsync.NoGather})
		lead := visitor()
		leads := []*leadsync.Lead{lead}
		if activity {
			lead.Activities = []leadsync.Activity{{ID: "1", Kind: leadsync.ActivityCall, Notes: "hello"}}
			// So many, in an org that does not resolve references, have their Tasks in a later call.
			d.org.FailReferences(sftest.ReferenceHalts)
			for i := range 15 {
				leads = append(leads, later(lead, func(l *leadsync.Lead) {
					l.ID = leadsync.LeadID(fmt.Sprintf("other %d", i))
					l.LastName, l.Email = fmt.Sprintf("Other %c", 'A'+i), fmt.Sprintf("other%d@host.example", i)
				}))
			}
		}
		var once sync.Once
		d.org.OnRequest(func(r sftest.Request) {
			if r.Writes > 0 {
				once.Do(func() { // a flow, after save
					for _, row := range d.org.Rows("Lead") {
						d.org.Update("Lead", row["Id"].(string), map[string]any{"Title": "Title: Mgr", "Phone": nil})
					}
				})
			}
		})
		d.org.ResetLog()
		d.sync(leads...)
		calls := d.org.Calls()
		out := d.sync(later(lead, func(l *leadsync.Lead) {
			l.JobTitle, l.Phone, l.CapturedAt = "Manager", "617-555-0199", l.CapturedAt.Add(time.Hour)
		}))["L1"]
		row := d.org.Row("Lead", string(out.ID))
		if !activity { // nothing is written after the person
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "Title"))
			require.Equal(t, []leadtype.WarningKind{leadtype.KeptCleared}, warned(out, "Phone"))
			require.Equal(t, "Title: Mgr", row["Title"])
			continue
		}
		require.Equal(t, 4, calls, "describes, look-up, people, Tasks")
		require.Equal(t, "Manager", row["Title"])
		require.Equal(t, "617-555-0199", row["Phone"])
		d.edit(out, map[string]any{"Title": "Chief Officer"})
		out = d.sync(later(lead, func(l *leadsync.Lead) {
			l.JobTitle, l.CapturedAt = "Director", l.CapturedAt.Add(2*time.Hour)
		}))["L1"]
		require.Equal(t, "Chief Officer", d.org.Row("Lead", string(out.ID))["Title"])
		require.Equal(t, []leadtype.WarningKind{leadtype.KeptEdited}, warned(out, "Title"))
	}
}
