package leadsync

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
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
		stage     Stage
		stopsWith Code
	}
	never := end{attempts: 1, batches: []int{many}, stage: Failed}
	paused := func(code Code) end { return end{batches: []int{many}, stage: PreSync, stopsWith: code} }
	again := func(attempts int, longest time.Duration, second ...int) end {
		return end{attempts: attempts, batches: append([]int{many}, second...), longest: longest, stage: Failed}
	}
	cases := map[Code]end{
		NoTagMapping: never, DataValueValidation: never, MissingRemoteField: never, RequiredFieldMissing: never,
		ConnectionPermission: never, DuplicateRecord: never, AmbiguousMatch: never, OwnerInvalid: never, CampaignStatus: never,
		Authentication: paused(Authentication), StorageLimit: paused(StorageLimit),
		StaleRemoteRecord: again(2, time.Minute, many),
		RemoteAutomation:  again(2, time.Minute, 25, 25, 10),
		Unknown:           again(3, 5*time.Minute, many),
		RecordLocked:      again(5, 16*time.Minute, many),
		RowContention:     again(8, 5*time.Minute, many),
		BatchCollateral:   again(8, 5*time.Minute, many), // what was not reached; see TestWhatOthersSpoiltGoesAlone
		RateLimit:         again(16, time.Hour, many),
		RemoteUnavailable: again(16, time.Hour, many),
	}
	for _, code := range Codes() {
		want, ok := cases[code]
		if code == UncertainWrite {
			continue // see TestRunVerifiesForAsLongAsItTakes
		}
		require.True(t, ok, code)
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRunFixture(t, runner{})
				var at []time.Time
				f.sync = func(ctx context.Context, items []*item, journal journalFunc) ([]result, error) {
					if items[0].lead.ID == "L000" {
						at = append(at, time.Now())
					}
					if want.stopsWith != "" {
						return nil, &Error{Op: "match", Code: code}
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
					require.GreaterOrEqual(t, at[i].Sub(at[i-1]), retryOf(code).least)
				}
			})
		})
	}
}

func TestRunVerifiesForAsLongAsItTakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{poll: time.Minute})
		f.sync = failWith(UncertainWrite)
		f.capture("L1")
		stop := f.start()
		time.Sleep(7 * day)
		require.NoError(t, stop())
		require.Equal(t, PreSync, f.entry("L1").Stage)
		require.Less(t, f.synced(), 7*24*12, "minutes apart")
	})
}

func TestWhatOthersSpoiltGoesAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, runner{})
		spoilt := func(code Code, err error) *Outcome {
			return &Outcome{Stage: Failed, Err: &Error{Op: "create", Code: code, Err: err}}
		}
		f.sync = script(func(_ context.Context, items []*item, _ journalFunc) ([]result, error) {
			return settleAll(items, func(it *item) *Outcome {
				switch it.lead.ID {
				case "L000", "L002":
					return spoilt(BatchCollateral, sfError("ALL_OR_NONE_OPERATION_ROLLED_BACK"))
				case "L001":
					return spoilt(RemoteAutomation, sfError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"))
				}
				return &Outcome{Stage: PreSync, RetryAt: time.Now().Add(30 * time.Second), Err: &Error{Code: RateLimit}}
			}), nil
		})
		f.drainAfter(leads(5), time.Hour)
		require.Equal(t, [][]LeadID{leads(5), {"L003", "L004"}, {"L000"}, {"L002"}, {"L001"}}, f.batches)
	})
}
