// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/fleet"
	"github.com/leadsync/leadsync/fleet/digest"
	"github.com/leadsync/leadsync/store/memory"
)

func TestDigestCountsWhatBecameOfTheLeads(t *testing.T) {
	t.Parallel()
	h := newHost(t, "acme", "idle")
	begins, begun := time.Date(2026, 3, 1, 9, 20, 0, 0, time.UTC), time.Now() // whatever the time of day
	var ahead atomic.Int64
	now := func() time.Time { return begins.Add(time.Since(begun) + time.Duration(ahead.Load())) }
	h.store = memory.New(now)
	var sent []*digest.Digest
	f := h.process(func(c *fleet.Config) {
		c.Now = now
		c.Digests = &digest.Config{
			Every: func(context.Context, string) digest.Interval { return digest.Hourly },
			Send: func(_ context.Context, d *digest.Digest) error {
				sent = append(sent, d)
				return nil
			}}
	})
	h.connect(f, "acme", "idle")
	_, err := f.Capture(t.Context(), "acme", lead(1), lead(2),
		&leadsync.Lead{ID: "L3", EventID: "expo", LastName: "Canary", Email: "canary(at)example.com", Company: "Canary"})
	require.NoError(t, err)
	_, err = f.Drain(t.Context(), "acme", 1)
	require.NoError(t, err)

	next, err := f.SendDigests(t.Context())
	require.NoError(t, err)
	require.Empty(t, sent)
	for len(sent) == 0 && next.Before(begins.Add(time.Hour)) {
		ahead.Add(int64(next.Sub(now())))
		next, err = f.SendDigests(t.Context())
		require.NoError(t, err)
	}
	require.Len(t, sent, 1)
	d := sent[0]
	require.Equal(t, "acme: 1 lead failed, 2 cleared", d.Subject())
	require.Equal(t, "expo", d.Events[1].Event)
	require.Contains(t, d.Text(), d.Summary.Groups[0].Causes[0].Fix)
	require.NotContains(t, d.Text(), "canary")
}

func TestFleetWithoutDigestsRefusesToSendThem(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	_, err := h.process().SendDigests(t.Context())
	requireRefused(t, err, "Config.Digests")
}
