// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

var reviewTests = map[string]func(*env){
	"ResolveMovesAFailedLead":                   resolveMoves,
	"ResolveLeavesOtherLeadsUntouched":          resolveStale,
	"ResolveKeepsTheIntents":                    resolveIntents,
	"HistoryHasAStepForEachChange":              history,
	"HistoryHoldsNoValues":                      historyValues,
	"HistoryOfAStrangerIsEmpty":                 historyStranger,
	"PruneLeavesTheLastStepOfEachLead":          prune,
	"PruneReachesWhatIsOlderThanWhatCameBefore": pruneBehind,
	"PushKeepsWhatIsAskedFor":                   pushAsks,
	"PushLeavesTheHistoryAlone":                 pushAsksAgain,
}

// fail captures leads and fails them.
func (e *env) fail(ids ...leadtype.LeadID) store.Lease {
	e.t.Helper()
	e.queue(ids...)
	lease := e.acquire("a")
	for _, c := range e.claim(lease, len(ids)) {
		e.settle(lease, c, failed(c.Lead.ID, leadtype.AmbiguousMatch))
	}
	return lease
}

func resolveMoves(e *env) {
	lease := e.fail("L1", "L2")
	e.clock.turn(time.Second)
	again := failed("L1", leadtype.AmbiguousMatch)
	again.Stage, again.Object, again.ID = leadtype.PreSync, "Lead", "00Q000000000002AAA"
	dismissed := &leadtype.Outcome{LeadID: "L2", Stage: leadtype.Cleared, Action: leadtype.Dismissed, At: start}
	e.resolve("L1", 1, again)
	e.resolve("L2", 1, dismissed)

	entry := e.at("L1", leadtype.PreSync, store.StateQueued)
	e.equal("attempts", entry.Attempts, 0)
	e.equal("since", entry.Since, start.Add(time.Second))
	entry = e.at("L2", leadtype.Cleared, "")
	e.equal("outcome", entry.Last, dismissed)
	e.equal("no code is left", len(e.list(store.Filter{Codes: []leadtype.Code{leadtype.AmbiguousMatch}})), 1)
	c := e.claimOne(lease)
	e.equal("claimed", c.Lead.ID, leadtype.LeadID("L1"))
	e.equal("claimed outcome", c.Last, again)
	e.equal("claimed attempts", c.Attempts, 1)
}

func resolveStale(e *env) {
	lease := e.fail("again", "failed")
	e.push(store.Filter{Leads: []leadtype.LeadID{"again"}})
	e.settle(lease, e.claimOne(lease), failed("again", leadtype.AmbiguousMatch))
	e.queue("cleared", "flying", "queued")
	claimed := e.claim(lease, 2)
	e.settle(lease, claimed[0], cleared("cleared"))
	before := e.list(store.Filter{})
	var resolutions []store.Resolution
	for _, id := range []leadtype.LeadID{"again", "failed", "cleared", "flying", "queued", "stranger"} {
		generation := int64(1)
		if id == "queued" {
			generation = 0
		}
		resolutions = append(resolutions, store.Resolution{LeadID: id, Generation: generation, Outcome: cleared(id)})
	}
	stale, err := e.store.Resolve(e.ctx(), connection, resolutions)
	e.noError(err)
	e.equal("stale", stale, []leadtype.LeadID{"again", "cleared", "flying", "queued", "stranger"})
	for i, entry := range e.list(store.Filter{}) {
		if entry.Lead.ID != "failed" {
			e.equal(string(entry.Lead.ID), entry, before[i])
		}
	}
	e.at("failed", leadtype.Cleared, "")
}

func resolveIntents(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.settleWith(lease, store.Settlement{LeadID: "L1", Generation: c.Generation,
		Outcome: failed("L1", leadtype.AmbiguousMatch), Intents: []leadtype.Intent{intent("k")}})
	e.resolve("L1", c.Generation, &leadtype.Outcome{LeadID: "L1", Stage: leadtype.PreSync})
	e.equal("intents", e.claimOne(lease).Intents, []leadtype.Intent{intent("k")})
}

func history(e *env) {
	var want []store.Step
	step := func(kind store.StepKind, stage leadtype.Stage, state store.State, generation int64,
		outcome *leadtype.Outcome) {
		e.t.Helper()
		want = append(want, store.Step{At: e.clock.now(), Kind: kind, Stage: stage, State: state, Generation: generation,
			Outcome: outcome})
		e.equal("steps after "+string(kind), e.history("L1"), want)
		e.clock.turn(time.Second)
	}
	e.queue("other", "L1")
	step(store.StepCaptured, leadtype.PreSync, store.StateQueued, 0, nil)
	e.queue("L1") // no change
	e.capture(store.StateQueued, changed("L1"))
	step(store.StepReplaced, leadtype.PreSync, store.StateQueued, 0, nil)
	lease := e.acquire("a")
	claimed := e.claim(lease, 10)
	e.settle(lease, claimed[1], retry("L1", e.clock.now()))
	step(store.StepSettled, leadtype.PreSync, store.StateQueued, 1, retry("L1", e.clock.now()))
	e.settle(lease, e.claimOne(lease), nil)
	step(store.StepUnclaimed, leadtype.PreSync, store.StateQueued, 2, nil)
	e.claimOne(lease)
	e.capture(store.StateFrozen, lead("L1"))
	step(store.StepReplaced, leadtype.PreSync, store.StateFrozen, 3, nil)
	e.noError(e.store.Release(e.ctx(), lease))
	step(store.StepUnclaimed, leadtype.PreSync, store.StateFrozen, 3, nil)
	e.push(store.Filter{Leads: []leadtype.LeadID{"L1"}})
	step(store.StepPushed, leadtype.PreSync, store.StateQueued, 3, nil)
	lease = e.acquire("a")
	e.settle(lease, e.claim(lease, 10)[1], failed("L1", leadtype.OwnerInvalid))
	step(store.StepSettled, leadtype.Failed, "", 4, failed("L1", leadtype.OwnerInvalid))
	e.resolve("L1", 4, cleared("L1"))
	step(store.StepResolved, leadtype.Cleared, "", 4, cleared("L1"))
}

func historyValues(e *env) {
	const secret = "quotes the lead"
	e.queue("L1")
	lease := e.acquire("a")
	raw := func(stage leadtype.Stage) *leadtype.Outcome {
		refused := &leadtype.Error{Op: "create", Code: leadtype.DataValueValidation,
			Err: &salesforce.Error{HTTPStatus: 200, Code: "STRING_TOO_LONG", Message: secret}}
		return &leadtype.Outcome{LeadID: "L1", Stage: stage, Err: refused, Parts: []leadtype.Part{
			{Kind: leadtype.PartPerson, Err: refused,
				Changes: []leadtype.FieldChange{{Field: "Title", Before: secret, After: secret}}}}}
	}
	c := e.claimOne(lease)
	e.settle(lease, c, raw(leadtype.Failed))
	e.resolve("L1", c.Generation, raw(leadtype.PreSync))
	for _, step := range e.history("L1")[1:] {
		for _, err := range []*leadtype.Error{step.Outcome.Err, step.Outcome.Parts[0].Err} {
			var sf *salesforce.Error
			e.equal("the refusal is kept", errors.As(err, &sf) && sf.Code == "STRING_TOO_LONG", true)
			e.equal("the message", sf.Message, "")
			e.equal("before-images", len(step.Outcome.Parts[0].Changes), 0)
		}
	}
	var sf *salesforce.Error
	last := e.entry("L1").Last
	e.equal("the entry keeps the message", errors.As(last.Err, &sf) && strings.Contains(sf.Message, secret) &&
		len(last.Parts[0].Changes) == 1, true)
}

func historyStranger(e *env) {
	e.queue("L1")
	e.equal("steps", len(e.history("stranger")), 0)
}

// owing is the outcome of a cleared lead to which a value is owed.
func owing(id leadtype.LeadID) *leadtype.Outcome {
	o := cleared(id)
	o.Owe(leadtype.OwedValue{Kind: leadtype.Owed, Code: leadtype.DataValueValidation, Object: "Lead",
		Fields: []string{"Title"}, Reason: "Salesforce refused \"owed\":[ it", Schema: "a", Digest: "b"})
	o.Parts = []leadtype.Part{{Kind: leadtype.PartPerson, Changes: []leadtype.FieldChange{
		{Field: "Big__c", Before: json.Number("12345678901234567890.10"), After: "<é\u2028>"}}}}
	return o
}

func pushAsks(e *env) {
	e.queue("plain", "owing", "new", "flying")
	lease := e.acquire("a")
	claimed := e.claim(lease, 4)
	e.settle(lease, claimed[0], cleared("plain"))
	e.settle(lease, claimed[1], owing("owing"))
	e.settle(lease, claimed[2], nil)
	all := []leadtype.LeadID{"plain", "owing", "new", "flying"}
	expect := func(ask leadtype.Ask, heeded ...leadtype.LeadID) {
		e.t.Helper()
		e.equal("pushed", e.push(store.Filter{Leads: all}, ask), 3)
		for id, want := range map[leadtype.LeadID]*leadtype.Outcome{"plain": cleared("plain"), "owing": owing("owing"),
			"new": nil, "flying": nil} {
			if slices.Contains(heeded, id) {
				want.Ask = &ask
			}
			e.equal("the last outcome of "+string(id), e.entry(id).Last, want)
		}
	}
	expect(leadtype.Ask{})
	expect(leadtype.Ask{Owed: true}, "owing")
	expect(leadtype.Ask{Owed: true, Over: []string{"Lead.Phone", "Lead.Title"}}, "plain", "owing")
	e.push(store.Filter{Leads: all}) // asks nothing, and so changes nothing
	e.push(store.Filter{Leads: all}, leadtype.Ask{Owed: true})
	e.push(store.Filter{Leads: all}, leadtype.Ask{Over: []string{"Lead.Title", "Lead.City"}})
	for _, id := range []leadtype.LeadID{"plain", "owing"} {
		e.equal("asked by all pushes, of "+string(id), e.entry(id).Last.Ask,
			&leadtype.Ask{Owed: true, Over: []string{"Lead.City", "Lead.Phone", "Lead.Title"}})
	}
	c := e.claim(lease, 1)[0]
	e.equal("claimed", c.Last.Ask != nil && c.Last.Ask.Owed, true)
	e.settle(lease, c, cleared(c.Lead.ID))
	e.equal("done", e.entry(c.Lead.ID).Last.Ask == nil, true)
	e.equal("the history of a lead that was settled again", settledSteps(e, "plain"),
		[]*leadtype.Outcome{cleared("plain"), cleared("plain")})
	e.equal("the history of one that was not", settledSteps(e, "owing"), []*leadtype.Outcome{owing("owing").ForHistory()})
}

// pushAsksAgain pushes a lead whose outcome has kept what was asked for.
func pushAsksAgain(e *env) {
	kept := owing("L1")
	kept.Ask = &leadtype.Ask{Over: []string{"Lead.Title"}}
	e.queue("L1")
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), kept)
	first := []*leadtype.Outcome{kept.ForHistory()}
	for range 2 {
		e.push(store.Filter{}, leadtype.Ask{Owed: true, Over: []string{"Lead.City"}})
		e.equal("the history does not change", settledSteps(e, "L1"), first)
	}
	e.settle(lease, e.claimOne(lease), cleared("L1"))
	e.equal("the history of both", settledSteps(e, "L1"), append(first, cleared("L1")))
}

// settledSteps returns the outcomes of a lead's history.
func settledSteps(e *env, id leadtype.LeadID) []*leadtype.Outcome {
	e.t.Helper()
	var outcomes []*leadtype.Outcome
	for _, step := range e.history(id) {
		if step.Kind == store.StepSettled {
			outcomes = append(outcomes, step.Outcome)
		}
	}
	return outcomes
}

// pruneBehind prunes what came after steps of a clock that was ahead.
func pruneBehind(e *env) {
	e.queue("L1", "L2")
	e.push(store.Filter{})
	e.clock.turn(-time.Hour)
	for range 3 {
		e.push(store.Filter{Leads: []leadtype.LeadID{"L1"}})
	}
	n, err := e.store.Prune(e.ctx(), connection, start)
	e.noError(err)
	e.equal("pruned", n, 2)
	e.equal("steps", len(e.history("L1")), 3)
	e.equal("steps of the other", len(e.history("L2")), 2)
}

func prune(e *env) {
	kinds := func(id leadtype.LeadID) []store.StepKind {
		var kinds []store.StepKind
		for _, step := range e.history(id) {
			kinds = append(kinds, step.Kind)
		}
		return kinds
	}
	pruned := func(before time.Time) int {
		n, err := e.store.Prune(e.ctx(), connection, before)
		e.noError(err)
		return n
	}
	e.queue("L1", "L2")
	_, err := e.store.Capture(e.ctx(), "other",
		[]store.Captured{{Lead: lead("L1"), State: store.StateQueued}, {Lead: changed("L1"), State: store.StateQueued}})
	e.noError(err)
	e.equal("nothing is old enough", pruned(start), 0)
	e.clock.turn(time.Second)
	e.push(store.Filter{Leads: []leadtype.LeadID{"L1"}})
	version := e.count(store.Filter{}).Version
	e.clock.turn(time.Second)
	e.capture(store.StateQueued, changed("L1"))
	before := e.list(store.Filter{})

	e.equal("pruned", pruned(start.Add(time.Second)), 1)
	e.equal("steps", kinds("L1"), []store.StepKind{store.StepPushed, store.StepReplaced})
	e.equal("pruned again", pruned(start.Add(time.Second)), 0)
	e.equal("pruned", pruned(start.Add(time.Hour)), 1)
	e.equal("steps", kinds("L1"), []store.StepKind{store.StepReplaced})
	e.equal("steps", kinds("L2"), []store.StepKind{store.StepCaptured})
	e.equal("entries", e.list(store.Filter{}), before)
	e.equal("unchanged", entryIDs(e.list(store.Filter{Version: version})), []leadtype.LeadID{"L2"})
	steps, err := e.store.History(e.ctx(), "other", "L1")
	e.noError(err)
	e.equal("steps of the other", len(steps), 2)
}
