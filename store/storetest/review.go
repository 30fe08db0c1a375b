package storetest

import (
	"errors"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
)

var reviewTests = map[string]func(*env){
	"ResolveMovesAFailedLead":             resolveMoves,
	"ResolveLeavesOtherLeadsUntouched":    resolveStale,
	"ResolveKeepsTheIntents":              resolveIntents,
	"HistoryHasAStepForEachChange":        history,
	"HistoryHoldsNoValues":                historyValues,
	"HistoryOfAStrangerIsEmpty":           historyStranger,
	"PruneLeavesTheLastStepOfEachLead":    prune,
	"ForgetRemovesALeadWhole":             forget,
	"ForgetRefusesALeadInFlight":          forgetInFlight,
	"ForgetTakesALeadOfADeadClaim":        forgetDead,
	"ForgetGivesNoSequenceOrVersionTwice": forgetNumbers,
	"ForgetKeepsToItsConnection":          forgetConnection,
}

// fail captures leads and fails them.
func (e *env) fail(ids ...leadsync.LeadID) leadsync.Lease {
	e.t.Helper()
	e.queue(ids...)
	lease := e.acquire("a")
	for _, c := range e.claim(lease, len(ids)) {
		e.settle(lease, c, failed(c.Lead.ID, leadsync.AmbiguousMatch))
	}
	return lease
}

func resolveMoves(e *env) {
	lease := e.fail("L1", "L2")
	e.clock.turn(time.Second)
	again := failed("L1", leadsync.AmbiguousMatch)
	again.Stage, again.Object, again.ID = leadsync.PreSync, "Lead", "00Q000000000002AAA"
	dismissed := &leadsync.Outcome{LeadID: "L2", Stage: leadsync.Cleared, Action: leadsync.Dismissed, At: start}
	e.resolve("L1", 1, again)
	e.resolve("L2", 1, dismissed)

	entry := e.at("L1", leadsync.PreSync, leadsync.StateQueued)
	e.equal("attempts", entry.Attempts, 0)
	e.equal("since", entry.Since, start.Add(time.Second))
	entry = e.at("L2", leadsync.Cleared, "")
	e.equal("outcome", entry.Last, dismissed)
	e.equal("no code is left", len(e.list(leadsync.Filter{Codes: []leadsync.Code{leadsync.AmbiguousMatch}})), 1)
	c := e.claimOne(lease)
	e.equal("claimed", c.Lead.ID, leadsync.LeadID("L1"))
	e.equal("claimed outcome", c.Last, again)
	e.equal("claimed attempts", c.Attempts, 1)
}

func resolveStale(e *env) {
	lease := e.fail("anew", "failed")
	e.push(leadsync.Filter{Leads: []leadsync.LeadID{"anew"}})
	e.settle(lease, e.claimOne(lease), failed("anew", leadsync.AmbiguousMatch))
	e.queue("cleared", "flying", "queued")
	claimed := e.claim(lease, 2)
	e.settle(lease, claimed[0], cleared("cleared"))
	before := e.list(leadsync.Filter{})
	var resolutions []leadsync.Resolution
	for _, id := range []leadsync.LeadID{"anew", "failed", "cleared", "flying", "queued", "stranger"} {
		generation := int64(1)
		if id == "queued" {
			generation = 0
		}
		resolutions = append(resolutions, leadsync.Resolution{LeadID: id, Generation: generation, Outcome: cleared(id)})
	}
	stale, err := e.store.Resolve(e.ctx(), connection, resolutions)
	e.noError(err)
	e.equal("stale", stale, []leadsync.LeadID{"anew", "cleared", "flying", "queued", "stranger"})
	for i, entry := range e.list(leadsync.Filter{}) {
		if entry.Lead.ID != "failed" {
			e.equal(string(entry.Lead.ID), entry, before[i])
		}
	}
	e.at("failed", leadsync.Cleared, "")
}

func resolveIntents(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.settleWith(lease, leadsync.Settlement{LeadID: "L1", Generation: c.Generation,
		Outcome: failed("L1", leadsync.AmbiguousMatch), Intents: []leadsync.Intent{intent("k")}})
	e.resolve("L1", c.Generation, &leadsync.Outcome{LeadID: "L1", Stage: leadsync.PreSync})
	e.equal("intents", e.claimOne(lease).Intents, []leadsync.Intent{intent("k")})
}

func history(e *env) {
	var want []leadsync.Step
	step := func(kind leadsync.StepKind, stage leadsync.Stage, state leadsync.State, generation int64, outcome *leadsync.Outcome) {
		e.t.Helper()
		want = append(want, leadsync.Step{At: e.clock.now(), Kind: kind, Stage: stage, State: state, Generation: generation, Outcome: outcome})
		e.equal("steps after "+string(kind), e.history("L1"), want)
		e.clock.turn(time.Second)
	}
	e.queue("other", "L1")
	step(leadsync.StepCaptured, leadsync.PreSync, leadsync.StateQueued, 0, nil)
	e.queue("L1") // no change
	e.capture(leadsync.StateQueued, changed("L1"))
	step(leadsync.StepReplaced, leadsync.PreSync, leadsync.StateQueued, 0, nil)
	lease := e.acquire("a")
	claimed := e.claim(lease, 10)
	e.settle(lease, claimed[1], retry("L1", e.clock.now()))
	step(leadsync.StepSettled, leadsync.PreSync, leadsync.StateQueued, 1, retry("L1", e.clock.now()))
	e.settle(lease, e.claimOne(lease), nil)
	step(leadsync.StepUnclaimed, leadsync.PreSync, leadsync.StateQueued, 2, nil)
	e.claimOne(lease)
	e.capture(leadsync.StateFrozen, lead("L1"))
	step(leadsync.StepReplaced, leadsync.PreSync, leadsync.StateFrozen, 3, nil)
	e.noError(e.store.Release(e.ctx(), lease))
	step(leadsync.StepUnclaimed, leadsync.PreSync, leadsync.StateFrozen, 3, nil)
	e.push(leadsync.Filter{Leads: []leadsync.LeadID{"L1"}})
	step(leadsync.StepPushed, leadsync.PreSync, leadsync.StateQueued, 3, nil)
	lease = e.acquire("a")
	e.settle(lease, e.claim(lease, 10)[1], failed("L1", leadsync.OwnerInvalid))
	step(leadsync.StepSettled, leadsync.Failed, "", 4, failed("L1", leadsync.OwnerInvalid))
	e.resolve("L1", 4, cleared("L1"))
	step(leadsync.StepResolved, leadsync.Cleared, "", 4, cleared("L1"))
}

func historyValues(e *env) {
	const secret = "quotes the lead"
	e.queue("L1")
	lease := e.acquire("a")
	raw := func(stage leadsync.Stage) *leadsync.Outcome {
		refused := &leadsync.Error{Op: "create", Code: leadsync.DataValueValidation,
			Err: &salesforce.Error{HTTPStatus: 200, Code: "STRING_TOO_LONG", Message: secret}}
		return &leadsync.Outcome{LeadID: "L1", Stage: stage, Err: refused, Parts: []leadsync.Part{
			{Kind: leadsync.PartPerson, Err: refused, Changes: []leadsync.FieldChange{{Field: "Title", Before: secret, After: secret}}}}}
	}
	c := e.claimOne(lease)
	e.settle(lease, c, raw(leadsync.Failed))
	e.resolve("L1", c.Generation, raw(leadsync.PreSync))
	for _, step := range e.history("L1")[1:] {
		for _, err := range []*leadsync.Error{step.Outcome.Err, step.Outcome.Parts[0].Err} {
			var sf *salesforce.Error
			e.equal("the refusal is kept", errors.As(err, &sf) && sf.Code == "STRING_TOO_LONG", true)
			e.equal("the message", sf.Message, "")
			e.equal("before-images", len(step.Outcome.Parts[0].Changes), 0)
		}
	}
	var sf *salesforce.Error
	last := e.entry("L1").Last
	e.equal("the row keeps it", errors.As(last.Err, &sf) && strings.Contains(sf.Message, secret) && len(last.Parts[0].Changes) == 1, true)
}

func historyStranger(e *env) {
	e.queue("L1")
	e.equal("steps", len(e.history("stranger")), 0)
}

func prune(e *env) {
	kinds := func(id leadsync.LeadID) []leadsync.StepKind {
		var kinds []leadsync.StepKind
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
	_, err := e.store.Capture(e.ctx(), "other", []leadsync.Captured{{Lead: lead("L1"), State: leadsync.StateQueued}, {Lead: changed("L1"), State: leadsync.StateQueued}})
	e.noError(err)
	e.equal("pruned of nothing that old", pruned(start), 0)
	e.clock.turn(time.Second)
	e.push(leadsync.Filter{Leads: []leadsync.LeadID{"L1"}})
	version := e.count(leadsync.Filter{}).Version
	e.clock.turn(time.Second)
	e.capture(leadsync.StateQueued, changed("L1"))
	before := e.list(leadsync.Filter{})

	e.equal("pruned", pruned(start.Add(time.Second)), 1)
	e.equal("steps", kinds("L1"), []leadsync.StepKind{leadsync.StepPushed, leadsync.StepReplaced})
	e.equal("pruned again", pruned(start.Add(time.Second)), 0)
	e.equal("pruned", pruned(start.Add(time.Hour)), 1)
	e.equal("steps", kinds("L1"), []leadsync.StepKind{leadsync.StepReplaced})
	e.equal("steps", kinds("L2"), []leadsync.StepKind{leadsync.StepCaptured})
	e.equal("entries", e.list(leadsync.Filter{}), before)
	e.equal("unchanged", entryIDs(e.list(leadsync.Filter{Version: version})), []leadsync.LeadID{"L2"})
	steps, err := e.store.History(e.ctx(), "other", "L1")
	e.noError(err)
	e.equal("steps of the other", len(steps), 2)
}

func forget(e *env) {
	e.fail("L1", "L2")
	other := lead("L1")
	other.EventID, other.Strategy = "fair", "rare"
	e.noError(e.store.Forget(e.ctx(), connection, "L1"))
	e.noError(e.store.Forget(e.ctx(), connection, "L1")) // is forgotten already
	e.equal("left", entryIDs(e.list(leadsync.Filter{})), []leadsync.LeadID{"L2"})
	e.equal("history", len(e.history("L1")), 0)
	e.equal("counted", e.count(leadsync.Filter{}).Groups[0].Leads, 1)
	e.equal("sample", e.count(leadsync.Filter{}).Groups[0].Oldest, leadsync.LeadID("L2"))
	stale, err := e.store.Resolve(e.ctx(), connection, []leadsync.Resolution{{LeadID: "L1", Generation: 1, Outcome: cleared("L1")}})
	e.noError(err)
	e.equal("resolved", stale, []leadsync.LeadID{"L1"})

	report := e.capture(leadsync.StateQueued, other)
	e.equal("new", report.New, 1)
	entry := e.entry("L1")
	e.equal("lead", entry.Lead, other)
	e.equal("generation", entry.Generation, int64(0))
	e.equal("last outcome", entry.Last, (*leadsync.Outcome)(nil))
	e.noError(e.store.Forget(e.ctx(), connection, "L1"))
	other = lead("L3")
	other.EventID = "fair"
	e.equal("strategies", e.capture(leadsync.StateQueued, other).Strategies, map[string][]string{"fair": {"s"}})
}

func forgetInFlight(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.errorIs(e.store.Forget(e.ctx(), connection, "L1"), leadsync.ErrInFlight)
	e.settle(lease, c, cleared("L1"))
	e.noError(e.store.Forget(e.ctx(), connection, "L1"))
}

// forgetDead: nobody is there to settle the lead, and nobody may come.
func forgetDead(e *env) {
	e.queue("L1")
	lease := e.acquire("dead")
	c := e.claimOne(lease)
	e.clock.turn(ttl - time.Microsecond)
	e.errorIs(e.store.Forget(e.ctx(), connection, "L1"), leadsync.ErrInFlight)
	e.clock.turn(time.Microsecond)
	e.noError(e.store.Forget(e.ctx(), connection, "L1"))
	e.queue("L1")
	stale, err := e.store.Settle(e.ctx(), lease, []leadsync.Settlement{{LeadID: "L1", Generation: c.Generation, Outcome: cleared("L1")}})
	e.noError(err)
	e.equal("stale", stale, []leadsync.LeadID{"L1"})
	e.at("L1", leadsync.PreSync, leadsync.StateQueued)
}

func forgetNumbers(e *env) {
	e.queue("L1", "L2", "L3")
	e.noError(e.store.Forget(e.ctx(), connection, "L2"))
	e.noError(e.store.Forget(e.ctx(), connection, "L3"))
	version := e.count(leadsync.Filter{}).Version
	e.queue("L4")
	e.equal("sequence", e.entry("L4").Sequence, int64(4))
	e.equal("unchanged", entryIDs(e.list(leadsync.Filter{Version: version})), []leadsync.LeadID{"L1"})

	version = e.count(leadsync.Filter{}).Version
	e.noError(e.store.Forget(e.ctx(), connection, "L4"))
	e.push(leadsync.Filter{})
	e.equal("unchanged", len(e.list(leadsync.Filter{Version: version})), 0)
	e.noError(e.store.Forget(e.ctx(), connection, "L1"))
	e.queue("L5")
	e.equal("sequence of the only one", e.entry("L5").Sequence, int64(5))
}

func forgetConnection(e *env) {
	e.queue("L1")
	_, err := e.store.Capture(e.ctx(), "other", []leadsync.Captured{{Lead: lead("L1"), State: leadsync.StateQueued}})
	e.noError(err)
	e.noError(e.store.Forget(e.ctx(), connection, "L1"))
	entries, err := e.store.List(e.ctx(), "other", leadsync.Filter{})
	e.noError(err)
	e.equal("of the other", entryIDs(entries), []leadsync.LeadID{"L1"})
	steps, err := e.store.History(e.ctx(), "other", "L1")
	e.noError(err)
	e.equal("steps of the other", len(steps), 1)
}
