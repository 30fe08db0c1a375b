// SPDX-License-Identifier: Apache-2.0

// Package turn makes work that could get in each other's way take turns within the
// process. It is the only state that the Syncers of a process share, and holds nothing
// when nothing is under way.
package turn

import (
	"context"
	"sync"
	"time"
)

// overrun is how long a turn of Do lasts after its context has ended, if the work does not
// end: a client that does not return must not block others forever.
const overrun = 20 * time.Second

// queues are those of the process.
var queues = newTable()

func newTable() *table { return &table{scopes: make(map[any]map[string]*Turn)} }

// apart is the key of a context's own table.
type apart struct{}

// Apart returns a context whose turns are apart from those of all others, as they are in
// another process: for tests that simulate several processes, or one without turns.
func Apart(ctx context.Context) context.Context { return context.WithValue(ctx, apart{}, newTable()) }

func tableOf(ctx context.Context) *table {
	if own, ok := ctx.Value(apart{}).(*table); ok {
		return own
	}
	return queues
}

// A table holds the turns that are not over. A turn comes after the last one before it
// of each of its keys, so turns with a key in common are in the order in which they were
// asked for, and no two can wait for each other.
type table struct {
	mu     sync.Mutex
	scopes map[any]map[string]*Turn // the last turn of each key
}

// A Turn is the right to work on keys of a scope until End.
type Turn struct {
	table  *table
	scope  any
	keys   []string
	ahead  int     // turns before it that are not over
	behind []*Turn // those that wait for it
	up     chan struct{}
	gaveUp bool // its caller waits no more
	over   bool
}

// Do calls work within a turn; see Take. The error is the work's, or the context's own when
// it ended before the turn came.
func Do(ctx context.Context, scope any, keys []string, work func() error) error {
	own, err := Take(ctx, scope, keys...)
	if err != nil {
		return err
	}
	defer own.End()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(overrun, own.End) })()
	return work()
}

// Take waits until every turn of the scope that was asked for earlier and has a key in
// common is over: the first to ask is the first to get it. Turns without a common key do
// not wait for each other. The scope must be comparable. The caller calls End; it must
// not ask for a second turn with one of the keys before that. The error is the context's
// own.
func Take(ctx context.Context, scope any, keys ...string) (*Turn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	table := tableOf(ctx)
	t := table.enter(scope, keys)
	select {
	case <-t.up:
		return t, nil
	case <-ctx.Done():
		table.leave(t)
		return nil, ctx.Err()
	}
}

// Wanted reports whether others wait for the turn to end.
func (t *Turn) Wanted() bool {
	t.table.mu.Lock()
	defer t.table.mu.Unlock()
	return wanted(t)
}

func wanted(t *Turn) bool {
	for _, next := range t.behind {
		if !next.gaveUp || wanted(next) {
			return true
		}
	}
	return false
}

// End ends the turn. A second call does nothing, nor does one of nil.
func (t *Turn) End() {
	if t == nil {
		return
	}
	t.table.mu.Lock()
	defer t.table.mu.Unlock()
	t.table.end(t)
}

// enter adds a turn behind the last ones of its keys.
func (q *table) enter(scope any, keys []string) *Turn {
	q.mu.Lock()
	defer q.mu.Unlock()
	last := q.scopes[scope]
	if last == nil {
		last = make(map[string]*Turn, len(keys))
		q.scopes[scope] = last
	}
	t := &Turn{table: q, scope: scope, keys: keys, up: make(chan struct{})}
	for _, key := range keys {
		before := last[key]
		last[key] = t
		if before == nil || before == t || len(before.behind) > 0 && before.behind[len(before.behind)-1] == t {
			continue
		}
		before.behind = append(before.behind, t)
		t.ahead++
	}
	if t.ahead == 0 {
		close(t.up)
	}
	return t
}

// leave gives up waiting. The turn keeps its place, because those behind it still wait
// for those ahead of it.
func (q *table) leave(t *Turn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.gaveUp = true
	if t.ahead == 0 {
		q.end(t)
	}
}

// end removes a turn and lets those behind it come up.
func (q *table) end(t *Turn) {
	if t.over {
		return
	}
	t.over = true
	last := q.scopes[t.scope]
	for _, key := range t.keys {
		if last[key] == t {
			delete(last, key)
		}
	}
	if len(last) == 0 {
		delete(q.scopes, t.scope)
	}
	for _, next := range t.behind {
		next.ahead--
		switch {
		case next.ahead > 0:
		case next.gaveUp:
			q.end(next)
		default:
			close(next.up)
		}
	}
	t.behind = nil
}
