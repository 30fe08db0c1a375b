// SPDX-License-Identifier: Apache-2.0

package demoorg_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/examples/internal/demoorg"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestSeedHoldsWhatItsCommentPromises(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	demoorg.Seed(org)

	require.Equal(t, demoorg.DemoCampaignID, demoorg.CampaignID(org))
	require.Equal(t, 6, org.Count("Account"))
	require.Equal(t, 5, org.Count("Contact"))
	statuses := map[string]bool{}
	for _, status := range org.Rows("CampaignMemberStatus") {
		statuses[status["Label"].(string)] = status["IsDefault"].(bool)
	}
	require.Equal(t, map[string]bool{"Sent": true, "Registered": false, "Attended": false, "Responded": false}, statuses)
	converted := 0
	for _, lead := range org.Rows("Lead") {
		if lead["IsConverted"] == true {
			converted++
			require.NotNil(t, org.Row("Contact", lead["ConvertedContactId"].(string)))
		}
	}
	require.Equal(t, 1, converted)
	active := map[string]bool{}
	for _, user := range org.Rows("User") {
		active[user["Email"].(string)] = user["IsActive"].(bool)
	}
	require.True(t, active[demoorg.RepRiley])
	require.True(t, active[demoorg.RepSam])
	require.False(t, active[demoorg.RepInactive])
}

func TestSeedMixKnowsWhatMixSays(t *testing.T) {
	t.Parallel()
	const n = 200
	org := sftest.NewOrg(t)
	demoorg.SeedMix(org, n)

	known := map[string]demoorg.Kind{}
	for _, contact := range org.Rows("Contact") {
		known[contact["Email"].(string)] = demoorg.Contact
	}
	for _, lead := range org.Rows("Lead") {
		known[lead["Email"].(string)] = demoorg.Lead
	}
	members := map[string]bool{}
	for _, member := range org.Rows("CampaignMember") {
		require.Equal(t, demoorg.DemoCampaignID, member["CampaignId"])
		members[member["Email"].(string)] = true
	}
	require.Len(t, known, n/2)
	for i := range n {
		p := demoorg.Mix(i)
		require.Equal(t, p.Kind, known[p.Email], p.Email)
		require.Equal(t, p.Member, members[p.Email], p.Email)
	}
}
