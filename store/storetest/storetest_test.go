// SPDX-License-Identifier: Apache-2.0

package storetest_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
	"github.com/leadsync/leadsync/store/storetest"
)

// A breakage is a store that breaks the contract, and the test of the suite that
// detects it.
type breakage struct {
	test string
	of   func(store.Store) store.Store
}

func breakages() map[string]breakage {
	all := map[string]breakage{
		"reports the same data as replaced": {"CaptureOfTheSameDataChangesNothing", func(s store.Store) store.Store {
			return replaces{s}
		}},
		"ignores a cancelled context": {"StoreChangesNothingWhenTheContextEnded", func(s store.Store) store.Store {
			return tireless{s}
		}},
		"grants every lease": {"LeaseIsExclusiveWhileItLasts", func(s store.Store) store.Store {
			return &generous{Store: s}
		}},
		"accepts settlements under any lease": {"LeaseThatWasTakenOverDoesNothingMore", func(s store.Store) store.Store {
			return &trusting{Store: s}
		}},
		"ignores the generation": {"SettleLeavesStaleLeadsAndSettlesTheRest", func(s store.Store) store.Store {
			return forgiving{s}
		}},
		"claims the youngest first": {"ClaimFollowsTheOrderOfCapture", func(s store.Store) store.Store {
			return upsideDown{s}
		}},
		"loses intents": {"JournalReplacesTheIntentsOfALead", func(s store.Store) store.Store {
			return careless{s}
		}},
		"keeps a released lease": {"LeaseIsGivenBack", func(s store.Store) store.Store { return clinging{s} }},
		"is never due": {"DueIsWhenTheNextLeadCanBeClaimed", func(s store.Store) store.Store {
			return idle{s}
		}},
		"drops activities": {"ActivitiesQueueAClearedLead", func(s store.Store) store.Store { return deaf{s} }},
		"pushes what has changed since": {"FiltersKnowWhatHasChangedSinceACount", func(s store.Store) store.Store {
			return hasty{s}
		}},
		"counts everything":    {"CountSelectsLikeList", func(s store.Store) store.Store { return blind{s} }},
		"shortens the history": {"HistoryHasAStepForEachChange", func(s store.Store) store.Store { return brief{s} }},
		"has no history":       {"CountAgreesWithARecount", func(s store.Store) store.Store { return silent{s} }},
		"heeds no asks": {"PushKeepsWhatIsAskedFor", func(s store.Store) store.Store {
			return deafened{s}
		}},
		"prunes all": {"PruneLeavesTheLastStepOfEachLead", func(s store.Store) store.Store { return thorough{s} }},
		"suppresses nothing": {"SuppressRefusesTheIDAndTheAddress", func(s store.Store) store.Store {
			return forthcoming{s}
		}},
		"keeps what others wrote": {"ForgetRemovesValuesOfSharedRecords", func(s store.Store) store.Store {
			return &hoarder{Store: s, settled: make(map[leadtype.LeadID]*leadtype.Outcome)}
		}},
		"keeps images for ever": {"ExpireRemovesImagesAndCandidates", func(s store.Store) store.Store { return eternal{s} }},
		"stops at what it cannot read": {"DamagedLeadStopsNoOther", func(s store.Store) store.Store {
			return &brittle{Store: s}
		}},
		"takes any number of activities": {"ActivitiesOfALeadAreBounded", func(s store.Store) store.Store { return deaf{s} }},
		"binds to any org":               {"BindKeepsTheFirstOrg", func(s store.Store) store.Store { return unfaithful{s} }},
		"rebinds to any org in name only": {"RebindDropsWhatIsKnownOfTheRecords", func(s store.Store) store.Store {
			return nostalgic{s}
		}},
		"hastens every wait": {"HastenLeavesOtherWaitsAlone", func(s store.Store) store.Store { return pressing{s} }},
		"keeps nothing between runs": {"RunStateIsKeptUnderTheLease", func(s store.Store) store.Store {
			return fleeting{s}
		}},
		"takes any plan": {"PlanIsTakenOnce", func(s store.Store) store.Store { return eager{s} }},
		"keeps a plan that is returned": {"PlanThatIsReturnedCanBeTaken", func(s store.Store) store.Store {
			return possessive{s}
		}},
		"remembers no record": {"RecordsAreRememberedWithASettlement", func(s store.Store) store.Store {
			return oblivious{s}
		}},
		"forgets what was written":       {"RecordsKeepTheirCreator", func(s store.Store) store.Store { return rash{s} }},
		"gives records to the last lead": {"RecordsKeepTheirCreator", func(s store.Store) store.Store { return fickle{s} }},
		"drops who pushed":               {"StepsSayWhoDecided", func(s store.Store) store.Store { return anonymous{s} }},
		"drops who chose":                {"StepsSayWhoDecided", func(s store.Store) store.Store { return discreet{s} }},
		"drops who forgot": {"ConnectionHasAHistoryOfItsOwn", func(s store.Store) store.Store {
			return shy{s}
		}},
		"drops who rebound":      {"RebindHasAStepOfWhoDecided", func(s store.Store) store.Store { return coy{s} }},
		"drops who unsuppressed": {"UnsuppressHasAStep", func(s store.Store) store.Store { return shy{s} }},
		"notes nothing": {"NoteAddsAStepAndChangesNothing", func(s store.Store) store.Store {
			return mute{s}
		}},
		"shares the history of connections": {"ConnectionHasAHistoryOfItsOwn", func(s store.Store) store.Store {
			return gossiping{s}
		}},
		"keeps the lease for nobody": {"LeaseIsKeptForWhoWaits", func(s store.Store) store.Store { return rude{s} }},
		"forgets nothing": {"ForgetRemovesALeadWhole", func(s store.Store) store.Store {
			return resentful{s}
		}},
	}
	for _, test := range []string{"ForgetRemovesValuesFromJournals", "ExpireRemovesValuesFromJournals"} {
		all["journals for ever: "+test] = breakage{test, func(s store.Store) store.Store {
			return &chronicler{Store: s, journal: make(map[leadtype.LeadID][]leadtype.Intent)}
		}}
	}
	maps.Copy(all, newsBreakages())
	maps.Copy(all, filterBreakages())
	return all
}

// brokenStore names the store that TestBrokenStore checks.
const brokenStore = "LEADSYNC_TEST_BROKEN_STORE"

// Each store that breaks the contract fails the corresponding test of the suite.
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

// TestBrokenStore is run by TestRunFailsForBrokenStores in a separate process.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	name := os.Getenv(brokenStore)
	if name == "" {
		t.Skip("is run by TestRunFailsForBrokenStores")
	}
	broken := breakages()[name]
	storetest.Run(t, func(_ *testing.T, now func() time.Time) store.Store {
		return broken.of(memory.New(now))
	})
}

type replaces struct{ store.Store }

func (s replaces) Capture(ctx context.Context, connection string, leads []store.Captured) (store.CaptureReport, error) {
	report, err := s.Store.Capture(ctx, connection, leads)
	report.Replaced, report.Same = report.Replaced+report.Same, 0
	return report, err
}

type tireless struct{ store.Store }

func (s tireless) Push(ctx context.Context, connection string,
	filter store.Filter, by string, asks ...leadtype.Ask) (int, error) {
	return s.Store.Push(context.WithoutCancel(ctx), connection, filter, by, asks...)
}

type generous struct {
	store.Store
	last atomic.Pointer[store.Lease]
}

func (s *generous) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	lease, err := s.Store.Acquire(ctx, connection, owner, ttl)
	if last := s.last.Load(); errors.Is(err, store.ErrLeaseHeld) && last != nil {
		return *last, nil
	}
	s.last.Store(&lease)
	return lease, err
}

type trusting struct {
	store.Store
	last atomic.Pointer[store.Lease]
}

func (s *trusting) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	lease, err := s.Store.Acquire(ctx, connection, owner, ttl)
	if err == nil {
		s.last.Store(&lease)
	}
	return lease, err
}

func (s *trusting) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	if last := s.last.Load(); last != nil && last.Connection == lease.Connection {
		lease = *last
	}
	return s.Store.Settle(ctx, lease, settlements)
}

type forgiving struct{ store.Store }

func (s forgiving) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	settlements = slices.Clone(settlements)
	for i := range settlements {
		entries, err := s.List(ctx, lease.Connection, store.Filter{Leads: []leadtype.LeadID{settlements[i].LeadID}})
		if err == nil && len(entries) > 0 {
			settlements[i].Generation = entries[0].Generation
		}
	}
	return s.Store.Settle(ctx, lease, settlements)
}

type upsideDown struct{ store.Store }

func (s upsideDown) Claim(ctx context.Context, lease store.Lease, limit int) ([]store.Claimed, error) {
	claimed, err := s.Store.Claim(ctx, lease, limit)
	slices.Reverse(claimed)
	return claimed, err
}

type careless struct{ store.Store }

func (careless) Journal(context.Context, store.Lease, map[leadtype.LeadID][]leadtype.Intent) error {
	return nil
}

type clinging struct{ store.Store }

func (clinging) Release(context.Context, store.Lease) error { return nil }

type idle struct{ store.Store }

func (idle) Due(context.Context, string) (time.Duration, bool, error) { return 0, false, nil }

type deaf struct{ store.Store }

func (deaf) AddActivities(context.Context, string, leadtype.LeadID, store.State, []leadtype.Activity) error {
	return nil
}

type hasty struct{ store.Store }

func (s hasty) Push(ctx context.Context, connection string,
	filter store.Filter, by string, asks ...leadtype.Ask) (int, error) {
	filter.Version = 0
	return s.Store.Push(ctx, connection, filter, by, asks...)
}

// A deafened store pushes leads and forgets what for.
type deafened struct{ store.Store }

func (s deafened) Push(ctx context.Context, connection string, filter store.Filter,
	by string, _ ...leadtype.Ask) (int, error) {
	return s.Store.Push(ctx, connection, filter, by)
}

type blind struct{ store.Store }

func (s blind) Count(ctx context.Context, connection string, filter store.Filter) (store.Counts, error) {
	return s.Store.Count(ctx, connection, store.Filter{})
}

type brief struct{ store.Store }

func (s brief) History(ctx context.Context, connection string, lead leadtype.LeadID) ([]store.Step, error) {
	steps, err := s.Store.History(ctx, connection, lead)
	return steps[min(1, len(steps)):], err
}

type silent struct{ store.Store }

func (silent) History(context.Context, string, leadtype.LeadID) ([]store.Step, error) {
	return nil, nil
}

type thorough struct{ store.Store }

func (s thorough) Prune(ctx context.Context, connection string, before time.Time) (int, error) {
	return s.Store.Prune(ctx, connection, before.AddDate(100, 0, 0))
}

type resentful struct{ store.Store }

func (resentful) Forget(context.Context, string, leadtype.LeadID, string, ...store.ForgetOption) error {
	return nil
}

type forthcoming struct{ store.Store }

func (s forthcoming) Forget(ctx context.Context, connection string, lead leadtype.LeadID,
	by string, _ ...store.ForgetOption) error {
	return s.Store.Forget(ctx, connection, lead, by)
}

type eternal struct{ store.Store }

func (eternal) Expire(context.Context, string, time.Time, int) (int, error) { return 0, nil }

// A hoarder returns the outcomes of leads as they were settled.
type hoarder struct {
	store.Store
	settled map[leadtype.LeadID]*leadtype.Outcome
}

func (s *hoarder) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	for _, settled := range settlements {
		s.settled[settled.LeadID] = settled.Outcome
	}
	return s.Store.Settle(ctx, lease, settlements)
}

func (s *hoarder) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	entries, err := s.Store.List(ctx, connection, filter)
	for i := range entries {
		entries[i].Last = s.settled[entries[i].Lead.ID]
	}
	return entries, err
}

type unfaithful struct{ store.Store }

func (s unfaithful) Bind(ctx context.Context, connection string, org salesforce.ID) (salesforce.ID, error) {
	bound, err := s.Store.Bind(ctx, connection, org)
	if org != "" {
		bound = org
	}
	return bound, err
}

type pressing struct{ store.Store }

func (s pressing) Hasten(ctx context.Context, connection string) (int, error) {
	return s.Push(ctx, connection, store.Filter{States: []store.State{store.StateQueued}}, "")
}

type fleeting struct{ store.Store }

func (fleeting) SetRunState(context.Context, store.Lease, []byte) error { return nil }

type eager struct{ store.Store }

func (eager) TakePlan(context.Context, string, string) (bool, error) { return true, nil }

type possessive struct{ store.Store }

func (possessive) ReturnPlan(context.Context, string, string) error { return nil }

type nostalgic struct{ store.Store }

func (nostalgic) Rebind(context.Context, store.Lease, salesforce.ID, string) error { return nil }

type oblivious struct{ store.Store }

func (s oblivious) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	settlements = slices.Clone(settlements)
	for i := range settlements {
		settlements[i].Records = nil
	}
	return s.Store.Settle(ctx, lease, settlements)
}

type fickle struct{ store.Store }

func (s fickle) Records(ctx context.Context, connection string,
	ids []salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	found, err := s.Store.Records(ctx, connection, ids)
	for id, record := range found {
		record.Lead = "L2"
		found[id] = record
	}
	return found, err
}

// A rash store remembers records, but not what was written to them.
type rash struct{ store.Store }

func (s rash) Remember(ctx context.Context, connection string, records []leadtype.RecordMemory) error {
	for i, record := range records {
		records[i].Written = ""
		if err := s.Store.Remember(ctx, connection, []leadtype.RecordMemory{records[i]}); err != nil {
			return err
		}
		records[i] = record
	}
	return nil
}

type rude struct{ store.Store }

func (s rude) Want(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	return s.Acquire(ctx, connection, owner, ttl)
}

// A brittle store can be damaged, and lists nothing then.
type brittle struct {
	store.Store
	damaged bool
}

func (s *brittle) Damage(context.Context, string, leadtype.LeadID, string, string) error {
	s.damaged = true
	return nil
}

func (s *brittle) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	if s.damaged {
		return nil, errors.New("cannot decode a lead")
	}
	return s.Store.List(ctx, connection, filter)
}

// A chronicler returns the intents of leads as they were journalled.
type chronicler struct {
	store.Store
	journal map[leadtype.LeadID][]leadtype.Intent
}

func (s *chronicler) Journal(ctx context.Context, lease store.Lease,
	intents map[leadtype.LeadID][]leadtype.Intent) error {
	maps.Copy(s.journal, intents)
	return s.Store.Journal(ctx, lease, intents)
}

func (s *chronicler) List(ctx context.Context, connection string, filter store.Filter) ([]store.Entry, error) {
	entries, err := s.Store.List(ctx, connection, filter)
	for i := range entries {
		entries[i].Intents = s.journal[entries[i].Lead.ID]
	}
	return entries, err
}
