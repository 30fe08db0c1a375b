// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

func TestEveryCodeHasARetry(t *testing.T) {
	t.Parallel()
	require.Equal(t, leadtype.Codes(), slices.Sorted(maps.Keys(retries)))
	require.Equal(t, retryLimited, RetryOf("NOVELTY"), "as Unknown")
}

func TestCodesRetryAsDocumented(t *testing.T) {
	t.Parallel()
	documented := map[leadtype.Code]Retry{
		leadtype.NoTagMapping: retryNever, leadtype.DataValueValidation: retryNever, leadtype.MissingRemoteField: retryNever,
		leadtype.RequiredFieldMissing: retryNever,
		leadtype.Authentication:       retryPaused, leadtype.ConnectionPermission: retryNever,
		leadtype.DuplicateRecord: retryNever, leadtype.AmbiguousMatch: retryNever,
		leadtype.StaleRemoteRecord: retryOnce, leadtype.RecordLocked: retrySlowly, leadtype.RowContention: retryLocked,
		leadtype.RemoteAutomation: retryOnce,
		leadtype.RateLimit:        retryLong, leadtype.RemoteUnavailable: retryLong, leadtype.UncertainWrite: retryVerified,
		leadtype.OwnerInvalid: retryNever, leadtype.PersonAccount: retryNever,
		leadtype.CampaignStatus: retryNever, leadtype.StorageLimit: retryPaused, leadtype.BatchCollateral: retryAlone,
		leadtype.Unknown: retryLimited,
	}
	require.Equal(t, leadtype.Codes(), slices.Sorted(maps.Keys(documented)))
	for code, want := range documented {
		require.Equal(t, want, RetryOf(code), code)
		require.Equal(t, want == retryPaused, RetryOf(code).pauses, code)
	}
}

func TestErrorDistinguishesDailyLimitsFromShortOnes(t *testing.T) {
	t.Parallel()
	for message, spent := range map[string]bool{
		"TotalRequests Limit exceeded.":                       true,
		"ConcurrentPerOrgLongTxn Limit exceeded.":             false,
		"ConcurrentRequests (Concurrent API) Limit exceeded.": false,
	} {
		e := Classify("match", "", &salesforce.Error{HTTPStatus: 403, Code: "REQUEST_LIMIT_EXCEEDED", Message: message})
		require.Equal(t, leadtype.RateLimit, e.Code)
		require.Equal(t, spent, Daily(e), message)
	}
	require.False(t, Daily(&leadtype.Error{Code: leadtype.RateLimit}))
}
