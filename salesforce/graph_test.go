// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// family is an account with a contact and a task.
func family(last string) salesforce.Graph {
	return salesforce.Graph{
		create("Account", salesforce.Fields{"Name": "A"}),
		create("Contact", salesforce.Fields{"LastName": last}, ref("AccountId", 0)),
		create("Task", salesforce.Fields{"Subject": "Call"}, ref("WhoId", 1), ref("WhatId", 0)),
	}
}

func TestWriteGraphsWritesEachGraphWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.AddExternalID("Lead")
	client := connect(t, org)
	kept := salesforce.ID(org.Insert("Lead", map[string]any{"LastName": "L", "Company": "C"}))
	results, err := client.WriteGraphs(t.Context(),
		family("Good"),
		family(strings.Repeat("x", 81)),
		salesforce.Graph{
			{Op: salesforce.OpUpdate, Object: "Lead", ID: kept, Fields: salesforce.Fields{"Title": "T"}},
			{
				Op:     salesforce.OpUpsert,
				Object: "Lead",
				Key:    salesforce.ExternalKey{Field: "LeadsyncKey__c", Value: "a/b ü"},
				Fields: salesforce.Fields{"LastName": "M", "Company": "D"},
			},
			create("Task", salesforce.Fields{"Subject": "Call"}, ref("WhoId", 1)),
		},
		salesforce.Graph{
			{Op: salesforce.OpDelete, Object: "Lead", ID: kept},
			create("Lead", salesforce.Fields{"LastName": "no company"}),
		},
	)
	require.NoError(t, err)
	require.Equal(t, 1, org.Calls())
	for _, g := range []int{0, 2} {
		for _, result := range results[g] {
			require.NoError(t, result.Err)
		}
	}
	require.Equal(t, string(results[0][0].ID), org.Row("Contact", string(results[0][1].ID))["AccountId"])
	require.Equal(t, string(results[2][1].ID), org.Row("Task", string(results[2][2].ID))["WhoId"])
	require.Equal(t, kept, results[2][0].ID)
	require.False(t, results[2][0].Created)
	require.True(t, results[2][1].Created)
	requireCodes(t, results[1], salesforce.ProcessingHalted, salesforce.StringTooLong, salesforce.ProcessingHalted)
	requireCodes(t, results[3], salesforce.ProcessingHalted, salesforce.RequiredFieldMissing)
	require.Equal(t, 1, org.Count("Account"))
	require.Equal(t, 2, org.Count("Lead"))
	require.Equal(t, "T", org.Row("Lead", string(kept))["Title"])
}

// What failed in a graph left nothing behind, in whatever way it failed.
func TestWriteGraphsIsCertainOfAGraphThatFailed(t *testing.T) {
	t.Parallel()
	w := &wire{
		script: []line{
			{status: 200, body: `{"graphs":[{"graphId":"g0","isSuccessful":false,"graphResponse":{"compositeResponse":[
		{"referenceId":"r0","httpStatusCode":500,"body":[{"errorCode":"UNKNOWN_EXCEPTION","message":"x"}]},
		{"referenceId":"r1","httpStatusCode":400,"body":[{"errorCode":"PROCESSING_HALTED","message":"x"}]}]}}]}`},
		},
	}
	results, err := w.client(t, salesforce.Config{}, nil).WriteGraphs(t.Context(), salesforce.Graph{unkeyed, update})
	require.NoError(t, err)
	requireCodes(t, results[0], salesforce.UnknownException, salesforce.ProcessingHalted)
	require.Len(t, w.sent, 1)
}

func requireCodes(t *testing.T, results []salesforce.WriteResult, codes ...salesforce.StatusCode) {
	for i, code := range codes {
		var e *salesforce.Error
		require.ErrorAs(t, results[i].Err, &e)
		require.Equal(t, code, e.Code)
		require.False(t, e.Uncertain)
	}
}

func TestWriteGraphsPacksWhatFitsIntoACall(t *testing.T) {
	t.Parallel()
	single := salesforce.Graph{create("Account", salesforce.Fields{"Name": "A"})}
	for name, test := range map[string]struct {
		graph        salesforce.Graph
		count, calls int
	}{
		"75 graphs":  {single, 75, 1},
		"76 graphs":  {single, 76, 2},
		"500 writes": {repeat(250, single[0]), 2, 1},
		"501 writes": {repeat(167, single[0]), 3, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			graphs := make([]salesforce.Graph, test.count)
			for i := range graphs {
				graphs[i] = test.graph
			}
			results, err := connect(t, org).WriteGraphs(t.Context(), graphs...)
			require.NoError(t, err)
			for _, graph := range results {
				for _, result := range graph {
					require.NoError(t, result.Err)
				}
			}
			require.Equal(t, test.calls, org.Calls())
			require.Equal(t, test.count*len(test.graph), org.Count("Account"))
		})
	}
}

// Salesforce stops after 14 graphs that failed; what it did not get to is sent
// again.
func TestWriteGraphsContinuesAfterSalesforceStopped(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	graphs := make([]salesforce.Graph, 40)
	for i := range graphs {
		graphs[i] = salesforce.Graph{create("Account", nil)}
		if i%4 == 3 || i > 35 {
			graphs[i] = salesforce.Graph{create("Account", salesforce.Fields{"Name": "A"})}
		}
	}
	results, err := connect(t, org).WriteGraphs(t.Context(), graphs...)
	require.NoError(t, err)
	for i, result := range results {
		if i%4 == 3 || i > 35 {
			require.NoError(t, result[0].Err)
			continue
		}
		requireCodes(t, result, salesforce.RequiredFieldMissing)
	}
	require.Equal(t, 13, org.Count("Account"))
	require.Equal(t, 2, org.Calls())
}

func TestWriteGraphsRefusesWhatCannotBeAGraph(t *testing.T) {
	t.Parallel()
	var chain, kinds salesforce.Graph
	for i := range 16 {
		var refs []salesforce.Ref
		if i > 0 {
			refs = append(refs, ref("Parent__c", i-1))
		}
		chain = append(chain, create("Visit__c", nil, refs...))
		kinds = append(kinds, create(salesforce.Object(fmt.Sprintf("Visit%d__c", i)), nil))
	}
	dots := upsert
	dots.Key.Value = ".."
	for name, test := range map[string]struct {
		graph salesforce.Graph
		want  string
	}{
		"empty":     {nil, "has 0 writes"},
		"too many":  {repeat(501, unkeyed), "has 501 writes"},
		"too deep":  {chain, "write 15: chain is longer than 15"},
		"too mixed": {kinds, "16 combinations"},
		"malformed": {
			salesforce.Graph{{Op: salesforce.OpDelete, Object: "Lead"}}, "write 0: missing or malformed record id",
		},
		"later write": {salesforce.Graph{create("Task", nil, ref("WhoId", 1)), unkeyed}, "not an earlier one"},
		"reference":   {salesforce.Graph{create("Lead", salesforce.Fields{"LastName": "@{r0.id}"})}, "holds a reference"},
		"path step":   {salesforce.Graph{dots}, "is not allowed in a path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{ok}}
			_, err := w.client(t, salesforce.Config{}, nil).WriteGraphs(t.Context(), salesforce.Graph{unkeyed}, test.graph)
			require.ErrorContains(t, err, "graph 1")
			require.ErrorContains(t, err, test.want)
			require.Empty(t, w.sent)
		})
	}
}

func TestWriteGraphsRefusesAWrongReply(t *testing.T) {
	t.Parallel()
	const node = `{"referenceId":"r0","httpStatusCode":201,"httpHeaders":{},"body":{"id":"00Q000000000001",` +
		`"success":true,"errors":[]}}`
	graph := func(id, nodes string, success bool) string {
		return fmt.Sprintf(`{"graphId":%q,"graphResponse":{"compositeResponse":[%s]},"isSuccessful":%t}`, id, nodes, success)
	}
	for name, test := range map[string]struct{ reply, want string }{
		"page":     {`<html>`, "0 graphs of 1"},
		"none":     {`{"graphs":[]}`, "0 graphs of 1"},
		"two":      {`{"graphs":[` + graph("g0", node, true) + "," + graph("g0", node, true) + `]}`, "2 graphs of 1"},
		"other id": {`{"graphs":[` + graph("g1", node, true) + `]}`, "graphId"},
		"no node":  {`{"graphs":[` + graph("g0", "", true) + `]}`, "0 responses to 1"},
		"failed success": {
			`{"graphs":[` + graph("g0", strings.Replace(node, "201", "400", 1), true) + `]}`, "may have been carried out",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{script: []line{{status: 200, body: test.reply}}}
			results, err := w.client(t, salesforce.Config{}, nil).WriteGraphs(t.Context(), salesforce.Graph{unkeyed})
			require.NoError(t, err)
			var e *salesforce.Error
			require.ErrorAs(t, results[0][0].Err, &e)
			require.True(t, e.Uncertain)
			require.ErrorContains(t, e, test.want)
			require.Len(t, w.sent, 1)
		})
	}
	w := &wire{script: []line{{status: 200, body: `{"graphs":[` + graph("g0", node, false) + `]}`}}}
	results, err := w.client(t, salesforce.Config{}, nil).WriteGraphs(t.Context(), salesforce.Graph{unkeyed})
	require.NoError(t, err)
	requireCodes(t, results[0], salesforce.ProcessingHalted)
}

func TestWriteGraphsIsNotRepeatedWhenItCouldWriteTwice(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			org.Fail(func(_ *http.Request, n int) *sftest.Fault {
				if n == 1 {
					return &fault
				}
				return nil
			})
			results, err := connect(t, org).WriteGraphs(t.Context(), family("Lost"))
			require.NoError(t, err)
			var e *salesforce.Error
			require.ErrorAs(t, results[0][0].Err, &e)
			require.True(t, e.Uncertain)
			require.Len(t, org.Requests(), 1)
		})
	}
}

func TestWriteGraphsSendsNothingUnderAnEndedContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &wire{script: []line{ok}}
	results, err := w.client(t, salesforce.Config{}, nil).WriteGraphs(ctx, salesforce.Graph{unkeyed})
	require.NoError(t, err)
	require.ErrorIs(t, results[0][0].Err, salesforce.ErrNotSent)
	require.Empty(t, w.sent)
}

func ExampleClient_WriteGraphs() {
	org := sftest.NewOrg(nil)
	defer org.Close()
	client := dial(org)

	results, err := client.WriteGraphs(context.Background(),
		salesforce.Graph{
			{Object: "Account", Fields: salesforce.Fields{"Name": "Analytical Engines"}},
			{
				Object: "Contact",
				Fields: salesforce.Fields{"LastName": strings.Repeat("x", 81)},
				Refs:   []salesforce.Ref{{Field: "AccountId", Write: 0}},
			},
		})
	if err != nil {
		panic(err)
	}
	for _, result := range results[0] {
		fmt.Println(result.Err)
	}
	fmt.Println(org.Count("Account"), "accounts")
	// Output:
	// salesforce: PROCESSING_HALTED
	// salesforce: STRING_TOO_LONG on LastName
	// 0 accounts
}

// FuzzGraphReply feeds any body to a graph of two writes.
func FuzzGraphReply(f *testing.F) {
	for _, body := range []string{
		"", "{}", `{"graphs":[]}`, `{"graphs":[{"graphId":"g0","graphResponse":{"compositeResponse":[]},` +
			`"isSuccessful":true}]}`,
		`{"graphs":[{"graphId":"g0","isSuccessful":true,"graphResponse":{"compositeResponse":[
			{"referenceId":"r1","httpStatusCode":204,"body":null},
			{"referenceId":"r0","httpStatusCode":201,"body":{"id":"00Q000000000001","success":true,"errors":[]}}]}}]}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := &wire{script: []line{{status: 200, body: body}}}
		results, err := w.client(t, salesforce.Config{MaxRetries: -1}, nil).
			WriteGraphs(t.Context(), salesforce.Graph{unkeyed, update})
		require.NoError(t, err)
		require.Len(t, results[0], 2)
		for _, result := range results[0] {
			require.Equal(t, result.Err == nil, len(result.ID) == 18)
		}
		if results[0][1].Err == nil {
			require.Equal(t, update.ID.ID18(), results[0][1].ID)
		}
	})
}
