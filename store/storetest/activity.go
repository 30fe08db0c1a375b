package storetest

import (
	"time"

	"github.com/leadsync/leadsync"
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

// add adds activities and wants them to be taken.
func (e *env) add(id leadsync.LeadID, activities ...leadsync.Activity) {
	e.t.Helper()
	e.noError(e.store.AddActivities(e.ctx(), connection, id, leadsync.StateQueued, activities))
}

func call(id string) leadsync.Activity {
	return leadsync.Activity{ID: id, Kind: leadsync.ActivityCall, At: start, By: "rep@example.com", Notes: "notes of " + id}
}

func activitiesCome(e *env) {
	withOne := lead("L1")
	withOne.Activities = []leadsync.Activity{call("A1")}
	e.capture(leadsync.StateQueued, withOne)
	given := []leadsync.Activity{call("A3"), call("A2"), call("A3")}
	e.add("L1", given...)
	given[0].Notes = "changed by the caller"
	e.add("L1", call("A4"))
	want := []leadsync.Activity{call("A1"), call("A3"), call("A2"), call("A4")}
	e.equal("listed", e.entry("L1").Lead.Activities, want)
	e.equal("claimed", e.claimOne(e.acquire("a")).Lead.Activities, want)
}

func activitiesOutlive(e *env) {
	e.queue("L1")
	e.add("L1", call("A1"))
	report := e.capture(leadsync.StateQueued, lead("L1"))
	e.equal("the same leads", report.Same, 1)
	more := changed("L1")
	more.Activities = []leadsync.Activity{call("A0"), call("A1")}
	e.capture(leadsync.StateQueued, more)
	e.equal("activities", e.entry("L1").Lead.Activities, []leadsync.Activity{call("A0"), call("A1")})
	e.capture(leadsync.StateQueued, changed("L1"))
	e.equal("activities", e.entry("L1").Lead.Activities, []leadsync.Activity{call("A1")})
}

func activitiesCleared(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	for _, c := range e.claim(lease, 2) {
		e.settle(lease, c, cleared(c.Lead.ID))
	}
	e.clock.turn(time.Second)
	e.add("L1", call("A1"))
	entry := e.at("L1", leadsync.PreSync, leadsync.StateQueued)
	e.equal("since", entry.Since, start.Add(time.Second))
	e.equal("attempts", entry.Attempts, 0)
	e.equal("last outcome", entry.Last, cleared("L1"))
	e.noError(e.store.AddActivities(e.ctx(), connection, "L2", leadsync.StateFrozen, []leadsync.Activity{call("A1")}))
	e.at("L2", leadsync.PreSync, leadsync.StateFrozen)
	steps := e.history("L1")
	e.equal("step", steps[len(steps)-1], leadsync.Step{At: start.Add(time.Second), Kind: leadsync.StepActivities,
		Stage: leadsync.PreSync, State: leadsync.StateQueued, Generation: 1})
}

func activitiesInFlight(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	e.add("L1", call("A1"))
	e.at("L1", leadsync.PreSync, leadsync.StateInFlight)
	steps := e.history("L1")
	e.equal("state asked for", steps[len(steps)-1].State, leadsync.StateQueued)
	e.settle(lease, claimed[0], cleared("L1"))
	e.at("L1", leadsync.PreSync, leadsync.StateQueued)

	e.capture(leadsync.StateFrozen, changed("L2"))
	e.add("L2", call("A1"))
	e.settle(lease, claimed[1], cleared("L2"))
	e.at("L2", leadsync.PreSync, leadsync.StateFrozen)

	c := e.claimOne(lease)
	e.equal("activities", c.Lead.Activities, []leadsync.Activity{call("A1")})
	e.settle(lease, c, cleared("L1"))
	e.at("L1", leadsync.Cleared, "")
}

func activitiesWait(e *env) {
	e.queue("failed", "dismissed", "later")
	e.capture(leadsync.StateFrozen, lead("frozen"))
	e.capture(leadsync.StateWaiting, lead("waiting"))
	lease := e.acquire("a")
	claimed := e.claim(lease, 3)
	e.settle(lease, claimed[0], failed("failed", leadsync.OwnerInvalid))
	e.settle(lease, claimed[1], failed("dismissed", leadsync.OwnerInvalid))
	e.resolve("dismissed", claimed[1].Generation, &leadsync.Outcome{LeadID: "dismissed", Stage: leadsync.Cleared, Action: leadsync.Dismissed, At: start})
	e.settle(lease, claimed[2], retry("later", start.Add(time.Hour)))
	before := e.list(leadsync.Filter{})
	for i := range before {
		id := before[i].Lead.ID
		e.clock.turn(time.Second)
		e.add(id, call("A1"))
		before[i].Lead.Activities = []leadsync.Activity{call("A1")}
		steps := e.history(id)
		last := steps[len(steps)-1]
		e.equal("step", last.Kind, leadsync.StepActivities)
		e.equal("stage", last.Stage, before[i].Stage)
		e.equal("state", last.State, before[i].State)
	}
	e.equal("entries", e.list(leadsync.Filter{}), before)
}

func activitiesKnown(e *env) {
	unnamed := call("")
	withOne := lead("L1")
	withOne.Activities = []leadsync.Activity{unnamed}
	e.capture(leadsync.StateQueued, withOne)
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), cleared("L1"))
	version := e.count(leadsync.Filter{}).Version
	e.add("L1", unnamed)
	e.add("L1")
	e.at("L1", leadsync.Cleared, "")
	e.equal("version", e.count(leadsync.Filter{}).Version, version)
	e.add("L1", call("A1"))
	e.settle(lease, e.claimOne(lease), cleared("L1"))
	other := call("A1")
	other.Notes = "other notes"
	e.add("L1", other)
	e.equal("activities", e.at("L1", leadsync.Cleared, "").Lead.Activities, []leadsync.Activity{unnamed, call("A1")})
}

func activitiesStranger(e *env) {
	e.queue("L1")
	for connection, id := range map[string]leadsync.LeadID{connection: "stranger", "another org": "L1"} {
		err := e.store.AddActivities(e.ctx(), connection, id, leadsync.StateQueued, []leadsync.Activity{call("A1")})
		e.errorIs(err, leadsync.ErrNoLead)
	}
	e.equal("activities", len(e.entry("L1").Lead.Activities), 0)
	e.noError(e.store.Forget(e.ctx(), connection, "L1"))
	e.errorIs(e.store.AddActivities(e.ctx(), connection, "L1", leadsync.StateQueued, []leadsync.Activity{call("A1")}), leadsync.ErrNoLead)
}
