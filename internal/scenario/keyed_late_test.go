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
	"github.com/leadsync/leadsync/store/memory"
)

// A create with a key may be sent again at once, with what the lead has become since: the
// key lets only one of them make the record. Where that was an earlier one, which
// Salesforce carried out late, the record has values of the connection. The journal knew only
// the last create: the lead kept the values of the first, with a warning that a person had
// written them. One of two leads of the person tells what made it as well as both.
func TestRecordOfAnEarlierCreateWithTheKeyIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	for made := range 3 { // the create that makes the record
		for _, death := range []scenario.Death{scenario.BeforeSend, scenario.AfterSend} {
			for _, two := range []bool{false, true} {
				t.Run(fmt.Sprintf("create %d, %s, two leads %t", made, death, two), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { keyedCreateArrivesLate(t, made, death, two) })
				})
			}
		}
	}
}

func keyedCreateArrivesLate(t *testing.T, made int, death scenario.Death, two bool) {
	org, kept := keyedOrg(t), memory.New(nil)
	process := func(death scenario.Death) *leadsync.Syncer {
		return scenario.NewMortal(t, org, leadsync.Config{Store: kept}, death).Syncer
	}
	title := func(n int) string { return fmt.Sprintf("Title %d", n) }
	notes := func(n int) string { return fmt.Sprintf("note %d", min(n, 2)) } // the last capture has no new ones
	leads := func(n int) []*leadsync.Lead {
		lead := scenario.Ada()
		lead.Notes = notes(n)
		if lead.JobTitle = title(n); n == 0 || !two {
			return []*leadsync.Lead{lead}
		}
		other := *lead
		other.ID = "L0"
		return []*leadsync.Lead{lead, &other}
	}
	var key string
	for n := range 3 {
		s := process(death)
		captureIn(t, s, leads(n)...)
		scenario.DrainFor(t, s, 5*time.Minute)
		for _, entry := range scenario.StoredIn(t, s) {
			for _, intent := range entry.Intents {
				if intent.Kind == leadtype.PartPerson {
					key = intent.Key
				}
			}
		}
		require.NotEmpty(t, key)
	}
	require.Zero(t, org.Count("Lead"))
	org.Insert("Lead", map[string]any{"FirstName": scenario.Ada().FirstName, "LastName": scenario.Ada().LastName,
		"Email": scenario.Ada().Email, "Company": scenario.Ada().Company, "Title": title(made),
		"Description": notes(made), "LeadsyncKey__c": key})

	last := process("")
	scenario.Rounds(t, last, leads(3)...)

	require.Equal(t, 1, org.Count("Lead"))
	require.Equal(t, title(3), org.Rows("Lead")[0]["Title"])
	// Notes that only an unanswered create was to write counted as written, and were lost.
	require.Contains(t, org.Rows("Lead")[0]["Description"], notes(3))
	for _, entry := range scenario.StoredIn(t, last) {
		require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
		require.Empty(t, entry.Last.Warnings)
	}
}
