// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/login"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// expoLead returns lead n of five events.
func expoLead(n int) *leadsync.Lead {
	return &leadsync.Lead{ID: leadsync.LeadID(fmt.Sprintf("L%05d", n)), EventID: fmt.Sprintf("expo %d", n%5),
		LastName: fmt.Sprintf("Person %d", n), Email: fmt.Sprintf("p%d@example.com", n), Company: "Example"}
}

// A book notes which leads were cleared, in order, and counts incidents.
type book struct {
	mu             sync.Mutex
	cleared        map[string][]leadsync.LeadID // by event
	failed         int
	waits, resumes int
	log            bytes.Buffer
}

func (b *book) enterInto(cfg *leadsync.Config) {
	b.cleared = make(map[string][]leadsync.LeadID)
	cfg.Sink = leadsync.SinkFunc(b.record)
	cfg.Logger = slog.New(slog.NewTextHandler(&b.log, nil))
	cfg.Trace = &leadsync.Trace{Waits: func(context.Context, *leadsync.Error) {
		b.waits++
	}, Resumes: func(context.Context) { b.resumes++ }}
}

func (b *book) record(_ context.Context, outcomes []*leadsync.Outcome) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range outcomes {
		switch o.Stage {
		case leadsync.Cleared:
			b.cleared[o.EventID] = append(b.cleared[o.EventID], o.LeadID)
		case leadsync.Failed:
			b.failed++
		}
	}
	return nil
}

// requireAllInOrder wants so many leads, each event's in the order of capture.
func (b *book) requireAllInOrder(t *testing.T, leads int) {
	t.Helper()
	count := 0
	for event, ids := range b.cleared {
		require.True(t, slices.IsSorted(ids), "%s: %v", event, ids)
		count += len(slices.Compact(ids))
	}
	require.Equal(t, leads, count)
}

// TestADayOfOutageCostsFewCallsAndNoOrder takes Salesforce away for 24 hours while
// leads are captured all along.
func TestADayOfOutageCostsFewCallsAndNoOrder(t *testing.T) {
	t.Parallel()
	const every = 10 * time.Minute
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		var b book
		cfg := &leadsync.Config{Poll: time.Minute, LeaseTTL: time.Hour}
		b.enterInto(cfg)
		syncer := timelessSyncer(t, org, cfg)
		begins := time.Now().Add(time.Hour)
		ends := begins.Add(24 * time.Hour)
		calls := 0
		org.Fail(func(*http.Request, int) *sftest.Fault {
			if now := time.Now(); now.Before(begins) || !now.Before(ends) {
				return nil
			}
			calls++
			return &sftest.Fault{Status: http.StatusServiceUnavailable, HTML: true}
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- syncer.Run(ctx) }()
		leads := 0
		for ; time.Now().Before(ends); leads++ {
			_, err := syncer.Capture(t.Context(), expoLead(leads))
			require.NoError(t, err)
			time.Sleep(every)
		}
		time.Sleep(15 * time.Minute)
		stop()
		require.NoError(t, <-ended)

		t.Logf("%d requests in 24 hours", calls)
		require.Positive(t, calls)
		require.LessOrEqual(t, calls, outageCalls)
		require.Equal(t, 1, b.waits)
		require.Equal(t, 1, b.resumes)
		require.Zero(t, b.failed)
		require.Equal(t, leads, org.Count("Lead"))
		b.requireAllInOrder(t, leads)
	})
}

// outageCalls is how many requests an outage of 24 hours may cost: a try of two leads
// in two minutes.
const outageCalls = 24 * 60 / 2 * 2

// A window is the 24 hours of an org's limit on API calls, between a client and an
// org that knows no limit.
type window struct {
	org   http.RoundTripper
	limit int

	mu      sync.Mutex
	from    time.Time
	refills int // calls that others use at the beginning of each
	used    int
	most    int // in a window
	refused int
}

func (w *window) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	// The next window does not begin with the next call: hosts that call at other times
	// have the same windows.
	if past := time.Since(w.from).Truncate(24 * time.Hour); past > 0 {
		w.from, w.used = w.from.Add(past), w.refills
	}
	over := w.used == w.limit
	if over {
		w.refused++
	} else {
		w.used++
		w.most = max(w.most, w.used)
	}
	usage := fmt.Sprintf("api-usage=%d/%d", w.used, w.limit)
	w.mu.Unlock()
	if over {
		return refusal(r, usage), nil
	}
	reply, err := w.org.RoundTrip(r)
	if err == nil {
		reply.Header.Set("Sforce-Limit-Info", usage)
	}
	return reply, err
}

func refusal(r *http.Request, usage string) *http.Response {
	return &http.Response{StatusCode: http.StatusForbidden, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}, "Sforce-Limit-Info": {usage}},
		Body: io.NopCloser(strings.NewReader(`[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit ` +
			`exceeded."}]`))}
}

// TestDaysOfScarceCallsStayWithinTheBudget captures more leads a day than the org's
// calls are enough for.
func TestDaysOfScarceCallsStayWithinTheBudget(t *testing.T) {
	t.Parallel()
	days := sized(2, 10)
	spend := func(t *testing.T, share float64) *window {
		var calls *window
		synctest.Test(t, func(t *testing.T) {
			org := sftest.NewOrg(t, sftest.WithAPILimit(1_000_000))
			calls = &window{org: org.Transport(), limit: 600, from: time.Now()}
			var b book
			cfg := &leadsync.Config{Poll: time.Minute, LeaseTTL: time.Hour, APIBudget: share}
			b.enterInto(cfg)
			client, err := salesforce.New("https://acme.my.salesforce.com",
				oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
				&salesforce.Config{HTTPClient: &http.Client{Transport: calls}})
			require.NoError(t, err)
			syncer, err := leadsync.New(client, cfg)
			require.NoError(t, err)
			leads, end := 0, time.Now().Add(time.Duration(days)*24*time.Hour)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- syncer.Run(ctx) }()
			for ; time.Now().Before(end); leads++ {
				_, err := syncer.Capture(t.Context(), expoLead(leads))
				require.NoError(t, err)
				time.Sleep(4 * time.Minute)
			}
			time.Sleep(24 * time.Hour)
			stop()
			require.NoError(t, <-ended)
			t.Logf("share %v: %d leads in %d days, at most %d of %d calls a day, %d refused, %d incidents", share, leads, days,
				calls.most, calls.limit, calls.refused, b.waits)
			require.Zero(t, b.failed)
			require.Positive(t, b.waits)
			require.Equal(t, leads, org.Count("Lead"))
			b.requireAllInOrder(t, leads)
		})
		return calls
	}
	t.Run("half", func(t *testing.T) {
		t.Parallel()
		calls := spend(t, 0.5)
		require.Zero(t, calls.refused)
		require.LessOrEqual(t, calls.most, calls.limit/2+4, "a batch that began within the budget may end beyond it")
	})
	t.Run("all, the control", func(t *testing.T) {
		t.Parallel()
		calls := spend(t, 1)
		require.Equal(t, calls.limit, calls.most)
	})
}

// TestARevokedTokenIsOneIncident revokes the connection while leads wait.
func TestARevokedTokenIsOneIncident(t *testing.T) {
	t.Parallel()
	leads := sized(3000, 10_000) // more than a batch
	org := sftest.NewOrg(t, sftest.WithAPILimit(1_000_000))
	kept := memory.New(nil)
	paused := 0
	connected := func(refreshToken string) (*leadsync.Syncer, *book) {
		host := org.URL()[len("http://"):]
		app, err := login.NewApp(login.AppConfig{ClientID: "c", LoginURL: org.URL(), Hosts: []string{host}})
		require.NoError(t, err)
		tokens := app.Refresh(&oauth2.Token{AccessToken: org.Token(), RefreshToken: refreshToken},
			func(context.Context, *oauth2.Token) error {
				return nil
			})
		client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{Hosts: []string{host}})
		require.NoError(t, err)
		b := new(book)
		cfg := &leadsync.Config{Store: kept, Gather: leadsync.NoGather}
		b.enterInto(cfg)
		cfg.Trace.Paused = func(context.Context, *leadsync.Error) { paused++ }
		syncer, err := leadsync.New(client, cfg)
		require.NoError(t, err)
		return syncer, b
	}
	syncer, b := connected("revoked")
	for n := range leads {
		_, err := syncer.Capture(t.Context(), expoLead(n))
		require.NoError(t, err)
	}
	org.ExpireToken()

	require.ErrorIs(t, syncer.Run(t.Context()), leadsync.Authentication)

	require.Equal(t, 1, paused)
	require.Equal(t, 1, bytes.Count(b.log.Bytes(), []byte("level=ERROR")))
	require.LessOrEqual(t, len(org.Requests()), 2, "the call, and the refresh")
	summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
	require.NoError(t, err)
	require.Equal(t, leads, summary.States[store.StateQueued])
	require.Zero(t, b.failed)

	syncer, b = connected(org.RefreshToken())
	require.NoError(t, syncer.Drain(t.Context()))
	require.Equal(t, leads, org.Count("Lead"))
	b.requireAllInOrder(t, leads)
	require.Zero(t, b.failed)
}

// The control: a host that keeps calling is refused for every batch.
func TestARevokedTokenCostsACallForEachBatch(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	host := org.URL()[len("http://"):]
	app, err := login.NewApp(login.AppConfig{ClientID: "c", LoginURL: org.URL(), Hosts: []string{host}})
	require.NoError(t, err)
	tokens := app.Refresh(&oauth2.Token{AccessToken: org.Token(), RefreshToken: "revoked"},
		func(context.Context, *oauth2.Token) error {
			return nil
		})
	client, err := salesforce.New(org.URL(), tokens, &salesforce.Config{Hosts: []string{host}})
	require.NoError(t, err)
	syncer, err := leadsync.New(client, nil)
	require.NoError(t, err)
	org.ExpireToken()
	for n := range 5 {
		_, err := syncer.Sync(t.Context(), expoLead(n))
		require.ErrorIs(t, err, leadsync.Authentication)
	}
	require.Greater(t, len(org.Requests()), 2)
}
