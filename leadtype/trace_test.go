// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTraceHooksAreOptional(t *testing.T) {
	t.Parallel()
	for _, trace := range []*Trace{Join(), Join(nil), Join(&Trace{}), Join(Join(nil, &Trace{}))} {
		require.Equal(t, t.Context(), trace.BatchStart(t.Context(), 1))
		trace.BatchDone(t.Context(), nil, 0, nil)
		trace.Paused(t.Context(), nil)
		trace.Waits(t.Context(), nil)
		trace.Resumes(t.Context())
	}
}

// Not parallel: no other test may allocate.
func TestTraceThatIsNotSetCostsNothing(t *testing.T) {
	for _, trace := range []*Trace{Join(nil), Join(&Trace{})} {
		require.Zero(t, testing.AllocsPerRun(100, func() {
			trace.BatchDone(trace.BatchStart(t.Context(), 1000), nil, time.Second, nil)
			trace.Waits(t.Context(), nil)
			trace.Resumes(t.Context())
			trace.Paused(t.Context(), nil)
		}))
	}
}

func TestJoinNestsBatches(t *testing.T) {
	t.Parallel()
	type key string
	var got []string
	hook := func(name string) *Trace {
		return &Trace{
			BatchStart: func(ctx context.Context, leads int) context.Context {
				require.Equal(t, 2, leads)
				got = append(got, "start "+name)
				return context.WithValue(ctx, key(name), true)
			},
			BatchDone: func(ctx context.Context, outcomes []*Outcome, elapsed time.Duration, err error) {
				require.True(t, ctx.Value(key("a")).(bool) && ctx.Value(key("b")).(bool))
				require.Len(t, outcomes, 2)
				require.Equal(t, time.Second, elapsed)
				require.ErrorIs(t, err, RateLimit)
				got = append(got, "done "+name)
			},
			Paused: func(_ context.Context, reason *Error) {
				require.ErrorIs(t, reason, Authentication)
				got = append(got, "paused "+name)
			},
			Waits: func(_ context.Context, reason *Error) {
				require.ErrorIs(t, reason, RateLimit)
				got = append(got, "waits "+name)
			},
			Resumes: func(context.Context) { got = append(got, "resumes "+name) },
		}
	}
	joined := Join(hook("a"), nil, &Trace{}, hook("b"))
	ctx := joined.BatchStart(t.Context(), 2)
	joined.BatchDone(ctx, make([]*Outcome, 2), time.Second, errors.Join(RateLimit))
	joined.Paused(t.Context(), &Error{Code: Authentication})
	joined.Waits(t.Context(), &Error{Code: RateLimit})
	joined.Resumes(t.Context())
	require.Equal(t, []string{"start a", "start b", "done b", "done a", "paused a", "paused b",
		"waits a", "waits b", "resumes a", "resumes b"}, got)
}
