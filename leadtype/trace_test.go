// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/hook"
)

func TestTraceHooksAreOptional(t *testing.T) {
	t.Parallel()
	for _, trace := range []*Trace{Join(), Join(nil), Join(&Trace{}), Join(Join(nil, &Trace{}))} {
		require.Equal(t, t.Context(), trace.BatchStart(t.Context(), 1))
		trace.BatchDone(t.Context(), nil, 0, nil)
		require.Equal(t, t.Context(), trace.StageStart(t.Context(), MatchStage))
		trace.StageDone(t.Context(), MatchStage, 0, nil)
		trace.Recorded(t.Context(), nil, nil)
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
			trace.StageDone(trace.StageStart(t.Context(), PlanStage), PlanStage, time.Second, nil)
			trace.Recorded(t.Context(), nil, nil)
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
			StageStart: func(ctx context.Context, stage PipelineStage) context.Context {
				got = append(got, string("start "+stage)+" "+name)
				return context.WithValue(ctx, key(name), stage)
			},
			StageDone: func(ctx context.Context, stage PipelineStage, elapsed time.Duration, err error) {
				require.Equal(t, []any{stage, stage}, []any{ctx.Value(key("a")), ctx.Value(key("b"))})
				require.Equal(t, time.Minute, elapsed)
				require.ErrorIs(t, err, StorageLimit)
				got = append(got, string("done "+stage)+" "+name)
			},
			Recorded: func(_ context.Context, outcomes []*Outcome, waited []time.Duration) {
				require.Len(t, outcomes, 1)
				require.Equal(t, []time.Duration{time.Hour}, waited)
				got = append(got, "recorded "+name)
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
	stage := joined.StageStart(t.Context(), WriteStage)
	joined.StageDone(stage, WriteStage, time.Minute, StorageLimit)
	joined.BatchDone(ctx, make([]*Outcome, 2), time.Second, errors.Join(RateLimit))
	joined.Recorded(t.Context(), make([]*Outcome, 1), []time.Duration{time.Hour})
	joined.Paused(t.Context(), &Error{Code: Authentication})
	joined.Waits(t.Context(), &Error{Code: RateLimit})
	joined.Resumes(t.Context())
	require.Equal(t, []string{"start a", "start b", "start write a", "start write b", "done write b",
		"done write a", "done b", "done a", "recorded a", "recorded b", "paused a", "paused b",
		"waits a", "waits b", "resumes a", "resumes b"}, got)
}

func TestJoinCallsTheOthersWhenAHookPanics(t *testing.T) {
	t.Parallel()
	type key struct{}
	var got []string
	fails := &Trace{
		StageStart: func(context.Context, PipelineStage) context.Context { panic("a") },
		StageDone:  func(context.Context, PipelineStage, time.Duration, error) { panic("a") },
		Recorded:   func(context.Context, []*Outcome, []time.Duration) { panic("a") },
	}
	works := &Trace{
		StageStart: func(ctx context.Context, stage PipelineStage) context.Context {
			return context.WithValue(ctx, key{}, stage)
		},
		StageDone: func(_ context.Context, stage PipelineStage, _ time.Duration, _ error) {
			got = append(got, "done "+string(stage))
		},
		Recorded: func(context.Context, []*Outcome, []time.Duration) { got = append(got, "recorded") },
	}
	joined := Join(fails, works, fails)
	var caught *hook.Panic
	func() {
		defer func() { caught, _ = recover().(*hook.Panic) }()
		joined.StageStart(t.Context(), MatchStage)
	}()
	require.NotNil(t, caught)
	require.Equal(t, MatchStage, caught.Result.(context.Context).Value(key{}))
	require.Panics(t, func() { joined.StageDone(t.Context(), MatchStage, 0, nil) })
	require.Panics(t, func() { joined.Recorded(t.Context(), nil, nil) })
	require.Equal(t, []string{"done match", "recorded"}, got)
}

func TestHookThatReturnsNoContextLeavesItAsItIs(t *testing.T) {
	t.Parallel()
	type key struct{}
	none := &Trace{BatchStart: func(context.Context, int) context.Context { return nil },
		StageStart: func(context.Context, PipelineStage) context.Context { return nil }}
	joined := Join(none, &Trace{BatchStart: func(ctx context.Context, leads int) context.Context {
		return context.WithValue(ctx, key{}, leads)
	}}, none)
	ctx := joined.BatchStart(t.Context(), 7)
	require.Equal(t, 7, ctx.Value(key{}))
	require.Equal(t, ctx, joined.StageStart(ctx, MatchStage))
}

func TestConnectionOfAContext(t *testing.T) {
	t.Parallel()
	require.Empty(t, ConnectionOf(t.Context()))
	ctx := WithConnection(t.Context(), "acme")
	require.Equal(t, "acme", ConnectionOf(ctx))
	require.Equal(t, "globex", ConnectionOf(WithConnection(ctx, "globex")))
}
