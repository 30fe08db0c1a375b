// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// Nobody repeats a call that was refused, and a plan that was applied is no record.
func TestARefusedCallSaysWhoRepeatsIt(t *testing.T) {
	t.Parallel()
	const changed = "the lead has changed in the meantime"
	for _, op := range []string{"choose", "export", "forget", "rebind", "apply", "revert", "sync"} {
		e := &leadtype.Error{Op: op, Code: leadtype.RowContention, Reason: changed}
		require.Contains(t, e.Fix(), "repeat the call, which the library does not do: "+changed, op)
		require.NotEqual(t, leadtype.RowContention.Description(), e.Description(), op)
	}
	exported := &leadtype.Error{Op: "export", LeadID: "L1", Code: leadtype.RowContention, Reason: changed}
	require.Contains(t, exported.Fix(), "repeat the call")
	applied := &leadtype.Error{Op: "apply", Code: leadtype.StaleRemoteRecord, Fields: []string{"id"},
		Reason: "was applied"}
	require.Contains(t, applied.Description(), "plan was applied before")
	require.Contains(t, applied.Fix(), "Plan the leads again")

	for _, of := range []*leadtype.Error{ // of leads and records, and of what a call has no text for
		{Op: "create", LeadID: "L1", Object: "Lead", Code: leadtype.RowContention, Reason: "locked"},
		{Op: "sync", LeadID: "L1", Code: leadtype.RowContention, Reason: "locked"},
		{Op: "apply", LeadID: "L1", Object: "Lead", Code: leadtype.StaleRemoteRecord, Reason: "changed since"},
		{Op: "revert", Object: "Lead", Code: leadtype.StaleRemoteRecord, Reason: "it has been changed since"},
	} {
		require.Equal(t, of.Code.Fix(), of.Fix(), of)
		require.Equal(t, of.Code.Description(), of.Description(), of)
	}
	broken := &leadtype.Error{Op: "choose", Code: leadtype.Unknown, Reason: "the store failed",
		Err: errors.New("disk full")}
	require.Contains(t, broken.Fix(), "Repair the store")
}

func TestAMisuseReadsAsASentence(t *testing.T) {
	t.Parallel()
	candidates := make([]leadtype.Candidate, 22)
	for i := range candidates {
		candidates[i] = leadtype.Candidate{Object: "Contact", ID: salesforce.ID(fmt.Sprintf("003%015d", i))}
	}
	e := &leadtype.Error{Op: "choose", Code: leadtype.DataValueValidation, Fields: []string{"record"},
		Reason: "must be one of " + leadtype.Listed(candidates[:2])}
	require.Equal(t, "record: must be one of Contact 003000000000000000, Contact 003000000000000001, or new. "+
		"Correct the call.", e.Fix())
	listed := leadtype.Listed(candidates)
	require.Contains(t, listed, "Contact 003000000000000009 and 12 more, or new")
	require.NotContains(t, listed, "003000000000000010")
	require.NotContains(t, leadtype.Listed(candidates[:10]), "more")
}

func TestAnAutomationThatIsNotNamedIsLookedForByItsObject(t *testing.T) {
	t.Parallel()
	e := &leadtype.Error{Code: leadtype.RemoteAutomation, Object: "Visit__c"}
	require.Contains(t, e.Fix(), "look at the triggers and flows of Visit__c;")
	require.Contains(t, leadtype.RemoteAutomation.Fix(), "triggers and flows of its object;")
}

func TestAnExpiredAuthorizationCodeIsNoRefreshToken(t *testing.T) {
	t.Parallel()
	advice := (*leadtype.Advisor)(nil).Login(&salesforce.Error{HTTPStatus: 400, Code: salesforce.InvalidGrant,
		Message: "expired authorization code"})
	require.NotContains(t, advice.Description, "refresh token")
	require.Contains(t, advice.Fix, "Connect again")
	advice = (*leadtype.Advisor)(nil).Login(&salesforce.Error{HTTPStatus: 400, Code: salesforce.InvalidGrant,
		Message: "expired access/refresh token"})
	require.Contains(t, advice.Description, "refresh token", "the control")
}

func TestAMissingOptionIsNamedWhole(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ message, named string }{
		{"bad value for restricted picklist field: Sales: EMEA", `"Sales: EMEA"`},
		{"Customer tier: bad value for restricted picklist field: Sales: EMEA", `"Sales: EMEA"`},
		{"Deal Tier: mauvaise valeur: Sales: EMEA", `"Sales: EMEA"`},
		{"mauvaise valeur: Gold", `"Gold"`},
		// A label that is not the field's name, or no label and an option of two parts.
		{"Niveau: mauvaise valeur: Gold", `"Niveau: mauvaise valeur: Gold"`},
		{"mauvaise valeur: Sales: EMEA", `"mauvaise valeur: Sales: EMEA"`},
	} {
		e := &leadtype.Error{Code: leadtype.DataValueValidation, Object: "Lead", Fields: []string{"Deal_Tier__c"},
			Err: &salesforce.Error{Code: salesforce.InvalidOrNullForRestrictedPicklist, Message: row.message}}
		require.Contains(t, e.Fix(), row.named, row.message)
	}
}

func TestEachPicklistIsNamedWithItsOwnOptions(t *testing.T) {
	t.Parallel()
	lacks := func(options map[string][]string) *leadtype.Error {
		return &leadtype.Error{Code: leadtype.DataValueValidation, Object: "Lead",
			Fields: []string{"Fax", "Size__c", "Tier__c"},
			Reason: "Size__c is not an active option of the restricted picklist", Options: options}
	}
	first := lacks(map[string][]string{"Tier__c": {"Gold"}, "Size__c": {"XL"}})
	fix := (*leadtype.Advisor)(nil).Error(first, lacks(map[string][]string{"Tier__c": {"Tin", "Gold"}})).Fix
	require.Contains(t, fix, `options "XL" to the restricted picklist Lead.Size__c,`)
	require.Contains(t, fix, `options "Gold", "Tin" to the restricted picklist Lead.Tier__c,`)
	require.NotContains(t, fix, "Fax")

	stored, err := json.Marshal(first)
	require.NoError(t, err)
	var back leadtype.Error
	require.NoError(t, json.Unmarshal(stored, &back))
	require.Equal(t, first.Options, back.Options)
	require.NoError(t, json.Unmarshal([]byte(`{"code":"DATA_VALUE_VALIDATION","options":["Gold"]}`), &back),
		"as an earlier commit wrote it")
}
