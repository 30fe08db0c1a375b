// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/revert"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// twoOrgs returns a store that is bound to the first of two orgs, in which it has synced
// L1, and L2 that waits.
func twoOrgs(t *testing.T) (mine, other *sftest.Org, kept leadsync.Store) {
	t.Helper()
	mine, other = sftest.NewOrg(t, sftest.WithNumber(1)), sftest.NewOrg(t, sftest.WithNumber(2))
	kept = memory.New(nil)
	syncer := scenario.SyncerOf(t, mine, &leadsync.Config{Store: kept})
	_, err := syncer.Capture(t.Context(), scenario.Ada())
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	grace := &leadsync.Lead{ID: "L2", LastName: "Hopper", Email: "grace@navy.example", Company: "Navy"}
	_, err = syncer.Capture(t.Context(), grace)
	require.NoError(t, err)
	require.NoError(t, syncer.CaptureActivities(t.Context(), "L1",
		leadsync.Activity{Kind: leadsync.ActivityNote, Notes: "for this org only"}))
	return mine, other, kept
}

// A plainClient does not know its org without a request.
type plainClient struct{ leadsync.Client }

// Whatever asks Salesforce refuses a client of another org before anything of a lead is
// sent, or anything at all where the client knows its org.
func TestAnotherOrgIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *leadsync.Syncer, *leadsync.Plan,
		[]*leadsync.Outcome) error{
		"run": func(ctx context.Context, s *leadsync.Syncer, _ *leadsync.Plan, _ []*leadsync.Outcome) error {
			return s.Run(ctx)
		},
		"drain": func(ctx context.Context, s *leadsync.Syncer, _ *leadsync.Plan, _ []*leadsync.Outcome) error {
			return s.Drain(ctx)
		},
		"sync": func(ctx context.Context, s *leadsync.Syncer, _ *leadsync.Plan, _ []*leadsync.Outcome) error {
			_, err := s.Sync(ctx, scenario.Ada())
			return err
		},
		"plan": func(ctx context.Context, s *leadsync.Syncer, _ *leadsync.Plan, _ []*leadsync.Outcome) error {
			_, err := s.Plan(ctx, scenario.Ada())
			return err
		},
		"apply": func(ctx context.Context, s *leadsync.Syncer, p *leadsync.Plan, _ []*leadsync.Outcome) error {
			_, err := s.Apply(ctx, p)
			return err
		},
		"preflight": func(ctx context.Context, s *leadsync.Syncer, _ *leadsync.Plan, _ []*leadsync.Outcome) error {
			_, err := s.Preflight(ctx)
			return err
		},
		"revert": func(ctx context.Context, s *leadsync.Syncer, _ *leadsync.Plan, o []*leadsync.Outcome) error {
			_, err := s.Revert(ctx, o, revert.Options{})
			return err
		},
	} {
		for _, identifies := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s identifies=%t", name, identifies), func(t *testing.T) {
				t.Parallel()
				mine, other, kept := twoOrgs(t)
				owner := scenario.SyncerOf(t, mine, &leadsync.Config{Store: kept})
				plan, err := owner.Plan(t.Context(), &leadsync.Lead{ID: "L9", LastName: "Nine", Company: "C"})
				require.NoError(t, err)
				outcomes := []*leadsync.Outcome{scenario.StoredIn(t, owner)[0].Last}
				var client leadsync.Client = scenario.ClientOf(t, other)
				if !identifies {
					client = plainClient{client}
				}
				stranger, err := leadsync.New(client, &leadsync.Config{Store: kept})
				require.NoError(t, err)
				before := len(other.Requests())

				err = call(t.Context(), stranger, plan, outcomes)
				require.ErrorIs(t, err, leadsync.Authentication)
				require.ErrorContains(t, err, mine.OrgID())
				require.ErrorContains(t, err, other.OrgID())
				require.Empty(t, other.Rows("Lead"))
				require.Empty(t, other.Rows("Task"))
				if identifies {
					require.Len(t, other.Requests(), before)
				}
				for _, entry := range scenario.StoredIn(t, stranger) {
					require.NotEqual(t, leadsync.Failed, entry.Stage)
				}
				require.NoError(t, owner.Drain(t.Context()))
				require.Len(t, mine.Rows("Lead"), 2)
				require.Len(t, mine.Rows("Task"), 1)
			})
		}
	}
}

// It is one incident, and Health has it.
func TestAnotherOrgPausesTheConnectionOnce(t *testing.T) {
	t.Parallel()
	_, other, kept := twoOrgs(t)
	incidents := 0
	stranger := scenario.SyncerOf(t, other, &leadsync.Config{Store: kept, Trace: &leadsync.Trace{
		Paused: func(context.Context, *leadsync.Error) { incidents++ }}})
	require.ErrorIs(t, stranger.Run(t.Context()), leadsync.Authentication)
	require.Equal(t, 1, incidents)
	health, err := stranger.Health(t.Context())
	require.NoError(t, err)
	require.ErrorIs(t, health.Paused, leadsync.Authentication)
	require.Contains(t, health.Paused.Fix(), "Rebind", "also as it comes from the store")
	require.Zero(t, health.Failed)
}

// The control: with a store that forgets what it is bound to, the leads of one org go to
// another.
func TestAnotherOrgWouldGetTheLeadsWithoutABinding(t *testing.T) {
	t.Parallel()
	_, other, kept := twoOrgs(t)
	stranger := scenario.SyncerOf(t, other, &leadsync.Config{Store: unboundStore{kept}})
	require.NoError(t, stranger.Drain(t.Context()))
	require.NotEmpty(t, other.Rows("Lead"))
}

type unboundStore struct{ leadsync.Store }

func (unboundStore) Bind(_ context.Context, _ string, org salesforce.ID) (salesforce.ID, error) {
	return org, nil
}

// A client whose org changes while a Syncer has it, as when a host connects again with the
// wrong account, is refused with the next batch.
func TestClientThatChangesItsOrgIsRefused(t *testing.T) {
	t.Parallel()
	mine, other, kept := twoOrgs(t)
	client := &switchingClient{scenario.ClientOf(t, mine)}
	syncer, err := leadsync.New(client, &leadsync.Config{Store: kept})
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	_, err = syncer.Capture(t.Context(), &leadsync.Lead{ID: "L3", LastName: "Three", Company: "C"})
	require.NoError(t, err)
	client.Client = scenario.ClientOf(t, other)
	require.ErrorIs(t, syncer.Drain(t.Context()), leadsync.Authentication)
	require.Empty(t, other.Requests())
	require.ErrorIs(t, syncer.Rebind(t.Context()), leadsync.Authentication, "it has worked with the first")
}

type switchingClient struct{ *salesforce.Client }

// Two connections of one store are two orgs.
func TestConnectionsAreBoundOnTheirOwn(t *testing.T) {
	t.Parallel()
	_, other, kept := twoOrgs(t)
	syncer := scenario.SyncerOf(t, other, &leadsync.Config{Store: kept, Connection: "other"})
	_, err := syncer.Capture(t.Context(), scenario.Ada())
	require.NoError(t, err)
	require.NoError(t, syncer.Drain(t.Context()))
	require.Len(t, other.Rows("Lead"), 1)
}

// A refreshed sandbox has another id and none of the records that leads became. After
// Rebind what waits goes there, what is cleared stays, and is new there when it is pushed.
func TestRebindFollowsARefreshedSandbox(t *testing.T) {
	t.Parallel()
	mine, fresh, kept := twoOrgs(t)
	syncer := scenario.SyncerOf(t, fresh, &leadsync.Config{Store: kept})
	require.ErrorIs(t, syncer.Drain(t.Context()), leadsync.Authentication)
	require.NoError(t, syncer.By("ops").Rebind(t.Context()))
	require.NoError(t, syncer.Rebind(t.Context()), "nothing is left to do")
	steps, err := syncer.History(t.Context(), "")
	require.NoError(t, err)
	require.Len(t, steps, 1)
	require.Equal(t, store.Step{At: steps[0].At, Kind: store.StepRebound, By: "ops"}, steps[0])
	entries := scenario.StoredIn(t, syncer)
	require.Empty(t, entries[0].Last.ID)
	require.NotEmpty(t, entries[0].Last.Warnings)

	require.NoError(t, syncer.Drain(t.Context()))
	require.Len(t, fresh.Rows("Lead"), 2)
	require.Len(t, fresh.Rows("Task"), 1)
	for _, entry := range scenario.StoredIn(t, syncer) {
		require.Equal(t, leadsync.Cleared, entry.Stage)
		require.Equal(t, leadsync.Created, entry.Last.Action)
	}
	require.Len(t, mine.Rows("Lead"), 1)
	back := scenario.SyncerOf(t, mine, &leadsync.Config{Store: kept})
	require.NoError(t, back.Drain(t.Context()), "nothing is due")
	_, err = back.Push(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.ErrorIs(t, back.Drain(t.Context()), leadsync.Authentication)
}

func TestRebindNeedsAConnectionThatNobodyDrains(t *testing.T) {
	t.Parallel()
	_, fresh, kept := twoOrgs(t)
	_, err := kept.Acquire(t.Context(), "default", "somebody", time.Minute)
	require.NoError(t, err)
	syncer := scenario.SyncerOf(t, fresh, &leadsync.Config{Store: kept})
	err = syncer.Rebind(t.Context())
	require.ErrorIs(t, err, leadsync.RowContention)
	require.ErrorIs(t, err, store.ErrLeaseHeld)
}

// A process that drained the org before, and has its session still, is refused after
// another one has rebound the connection.
func TestRebindStopsThoseWhoDrainTheOrgBefore(t *testing.T) {
	t.Parallel()
	mine, fresh, kept := twoOrgs(t)
	before := scenario.SyncerOf(t, mine, &leadsync.Config{Store: kept})
	require.NoError(t, before.Drain(t.Context()))
	require.NoError(t, scenario.SyncerOf(t, fresh, &leadsync.Config{Store: kept}).Rebind(t.Context()))
	_, err := before.Push(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	requests := len(mine.Requests())
	require.ErrorIs(t, before.Drain(t.Context()), leadsync.Authentication)
	require.Len(t, mine.Requests(), requests)
	_, err = before.Sync(t.Context(), &leadsync.Lead{ID: "L7", LastName: "Seven", Company: "C"})
	require.ErrorIs(t, err, leadsync.Authentication)
	require.Equal(t, leadtype.Authentication, leadsync.CodeOf(err))
	require.Len(t, mine.Requests(), requests)
}

// Two hosts that share a store and leave Connection at its default have ids of their own
// that are equal. The second one is refused before its leads replace the first one's, or
// wait among them.
func TestAnotherOrgCapturesNothing(t *testing.T) {
	t.Parallel()
	mine, other := sftest.NewOrg(t, sftest.WithNumber(1)), sftest.NewOrg(t, sftest.WithNumber(2))
	kept := memory.New(nil)
	first := scenario.SyncerOf(t, mine, &leadsync.Config{Store: kept})
	second := scenario.SyncerOf(t, other, &leadsync.Config{Store: kept})
	_, err := first.Capture(t.Context(), scenario.Ada())
	require.NoError(t, err)

	foreign := &leadsync.Lead{ID: "L1", LastName: "Hopper", Email: "grace@navy.example", Company: "Navy"}
	_, err = second.Capture(t.Context(), foreign)
	require.ErrorIs(t, err, leadsync.Authentication)
	require.ErrorContains(t, err, "belongs to org "+mine.OrgID())
	_, err = second.CaptureForced(t.Context(), foreign)
	require.ErrorIs(t, err, leadsync.Authentication)
	err = second.CaptureActivities(t.Context(), "L1", leadsync.Activity{Kind: leadsync.ActivityNote, Notes: "theirs"})
	require.ErrorIs(t, err, leadsync.Authentication)
	require.Empty(t, other.Requests())

	require.NoError(t, first.Drain(t.Context()))
	require.Len(t, mine.Rows("Lead"), 1)
	require.Equal(t, "Lovelace", mine.Rows("Lead")[0]["LastName"])
	require.Empty(t, mine.Rows("Task"))
	require.NoError(t, second.Drain(t.Context()), "nothing is due")
}
