// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

func (e *connectionEnv) due(after string, limit int) []string {
	e.t.Helper()
	names, err := e.kept.DueConnections(e.ctx(), after, limit)
	e.noError(err)
	return names
}

// captureIn captures a lead for a connection.
func (e *connectionEnv) captureIn(name string, captured store.Captured) {
	e.t.Helper()
	captured.Lead = lead("L1")
	_, err := e.store.Capture(e.ctx(), name, []store.Captured{captured})
	e.noError(err)
}

func dueConnections(e *connectionEnv) {
	later := start.Add(time.Minute)
	e.captureIn("a queued", store.Captured{State: store.StateQueued})
	e.captureIn("b frozen", store.Captured{State: store.StateFrozen})
	e.captureIn("c queued later", store.Captured{State: store.StateQueued, DueAt: later})
	e.captureIn("d waiting", store.Captured{State: store.StateWaiting})
	e.captureIn("e waiting until", store.Captured{State: store.StateWaiting, DueAt: later})
	e.captureIn("f queued", store.Captured{State: store.StateQueued})
	e.noError(e.kept.Connect(e.ctx(), "g empty", link, []byte("t"), ""))
	e.equal("due", e.due("", 10), []string{"a queued", "f queued"})
	e.equal("the first", e.due("", 1), []string{"a queued"})
	e.equal("after it", e.due("a queued", 10), []string{"f queued"})
	e.clock.turn(time.Minute)
	e.equal("later", e.due("", 10), []string{"a queued", "c queued later", "e waiting until", "f queued"})
}

func dueUnderLease(e *connectionEnv) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	e.equal("under a lease", len(e.due("", 10)), 0)
	e.claim(lease, 2)
	e.clock.turn(ttl)
	e.equal("of a dead owner", e.due("", 10), []string{connection})
	next := e.acquire("b")
	_, err := e.store.Want(e.ctx(), connection, "c", ttl)
	e.errorIs(err, store.ErrLeaseHeld)
	e.noError(e.store.Release(e.ctx(), next))
	e.equal("wanted", len(e.due("", 10)), 0)
	e.clock.turn(store.WantFor)
	e.equal("no longer wanted", e.due("", 10), []string{connection})
	lease = e.acquire("d")
	for _, c := range e.claim(lease, 2) {
		e.settle(lease, c, cleared(c.Lead.ID))
	}
	e.noError(e.store.Release(e.ctx(), lease))
	e.equal("done", len(e.due("", 10)), 0)
}

// Leads that were captured under Manual are to be released when the mode is Automatic meanwhile.
func dueFrozen(e *connectionEnv) {
	automatic := func(name string) { e.noError(e.kept.SetMode(e.ctx(), name, leadtype.Automatic, "")) }
	frozen := func(name string) { e.captureIn(name, store.Captured{State: store.StateFrozen}) }
	frozen("a of no mode")
	automatic("b without leads")
	for _, m := range []leadtype.Mode{leadtype.Manual, leadtype.Disabled} {
		frozen("c " + string(m))
		e.noError(e.kept.SetMode(e.ctx(), "c "+string(m), m, ""))
	}
	e.captureIn("d waiting", store.Captured{State: store.StateWaiting})
	automatic("d waiting")
	for _, name := range []string{"e", "f queued", "g", "h"} {
		frozen(name)
		automatic(name)
	}
	_, err := e.store.Push(e.ctx(), "f queued", store.Filter{}, "")
	e.noError(err)
	e.equal("due", e.due("", 10), []string{"e", "f queued", "g", "h"})
	e.equal("a page", e.due("e", 2), []string{"f queued", "g"})
	lease, err := e.store.Acquire(e.ctx(), "g", "a", ttl)
	e.noError(err)
	e.equal("under a lease", e.due("e", 10), []string{"f queued", "h"})
	e.noError(e.store.Release(e.ctx(), lease))
	e.noError(e.kept.SetMode(e.ctx(), "h", leadtype.Manual, ""))
	e.equal("under Manual", e.due("f queued", 10), []string{"g"})
	automatic("c manual")
	e.equal("of a new mode", e.due("", 10), []string{"c manual", "e", "f queued", "g"})
}
