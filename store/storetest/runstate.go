// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var runStateTests = map[string]func(*env){
	"RunStateIsKeptUnderTheLease":   runState,
	"HastenReachesWhatWasCaptured":  hasten,
	"HastenLeavesOtherWaitsAlone":   hastenOthers,
	"HastenOfALeadCapturedInFlight": hastenInFlight,
}

// runStateOf returns the state of a connection as text.
func (e *env) runStateOf(connection string) string {
	e.t.Helper()
	state, err := e.store.RunState(e.ctx(), connection)
	e.noError(err)
	return string(state)
}

func runState(e *env) {
	e.equal("before", e.runStateOf(connection), "")
	lease := e.acquire("A")
	e.noError(e.store.SetRunState(e.ctx(), lease, []byte(`{"failures":1}`)))
	e.noError(e.store.SetRunState(e.ctx(), lease, []byte(`{"failures":2}`)))
	e.equal("kept", e.runStateOf(connection), `{"failures":2}`)
	e.equal("of another connection", e.runStateOf("other"), "")

	e.noError(e.store.Release(e.ctx(), lease))
	e.errorIs(e.store.SetRunState(e.ctx(), lease, nil), store.ErrLeaseLost)
	next := e.acquire("B")
	e.errorIs(e.store.SetRunState(e.ctx(), lease, nil), store.ErrLeaseLost)
	e.equal("under the next lease", e.runStateOf(connection), `{"failures":2}`)
	e.noError(e.store.SetRunState(e.ctx(), next, nil))
	e.equal("removed", e.runStateOf(connection), "")
}

// captureDue captures a lead that is due in a minute.
func (e *env) captureDue(l *leadtype.Lead) {
	e.t.Helper()
	_, err := e.store.Capture(e.ctx(), connection,
		[]store.Captured{{Lead: l, State: store.StateQueued, DueAt: e.clock.now().Add(time.Minute)}})
	e.noError(err)
}

func (e *env) hasten() int {
	e.t.Helper()
	n, err := e.store.Hasten(e.ctx(), connection)
	e.noError(err)
	return n
}

func hasten(e *env) {
	e.captureDue(lead("L1"))
	e.captureDue(lead("L2"))
	e.queue("L3") // due already
	lease := e.acquire("A")
	e.equal("due", len(e.claim(lease, 10)), 1)
	before := e.count(store.Filter{}).Version
	e.equal("hastened", e.hasten(), 2)
	e.equal("hastened again", e.hasten(), 0)
	e.equal("version", e.count(store.Filter{}).Version, before)
	n, err := e.store.Hasten(e.ctx(), "other")
	e.noError(err)
	e.equal("of another connection", n, 0)
	e.equal("due", len(e.claim(lease, 10)), 2)
}

func hastenOthers(e *env) {
	e.captureDue(lead("L1"))
	e.hasten()
	lease := e.acquire("A")
	claimed := e.claimOne(lease)
	e.settle(lease, claimed, &leadtype.Outcome{LeadID: "L1", Stage: leadtype.PreSync,
		Err: &leadtype.Error{Code: leadtype.RateLimit}, RetryAt: e.clock.now().Add(time.Hour)})
	e.equal("hastened", e.hasten(), 0)
	e.equal("due", len(e.claim(lease, 10)), 0)
}

func hastenInFlight(e *env) {
	e.queue("L1")
	lease := e.acquire("A")
	claimed := e.claimOne(lease)
	e.captureDue(changed("L1"))
	e.settle(lease, claimed, &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Cleared, Action: leadtype.Created})
	e.equal("due", len(e.claim(lease, 10)), 0)
	e.equal("hastened", e.hasten(), 1)
	e.equal("due", len(e.claim(lease, 10)), 1)
}
