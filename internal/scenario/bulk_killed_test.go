// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

var errEnded = errors.New("the process has ended")

// An endedStore does nothing for a process that has ended.
type endedStore struct {
	leadsync.Store
	ended *atomic.Bool
}

func (s endedStore) err() error {
	if s.ended.Load() {
		return errEnded
	}
	return nil
}

func (s endedStore) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadsync.LeadID, error) {
	if err := s.err(); err != nil {
		return nil, err
	}
	return s.Store.Settle(ctx, lease, settlements)
}

func (s endedStore) Journal(ctx context.Context, lease store.Lease,
	intents map[leadsync.LeadID][]leadtype.Intent) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Store.Journal(ctx, lease, intents)
}

func (s endedStore) Acquire(ctx context.Context, connection, owner string, ttl time.Duration) (store.Lease, error) {
	if err := s.err(); err != nil {
		return store.Lease{}, err
	}
	return s.Store.Acquire(ctx, connection, owner, ttl)
}

func (s endedStore) Release(ctx context.Context, lease store.Lease) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Store.Release(ctx, lease)
}

func (s endedStore) SetRunState(ctx context.Context, lease store.Lease, state []byte) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Store.SetRunState(ctx, lease, state)
}

// processOf returns a process that drains a store through jobs. It ends at its request of that
// number, before or after the org has carried it out; with 0 it does not end.
func processOf(t *testing.T, org *sftest.Org, cfg leadsync.Config, request int, after bool) *leadsync.Syncer {
	t.Helper()
	ended, sent := new(atomic.Bool), new(atomic.Int64)
	cfg.Store, cfg.Gather, cfg.BulkAbove, cfg.BatchSize = endedStore{cfg.Store, ended}, leadsync.NoGather, 20, 10
	transport := endingTransport{org.Transport(), func(r *http.Request) (before, lost bool) {
		if ended.Load() {
			return true, false
		}
		if request == 0 || sent.Add(1) < int64(request) {
			return false, false
		}
		ended.Store(true)
		return !after, true
	}}
	syncer, err := leadsync.New(connected(t, org, transport), &cfg)
	require.NoError(t, err)
	return syncer
}

func connected(t *testing.T, org *sftest.Org, transport http.RoundTripper) *salesforce.Client {
	t.Helper()
	client, err := salesforce.New("https://acme.my.salesforce.com",
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	return client
}

// An endingTransport loses requests, before or after they were carried out.
type endingTransport struct {
	http.RoundTripper
	loses func(*http.Request) (before, lost bool)
}

func (e endingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	before, lost := e.loses(r)
	if before {
		return nil, errEnded
	}
	resp, err := e.RoundTripper.RoundTrip(r)
	if lost {
		if err == nil {
			_ = resp.Body.Close()
		}
		return nil, errEnded
	}
	return resp, err
}

func TestKilledInTheMiddleOfAJobNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	const n = 60
	step := 5
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		step = 1
	}
	for request := 2; ; request += step { // the first one reads the session
		var requests int
		for _, after := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				org, leads, cfg := keyedMix(t, n)
				cfg.Store = memory.New(nil)
				died := processOf(t, org, *cfg, request, after)
				_, err := died.Capture(t.Context(), leads...)
				require.NoError(t, err)
				drainFor(t, died, time.Minute)
				requests = len(org.Requests())

				next := processOf(t, org, *cfg, 0, false)
				drainFor(t, next, 2*time.Hour)

				at := fmt.Sprintf("request %d, after it: %t", request, after)
				for _, entry := range scenario.StoredIn(t, next) {
					require.Equal(t, leadsync.Cleared, entry.Stage, "%s: %v", at, entry.Last.Err)
				}
				require.Equal(t, n, org.Count("Task"), at)
				require.Equal(t, n, org.Count("CampaignMember"), at)
				require.Equal(t, n/10*8, org.Count("Lead"), at)
				require.Equal(t, n/10*2, org.Count("Contact"), at)
				for _, row := range org.Rows("Lead") {
					require.Equal(t, "Engineer", row["Title"], at)
				}
			})
		}
		if requests < request {
			require.Greater(t, request, 20, "there were several jobs")
			return
		}
	}
}

// drainFor drains for a time at most.
func drainFor(t *testing.T, syncer *leadsync.Syncer, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	_ = syncer.Drain(ctx)
}

// TestNextProcessWaitsForTheEndOfAJob holds that a job which is still at work does not write over
// what the next process writes.
func TestNextProcessWaitsForTheEndOfAJob(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(*testing.T, *leadsync.Syncer, []*leadsync.Lead){
		"Drain": func(t *testing.T, syncer *leadsync.Syncer, leads []*leadsync.Lead) {
			_, err := syncer.Capture(t.Context(), leads...)
			require.NoError(t, err)
			drainFor(t, syncer, 2*time.Hour)
		},
		"Sync": func(t *testing.T, syncer *leadsync.Syncer, leads []*leadsync.Lead) {
			_, err := syncer.Sync(t.Context(), leads...)
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t, sftest.WithBulkPolls(6))
				org.AddExternalID("Lead", "Contact", "Task")
				leads, cfg := scenario.EventMix(org, 60)
				for _, lead := range leads {
					lead.Phone = "+1 415 555 0100"
				}
				cfg.Store, cfg.Mapper = memory.New(nil), scenario.Overwriting()
				closes := 0
				org.OnRequest(func(r sftest.Request) {
					if r.Method == http.MethodPatch {
						closes++
					}
				})
				request := 0
				for count := 0; closes == 0; count++ { // the request that closes the first job
					request = count
					died := processOf(t, org, *cfg, count+1, true)
					_, err := died.Capture(t.Context(), leads...)
					require.NoError(t, err)
					drainFor(t, died, time.Minute)
					time.Sleep(10 * time.Minute) // the lease runs out
				}
				require.Positive(t, request)
				var job salesforce.ID
				for _, r := range org.Requests() {
					if r.Method == http.MethodPatch {
						job = salesforce.ID(r.Path[strings.LastIndex(r.Path, "/")+1:])
					}
				}
				require.Zero(t, org.Count("Task"), "it has not begun")

				corrected := make([]*leadsync.Lead, len(leads))
				for i, lead := range leads {
					again := *lead
					again.Phone, again.CapturedAt = "+1 415 555 0199", lead.CapturedAt.Add(time.Hour)
					corrected[i] = &again
				}
				syncer := processOf(t, org, *cfg, 0, false)
				next(t, syncer, corrected)

				for range 10 { // the org continues, whether polled or not
					_, err := connected(t, org, org.Transport()).IngestJob(t.Context(), job)
					require.NoError(t, err)
				}
				for _, object := range []string{"Lead", "Contact"} {
					for _, row := range org.Rows(object) {
						require.Equal(t, "+1 415 555 0199", row["Phone"], "%s %v", object, row["Email"])
					}
				}
				require.Equal(t, 48, org.Count("Lead"))
				require.Equal(t, 60, org.Count("Task"))
			})
		})
	}
}
