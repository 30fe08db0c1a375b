// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
)

// A forgetfulClient carries writes out and loses their answers.
type forgetfulClient struct {
	leadsync.Client
	forgets atomic.Bool
	err     error
}

func (c *forgetfulClient) Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	results, err := c.Client.Write(ctx, writes...)
	if c.forgets.Load() {
		for i := range results {
			results[i] = salesforce.WriteResult{Err: c.err}
		}
	}
	return results, err
}

func TestRevertRestoresAnUpdateWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	contact := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	client := &forgetfulClient{Client: scenario.ClientOf(t, org), err: &salesforce.Error{Uncertain: true}}
	syncer, err := leadsync.New(client, cfg)
	require.NoError(t, err)
	fresh := scenario.Ada()
	fresh.ID, fresh.Email = "L2", "new@analytical.example"
	client.forgets.Store(true)
	outcomes, err := syncer.Sync(t.Context(), scenario.Ada(), fresh)
	require.ErrorIs(t, err, leadsync.UncertainWrite)
	require.Equal(t, "Ada", org.Row("Contact", contact)["FirstName"])
	client.forgets.Store(false)

	report := revertAll(t, syncer, outcomes, revert.Options{Delete: true})

	require.Nil(t, org.Row("Contact", contact)["FirstName"])
	require.Len(t, report.Left, 1, "the create has no known record")
	require.ErrorIs(t, report.Left[0].Err, leadsync.UncertainWrite)
	require.Equal(t, []leadsync.LeadID{"L2"}, report.Left[0].Leads)
}

func TestRevertReturnsWhatStoppedTheConnection(t *testing.T) {
	t.Parallel()
	org, _, cfg := revertFixture(t)
	scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
	client := &forgetfulClient{Client: scenario.ClientOf(t, org), err: &salesforce.Error{Code: "INVALID_SESSION_ID"}}
	syncer, err := leadsync.New(client, cfg)
	require.NoError(t, err)
	outcomes := syncAll(t, syncer, scenario.Ada())

	client.forgets.Store(true)
	report, err := syncer.Revert(t.Context(), outcomes, revert.Options{})
	require.ErrorIs(t, err, leadsync.Authentication)
	require.Len(t, report.Left, 1)

	org.DisableAPI()
	report, err = syncer.Revert(t.Context(), outcomes, revert.Options{})
	require.ErrorIs(t, err, leadsync.ConnectionPermission)
	require.Nil(t, report)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = syncer.Revert(ctx, outcomes, revert.Options{})
	require.True(t, errors.Is(err, context.Canceled))
}

// TestRevertSaysWhyNothingWasReverted: an outage, a limit or a refusal of the call leaves
// everything, and the error says so.
func TestRevertSaysWhyNothingWasReverted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		code   string
		want   leadsync.Code
	}{
		{403, "REQUEST_LIMIT_EXCEEDED", leadsync.RateLimit}, {429, "TOO_MANY", leadsync.RateLimit},
		{503, "SERVER_UNAVAILABLE", leadsync.UncertainWrite}, {403, "NOVELTY", leadsync.Unknown},
		{403, "INSUFFICIENT_ACCESS", leadsync.ConnectionPermission}, {400, "NOVELTY", ""},
	} {
		t.Run(fmt.Sprint(c.status, c.code), func(t *testing.T) {
			t.Parallel()
			org, _, cfg := revertFixture(t)
			contact := scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
			syncer := scenario.SyncerOf(t, org, cfg)
			outcomes := syncAll(t, syncer, scenario.Ada())
			var refuses atomic.Bool
			refuses.Store(true)
			refuseCalls(org, &refuses, true, c.status, c.code)
			report, err := syncer.Revert(t.Context(), outcomes, revert.Options{})
			require.Equal(t, c.want, leadtype.CodeOf(err))
			require.Len(t, report.Left, 1)

			refuses.Store(false)
			revertAll(t, syncer, outcomes, revert.Options{})
			require.Nil(t, org.Row("Contact", contact)["FirstName"])
		})
	}
}

func TestRevertListsAsUncertainWhatAClientDidNotAnswer(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func() ([]salesforce.WriteResult, error){
		"too few": func() ([]salesforce.WriteResult, error) { return nil, nil },
		"none":    func() ([]salesforce.WriteResult, error) { return nil, leadsync.UncertainWrite },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org, _, cfg := revertFixture(t)
			scenario.InsertContact(org, "Lovelace", "ada@analytical.example")
			outcomes := syncAll(t, scenario.SyncerOf(t, org, cfg), scenario.Ada())
			syncer, err := leadsync.New(answeringClient{scenario.ClientOf(t, org), answer}, cfg)
			require.NoError(t, err)

			report, err := syncer.Revert(t.Context(), outcomes, revert.Options{})

			require.ErrorIs(t, err, leadsync.UncertainWrite)
			require.Empty(t, report.Restored)
			require.Len(t, report.Left, 1)
			require.ErrorIs(t, report.Left[0].Err, leadsync.UncertainWrite)
		})
	}
}

// An answeringClient sends no writes, and returns what the test wants.
type answeringClient struct {
	leadsync.Client
	answer func() ([]salesforce.WriteResult, error)
}

func (c answeringClient) Write(context.Context, ...salesforce.Write) ([]salesforce.WriteResult, error) {
	return c.answer()
}
