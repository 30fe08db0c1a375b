// SPDX-License-Identifier: Apache-2.0

package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/leadsync/leadsync/salesforce"
)

func TestWriteFindsTheRowsThatGetACollectionRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		writes int
		poison []int
		calls  int
	}{
		"the first of 200":       {200, []int{0}, 9},
		"the last of 200":        {200, []int{199}, 9},
		"one of two":             {2, []int{1}, 2},
		"two of 1000":            {1000, []int{3, 700}, 10},
		"one that is alone":      {1, []int{0}, 1},
		"all, which is no row's": {1000, allOf(1000), 17},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			bad := map[int]bool{}
			for _, i := range test.poison {
				bad[i] = true
			}
			org.answer = func(s sub) reply {
				for _, row := range s.records(t) {
					if bad[int(row["Number"].(float64))] {
						return reply{status: 400, body: []record{{"errorCode": "JSON_PARSER_ERROR", "message": "x"}}}
					}
				}
				return reply{}
			}
			writes := make([]salesforce.Write, test.writes)
			for i := range writes {
				writes[i] = create("Lead", salesforce.Fields{"Number": i})
			}
			results, err := org.client(salesforce.Config{}).Write(t.Context(), writes...)
			require.NoError(t, err)
			for i, result := range results {
				if bad[i] {
					require.ErrorContains(t, result.Err, "JSON_PARSER_ERROR")
					continue
				}
				require.NoError(t, result.Err)
			}
			require.LessOrEqual(t, org.callCount(), test.calls)
		})
	}
}

// No row is to blame for a token that is not given.
func TestWriteAsksOnceForATokenThatIsRefused(t *testing.T) {
	t.Parallel()
	w := &wire{
		script: []line{
			refusal(401, "INVALID_SESSION_ID", "x"),
			{status: 400, body: `{"error":"invalid_grant","error_description":"inactive user"}`},
		},
	}
	source := newApp(t, w).Refresh(&oauth2.Token{AccessToken: "t", RefreshToken: "r"}, nil)
	results, err := w.client(t, salesforce.Config{}, source).Write(t.Context(), repeat(400, unkeyed)...)
	require.NoError(t, err)
	for _, result := range results {
		var e *salesforce.Error
		require.ErrorAs(t, result.Err, &e)
		require.Equal(t, salesforce.InvalidGrant, e.Code)
		require.False(t, e.Uncertain)
	}
	require.Len(t, w.sent, 2, "one call and one refresh")
}

// countedTokens counts how often its source, nil for none, is asked.
type countedTokens struct {
	source oauth2.TokenSource
	asked  int
}

func (s *countedTokens) Token() (*oauth2.Token, error) {
	s.asked++
	if s.source == nil {
		return nil, errors.New("none")
	}
	return s.source.Token()
}

func (s *countedTokens) Invalidate(token string) {
	if source, ok := s.source.(*tokens); ok {
		source.Invalidate(token)
	}
}

func staticTokens() oauth2.TokenSource {
	return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})
}

// What no further request can do better is not tried again for what is left.
func TestClientStopsSendingOverAClosedConnection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		line        line
		source      func() oauth2.TokenSource
		asked, sent int
		want        string
	}{
		"no token":  {ok, func() oauth2.TokenSource { return nil }, 1, 0, "no access token"},
		"nil token": {ok, func() oauth2.TokenSource { return oauth2.StaticTokenSource(nil) }, 1, 0, "gave no token"},
		"bad tokens": {
			refusal(401, "INVALID_SESSION_ID", "x"),
			func() oauth2.TokenSource { return &tokens{texts: []string{"a", "b", "c", "d"}} },
			2,
			2,
			"INVALID_SESSION_ID",
		},
		"calls spent": {
			refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
			staticTokens,
			1,
			1,
			"REQUEST_LIMIT_EXCEEDED",
		},
		"no API":      {refusal(403, "API_CURRENTLY_DISABLED", "x"), staticTokens, 1, 1, "API_CURRENTLY_DISABLED"},
		"no API here": {refusal(403, "API_DISABLED_FOR_ORG", "x"), staticTokens, 1, 1, "API_DISABLED_FOR_ORG"},
	} {
		for kind, call := range map[string]func(*salesforce.Client) []error{
			"write": func(client *salesforce.Client) (errs []error) {
				results, err := client.Write(t.Context(), repeat(2500, unkeyed)...)
				require.NoError(t, err)
				for _, result := range results {
					errs = append(errs, result.Err)
				}
				return errs
			},
			"read": func(client *salesforce.Client) (errs []error) {
				reads := append(
					slices.Repeat([]salesforce.Read{salesforce.Query(byEmail("x"))}, 11), salesforce.RecordTypePicklists("Lead"),
				)
				results, err := client.Read(t.Context(), reads...)
				require.NoError(t, err)
				for _, result := range results {
					errs = append(errs, result.Err)
				}
				return errs
			},
			"graphs": func(client *salesforce.Client) (errs []error) {
				results, err := client.WriteGraphs(t.Context(), slices.Repeat([]salesforce.Graph{{unkeyed}}, 151)...)
				require.NoError(t, err)
				for _, result := range results {
					errs = append(errs, result[0].Err)
				}
				return errs
			},
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				w, source := &wire{script: []line{test.line}}, &countedTokens{source: test.source()}
				for _, err := range call(w.client(t, salesforce.Config{}, source)) {
					var e *salesforce.Error
					require.ErrorAs(t, err, &e)
					require.ErrorContains(t, e, test.want)
					require.False(t, e.Uncertain)
				}
				require.Len(t, w.sent, test.sent)
				require.Equal(t, test.asked, source.asked)
			})
		}
	}
}

func allOf(count int) []int {
	all := make([]int, count)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestWriteContinuesAfterALostCall(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	var lost atomic.Bool
	org.outer = func(w http.ResponseWriter, _ *http.Request, _ []sub) bool {
		if lost.Swap(true) {
			return false
		}
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	writes := append(repeat(1500, unkeyed), create("Task", nil, ref("WhoId", 0)), create("Task", nil, ref("WhoId", 1499)))
	results, err := org.client(salesforce.Config{}).Write(t.Context(), writes...)
	require.NoError(t, err)
	uncertain, unsent, done := 0, 0, 0
	for _, result := range results {
		var e *salesforce.Error
		switch {
		case result.Err == nil:
			done++
		case errorAs(result.Err, &e):
			require.True(t, e.Uncertain)
			uncertain++
		default:
			require.ErrorIs(t, result.Err, salesforce.ErrNotSent)
			unsent++
		}
	}
	require.Equal(t, 1000, uncertain)
	require.Equal(t, 502, done+unsent)
	require.Positive(t, unsent)
}

func TestWriteLeavesTheRestWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	client := org.client(salesforce.Config{OnCall: func(context.Context, salesforce.Call) { cancel() }})
	results, err := client.Write(ctx, accountChain(300)...)
	require.NoError(t, err)
	require.Equal(t, 1, org.callCount())
	done := 0
	for _, result := range results {
		if result.Err == nil {
			done++
			continue
		}
		require.ErrorIs(t, result.Err, salesforce.ErrNotSent)
		require.ErrorIs(t, result.Err, context.Canceled)
	}
	require.Equal(t, 1000, done)
}

func TestWriteSendsNothingUnderAnEndedContext(t *testing.T) {
	t.Parallel()
	org := newOrg(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	results, err := org.client(salesforce.Config{}).Write(ctx, unkeyed)
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, salesforce.ErrNotSent)
	require.ErrorIs(t, results[0].Err, context.Canceled)
	require.Zero(t, org.callCount())
}

// The first attempt of a call is carried out, but its response is lost; its repeat is
// refused. That proves nothing of the first.
func TestARefusedRepeatDoesNotProveThatNothingWasWritten(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("response lost %t", lost), func(t *testing.T) {
			t.Parallel()
			org := newOrg(t)
			attempts := 0
			org.outer = func(w http.ResponseWriter, _ *http.Request, _ []sub) bool {
				if attempts++; attempts > 1 || !lost {
					return false
				}
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
			org.answer = func(sub) reply {
				return reply{status: http.StatusBadRequest, body: []record{{"errorCode": "INVALID_FIELD", "message": "x"}}}
			}
			client := org.client(salesforce.Config{JitterFunc: func() float64 { return 0 }})
			results, err := client.Write(t.Context(), update)
			require.NoError(t, err)
			var e *salesforce.Error
			require.ErrorAs(t, results[0].Err, &e)
			require.Equal(t, http.StatusBadRequest, e.HTTPStatus)
			require.Equal(t, lost, e.Uncertain)
		})
	}
}
