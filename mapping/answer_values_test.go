// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
)

// answered returns what one answer to a qualifier makes of a field of a new Lead.
func answered(m mapping.Mapping, q mapping.Qualifier, answers ...string) mapping.Mapped {
	describe := replaceDescribe()
	describe.Fields = append(describe.Fields,
		salesforce.Field{Name: "Count__c", Type: salesforce.TypeDouble, Precision: 18, Scale: 2, Createable: true},
		salesforce.Field{Name: "NumberOfEmployees", Type: salesforce.TypeInt, Digits: 8, Createable: true})
	q.Name = "Q"
	set := mapping.NewSet(mapping.Config{Mapper: &m, Qualifiers: []mapping.Qualifier{q}})
	return set.Compose(
		&leadtype.Lead{ID: "L1", Answers: map[string][]string{"Q": answers}},
		mapping.Target{
			Object:   salesforce.ObjectLead,
			Describe: describe,
			User:     onlyRep,
		},
		mapping.Mapped{Fields: salesforce.Fields{}},
	)
}

// Answers become numbers as the texts of rows do: a locale, a currency and a range that rows
// know failed the lead.
func TestAnswersAreNumbersAsRowsAre(t *testing.T) {
	t.Parallel()
	high := []mapping.Section{{Object: salesforce.ObjectLead, Rules: []mapping.Rule{
		{Source: "custom.size", Field: "Count__c", Range: mapping.RangeHigh}}}}
	for _, tc := range []struct {
		m             mapping.Mapping
		field, answer string
		want          any
	}{
		{mapping.Mapping{NumberLocale: "de"}, "Count__c", "1.234", json.Number("1234")},
		{mapping.Mapping{NumberLocale: "en-US"}, "Count__c", "1.234", json.Number("1.23")},
		{mapping.Mapping{Currency: "EUR"}, "Revenue__c", "500 €", json.Number("500")},
		{mapping.Mapping{Currency: "EUR"}, "Revenue__c", "1,5 Mio. EUR", json.Number("1500000")},
		{mapping.Mapping{}, "NumberOfEmployees", "500 employees", int64(500)},
		{mapping.Mapping{}, "NumberOfEmployees", "51-200", int64(51)},
		{mapping.Mapping{}, "NumberOfEmployees", "10,000+", int64(10000)},
		{mapping.Mapping{Sections: high}, "Count__c", "51-200", json.Number("200")},
		{mapping.Mapping{}, "Count__c", "1.234", nil}, {mapping.Mapping{}, "Count__c", "51-200", nil},
		{mapping.Mapping{Currency: "EUR"}, "Revenue__c", "$500", nil}, {mapping.Mapping{}, "Count__c", "many", nil},
	} {
		for _, kind := range []mapping.QualifierType{mapping.QualifierNumber, mapping.QualifierText} {
			got := answered(tc.m, mapping.Qualifier{Type: kind,
				Fields: map[salesforce.Object]string{salesforce.ObjectLead: tc.field}}, tc.answer)
			if tc.want == nil {
				require.NotNil(t, got.Err, tc.answer)
				require.Equal(t, leadtype.DataValueValidation, got.Err.Code)
				continue
			}
			require.Nil(t, got.Err, tc.answer)
			require.Equal(t, tc.want, got.Fields[tc.field], tc.answer)
		}
	}
}

// TestOneAnswerGivenTwiceIsOne: a scan and a form have the same, and the question takes one.
func TestOneAnswerGivenTwiceIsOne(t *testing.T) {
	t.Parallel()
	fields := map[salesforce.Object]string{salesforce.ObjectLead: "Title"}
	for _, answers := range [][]string{{"Yes"}, {"Yes", "yes"}, {"Yes", " YES ", "", "yes"}, {"Yes", "n/a", "Yes"},
		{"Yes", "Ye\u200bs"}} {
		got := answered(mapping.Mapping{}, mapping.Qualifier{Fields: fields}, answers...)
		require.Nil(t, got.Err, answers)
		require.Equal(t, "Yes", got.Fields["Title"])
	}
	for _, answers := range [][]string{{"Yes", "No"}, {"Yes", "yes", "No"}, {"Yes", "Yes!"}} {
		got := answered(mapping.Mapping{}, mapping.Qualifier{Fields: fields}, answers...)
		require.NotNil(t, got.Err, answers)
		require.Contains(t, got.Err.Reason, "takes one answer")
	}
}

// Whether there is an answer, what a note says and which status it means is read as the
// answer is written: "n/a" was an answer to a required question and a Task, and "R&amp;D"
// had no status.
func TestAnswersAreReadInOneWay(t *testing.T) {
	t.Parallel()
	fields := map[salesforce.Object]string{salesforce.ObjectLead: "Title"}
	for _, none := range []string{"n/a", "-", "N / A", " ", "\u200b", "&nbsp;", "(null)", "#N/A", `="n/a"`,
		"Please select", "-- Select --", "Bitte wählen", "Select one..."} {
		got := answered(mapping.Mapping{}, mapping.Qualifier{Required: true, Fields: fields}, none)
		require.NotNil(t, got.Err, none)
		require.Equal(t, leadtype.RequiredFieldMissing, got.Err.Code)
		got = answered(mapping.Mapping{}, mapping.Qualifier{Type: mapping.QualifierNote, Required: true}, none)
		require.NotNil(t, got.Err, none)
		set := mapping.NewSet(mapping.Config{Qualifiers: []mapping.Qualifier{{Name: "Q", Type: mapping.QualifierNote}}})
		require.Empty(t, set.Activities(&leadtype.Lead{Answers: map[string][]string{"Q": {none}}}), none)
	}
	for _, word := range []string{"None", "nil", "unknown"} { // failed the lead, which has been asked
		got := answered(mapping.Mapping{}, mapping.Qualifier{Required: true, Fields: fields}, word)
		require.Nil(t, got.Err, word)
		require.Empty(t, got.Fields)
		require.Len(t, got.Warnings, 1)
		require.Equal(t, leadtype.BlankText, got.Warnings[0].Kind)
	}
	mapped := mapping.Qualifier{Required: true, Fields: fields, Options: map[string]string{"n/a": "None"}}
	require.Nil(t, answered(mapping.Mapping{}, mapped, "N/A").Err, "a mapped answer is one")

	set := mapping.NewSet(mapping.Config{Qualifiers: []mapping.Qualifier{{Name: "Q", Type: mapping.QualifierNote}}})
	lead := &leadtype.Lead{Answers: map[string][]string{"Q": {"\ufeffR&amp;D", "n/a"}}}
	notes := set.Activities(lead)
	require.Len(t, notes, 1)
	require.Equal(t, "Q: R&D", notes[0].Notes)
	link := mapping.CampaignLink{StatusBy: &mapping.StatusBy{Qualifier: "Q", Statuses: map[string]string{"R&D": "Hot"}}}
	require.Equal(t, "Hot", link.StatusFor(lead))
}
