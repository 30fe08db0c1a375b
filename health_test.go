// SPDX-License-Identifier: Apache-2.0

package leadsync_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

func health(t *testing.T, s *shelf) leadsync.Health {
	t.Helper()
	h, err := s.Health(t.Context())
	require.NoError(t, err)
	return h
}

func TestHealthOfAnEmptyStoreIsGood(t *testing.T) {
	t.Parallel()
	h := health(t, newShelf(t))
	require.Equal(t, leadsync.Automatic, h.Mode)
	require.Zero(t, h.Lag)
	require.Empty(t, h.Oldest)
	require.Nil(t, h.Paused)
}

func TestHealthMeasuresTheLagOfTheOldestWaitingLead(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	start := s.now
	s.have(t, clearedOutcome("done"), failed("failed", &leadsync.Error{Code: leadsync.OwnerInvalid}))
	require.NoError(t, s.SetMode(t.Context(), leadsync.Manual))
	_, err := s.Capture(t.Context(), person("frozen"))
	require.NoError(t, err)
	require.NoError(t, s.SetMode(t.Context(), leadsync.Disabled))
	s.now = start.Add(time.Minute)
	_, err = s.Capture(t.Context(), person("L1"))
	require.NoError(t, err)
	s.now = start.Add(2 * time.Minute)
	_, err = s.Capture(t.Context(), person("L2"))
	require.NoError(t, err)
	s.now = start.Add(time.Hour)
	limited := func(id leadsync.LeadID) *leadsync.Outcome {
		return &leadsync.Outcome{LeadID: id, Stage: leadsync.PreSync, RetryAt: s.now.Add(time.Minute), At: s.now,
			Err: &leadsync.Error{Code: leadsync.RateLimit}}
	}
	s.settle(t, limited("L1"), limited("L2"))

	h := health(t, s)
	require.Equal(t, leadsync.Health{Mode: leadsync.Disabled, Failed: 1,
		States: map[store.State]int{store.StateFrozen: 1, store.StateQueued: 2},
		Codes:  map[leadsync.Code]int{leadsync.RateLimit: 2},
		Oldest: "L1", Since: start.Add(time.Minute), Lag: 59 * time.Minute}, h,
		"an attempt that failed does not make the lead young")

	s.now = start // the clock was set back
	require.Zero(t, health(t, s).Lag)
}

func TestHealthSaysWhyTheConnectionIsPaused(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	noted := func(id leadsync.LeadID, at time.Duration, code leadsync.Code) *leadsync.Outcome {
		return &leadsync.Outcome{LeadID: id, Stage: leadsync.PreSync, RetryAt: s.now, At: s.now.Add(at),
			Err: &leadsync.Error{Code: code}}
	}
	s.have(t, noted("L1", 0, leadsync.RateLimit), noted("L2", time.Second, leadsync.Authentication),
		noted("L3", time.Minute, leadsync.StorageLimit))
	require.ErrorIs(t, health(t, s).Paused, leadsync.StorageLimit)
	s.settle(t, clearedOutcome("L1"), noted("L2", time.Hour, leadsync.Authentication), clearedOutcome("L3"))
	require.ErrorIs(t, health(t, s).Paused, leadsync.Authentication)
	s.settle(t, clearedOutcome("L2"))
	require.Nil(t, health(t, s).Paused)
}

// A meteredClient knows what the last reply said of the org's calls.
type meteredClient struct {
	leadsync.Client
	usage salesforce.Usage
}

func (c *meteredClient) Usage() salesforce.Usage { return c.usage }

func TestHealthShowsTheCallsOfTheOrg(t *testing.T) {
	t.Parallel()
	client := new(meteredClient)
	syncer, err := leadsync.New(client, nil)
	require.NoError(t, err)
	for _, usage := range []salesforce.Usage{{}, {Used: 90, Limit: 100}} { // before and after the first reply
		client.usage = usage
		h, err := syncer.Health(t.Context())
		require.NoError(t, err)
		require.Equal(t, usage, salesforce.Usage{Used: h.Used, Limit: h.Limit})
	}
}

// A page reads every key of a health without asking whether it is there; times are RFC 3339
// and durations seconds.
func TestJSONOfAHealthHasEveryKey(t *testing.T) {
	t.Parallel()
	const noAdvice = `{"description":"","fix":"","help":""}`
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		health leadsync.Health
		want   string
	}{
		{leadsync.Health{}, `{"mode":"","states":{},"failed":0,"oldest":"","unenriched":"","codes":{},"paused":null,` +
			`"pausedAdvice":` + noAdvice + `,"waitingAdvice":` + noAdvice + `,"waiting":null,` +
			`"incidents":[],"used":0,"limit":0,"since":null,"lag":0,"unenrichedSince":null,"until":null}`},
		{leadsync.Health{Mode: leadsync.Automatic, States: map[store.State]int{store.StateQueued: 1}, Failed: 2,
			Oldest: "L1", Since: at, Lag: 90*time.Second + 250*time.Millisecond, Unenriched: "L2", UnenrichedSince: at,
			Codes: map[leadsync.Code]int{leadsync.RateLimit: 1}, Until: at, Used: 3, Limit: 4},
			`{"mode":"automatic","states":{"queued":1},"failed":2,"oldest":"L1","unenriched":"L2",` +
				`"codes":{"RATE_LIMIT":1},"paused":null,"pausedAdvice":` + noAdvice + `,"waitingAdvice":` + noAdvice + `,` +
				`"waiting":null,"incidents":[],"used":3,"limit":4,` +
				`"since":"2026-03-01T09:00:00Z","lag":90.25,"unenrichedSince":"2026-03-01T09:00:00Z",` +
				`"until":"2026-03-01T09:00:00Z"}`},
	} {
		written, err := json.Marshal(row.health)
		require.NoError(t, err)
		require.JSONEq(t, row.want, string(written))
		var read leadsync.Health
		require.NoError(t, json.Unmarshal(written, &read))
		require.Equal(t, row.health.Lag, read.Lag)
		require.Equal(t, row.health.Until, read.Until)
		again, err := json.Marshal(&read)
		require.NoError(t, err)
		require.JSONEq(t, row.want, string(again))
	}
	var read leadsync.Health
	require.Error(t, json.Unmarshal([]byte(`{"lag":"1s"}`), &read))
}
