// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var activityTests = map[string]func(*env){
	"ActivitiesComeWithTheirLead":               activitiesCome,
	"ActivitiesOutliveACapture":                 activitiesOutlive,
	"ActivitiesQueueAClearedLead":               activitiesCleared,
	"ActivitiesQueueALeadInFlightAfterwards":    activitiesInFlight,
	"ActivitiesWaitWithALeadThatIsNotCleared":   activitiesWait,
	"ActivitiesThatALeadHasChangeNothing":       activitiesKnown,
	"ActivitiesOfALeadThatIsNotThereAreRefused": activitiesStranger,
}

// add adds activities and requires success.
func (e *env) add(id leadtype.LeadID, activities ...leadtype.Activity) {
	e.t.Helper()
	e.noError(e.store.AddActivities(e.ctx(), connection, id, store.StateQueued, activities))
}

func call(id string) leadtype.Activity {
	return leadtype.Activity{ID: id, Kind: leadtype.ActivityCall, At: start, By: "rep@example.com",
		Notes: "notes of " + id}
}

func activitiesCome(e *env) {
	withOne := lead("L1")
	withOne.Activities = []leadtype.Activity{call("A1")}
	e.capture(store.StateQueued, withOne)
	given := []leadtype.Activity{call("A3"), call("A2"), call("A3")}
	e.add("L1", given...)
	given[0].Notes = "changed by the caller"
	e.add("L1", call("A4"))
	want := []leadtype.Activity{call("A1"), call("A3"), call("A2"), call("A4")}
	e.equal("listed", e.entry("L1").Lead.Activities, want)
	e.equal("claimed", e.claimOne(e.acquire("a")).Lead.Activities, want)
}

func activitiesOutlive(e *env) {
	e.queue("L1")
	e.add("L1", call("A1"))
	report := e.capture(store.StateQueued, lead("L1"))
	e.equal("the same leads", report.Same, 1)
	more := changed("L1")
	more.Activities = []leadtype.Activity{call("A0"), call("A1")}
	e.capture(store.StateQueued, more)
	e.equal("activities", e.entry("L1").Lead.Activities, []leadtype.Activity{call("A0"), call("A1")})
	e.capture(store.StateQueued, changed("L1"))
	e.equal("activities", e.entry("L1").Lead.Activities, []leadtype.Activity{call("A1")})
}

func activitiesCleared(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	for _, c := range e.claim(lease, 2) {
		e.settle(lease, c, cleared(c.Lead.ID))
	}
	e.clock.turn(time.Second)
	e.add("L1", call("A1"))
	entry := e.at("L1", leadtype.PreSync, store.StateQueued)
	e.equal("since", entry.Since, start.Add(time.Second))
	e.equal("attempts", entry.Attempts, 0)
	e.equal("last outcome", entry.Last, cleared("L1"))
	e.noError(e.store.AddActivities(e.ctx(), connection, "L2", store.StateFrozen, []leadtype.Activity{call("A1")}))
	e.at("L2", leadtype.PreSync, store.StateFrozen)
	steps := e.history("L1")
	e.equal("step", steps[len(steps)-1], store.Step{At: start.Add(time.Second), Kind: store.StepActivities,
		Stage: leadtype.PreSync, State: store.StateQueued, Generation: 1})
}

func activitiesInFlight(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	e.add("L1", call("A1"))
	e.at("L1", leadtype.PreSync, store.StateInFlight)
	steps := e.history("L1")
	e.equal("requested state", steps[len(steps)-1].State, store.StateQueued)
	e.settle(lease, claimed[0], cleared("L1"))
	e.at("L1", leadtype.PreSync, store.StateQueued)

	e.capture(store.StateFrozen, changed("L2"))
	e.add("L2", call("A1"))
	e.settle(lease, claimed[1], cleared("L2"))
	e.at("L2", leadtype.PreSync, store.StateFrozen)

	c := e.claimOne(lease)
	e.equal("activities", c.Lead.Activities, []leadtype.Activity{call("A1")})
	e.settle(lease, c, cleared("L1"))
	e.at("L1", leadtype.Cleared, "")
}

func activitiesWait(e *env) {
	e.queue("failed", "dismissed", "later")
	e.capture(store.StateFrozen, lead("frozen"))
	e.capture(store.StateWaiting, lead("waiting"))
	lease := e.acquire("a")
	claimed := e.claim(lease, 3)
	e.settle(lease, claimed[0], failed("failed", leadtype.OwnerInvalid))
	e.settle(lease, claimed[1], failed("dismissed", leadtype.OwnerInvalid))
	e.resolve("dismissed", claimed[1].Generation,
		&leadtype.Outcome{LeadID: "dismissed", Stage: leadtype.Cleared, Action: leadtype.Dismissed, At: start})
	e.settle(lease, claimed[2], retry("later", start.Add(time.Hour)))
	before := e.list(store.Filter{})
	for i := range before {
		id := before[i].Lead.ID
		e.clock.turn(time.Second)
		e.add(id, call("A1"))
		before[i].Lead.Activities = []leadtype.Activity{call("A1")}
		steps := e.history(id)
		last := steps[len(steps)-1]
		e.equal("step", last.Kind, store.StepActivities)
		e.equal("stage", last.Stage, before[i].Stage)
		e.equal("state", last.State, before[i].State)
	}
	e.equal("entries", e.list(store.Filter{}), before)
}

func activitiesKnown(e *env) {
	unnamed := call("")
	withOne := lead("L1")
	withOne.Activities = []leadtype.Activity{unnamed}
	e.capture(store.StateQueued, withOne)
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), cleared("L1"))
	version := e.count(store.Filter{}).Version
	e.add("L1", unnamed)
	e.add("L1")
	e.at("L1", leadtype.Cleared, "")
	e.equal("version", e.count(store.Filter{}).Version, version)
	e.add("L1", call("A1"))
	e.settle(lease, e.claimOne(lease), cleared("L1"))
	other := call("A1")
	other.Notes = "other notes"
	e.add("L1", other)
	e.equal("activities", e.at("L1", leadtype.Cleared, "").Lead.Activities, []leadtype.Activity{unnamed, call("A1")})
}

func activitiesStranger(e *env) {
	e.queue("L1")
	for connection, id := range map[string]leadtype.LeadID{connection: "stranger", "another org": "L1"} {
		err := e.store.AddActivities(e.ctx(), connection, id, store.StateQueued, []leadtype.Activity{call("A1")})
		e.errorIs(err, store.ErrNoLead)
	}
	e.equal("activities", len(e.entry("L1").Lead.Activities), 0)
	e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
	e.errorIs(e.store.AddActivities(e.ctx(), connection, "L1", store.StateQueued, []leadtype.Activity{call("A1")}),
		store.ErrNoLead)
}
