// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// TestEachSafetyMechanismIsNeeded takes one mechanism away at a time: what goes
// well with it must then lose, double or mix. Mechanisms that schedules cannot reach
// are in elsewhere.
func TestEachSafetyMechanismIsNeeded(t *testing.T) {
	t.Parallel()
	lostUntil := modelFault{loss: commitLater, late: 3 * time.Minute}
	for name, test := range map[string]struct {
		audience  audience
		keyFields bool
		steps     []step
		with      func(*world) // for both runs
		without   func(*world)
		harm      string
	}{
		"creates are journalled": {
			steps: []step{
				{what: faulty, fault: lostUntil, fate: fate{call: "write", what: killedAfter}},
				{what: captured, lead: 5}, {what: restarted}},
			without: func(w *world) { w.cfg.Store = forgetfulStore{w.store} },
			harm:    `Lead LastName: the org has ["Person 5" "Person 5"]`,
		},
		"absence proves nothing for a while": {
			steps:   []step{{what: faulty, fault: lostUntil}, {what: captured, lead: 5}},
			without: func(w *world) { w.cfg.VerifyAfter = 1 },
			harm:    `Lead LastName: the org has ["Person 5" "Person 5"]`,
		},
		"creates carry a unique key": {
			keyFields: true,
			steps:     []step{{what: faulty, fault: lostUntil}, {what: captured, lead: 5}},
			with:      func(w *world) { w.cfg.VerifyAfter = 1 },
			without:   func(w *world) { w.cfg.ExternalIDs = map[salesforce.Object]string{} },
			harm:      `Lead LastName: the org has ["Person 5" "Person 5"]`,
		},
		"one process drains at a time": {
			steps: []step{
				{what: fated, fate: fate{call: "journal", what: stopped, pause: 30 * time.Second}},
				{what: captured, lead: 0}, {what: restarted}, {what: captured, lead: 1}},
			without: func(w *world) { w.cfg.Store = &generousStore{Store: w.store} },
			harm:    `Lead LastName: the org has ["Person 1" "Person 1"]`,
		},
		"a settlement counts for its own claim only": {
			steps: []step{
				{what: fated, fate: fate{call: "settle", what: stopped, pause: 90 * time.Second}},
				{what: captured, lead: 5}, {what: restarted},
				{what: fated, fate: fate{call: "write", what: stopped, pause: 5 * time.Minute}},
				{what: captured, lead: 5}, {what: waited, wait: 2 * time.Minute}},
			without: func(w *world) { w.cfg.Store = &credulousStore{Store: w.store} },
			harm:    "L5 is cleared, and a task of it is not in the org",
		},
		"batches of the same people take turns": {
			audience: audience{synced: true},
			steps:    []step{{what: captured, lead: 1}, {what: passed, lead: 9}},
			with:     func(w *world) { w.cfg.Store = &generousStore{Store: w.store} }, // else the lease does it
			without:  func(w *world) { w.hasty = true },
			harm:     "2 records of 1",
		},
		"Sync has the lease of a shared store": {
			audience: audience{synced: true},
			steps:    []step{{what: captured, lead: 1}, {what: passed, lead: 9}},
			with:     func(w *world) { w.hasty = true }, // as if Sync were in another process
			without:  func(w *world) { w.cfg.Store = &generousStore{Store: w.store} },
			harm:     "2 records of 1",
		},
		"two stores give a lead the same key": {
			audience: audience{second: sameLeads}, keyFields: true,
			steps:   []step{{what: captured, lead: 5}, {what: captured, lead: 5, second: true}},
			without: func(w *world) { w.cfg.ExternalIDs = map[salesforce.Object]string{} },
			harm:    "2 records of 5",
		},
		"keys name their system": {
			audience: audience{second: otherPeople}, keyFields: true,
			steps: []step{
				{what: captured, lead: 5}, {what: waited, wait: time.Minute}, {what: captured, lead: 5, second: true}},
			without: func(w *world) { w.cfg.KeyPrefix = "both" },
			harm:    `mixed: a record of ["5" "B5"]`,
		},
		"the store remembers whose a record is": {
			audience: audience{namesakes: true},
			steps: []step{
				{what: captured, lead: 6}, {what: waited, wait: 30 * time.Second},
				{what: faulty, fault: modelFault{loss: lostBefore}, fate: fate{call: "write", what: killedAfter}},
				{what: captured, lead: 7}},
			without: func(w *world) { w.cfg.Store = amnesiacStore{w.store} },
			harm:    `mixed: the task "call of L7, 1" is on a record of "6"`,
		},
		"a create is not sent again blindly": {
			steps:   []step{{what: faulty, fault: modelFault{loss: lostAfter}}, {what: captured, lead: 5}},
			without: func(w *world) { w.client = persistentClient{w.org} },
			harm:    `Lead LastName: the org has ["Person 5" "Person 5"]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := learnSchema(t, leadsync.LeadsAndContacts, test.keyFields)
			with := func(w *world) {
				if test.with != nil {
					test.with(w)
				}
			}
			require.NoError(t, livesWith(t, m, test.audience, test.steps, with))
			err := livesWith(t, m, test.audience, test.steps, func(w *world) {
				with(w)
				test.without(w)
			})
			require.ErrorContains(t, err, test.harm)
		})
	}
}

// elsewhere are the controls of mechanisms that schedules cannot reach, by package.
var elsewhere = map[string]map[string]string{
	"salesforce/login": {
		"processes refresh a shared token one at a time": "TestSharedTokenNeedsItsLock",
		"a refusal says which token it was for":          "TestACrowdRefreshesMoreOftenWithoutRegardToTheToken",
	},
	"salesforce":   {"an org that moved keeps its id": "TestClientWouldFollowToAnotherOrgThatHadItsID"},
	"store/sqlite": {"the file is still there at each commit": "TestCommitsWouldBeLostWithoutTheCheck"},
	"internal/scenario": {
		"a connection is bound to its org":           "TestAnotherOrgWouldGetTheLeadsWithoutABinding",
		"whose a record is, is remembered":           "TestNamesakesNeedTheMemory",
		"the journal tells the creates of namesakes": "TestNamesakesNeedTheFingerprint",
		"older news does not replace newer":          "TestLateScanWouldDiscardEnrichedDataIfItWereTakenWhole",
		"an outcome knows how its record was found":  "TestCorrectionWouldChangeNothingWithoutBonds",
		"before-images outlive later syncs":          "TestRevertWouldNotReachTheFirstSyncWithoutEarlier",
		"a lead at fault is suspected":               "TestLeadsThatMakeRequestsFailAreTriedForGoodWithoutASuspicion",
		"locked leads go in smaller parts":           "TestALockThatLargeBatchesMeetFailsTheLeadsThatAreNotDivided",
		"an update is known before it is sent":       "TestInterruptedCorrectionWouldStayWithoutItsJournal",
		"an outage of the writes blames no lead":     "TestLeadsAreFailedInAnOutageOfWritesIfEachAttemptPointsToThem",
		"what was written is remembered":             "TestACorrectionOfARepNeedsTheMemory",
		"a repeat without a field is journalled":     "TestLostRepeatNeedsTheJournal",
	},
}

func TestSafetyMechanismsElsewhereHaveControls(t *testing.T) {
	t.Parallel()
	for folder, controls := range elsewhere {
		files, err := filepath.Glob(filepath.Join("../..", folder, "*_test.go"))
		require.NoError(t, err)
		var text strings.Builder
		for _, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			text.Write(data)
		}
		for mechanism, control := range controls {
			require.Contains(t, text.String(), "\nfunc "+control+"(", "the control of: %s", mechanism)
		}
	}
}

// A forgetfulStore keeps no journal.
type forgetfulStore struct{ leadsync.Store }

func (forgetfulStore) Journal(context.Context, store.Lease, map[leadsync.LeadID][]leadtype.Intent) error {
	return nil
}

// A generousStore grants a lease that another process holds.
type generousStore struct {
	leadsync.Store
	mu   sync.Mutex
	held store.Lease
}

func (s *generousStore) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lease, err := s.Store.Acquire(ctx, connection, owner, ttl)
	if errors.Is(err, store.ErrLeaseHeld) {
		return s.held, nil
	}
	s.held = lease
	return lease, err
}

func (s *generousStore) Want(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	return s.Acquire(ctx, connection, owner, ttl)
}

// Release leaves the lease to the others.
func (s *generousStore) Release(context.Context, store.Lease) error { return nil }

// A credulousStore takes every settlement for that of the last claim, made under
// the lease of now.
type credulousStore struct {
	leadsync.Store
	mu   sync.Mutex
	held store.Lease
}

func (s *credulousStore) Acquire(ctx context.Context, connection, owner string,
	ttl time.Duration) (store.Lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lease, err := s.Store.Acquire(ctx, connection, owner, ttl)
	if err == nil {
		s.held = lease
	}
	return lease, err
}

func (s *credulousStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadsync.LeadID, error) {
	for i := range settlements {
		entries, err := s.List(ctx, lease.Connection, leadsync.Filter{Leads: []leadsync.LeadID{settlements[i].LeadID}})
		if err != nil {
			return nil, err
		}
		settlements[i].Generation = entries[0].Generation
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Store.Settle(ctx, s.held, settlements)
}

// A persistentClient sends again what got no answer, whatever it is.
type persistentClient struct{ modelClient }

func (c persistentClient) Write(writes []salesforce.Write, call []int, results []salesforce.WriteResult) {
	c.modelClient.Write(writes, call, results)
	var again []int
	for _, i := range call {
		var lost *salesforce.Error
		if errors.As(results[i].Err, &lost) && lost.Uncertain {
			results[i].Err = nil
			again = append(again, i)
		}
	}
	if len(again) > 0 {
		c.modelClient.Write(writes, again, results)
	}
}

// An amnesiacStore remembers no records.
type amnesiacStore struct{ leadsync.Store }

func (amnesiacStore) Records(context.Context, string,
	[]salesforce.ID) (map[salesforce.ID]leadtype.RecordMemory, error) {
	return nil, nil
}

// TestSchedulesNoticeWhatIsMissing is the control of
// TestSchedulesLoseDoubleAndMixNothing: without a mechanism, some of few schedules
// go wrong.
func TestSchedulesNoticeWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		audience  audience
		keyFields bool
		without   func(*world)
	}{
		"the journal":          {without: func(w *world) { w.cfg.Store = forgetfulStore{w.store} }},
		"the wait":             {without: func(w *world) { w.cfg.VerifyAfter = 1 }},
		"the end of the wait":  {without: func(w *world) { w.cfg.VerifyAfter = 5 * time.Minute }},
		"care about repeating": {without: func(w *world) { w.client = persistentClient{w.org} }},
		"the memory of records": {audience: audience{namesakes: true},
			without: func(w *world) { w.cfg.Store = amnesiacStore{w.store} }},
		"turns": {audience: audience{synced: true}, without: func(w *world) {
			w.hasty, w.cfg.Store = true, &generousStore{Store: w.store} // else the lease does it
		}},
		"keys that two stores share": {audience: audience{second: sameLeads}, keyFields: true,
			without: func(w *world) { w.cfg.ExternalIDs = map[salesforce.Object]string{} }},
		"keys that name their system": {audience: audience{second: otherPeople}, keyFields: true,
			without: func(w *world) { w.cfg.KeyPrefix = "both" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := learnSchema(t, leadsync.LeadsAndContacts, test.keyFields)
			draw := rapid.SliceOfN(rapid.Custom(test.audience.step), 1, 25)
			for seed := range 500 {
				if err := livesWith(t, m, test.audience, draw.Example(seed), test.without); err != nil {
					t.Log(seed, err)
					return
				}
			}
			t.Error("no schedule went wrong")
		})
	}
}
