// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"slices"
	"sync"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// captureQueues group the leads and activities of concurrent callers for one connection into
// one commit: the caller that gets the slot writes for all that wait.
type captureQueues struct {
	mu sync.Mutex
	of map[string]*captureQueue // those in use, by connection
}

// A captureQueue is that of one connection.
type captureQueue struct {
	slot    chan struct{} // holds a value while a caller writes
	users   int           // guarded by captureQueues.mu, as waiting is
	waiting []*captureCall
}

// A captureCall is one call of Capture, or of AddActivities.
type captureCall struct {
	ctx    context.Context
	leads  []store.Captured
	data   []string
	folded []string // their ids
	report store.CaptureReport
	add    *addition // what AddActivities adds; it captures no leads
	err    error
	done   chan struct{}
}

// An addition is what AddActivities adds to a lead, and what comes of it.
type addition struct {
	lead       leadtype.LeadID
	state      store.State
	activities []leadtype.Activity
	err        error
}

// enter adds a call to its connection's queue.
func (q *captureQueues) enter(connection string, p *captureCall) *captureQueue {
	q.mu.Lock()
	defer q.mu.Unlock()
	own := q.of[connection]
	if own == nil {
		own = &captureQueue{slot: make(chan struct{}, 1)}
		if q.of == nil {
			q.of = make(map[string]*captureQueue)
		}
		q.of[connection] = own
	}
	own.users++
	own.waiting = append(own.waiting, p)
	return own
}

// leave drops the queue when nobody uses it any more.
func (q *captureQueues) leave(connection string, own *captureQueue) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(q.of, connection)
	}
}

// withdraw removes a call from its queue. It reports false when it is being written.
func (q *captureQueues) withdraw(own *captureQueue, p *captureCall) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(own.waiting, p)
	if i < 0 {
		return false
	}
	own.waiting = slices.Delete(own.waiting, i, i+1)
	return true
}

// take empties a queue and returns its calls, to be written.
func (q *captureQueues) take(own *captureQueue) []*captureCall {
	q.mu.Lock()
	defer q.mu.Unlock()
	group := own.waiting
	own.waiting = nil
	return group
}
