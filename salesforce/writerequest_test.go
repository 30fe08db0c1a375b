// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

func TestWriteSendsEachOperationAsItsCollection(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	org.answer = func(s sub) reply {
		require.Equal(t, map[string]string{"Sforce-Auto-Assign": "FALSE"}, s.Headers)
		if !strings.HasSuffix(s.URL, "/Key__c") {
			return reply{}
		}
		return reply{status: 200, body: json.RawMessage(`[
			{"id":"a00000000000001","success":true,"created":true,"errors":[]},
			{"id":"a00000000000002AAA","success":true,"created":false,"errors":[]}]`)}
	}
	id := testID("00Q", 7)
	results, err := org.client(salesforce.Config{}).Write(t.Context(),
		create(
			"Task",
			salesforce.Fields{
				"Subject": "<Email> é",
				"Zero":    0,
				"Done":    true,
				"Nil":     nil,
				"N":       json.Number("1.50"),
				"F":       0.5,
				"L":       int64(1) << 60,
			},
		),
		salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: id[:15], Fields: salesforce.Fields{"Title": "T"}},
		salesforce.Write{
			Op:     salesforce.OpUpsert,
			Object: "Visit__c",
			Key:    salesforce.ExternalKey{Field: "Key__c", Value: "k1"},
			Fields: salesforce.Fields{"Who__c": id},
		},
		salesforce.Write{
			Op:     salesforce.OpUpsert,
			Object: "Visit__c",
			Key:    salesforce.ExternalKey{Field: "Key__c", Value: "k2"},
		},
		salesforce.Write{Op: salesforce.OpDelete, Object: "Task", ID: testID("00T", 1)},
		salesforce.Write{Op: salesforce.OpDelete, Object: "Lead", ID: testID("00Q", 2)},
	)
	require.NoError(t, err)
	require.Equal(t, 1, org.callCount())
	sent := map[string]string{}
	for _, s := range org.calls[0] {
		sent[s.Method+" "+s.URL] = string(s.Body)
	}
	const base = "/services/data/v62.0/composite/sobjects"
	require.Equal(t, map[string]string{
		"POST " + base: `{"allOrNone":false,"records":[{"attributes":{"type":"Task"},"Done":true,"F":0.5,` +
			`"L":1152921504606846976,"N":1.50,"Nil":null,"Subject":"\u003cEmail\u003e é","Zero":0}]}`,
		"PATCH " + base: `{"allOrNone":false,"records":[{"attributes":{"type":"Lead"},"id":"` + string(
			id,
		) + `","Title":"T"}]}`,
		"PATCH " + base + "/Visit__c/Key__c": `{"allOrNone":false,"records":[{"attributes":{"type":"Visit__c"},` +
			`"Key__c":"k1","Who__c":"` + string(
			id,
		) + `"},{"attributes":{"type":"Visit__c"},"Key__c":"k2"}]}`,
		"DELETE " + base + "?ids=" + string(testID("00Q", 2)) + "," + string(testID("00T", 1)) + "&allOrNone=false": "",
	}, sent)
	for _, result := range results {
		require.NoError(t, result.Err)
	}
	require.Equal(t, []bool{true, false, true, false, false, false}, createds(results))
	require.Equal(t, id, results[1].ID)
	require.Equal(t, salesforce.ID("a00000000000001AAA"), results[2].ID)
	require.Equal(t, testID("00T", 1), results[4].ID)
	require.Equal(t, testID("00Q", 2), results[5].ID)
}

func createds(results []salesforce.WriteResult) []bool {
	created := make([]bool, len(results))
	for i, result := range results {
		created[i] = result.Created
	}
	return created
}

func TestWriteSendsAloneAsSingleRequests(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	duplicate := json.RawMessage(`[{"errorCode":"DUPLICATES_DETECTED","message":"Use one of these records?",
	"duplicateResut":{"allowSave":true,"matchResults":[
		{"entityType":"Contact","matchRecords":[{"record":{"attributes":{"type":"Contact"},"Id":"003000000000001AAA"}},
		{"record":{"attributes":{"type":"Contact"},"Id":"003000000000001AAA"}}]},
		{"entityType":"Lead","matchRecords":[{"record":{"attributes":{"type":"Lead"},"Id":"00Q000000000002EAA"}}]}]}}]`)
	org.answer = func(s sub) reply {
		switch {
		case strings.Contains(string(s.Body), "twin"):
			return reply{status: 400, body: duplicate}
		case strings.Contains(s.URL, "/several"):
			return reply{
				status: 300,
				body: []string{
					"/services/data/v62.0/sobjects/Lead/00Q000000000003EAA",
					"/services/data/v62.0/sobjects/Lead/00Q000000000004EAA",
					"junk",
				},
			}
		case strings.Contains(s.URL, "/Key__c/"):
			return reply{
				status: 201,
				body:   json.RawMessage(`{"id":"a00000000000001","success":true,"created":true,"errors":[]}`),
			}
		}
		return reply{}
	}
	key := func(value string) salesforce.Write {
		return salesforce.Write{
			Op:     salesforce.OpUpsert,
			Object: "Lead",
			Key:    salesforce.ExternalKey{Field: "Key__c", Value: value},
		}
	}
	writes := []salesforce.Write{
		create("Lead", salesforce.Fields{"LastName": "L"}),
		update,
		remove,
		key("a/b c@d.inc"),
		create("Lead", salesforce.Fields{"LastName": "twin"}),
		key("several"),
	}
	writes[1].ID = testID("00Q", 77)
	for i := range writes {
		writes[i].Alone = true
	}
	writes[0].AllowDuplicate = true
	results, err := org.client(salesforce.Config{AutoAssign: true}).Write(t.Context(), writes...)
	require.NoError(t, err)
	require.Equal(t, 1, org.callCount())
	var sent []string
	for _, s := range org.calls[0] {
		sent = append(
			sent,
			s.Method+" "+strings.TrimPrefix(
				s.URL, "/services/data/v62.0/",
			)+" "+string(
				s.Body,
			)+" "+s.Headers["Sforce-Duplicate-Rule-Header"],
		)
		isNew := s.Method == http.MethodPost
		require.Equal(t, strings.ToUpper(strconv.FormatBool(isNew)), s.Headers["Sforce-Auto-Assign"], s.URL)
	}
	slices.Sort(sent)
	require.Equal(t, []string{
		`DELETE sobjects/Lead/00Q000000000001EAA  `,
		`PATCH sobjects/Lead/00Q000000000077EAA {"Title":"T"} `,
		`PATCH sobjects/Lead/Key__c/a%2Fb%20c@d.inc {} `,
		`PATCH sobjects/Lead/Key__c/several {} `,
		`POST sobjects/Lead {"LastName":"L"} allowSave=true`,
		`POST sobjects/Lead {"LastName":"twin"} `,
	}, sent)
	for i := range 4 {
		require.NoError(t, results[i].Err)
		require.Len(t, string(results[i].ID), 18)
	}
	require.Equal(t, []bool{true, false, false, true, false, false}, createds(results))

	var e *salesforce.Error
	require.ErrorAs(t, results[4].Err, &e)
	require.Equal(t, salesforce.DuplicatesDetected, e.Code)
	require.True(t, e.AllowSave)
	require.Equal(
		t,
		[]salesforce.Duplicate{{Object: "Contact", ID: "003000000000001AAA"}, {Object: "Lead", ID: "00Q000000000002EAA"}},
		e.Duplicates,
	)
	require.ErrorAs(t, results[5].Err, &e)
	require.Equal(t, 300, e.HTTPStatus)
	require.False(t, e.Uncertain)
	require.Equal(
		t,
		[]salesforce.Duplicate{{Object: "Lead", ID: "00Q000000000003EAA"}, {Object: "Lead", ID: "00Q000000000004EAA"}},
		e.Duplicates,
	)
}

func TestWriteKeepsAllowedDuplicatesApart(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	allowed := unkeyed
	allowed.AllowDuplicate = true
	_, err := org.client(salesforce.Config{}).Write(t.Context(), allowed, unkeyed, allowed, unkeyed, unkeyed)
	require.NoError(t, err)
	require.Equal(t, 1, org.callCount())
	rows := map[string]int{}
	for _, s := range org.calls[0] {
		rows[s.Headers["Sforce-Duplicate-Rule-Header"]] = len(s.records(t))
	}
	require.Equal(t, map[string]int{"allowSave=true": 2, "": 3}, rows)
}

func TestWriteSortsRowsByObjectAndParent(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	_, err := org.client(salesforce.Config{}).Write(t.Context(),
		create("Task", salesforce.Fields{"WhoId": "b", "N": 0}),
		create("CampaignMember", salesforce.Fields{"CampaignId": "z", "LeadId": "a", "N": 1}),
		create("Task", salesforce.Fields{"WhoId": "a", "N": 2}),
		create("CampaignMember", salesforce.Fields{"CampaignId": "y", "LeadId": "b", "N": 3}),
		create("Task", salesforce.Fields{"WhoId": "b", "N": 4}),
		create("Contact", salesforce.Fields{"AccountId": salesforce.ID("q"), "N": 5}),
		create("Contact", salesforce.Fields{"AccountId": salesforce.ID("p"), "N": 6}),
	)
	require.NoError(t, err)
	require.Len(t, org.calls[0], 1)
	var order []any
	for _, row := range org.calls[0][0].records(t) {
		order = append(order, row["N"])
	}
	require.Equal(t, []any{3., 1., 6., 5., 2., 0., 4.}, order)
}

func TestWriteFillsInTheIDsOfEarlierWrites(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	results, err := org.client(salesforce.Config{}).Write(t.Context(), accountChain(3)...)
	require.NoError(t, err)
	require.Len(t, org.calls, 1)
	var tasks []string
	for _, s := range org.calls[0] {
		if strings.HasSuffix(s.URL, "/Task") {
			tasks = append(tasks, string(s.Body))
		}
	}
	require.Equal(t, []string{
		`{"WhatId":"@{r0.id}","WhoId":"@{r3.id}"}`, `{"WhatId":"@{r1.id}","WhoId":"@{r4.id}"}`,
		`{"WhatId":"@{r2.id}","WhoId":"@{r5.id}"}`,
	}, tasks)
	for _, result := range results {
		require.NoError(t, result.Err)
	}

	results, err = org.client(salesforce.Config{}).Write(t.Context(), accountChain(300)...)
	require.NoError(t, err)
	require.Len(t, org.calls, 3, "two more")
	byIndex, byID := 0, 0
	for _, s := range slices.Concat(org.calls[1], org.calls[2]) {
		for _, row := range s.records(t) {
			for _, field := range []string{"AccountId", "ContactId", "WhoId", "WhatId"} {
				switch text, _ := row[field].(string); {
				case strings.Contains(text, "].id}"):
					byIndex++
				case text != "":
					byID++
				}
			}
		}
	}
	require.Equal(t, 4*300, byIndex+byID)
	require.Positive(t, byIndex)
	require.Positive(t, byID)
	for _, result := range results {
		require.NoError(t, result.Err)
	}
}

func TestWriteDoesNotChangeItsArguments(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	fields := salesforce.Fields{"Name": "x"}
	keyed := upsert
	keyed.Fields, keyed.Refs = fields, []salesforce.Ref{ref("Lead__c", 0)}
	_, err := org.client(salesforce.Config{}).Write(t.Context(), unkeyed, keyed)
	require.NoError(t, err)
	require.Equal(t, salesforce.Fields{"Name": "x"}, fields)
}

func TestWriteRefusesAWrongAnswerToACollection(t *testing.T) {
	t.Parallel()
	row := record{"id": testID("00Q", 5), "success": true, "errors": []any{}}
	for name, test := range map[string]struct {
		write     salesforce.Write
		reply     reply
		want      string
		uncertain bool
	}{
		"short":   {unkeyed, reply{status: 200, body: []record{row}}, "1 results for 2 rows", true},
		"long":    {unkeyed, reply{status: 200, body: []record{row, row, row}}, "3 results for 2 rows", true},
		"no list": {unkeyed, reply{status: 200, body: row}, "0 results for 2 rows", true},
		"null":    {unkeyed, reply{status: 200}, "0 results for 2 rows", true},
		"no id": {
			unkeyed, reply{status: 200, body: []record{{"success": true}, {"success": true}}}, "names no record", true,
		},
		"other id":            {update, reply{status: 200, body: []record{row, row}}, "names another record", true},
		"other id of deletes": {remove, reply{status: 200, body: []record{row, row}}, "names another record", true},
		"no reason": {
			unkeyed,
			reply{status: 200, body: []record{{"success": false}, {"success": false}}},
			"refused without a reason",
			false,
		},
		"refused whole": {
			unkeyed,
			reply{status: 400, body: []record{{"errorCode": "JSON_PARSER_ERROR", "message": "x"}}},
			"JSON_PARSER_ERROR",
			false,
		},
		"failed whole": {
			unkeyed,
			reply{status: 500, body: []record{{"errorCode": "UNKNOWN_EXCEPTION", "message": "x"}}},
			"UNKNOWN_EXCEPTION",
			true,
		},
		"page":               {unkeyed, reply{status: 503, body: "<html>"}, "http status 503", true},
		"page for a refusal": {unkeyed, reply{status: 400, body: "<html>"}, "http status 400", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			org.answer = func(s sub) reply {
				if strings.HasSuffix(s.URL, "/Key__c") {
					return reply{}
				}
				return test.reply
			}
			second := test.write
			if second.ID != "" {
				second.ID = testID("00Q", 2)
			}
			writes := []salesforce.Write{test.write, second, upsert, create("Task", nil, ref("WhoId", 1))}
			for i := range 30 { // more than go as single rows
				other := upsert
				other.Key.Value = strings.Repeat("k", i+1)
				writes = append(writes, other)
			}
			results, err := org.client(salesforce.Config{}).Write(t.Context(), writes...)
			require.NoError(t, err)
			for _, result := range results[:2] {
				var e *salesforce.Error
				require.ErrorAs(t, result.Err, &e)
				require.ErrorContains(t, e, test.want)
				require.Equal(t, test.uncertain, e.Uncertain)
				require.Empty(t, result.ID)
			}
			require.NoError(t, results[2].Err, "the failure affected another collection")
			require.Error(t, results[3].Err)
			require.Empty(t, results[3].ID)
			if test.uncertain {
				require.Equal(t, 1, org.callCount(), "what may have been written was sent again")
			}
		})
	}
}

func TestWriteKeepsReferenceSyntaxOutOfAComposite(t *testing.T) {
	t.Parallel()
	var bodies []string
	answer := `[{"id":"00Q000000000001","success":true,"errors":[]}]`
	w := &wire{script: []line{ok, {status: 200, body: answer}, refusal(400, "JSON_PARSER_ERROR", "x")}}
	strange := create("Lead", salesforce.Fields{"LastName": "@{r0.id}"})
	tricky := create("Lead", salesforce.Fields{"LastName": "@{r0.id}"})
	tricky.AllowDuplicate = true
	results, err := w.client(t, salesforce.Config{}, nil).Write(t.Context(), unkeyed, strange, tricky)
	require.NoError(t, err)
	for _, request := range w.sent {
		bodies = append(bodies, request.url+" "+request.body)
	}
	const row = `{"allOrNone":false,"records":[{"attributes":{"type":"Lead"},"LastName":"@{r0.id}"}]}`
	require.Len(t, bodies, 3)
	require.Contains(t, bodies[0], "/composite {")
	require.Equal(t, instance+"/services/data/v62.0/composite/sobjects "+row, bodies[1])
	require.Equal(t, instance+"/services/data/v62.0/composite/sobjects "+row, bodies[2])
	require.Equal(t, "FALSE", w.sent[1].header.Get("Sforce-Auto-Assign"))
	require.Equal(t, "allowSave=true", w.sent[2].header.Get("Sforce-Duplicate-Rule-Header"))
	require.NoError(t, results[0].Err)
	require.NoError(t, results[1].Err)
	require.ErrorContains(t, results[2].Err, "JSON_PARSER_ERROR")
}

// Salesforce applies assignment rules to updates and over an owner that a create names,
// unless the header says FALSE: every write of a client with AutoAssign once left it out.
func TestWriteLetsAssignmentRulesDecideOnlyOfNewLeadsWithoutAnOwner(t *testing.T) {
	t.Parallel()
	assigned := func(w salesforce.Write) salesforce.Write { w.AutoAssign = true; return w }
	update := salesforce.Write{Op: salesforce.OpUpdate, Object: "Lead", ID: testID("00Q", 1),
		Fields: salesforce.Fields{"Title": "T"}}
	upsert := salesforce.Write{Op: salesforce.OpUpsert, Object: "Lead",
		Key: salesforce.ExternalKey{Field: "Key__c", Value: "k"}}
	owned := create("Lead", salesforce.Fields{"LastName": "L", "ownerid": testID("005", 1)})
	referred := create("Lead", salesforce.Fields{"LastName": "L"})
	referred.Refs = []salesforce.Ref{ref("OwnerId", 0)}
	for _, test := range []struct {
		name  string
		write salesforce.Write
		want  string
	}{
		{"a new Lead", assigned(create("Lead", salesforce.Fields{"LastName": "L"})), "TRUE"},
		{"a new lead, spelt otherwise", assigned(create("lead", salesforce.Fields{"LastName": "L"})), "TRUE"},
		{"a blank owner", assigned(create("Lead", salesforce.Fields{"OwnerId": nil})), "TRUE"},
		{"a new Case", assigned(create("Case", nil)), "TRUE"},
		{"a new Lead where it is not wanted", create("Lead", salesforce.Fields{"LastName": "L"}), "FALSE"},
		{"a new Lead with an owner", assigned(owned), "FALSE"},
		{"a new Lead whose owner is a new record", assigned(referred), "FALSE"},
		{"an update", assigned(update), "FALSE"},
		{"an upsert, which may be an update", assigned(upsert), "FALSE"},
		{"a new Account", assigned(create("Account", salesforce.Fields{"Name": "A"})), "FALSE"},
		{"a new Contact", assigned(create("Contact", salesforce.Fields{"LastName": "C"})), "FALSE"},
	} {
		for _, alone := range []bool{false, true} {
			org := newOrg(t)
			write := test.write
			write.Alone = alone
			mine := create("Lead", salesforce.Fields{"LastName": "Mine", "OwnerId": testID("005", 2)})
			_, err := org.client(salesforce.Config{}).Write(t.Context(), mine, write)
			require.NoError(t, err)
			last := org.calls[len(org.calls)-1]
			got := slices.ContainsFunc(last, func(s sub) bool { return s.Headers["Sforce-Auto-Assign"] == "TRUE" })
			require.Equal(t, test.want == "TRUE", got, "%s, alone: %t", test.name, alone)
			for _, s := range last {
				isTrue := s.Headers["Sforce-Auto-Assign"] == "TRUE"
				require.False(t, isTrue && strings.Contains(string(s.Body), "Mine"), "another's row shares the header")
			}
		}
	}
}

// Rows that the header means nothing to fill the collections of those that differ in it, so
// that these need no more collections than without it.
func TestWriteFillsTheCollectionsOfAssignedRows(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ assigned, owned, tasks, ownedTasks, want int }{
		{150, 0, 50, 0, 1},
		{150, 100, 150, 0, 2},
		{500, 0, 300, 200, 5},
		{10, 10, 10, 10, 2},
		{0, 100, 100, 0, 1},
		{200, 0, 200, 0, 2},
		{1, 199, 0, 1, 2},
		{0, 0, 10, 10, 1},
	} {
		var writes []salesforce.Write
		add := func(n int, object salesforce.Object, fields salesforce.Fields) {
			for range n {
				w := create(object, fields)
				w.AutoAssign = true
				writes = append(writes, w)
			}
		}
		owner := salesforce.Fields{"OwnerId": testID("005", 1)}
		add(row.assigned, "Lead", nil)
		add(row.owned, "Lead", owner)
		add(row.tasks, "Task", nil)
		add(row.ownedTasks, "Task", owner)
		org := newOrg(t)
		_, err := org.client(salesforce.Config{}).Write(t.Context(), writes...)
		require.NoError(t, err)
		require.Equal(t, 1, org.callCount())
		require.Len(t, org.calls[0], row.want, "%+v", row)
		require.Equal(t, 1, salesforce.EstimateCalls(writes))
		leads := 0
		for _, s := range org.calls[0] {
			owned := strings.Contains(string(s.Body), "OwnerId")
			if s.Headers["Sforce-Auto-Assign"] == "TRUE" {
				require.False(t, owned)
				leads += strings.Count(string(s.Body), `"type":"Lead"`)
			}
		}
		require.Equal(t, row.assigned, leads)
	}
}
