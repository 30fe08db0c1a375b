// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A legal form before the name made a second Account.
func TestCompanyIsFoundWhicheverSideItsLegalFormIsOn(t *testing.T) {
	t.Parallel()
	for stored, company := range map[string]string{"PT Astra International Tbk": "Astra International, P.T.",
		"ООО «Ромашка»": "Ромашка ООО", "株式会社トヨタ": "トヨタ（株）", "Latvenergo AS": "AS Latvenergo",
		"UAB \"Maxima\"": "Maxima, UAB",
		"ТОВ Рошен":      "Рошен"} {
		org := sftest.NewOrg(t)
		account := org.Insert("Account", map[string]any{"Name": stored})
		lead := &leadsync.Lead{ID: "L1", LastName: "Sari", Email: "sari@gmail.com", Company: company}
		out := scenario.SyncOne(t, scenario.SyncerOf(t, org, &leadsync.Config{Strategy: leadsync.AccountsAndContacts}), lead)
		require.Equal(t, account, string(out.AccountID), company)
		require.Equal(t, 1, org.Count("Account"))
		require.Equal(t, leadtype.PartAccount, out.Parts[0].Kind)
	}
}
