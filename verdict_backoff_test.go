package leadsync

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBackoffDoublesWithinItsBounds(t *testing.T) {
	t.Parallel()
	for n, most := range []time.Duration{1: 2, 2: 4, 3: 8, 8: 256, 9: 300, 60: 300} {
		if most == 0 {
			continue
		}
		require.Equal(t, time.Second, backoff(n, time.Second, 5*time.Minute, 0))
		require.InDelta(t, float64(most*time.Second), float64(backoff(n, time.Second, 5*time.Minute, 0.999999)), float64(time.Millisecond))
	}
}

func TestRetryAfterFollowsTheCode(t *testing.T) {
	t.Parallel()
	cases := []struct {
		code     Code
		attempts int // after which it is over, 0: never retried, -1: always
		first    time.Duration
	}{
		{NoTagMapping, 0, 0}, {DataValueValidation, 0, 0}, {MissingRemoteField, 0, 0}, {RequiredFieldMissing, 0, 0},
		{Authentication, 0, 0}, {ConnectionPermission, 0, 0}, {DuplicateRecord, 0, 0}, {AmbiguousMatch, 0, 0},
		{OwnerInvalid, 0, 0}, {CampaignStatus, 0, 0}, {StorageLimit, 0, 0},
		{StaleRemoteRecord, 2, 30 * time.Second}, {RemoteAutomation, 2, 30 * time.Second},
		{Unknown, 3, time.Minute}, {RecordLocked, 5, time.Minute},
		{RowContention, 8, time.Second}, {RateLimit, 16, time.Second},
		{RemoteUnavailable, 16, time.Second}, {BatchCollateral, 8, time.Second},
		{UncertainWrite, -1, time.Minute},
	}
	for _, c := range cases {
		for attempts := 1; attempts <= 20; attempts++ {
			wait, ok := retryOf(c.code).after(attempts, 0)
			require.Equal(t, c.attempts < 0 || attempts < c.attempts, ok, "%s after %d attempts", c.code, attempts)
			if ok {
				require.Equal(t, c.first, wait)
			}
		}
	}
}
