// SPDX-License-Identifier: Apache-2.0

package leadtype_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
)

// Every source field has one stable name, the same in a mapping, in JSON and as a
// CSV header.
func TestSourceFieldsHaveOneNameInMappingJSONAndCSV(t *testing.T) {
	t.Parallel()
	const documented = "id eventId eventName capturedAt enrichedAt updatedAt revision capturedBy scans provenance " +
		"firstName lastName email otherEmails jobTitle phone mobilePhone linkedin facebook twitter street city state " +
		"postalCode country description notes " +
		"company website industry companySize companyRevenue companyPhone companyLinkedin companyStreet companyCity " +
		"companyState companyPostalCode companyCountry " +
		"score scoreBand contactId leadId accountId"
	require.Equal(t, strings.Fields(documented), leadtype.SourceFields())
	cells := map[string]string{"capturedAt": "2026-05-04T09:30:00+02:00", "enrichedAt": "2026-05-04T09:31:00+02:00",
		"updatedAt": "2026-05-04T09:32:00+02:00", "revision": "4",
		"scans": "3", "score": "7.5", "otherEmails": "a@x.example;b@x.example"}
	for _, name := range leadtype.SourceFields() {
		require.True(t, leadtype.IsSourceField(name))
		cell := cells[name]
		if cell == "" {
			cell = "x"
		}
		var lead leadtype.Lead
		require.NoError(t, lead.Set(name, cell), name) // as a CSV cell
		require.NotNil(t, lead.Value(name), name)      // as a mapping's source
		data, err := json.Marshal(&lead)
		require.NoError(t, err)
		var keys map[string]any
		require.NoError(t, json.Unmarshal(data, &keys))
		require.Contains(t, keys, name) // as a JSON key
	}
	var lead leadtype.Lead
	require.NoError(t, lead.Set("qualifier.Interest", "Demo; Price"))
	require.Equal(t, []string{"Demo", "Price"}, lead.Value("qualifier.Interest"))
	require.NoError(t, lead.Set("custom.badge", "VIP"))
	require.Equal(t, "VIP", lead.Value("custom.badge"))
	for _, kind := range []string{"email", "call", "meeting", "linkedin", "sms", "note"} {
		require.NoError(t, lead.Set("activity."+kind, kind+" notes"))
		require.Equal(t, kind+" notes", lead.Value("activity."+kind))
	}
	require.ErrorIs(t, lead.Set("activity.fax", "x"), leadtype.DataValueValidation)
	require.ErrorIs(t, lead.Set("shoeSize", "x"), leadtype.DataValueValidation)
}

// Phones have a number and a kind, and come from the lead or from enrichment.
func TestPhoneIsTheLeadsOwnBeforeAnEnrichedOne(t *testing.T) {
	t.Parallel()
	lead := leadtype.Lead{Phones: []leadtype.Phone{
		{Number: "1", Kind: leadtype.PhoneMobile, Enriched: true},
		{Number: "2", Enriched: true},
		{Number: " "},
		{Number: "3", Kind: leadtype.PhoneWork},
		{Number: "4", Kind: leadtype.PhoneMobile},
	}}
	require.Equal(t, "3", lead.Value("phone"))
	require.Equal(t, "4", lead.Value("mobilePhone"))
	lead.Phones = lead.Phones[:3]
	require.Equal(t, "2", lead.Value("phone"))
	require.Equal(t, "1", lead.Value("mobilePhone"))
	lead.Phone, lead.MobilePhone = " 5 ", "6"
	require.Equal(t, "5", lead.Value("phone"))
	require.Equal(t, "6", lead.Value("mobilePhone"))
}

func TestSourcesWithoutAValueAreNil(t *testing.T) {
	t.Parallel()
	var lead leadtype.Lead
	for _, source := range []string{"qualifier.Interest", "custom.badge", "activity.call", "shoeSize"} {
		require.Nil(t, lead.Value(source), source)
	}
	require.NoError(t, lead.Set("city", "  "))
	require.ErrorIs(t, lead.Set("city", "\xff"), leadtype.DataValueValidation)
	require.Equal(t, leadtype.Lead{}, lead)
}

func TestTextValueIsTheValueOfASourceFieldThatIsAText(t *testing.T) {
	t.Parallel()
	phones := leadtype.Lead{Phones: []leadtype.Phone{{Number: "+1 555 0100"}}, City: "Bonn", Notes: " \t"}
	set := leadtype.Lead{Score: new(float64), Scans: 2}
	for _, name := range leadtype.SourceFields() {
		_ = set.Set(name, "x")
		for _, lead := range []*leadtype.Lead{new(leadtype.Lead), &phones, &set} {
			want, isText := lead.Value(name).(string)
			got, ok := lead.TextValue(name)
			require.Equal(t, want, got, name)
			require.Equal(t, isText || ok && want == "", ok, name)
		}
	}
	_, ok := set.TextValue("score")
	require.False(t, ok)
	city, ok := phones.TextValue("city")
	require.True(t, ok)
	require.Equal(t, "Bonn", city)
}
