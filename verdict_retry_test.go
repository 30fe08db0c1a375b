package leadsync

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce"
)

func TestEveryCodeHasARetry(t *testing.T) {
	t.Parallel()
	require.Equal(t, Codes(), slices.Sorted(maps.Keys(retries)))
	require.Equal(t, retryLimited, retryOf("NOVELTY"), "as Unknown")
}

func TestCodesRetryAsDocumented(t *testing.T) {
	t.Parallel()
	documented := map[Code]retry{
		NoTagMapping: retryNever, DataValueValidation: retryNever, MissingRemoteField: retryNever, RequiredFieldMissing: retryNever,
		Authentication: retryPaused, ConnectionPermission: retryNever, DuplicateRecord: retryNever, AmbiguousMatch: retryNever,
		StaleRemoteRecord: retryOnce, RecordLocked: retrySlowly, RowContention: retrySoon, RemoteAutomation: retryInPart,
		RateLimit: retryLong, RemoteUnavailable: retryLong, UncertainWrite: retryVerified, OwnerInvalid: retryNever,
		CampaignStatus: retryNever, StorageLimit: retryPaused, BatchCollateral: retryAlone, Unknown: retryLimited,
	}
	require.Equal(t, Codes(), slices.Sorted(maps.Keys(documented)))
	for code, want := range documented {
		require.Equal(t, want, retryOf(code), code)
		require.Equal(t, want == retryPaused, retryOf(code).pauses, code)
	}
}

func TestErrorTellsDailyLimitsFromShortOnes(t *testing.T) {
	t.Parallel()
	for message, spent := range map[string]bool{
		"TotalRequests Limit exceeded.":                       true,
		"ConcurrentPerOrgLongTxn Limit exceeded.":             false,
		"ConcurrentRequests (Concurrent API) Limit exceeded.": false,
	} {
		e := classify("match", "", &salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED", Message: message})
		require.Equal(t, RateLimit, e.Code)
		require.Equal(t, spent, daily(e), message)
	}
	require.False(t, daily(&Error{Code: RateLimit}))
}
