// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// families returns n accounts with a contact each, and its task. The accounts of bad have no
// name, and are refused.
func families(n int, bad ...int) []salesforce.Write {
	var writes []salesforce.Write
	for i := range n {
		at := len(writes)
		writes = append(writes,
			create("Account", salesforce.Fields{"Name": fmt.Sprintf("A%d", i)}),
			create("Contact", salesforce.Fields{"LastName": fmt.Sprintf("C%d", i)}, ref("AccountId", at)),
			create("Task", salesforce.Fields{"Subject": fmt.Sprintf("T%d", i)}, ref("WhoId", at+1), ref("WhatId", at)))
	}
	for _, i := range bad {
		writes[3*i].Fields = salesforce.Fields{"Site": "nameless"}
	}
	return writes
}

// requireFamilies checks that each record is there once, with its own parents, and that of
// those that were refused, and of what refers to them, there is nothing.
func requireFamilies(t *testing.T, org *sftest.Org, writes []salesforce.Write, results []salesforce.WriteResult) {
	t.Helper()
	done := map[salesforce.Object]int{}
	for i, result := range results {
		if writes[3*(i/3)].Fields["Name"] == nil {
			require.Error(t, result.Err)
			require.Equal(t, i%3 != 0, isNotSent(result.Err), "%d: %v", i, result.Err)
			continue
		}
		require.NoError(t, result.Err, i)
		done[writes[i].Object]++
		row := org.Row(string(writes[i].Object), string(result.ID))
		for field, value := range writes[i].Fields {
			require.Equal(t, value, row[field])
		}
		for _, r := range writes[i].Refs {
			require.Equal(t, string(results[r.Write].ID), row[r.Field])
		}
	}
	for _, object := range []salesforce.Object{"Account", "Contact", "Task"} {
		require.Equal(t, done[object], org.Count(string(object)), object)
	}
}

func isNotSent(err error) bool { return err != nil && strings.Contains(err.Error(), "not sent") }

func TestChildrenGoWithTheirParents(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		writes []salesforce.Write
		calls  int
	}{
		"single rows":                        {families(8), 1},
		"collections":                        {families(200), 1},
		"more than a call holds":             {families(500), 2},
		"a single parent fails":              {families(8, 3), 1},
		"all parents fail":                   {families(3, 0, 1, 2), 1},
		"a parent in a collection fails":     {families(200, 7), 2},
		"many parents in a collection fail":  {families(200, 0, 7, 50, 199), 2},
		"parents of a second call fail, too": {families(500, 1, 250, 499), 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			client := connect(t, org)
			before := org.Calls()
			results, err := client.Write(t.Context(), test.writes...)
			require.NoError(t, err)
			requireFamilies(t, org, test.writes, results)
			require.LessOrEqual(t, org.Calls()-before, test.calls)
		})
	}
}

// Whatever an org makes of references to rows of collections, each record is written once,
// with its true parents, and the client does not try again.
func TestAnOrgWithoutReferencesToRowsIsAskedOnce(t *testing.T) {
	t.Parallel()
	refuseCalls := func(org *sftest.Org) {
		org.Fail(func(r *http.Request, _ int) *sftest.Fault {
			body, err := io.ReadAll(r.Body)
			if err != nil || !strings.Contains(string(body), "].id}") {
				return nil
			}
			return &sftest.Fault{Status: 400, Body: `[{"errorCode":"JSON_PARSER_ERROR","message":"Invalid reference"}]`}
		})
	}
	for name, refuse := range map[string]func(*sftest.Org){
		"as error": func(org *sftest.Org) { org.FailReferences(sftest.ReferenceHalts) },
		"as text":  func(org *sftest.Org) { org.FailReferences(sftest.ReferenceIsText) },
		"the call": refuseCalls,
	} {
		for bad, rows := range [][]int{nil, {0}, {0, 99, 199}} {
			t.Run(fmt.Sprintf("%s/%d", name, bad), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				refuse(org)
				client := connect(t, org)
				first, again := families(200, rows...), families(200, rows...)
				results, err := client.Write(t.Context(), first...)
				require.NoError(t, err)
				requireFamilies(t, org, first, results)
				for _, object := range []string{"Task", "Contact", "Account"} {
					for _, row := range org.Rows(object) {
						org.Delete(object, row["Id"].(string))
					}
				}
				org.ResetLog()
				results, err = client.Write(t.Context(), again...)
				require.NoError(t, err)
				requireFamilies(t, org, again, results)
				if bad == 0 {
					require.Equal(t, 3, org.Calls(), "one for each level")
				}
				// References to single rows are documented.
				org.ResetLog()
				_, err = client.Write(t.Context(), families(2)...)
				require.NoError(t, err)
				require.Equal(t, map[bool]int{true: 3, false: 1}[name == "the call"], org.Calls())
			})
		}
	}
}

// An org may resolve a reference to a row that has failed to null: what was written without
// its parent is taken back.
func TestARecordWithoutItsParentIsTakenBack(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.FailReferences(sftest.ReferenceIsNull)
	writes := families(100, 3, 50)
	client := connect(t, org)
	results, err := client.Write(t.Context(), writes...)
	require.NoError(t, err)
	requireFamilies(t, org, writes, results)
	org.ResetLog()
	_, err = client.Write(t.Context(), families(100)...)
	require.NoError(t, err)
	require.Equal(t, 3, org.Calls(), "references are not trusted any more")
}

func TestRecordsWithoutTheirParentsAreTakenBackTogether(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.FailReferences(sftest.ReferenceIsNull)
	bad := make([]int, 100)
	for i := range bad {
		bad[i] = i
	}
	writes := families(100, bad...)
	results, err := connect(t, org).Write(t.Context(), writes...)
	require.NoError(t, err)
	requireFamilies(t, org, writes, results)
	require.LessOrEqual(t, org.Calls(), 2)
}

// A reply that does not say what became of parents says nothing against their children, which
// are there: they are as uncertain as after a lost call, and not deleted.
func TestChildrenOfParentsWhoseResultIsUnreadableStay(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string]int{"single rows": 8, "collections": 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			client, err := newClient(t, org.URL(), &orgTokens{org: org}, salesforce.Config{
				Hosts: []string{strings.TrimPrefix(org.URL(), "http://")},
				HTTPClient: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					r.Header.Del("Accept-Encoding")
					resp, err := org.Transport().RoundTrip(r)
					if err == nil {
						spoil(t, resp)
					}
					return resp, err
				})},
			})
			require.NoError(t, err)
			results, err := client.Write(t.Context(), families(rows)...)
			require.NoError(t, err)
			for _, result := range results[:3] {
				failure, failed := errors.AsType[*salesforce.Error](result.Err)
				require.True(t, failed && failure.Uncertain, result.Err)
			}
			require.Equal(t, rows, org.Count("Contact"))
			require.Equal(t, rows, org.Count("Task"))
			require.Equal(t, 1, org.Calls())
		})
	}
}

// spoil takes the first result out of the reply to a composite.
func spoil(t *testing.T, resp *http.Response) {
	var reply map[string][]map[string]any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&reply))
	reply["compositeResponse"][0]["body"] = nil
	body, err := json.Marshal(reply)
	require.NoError(t, err)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// A refused value of a parent is left out in the next call, and its children follow there.
func TestChildrenWaitForAParentThatGoesAgain(t *testing.T) {
	t.Parallel()
	for _, people := range []int{5, 200} {
		org := sftest.NewOrg(t)
		client, asked := connect(t, org), 0
		writes := peopleWithTasks(people, 1, leavesOut(&asked))
		org.ResetLog()
		results, err := client.Write(t.Context(), writes...)
		require.NoError(t, err)
		for i, result := range results {
			require.NoError(t, result.Err, i)
			for _, r := range writes[i].Refs {
				require.Equal(t, string(results[r.Write].ID), org.Row("Task", string(result.ID))[r.Field])
			}
		}
		require.Equal(t, 1, asked)
		require.Equal(t, 2, org.Calls())
		require.Equal(t, people, org.Count("Task"))
	}
}

// Parents that automation refused because they were too many go again in smaller batches, and
// their children after them.
func TestChildrenFollowParentsThatAutomationRefusedTogether(t *testing.T) {
	t.Parallel()
	rows := 60
	org, client, _ := standing(t, &rows)
	writes := people(0, 200)
	for i := range 200 {
		writes = append(writes, create("Task", salesforce.Fields{"Subject": "Call"}, ref("WhoId", i)))
	}
	results, err := client.Write(t.Context(), writes...)
	require.NoError(t, err)
	for i, result := range results {
		require.NoError(t, result.Err, i)
	}
	require.Equal(t, 200, org.Count("Lead"))
	require.Equal(t, 200, org.Count("Task"))
}

// A call that is lost leaves parents and children uncertain alike; none is said not to have
// been sent, and none is sent again.
func TestALostCallLeavesChildrenAsUncertainAsParents(t *testing.T) {
	t.Parallel()
	for _, n := range []int{5, 100} {
		for name, fault := range map[string]sftest.Fault{"before": {DropBefore: true}, "after": {DropAfter: true}} {
			t.Run(fmt.Sprintf("%d/%s", n, name), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				client := connect(t, org)
				org.Fail(func(_ *http.Request, call int) *sftest.Fault { return &fault })
				results, err := client.Write(t.Context(), families(n)...)
				require.NoError(t, err)
				for _, result := range results {
					var e *salesforce.Error
					require.ErrorAs(t, result.Err, &e)
					require.True(t, e.Uncertain)
				}
				require.LessOrEqual(t, org.Count("Contact"), n)
			})
		}
	}
}

// A text that looks like a reference is written as it is, beside references.
func TestATextThatLooksLikeAReferenceIsNone(t *testing.T) {
	t.Parallel()
	for _, n := range []int{5, 100} {
		org := sftest.NewOrg(t)
		writes := families(n)
		writes[1].Fields["LastName"], writes[3].Fields["Name"] = "@{r0[0].id}", "@{r0.id}"
		writes[8].Fields["Subject"] = "see @{r1.id}"
		results, err := connect(t, org).Write(t.Context(), writes...)
		require.NoError(t, err)
		requireFamilies(t, org, writes, results)
	}
}
