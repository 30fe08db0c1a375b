// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
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
		for _, word := range []string{"unknown", "null", "None", "n.a.", "N. A.", "k. A.", "unbekannt", "TBD", "不明", "n/a", "-"} {
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
