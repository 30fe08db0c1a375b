// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/internal/turn"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A tardy Client carries the first write out at once, and says after three minutes
// that it got no answer.
type tardy struct {
	leadsync.Client
	writes int
}

func (c *tardy) Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	results, err := c.Client.Write(ctx, writes...)
	if c.writes++; c.writes == 1 {
		time.Sleep(3 * time.Minute)
		for i := range results {
			results[i] = salesforce.WriteResult{Err: &salesforce.Error{Uncertain: true}}
		}
	}
	return results, err
}

// The lead is captured with other data before the library can look for its record: a
// badge was scanned, and then the person was found out.
func TestRecordOfALateAnswerBelongsToTheLead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		email  string
		change func(*leadsync.Lead)
	}{
		"title":             {"", func(l *leadsync.Lead) { l.JobTitle = "Countess" }},
		"name":              {"", func(l *leadsync.Lead) { l.LastName = "King" }},
		"an e-mail address": {"", func(l *leadsync.Lead) { l.Email = "ada@king.example" }},
		"other e-mail address": {"ada@lovelace.example", func(l *leadsync.Lead) {
			l.Email, l.LastName = "ada@king.example", "King"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t)
				client := &tardy{Client: timelessClient(t, org, &http.Client{Transport: org.Transport()})}
				syncer, err := leadsync.New(client, nil)
				require.NoError(t, err)
				lead := scenario.Ada()
				lead.Email = c.email
				_, err = syncer.Capture(t.Context(), lead)
				require.NoError(t, err)
				drained := make(chan error, 1)
				go func() { drained <- syncer.Drain(t.Context()) }()
				synctest.Wait() // it is being written
				c.change(lead)
				_, err = syncer.Capture(t.Context(), lead)
				require.NoError(t, err)
				require.NoError(t, <-drained)
				require.Equal(t, 1, org.Count("Lead"))
				require.Equal(t, leadsync.Cleared, scenario.StoredIn(t, syncer)[0].Stage)
			})
		})
	}
}

// An overtaken Client writes after another process, and then loses its connection.
type overtaken struct {
	leadsync.Client
	overtake func()
	lost     bool
}

func (c *overtaken) Write(ctx context.Context, writes ...salesforce.Write) ([]salesforce.WriteResult, error) {
	if c.overtake != nil {
		c.overtake()
		c.overtake, c.lost = nil, true
	}
	return c.Client.Write(ctx, writes...)
}

func (c *overtaken) Read(ctx context.Context, reads ...salesforce.Read) ([]salesforce.ReadResult, error) {
	if c.lost {
		c.lost = false
		return nil, &salesforce.Error{HTTPStatus: http.StatusServiceUnavailable}
	}
	return c.Client.Read(ctx, reads...)
}

// The key is taken, which only a second look explains, and that is not to be had now.
func TestLeadWaitsForASecondLookThatFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := sftest.NewOrg(t)
		org.AddExternalID("Lead")
		client := &overtaken{Client: timelessClient(t, org, &http.Client{Transport: org.Transport()})}
		client.overtake = func() { // another process
			_, err := timelessSyncer(t, org, nil).Sync(turn.Apart(t.Context()), scenario.Ada())
			require.NoError(t, err)
		}
		syncer, err := leadsync.New(client, nil)
		require.NoError(t, err)
		_, err = syncer.Capture(t.Context(), scenario.Ada())
		require.NoError(t, err)
		require.NoError(t, syncer.Drain(t.Context()))
		require.Equal(t, 1, org.Count("Lead"))
		require.Equal(t, leadsync.Cleared, scenario.StoredIn(t, syncer)[0].Stage)
	})
}
