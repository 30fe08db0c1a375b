// SPDX-License-Identifier: Apache-2.0

package leadcsv_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadcsv"
)

func TestTheJSONOfAReportHasEveryListAndTheSeparatorAsText(t *testing.T) {
	t.Parallel()
	list := readText(t, "lastName;email\nBerg;ida@example.com\n", nil)
	text, err := json.Marshal(list.Report)
	require.NoError(t, err)
	require.JSONEq(t, `{"encoding":"utf-8","separator":";","headerLine":1,"rows":1,"leftOut":[],"unfit":[],"unfitCount":0,
		"skipped":[],"blank":0,"columns":[
		{"number":1,"header":"lastName","source":"lastName","status":"understood","filled":1,"unfit":0},
		{"number":2,"header":"email","source":"email","status":"understood","filled":1,"unfit":0}]}`, string(text))

	text, err = json.Marshal(leadcsv.Report{})
	require.NoError(t, err)
	require.JSONEq(t, `{"encoding":"","separator":"","headerLine":0,"rows":0,"leftOut":[],"unfit":[],"unfitCount":0,
		"skipped":[],"blank":0,"columns":[]}`, string(text))
}

func TestAProblemOfAWholeRowHasColumn0InJSON(t *testing.T) {
	t.Parallel()
	list := readText(t, "lastName,email,notes\n,,x\n", nil)
	text, err := json.Marshal(list.Report.LeftOut)
	require.NoError(t, err)
	require.Contains(t, string(text), `"line":2,"column":0,`)
}

func TestTheJSONOfAReportIsReadBack(t *testing.T) {
	t.Parallel()
	list := readText(t, "Report\nlastName\temail\tPhone\nBerg\tida@example.com\t#NAME?\n\t\t1\n", nil)
	text, err := json.Marshal(&list.Report)
	require.NoError(t, err)
	var back leadcsv.Report
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, list.Report, back)
	require.Error(t, json.Unmarshal([]byte(`{"separator":44}`), &back))
	require.Equal(t, '\t', back.Separator)
}
