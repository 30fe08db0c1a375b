// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
)

// A record of another object goes along with a corrected lead.
func TestCustomObjectFollowsACorrection(t *testing.T) {
	t.Parallel()
	org := scenario.VisitOrg(t)
	lead := scenario.Ada()
	c := &correcting{t: t, org: org, s: scenario.SyncerOf(t, org, mappedTo(visits())), object: "Lead", lead: lead}
	grace := c.grace()
	c.cleared(gracesEmail)
	require.Equal(t, grace, org.Rows("Visit__c")[0]["Lead__c"])
	out := c.cleared(adasEmail)
	require.NotEqual(t, grace, string(out.ID))
	require.Len(t, org.Rows("Visit__c"), 1)
	require.Equal(t, string(out.ID), org.Rows("Visit__c")[0]["Lead__c"])
}

// Many leads that are corrected at once, beside the leads whose addresses they had: each
// ends on a record of its own, with its note and nobody else's.
func TestManyLeadsAreCorrectedAtOnce(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		const n = 12
		lead := func(i int, email string) *leadsync.Lead {
			id := fmt.Sprintf("L%d", i)
			return &leadsync.Lead{ID: leadsync.LeadID(id), FirstName: "P" + id, LastName: "Person " + id, Company: "C",
				Email: email, Activities: []leadsync.Activity{{ID: "a", Kind: leadsync.ActivityNote, Notes: id}}}
		}
		address := func(i int) string { return fmt.Sprintf("p%d@c.example", i) }
		var wrong, right []*leadsync.Lead
		for i := range n {
			c.insert("Other", fmt.Sprint("Colleague ", i), fmt.Sprintf("x%d@c.example", i), "Admiral")
			if right = append(right, lead(i, address(i))); i%2 == 0 {
				wrong = append(wrong, lead(i, fmt.Sprintf("x%d@c.example", i)))
			} else {
				wrong = append(wrong, lead(i, address(i-1))) // that of a lead which has a wrong one itself
			}
		}
		captureIn(c.t, c.s, wrong...)
		require.NoError(c.t, c.s.Drain(c.t.Context()))
		captureIn(c.t, c.s, right...)
		require.NoError(c.t, c.s.Drain(c.t.Context()))

		notes := make(map[any]any)
		for _, task := range c.org.Rows("Task") {
			notes[task["WhoId"]] = task["Description"]
		}
		require.Len(c.t, c.org.Rows("Task"), n)
		for i, e := range scenario.StoredIn(c.t, c.s) {
			require.Equal(c.t, leadsync.Cleared, e.Stage, "%v", e.Last.Err)
			require.Equal(c.t, address(i), c.row(e.Last.ID)["Email"])
			require.Equal(c.t, "Person "+string(e.Lead.ID), c.row(e.Last.ID)["LastName"])
			require.Equal(c.t, string(e.Lead.ID), notes[string(e.Last.ID)])
		}
	})
}

// Two leads whose addresses were mixed up swap them, and keep their records.
func TestCorrectedLeadsSwapTheirAddresses(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		captureAndDrain(c.t, c.s, adaAndGrace(gracesEmail, adasEmail)...)
		captureAndDrain(c.t, c.s, adaAndGrace(adasEmail, gracesEmail)...)
		c.requireSwapped()
	})
}

// Synced one after the other, each finds its new address on the other's record. A person is
// told to push them together.
func TestCorrectedLeadsSwapTheirAddressesOneAfterTheOther(t *testing.T) {
	t.Parallel()
	eachCorrecting(t, func(c *correcting) {
		captureAndDrain(c.t, c.s, adaAndGrace(gracesEmail, adasEmail)...)
		for _, lead := range adaAndGrace(adasEmail, gracesEmail) {
			captureAndDrain(c.t, c.s, lead)
		}
		for _, e := range scenario.StoredIn(c.t, c.s) {
			require.ErrorIs(c.t, e.Last.Err, leadsync.AmbiguousMatch)
			require.Contains(c.t, e.Last.Err.Error(), "swapped their addresses, push both together")
			require.NotContains(c.t, e.Last.Err.Error(), "example")
		}
		pushIn(c.t, c.s, leadsync.Filter{Leads: []leadsync.LeadID{"L1", "L2"}})
		require.NoError(c.t, c.s.Drain(c.t.Context()))
		c.requireSwapped()
	})
}

// adaAndGrace returns two leads with these addresses.
func adaAndGrace(ada, grace string) []*leadsync.Lead {
	one, other := scenario.Ada(), scenario.Ada()
	other.ID, other.FirstName, other.LastName = "L2", "Grace", "Hopper"
	one.Email, other.Email = ada, grace
	return []*leadsync.Lead{one, other}
}

// requireSwapped requires that each lead cleared, on a record of its own with its address
// and name.
func (c *correcting) requireSwapped() {
	c.t.Helper()
	require.Equal(c.t, 2, c.org.Count(c.object))
	for _, e := range scenario.StoredIn(c.t, c.s) {
		require.Equal(c.t, leadsync.Cleared, e.Stage, "%v", e.Last.Err)
		require.Equal(c.t, e.Lead.Email, c.row(e.Last.ID)["Email"])
		require.Equal(c.t, e.Lead.LastName, c.row(e.Last.ID)["LastName"])
	}
}
