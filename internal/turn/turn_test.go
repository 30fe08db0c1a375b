// SPDX-License-Identifier: Apache-2.0

package turn_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/internal/turn"
)

// take asks for a turn in a bubble, and notes its name when it comes up.
func take(t *testing.T, ctx context.Context, scope any, said *[]string, name string, keys ...string) <-chan *turn.Turn {
	t.Helper()
	got := make(chan *turn.Turn, 1)
	go func() {
		own, err := turn.Take(ctx, scope, keys...)
		if err != nil {
			name = "not " + name
		}
		*said = append(*said, name)
		got <- own
	}()
	synctest.Wait()
	return got
}

func TestTurnsWithACommonKeyComeInTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		scope, said := t.Name(), []string(nil)
		a := take(t, t.Context(), scope, &said, "a", "1", "2", "1")
		b := take(t, t.Context(), scope, &said, "b", "2", "3")
		c := take(t, t.Context(), scope, &said, "c", "3")
		d := take(t, t.Context(), scope, &said, "d", "4")
		e := take(t, t.Context(), "another scope", &said, "e", "1")
		require.Equal(t, []string{"a", "d", "e"}, said, "c waits for b, which came before it")
		first := <-a
		require.True(t, first.Wanted())
		first.End()
		synctest.Wait()
		require.Equal(t, []string{"a", "d", "e", "b"}, said)
		first.End() // again
		(<-b).End()
		synctest.Wait()
		last := <-c
		require.False(t, last.Wanted())
		last.End()
		(<-d).End()
		(<-e).End()
		require.Zero(t, turn.Held(scope), "nothing is held when nothing is under way")
		require.Zero(t, turn.Held("another scope"))
	})
}

// One that gives up lets those behind it neither pass those ahead of it nor wait for it.
func TestWhoGivesUpIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		scope, said := t.Name(), []string(nil)
		a := take(t, t.Context(), scope, &said, "a", "1")
		ctx, cancel := context.WithCancel(t.Context())
		take(t, ctx, scope, &said, "b", "1", "2")
		c := take(t, t.Context(), scope, &said, "c", "2")
		cancel()
		synctest.Wait()
		require.Equal(t, []string{"a", "not b"}, said)
		first := <-a
		require.True(t, first.Wanted(), "c waits through b")
		first.End()
		synctest.Wait()
		require.Equal(t, []string{"a", "not b", "c"}, said)
		(<-c).End()
		require.Zero(t, turn.Held(scope))

		_, err := turn.Take(ctx, scope, "1")
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, turn.Held(scope))
	})
}

// Many turns of random keys, some of which are given up: no two with a common key are
// under way at once, and all come to an end.
func TestNoTwoTurnsWithACommonKeyAreUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		held := make(map[string]int)
		most, gaveUp := 0, 0
		var wg sync.WaitGroup
		random := rand.New(rand.NewPCG(1, 2))
		for range 500 {
			keys := make([]string, 1+random.IntN(4))
			for i := range keys {
				keys[i] = fmt.Sprint(i, random.IntN(8)) // no key twice in a turn
			}
			patience, work := time.Duration(random.IntN(3000))*time.Millisecond, time.Duration(random.IntN(50))*time.Millisecond
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				own, err := turn.Take(ctx, t.Name(), keys...)
				count := func(n int) {
					mu.Lock()
					defer mu.Unlock()
					for _, key := range keys {
						held[key] += n
						most = max(most, held[key])
					}
				}
				if err != nil {
					mu.Lock()
					gaveUp++
					mu.Unlock()
					return
				}
				count(1)
				time.Sleep(work)
				count(-1)
				own.End()
			})
		}
		wg.Wait()
		require.Equal(t, 1, most)
		require.Positive(t, gaveUp)
		require.Less(t, gaveUp, 500)
		require.Zero(t, turn.Held(t.Name()))
	})
}

// Contexts apart stand for processes: what is done with one does not wait for the others.
func TestContextsApartTakeNoTurns(t *testing.T) {
	t.Parallel()
	one, err := turn.Take(t.Context(), t.Name(), "1")
	require.NoError(t, err)
	defer one.End()
	ctx := turn.Apart(t.Context())
	two, err := turn.Take(ctx, t.Name(), "1")
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, err := turn.Take(ctx, t.Name()+" of its own", "1")
		require.NoError(t, err)
	})
	require.False(t, one.Wanted())
	two.End()
}
