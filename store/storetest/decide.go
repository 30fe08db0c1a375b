// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var decideTests = map[string]func(*env){
	"StepsSayWhoDecided":             stepsBy,
	"NoteAddsAStepAndChangesNothing": note,
	"ConnectionHasAHistoryOfItsOwn":  ownHistory,
	"PruneTakesTheConnectionsSteps":  pruneOwn,
	"UnsuppressHasAStep":             unsuppressBy,
	"RebindHasAStepOfWhoDecided":     rebindBy,
}

// by is who decides in these tests: any text that is valid UTF-8.
const by = "Zoë O'Neil <zoe@host.example>"

func (e *env) note(step store.Step, leads ...leadtype.LeadID) {
	e.t.Helper()
	e.noError(e.store.Note(e.ctx(), connection, step, leads...))
}

func (e *env) forget(lead leadtype.LeadID, by string, options ...store.ForgetOption) {
	e.t.Helper()
	e.noError(e.store.Forget(e.ctx(), connection, lead, by, options...))
}

func stepsBy(e *env) {
	lease := e.fail("L1", "L2")
	stale, err := e.store.Resolve(e.ctx(), connection, []store.Resolution{
		{LeadID: "L1", Generation: 1, Outcome: cleared("L1"), By: by},
		{LeadID: "L2", Generation: 7, Outcome: cleared("L2"), By: by}})
	e.noError(err)
	e.equal("stale", stale, []leadtype.LeadID{"L2"})
	n, err := e.store.Push(e.ctx(), connection, store.Filter{}, by, leadtype.Ask{Owed: true})
	e.noError(err)
	e.equal("pushed", n, 2)
	claimed := e.claim(lease, 2)
	e.equal("what was asked for does not say by whom", claimed[0].Last, cleared("L1"))
	e.settle(lease, claimed[0], cleared("L1"))
	e.settle(lease, claimed[1], nil)
	e.push(store.Filter{})
	e.capture(store.StateQueued, changed("L1"))

	who := func(id leadtype.LeadID) (who []string) {
		for _, step := range e.history(id) {
			who = append(who, string(step.Kind)+" "+step.By)
		}
		return who
	}
	e.equal("L1", who("L1"), []string{"captured ", "settled ", "resolved " + by, "pushed " + by, "settled ", "pushed ",
		"replaced "})
	e.equal("L2", who("L2"), []string{"captured ", "settled ", "pushed " + by, "unclaimed ",
		"pushed "})
}

func note(e *env) {
	lease := e.fail("L1")
	e.queue("L2", "other")
	e.claim(lease, 1)
	version := e.count(store.Filter{}).Version
	before := e.list(store.Filter{})
	e.clock.turn(time.Second)
	e.note(store.Step{Kind: store.StepReverted, By: by, At: start.Add(time.Hour), Stage: leadtype.Cleared, Generation: 9,
		State: store.StateFrozen, Mode: leadtype.Manual, Outcome: cleared("L1")}, "L1", "stranger", "L2")
	e.note(store.Step{Kind: store.StepReverted, By: by})
	at := start.Add(time.Second)
	for id, want := range map[leadtype.LeadID]store.Step{
		"L1": {At: at, Kind: store.StepReverted, By: by, Stage: leadtype.Failed, Generation: 1},
		"L2": {At: at, Kind: store.StepReverted, By: by, Stage: leadtype.PreSync, State: store.StateInFlight,
			Generation: 1},
	} {
		steps := e.history(id)
		e.equal("the step of "+string(id), steps[len(steps)-1], want)
	}
	e.equal("steps of the other", len(e.history("other")), 1)
	e.equal("steps of a stranger", len(e.history("stranger")), 0)
	e.equal("steps of the connection", len(e.history("")), 0)
	e.equal("entries", e.list(store.Filter{}), before)
	e.equal("unchanged", entryIDs(e.list(store.Filter{Version: version})), []leadtype.LeadID{"other"})
}

func ownHistory(e *env) {
	e.queue("L1", "L2")
	e.equal("at first", len(e.history("")), 0)
	var want []store.Step
	step := func(step store.Step) {
		e.t.Helper()
		step.At = e.clock.now()
		want = append(want, step)
		e.equal("steps", e.history(""), want)
		e.clock.turn(time.Second)
	}
	e.note(store.Step{Kind: store.StepMode, By: by, Mode: leadtype.Manual}, "")
	step(store.Step{Kind: store.StepMode, By: by, Mode: leadtype.Manual})
	e.forget("L1", by)
	step(store.Step{Kind: store.StepForgotten, By: by})
	e.forget("L1", by) // has been forgotten already
	e.forget("stranger", by)
	e.equal("steps", e.history(""), want)
	e.forget("stranger", "", store.Suppress)
	step(store.Step{Kind: store.StepForgotten})
	e.note(store.Step{Kind: store.StepMode, Mode: leadtype.Automatic}, "")
	step(store.Step{Kind: store.StepMode, Mode: leadtype.Automatic})
	others, err := e.store.History(e.ctx(), "other", "")
	e.noError(err)
	e.equal("steps of another connection", len(others), 0)
	e.equal("steps of the lead that is left", len(e.history("L2")), 1)
}

func unsuppressBy(e *env) {
	e.capture(store.StateQueued, person("L1", "ada@example.com"), person("L2", "info@example.com"),
		person("L3", "info@example.com"))
	for _, lead := range []leadtype.LeadID{"L1", "L2", "L3"} {
		e.forget(lead, "", store.Suppress)
	}
	forgotten := e.history("")
	e.clock.turn(time.Second)
	n, err := e.store.Unsuppress(e.ctx(), connection, "L9", "nobody@example.com", by)
	e.noError(err)
	e.equal("lifted of strangers", n, 0)
	e.equal("steps", e.history(""), forgotten)
	n, err = e.store.Unsuppress(e.ctx(), connection, "", "info@example.com", by)
	e.noError(err)
	e.equal("lifted", n, 2)
	want := append(forgotten, store.Step{At: e.clock.now(), Kind: store.StepUnsuppressed, By: by})
	e.equal("steps", e.history(""), want)
	e.clock.turn(time.Second)
	e.equal("lifted", e.unsuppress("L1", ""), 1)
	e.equal("steps", e.history(""), append(want, store.Step{At: e.clock.now(), Kind: store.StepUnsuppressed}))
	others, err := e.store.History(e.ctx(), "other", "")
	e.noError(err)
	e.equal("steps of another connection", len(others), 0)
}

func rebindBy(e *env) {
	lease := e.fail("L1", "L2")
	e.queue("new")
	e.noError(e.store.Rebind(e.ctx(), lease, orgA, ""))
	e.clock.turn(time.Second)
	e.noError(e.store.Rebind(e.ctx(), lease, orgB, by))
	e.equal("steps of the connection", e.history(""), []store.Step{
		{At: start, Kind: store.StepRebound}, {At: e.clock.now(), Kind: store.StepRebound, By: by}})
	for _, lead := range []leadtype.LeadID{"L1", "L2"} {
		steps := e.history(lead)
		e.equal("the kind of the last step", steps[len(steps)-1].Kind, store.StepRebound)
		e.equal("who decided it", steps[len(steps)-1].By, by)
	}
	e.equal("steps of a lead of which nothing was dropped", len(e.history("new")), 1)
	others, err := e.store.History(e.ctx(), "other", "")
	e.noError(err)
	e.equal("steps of another connection", len(others), 0)
}

func pruneOwn(e *env) {
	for _, mode := range []leadtype.Mode{leadtype.Manual, leadtype.Disabled, leadtype.Automatic} {
		e.note(store.Step{Kind: store.StepMode, Mode: mode}, "")
		e.clock.turn(time.Second)
	}
	e.noError(e.store.Note(e.ctx(), "other", store.Step{Kind: store.StepMode}, ""))
	e.noError(e.store.Note(e.ctx(), "other", store.Step{Kind: store.StepMode}, ""))
	pruned := func(before time.Time, want int, left ...leadtype.Mode) {
		e.t.Helper()
		n, err := e.store.Prune(e.ctx(), connection, before)
		e.noError(err)
		e.equal("pruned", n, want)
		var modes []leadtype.Mode
		for _, step := range e.history("") {
			modes = append(modes, step.Mode)
		}
		e.equal("left", modes, left)
	}
	pruned(start, 0, leadtype.Manual, leadtype.Disabled, leadtype.Automatic)
	pruned(start.Add(time.Second), 1, leadtype.Disabled, leadtype.Automatic)
	pruned(start.Add(time.Hour), 1, leadtype.Automatic)
	others, err := e.store.History(e.ctx(), "other", "")
	e.noError(err)
	e.equal("steps of another connection", len(others), 2)
}
