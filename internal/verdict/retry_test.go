// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
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

// A lead that is retried by itself fails for good in the end: its fix must be true then, too.
func TestFixesOfWhatIsRetriedAreTrueOnceItHasFailed(t *testing.T) {
	t.Parallel()
	for key, words := range leadtype.Catalogue() {
		kind, code, _ := strings.Cut(key, ".")
		code, _, call := strings.Cut(code, ".")
		if kind != "fix" || call && strings.HasSuffix(key, ".call") {
			continue
		}
		promises := strings.HasPrefix(words, "Nothing") || strings.Contains(words, "is retried")
		if RetryOf(leadtype.Code(code)).Attempts > 0 && promises {
			require.Contains(t, words, " has failed", key)
			require.Contains(t, strings.ToLower(words), "while", key)
		}
	}
}

func TestAWholeCallIsRefusedForNoLead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		whole  bool
		status int
		code   salesforce.StatusCode
		want   leadtype.Code
		pauses bool
	}{
		{true, 403, "INSUFFICIENT_ACCESS", leadtype.ConnectionPermission, true},
		{true, 403, "TXN_SECURITY_NO_ACCESS", leadtype.ConnectionPermission, true},
		{true, 403, "STORAGE_LIMIT_EXCEEDED", leadtype.StorageLimit, true},
		{true, 403, "NOVELTY", leadtype.Unknown, false},
		{true, 404, "NOT_FOUND", leadtype.Unknown, false},
		{true, 403, "REQUEST_LIMIT_EXCEEDED", leadtype.RateLimit, false},
		{true, 403, "", leadtype.RemoteUnavailable, false}, // a page of something in front
		{true, 400, "JSON_PARSER_ERROR", leadtype.Unknown, false},
		{false, 403, "INSUFFICIENT_ACCESS_OR_READONLY", leadtype.ConnectionPermission, false},
		{false, 404, "NOT_FOUND", leadtype.StaleRemoteRecord, false},
		{false, 200, "TXN_SECURITY_NO_ACCESS", leadtype.ConnectionPermission, false},
	} {
		e := Classify("create", "Lead", &salesforce.Error{HTTPStatus: c.status, Code: c.code, WholeCall: c.whole})
		require.Equal(t, c.want, e.Code, "%+v", c)
		require.Equal(t, c.pauses, Pauses(e), "%+v", c)
		stored, err := json.Marshal(e)
		require.NoError(t, err)
		var read leadtype.Error
		require.NoError(t, json.Unmarshal(stored, &read))
		require.Equal(t, RefusesCalls(e), RefusesCalls(&read), "%+v", c)
		require.Equal(t, e.Fix(), read.Fix())
	}
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
