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
	"context"
	"errors"
	"runtime/debug"
	"testing"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// An OpenFunc opens an empty store for one test. The store takes the time from
// now, which the suite advances, and is closed in the test's Cleanup.
type OpenFunc func(t *testing.T, now func() time.Time) store.Store

// A Damager is a Store under test that can damage what it keeps of a lead: it writes text
// where it keeps a part, such as store.PartOutcome, or returns ErrUndamaged when that is
// impossible. The tests of damaged leads are skipped for a store that is none. The Store of
// an OpenFunc may embed the one to be tested and add the method.
type Damager interface {
	Damage(ctx context.Context, connection string, lead leadtype.LeadID, part, text string) error
}

// ErrUndamaged says that a Damager has no text of a part.
var ErrUndamaged = errors.New("storetest: the part is not kept as text")

// Run checks the documented contract of leadsync.Store in parallel subtests, each
// with its own store.
func Run(t *testing.T, open OpenFunc) {
	groups := []map[string]func(*env){captureTests, newsTests, consentTests, activityTests, leaseTests, claimTests,
		settleTests, filterTests, textTests, countTests, reviewTests, forgetTests, damageTests, recordTests, bindTests,
		planTests, decideTests, loadTests, parityTests, runStateTests, journalTests}
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
