// SPDX-License-Identifier: Apache-2.0

package write_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/internal/org"
	"github.com/leadsync/leadsync/internal/write"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

func TestLeadsAreLoadedTogetherWhereJobsArePossibleAndAsked(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name                string
		key                 string // the object with a key
		above               int
		leads, batch        int
		together, together2 int // of a Sync, and of leads that are claimed
	}{
		{"by default only what a host brings", "Lead", 0, 12_001, 1000, 150_000, 1000},
		{"as many as the default is not more", "Lead", 0, 12_000, 1000, 1000, 1000},
		{"claimed leads where it is set", "Contact", 12_000, 12_001, 1000, 150_000, 150_000},
		{"where it is off", "Lead", -1, 1_000_000, 1000, 1000, 1000},
		{"people without keys", "Task", 10, 12_001, 1000, 1000, 1000},
		{"batches that are too small", "Lead", 12_000, 1_000_000, 80, 80, 80},
		{"small batches", "Lead", 100, 1_000_000, 100, 15_000, 15_000},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			fake := sftest.NewOrg(t)
			fake.AddExternalID(row.key)
			client, err := salesforce.New("https://acme.my.salesforce.com",
				oauth2.StaticTokenSource(&oauth2.Token{AccessToken: fake.Token()}),
				&salesforce.Config{HTTPClient: &http.Client{Transport: fake.Transport()}})
			require.NoError(t, err)
			set := mapping.NewSet(mapping.Config{Mapper: mapping.Default()})
			sessions := org.NewSessions(client, set, "", time.Now)
			w := &write.Writer{Client: client, BulkAbove: row.above, Set: set, Session: sessions.Current,
				ReadOrg: sessions.Session}
			require.Equal(t, row.together, w.Together(t.Context(), row.leads, row.batch))
			require.Equal(t, row.together2, w.ClaimedTogether(t.Context(), row.leads, row.batch))
			require.Equal(t, row.together, w.Together(t.Context(), row.leads, row.batch), "once it knows the org")
		})
	}
}
