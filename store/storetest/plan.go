// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"sync"
	"sync/atomic"
)

var planTests = map[string]func(*env){
	"PlanIsTakenOnce":               takePlan,
	"PlanIsTakenByOneOfManyCallers": takePlanRace,
	"PlanThatIsReturnedCanBeTaken":  returnPlan,
}

func (e *env) takePlan(connection, plan string) bool {
	e.t.Helper()
	taken, err := e.store.TakePlan(e.ctx(), connection, plan)
	e.noError(err)
	return taken
}

func takePlan(e *env) {
	e.equal("first", e.takePlan(connection, "p1"), true)
	e.equal("another", e.takePlan(connection, "p2"), true)
	e.equal("again", e.takePlan(connection, "p1"), false)
	e.equal("in other case", e.takePlan(connection, "P1"), true)
	e.equal("of another connection", e.takePlan("other", "p1"), true)
	for range 50 {
		e.equal("later", e.takePlan(connection, "p2"), false)
	}
}

func takePlanRace(e *env) {
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			ok, err := e.store.TakePlan(e.ctx(), connection, "p1")
			if err != nil {
				e.t.Errorf("unexpected error: %v", err)
			}
			if ok {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	e.equal("taken", taken.Load(), int64(1))
}

func returnPlan(e *env) {
	e.noError(e.store.ReturnPlan(e.ctx(), connection, "p1"))
	e.equal("first", e.takePlan(connection, "p1"), true)
	e.noError(e.store.ReturnPlan(e.ctx(), "other", "p1"))
	e.equal("returned by another", e.takePlan(connection, "p1"), false)
	e.noError(e.store.ReturnPlan(e.ctx(), connection, "p1"))
	e.equal("returned", e.takePlan(connection, "p1"), true)
	e.equal("and taken again", e.takePlan(connection, "p1"), false)
}
