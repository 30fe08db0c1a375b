// SPDX-License-Identifier: Apache-2.0

package drain

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/match"
	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

const day = 24 * time.Hour

// A meter is what an org has used of its calls, as the last reply said.
type meter salesforce.Usage

func (m *meter) Usage() salesforce.Usage { return salesforce.Usage(*m) }

func TestBudgetIsNotKnownBeforeTheFirstReply(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var h handover
	require.Nil(t, Budget{Share: 0.9}.spent(&handover{Used: 1, Of: 1, At: now}, now), "without a Meter")
	var org meter
	budget := Budget{Meter: &org, Share: 0.9}
	spent := func(after time.Duration) error {
		h.notice(budget.usage(), now)
		if err := budget.spent(&h, now.Add(after)); err != nil {
			return err
		}
		return nil
	}
	require.NoError(t, spent(0))
	org = meter{Used: 80, Limit: 100}
	require.NoError(t, spent(0))
	org.Used = 81 // a tenth is for trials
	require.EqualError(t, spent(0), "leadsync: run: RATE_LIMIT: the API calls allowed by Config.APIBudget are used up")
	require.Error(t, spent(day-1))
	require.NoError(t, spent(day), "they count for a day")
	require.Equal(t, 1, h.Limit)
}

// leads are n ids.
func leads(n int) []leadtype.LeadID {
	ids := make([]leadtype.LeadID, n)
	for i := range ids {
		ids[i] = leadtype.LeadID(fmt.Sprintf("L%03d", i))
	}
	return ids
}

// incidents counts the calls of a Trace's hooks.
type incidents struct{ waits, resumes int }

func (n *incidents) trace() *leadtype.Trace {
	return &leadtype.Trace{Waits: func(context.Context, *leadtype.Error) {
		n.waits++
	}, Resumes: func(context.Context) { n.resumes++ }}
}

// requireOneIncident wants one that is over.
func (f *runFixture) requireOneIncident(seen incidents) {
	f.t.Helper()
	require.Equal(f.t, incidents{1, 1}, seen)
	require.Equal(f.t, 1, bytes.Count(f.log.Bytes(), []byte("level=ERROR")))
	require.Equal(f.t, 1, bytes.Count(f.log.Bytes(), []byte("sync resumed")))
	why, _ := f.runner.State.Waiting()
	require.Nil(f.t, why)
}

// The org's window rolls on, but the client only learns of it by a call.
func TestRunWaitsWhileTheBudgetIsSpentAndTriesNowAndThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen incidents
		org := meter{Used: 799, Limit: 1000}
		f := newRunFixture(t, Runner{BatchSize: 10, Budget: Budget{&org, 0.8}, Trace: seen.trace()})
		start := time.Now()
		var probes []time.Duration
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			switch since := time.Since(start); {
			case since >= day:
				org.Used = 4
			case since > 0:
				probes = append(probes, since)
				require.Len(t, items, 1)
				fallthrough
			default:
				org.Used += 4
			}
			return clearAll(ctx, items, journal)
		}
		f.capture(leads(500)...)
		stop := f.start()
		time.Sleep(day / 2)

		synctest.Wait()
		why, until := f.runner.State.Waiting()
		require.ErrorIs(t, why, leadtype.RateLimit)
		require.ErrorIs(t, why, leadtype.ErrBudget)
		require.Contains(t, why.Fix(), "24 hours")
		require.True(t, until.After(time.Now()))
		require.Greater(t, org.Used, int64(800))
		require.Equal(t, 1, seen.waits)

		time.Sleep(day/2 + 2*time.Hour)
		synctest.Wait()
		require.NoError(t, stop())
		require.LessOrEqual(t, len(probes), 24*4, "at most one in a quarter of an hour")
		require.GreaterOrEqual(t, len(probes), 20, "and about one an hour")
		require.GreaterOrEqual(t, probes[0], 15*time.Minute)
		f.requireOneIncident(seen)
		f.requireCleared(leads(500)...)
	})
}

func TestRunSpendsNothingOnAnEmptyQueueOverBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := meter{Used: 95, Limit: 100}
		f := newRunFixture(t, Runner{Poll: time.Minute, Budget: Budget{&org, 0.9}})
		stop := f.start()
		time.Sleep(day)
		require.NoError(t, stop())
		require.Zero(t, f.synced())
	})
}

func limitError(message string) *leadtype.Error {
	return verdict.Classify("match", "", &salesforce.Error{HTTPStatus: http.StatusForbidden,
		Code: salesforce.RequestLimitExceeded, Message: message})
}

func TestRunWaitsForTheWindowOfTheDailyLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen incidents
		f := newRunFixture(t, Runner{BatchSize: 10, Trace: seen.trace()})
		start, refused := time.Now(), 0
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			if time.Since(start) < day {
				refused++
				return limitError("TotalRequests Limit exceeded.")
			}
			return clearAll(ctx, items, journal)
		}
		f.capture(leads(100)...)
		require.NoError(t, f.drain(t.Context()))
		require.LessOrEqual(t, refused, 24*4)
		require.Less(t, time.Since(start), day+2*time.Hour)
		f.requireOneIncident(seen)
		f.requireCleared(leads(100)...)
		require.Equal(t, 1, f.entry("L000").Attempts)
	})
}

func TestRunWaitsSecondsForAConcurrencyLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{})
		busy := refuse(limitError("ConcurrentPerOrgLongTxn Limit exceeded."))
		f.sync = script(busy, busy, busy)
		f.capture("L1")
		start := time.Now()
		require.NoError(t, f.drain(t.Context()))
		require.Less(t, time.Since(start), 20*time.Second)
		require.Len(t, f.batches, 4)
	})
}

// In maintenance an org answers lookups and refuses every write, with codes that no
// record can be to blame for.
func TestRunBlamesNoLeadWhileTheOrgTakesNoWrites(t *testing.T) {
	t.Parallel()
	for _, status := range []salesforce.StatusCode{
		"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "SERVER_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED",
	} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen incidents
				f := newRunFixture(t, Runner{BatchSize: 10, Trace: seen.trace()})
				start, refused := time.Now(), 0
				f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
					if time.Since(start) >= day {
						return clearAll(ctx, items, journal)
					}
					refused++
					settleAll(items, func(it *match.Item) *leadtype.Outcome {
						refusal := &salesforce.Error{HTTPStatus: 200, Code: status}
						return &leadtype.Outcome{Stage: leadtype.Failed,
							Err: verdict.ForLead(verdict.Classify("create", salesforce.ObjectLead, refusal), it.Lead.ID)}
					})
					return nil
				}
				f.capture(leads(30)...)
				require.NoError(t, f.drain(t.Context()))
				require.Less(t, refused, 24*60, "one try in some minutes")
				f.requireOneIncident(seen)
				f.requireCleared(leads(30)...)
				for _, id := range leads(30) {
					require.Equal(t, 1, f.entry(id).Attempts)
				}
			})
		})
	}
}

// A lookup of a whole batch may be what is too much for the org.
func TestRunGrowsItsBatchesAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newRunFixture(t, Runner{BatchSize: 300})
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			if len(items) > 200 {
				return verdict.Classify("match", "", &salesforce.Error{HTTPStatus: 500, Code: salesforce.QueryTimeout})
			}
			return clearAll(ctx, items, journal)
		}
		f.capture(leads(700)...)
		require.NoError(t, f.drain(t.Context()))
		f.requireCleared(leads(700)...)
		var sizes []int
		for _, batch := range f.batches[:5] {
			sizes = append(sizes, len(batch))
		}
		require.Equal(t, []int{300, 1, 10, 100, 300}, sizes)
	})
}

// A sharedMeter is a meter of 1,000 calls that is changed while a Drainer runs.
type sharedMeter struct{ used atomic.Int64 }

func (m *sharedMeter) Usage() salesforce.Usage {
	return salesforce.Usage{Used: m.used.Load(), Limit: 1000}
}

// A trial asks for the budget before its first write. What it writes after that, such as a
// record without a value that was refused, may spend the rest: it failed the lead before.
func TestATrialAsksForTheBudgetOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var org sharedMeter
		org.used.Store(950)
		f := newRunFixture(t, Runner{Budget: Budget{&org, 0.9}})
		var journalled atomic.Int32
		f.sync = func(ctx context.Context, items []*match.Item, journal write.JournalFunc) error {
			err := journal(ctx, nil)
			if err != nil {
				return err // nothing was written
			}
			journalled.Add(1)
			org.used.Store(999)
			require.NoError(t, journal(ctx, nil), "the record without the value")
			return clearAll(ctx, items, journal)
		}
		f.capture("L1")
		stop := f.start()
		time.Sleep(3 * time.Hour)
		require.Zero(t, journalled.Load(), "the budget is spent")
		org.used.Store(100)
		time.Sleep(25 * time.Hour)
		require.NoError(t, stop())
		require.EqualValues(t, 1, journalled.Load())
		f.requireCleared("L1")
	})
}
