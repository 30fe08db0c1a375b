package storetest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/store/storetest"
)

// A breakage is a store that breaks the contract, and the test of the suite that
// says so.
type breakage struct {
	test string
	of   func(leadsync.Store) leadsync.Store
}

func breakages() map[string]breakage {
	return map[string]breakage{
		"says that the same data replaced it": {"CaptureOfTheSameDataChangesNothing", func(s leadsync.Store) leadsync.Store { return replaces{s} }},
		"goes on when the caller has stopped": {"StoreChangesNothingWhenTheContextEnded", func(s leadsync.Store) leadsync.Store { return tireless{s} }},
		"leases to everybody":                 {"LeaseIsExclusiveWhileItLasts", func(s leadsync.Store) leadsync.Store { return &generous{Store: s} }},
		"lets anybody settle":                 {"LeaseThatWasTakenOverDoesNothingMore", func(s leadsync.Store) leadsync.Store { return &trusting{Store: s} }},
		"settles whatever the generation":     {"SettleLeavesStaleLeadsAndSettlesTheRest", func(s leadsync.Store) leadsync.Store { return forgiving{s} }},
		"claims the youngest first":           {"ClaimFollowsTheOrderOfCapture", func(s leadsync.Store) leadsync.Store { return upsideDown{s} }},
		"loses intents":                       {"JournalReplacesTheIntentsOfALead", func(s leadsync.Store) leadsync.Store { return careless{s} }},
		"keeps a lease that is given back":    {"LeaseIsGivenBack", func(s leadsync.Store) leadsync.Store { return clinging{s} }},
		"is never due":                        {"DueIsWhenTheNextLeadCanBeClaimed", func(s leadsync.Store) leadsync.Store { return idle{s} }},
		"drops activities":                    {"ActivitiesQueueAClearedLead", func(s leadsync.Store) leadsync.Store { return deaf{s} }},
		"pushes what has changed since":       {"FiltersKnowWhatHasChangedSinceACount", func(s leadsync.Store) leadsync.Store { return hasty{s} }},
		"counts everything":                   {"CountSelectsLikeList", func(s leadsync.Store) leadsync.Store { return blind{s} }},
		"shortens the history":                {"HistoryHasAStepForEachChange", func(s leadsync.Store) leadsync.Store { return brief{s} }},
		"has no history":                      {"CountAgreesWithARecount", func(s leadsync.Store) leadsync.Store { return silent{s} }},
		"prunes all":                          {"PruneLeavesTheLastStepOfEachLead", func(s leadsync.Store) leadsync.Store { return thorough{s} }},
		"forgets nothing":                     {"ForgetRemovesALeadWhole", func(s leadsync.Store) leadsync.Store { return resentful{s} }},
	}
}

// brokenStore names the store that TestBrokenStore checks.
const brokenStore = "LEADSYNC_TEST_BROKEN_STORE"

// The suite can fail: each store that breaks its contract is found by the test that
// is for it.
func TestRunFailsForBrokenStores(t *testing.T) {
	t.Parallel()
	for name, broken := range breakages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBrokenStore$/^"+broken.test+"$")
			suite.Env = append(os.Environ(), brokenStore+"="+name)
			printed, err := suite.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, "the suite passes")
			require.Contains(t, string(printed), "--- FAIL: TestBrokenStore/"+broken.test)
		})
	}
}

// TestBrokenStore is what TestRunFailsForBrokenStores runs in a process of its own.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	name := os.Getenv(brokenStore)
	if name == "" {
		t.Skip("is run by TestRunFailsForBrokenStores")
	}
	broken := breakages()[name]
	storetest.Run(t, func(_ *testing.T, now func() time.Time) leadsync.Store {
		return broken.of(leadsync.NewMemoryStore(now))
	})
}

type replaces struct{ leadsync.Store }

func (s replaces) Capture(ctx context.Context, connection string, leads []leadsync.Captured) (leadsync.CaptureReport, error) {
	report, err := s.Store.Capture(ctx, connection, leads)
	report.Replaced, report.Same = report.Replaced+report.Same, 0
	return report, err
}

type tireless struct{ leadsync.Store }

func (s tireless) Push(ctx context.Context, connection string, filter leadsync.Filter) (int, error) {
	return s.Store.Push(context.WithoutCancel(ctx), connection, filter)
}

type generous struct {
	leadsync.Store
	last atomic.Pointer[leadsync.Lease]
}

func (s *generous) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (leadsync.Lease, error) {
	lease, err := s.Store.Acquire(ctx, connection, owner, ttl)
	if last := s.last.Load(); errors.Is(err, leadsync.ErrLeaseHeld) && last != nil {
		return *last, nil
	}
	s.last.Store(&lease)
	return lease, err
}

type trusting struct {
	leadsync.Store
	last atomic.Pointer[leadsync.Lease]
}

func (s *trusting) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (leadsync.Lease, error) {
	lease, err := s.Store.Acquire(ctx, connection, owner, ttl)
	if err == nil {
		s.last.Store(&lease)
	}
	return lease, err
}

func (s *trusting) Settle(ctx context.Context, lease leadsync.Lease, settlements []leadsync.Settlement) ([]leadsync.LeadID, error) {
	if last := s.last.Load(); last != nil && last.Connection == lease.Connection {
		lease = *last
	}
	return s.Store.Settle(ctx, lease, settlements)
}

type forgiving struct{ leadsync.Store }

func (s forgiving) Settle(ctx context.Context, lease leadsync.Lease, settlements []leadsync.Settlement) ([]leadsync.LeadID, error) {
	settlements = slices.Clone(settlements)
	for i := range settlements {
		entries, err := s.List(ctx, lease.Connection, leadsync.Filter{Leads: []leadsync.LeadID{settlements[i].LeadID}})
		if err == nil && len(entries) > 0 {
			settlements[i].Generation = entries[0].Generation
		}
	}
	return s.Store.Settle(ctx, lease, settlements)
}

type upsideDown struct{ leadsync.Store }

func (s upsideDown) Claim(ctx context.Context, lease leadsync.Lease, limit int) ([]leadsync.Claimed, error) {
	claimed, err := s.Store.Claim(ctx, lease, limit)
	slices.Reverse(claimed)
	return claimed, err
}

type careless struct{ leadsync.Store }

func (careless) Journal(context.Context, leadsync.Lease, map[leadsync.LeadID][]leadsync.Intent) error {
	return nil
}

type clinging struct{ leadsync.Store }

func (clinging) Release(context.Context, leadsync.Lease) error { return nil }

type idle struct{ leadsync.Store }

func (idle) Due(context.Context, string) (time.Duration, bool, error) { return 0, false, nil }

type deaf struct{ leadsync.Store }

func (deaf) AddActivities(context.Context, string, leadsync.LeadID, leadsync.State, []leadsync.Activity) error {
	return nil
}

type hasty struct{ leadsync.Store }

func (s hasty) Push(ctx context.Context, connection string, filter leadsync.Filter) (int, error) {
	filter.Version = 0
	return s.Store.Push(ctx, connection, filter)
}

type blind struct{ leadsync.Store }

func (s blind) Count(ctx context.Context, connection string, filter leadsync.Filter) (leadsync.Counts, error) {
	return s.Store.Count(ctx, connection, leadsync.Filter{})
}

type brief struct{ leadsync.Store }

func (s brief) History(ctx context.Context, connection string, lead leadsync.LeadID) ([]leadsync.Step, error) {
	steps, err := s.Store.History(ctx, connection, lead)
	return steps[min(1, len(steps)):], err
}

type silent struct{ leadsync.Store }

func (silent) History(context.Context, string, leadsync.LeadID) ([]leadsync.Step, error) {
	return nil, nil
}

type thorough struct{ leadsync.Store }

func (s thorough) Prune(ctx context.Context, connection string, before time.Time) (int, error) {
	return s.Store.Prune(ctx, connection, before.AddDate(100, 0, 0))
}

type resentful struct{ leadsync.Store }

func (resentful) Forget(context.Context, string, leadsync.LeadID) error { return nil }
