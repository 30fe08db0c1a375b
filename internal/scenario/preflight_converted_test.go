// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
)

// Preflight says what becomes of people whose Lead was converted where they are not followed to
// their Contact, and the sync of one does that. The converted Lead is not written, also by a
// user who might.
func TestPreflightSaysWhatBecomesOfConvertedLeads(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		strategy leadsync.Strategy
		policy   leadsync.ConvertedPolicy
		says     string
		code     leadsync.Code // of the lead's failure
		leads    int           // how many Leads there are then
	}{
		{leadsync.LeadsAndContacts, "", "", "", 1},
		{leadsync.AccountsAndContacts, "", "", "", 1},
		{leadsync.LeadsOnly, "", "gets a new one, since the strategy looks for no Contacts", "", 2},
		{leadsync.LeadsOnly, leadsync.NewLead, "gets a new one", "", 2},
		{leadsync.LeadsAndContacts, leadsync.HoldConverted, "a person decides", leadsync.StaleRemoteRecord, 1},
	} {
		for _, may := range []bool{false, true} {
			p := newPlanted(t)
			p.org.SetPermission("PermissionsAllowViewEditConvertedLeads", may)
			p.cfg.Strategy, p.cfg.Converted = tc.strategy, tc.policy
			lead := scenario.Ada()
			lead.LeadID = salesforce.ID(p.org.Insert("Lead", map[string]any{"FirstName": lead.FirstName,
				"LastName": lead.LastName, "Company": "Engines"}))
			p.org.Convert(string(lead.LeadID))
			before := p.org.Row("Lead", string(lead.LeadID))

			_, report := p.look(t)
			said := ""
			for _, f := range report.Findings {
				if f.Path == "converted" {
					require.Equal(t, tc.code, f.Code)
					said += f.Reason
				}
			}
			require.Equal(t, tc.says != "", said != "")
			require.Contains(t, said, tc.says)
			outcomes, err := knownSyncer(t, p.org, p.cfg).Sync(t.Context(), lead)
			require.Equal(t, tc.code != "", err != nil, err)
			require.Equal(t, tc.code, outcomes[0].Code())
			require.Equal(t, tc.leads, p.org.Count("Lead"))
			require.Equal(t, before, p.org.Row("Lead", string(lead.LeadID)))
		}
	}
}
