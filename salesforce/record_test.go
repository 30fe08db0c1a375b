// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

const row = `{
	"attributes": {"type": "Contact", "url": "/services/data/v62.0/sobjects/Contact/003000000000001AAA"},
	"Id": "003000000000001", "LastName": "L", "Email": null, "Big__c": 12345678901234567890, "Done__c": true,
	"Account": {"attributes": {"type": "Account"}, "Id": "001000000000001AAA", "Name": "A",
		"Owner": {"attributes": {"type": "User"}, "Name": "O"}},
	"ReportsTo": null,
	"Tasks": {"totalSize": 1, "done": true, "records": [{"attributes": {"type": "Task"}, "Id": "00T000000000001AAA"}]},
	"MailingAddress": {"city": "C", "latitude": 1.5}
}`

func decodeRow(t *testing.T, text string) *salesforce.Record {
	r := new(salesforce.Record)
	require.NoError(t, json.Unmarshal([]byte(text), r))
	return r
}

func TestRecordReadsARow(t *testing.T) {
	t.Parallel()
	r := decodeRow(t, row)
	require.Equal(t, salesforce.ObjectContact, r.Object)
	require.Equal(t, salesforce.ID("003000000000001AAA"), r.ID)
	require.Equal(t, "003000000000001", r.Text("Id"))
	require.Equal(t, "12345678901234567890", r.Text("big__C"))
	require.True(t, r.Bool("Done__c"))
	require.Equal(t, "true", r.Text("Done__c"))
	require.Equal(t, salesforce.ObjectAccount, r.Parent("Account").Object)
	require.Equal(t, "O", r.Text("account.Owner.Name"))
	require.Nil(t, r.Parent("ReportsTo"))
	children, ok := r.Value("Tasks")
	require.True(t, ok)
	require.Equal(t, salesforce.ObjectTask, children.([]salesforce.Record)[0].Object)
	address, ok := r.Value("MailingAddress")
	require.True(t, ok)
	require.Equal(t, map[string]any{"city": "C", "latitude": json.Number("1.5")}, address)
	require.NotContains(t, r.Fields, "attributes")
}

func TestRecordDistinguishesNullFromNotSelected(t *testing.T) {
	t.Parallel()
	r := decodeRow(t, row)
	for path, want := range map[string]bool{
		"Email": true, "ReportsTo": true, "ReportsTo.Name": true, "Account.Name": true,
		"Phone": false, "Account.Phone": false, "Phone.Name": false, "LastName.Name": false, "Tasks.Id": false,
	} {
		_, ok := r.Value(path)
		require.Equal(t, want, ok, path)
	}
	require.Empty(t, r.Text("Email"))
	require.Empty(t, r.Text("Account"))
	require.False(t, r.Bool("LastName"))
}

func TestRecordRefusesWhatIsNoRow(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`7`, `[]`, `{"attributes":"x"}`, `{"Account":{"attributes":7}}`, `null`, `{"attributes":null}`,
		`{"attributes":{}}`, `{"Tasks":{"records":[7]}}`, `{"Tasks":{"records":[null]}}`, `{"Tasks":{"records":{}}}`,
	} {
		require.Error(t, json.Unmarshal([]byte(text), new(salesforce.Record)), text)
	}
}

// What is nested is not read again for each level that it is under, which here would
// take longer than a test may.
func TestRecordReadsADeepRowInTime(t *testing.T) {
	t.Parallel()
	const depth = 3000
	text := strings.Repeat("x", 4<<20)
	deep := strings.Repeat(`{"attributes":{"type":"A"},"Parent":{"records":[`, depth) +
		`{"X":"` + text + `"}` + strings.Repeat(`]}}`, depth)
	r := decodeRow(t, deep)
	for range depth {
		children, _ := r.Value("Parent")
		r = &children.([]salesforce.Record)[0]
	}
	require.Equal(t, text, r.Text("X"))
}
