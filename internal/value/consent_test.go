// SPDX-License-Identifier: Apache-2.0

package value_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/value"
)

func TestConsentIsKnownByNameAndLabel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, label string
		want        value.Consent
	}{
		{"HasOptedOutOfEmail", "Email Opt Out", value.OptOut},
		{"HasOptedOutOfFax", "Fax Opt Out", value.OptOut},
		{"DoNotCall", "Do Not Call", value.OptOut},
		{"Do_Not_Mail__c", "", value.OptOut},
		{"Unsubscribed__c", "", value.OptOut},
		{"Flag1__c", "Email opt-out", value.OptOut},
		{"Flag2__c", "Werbesperre", value.OptOut},
		{"Newsletter_Opt_In__c", "", value.OptIn},
		{"GDPR_Consent__c", "", value.OptIn},
		{"Subscribed__c", "", value.OptIn},
		{"Flag3__c", "Permission to contact", value.OptIn},
		{"Flag4__c", "Einwilligung (DSGVO)", value.OptIn},
		{"IsActive__c", "Active", value.NoConsent},
		{"Option__c", "Option", value.NoConsent},
		{"Donated__c", "Donated", value.NoConsent},
	} {
		require.Equal(t, c.want, value.ConsentOf(c.name, c.label), "%s %s", c.name, c.label)
	}
}
