// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
)

func TestBackoffDoublesWithinItsBounds(t *testing.T) {
	t.Parallel()
	for n, most := range []time.Duration{1: 2, 2: 4, 3: 8, 8: 256, 9: 300, 60: 300} {
		if most == 0 {
			continue
		}
		require.Equal(t, time.Second, Backoff(n, time.Second, 5*time.Minute, 0))
		require.InDelta(t, float64(most*time.Second), float64(Backoff(n, time.Second, 5*time.Minute, 0.999999)),
			float64(time.Millisecond))
	}
}

func TestRetryAfterFollowsTheCode(t *testing.T) {
	t.Parallel()
	cases := []struct {
		code     leadtype.Code
		attempts int // after which it is over, 0: never retried, -1: always
		first    time.Duration
	}{
		{leadtype.NoTagMapping, 0, 0}, {leadtype.DataValueValidation, 0, 0}, {leadtype.MissingRemoteField, 0, 0},
		{leadtype.RequiredFieldMissing, 0, 0},
		{leadtype.Authentication, 0, 0}, {leadtype.ConnectionPermission, 0, 0}, {leadtype.DuplicateRecord, 0, 0},
		{leadtype.AmbiguousMatch, 0, 0},
		{leadtype.OwnerInvalid, 0, 0}, {leadtype.CampaignStatus, 0, 0}, {leadtype.StorageLimit, 0, 0},
		{leadtype.PersonAccount, 0, 0},
		{leadtype.StaleRemoteRecord, 2, 30 * time.Second}, {leadtype.RemoteAutomation, 2, 30 * time.Second},
		{leadtype.Unknown, 3, time.Minute}, {leadtype.RecordLocked, 5, time.Minute},
		{leadtype.RowContention, 20, time.Second}, {leadtype.RateLimit, 16, time.Second},
		{leadtype.RemoteUnavailable, 16, time.Second}, {leadtype.BatchCollateral, 8, time.Second},
		{leadtype.UncertainWrite, -1, time.Minute},
	}
	for _, c := range cases {
		for attempts := 1; attempts <= 20; attempts++ {
			wait, ok := RetryOf(c.code).After(attempts, 0)
			require.Equal(t, c.attempts < 0 || attempts < c.attempts, ok, "%s after %d attempts", c.code, attempts)
			if ok {
				require.Equal(t, c.first, wait)
			}
		}
	}
}
