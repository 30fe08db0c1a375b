// SPDX-License-Identifier: Apache-2.0

package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
	"github.com/leadsync/leadsync/store/storetest"
)

// connectionBreakages are stores that break the contract of store.Connections, by name, with
// the test of the suite that detects each.
func connectionBreakages() map[string]breakage {
	of := func(wrap func(*memory.Store) store.Store) func(store.Store) store.Store {
		return func(s store.Store) store.Store { return wrap(s.(*memory.Store)) }
	}
	return map[string]breakage{
		"swaps any token": {"TokenIsSwappedByOneOfManyCallers",
			of(func(s *memory.Store) store.Store { return swapping{s} })},
		"takes settings over any revision": {"SettingsAreSetOverTheRevisionThatWasRead",
			of(func(s *memory.Store) store.Store { return overwriting{s} })},
		"shares settings": {"ConnectionOfWhichNothingIsKept",
			of(func(s *memory.Store) store.Store { return generic{s} })},
		"notes no mode": {"ModeIsKept", of(func(s *memory.Store) store.Store { return secretive{s} })},
		"lists all at once": {"ConnectionsAreListedInOrder",
			of(func(s *memory.Store) store.Store { return unpaged{s} })},
		"finds all due": {"DueConnectionsLeaveOutThoseThatAreDrained",
			of(func(s *memory.Store) store.Store { return restless{s} })},
		"leaves frozen leads": {"DueConnectionsHaveFrozenLeadsUnderAutomatic",
			of(func(s *memory.Store) store.Store { return freezing{s} })},
		"counts all calls in one hour": {"CallsAreCountedByTheHour",
			of(func(s *memory.Store) store.Store { return hourless{s} })},
	}
}

func TestRunConnectionsFailsForBrokenStores(t *testing.T) {
	t.Parallel()
	for name, broken := range connectionBreakages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBrokenConnections$/^"+broken.test+"$")
			suite.Env = append(os.Environ(), brokenStore+"="+name)
			printed, err := suite.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, "the suite passes")
			require.Contains(t, string(printed), "--- FAIL: TestBrokenConnections/"+broken.test)
		})
	}
}

// TestBrokenConnections is run by TestRunConnectionsFailsForBrokenStores in a separate process.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	broken, ok := connectionBreakages()[os.Getenv(brokenStore)]
	if !ok {
		t.Skip("is run by TestRunConnectionsFailsForBrokenStores")
	}
	storetest.RunConnections(t, func(_ *testing.T, now func() time.Time) store.Store {
		return broken.of(memory.New(now))
	})
}

type swapping struct{ *memory.Store }

func (s swapping) SwapToken(ctx context.Context, name string, _ int64, sealed []byte) error {
	c, err := s.Connection(ctx, name)
	if err != nil {
		return err
	}
	return s.Store.SwapToken(ctx, name, c.Token.Version, sealed)
}

type overwriting struct{ *memory.Store }

func (s overwriting) SetSettings(ctx context.Context, name string, _ int64, settings []byte, by string) error {
	c, err := s.Connection(ctx, name)
	if err != nil {
		return err
	}
	return s.Store.SetSettings(ctx, name, c.Settings.Number, settings, by)
}

type generic struct{ *memory.Store }

func (s generic) Connection(ctx context.Context, name string) (store.Connection, error) {
	c, err := s.Store.Connection(ctx, name)
	c.Settings = store.Revision{Number: 1}
	return c, err
}

type secretive struct{ *memory.Store }

func (s secretive) SetMode(ctx context.Context, name string, mode leadtype.Mode, _ string) error {
	return s.Store.SetMode(ctx, name, mode, "")
}

type unpaged struct{ *memory.Store }

func (s unpaged) ListConnections(ctx context.Context, _ string, limit int) ([]store.Connection, error) {
	return s.Store.ListConnections(ctx, "", limit)
}

type restless struct{ *memory.Store }

func (s restless) DueConnections(ctx context.Context, after string, limit int) ([]string, error) {
	listed, err := s.ListConnections(ctx, after, limit)
	var names []string
	for _, c := range listed {
		names = append(names, c.Name)
	}
	return names, err
}

type freezing struct{ *memory.Store }

func (s freezing) DueConnections(ctx context.Context, after string, limit int) ([]string, error) {
	due, err := s.Store.DueConnections(ctx, after, limit)
	return slices.DeleteFunc(due, func(name string) bool {
		_, waits, failed := s.Due(ctx, name)
		return failed == nil && !waits
	}), err
}

type hourless struct{ *memory.Store }

func (s hourless) Calls(ctx context.Context, name string) ([]store.CallHour, error) {
	hours, err := s.Store.Calls(ctx, name)
	for i := range hours {
		hours[i].Hour = hours[0].Hour
	}
	return hours, err
}
