// SPDX-License-Identifier: Apache-2.0

package hook_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/hook"
)

// panicsWith is a function that the stack must name.
func panicsWith(v any) { panic(v) }

func TestCallLogsTheStackAndNotTheValue(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, nil))
	p := hook.Call(log, hook.Hook{Kind: "transform", Name: "country", For: "L1"}, func() { panicsWith("ada@example.com") })
	require.NotNil(t, p)
	require.Equal(t, `transform "country" panicked`, p.Reason())
	require.Contains(t, text.String(), "panicsWith")
	require.Contains(t, text.String(), "hook_test.go:")
	require.Contains(t, text.String(), "for=L1")
	require.Contains(t, text.String(), "type=string")
	require.NotContains(t, text.String()+p.Error()+p.Stack, "ada@")
}

func TestCallReturnsNothingForAHookThatReturns(t *testing.T) {
	t.Parallel()
	require.Nil(t, hook.Call(nil, hook.Hook{Kind: "sink"}, func() {}))
	require.NotNil(t, hook.Call(nil, hook.Hook{Kind: "sink"}, func() { panic(nil) }))
}

func TestCallAllocatesNothing(t *testing.T) {
	called := 0
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_ = hook.Call(nil, hook.Hook{Kind: "transform", Name: "country", For: "L1"}, func() { called++ })
	}))
}

func TestSeveralAreCalledAlthoughOnePanics(t *testing.T) {
	t.Parallel()
	var called []int
	p := hook.Call(nil, hook.Hook{Kind: "trace"}, func() {
		var all hook.Several
		for _, i := range []int{1, 2, 3} {
			all.Call(func() {
				called = append(called, i)
				if i < 3 {
					panicsWith(i)
				}
			})
		}
		all.End(len(called))
	})
	require.Equal(t, []int{1, 2, 3}, called)
	require.Equal(t, 3, p.Result)
	require.Equal(t, "int", p.Type)
	require.Contains(t, p.Stack, "panicsWith")
}
