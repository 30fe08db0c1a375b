// SPDX-License-Identifier: Apache-2.0

package preflight_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/preflight"
)

// A page reads every key of a report without asking whether it is there.
func TestJSONOfAReportHasEveryKey(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		report preflight.Report
		want   string
	}{
		{preflight.Report{}, `{"org":"","orgName":"","sandbox":false,"user":"","username":"","calls":0,"findings":[],` +
			`"schema":null,"at":null}`},
		{preflight.Report{At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Org: "00D000000000001EAA", Sandbox: true,
			Findings: []preflight.Finding{{}, {Severity: preflight.SeverityError, Code: leadtype.OwnerInvalid,
				Object: "Lead", Field: "OwnerId", Path: "owner", Reason: "r", Description: "d", Fix: "f", Doc: "d2", Help: "h"}}},
			`{"org":"00D000000000001EAA","orgName":"","sandbox":true,"user":"","username":"","calls":0,"findings":[` +
				`{"severity":"","code":"","object":"","field":"","path":"","reason":"","description":"","fix":"","doc":"",` +
				`"help":""},` +
				`{"severity":"error","code":"OWNER_INVALID","object":"Lead","field":"OwnerId","path":"owner","reason":"r",` +
				`"description":"d","fix":"f","doc":"d2","help":"h"}],"schema":null,"at":"2026-03-01T09:00:00Z"}`},
	} {
		written, err := json.Marshal(row.report)
		require.NoError(t, err)
		require.JSONEq(t, row.want, string(written))
		var read preflight.Report
		require.NoError(t, json.Unmarshal(written, &read))
		require.Equal(t, row.report.At, read.At)
		again, err := json.Marshal(&read)
		require.NoError(t, err)
		require.JSONEq(t, row.want, string(again))
	}
}
