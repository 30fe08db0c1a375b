// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// A graph as /composite/graph takes it.
type graph struct {
	ID    string `json:"graphId"`
	Parts []part `json:"compositeRequest"`
}

// graphs sends graphs, and answers whether each was successful and the codes of
// its nodes, "" for one that succeeded.
func (a *api) graphs(graphs ...graph) (successful []bool, codes [][]string) {
	a.t.Helper()
	res := a.do("POST", "/composite/graph", map[string]any{"graphs": graphs})
	require.Equal(a.t, 200, res.Status, res.Text)
	for i := range graphs {
		require.Equal(a.t, graphs[i].ID, res.at("graphs", i, "graphId"))
		successful = append(successful, res.at("graphs", i, "isSuccessful").(bool))
		var of []string
		for n := range graphs[i].Parts {
			code, _ := res.at("graphs", i, "graphResponse", "compositeResponse", n, "body", 0, "errorCode").(string)
			of = append(of, code)
		}
		codes = append(codes, of)
	}
	return successful, codes
}

// docs/salesforce.md, Graphs: each graph is atomic, whatever the others do.
func TestGraphIsWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	good := graph{
		"good",
		[]part{
			post("a", "/sobjects/Account", fields{"Name": "A"}),
			post("c", "/sobjects/Contact", fields{"LastName": "L", "AccountId": "@{a.id}"}),
		},
	}
	bad := graph{
		"bad",
		[]part{
			post("a", "/sobjects/Account", fields{"Name": "A"}),
			post("c", "/sobjects/Contact", fields{"AccountId": "@{a.id}"}),
			post("t", "/sobjects/Task", fields{"WhoId": "@{c.id}"}),
		},
	}
	query := graph{
		"query",
		[]part{post("a", "/sobjects/Account", fields{"Name": "A"}), get("q", "/query?q=SELECT+Id+FROM+Account")},
	}
	successful, codes := a.graphs(good, bad, query)
	require.Equal(t, []bool{true, false, false}, successful)
	const halted = "PROCESSING_HALTED"
	require.Equal(t, [][]string{{"", ""}, {halted, "REQUIRED_FIELD_MISSING", halted}, {halted, "INVALID_INPUT"}}, codes)
	require.Equal(t, 1, org.Count("Account"))
	require.Equal(t, 1, org.Count("Contact"))
	require.Equal(t, org.Rows("Account")[0]["Id"], org.Rows("Contact")[0]["AccountId"])
	require.Equal(t, 1, org.Calls())
	require.Equal(t, 2, org.Requests()[0].Written)
}

// docs/salesforce.md, Limits: the rest is not tried after 14 graphs have
// failed.
func TestGraphsStopAfterFourteenFailures(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	var graphs []graph
	for i := range 16 {
		body := fields{}
		if i == 15 {
			body["Name"] = "A"
		}
		graphs = append(graphs, graph{fmt.Sprint("g", i), []part{post("a", "/sobjects/Account", body)}})
	}
	_, codes := a.graphs(graphs...)
	require.Equal(t, []string{"REQUIRED_FIELD_MISSING"}, codes[13])
	require.Equal(t, []string{"PROCESSING_HALTED"}, codes[14])
	require.Equal(t, []string{"PROCESSING_HALTED"}, codes[15])
	require.Zero(t, org.Count("Account"))
}

func TestGraphsAreLimited(t *testing.T) {
	t.Parallel()
	account := post("a", "/sobjects/Account", fields{"Name": "A"})
	many := func(count int) (parts []part) {
		for i := range count {
			parts = append(parts, post(fmt.Sprint("a", i), "/sobjects/Account", fields{"Name": "A"}))
		}
		return parts
	}
	repeated := func(count int, parts ...part) (graphs []graph) {
		for i := range count {
			graphs = append(graphs, graph{fmt.Sprint("g", i), parts})
		}
		return graphs
	}
	chain := many(16)
	kinds := many(16)
	for i := range 16 {
		chain[i].Body = fields{"Name": "A", "Site": fmt.Sprintf("@{a%d.id}", i-1)}
		kinds[i].URL = fmt.Sprintf("%s/sobjects/Thing%d__c", base, i)
	}
	chain[0].Body = fields{"Name": "A"}
	for name, test := range map[string]struct {
		graphs []graph
		status int
	}{
		"75 graphs":    {repeated(75, account), 200},
		"76 graphs":    {repeated(76, account), 400},
		"no graph":     {nil, 400},
		"empty graph":  {repeated(1), 400},
		"no graph id":  {[]graph{{"", []part{account}}}, 400},
		"one id twice": {[]graph{{"g", []part{account}}, {"g", []part{account}}}, 400},
		"500 nodes":    {repeated(2, many(250)...), 200},
		"501 nodes":    {repeated(3, many(167)...), 400},
		"15 levels":    {repeated(1, chain[:15]...), 200},
		"16 levels":    {repeated(1, chain...), 400},
		"15 kinds":     {repeated(1, kinds[:15]...), 200},
		"16 kinds":     {repeated(1, kinds...), 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, a := newAPI(t)
			res := a.do("POST", "/composite/graph", map[string]any{"graphs": test.graphs})
			require.Equal(t, test.status, res.Status, res.Text)
		})
	}
	_, a := newAPI(t)
	require.Equal(t, 400, a.do("POST", "/composite/graph", "{").Status)
	require.Equal(t, 405, a.do("GET", "/composite/graph", nil).Status)
}
