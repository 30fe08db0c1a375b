// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

func TestErrorFixOfPicklistNamesFieldAndWaysOut(t *testing.T) {
	t.Parallel()
	e := Classify("create", salesforce.ObjectLead, &salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
		Message: "Tier: bad value for restricted picklist field: Platinum", Fields: []string{"Tier__c"}})
	require.Equal(t, `Add the missing options "Platinum" to the restricted picklist Lead.Tier__c, lift its restriction, `+
		`or map to a text field instead; then retry.`, e.Fix())
	require.NotContains(t, e.Error(), "Platinum")
}

func TestErrorFixOfValidationRuleNamesRuleAndUser(t *testing.T) {
	t.Parallel()
	e := Classify("update", salesforce.ObjectContact, &salesforce.Error{Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION",
		Message: "Budget is required", Fields: []string{"Budget__c", "Stage__c"}})
	require.Contains(t, e.Fix(), "fills Contact.Budget__c, Contact.Stage__c as")
	require.Contains(t, e.Fix(), "($User.Username <> the connected user's name)")
	require.Contains(t, e.Fix(), `Salesforce says: "Budget is required"`)

	e.User = "sync@acme.example"
	require.Contains(t, e.Fix(), `($User.Username <> "sync@acme.example")`)
	require.NotContains(t, e.Error(), "acme")
	require.NotContains(t, e.Error(), "Budget is")

	stored, err := json.Marshal(e)
	require.NoError(t, err)
	var back leadtype.Error
	require.NoError(t, json.Unmarshal(stored, &back))
	require.Equal(t, e.Fix(), back.Fix())
}

func TestErrorFix(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  *leadtype.Error
		want string
	}{
		"of our own": {&leadtype.Error{Code: leadtype.NoTagMapping}, leadtype.NoTagMapping.Fix()},
		"plain":      {Classify("", "", &salesforce.Error{Code: "ENTITY_IS_LOCKED"}), leadtype.RecordLocked.Fix()},
		"no field": {Classify("", "", &salesforce.Error{Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION"}),
			"fills the field at fault as"},
		"locked field": {Classify("", salesforce.ObjectLead,
			&salesforce.Error{Code: "INVALID_FIELD_FOR_INSERT_UPDATE", Fields: []string{"A__c"}}), "edit access to Lead.A__c"},
		"daily limit": {Classify("", "",
			&salesforce.Error{Code: "REQUEST_LIMIT_EXCEEDED", Message: "TotalRequests Limit exceeded."}), "last 24 hours"},
		"short limit": {Classify("", "", &salesforce.Error{Code: "REQUEST_LIMIT_EXCEEDED",
			Message: "ConcurrentRequests (Concurrent API) Limit exceeded."}), leadtype.RateLimit.Fix()},
		"member status": {Classify("", salesforce.ObjectCampaignMember,
			&salesforce.Error{Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Fields: []string{"Status"}}),
			leadtype.CampaignStatus.Fix()},
		"record of another user": {Classify("update", salesforce.ObjectLead,
			&salesforce.Error{Code: "INSUFFICIENT_ACCESS_OR_READONLY"}), "edit access to the record of Lead"},
		"new record beside one of another user": {Classify("create", salesforce.ObjectCampaignMember,
			&salesforce.Error{Code: "INSUFFICIENT_ACCESS_OR_READONLY"}), "the records that the CampaignMember refers to"},
		"record that is gone": {Classify("update", salesforce.ObjectLead, &salesforce.Error{Code: "ENTITY_IS_DELETED"}),
			"look the person up again"},
		"reference to a record that is gone": {Classify("create", salesforce.ObjectContact,
			&salesforce.Error{Code: "ENTITY_IS_DELETED", Fields: []string{"AccountId"}}),
			"Retry to look up the record of Contact.AccountId again"},
		"lock that does not end": {Classify("update", salesforce.ObjectLead, &salesforce.Error{Code: "UNABLE_TO_LOCK_ROW"}),
			"If it has failed, find out what else changes records of Lead"},
	} {
		require.Contains(t, tc.err.Fix(), tc.want, name)
	}
}
