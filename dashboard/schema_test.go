// SPDX-License-Identifier: Apache-2.0

package dashboard_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/dashboard"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store/memory"
)

// A silent client never answers.
type silent struct{ leadsync.Client }

func (silent) Read(ctx context.Context, _ ...salesforce.Read) ([]salesforce.ReadResult, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAPageDoesNotWaitForAnOrgThatIsSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		syncer, err := leadsync.New(silent{}, &leadsync.Config{Store: memory.New(nil)})
		require.NoError(t, err)
		pages := dashboard.NewSyncer(syncer, &dashboard.Options{Settings: &leadsync.Settings{}, Client: silent{}})
		recorder, begun := httptest.NewRecorder(), time.Now()
		pages.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/mapping", nil))
		require.Equal(t, http.StatusOK, recorder.Code)
		require.Contains(t, recorder.Body.String(), "What the org&#39;s fields are is not known.")
		require.Contains(t, recorder.Body.String(), "jobTitle", "the rows are shown all the same")
		require.LessOrEqual(t, time.Since(begun), 15*time.Second)
	})
}
