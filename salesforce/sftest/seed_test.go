// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestInsertPassesRulesButNotTypes(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddRule("Lead", sftest.Rule{Message: "never", Refuses: func(map[string]any) bool { return true }})
	created := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	id := org.Insert("Lead", fields{
		"LastName": "Only", "IsConverted": true, "CreatedDate": created, "NumberOfEmployees": 7,
		"AnnualRevenue": 12,
	})
	row := org.Row("Lead", id[:15])
	require.Equal(t, id, row["Id"])
	require.Equal(t, created, row["CreatedDate"])
	require.Equal(t, true, row["IsConverted"])
	require.Equal(t, 7, row["NumberOfEmployees"])
	require.InDelta(t, 12.0, row["AnnualRevenue"], 0)
	require.Nil(t, org.Row("Lead", "00QdM00000ZZZZZ"))

	fixed := org.Insert("Campaign", fields{"Id": "701dM0000DEMO26", "Name": "Expo"})
	require.Equal(t, "701dM0000DEMO26QQH", fixed)
}

func TestSeedsPanicOnWhatIsNotThere(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	for want, seed := range map[string]func(){
		"sftest: the org has no object Nope": func() { org.Insert("Nope", nil) },
		"sftest: object Lead has no field Nope": func() {
			org.Insert("Lead", fields{"Nope": 1})
		},
		"sftest: object Lead: field NumberOfEmployees (int) cannot hold a []int": func() {
			org.Insert("Lead", fields{"NumberOfEmployees": []int{1}})
		},
		"sftest: the org has no Lead 00QdM00000ZZZZZ":                func() { org.Update("Lead", "00QdM00000ZZZZZ", nil) },
		"sftest: the rule X needs a function Refuses":                func() { org.AddRule("Lead", sftest.Rule{Name: "X"}) },
		"sftest: the org has no user or group 005dM00000ZZZZZ":       func() { org.AssignLeadsTo("005dM00000ZZZZZ") },
		"sftest: a right is read, create, update or delete, not fly": func() { org.Forbid("Lead", "fly") },
	} {
		require.PanicsWithValue(t, want, seed)
	}
	require.Equal(t, 0, org.Count("Lead"), "the org is usable afterwards")
}

// Audit stamps never run backwards, and hold whole seconds.
func TestUpdateStampsTheRow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 0, 0, 0, 999, time.UTC)
	org := sftest.NewOrg(t, sftest.WithNow(func() time.Time { return now }))
	id := addLead(org, "a@example.com")
	now = now.Add(-time.Hour)
	org.Update("Lead", id, fields{"FirstName": "Ada", "Email": "b@example.com"})
	row := org.Row("Lead", id)
	require.Equal(t, "Ada Doe", row["Name"])
	require.Equal(t, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), row["SystemModstamp"])
	now = now.Add(2 * time.Hour)
	org.Update("Lead", id, fields{"Email": nil})
	row = org.Row("Lead", id)
	require.Nil(t, row["Email"])
	require.Equal(t, time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC), row["LastModifiedDate"])
	require.Equal(t, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), row["CreatedDate"])
}

func TestRowsComeInOrderOfCreation(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	first, second, third := addLead(org, "1@example.com"), addLead(org, "2@example.com"), addLead(org, "3@example.com")
	org.Delete("Lead", second)
	var ids []any
	for _, row := range org.Rows("Lead") {
		ids = append(ids, row["Id"])
	}
	require.Equal(t, []any{first, third}, ids)
}

// The checksum is verified on recorded ids (docs/salesforce.md, IDs).
func TestIDsAreTakenInEveryForm(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	require.Equal(t, "001dM00003kRs59QAC", org.Insert("Account", fields{"Id": "001dM00003kRs59", "Name": "A"}))
	require.Equal(t, "00Qak00000696HFEAY", org.Insert("Lead", fields{"Id": "00Qak00000696HF"}))
	for _, id := range []string{"001dM00003kRs59", "001dM00003kRs59QAC", "001DM00003KRS59QAC", "001dm00003krs59qac"} {
		require.Equal(t, 200, a.do("GET", "/sobjects/Account/"+id, nil).Status, id)
		require.Len(t, a.column("SELECT Id FROM Account WHERE Id = '"+id+"'", "Id"), 1, id)
	}
	require.Equal(t, 404, a.do("GET", "/sobjects/Account/001dm00003krs59", nil).Status, "15 characters are case-sensitive")
}
