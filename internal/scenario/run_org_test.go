// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// timelessSyncer returns a Syncer that reaches the org without a network, so
// that virtual time passes. Its leads do not wait for others, unless cfg says so.
func timelessSyncer(t *testing.T, org *sftest.Org, cfg *leadsync.Config) *leadsync.Syncer {
	t.Helper()
	own := leadsync.Config{}
	if cfg != nil {
		own = *cfg
	}
	own.Gather = cmp.Or(own.Gather, leadsync.NoGather)
	return gatheringSyncer(t, org, &own)
}

// gatheringSyncer returns a timelessSyncer whose leads wait as cfg says.
func gatheringSyncer(t *testing.T, org *sftest.Org, cfg *leadsync.Config) *leadsync.Syncer {
	t.Helper()
	syncer, err := leadsync.New(timelessClient(t, org, &http.Client{Transport: org.Transport()}), cfg)
	require.NoError(t, err)
	return syncer
}

func timelessClient(t *testing.T, org *sftest.Org, over *http.Client) *salesforce.Client {
	t.Helper()
	client, err := salesforce.New("https://acme.my.salesforce.com",
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: org.Token()}),
		&salesforce.Config{HTTPClient: over})
	require.NoError(t, err)
	return client
}

func TestDrainBringsCapturedLeadsToTheOrgOnce(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		syncer := timelessSyncer(t, org, nil)
		second, bad := scenario.Ada(), scenario.Ada()
		second.ID, second.Email, second.LastName = "L2", "grace@navy.example", "Hopper"
		bad.ID, bad.Email, bad.LastName = "L3", "not an address", "Babbage"
		capture := func() store.CaptureReport {
			report, err := syncer.Capture(t.Context(), scenario.Ada(), second, bad)
			require.NoError(t, err)
			require.NoError(t, syncer.Drain(t.Context()))
			return report
		}
		require.Equal(t, 3, capture().New)
		require.Equal(t, 2, org.Count("Lead"))
		var stages []leadsync.Stage
		for _, entry := range scenario.StoredIn(t, syncer) {
			stages = append(stages, entry.Stage)
		}
		require.Equal(t, []leadsync.Stage{leadsync.Cleared, leadsync.Cleared, leadsync.Failed}, stages)

		calls := org.Calls()
		require.Equal(t, 3, capture().Same)
		require.Equal(t, calls, org.Calls())

		second.JobTitle = "Rear Admiral"
		require.Equal(t, 1, capture().Replaced)
		require.Equal(t, 2, org.Count("Lead"))
		require.Equal(t, "Rear Admiral", org.Row("Lead", string(scenario.StoredIn(t, syncer)[1].Last.ID))["Title"])
	})
}

// The org has no key field, so a create whose answer is lost must be looked for
// before it is sent again.
func TestDrainNeverDoublesACreateWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	faults := map[string]sftest.Fault{
		"before it was carried out":        {DropBefore: true},
		"after it was carried out":         {DropAfter: true},
		"in the middle of the answer":      {CutBody: true},
		"and it is carried out afterwards": {CommitLater: 9 * time.Minute},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			synctest.Test(t, func(t *testing.T) {
				defer org.Close() // its timers are the bubble's
				lost := false
				org.Fail(func(r *http.Request, _ int) *sftest.Fault {
					body, err := io.ReadAll(r.Body)
					require.NoError(t, err)
					if lost || !strings.Contains(string(body), "Lovelace") || !strings.Contains(string(body), `"POST"`) {
						return nil
					}
					lost = true
					return &fault
				})
				syncer := timelessSyncer(t, org, nil)
				_, err := syncer.Capture(t.Context(), scenario.Ada())
				require.NoError(t, err)
				require.NoError(t, syncer.Drain(t.Context()))
				require.True(t, lost)
				time.Sleep(10 * time.Minute) // for what the org still carries out
				require.Equal(t, 1, org.Count("Lead"))
				require.Equal(t, leadsync.Cleared, scenario.StoredIn(t, syncer)[0].Stage)
			})
		})
	}
}

// The first process leaves a create behind that the org carries out later. The
// second one gets another lead of the same person, which is due before the first.
func TestLeadOfAPersonWaitsForACreateThatAnotherProcessLost(t *testing.T) {
	t.Parallel()
	for name, strategy := range map[string]leadsync.Strategy{"person": leadsync.LeadsAndContacts,
		"account": leadsync.AccountsAndContacts} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			synctest.Test(t, func(t *testing.T) {
				defer org.Close() // its timers are the bubble's
				org.Fail(func(r *http.Request, n int) *sftest.Fault {
					body, err := io.ReadAll(r.Body)
					require.NoError(t, err)
					if !strings.Contains(string(body), "Analytical Engines") || !strings.Contains(string(body), `"POST"`) {
						return nil
					}
					org.Fail(nil)
					return &sftest.Fault{CommitLater: 9 * time.Minute}
				})
				store := memory.New(nil)
				first := timelessSyncer(t, org, &leadsync.Config{Store: store, Strategy: strategy})
				_, err := first.Capture(t.Context(), scenario.Ada())
				require.NoError(t, err)
				ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
				defer stop()
				require.ErrorIs(t, first.Drain(ctx), context.DeadlineExceeded)

				second := timelessSyncer(t, org, &leadsync.Config{Store: store, Strategy: strategy})
				twin := scenario.Ada()
				if twin.ID = "L2"; name == "account" {
					twin.Email = "charles@analytical.example"
				}
				_, err = second.Capture(t.Context(), twin)
				require.NoError(t, err)
				require.NoError(t, second.Drain(t.Context()))

				time.Sleep(10 * time.Minute) // for what the org still carries out
				if name == "account" {
					require.Equal(t, 1, org.Count("Account"))
					require.Equal(t, 2, org.Count("Contact"))
				} else {
					require.Equal(t, 1, org.Count("Lead"))
				}
			})
		})
	}
}

// Within a day of the fake org, what is spent stays spent.
func TestRunStaysWithinItsShareOfTheCalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit  int
		budget float64
		least  int // calls that are free to be made, but for those kept back for trials
		spent  int // calls that are free to be made, with what the last batch takes
		most   int // requests in 23 hours after that
	}{
		"a budget":        {1000, 0.03, 27, 30, 3},
		"the daily limit": {30, 1, 26, 30, 4 * 24},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t, sftest.WithAPILimit(c.limit))
			synctest.Test(t, func(t *testing.T) {
				syncer := timelessSyncer(t, org, &leadsync.Config{APIBudget: c.budget, BatchSize: 2, Poll: time.Minute})
				for i := range 400 {
					lead := scenario.Ada()
					lead.ID, lead.Email = leadsync.LeadID(fmt.Sprintf("L%d", i)), fmt.Sprintf("p%d@company%d.example", i, i)
					_, err := syncer.Capture(t.Context(), lead)
					require.NoError(t, err)
				}
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				require.ErrorIs(t, syncer.Drain(ctx), context.DeadlineExceeded)
				require.LessOrEqual(t, org.Calls(), c.spent)
				require.GreaterOrEqual(t, org.Calls(), c.least)
				requests := len(org.Requests())

				ctx, stop = context.WithTimeout(t.Context(), 23*time.Hour)
				defer stop()
				require.ErrorIs(t, syncer.Drain(ctx), context.DeadlineExceeded)
				require.LessOrEqual(t, len(org.Requests())-requests, c.most)
				summary, err := syncer.Summary(t.Context(), leadsync.Filter{})
				require.NoError(t, err)
				require.Zero(t, summary.Stages[leadsync.Failed])
				require.Positive(t, summary.Stages[leadsync.PreSync])
				for _, entry := range scenario.StoredIn(t, syncer) {
					require.LessOrEqual(t, entry.Attempts, 1)
				}
			})
		})
	}
}

func TestRunEndsWhenTheAPIIsClosedAndLosesNothing(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		kept := memory.New(nil)
		syncer := timelessSyncer(t, org, &leadsync.Config{Store: kept})
		_, err := syncer.Capture(t.Context(), scenario.Ada())
		require.NoError(t, err)
		org.ExpireToken()
		err = syncer.Run(t.Context())
		require.ErrorIs(t, err, leadsync.Authentication)
		entry := scenario.StoredIn(t, syncer)[0]
		require.Equal(t, store.StateQueued, entry.State)
		require.Zero(t, entry.Attempts)

		reconnected := timelessSyncer(t, org, &leadsync.Config{Store: kept})
		require.NoError(t, reconnected.Drain(t.Context()))
		require.Equal(t, 1, org.Count("Lead"))
	})
}

// A mute transport takes requests and answers none for a while.
type mute struct {
	http.RoundTripper
	until time.Time
}

func (m *mute) RoundTrip(r *http.Request) (*http.Response, error) {
	if time.Now().Before(m.until) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return m.RoundTripper.RoundTrip(r)
}

// A bounded Client gives its calls less time than they need, for a while.
type bounded struct {
	leadsync.Client
	until time.Time
}

func (b *bounded) Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	if time.Now().Before(b.until) {
		return nil, fmt.Errorf("no response: %w", context.DeadlineExceeded)
	}
	return b.Client.Read(ctx, reads...)
}

// By errors.Is a timeout is context.DeadlineExceeded, be it of a dial, of an
// http.Client or of a Client's own. It is neither Drain's context nor the store.
func TestTimeoutOfACallIsAnOutage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"of the http.Client", "of a Client"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := sftest.NewOrg(t)
			synctest.Test(t, func(t *testing.T) {
				transport := &mute{RoundTripper: org.Transport()}
				client := &bounded{Client: timelessClient(t, org, &http.Client{Transport: transport, Timeout: 5 * time.Second})}
				var waits []leadsync.Code
				syncer, err := leadsync.New(client, &leadsync.Config{Trace: &leadsync.Trace{
					Waits: func(_ context.Context, why *leadsync.Error) { waits = append(waits, why.Code) }}})
				require.NoError(t, err)
				_, err = syncer.Plan(t.Context(), scenario.Ada()) // it knows the schema then
				require.NoError(t, err)
				if until := time.Now().Add(time.Hour); name == "of a Client" {
					client.until = until
				} else {
					transport.until = until
				}

				outcomes, err := syncer.Sync(t.Context(), scenario.Ada())
				require.Equal(t, leadsync.RemoteUnavailable, leadsync.CodeOf(err))
				require.ErrorIs(t, outcomes[0].Err, leadsync.RemoteUnavailable)

				_, err = syncer.Capture(t.Context(), scenario.Ada())
				require.NoError(t, err)
				require.NoError(t, syncer.Drain(t.Context()))
				require.Equal(t, []leadsync.Code{leadsync.RemoteUnavailable}, waits)
				require.Equal(t, 1, org.Count("Lead"))
			})
		})
	}
}

// A cleared lead is captured again, and an outage comes before its turn: what the
// first sync did is not reported of the second.
func TestOutageDoesNotMixTwoSyncsOfALead(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	synctest.Test(t, func(t *testing.T) {
		client := &bounded{Client: timelessClient(t, org, &http.Client{Transport: org.Transport()})}
		syncer, err := leadsync.New(client, nil)
		require.NoError(t, err)
		lead := scenario.Ada()
		drain := func() *leadsync.Outcome {
			_, err = syncer.Capture(t.Context(), lead)
			require.NoError(t, err)
			require.NoError(t, syncer.Drain(t.Context()))
			return scenario.StoredIn(t, syncer)[0].Last
		}
		require.Equal(t, leadsync.Created, drain().Action)

		lead.JobTitle = "Countess"
		client.until = time.Now().Add(time.Minute)
		out := drain()
		require.Equal(t, leadsync.Cleared, out.Stage)
		require.Equal(t, leadsync.Updated, out.Action)
		require.Len(t, out.Parts[0].Changes, 1)
		require.Equal(t, "Title", out.Parts[0].Changes[0].Field)

		lead.JobTitle = ""
		client.until = time.Now().Add(time.Minute)
		out = drain()
		require.Equal(t, leadsync.Unchanged, out.Action)
		require.Empty(t, out.Parts[0].Changes)
	})
}
