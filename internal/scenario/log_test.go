// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// linesOf returns the messages of a log in JSON, each an object.
func linesOf(t *testing.T, log *bytes.Buffer) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for _, text := range bytes.Split(bytes.TrimSpace(log.Bytes()), []byte("\n")) {
		var line map[string]any
		require.NoError(t, json.Unmarshal(text, &line))
		lines = append(lines, line)
	}
	return lines
}

func TestEachBatchIsLoggedOnceWithItsCallsAndWhatBecameOfItsLeads(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	var log bytes.Buffer
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	other := scenario.Ada()
	other.ID, other.Email, other.LastName = "L2", "grace@example.com", "Hopper"
	unfit := scenario.Ada()
	unfit.ID, unfit.Email, unfit.LastName, unfit.Company = "L3", "", "Nobody", ""
	_, err := syncer.Sync(t.Context(), scenario.Ada(), other, unfit)
	require.Error(t, err)
	calls := org.Calls()
	lines := linesOf(t, &log)
	require.Len(t, lines, 1, "%s", &log)
	require.Equal(t, "INFO", lines[0]["level"])
	require.Equal(t, "leadsync: batch done", lines[0]["msg"])
	require.Contains(t, lines[0], "milliseconds")
	require.NotContains(t, lines[0], "code")
	for name, want := range map[string]int{"leads": 3, "calls": calls, "cleared": 2, "failed": 1, "preSync": 0} {
		require.InDelta(t, want, lines[0][name], 0, name)
	}
	require.Positive(t, calls)
}

func TestABatchThatTheConnectionStopsIsLoggedWithItsCode(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	org.Fail(func(*http.Request, int) *sftest.Fault {
		return &sftest.Fault{Status: http.StatusForbidden,
			Body: `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`}
	})
	var log bytes.Buffer
	syncer := scenario.SyncerOf(t, org, &leadsync.Config{Logger: slog.New(slog.NewJSONHandler(&log,
		&slog.HandlerOptions{Level: slog.LevelDebug}))})
	_, err := syncer.Sync(t.Context(), scenario.Ada())
	require.ErrorIs(t, err, leadsync.RateLimit)
	lines := linesOf(t, &log)
	require.Len(t, lines, 2, "%s", &log)
	require.Equal(t, "leadsync: batch started", lines[0]["msg"])
	require.Equal(t, "DEBUG", lines[0]["level"])
	require.Equal(t, "RATE_LIMIT", lines[1]["code"])
	for name, want := range map[string]int{"leads": 1, "calls": 1, "cleared": 0, "failed": 0, "preSync": 0} {
		require.InDelta(t, want, lines[1][name], 0, name)
	}
}
