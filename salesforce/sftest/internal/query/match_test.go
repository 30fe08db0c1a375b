// SPDX-License-Identifier: Apache-2.0

package query

// This test looks inside: that a lookup goes through an index cannot be seen
// from outside but by a clock, and clocks make tests that fail on a busy machine.

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
)

// newEngineOf makes an engine over an org with n Leads, members of one campaign.
func newEngineOf(n int) (e *Engine, campaign string) {
	d := db.New(db.Options{Now: time.Now})
	d.DefineField("Lead", db.FieldSpec{Name: "LeadsyncKey__c", ExternalID: true, Unique: true})
	campaign = d.Insert("Campaign", map[string]any{"Name": "Expo"})
	for i := range n {
		lead := d.Insert("Lead", map[string]any{
			"LastName": "L", "Email": fmt.Sprintf("p%d@example.com", i), "LeadsyncKey__c": fmt.Sprint("k", i),
		})
		d.Insert("CampaignMember", map[string]any{"CampaignId": campaign, "LeadId": lead})
		d.Insert("Account", map[string]any{"Name": fmt.Sprint("Company ", i)})
	}
	return New(d, Options{}), campaign
}

func TestLookupsGoThroughAnIndex(t *testing.T) {
	t.Parallel()
	e, campaign := newEngineOf(50)
	id := e.db.Rows("Lead")[7]["Id"].(string)
	for _, tc := range []struct {
		soql    string
		looksAt int // -1: every row
	}{
		{"SELECT Id FROM Lead WHERE Email IN ('P1@example.com', 'p2@example.com', 'nobody')", 2},
		{"SELECT Id FROM Lead WHERE LeadsyncKey__c = 'K3'", 1},
		{"SELECT Id FROM Lead WHERE Id IN ('" + id + "')", 1},
		{"SELECT Id FROM Lead WHERE City = 'x' AND Email = 'p1@example.com'", 1},
		{"SELECT Id FROM Lead WHERE Email = 'p1@example.com' OR LeadsyncKey__c = 'k2'", 2},
		{
			"SELECT Id FROM CampaignMember WHERE CampaignId = '" + campaign +
				"' AND (Lead.Email IN ('p1@example.com') OR Contact.Email IN ('p1@example.com'))",
			1,
		},
		{"SELECT Id FROM CampaignMember WHERE LeadId = '" + id + "'", 1},
		{"SELECT Id FROM Lead WHERE Email = 'p1@example.com' OR City = 'x'", -1},
		{"SELECT Id FROM Lead WHERE Email != 'p1@example.com'", -1},
		{"SELECT Id FROM Lead WHERE Email IN ('p1@example.com', null)", -1},
		{"SELECT Id FROM Lead WHERE City = 'x'", -1},
	} {
		t.Run(tc.soql, func(t *testing.T) {
			t.Parallel()
			q, refused := e.Compile(tc.soql, false)
			require.Nil(t, refused)
			rows, indexed := q.where.candidates(&evaluation{engine: e})
			require.Equal(t, tc.looksAt >= 0, indexed)
			if indexed {
				require.Len(t, rows, tc.looksAt)
			}
		})
	}
}

// A thousand LIKEs joined by OR are filed under letters that few of them share.
func TestManyLikesAreNotTriedOneByOne(t *testing.T) {
	t.Parallel()
	var patterns []like
	for i := range 1000 {
		patterns = append(patterns, compileLike(fmt.Sprintf("%%company %d%%", i+1000)))
	}
	m := newLikeMatcher(&Path{}, patterns)
	require.Empty(t, m.always)
	for trigram, filed := range m.byTrigram {
		require.LessOrEqual(t, len(filed), 20, string(trigram[:]))
	}
}
