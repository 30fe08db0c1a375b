// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/salesforce/soql"
)

func TestReadGivesTheChildrenOfARow(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	account := org.Insert("Account", map[string]any{"Name": "A"})
	for _, name := range []string{"Hopper", "Lovelace"} {
		org.Insert("Contact", map[string]any{"LastName": name, "AccountId": account})
	}
	contacts := soql.From("Contacts", "LastName").OrderBy("LastName")
	results, err := connect(t, org).Read(t.Context(), salesforce.Query(soql.From("Account", "Id").Children(contacts)))
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	children, ok := results[0].Records[0].Fields["Contacts"].([]salesforce.Record)
	require.True(t, ok)
	require.Len(t, children, 2)
	require.Equal(t, "Lovelace", children[1].Text("LastName"))
}

func TestReadRefusesAPartOfTheChildren(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.answer = func(sub) reply {
		children := record{
			"totalSize": 3,
			"done":      false,
			"records":   []record{{"attributes": record{"type": "Contact"}, "Id": testID("003", 1)}},
		}
		return reply{
			status: 200,
			body:   record{"totalSize": 1, "done": true, "records": []record{{"Id": testID("001", 1), "Contacts": children}}},
		}
	}
	query := soql.From("Account", "Id").Children(soql.From("Contacts", "Id"))
	results, err := org.client(salesforce.Config{}).Read(t.Context(), salesforce.Query(query))
	require.NoError(t, err)
	require.ErrorContains(t, results[0].Err, "field Contacts: more child rows than the reply holds")
	require.Empty(t, results[0].Records)
}

func TestPeriodsSelectTheirDays(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 5, 14, 15, 0, 0, 0, time.UTC)
	org := sftest.NewOrg(t, sftest.WithNow(func() time.Time { return today }))
	for _, days := range []int{-8, -7, -1, 0, 1, 2} {
		at := salesforce.DateOf(today.AddDate(0, 0, days)).String()
		org.Insert("Task", map[string]any{"Subject": at, "ActivityDate": at})
	}
	for name, test := range map[string]struct {
		where soql.Condition
		want  []string
	}{
		"today":     {soql.Eq("ActivityDate", soql.This(soql.Day)), []string{"2026-05-14"}},
		"yesterday": {soql.Eq("ActivityDate", soql.Ago(1, soql.Day)), []string{"2026-05-13"}},
		"tomorrow":  {soql.Eq("ActivityDate", soql.Next(1, soql.Day)), []string{"2026-05-15"}},
		"week and today": {
			soql.Eq("ActivityDate", soql.Last(7, soql.Day)), []string{"2026-05-07", "2026-05-13", "2026-05-14"},
		},
		"last calendar week": {soql.Eq("ActivityDate", soql.Last(1, soql.Week)), []string{"2026-05-06", "2026-05-07"}},
		"later than today":   {soql.Gt("ActivityDate", soql.This(soql.Day)), []string{"2026-05-15", "2026-05-16"}},
		"earlier":            {soql.Lt("ActivityDate", soql.Last(7, soql.Day)), []string{"2026-05-06"}},
		"outside": {
			soql.Ne("ActivityDate", soql.Last(2, soql.Week)), []string{"2026-05-13", "2026-05-14", "2026-05-15", "2026-05-16"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := soql.From("Task", "Subject").Where(test.where).OrderBy("Subject")
			results, err := connect(t, org).Read(t.Context(), salesforce.Query(q))
			require.NoError(t, err)
			require.NoError(t, results[0].Err)
			var got []string
			for _, record := range results[0].Records {
				got = append(got, record.Text("Subject"))
			}
			require.Equal(t, test.want, got)
		})
	}
}
