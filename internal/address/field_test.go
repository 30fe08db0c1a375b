// SPDX-License-Identifier: Apache-2.0

package address_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/address"
	"github.com/leadsync/leadsync/salesforce"
)

func TestFieldsOfAnAddressAreKnownByTheirNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]address.Field{
		"Street":               {Part: address.Street},
		"countrycode":          {Part: address.Country, Code: true},
		"MailingState":         {Prefix: "Mailing", Part: address.State},
		"OtherPostalCode":      {Prefix: "Other", Part: address.PostalCode},
		"BILLINGCITY":          {Prefix: "BILLING", Part: address.City},
		"ShippingStateCode":    {Prefix: "Shipping", Part: address.State, Code: true},
		"PersonMailingCountry": {Prefix: "PersonMailing", Part: address.Country},
		"Home__Street__s":      {Prefix: "Home__", Suffix: "__s", Part: address.Street},
		"Home__CountryCode__s": {Prefix: "Home__", Suffix: "__s", Part: address.Country, Code: true},
	} {
		got, ok := address.Of(name)
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
	}
	for _, name := range []string{"", "Email", "City__c", "HomeCity", "HomeStreet__c", "__City__s", "Status",
		"MailingStreetName", "LeadCountry", "MailingLatitude", "Code"} {
		_, ok := address.Of(name)
		require.False(t, ok, name)
	}
}

func TestAddressNamesItsFields(t *testing.T) {
	t.Parallel()
	lead, _ := address.Of("City")
	require.Equal(t, []string{"Street", "City", "State", "StateCode", "PostalCode", "Country", "CountryCode"},
		lead.Names())
	home, _ := address.Of("Home__City__s")
	require.Contains(t, home.Names(), "Home__StateCode__s")
	mailing, _ := address.Of("MailingStreet")
	billing, _ := address.Of("BillingStreet")
	other, _ := address.Of("mailingcountry")
	require.True(t, mailing.Same(other))
	require.False(t, mailing.Same(billing))
	require.False(t, mailing.Same(home))
}

func TestFieldThatOnlyHasTheNameIsPartOfNoAddress(t *testing.T) {
	t.Parallel()
	plain := salesforce.Field{Name: "City"}
	_, ok := address.Described("Venue__x", &plain)
	require.False(t, ok)
	_, ok = address.Described("lead", &plain)
	require.True(t, ok)
	_, ok = address.Described("Location", &salesforce.Field{Name: "City", CompoundFieldName: "Address"})
	require.True(t, ok)
}
