// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// refuseCalls lets the org refuse whole calls while refuses says so: those that write, or all.
func refuseCalls(org *sftest.Org, refuses *atomic.Bool, writes bool, status int, code string) {
	body := fmt.Sprintf(`[{"message":"No.","errorCode":%q}]`, code)
	org.Fail(func(r *http.Request, _ int) *sftest.Fault {
		sent, _ := io.ReadAll(r.Body)
		if !refuses.Load() || writes && !strings.Contains(string(sent), `"method":"P`) {
			return nil
		}
		return &sftest.Fault{Status: status, Body: body}
	})
}

// TestWholeCallsThatAreRefusedFailNoLead refuses every call for an hour: it is the user's or the
// org's fault, and no lead's.
func TestWholeCallsThatAreRefusedFailNoLead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		code   string
		pauses bool // until a person acts
	}{
		{403, "INSUFFICIENT_ACCESS", true}, {403, "INSUFFICIENT_ACCESS_OR_READONLY", true},
		{403, "TXN_SECURITY_NO_ACCESS", true}, {403, "FUNCTIONALITY_NOT_ENABLED", false}, {403, "FORBIDDEN", false},
		{404, "NOT_FOUND", false}, {410, "UNSUPPORTED_API_VERSION", false}, {405, "METHOD_NOT_ALLOWED", false},
	} {
		for _, writes := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d %s writes %t", c.status, c.code, writes), func(t *testing.T) {
				t.Parallel()
				org := sftest.NewOrg(t)
				synctest.Test(t, func(t *testing.T) {
					var refuses atomic.Bool
					refuses.Store(true)
					refuseCalls(org, &refuses, writes, c.status, c.code)
					var b book
					cfg := &leadsync.Config{Poll: time.Minute, LeaseTTL: time.Hour}
					b.enterInto(cfg)
					syncer := timelessSyncer(t, org, cfg)
					for n := range 30 {
						_, err := syncer.Capture(t.Context(), expoLead(n))
						require.NoError(t, err)
					}
					time.AfterFunc(3*time.Hour, func() { refuses.Store(false) })
					ended := make(chan error, 1)
					go func() { ended <- syncer.Run(t.Context()) }()
					time.Sleep(3*time.Hour - time.Minute)
					synctest.Wait()
					for _, e := range scenario.StoredIn(t, syncer) {
						require.NotNil(t, e.Last)
						require.Equal(t, leadsync.PreSync, e.Last.Stage, "%v", e.Last.Err)
						require.Contains(t, e.Last.Err.Fix(), "Pre-Sync")
					}
					require.Zero(t, org.Count("Lead"))
					if c.pauses {
						require.ErrorIs(t, <-ended, leadsync.ConnectionPermission)
						time.Sleep(2 * time.Minute)
						require.NoError(t, syncer.Drain(t.Context()))
					} else {
						time.Sleep(30 * time.Minute)
					}
					require.Equal(t, 30, org.Count("Lead"))
					require.Zero(t, b.failed)
				})
			})
		}
	}
}
