// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

// Limits and queries of the Tooling API take a call each, beside a composite for the rest.
func TestReadReturnsLimitsAndRowsOfTheToolingAPI(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t, sftest.WithAPILimit(1000))
	org.AddRule("Lead", sftest.Rule{Name: "Needs_Title", Refuses: func(map[string]any) bool { return false }})
	client := clientOf(t, org)
	rules := soql.From("ValidationRule", "ValidationName", "EntityDefinition.QualifiedApiName").
		Where(soql.Eq("Active", true))
	results, err := client.Read(t.Context(), salesforce.OrgLimits(), salesforce.DescribeObject("Lead", ""),
		salesforce.ToolingQuery(rules), salesforce.DescribeObject("Contact", ""))
	require.NoError(t, err)
	require.Equal(t, 3, org.Calls())
	for _, r := range results {
		require.NoError(t, r.Err)
	}
	require.EqualValues(t, 1000, results[0].Limits["DailyApiRequests"].Max)
	require.Equal(t, salesforce.Limit{Max: 5, Remaining: 5}, results[0].Limits["DataStorageMB"])
	require.Len(t, results[2].Records, 1)
	require.Equal(t, "Needs_Title", results[2].Records[0].Text("ValidationName"))
	require.Equal(t, "Lead", results[2].Records[0].Text("EntityDefinition.QualifiedApiName"))
	require.Equal(t, "Contact", string(results[3].Describe.Name))

	org.SetPermission("PermissionsViewSetup", false)
	results, err = client.Read(t.Context(), salesforce.ToolingQuery(rules))
	require.NoError(t, err)
	require.Error(t, results[0].Err)
	require.Empty(t, results[0].Records)
}

// A reply that is no list of limits, or no page, is an error of its read alone.
func TestReadRefusesRepliesThatAreNoLimitsAndNoPage(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"[]", "{}", `{"DataStorageMB": 5}`, `{"records": 1}`} {
		org := sftest.NewOrg(t)
		client := clientOf(t, org)
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			return &sftest.Fault{Status: 200, Body: body}
		})
		for _, read := range []salesforce.Read{salesforce.OrgLimits(),
			salesforce.ToolingQuery(soql.From("ValidationRule", "Id"))} {
			results, err := client.Read(t.Context(), read)
			require.NoError(t, err)
			require.Error(t, results[0].Err, body)
		}
	}
}
