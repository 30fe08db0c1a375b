// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/review"
	"github.com/leadsync/leadsync/store"
)

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// A page reads every key without asking whether it is there. The form of filters is what is
// stored and sent back, where a missing key is not an empty list.
func TestJSONOfASummaryHasEveryKeyWhenEmpty(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		of   any
		want string
	}{
		{review.Summary{}, `{"total":0,"stages":{},"states":{},"actions":{},"groups":[],"warnings":[],"notes":[],` +
			`"version":0}`},
		{review.Group{}, `{"code":"","description":"","fix":"","help":"","count":0,"leads":[],"filter":{},"causes":[]}`},
		{review.Cause{}, `{"key":"","object":"","fields":[],"rule":"","description":"","fix":"","help":"","count":0,` +
			`"leads":[],"filter":{}}`},
		{review.WarningGroup{}, `{"kind":"","count":0,"leads":[],"filter":{},"causes":[]}`},
		{review.WarningCause{}, `{"key":"","code":"","object":"","field":"","reason":"","description":"","fix":"",` +
			`"help":"","count":0,"leads":[],"filter":{}}`},
	} {
		require.Equal(t, row.want, marshal(t, row.of))
	}
}

func TestJSONOfASummaryIsAsItWas(t *testing.T) {
	t.Parallel()
	summary := review.Summarize([]*leadtype.Outcome{
		{LeadID: "L1", Stage: leadtype.Failed, Err: &leadtype.Error{Code: leadtype.OwnerInvalid}},
		{LeadID: "L2", Stage: leadtype.Cleared, Action: leadtype.Created,
			Warnings: []leadtype.Warning{{Kind: leadtype.KeptExisting, Object: "Lead", Field: "Title"}}}})
	advice := (&leadtype.Advisor{}).Code(leadtype.OwnerInvalid)
	group := summary.Groups[0]
	require.JSONEq(t, `{"total":2,"stages":{"failed":1,"cleared":1},"states":{},"actions":{"created":1},"version":0,
		"warnings":[],"notes":[{"kind":"kept-existing","count":1,"leads":["L2"],
			"filter":{"leads":["L2"],"warnings":["kept-existing"]},
			"causes":[{"key":`+marshal(t, summary.Notes[0].Causes[0].Key)+`,"code":"","object":"Lead","field":"Title",
				"reason":"","description":"","fix":"","help":"","count":1,"leads":["L2"],
				"filter":{"leads":["L2"],"warningCauses":[`+marshal(t, summary.Notes[0].Causes[0].Key)+`]}}]}],
		"groups":[{"code":"OWNER_INVALID","description":`+marshal(t, advice.Description)+`,"fix":`+marshal(t, advice.Fix)+`,
			"help":"","count":1,"leads":["L1"],
			"filter":{"leads":["L1"],"stages":["failed"],"codes":["OWNER_INVALID"]},
			"causes":[{"key":`+marshal(t, group.Causes[0].Key)+`,"object":"","fields":[],"rule":"",
				"description":`+marshal(t, group.Causes[0].Description)+`,"fix":`+marshal(t, group.Causes[0].Fix)+`,"help":"",
				"count":1,"leads":["L1"],"filter":{"leads":["L1"],"stages":["failed"],"codes":["OWNER_INVALID"],
				"causes":[`+marshal(t, group.Causes[0].Key)+`]}}]}]}`, marshal(t, summary))
	var read review.Summary
	require.NoError(t, json.Unmarshal([]byte(marshal(t, summary)), &read))
	require.Equal(t, store.Filter{Leads: []leadtype.LeadID{"L1"}, Stages: []leadtype.Stage{leadtype.Failed},
		Codes: []leadtype.Code{leadtype.OwnerInvalid}}, read.Groups[0].Filter)
	require.Equal(t, marshal(t, summary), marshal(t, read))
}
