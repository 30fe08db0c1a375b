// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
)

// TestRunTriesEveryCodeAgainAsItsTableSays fails a batch with each code until the
// library gives up, or for a week.
func TestRunTriesEveryCodeAgainAsItsTableSays(t *testing.T) {
	t.Parallel()
	const many = 60 // leads
	type end struct {
		attempts  int
		batches   []int // sizes of the first try and of the second
		longest   time.Duration
		stage     leadtype.Stage
		stopsWith leadtype.Code
	}
	never := end{attempts: 1, batches: []int{many}, stage: leadtype.Failed}
	paused := func(code leadtype.Code) end {
		return end{batches: []int{many}, stage: leadtype.PreSync, stopsWith: code}
	}
	again := func(attempts int, longest time.Duration, second ...int) end {
		return end{attempts: attempts, batches: append([]int{many}, second...), longest: longest, stage: leadtype.Failed}
	}
	cases := map[leadtype.Code]end{
		leadtype.NoTagMapping: never, leadtype.DataValueValidation: never, leadtype.MissingRemoteField: never,
		leadtype.RequiredFieldMissing: never,
		leadtype.ConnectionPermission: never, leadtype.DuplicateRecord: never, leadtype.AmbiguousMatch: never,
		leadtype.OwnerInvalid: never, leadtype.CampaignStatus: never, leadtype.PersonAccount: never,
		leadtype.Authentication: paused(leadtype.Authentication), leadtype.StorageLimit: paused(leadtype.StorageLimit),
		leadtype.StaleRemoteRecord: again(2, time.Minute, many),
		leadtype.RemoteAutomation:  again(2, time.Minute, many),
		leadtype.Unknown:           again(3, 5*time.Minute, many),
		leadtype.RecordLocked:      again(5, 16*time.Minute, many),
		// A part waits while others of its group are locked, but its last attempt is made.
		leadtype.RowContention: again(20, 5*time.Hour, many),
		// What was not reached; see TestLeadsThatOthersMadeFailAreRetriedAlone.
		leadtype.BatchCollateral:   again(8, 5*time.Minute, many),
		leadtype.RateLimit:         again(16, time.Hour, many),
		leadtype.RemoteUnavailable: again(16, time.Hour, many),
	}
	for _, code := range leadtype.Codes() {
		want, ok := cases[code]
		if code == leadtype.UncertainWrite {
			continue // see TestRunVerifiesForLongerThanOutagesLast
		}
		require.True(t, ok, code)
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRunFixture(t, Runner{})
				var at []time.Time
				f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
					if items[0].Lead.ID == "L000" {
						at = append(at, time.Now())
					}
					if want.stopsWith != "" {
						return &leadtype.Error{Op: "match", Code: code}
					}
					return failWith(code)(ctx, items, journal)
				}
				f.capture(leads(many)...)
				err := f.drain(t.Context())
				if want.stopsWith != "" {
					require.ErrorIs(t, err, want.stopsWith)
				} else {
					require.NoError(t, err)
				}
				for _, id := range leads(many) {
					entry := f.entry(id)
					require.Equal(t, want.stage, entry.Stage)
					require.Equal(t, want.attempts, entry.Attempts)
				}
				for i, size := range want.batches {
					require.Len(t, f.batches[i], size)
				}
				for i := 1; i < len(at); i++ {
					require.LessOrEqual(t, at[i].Sub(at[i-1]), want.longest)
					require.GreaterOrEqual(t, at[i].Sub(at[i-1]), verdict.RetryOf(code).Least)
				}
			})
		})
	}
}

// A single lead whose create never gets a response looks like an outage of the writes.
func TestRunVerifiesForLongerThanOutagesLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{Poll: time.Minute})
		f.sync = failWith(leadtype.UncertainWrite)
		f.capture("L1")
		stop := f.start()
		time.Sleep(3 * day)
		require.Equal(t, leadtype.PreSync, f.entry("L1").Stage)
		time.Sleep(day)
		require.NoError(t, stop())
		require.Equal(t, leadtype.Failed, f.entry("L1").Stage)
		require.ErrorIs(t, f.entry("L1").Last.Err, leadtype.UncertainWrite)
		require.Less(t, f.synced(), 3*24*2, "about an hour apart")
	})
}

func TestLeadsThatOthersMadeFailAreRetriedAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		spoilt := func(code leadtype.Code, err error) *leadtype.Outcome {
			return &leadtype.Outcome{Stage: leadtype.Failed, Err: &leadtype.Error{Op: "create", Code: code, Err: err}}
		}
		f.sync = script(func(_ context.Context, items []*match.Item, _ write.JournalFunc) error {
			settleAll(items, func(it *match.Item) *leadtype.Outcome {
				switch it.Lead.ID {
				case "L000", "L002":
					return spoilt(leadtype.BatchCollateral, sfError("ALL_OR_NONE_OPERATION_ROLLED_BACK"))
				case "L001":
					return spoilt(leadtype.RemoteAutomation, sfError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"))
				}
				return &leadtype.Outcome{Stage: leadtype.PreSync, RetryAt: time.Now().Add(30 * time.Second),
					Err: &leadtype.Error{Code: leadtype.RateLimit}}
			})
			return nil
		})
		f.drainAfter(leads(5), time.Hour)
		require.Equal(t, [][]leadtype.LeadID{leads(5), {"L001", "L003", "L004"}, {"L000"}, {"L002"}}, f.batches)
	})
}

// A lead that waits for its turn among locked ones is not failed without having been tried.
func TestTheLastAttemptWithALockedLeadIsMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		last := make(map[leadtype.LeadID]time.Time)
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			for _, it := range items {
				last[it.Lead.ID] = time.Now()
			}
			return failWith(leadtype.RowContention)(ctx, items, journal)
		}
		f.capture(leads(40)...)
		require.NoError(t, f.drain(t.Context()))
		for _, id := range leads(40) {
			entry := f.entry(id)
			require.Equal(t, leadtype.Failed, entry.Stage)
			require.Less(t, entry.Last.At.Sub(last[id]), time.Minute, "tried before it failed")
		}
	})
}
