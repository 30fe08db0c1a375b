// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store/memory"
)

// unavailable fails every item as a server error of a write does.
func unavailable(items []*match.Item) error {
	settleAll(items, func(*match.Item) *leadtype.Outcome {
		return &leadtype.Outcome{Stage: leadtype.Failed, Err: &leadtype.Error{Op: "create", Code: leadtype.RemoteUnavailable,
			Err: &salesforce.Error{HTTPStatus: http.StatusServiceUnavailable}}}
	})
	return nil
}

// poisoned fails the batches with one of the leads.
func poisoned(ids ...leadtype.LeadID) syncFunc {
	return func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
		for _, it := range items {
			for _, id := range ids {
				if it.Lead.ID == id {
					return unavailable(items)
				}
			}
		}
		return clearAll(ctx, items, journal)
	}
}

// What got through counts though others have had the lease meanwhile, such as a Sync.
func TestWhatGotThroughIsNotForgottenWhenTheLeaseComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		f.sync = poisoned("L1")
		d := f.drainer()
		step := func(id leadtype.LeadID) {
			f.capture(id)
			_, err := d.step(t.Context())
			require.NoError(t, err)
			d.release(t.Context())
		}
		step("L0")
		through := d.handover.Wrote
		require.Equal(t, time.Now(), through)
		for range 2 { // others in a row
			require.NoError(t, f.runner.Guest(t.Context(), "sync", func(context.Context) error { return nil }))
		}
		time.Sleep(time.Minute)
		step("L1")
		require.Equal(t, through, d.handover.Wrote)
	})
}

// A lead that trickles in among others is found by what gets through between its attempts.
func TestALeadAtFaultIsFoundByWhatGetsThroughBetweenItsAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{Poll: time.Minute})
		f.sync = poisoned("L1")
		f.capture("L1")
		stop := f.start()
		for n := 0; f.entry("L1").Stage != leadtype.Failed && n < 60; n++ {
			time.Sleep(30 * time.Minute)
			f.capture(leadtype.LeadID(fmt.Sprintf("other %d", n)))
		}
		require.NoError(t, stop())
		require.Equal(t, leadtype.Failed, f.entry("L1").Stage)
		require.ErrorIs(t, f.entry("L1").Last.Err, leadtype.RemoteUnavailable)
		require.Equal(t, onlyThisFails, f.entry("L1").Last.Err.Reason)
	})
}

// A deployment that stops Run in the middle of a request, again and again, says nothing
// about the lead.
func TestAStopPointsToNoLead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := memory.New(nil)
		f := newRunFixture(t, Runner{Store: kept})
		f.sync = func(ctx context.Context, items []*match.Item, _ write.JournalFunc) error {
			<-ctx.Done()
			return unavailable(items)
		}
		f.capture("L1")
		for range 40 {
			stop := f.start()
			time.Sleep(time.Minute)
			require.NoError(t, stop())
			time.Sleep(3 * time.Hour)
		}
		require.Equal(t, leadtype.PreSync, f.entry("L1").Stage)
		require.Nil(t, f.entry("L1").Last.Suspect)
	})
}

// Neither a host that was stopped nor a clock that was set makes three days of attempts.
func TestTimeWithoutAttemptsPointsToNoLead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{Poll: time.Minute})
		f.sync = poisoned("L1")
		f.capture("L1")
		for range 2 {
			stop := f.start()
			time.Sleep(8 * time.Hour)
			require.NoError(t, stop())
			time.Sleep(30 * day)
		}
		require.Equal(t, leadtype.PreSync, f.entry("L1").Stage)
		require.Less(t, f.entry("L1").Last.Suspect.For, 2*day)
	})
}

// The leads that wait for the end of an outage are tried when one of them gets through.
func TestLeadsThatFailedAloneInAnOutageAreTriedWhenItIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{Poll: time.Minute})
		over := time.Now().Add(day)
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			if time.Now().Before(over) {
				return unavailable(items)
			}
			return clearAll(ctx, items, journal)
		}
		f.capture(leads(30)...)
		stop := f.start()
		time.Sleep(day + mostCanary + 10*time.Minute)
		f.requireCleared(leads(30)...)
		require.NoError(t, stop())
		require.Less(t, f.synced(), 300)
	})
}
