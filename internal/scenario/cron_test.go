// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A service is a host that syncs an org with few API calls for some days.
type service struct {
	store  leadsync.Store
	days   int
	limit  int  // API calls a day
	others int  // of them, which another tool uses each morning
	down   bool // Salesforce answers nothing on the second day
	one    bool // a process lasts, otherwise each call is made by a new one
}

// A progress is how many leads were cleared by the hour, and the most calls in a day.
type progress struct {
	cleared []int
	leads   int
	calls   *window
}

// live captures a lead every 12 minutes while work syncs.
func (s service) live(t *testing.T, work func(ctx context.Context, syncer func() *leadsync.Syncer)) (p progress) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t, sftest.WithAPILimit(1_000_000))
		p.calls = &window{org: org.Transport(), limit: s.limit, from: time.Now(), used: s.others, refills: s.others}
		start := time.Now()
		if s.down {
			org.Fail(func(*http.Request, int) *sftest.Fault {
				if since := time.Since(start); since < 24*time.Hour || since >= 48*time.Hour {
					return nil
				}
				return &sftest.Fault{Status: http.StatusServiceUnavailable, HTML: true}
			})
		}
		syncer := func() *leadsync.Syncer {
			client, err := salesforce.New("https://acme.my.salesforce.com",
				oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
				&salesforce.Config{HTTPClient: &http.Client{Transport: p.calls}})
			require.NoError(t, err)
			syncer, err := leadsync.New(client, &leadsync.Config{Store: s.store, Poll: time.Minute})
			require.NoError(t, err)
			return syncer
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if s.one {
				lasting := syncer()
				work(ctx, func() *leadsync.Syncer { return lasting })
				return
			}
			work(ctx, syncer)
		}()
		capturer := syncer()
		for hour := range 24 * (s.days + 1) {
			for range 5 {
				if hour < 24*s.days {
					_, err := capturer.Capture(t.Context(), expoLead(p.leads))
					require.NoError(t, err)
					p.leads++
				}
				time.Sleep(12 * time.Minute)
			}
			p.cleared = append(p.cleared, org.Count("Lead"))
		}
		stop()
		<-ended
	})
	return p
}

// cron calls Drain for 5 minutes every 10.
func cron(t *testing.T) func(ctx context.Context, syncer func() *leadsync.Syncer) {
	return func(ctx context.Context, syncer func() *leadsync.Syncer) {
		for ctx.Err() == nil {
			began := time.Now()
			drain, stop := context.WithTimeout(ctx, 5*time.Minute)
			err := syncer().Drain(drain)
			stop()
			if err != nil && ctx.Err() == nil {
				require.ErrorIs(t, err, context.DeadlineExceeded)
			}
			time.Sleep(10*time.Minute - time.Since(began))
		}
	}
}

// What stops a connection does not end with the call that found it out.
func TestASchedulerThatDrainsIsNoSlowerThanRun(t *testing.T) {
	t.Parallel()
	days := sized(2, 10)
	for name, host := range map[string]service{
		"scarce calls":                    {days: days, limit: 100, one: true},
		"scarce calls, new processes":     {days: days, limit: 100},
		"used by others":                  {days: days, limit: 100, others: 92, one: true},
		"used by others, new processes":   {days: days, limit: 100, others: 92},
		"calls for a few":                 {days: days, limit: 8, one: true},
		"an outage, new processes":        {days: days, limit: 1000, down: true},
		"enough of all, in new processes": {days: 1, limit: 100_000},
	} {
		if days == 2 && host.others == 0 {
			continue // in full size only
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host.store = memory.New(nil)
			run := host.live(t, func(ctx context.Context, syncer func() *leadsync.Syncer) {
				require.NoError(t, syncer().Run(ctx))
			})
			host.store = memory.New(nil)
			scheduled := host.live(t, cron(t))
			last := len(run.cleared) - 1
			t.Logf("%d and %d of %d cleared", run.cleared[last], scheduled.cleared[last], run.leads)
			t.Logf("at most %d and %d calls a day, %d and %d refused", run.calls.most, scheduled.calls.most,
				run.calls.refused, scheduled.calls.refused)
			if host.one || host.down {
				// A pause is up to an hour, in which five leads come, and a call begins 10 minutes
				// later at most. The batches after a probe of one lead are of ten.
				for hour := 2; hour <= last; hour++ {
					require.GreaterOrEqual(t, scheduled.cleared[hour], run.cleared[hour-2]-5-10, hour)
				}
				require.Equal(t, run.cleared[last], scheduled.cleared[last])
				return
			}
			// A new process asks for describes.
			require.Greater(t, scheduled.cleared[last], run.cleared[last]/2)
		})
	}
}

// Trials that find the budget spent take one call each, of those that are kept back for
// them; before, they took three and went far over it.
func TestTrialsStayWithinTheBudgetOfAnOrgWithFewCalls(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{20, 60, 200} {
		for name, work := range map[string]func(*testing.T) func(context.Context, func() *leadsync.Syncer){
			"Run": func(t *testing.T) func(context.Context, func() *leadsync.Syncer) {
				return func(ctx context.Context, syncer func() *leadsync.Syncer) {
					require.NoError(t, syncer().Run(ctx))
				}
			}, "scheduler": cron,
		} {
			if limit != 60 && sized(1, 2) == 1 {
				continue // in full size only
			}
			t.Run(fmt.Sprintf("%s, %d calls a day", name, limit), func(t *testing.T) {
				t.Parallel()
				host := service{days: sized(2, 5), limit: limit, store: memory.New(nil), one: name == "Run"}
				end := host.live(t, work(t))
				t.Logf("at most %d calls a day, %d refused, %d of %d leads cleared", end.calls.most, end.calls.refused,
					end.cleared[len(end.cleared)-1], end.leads)
				// The batch that spends the budget began within it. It takes up to four calls in a new
				// process: the session, two for the look-up and the write. What is kept back for trials,
				// which take one call each, covers two of them where it is smallest.
				require.LessOrEqual(t, end.calls.most, limit*9/10+2)
				require.Zero(t, end.calls.refused)
				require.Positive(t, end.cleared[24])
			})
		}
	}
}

// An absentStore hands nothing on.
type absentStore struct{ leadsync.Store }

func (absentStore) SetRunState(context.Context, store.Lease, []byte) error { return nil }

// The control: each call finds out again, at the cost of calls.
func TestASchedulerThatDrainsSpendsMoreWithoutAHandover(t *testing.T) {
	t.Parallel()
	host := service{days: 2, limit: 100, others: 92}
	host.store = memory.New(nil)
	with := host.live(t, cron(t))
	host.store = absentStore{memory.New(nil)}
	without := host.live(t, cron(t))
	t.Log(with.calls.most, with.calls.refused, without.calls.most, without.calls.refused)
	require.Greater(t, without.calls.most+without.calls.refused, with.calls.most+with.calls.refused)
}
