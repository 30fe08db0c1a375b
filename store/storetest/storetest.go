// Package storetest checks that a leadsync.Store keeps its contract. A store's
// own test is one call:
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(t, func(t *testing.T, now func() time.Time) leadsync.Store {
//			return openMyStore(t, now)
//		})
//	}
package storetest

import (
	"runtime/debug"
	"testing"
	"time"

	"github.com/leadsync/leadsync/store"
)

// An OpenFunc opens an empty store for one test. The store takes the time from
// now, which the suite turns forward, and is closed with the test's Cleanup.
type OpenFunc func(t *testing.T, now func() time.Time) store.Store

// Run checks every sentence of the contract of leadsync.Store, each in a
// parallel subtest with a store of its own.
func Run(t *testing.T, open OpenFunc) {
	groups := []map[string]func(*env){captureTests, activityTests, leaseTests, claimTests, settleTests, filterTests, countTests, reviewTests, loadTests, parityTests}
	for _, group := range groups {
		for name, check := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				defer failOnPanic(t)
				clock := &clock{at: start}
				check(&env{t: t, store: open(t, clock.now), clock: clock})
			})
		}
	}
}

// failOnPanic turns a panic, the store's or that of a test which gets less back than
// it put in, into a failure of its test alone.
func failOnPanic(t *testing.T) {
	if why := recover(); why != nil {
		t.Errorf("panic: %v\n%s", why, debug.Stack())
	}
}
