// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A page reads every key of an entry without asking whether it is there. What the entry holds
// has the form in which it is stored.
func TestJSONOfAnEntryHasEveryKey(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 9, 0, 0, 500_000_000, time.UTC)
	for _, row := range []struct {
		entry store.Entry
		want  string
	}{
		{store.Entry{}, `{"sequence":0,"lead":null,"stage":"","state":"","attempts":0,"generation":0,"intents":[],` +
			`"last":null,"unreadable":null,"retryAt":null,"since":null}`},
		{store.Entry{Sequence: 7, Lead: &leadtype.Lead{ID: "L1"}, Stage: leadtype.PreSync, State: store.StateQueued,
			Attempts: 2, RetryAt: at, Since: at, Generation: 3,
			Last: &leadtype.Outcome{LeadID: "L1", Stage: leadtype.PreSync, At: at}},
			`{"sequence":7,"lead":{"id":"L1"},"stage":"pre-sync","state":"queued","attempts":2,"generation":3,` +
				`"intents":[],"last":{"leadId":"L1","stage":"pre-sync","trace":{},"at":"2026-03-01T09:00:00.5Z"},` +
				`"unreadable":null,"retryAt":"2026-03-01T09:00:00.5Z","since":"2026-03-01T09:00:00.5Z"}`},
	} {
		written, err := json.Marshal(row.entry)
		require.NoError(t, err)
		require.JSONEq(t, row.want, string(written))
		byPointer, err := json.Marshal(&row.entry)
		require.NoError(t, err)
		require.JSONEq(t, row.want, string(byPointer))
		var read store.Entry
		require.NoError(t, json.Unmarshal(written, &read))
		require.Equal(t, row.entry.RetryAt, read.RetryAt)
		again, err := json.Marshal(read)
		require.NoError(t, err)
		require.JSONEq(t, row.want, string(again))
	}
}
