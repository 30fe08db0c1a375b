// SPDX-License-Identifier: Apache-2.0

package storetest

import "github.com/leadsync/leadsync/store"

var runStateTests = map[string]func(*env){
	"RunStateIsKeptUnderTheLease": runState,
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
