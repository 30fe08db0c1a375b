// SPDX-License-Identifier: Apache-2.0

// Package storetest is a conformance test suite for implementations of
// leadsync.Store. A store's own test is one call:
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
// now, which the suite advances, and is closed in the test's Cleanup.
type OpenFunc func(t *testing.T, now func() time.Time) store.Store

// Run checks the documented contract of leadsync.Store in parallel subtests, each
// with its own store.
func Run(t *testing.T, open OpenFunc) {
	groups := []map[string]func(*env){captureTests, newsTests, activityTests, leaseTests, claimTests, settleTests,
		filterTests, countTests, reviewTests, forgetTests, recordTests, bindTests, planTests, loadTests, parityTests}
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

// failOnPanic turns a panic, of the store or of a test that reads a missing result,
// into a failure of that test only.
func failOnPanic(t *testing.T) {
	if why := recover(); why != nil {
		t.Errorf("panic: %v\n%s", why, debug.Stack())
	}
}
