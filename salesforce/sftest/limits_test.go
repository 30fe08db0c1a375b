// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestLimitsOfARunningOrgChange(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	org, a := newAPI(t, sftest.WithNow(func() time.Time { return clock }))
	const lead = `{"LastName": "Lovelace", "Company": "Engines"}`
	before := org.Limits()
	change := func(set func(*sftest.Limits)) {
		l := before
		set(&l)
		org.SetLimits(l)
		require.Equal(t, l, org.Limits())
	}

	require.Equal(t, 201, a.do("POST", "/sobjects/Lead", lead).Status)
	change(func(l *sftest.Limits) { l.StorageRows = 1 })
	a.do("POST", "/sobjects/Lead", lead).refused(t, 400, "STORAGE_LIMIT_EXCEEDED")
	require.EqualValues(t, 0, a.do("GET", "/limits", nil).at("DataStorageMB", "Remaining"))

	change(func(l *sftest.Limits) { l.APICalls = 4 })
	res := a.do("GET", "/limits", nil)
	require.Equal(t, "api-usage=4/4", res.Header.Get("Sforce-Limit-Info"))
	require.EqualValues(t, 4, res.at("DailyApiRequests", "Max"))
	a.do("GET", "/limits", nil).refused(t, 403, "REQUEST_LIMIT_EXCEEDED")
	change(func(l *sftest.Limits) { l.APICalls = 0 })
	a.do("GET", "/limits", nil).refused(t, 403, "REQUEST_LIMIT_EXCEEDED")

	change(func(l *sftest.Limits) { l.Session = time.Hour })
	require.Equal(t, 201, a.do("POST", "/sobjects/Lead", lead).Status)
	clock = clock.Add(time.Hour)
	change(func(l *sftest.Limits) { l.Session = 0 })
	a.do("GET", "/limits", nil).refused(t, 401, "INVALID_SESSION_ID")
	org.ExpireToken() // which begins another session

	change(func(l *sftest.Limits) { l.LongRequests = 0 })
	a.do("GET", "/limits", nil).refused(t, 403, "REQUEST_LIMIT_EXCEEDED")
}

// A fault's function may call it, for the request that it sees and those after it.
func TestLimitsChangeBetweenRequests(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.Fail(func(*http.Request, int) *sftest.Fault {
		l := org.Limits()
		l.APICalls = 1
		org.SetLimits(l)
		return nil
	})
	require.Equal(t, 200, a.do("GET", "/limits", nil).Status)
	a.do("GET", "/limits", nil).refused(t, 403, "REQUEST_LIMIT_EXCEEDED")
}

func TestLimitsAreNotNegative(t *testing.T) {
	t.Parallel()
	org, _ := newAPI(t)
	for _, l := range []sftest.Limits{
		{APICalls: -1}, {LongRequests: -1}, {StorageRows: -1}, {Session: -1}, {Latency: -1},
	} {
		require.PanicsWithValue(t, "sftest: a limit must not be negative", func() { org.SetLimits(l) })
	}
}

// Files have a storage of their own (Salesforce Help, "Salesforce record size overview").
func TestFilesNeedNoDataStorage(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithStorageLimit(2))
	first, second := addLead(org, "a@example.com"), addLead(org, "b@example.com")
	_, document := upload(a, org, fields{"PathOnClient": "a.txt", "FirstPublishLocationId": first})
	require.Equal(t, 201, a.do("POST", "/sobjects/ContentDocumentLink", fields{
		"ContentDocumentId": document, "LinkedEntityId": second, "ShareType": "V",
	}).Status)
	a.do("POST", "/sobjects/Lead", `{"LastName":"C","Company":"C"}`).refused(t, 400, "STORAGE_LIMIT_EXCEEDED")
	member := fields{"CampaignId": org.Insert("Campaign", fields{"Name": "Fair"}), "LeadId": first}
	a.do("POST", "/sobjects/CampaignMember", member).refused(t, 400, "STORAGE_LIMIT_EXCEEDED")
}

// A session that ended stays ended, whether a request noticed it or not.
func TestASessionThatEndedDoesNotComeBack(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	org, a := newAPI(t, sftest.WithNow(func() time.Time { return clock }), sftest.WithSessionTimeout(time.Hour))
	require.Equal(t, 200, a.do("GET", "/limits", nil).Status)
	clock = clock.Add(time.Hour)
	l := org.Limits()
	l.Session = 24 * time.Hour
	org.SetLimits(l)
	a.do("GET", "/limits", nil).refused(t, 401, "INVALID_SESSION_ID")
}
