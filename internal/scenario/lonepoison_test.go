// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A host syncs leads of which some make every write request fail that they are in, for as
// long as it takes.
type poisonedHost struct {
	leads    int
	poison   func(n int) bool
	every    time.Duration // between two captures, 0: all at once
	keys     bool
	schedule bool // Drain in new processes, for 5 minutes every 10
	fault    sftest.Fault
	// down is when no write request is answered, and look-ups are.
	down  func(since time.Duration) bool
	days  int            // at most
	store leadsync.Store // nil: one in memory
}

// An aftermath is what became of the leads, and when.
type aftermath struct {
	cleared, failed time.Duration // until all others were cleared, and all poison was failed
	calls           int           // in total
	innocent        int           // innocents that failed, at any time
	waiting         int           // leads in Pre-Sync at the end
	bad             int           // leads that are poison
}

// isWrite reports whether a request writes.
func isWrite(body []byte) bool {
	return bytes.Contains(body, []byte(`"method":"POST"`)) || bytes.Contains(body, []byte(`"method":"PATCH"`))
}

func (h poisonedHost) live(t *testing.T) (end aftermath) {
	t.Helper()
	org := sftest.NewOrg(t, sftest.WithAPILimit(1_000_000))
	if h.keys {
		addKeyFields(org)
	}
	start := time.Now()
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		body, err := io.ReadAll(r.Body)
		down := h.down != nil && h.down(time.Since(start))
		if err != nil || !isWrite(body) || !down && !bytes.Contains(body, []byte("poison")) {
			return nil
		}
		return &h.fault
	})
	kept := h.store
	if kept == nil {
		kept = memory.New(nil)
	}
	sink := leadsync.SinkFunc(func(_ context.Context, outcomes []*leadsync.Outcome) error {
		for _, o := range outcomes {
			var n int
			if _, err := fmt.Sscanf(string(o.LeadID), "L%d", &n); err != nil {
				return err
			}
			if o.Stage == leadsync.Failed && !h.poison(n) {
				end.innocent++
			}
		}
		return nil
	})
	syncer := func() *leadsync.Syncer {
		return timelessSyncer(t, org,
			&leadsync.Config{Strategy: leadsync.LeadsOnly, Store: kept, Sink: sink, Poll: time.Minute})
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Duration(h.days)*24*time.Hour)
	ended := make(chan error, 1)
	work := func() error { return syncer().Run(ctx) }
	if h.schedule {
		work = func() error { cron(t)(ctx, syncer); return nil }
	}
	go func() { ended <- work() }()
	captured := 0
	capture := func() {
		lead := expoLead(captured)
		if h.poison(captured) {
			lead.Email = fmt.Sprintf("poison%d@example.com", captured)
			end.bad++
		}
		_, err := syncer().Capture(t.Context(), lead)
		require.NoError(t, err)
		captured++
	}
	for h.every == 0 && captured < h.leads {
		capture()
	}
	host := syncer()
	for ctx.Err() == nil {
		if captured < h.leads {
			time.Sleep(h.every)
			capture()
			continue
		}
		summary, err := host.Summary(t.Context(), leadsync.Filter{})
		require.NoError(t, err)
		end.waiting = summary.Stages[leadsync.PreSync]
		if end.cleared == 0 && summary.Stages[leadsync.Cleared] == captured-end.bad {
			end.cleared = time.Since(start)
		}
		if end.waiting == 0 {
			break
		}
		time.Sleep(10 * time.Minute)
	}
	end.failed = time.Since(start)
	stop()
	require.NoError(t, <-ended)
	end.calls = org.Calls()
	t.Logf("%d others cleared after %v, %d poison failed after %v, %d calls, %d innocents failed, %d wait",
		captured-end.bad, end.cleared, end.bad, end.failed, end.calls, end.innocent, end.waiting)
	entries, err := host.Leads(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	for i, entry := range entries {
		if end.waiting == 0 && end.innocent == 0 {
			require.Equal(t, h.poison(i), entry.Stage == leadsync.Failed, "%v", entry.Last)
		}
	}
	return end
}

// Leads at fault that nothing else is left beside, in time and calls that are bounded.
func TestLeadsThatMakeRequestsFailAreFailedInTheEnd(t *testing.T) {
	t.Parallel()
	n := sized(20, 200)
	for name, poison := range map[string]func(int) bool{
		"one": func(i int) bool { return i == n/3 }, "three": func(i int) bool { return i%(n/3) == 5 },
		"every tenth": func(i int) bool { return i%10 == 7 }, "all": func(int) bool { return true },
	} {
		for kind := range 8 {
			host := poisonedHost{leads: n, poison: poison, keys: kind&1 > 0, schedule: kind&2 > 0,
				fault: poisons["504 page"], days: 10}
			if kind&4 > 0 {
				host.every = time.Minute
			}
			small := kind == 4 && name != "all" || kind == 1 && name == "all" || kind == 6 && name == "three"
			if n < 200 && !small {
				continue // in full size only
			}
			if n == 200 && (kind&1 > 0) == (kind&4 > 0) {
				continue // half of the kinds: each of the choices is met
			}
			t.Run(fmt.Sprintf("%s, keys %v, schedule %v, every %v", name, host.keys, host.schedule, host.every),
				func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						end := host.live(t)
						require.Zero(t, end.waiting)
						require.Zero(t, end.innocent)
						require.Less(t, end.failed, 7*24*time.Hour)
						require.Less(t, end.cleared, 6*time.Hour+time.Duration(n)*host.every)
						// A lead at fault is tried some eight times in smaller and smaller parts and twelve
						// times alone, of two calls each, and more often as jitter has it: up to 61 calls. A
						// new process reads a session.
						sessions := 0
						if host.schedule {
							sessions = int(end.failed / (10 * time.Minute))
						}
						require.Less(t, end.calls, 2*n+150+70*end.bad+sessions)
					})
				})
		}
	}
}

// A gullibleStore keeps suspicions as they should not be.
type gullibleStore struct {
	leadsync.Store
	change func(out *leadsync.Outcome)
}

func (s gullibleStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadsync.LeadID, error) {
	for i := range settlements {
		if out := settlements[i].Outcome; out != nil && out.Suspect != nil {
			s.change(out)
		}
	}
	return s.Store.Settle(ctx, lease, settlements)
}

// The control: what is not remembered of a lead at fault is an outage without an end.
func TestLeadsThatMakeRequestsFailAreTriedForGoodWithoutASuspicion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := poisonedHost{leads: 3, poison: func(int) bool { return true }, fault: poisons["504 page"], days: 5,
			store: gullibleStore{memory.New(nil), func(out *leadsync.Outcome) { out.Suspect = nil }}}
		require.Equal(t, 3, host.live(t).waiting)
	})
}

// Look-ups are answered all along.
func TestNoLeadIsFailedWhileOnlyWritesFailForDays(t *testing.T) {
	t.Parallel()
	for _, days := range []int{1, 2} {
		for kind := range 8 {
			long := time.Duration(days) * 24 * time.Hour
			host := poisonedHost{leads: 24 * 6 * (days + 1), poison: func(int) bool { return false }, every: 10 * time.Minute,
				keys: kind&1 > 0, schedule: kind&2 > 0, fault: poisons["504 page"], days: days + 2,
				down: func(since time.Duration) bool { return since > 3*time.Hour && since < 3*time.Hour+long }}
			if kind&4 > 0 {
				host.every, host.leads = 0, 50
				host.down = func(since time.Duration) bool { return since < long }
			}
			if sized(1, 2) == 1 && (kind != 7 || days == 1) && (kind != 0 || days == 2) {
				continue // in full size only
			}
			t.Run(fmt.Sprintf("%v, keys %v, schedule %v, every %v", long, host.keys, host.schedule, host.every),
				func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						end := host.live(t)
						require.Zero(t, end.waiting)
						require.Zero(t, end.innocent)
						// A lead waits up to an hour for its next attempt, the scheduler ten minutes for its
						// next process, and the host looks every ten minutes.
						require.LessOrEqual(t, end.cleared,
							max(long, time.Duration(host.leads)*host.every)+time.Hour+20*time.Minute)
						require.Less(t, end.calls, 4*host.leads+days*24*60)
					})
				})
		}
	}
}

// The control: attempts alone prove nothing while nothing else gets through.
func TestLeadsAreFailedInAnOutageOfWritesIfEachAttemptPointsToThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := poisonedHost{leads: 3, poison: func(int) bool { return false }, fault: poisons["504 page"], days: 2,
			down:  func(since time.Duration) bool { return since < 24*time.Hour },
			store: gullibleStore{memory.New(nil), func(out *leadsync.Outcome) { out.Suspect.Own = out.Suspect.Tries + 1 }}}
		require.Positive(t, host.live(t).innocent)
	})
}
