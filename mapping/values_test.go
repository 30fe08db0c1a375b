// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// What a form sends of a field that nobody touched replaces nothing. "https://" replaced a
// website, and "“N/A”" a title.
func TestUntouchedFieldsReplaceNothing(t *testing.T) {
	t.Parallel()
	m := mappingOf(
		mapping.Rule{Source: "website", Field: "Website", Write: mapping.UnlessEdited},
		mapping.Rule{Source: "jobTitle", Field: "Title", Write: mapping.UnlessEdited},
	)
	before := &rememberedRecord{RecordMemory: leadtype.RecordMemory{ID: "00Q000000000001AAA"}}
	describe := replaceDescribe()
	held := salesforce.Fields{"Website": "https://acme.example", "Title": "CTO"}
	for name, v := range held {
		field, _ := describe.Field(name)
		before.Note(field, v, scanned)
	}
	for website, title := range map[string]string{"https://": "N / A", "http://www.": "'N/A'", "www.": "“N/A”",
		"HTTPS://": "*n/a*", "http://n/a": "n / a", "https://none": "«N/A»", "http:": "- n/a -"} {
		lead := &leadtype.Lead{ID: "L1", CapturedAt: scanned, Website: website, JobTitle: title}
		target := mapping.Target{Object: salesforce.ObjectLead, Describe: describe, Memory: before,
			User: onlyRep, Record: &salesforce.Record{ID: "00Q000000000001AAA", Fields: held}}
		fields, warnings, err := m.Map(lead, target)
		require.NoError(t, err, website)
		require.Empty(t, fields, "%q, %q", website, title)
		require.Len(t, warnings, 2, "%q, %q", website, title)
		for _, w := range warnings {
			require.Equal(t, leadtype.BlankText, w.Kind)
		}
	}
}

// A word for no value is no country, so that a city alone replaces no address. "null" was
// written as the country of Berlin.
func TestOnlyCountriesCountAsCountries(t *testing.T) {
	t.Parallel()
	rows := addressRules(mapping.UnlessEdited)
	for _, picklists := range []bool{false, true} {
		for _, word := range []string{"unknown", "null", "None", "n.a.", "N. A.", "k. A.", "unbekannt", "TBD", "不明", "n/a",
			"-"} {
			describe := mappingDescribe(salesforce.ObjectContact)
			if picklists {
				withPicklists(describe, "Mailing", someCountries, someStates)
			}
			lead := &leadtype.Lead{ID: "L1", City: "Berlin", Country: word}
			record := personWith(salesforce.Fields{"City": "Washington", "Country": "USA", "CountryCode": "US"})
			fields, warnings := mailing(t, rows, describe, record, lead)
			require.Empty(t, fields, word)
			require.Len(t, warnings, 2, word)
			require.Equal(t, leadtype.BlankText, warnings[0].Kind, word)
			require.Equal(t, leadtype.AddressContradicts, warnings[1].Kind, word)
		}
	}
	fields, _ := mailing(t, rows, mappingDescribe(salesforce.ObjectContact), nil,
		&leadtype.Lead{ID: "L1", City: "Windhoek", Country: "na"})
	require.Equal(t, "na", fields["MailingCountry"])
}

// Names in capitals are written as people do when a record is created, and not over what
// it has: "VAN ANH" became "van Anh", and the transform ran on updates too.
func TestTitleCaseIsForNewRecords(t *testing.T) {
	t.Parallel()
	m := mapping.Default()
	lead := &leadtype.Lead{ID: "L1", CapturedAt: scanned, FirstName: "VAN ANH", LastName: "ÇELİK", Company: "ACME"}
	fields, _, err := m.Map(lead, createOf(salesforce.ObjectLead))
	require.NoError(t, err)
	require.Equal(t, "Van Anh", fields["FirstName"])
	require.Equal(t, "Çelik", fields["LastName"])
	require.Equal(t, "ACME", fields["Company"])

	target := updateOf(salesforce.ObjectLead, salesforce.Fields{"FirstName": "Van Anh", "LastName": "Kaya"})
	memory := &rememberedRecord{RecordMemory: leadtype.RecordMemory{ID: target.Record.ID}}
	for name, v := range target.Record.Fields {
		if field, ok := target.Describe.Field(name); ok && v != nil {
			memory.Note(field, v, scanned)
		}
	}
	target.Memory = memory
	fields, _, err = m.Map(lead, target)
	require.NoError(t, err)
	require.NotContains(t, fields, "FirstName")
	if name, written := fields["LastName"]; written {
		require.Equal(t, "ÇELİK", name, "as the lead has it")
	}
}

// Rows of a campaign link follow the settings of the mapping beside them: "missing" and
// "tooLong" had no effect there.
func TestRowsOfLinksFollowTheSettingsOfTheMapping(t *testing.T) {
	t.Parallel()
	beside := mapping.Mapping{Missing: mapping.Skip, TooLong: mapping.Fail, Locked: mapping.Fail,
		Existing: mapping.OverwriteExisting, StandIns: []string{"Nobody"}}
	link := mapping.CampaignLink{CampaignID: "701000000000001AAA", Fields: []mapping.Rule{
		{Source: "notes", Field: "Gone__c"}, {Source: "notes", Field: "Title", Write: mapping.UnlessEdited},
		{Source: "firstName", Field: "FirstName", Write: mapping.WriteIfBlank}}}
	set := mapping.NewSet(mapping.Config{Mapper: &beside, Campaigns: []mapping.CampaignLink{link}})
	describe := replaceDescribe()
	target := mapping.Target{
		Object:   salesforce.ObjectCampaignMember,
		Describe: describe,
		User:     onlyRep,
		Record: &salesforce.Record{
			ID:     "00v000000000001AAA",
			Fields: salesforce.Fields{"Title": "CTO", "FirstName": "nobody"},
		},
	}
	lead := &leadtype.Lead{ID: "L1", Notes: "met", FirstName: "Ada"}
	of := set.LinksOf(lead)[0]
	mapped := set.MapMember(of, lead, target)
	require.Nil(t, mapped.Err)
	require.Equal(t, salesforce.Fields{"Title": "met", "FirstName": "Ada"}, mapped.Fields)
	require.Len(t, mapped.Warnings, 1)
	require.Equal(t, leadtype.Missing, mapped.Warnings[0].Kind)

	lead.Notes = strings.Repeat("long ", 100)
	require.NotNil(t, set.MapMember(of, lead, target).Err, "too long")
	lead.Notes = "met"
	describe.Fields[3].Updateable = false
	require.NotNil(t, set.MapMember(of, lead, target).Err, "locked")
}

// A text that stands for none is noted once, and where the rule would have written: the note
// of a currency came once more for each amount, and none for an account of our own.
func TestBlankTextsAreNotedOnce(t *testing.T) {
	t.Parallel()
	describe := replaceDescribe()
	for _, name := range []string{"Budget__c", "Cost__c"} {
		describe.Fields = append(describe.Fields, salesforce.Field{Name: name, Type: salesforce.TypeCurrency, Precision: 18,
			Createable: true, Updateable: true, Nillable: true})
	}
	describe.Fields = append(describe.Fields, salesforce.Field{Name: "CurrencyIsoCode", Type: salesforce.TypePicklist,
		Createable: true, Updateable: true, PicklistValues: picklistValues("EUR", "USD")})
	m := mappingOf(
		mapping.Rule{Source: "custom.currency", Field: "CurrencyIsoCode"},
		mapping.Rule{Source: "custom.amount", Field: "Revenue__c"},
		mapping.Rule{Source: "custom.amount", Field: "Budget__c"},
		mapping.Rule{Source: "custom.amount", Field: "Cost__c"},
	)
	lead := &leadtype.Lead{ID: "L1", Custom: map[string]any{"currency": "n/a", "amount": "5000"}}
	_, warnings, err := m.Map(lead, mapping.Target{Object: salesforce.ObjectLead, Describe: describe, User: onlyRep})
	require.NoError(t, err)
	require.Len(t, warnings, 1)

	m = mappingOf(
		mapping.Rule{Source: "website", Field: "Website", Write: mapping.WriteIfBlank, Own: mapping.UnlessEdited},
	)
	for _, created := range []bool{true, false} {
		record := &salesforce.Record{ID: "00Q000000000001AAA", Fields: salesforce.Fields{"Website": "acme.example"}}
		_, warnings, err = m.Map(&leadtype.Lead{ID: "L1", Website: "n/a"}, mapping.Target{Object: salesforce.ObjectLead,
			Describe: describe, User: onlyRep, Record: record, Memory: &rememberedRecord{created: created}})
		require.NoError(t, err)
		require.Len(t, warnings, map[bool]int{true: 1, false: 0}[created])
	}
}

// The event decides which answers are asked for: a lead that moves to another event is
// planned again.
func TestPartDigestHoldsWhatIsAskedAtTheEvent(t *testing.T) {
	t.Parallel()
	set := mapping.NewSet(mapping.Config{Mapper: mapping.Default(), Qualifiers: []mapping.Qualifier{
		{Name: "Role", Events: []string{"E1"}, Fields: map[salesforce.Object]string{salesforce.ObjectLead: "Title"}}}})
	at := func(event, answer string) string {
		return set.PartDigest(salesforce.ObjectLead, &leadtype.Lead{ID: "L1", EventID: event,
			Answers: map[string][]string{"Role": {answer}}})
	}
	require.NotEqual(t, at("E1", "CTO"), at("E2", "CTO"))
	require.NotEqual(t, at("E1", "CTO"), at("E1", "CEO"))
	require.Equal(t, at("E2", "CTO"), at("E3", "CEO"), "nobody asks there")
}

// Before, the first characters of a digest that an earlier version had stored, which are of
// the lead's values too, counted as its rules.
func TestADigestOfAnotherLengthTellsNothingOfTheRules(t *testing.T) {
	t.Parallel()
	digest := func(m *mapping.Mapping) string {
		set := mapping.NewSet(mapping.Config{Mapper: m})
		return set.PartDigest(salesforce.ObjectLead, &leadtype.Lead{ID: "L1", JobTitle: "CTO"})
	}
	other := mapping.Default()
	other.Sections[0].Rules[0].Default = "Unknown"
	before, now := digest(mapping.Default()), digest(other)
	require.True(t, mapping.RulesChanged(before, now))
	require.True(t, mapping.RulesChanged(before, now+".t9x1q0"), "after a revert too")
	require.False(t, mapping.RulesChanged(before, before+".t9x1q0"))
	for _, old := range []string{"", "q8-_Zk0A", "q8-_Zk0A.t9x", "q8-_Zk0A.t9x1q0", before + now} {
		require.False(t, mapping.RulesChanged(old, now), old)
	}
}
