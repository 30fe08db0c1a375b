// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestIngestDistinguishesNullFromAbsent(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	before := map[string]any{
		"LastName":    "Before",
		"Company":     "Co",
		"Phone":       "1",
		"Email":       "a@example.com",
		"Description": "d",
	}
	id := org.Insert("Lead", before)
	spec := salesforce.IngestSpec{
		Object:  "Lead",
		Op:      salesforce.OpUpdate,
		Columns: []string{"Id", "Phone", "Email", "Description"},
	}
	results, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(
		salesforce.Fields{"Id": id[:15], "phone": nil, "Description": ""},
	)))
	require.NoError(t, err)
	require.NoError(t, results[id].Err)
	require.False(t, results[id].Created)
	after := org.Row("Lead", id)
	require.Nil(t, after["Phone"])
	require.Nil(t, after["Description"])
	require.Equal(t, "a@example.com", after["Email"])
}

func TestIngestCarriesValuesOfAllKinds(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	account := org.Insert("Account", map[string]any{"Name": "Acme", "LeadsyncKey__c": "acme"})
	org.DefineField("Contact", sftest.Field{Name: "Vegan__c", Type: "boolean"})
	org.DefineField("Contact", sftest.Field{Name: "Score__c", Type: "double", Scale: 2})
	org.DefineField("Contact", sftest.Field{Name: "Seen__c", Type: "datetime"})
	org.DefineField("Contact", sftest.Field{Name: "Key__c", ExternalID: true, Unique: true})
	spec := salesforce.IngestSpec{
		Object: "Contact", Op: salesforce.OpCreate, RowKey: "Key__c",
		Columns: []string{"Key__c", "LastName", "Account.LeadsyncKey__c", "Vegan__c", "Score__c", "Seen__c", "Birthdate"},
	}
	results, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(
		salesforce.Fields{
			"Key__c":                 7,
			"LastName":               "L",
			"Account.LeadsyncKey__c": "acme",
			"Vegan__c":               true,
			"Score__c":               1.25,
			"Seen__c":                time.Date(2026, 5, 3, 1, 2, 3, 0, time.UTC),
			"Birthdate":              salesforce.Date{Year: 1990, Month: 2, Day: 3},
		},
		salesforce.Fields{"Key__c": int64(8), "LastName": "L", "Score__c": json.Number("2e1"), "Birthdate": "soon"},
		salesforce.Fields{"Key__c": salesforce.ID("9"), "LastName": "L", "Account.LeadsyncKey__c": "nobody"},
	)))
	require.NoError(t, err)
	stored := org.Row("Contact", string(results["7"].ID))
	require.Equal(t, account, stored["AccountId"])
	require.Equal(t, true, stored["Vegan__c"])
	require.InDelta(t, 1.25, stored["Score__c"], 0)
	require.Equal(t, time.Date(2026, 5, 3, 1, 2, 3, 0, time.UTC), stored["Seen__c"])
	require.Equal(t, "1990-02-03", stored["Birthdate"])
	for key, field := range map[string]string{"8": "Birthdate", "9": ""} {
		var failure *salesforce.Error
		require.ErrorAs(t, results[key].Err, &failure)
		require.Equal(t, salesforce.InvalidField, failure.Code)
		require.Equal(t, field, strings.Join(failure.Fields, " "))
	}
}

func TestIngestRefusesRowsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	with := func(field string, value any) salesforce.Fields {
		row := lead("bad")
		row[field] = value
		return row
	}
	wide := lead("bad")
	columns := slices.Clone(leadSpec.Columns)
	for i := range 13 {
		name := fmt.Sprintf("Wide%d__c", i)
		columns = append(columns, name)
		wide[name] = strings.Repeat("é", 31_000)
	}
	for want, row := range map[string]salesforce.Fields{
		"field Email: text is not valid UTF-8":             with("Email", "s3cret\xff"),
		"field Email: contains a NUL":                      with("Email", "s3cret\x00"),
		"field Email: the text #N/A would clear the field": with("Email", "#N/A"),
		"field Description: longer than 32000 characters":  with("Description", strings.Repeat("é", 32_001)),
		"field Title: not among the columns":               with("Title", "s3cret"),
		"field Phone: unsupported type []string":           with("Phone", []string{"s3cret"}),
		"field Phone: not a number":                        with("Phone", math.NaN()),
		"field Phone: malformed number":                    with("Phone", json.Number("")),
		"record is longer than 400000 characters":          wide,
		"field LeadsyncKey__c: missing key":                {"LastName": "s3cret"},
		"field LeadsyncKey__c: contains a NUL": {
			"LeadsyncKey__c": "s3cret\x00", "LastName": "L", "Company": "C",
		},
		"field LeadsyncKey__c: an earlier row of the job has the same key": lead("good"),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			org := newBulkOrg(t)
			spec := leadSpec
			if strings.HasPrefix(want, "record") {
				spec.Columns = columns
				for _, name := range columns[len(leadSpec.Columns):] {
					org.DefineField("Lead", sftest.Field{Name: name, Type: "textarea"})
				}
			}
			var refused []salesforce.RowResult
			good := 0
			for result, err := range connect(t, org).Ingest(t.Context(), spec, rowsOf(lead("good"), row, lead("also good"))) {
				require.NoError(t, err)
				if result.Err == nil {
					good++
				} else {
					refused = append(refused, result)
				}
			}
			require.Equal(t, 2, good)
			require.Equal(t, 2, org.Count("Lead"))
			require.Len(t, refused, 1)
			require.ErrorIs(t, refused[0].Err, salesforce.ErrNotSent)
			require.EqualError(t, refused[0].Err, "salesforce: not sent: row 2: "+want)
			require.Empty(t, refused[0].Job)
			key, _ := row["LeadsyncKey__c"].(string)
			if strings.Contains(key, "s3cret") {
				key = ""
			}
			require.Equal(t, key, refused[0].Key)
		})
	}
}

func TestIngestRefusesFieldsThatDifferByCaseAndMalformedIDs(t *testing.T) {
	t.Parallel()
	org := newBulkOrg(t)
	id := org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"})
	spec := salesforce.IngestSpec{Object: "Lead", Op: salesforce.OpUpdate, Columns: []string{"Id", "Phone"}}
	for want, row := range map[string]salesforce.Fields{
		": given twice":                 {"Id": id, "Phone": "1", "PHONE": "2"},
		"field Id: malformed record id": {"Id": "s3cret"},
	} {
		results, err := ingested(t, connect(t, org).Ingest(t.Context(), spec, rowsOf(row)))
		require.NoError(t, err)
		require.Len(t, results, 1)
		for _, result := range results {
			require.ErrorIs(t, result.Err, salesforce.ErrNotSent)
			require.ErrorContains(t, result.Err, want)
			require.NotContains(t, result.Err.Error(), "s3cret")
		}
	}
	require.Zero(t, org.Calls(), "a load of nothing makes no job")
}
