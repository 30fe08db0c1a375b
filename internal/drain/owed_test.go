// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// A refusal is an org that refuses a value of every lead under some schemas.
type refusal struct {
	schema string
	fits   map[string]bool // by schema
}

// sync clears leads; the value is owed where it does not fit.
func (r *refusal) sync(_ context.Context, items []*match.Item, _ write.JournalFunc) error {
	settleAll(items, func(*match.Item) *leadtype.Outcome {
		out := &leadtype.Outcome{Stage: leadtype.Cleared, Action: leadtype.Updated}
		if !r.fits[r.schema] {
			out.Owe(leadtype.OwedValue{Kind: leadtype.Owed, Object: "Lead", Fields: []string{"Tier__c"}, Schema: r.schema})
		}
		return out
	})
	return nil
}

func (r *refusal) look() (string, func([]leadtype.OwedValue) bool) {
	now := r.schema
	return now, func(owed []leadtype.OwedValue) bool { return len(owed) > 0 && owed[0].Schema != now }
}

// newRefusal returns a fixture whose leads, of which there are many pages, are owed a value
// under schema A.
func newRefusal(t *testing.T, leads int) (*runFixture, *refusal) {
	t.Helper()
	r := &refusal{schema: "A", fits: make(map[string]bool)}
	f := newRunFixture(t, Runner{Schema: r.look, BatchSize: 10})
	f.sync = r.sync
	ids := make([]leadtype.LeadID, leads)
	for i := range ids {
		ids[i] = leadtype.LeadID(fmt.Sprint(i))
	}
	f.capture(ids...)
	require.NoError(t, f.drain(t.Context()))
	require.Equal(t, (leads+9)/10, f.synced())
	f.batches = nil
	return f, r
}

// owedLeads returns how many leads a value is owed to.
func (f *runFixture) owedLeads() int {
	f.t.Helper()
	entries, err := f.runner.Store.List(f.t.Context(), "default",
		store.Filter{Warnings: []leadtype.WarningKind{leadtype.Owed}})
	require.NoError(f.t, err)
	return len(entries)
}

// Before, nothing queued them: they were owed until a user pushed them.
func TestLeadsAreQueuedOnceWhenTheSchemaHasChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, r := newRefusal(t, 25)
		r.schema = "B" // in which they do not fit either
		for range 3 {
			require.NoError(t, f.drain(t.Context()))
			require.Equal(t, 3, f.synced(), "once")
			time.Sleep(2 * time.Hour)
		}
		require.Equal(t, 25, f.owedLeads())
		r.schema, r.fits["C"] = "C", true
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, 6, f.synced())
		require.Zero(t, f.owedLeads())
		r.schema = "D"
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, 6, f.synced(), "nothing is owed")
	})
}

// A page is queued at a time, so that what was captured meanwhile comes next.
func TestCapturesDoNotWaitForAllOwedValues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, r := newRefusal(t, 40)
		r.schema, r.fits["B"] = "B", true
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			if len(f.batches) == 1 {
				f.capture("new")
			}
			return r.sync(ctx, items, journal)
		}
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, []leadtype.LeadID{"new"}, f.batches[1])
		require.Len(t, f.batches, 5)
		require.Zero(t, f.owedLeads())
	})
}

// Two processes with different mappings do not try everything again at every turn, but once a
// day, in case it fits by then.
func TestSchemasThatTakeTurnsAreTriedOnceADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, r := newRefusal(t, 5)
		for day := range 3 {
			f.batches = nil
			for i := range 24 * 60 / 20 {
				r.schema = []string{"B", "A"}[i%2]
				require.NoError(t, f.drain(t.Context()))
				time.Sleep(20 * time.Minute)
			}
			require.LessOrEqual(t, f.synced(), 2, "on day %d", day)
			require.Positive(t, f.synced(), "on day %d", day)
		}
	})
}

// What a person froze or dismissed stays so.
func TestOwedValuesOfDismissedLeadsAndUnderManualWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, r := newRefusal(t, 2)
		r.schema, r.fits["B"] = "B", true
		f.setMode(t.Context(), leadtype.Manual)
		require.NoError(t, f.drain(t.Context()))
		require.Zero(t, f.synced())
		f.push(t.Context(), store.Filter{Leads: []leadtype.LeadID{"0"}})
		f.sync = func(_ context.Context, items []*match.Item, _ write.JournalFunc) error {
			settleAll(items, func(*match.Item) *leadtype.Outcome {
				out := &leadtype.Outcome{Stage: leadtype.Cleared, Action: leadtype.Dismissed}
				out.Owe(leadtype.OwedValue{Kind: leadtype.Owed, Schema: "A"})
				return out
			})
			return nil
		}
		require.NoError(t, f.drain(t.Context()))
		f.sync, f.batches = r.sync, nil
		f.setMode(t.Context(), leadtype.Automatic)
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, [][]leadtype.LeadID{{"1"}}, f.batches)
	})
}

// The lease is what lets one of several processes search.
func TestAnotherProcessSearchesForOwedValues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, r := newRefusal(t, 2)
		lease, err := f.runner.Store.Acquire(t.Context(), "default", "another", time.Minute)
		require.NoError(t, err)
		r.schema, r.fits["B"] = "B", true
		require.NoError(t, f.drain(t.Context()))
		require.Zero(t, f.synced())
		require.NoError(t, f.runner.Store.Release(t.Context(), lease))
		require.NoError(t, f.drain(t.Context()))
		require.Equal(t, 1, f.synced())
	})
}
