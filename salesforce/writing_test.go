// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync/salesforce"
)

func create(object salesforce.Object, fields salesforce.Fields, refs ...salesforce.Ref) salesforce.Write {
	return salesforce.Write{Op: salesforce.OpCreate, Object: object, Fields: fields, Refs: refs}
}

func ref(field string, write int) salesforce.Ref { return salesforce.Ref{Field: field, Write: write} }

// fullJob is the writes of a mix of leads: half of them are new, the others are
// matched, a tenth are members already.
func fullJob(leads int) []salesforce.Write {
	var writes []salesforce.Write
	for i := range leads {
		person := salesforce.Fields{"CampaignId": "701000000000001AAA"}
		task := salesforce.Fields{"Subject": "Email"}
		var member, who []salesforce.Ref
		if i%2 == 0 {
			writes = append(writes, create("Lead", salesforce.Fields{"LastName": "L", "Company": "C"}))
			member = append(member, ref("LeadId", len(writes)-1))
			who = append(who, ref("WhoId", len(writes)-1))
		} else {
			id := testID("00Q", 900000+i)
			writes = append(
				writes,
				salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: id, Fields: salesforce.Fields{"Title": "T"}},
			)
			person["LeadId"], task["WhoId"] = id, id
		}
		if i%10 != 1 {
			writes = append(writes, create("CampaignMember", person, member...))
		}
		writes = append(writes, create("Task", task, who...))
	}
	return writes
}

// accountChain is accounts, each with a contact, and its member and task.
func accountChain(accounts int) []salesforce.Write {
	var writes []salesforce.Write
	for range accounts {
		at := len(writes)
		writes = append(writes,
			create("Account", salesforce.Fields{"Name": "A"}),
			create("Contact", salesforce.Fields{"LastName": "L"}, ref("AccountId", at)),
			create("CampaignMember", nil, ref("ContactId", at+1)),
			create("Task", nil, ref("WhoId", at+1), ref("WhatId", at)),
		)
	}
	return writes
}

func repeat(count int, write salesforce.Write) []salesforce.Write {
	return slices.Repeat([]salesforce.Write{write}, count)
}

func TestWriteSpendsTheFewestCalls(t *testing.T) {
	t.Parallel()
	alone := create("Lead", nil)
	alone.Alone = true
	types := make([]salesforce.Write, 30)
	for i := range types {
		types[i] = create(salesforce.Object(fmt.Sprintf("Type%d__c", i)), nil)
	}
	upserts := make([]salesforce.Write, 1000)
	for i := range upserts {
		upserts[i] = upsert
		upserts[i].Key.Value = fmt.Sprint(i)
	}
	manyChildren := append(
		[]salesforce.Write{create("Campaign", nil)},
		repeat(1000, create("CampaignMember", nil, ref("CampaignId", 0)))...)
	for name, test := range map[string]struct {
		writes []salesforce.Write
		calls  int
	}{
		"none":                            {nil, 0},
		"one":                             {repeat(1, unkeyed), 1},
		"1000 rows":                       {repeat(1000, unkeyed), 1},
		"1001 rows":                       {repeat(1001, unkeyed), 2},
		"200 leads":                       {fullJob(200), 1},
		"1000 leads, 2900 rows":           {fullJob(1000), 3},
		"a lead with its member and task": {fullJob(1), 1},
		"6 accounts with their people":    {accountChain(6), 1},
		"200 accounts with their people":  {accountChain(200), 1},
		"1000 accounts with their people": {accountChain(1000), 4},
		"a parent of 1000":                {manyChildren, 2},
		"a parent behind 1000 others":     {append(slices.Clip(manyChildren), repeat(1000, unkeyed)...), 3},
		"1000 upserts":                    {upserts, 1},
		"30 types":                        {types, 1},
		"25 alone":                        {repeat(25, alone), 1},
		"26 alone":                        {repeat(26, alone), 2},
		"20 alone and 1000 rows":          {append(repeat(20, alone), repeat(1000, unkeyed)...), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			results, err := org.client(salesforce.Config{}).Write(t.Context(), test.writes...)
			require.NoError(t, err)
			require.Len(t, results, len(test.writes))
			for _, result := range results {
				require.NoError(t, result.Err)
			}
			require.Equal(t, test.calls, org.callCount())
		})
	}
}

// TestWriteMeetsTheLowerBound draws event batches at the platform's own limits.
// The calls stay within one of the collections / 5, and within the chain.
func TestWriteMeetsTheLowerBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var writes []salesforce.Write
		creates, updates, depth := 0, 0, 0
		add := func(w salesforce.Write, level int) int {
			if w.Op == salesforce.OpCreate {
				creates++
			} else {
				updates++
			}
			depth = max(depth, level)
			writes = append(writes, w)
			return len(writes) - 1
		}
		leads := rapid.IntRange(1, 450).Draw(r, "leads")
		newShare := rapid.IntRange(0, 10).Draw(r, "new of 10")
		accountShare := rapid.IntRange(0, 10).Draw(r, "with account of 10")
		tasks := rapid.IntRange(0, 3).Draw(r, "tasks")
		for i := range leads {
			var parent []salesforce.Ref
			level := 1
			if i%10 < accountShare {
				parent = append(parent, ref("AccountId", add(create("Account", nil), 1)))
				level++
			}
			var who []salesforce.Ref
			if i/10%10 < newShare {
				who = append(who, ref("WhoId", add(create("Contact", nil, parent...), level)))
				level++
			} else {
				w := update
				w.ID, w.Refs = testID("003", i), parent
				add(w, level)
				level = 1
			}
			for range tasks {
				add(create("Task", nil, who...), level)
			}
		}
		org := newOrg(t)
		results, err := org.client(salesforce.Config{}).Write(t.Context(), writes...)
		require.NoError(r, err)
		for _, result := range results {
			require.NoError(r, result.Err)
		}
		collections := (creates+199)/200 + (updates+199)/200
		bound := (collections + 4) / 5
		require.GreaterOrEqual(r, org.callCount(), bound)
		require.LessOrEqual(r, org.callCount(), bound+1)
		require.LessOrEqual(r, org.callCount(), max(depth, bound+1))
	})
}

// refuse fails the rows whose LastName or Subject is bad.
func (o *scriptedOrg) refuse(s sub) reply {
	if s.Method == http.MethodDelete {
		return reply{}
	}
	problem := func(code string) []record {
		return []record{{code: "STRING_TOO_LONG", "message": "Last Name: bad is too long", "fields": []string{"LastName"}}}
	}
	isBad := func(row record) bool { return row["LastName"] == "bad" || row["Subject"] == "bad" }
	if !s.isCollection() {
		if isBad(s.row(o.t)) {
			return reply{status: http.StatusBadRequest, body: problem("errorCode")}
		}
		return reply{}
	}
	good := o.success(s).body.([]record)
	for i, row := range s.records(o.t) {
		if isBad(row) {
			good[i] = record{"success": false, "errors": problem("statusCode")}
		}
	}
	return reply{status: 200, body: good}
}

func TestWriteDoesNotSendTheChildrenOfAFailedRow(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.answer = org.refuse
	results, err := org.client(salesforce.Config{}).Write(t.Context(),
		create("Lead", salesforce.Fields{"LastName": "bad"}),
		create("Lead", salesforce.Fields{"LastName": "good"}),
		create("CampaignMember", nil, ref("LeadId", 0)),
		create("CampaignMember", nil, ref("LeadId", 1)),
		create("Visit__c", nil, ref("Member__c", 2)),
		create("Visit__c", nil, ref("Member__c", 3), ref("Lead__c", 0)),
		create("Visit__c", nil, ref("Member__c", 3), ref("Lead__c", 1)),
	)
	require.NoError(t, err)
	var e *salesforce.Error
	require.ErrorAs(t, results[0].Err, &e)
	require.Equal(t, salesforce.StringTooLong, e.Code)
	require.Equal(t, 400, e.HTTPStatus)
	require.Equal(t, []string{"LastName"}, e.Fields)
	require.Equal(t, "Last Name: bad is too long", e.Message)
	require.False(t, e.Uncertain)
	require.Equal(t, "salesforce: STRING_TOO_LONG on LastName", e.Error())
	for _, i := range []int{2, 4, 5} {
		require.ErrorIs(t, results[i].Err, salesforce.ErrNotSent)
		require.Empty(t, results[i].ID)
	}
	for _, i := range []int{1, 3, 6} {
		require.NoError(t, results[i].Err)
		require.True(t, results[i].Created)
	}
	require.Equal(t, 1, org.callCount())
}

// TestWriteResultsBelongToTheirWrites draws batches of which some rows fail,
// and follows each answer by the number that its row carries.
func TestWriteResultsBelongToTheirWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		count := rapid.IntRange(1, 250).Draw(r, "writes")
		writes := make([]salesforce.Write, count)
		bad := make([]bool, count)
		for i := range writes {
			fields := salesforce.Fields{"Number": i}
			if rapid.IntRange(0, 4).Draw(r, "bad") == 0 {
				fields["LastName"], bad[i] = "bad", true
			}
			writes[i] = create(rapid.SampledFrom([]salesforce.Object{"Lead", "Task", "Visit__c"}).Draw(r, "object"), fields)
			if i > 0 && rapid.Bool().Draw(r, "child") {
				parent := rapid.IntRange(0, i-1).Draw(r, "parent")
				writes[i].Refs = []salesforce.Ref{ref("Parent__c", parent)}
			}
		}
		org := newOrg(t)
		numbers := map[salesforce.ID]int{}
		parents := map[salesforce.ID]any{}
		org.answer = func(s sub) reply {
			answer := org.refuse(s)
			if answer.status == 0 {
				answer = org.success(s)
			}
			rows := []record{s.row(t)}
			if s.isCollection() {
				rows = s.records(t)
			}
			for n, row := range rows {
				if id, ok := answer.row(n)["id"].(salesforce.ID); ok {
					numbers[id], parents[id] = int(row["Number"].(float64)), row["Parent__c"]
				}
			}
			return answer
		}
		results, err := org.client(salesforce.Config{}).Write(t.Context(), writes...)
		require.NoError(r, err)
		for i, result := range results {
			orphan := len(writes[i].Refs) > 0 && results[writes[i].Refs[0].Write].Err != nil
			switch {
			case orphan:
				require.ErrorIs(r, result.Err, salesforce.ErrNotSent)
			case bad[i]:
				require.ErrorContains(r, result.Err, "STRING_TOO_LONG")
			default:
				require.NoError(r, result.Err)
				require.Equal(r, i, numbers[result.ID])
				if len(writes[i].Refs) > 0 {
					require.Equal(r, string(results[writes[i].Refs[0].Write].ID), parents[result.ID])
				}
			}
		}
	})
}

func TestWriteChangesOneRecordInOrder(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.answer = org.refuse
	first, second, gone := update, update, remove
	first.Fields = salesforce.Fields{"LastName": "bad"}
	second.ID = first.ID.ID18()
	one, other := upsert, upsert
	other.Key.Value = strings.ToUpper(one.Key.Value)
	results, err := org.client(salesforce.Config{}).Write(t.Context(), first, second, gone, one, other)
	require.NoError(t, err)
	require.Error(t, results[0].Err)
	for _, result := range results[1:] {
		require.NoError(t, result.Err, "an earlier failure stopped a later change")
	}
	require.Equal(t, 1, org.callCount())
	var methods []string
	for _, s := range org.calls[0] {
		if strings.Contains(string(s.Body)+s.URL, string(second.ID)) {
			methods = append(methods, s.Method)
		}
	}
	require.Equal(t, []string{http.MethodPatch, http.MethodPatch, http.MethodDelete}, methods)
}

func TestClientHasOneWriteInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := roundTripFunc(func(*http.Request) (*http.Response, error) {
			<-time.After(time.Second)
			return jsonReply(http.StatusOK, created), nil
		})
		client, err := newClient(
			t,
			instance,
			oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"}),
			salesforce.Config{HTTPClient: &http.Client{Transport: org}},
		)
		require.NoError(t, err)
		start, done := time.Now(), make(chan error)
		for range 8 {
			go func() {
				results, err := client.Write(t.Context(), unkeyed)
				if err == nil {
					err = results[0].Err
				}
				done <- err
			}()
		}
		for range 8 {
			require.NoError(t, <-done)
		}
		require.Equal(t, 8*time.Second, time.Since(start))
	})
}
