// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"encoding/json"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var captureTests = map[string]func(*env){
	"CaptureStoresANewLeadInItsState":        captureNew,
	"CaptureKeepsEveryFieldOfALead":          captureWhole,
	"CaptureOfTheSameDataChangesNothing":     captureSame,
	"CaptureOfOtherDataStartsTheLeadAgain":   captureOther,
	"CaptureReleasesALeadThatWaited":         captureWaiting,
	"CaptureInFlightTakesEffectAtTheEnd":     captureInFlight,
	"CaptureInFlightOutlivesALostClaim":      captureInFlightLost,
	"CaptureNeverChangesTheStrategy":         captureStrategy,
	"CaptureReportsTheStrategiesOfAnEvent":   captureStrategies,
	"CaptureTakesTheLastOfTwoWithOneID":      captureTwice,
	"CaptureOfNothingIsNothing":              captureNothing,
	"CaptureRefusesAnIDThatIsAlike":          captureAlike,
	"StoreSharesNoMemoryWithItsCallers":      captureCopies,
	"StoreNumbersLeadsByFirstCapture":        captureSequence,
	"StoreKeepsConnectionsApart":             connectionsApart,
	"StoreKeepsHostileTextAsItIs":            hostileText,
	"StoreChangesNothingWhenTheContextEnded": cancelledContext,
}

func captureNew(e *env) {
	for _, state := range []store.State{store.StateQueued, store.StateFrozen, store.StateWaiting} {
		id := leadtype.LeadID(state)
		report := e.capture(state, lead(id))
		e.equal("report", []int{report.New, report.Replaced, report.Same}, []int{1, 0, 0})
		entry := e.at(id, leadtype.PreSync, state)
		e.equal("lead", entry.Lead, lead(id))
		e.equal("attempts", entry.Attempts, 0)
		e.equal("retry at", entry.RetryAt, time.Time{})
		e.equal("last outcome", entry.Last, (*leadtype.Outcome)(nil))
	}
}

func captureAlike(e *env) {
	e.queue("aB3", "straße")
	report := e.capture(store.StateQueued, lead("Ab3"), lead("x"), lead(" X"), lead("STRASSE"), lead("aB3"), lead("y"))
	e.equal("alike", report.Alike, map[int]leadtype.LeadID{0: "aB3", 2: "x", 3: "straße"})
	e.equal("report", []int{report.New, report.Replaced, report.Same}, []int{2, 0, 1})
	e.equal("kept", entryIDs(e.list(store.Filter{})), []leadtype.LeadID{"aB3", "straße", "x", "y"})
	report, err := e.store.Capture(e.ctx(), "other", []store.Captured{{Lead: lead("Ab3"), State: store.StateQueued}})
	e.noError(err)
	e.equal("of another connection", report.New, 1)
	e.noError(e.store.Forget(e.ctx(), connection, "aB3", ""))
	e.equal("of one that is forgotten", e.capture(store.StateQueued, lead("Ab3")).New, 1)
}

func captureWhole(e *env) {
	score := 81.5
	whole := lead("L1")
	whole.CapturedAt = start
	whole.EnrichedAt = start.Add(time.Hour)
	whole.OtherEmails = []string{"b@example.com", ""}
	whole.Phones = []leadtype.Phone{{Number: "+1 555 0100", Kind: leadtype.PhoneMobile, Enriched: true}}
	whole.Score = &score
	whole.ContactID = "003000000000001AAA"
	whole.Answers = map[string][]string{"budget": {"high", "low"}}
	whole.Custom = map[string]any{
		"big":  json.Number("9007199254740993"),
		"list": []any{"a", nil, true, map[string]any{"k": "v"}},
	}
	whole.Activities = []leadtype.Activity{{ID: "A1", Kind: leadtype.ActivityCall, At: start, By: "rep@example.com",
		Notes: "n"}}
	e.capture(store.StateQueued, whole)
	e.equal("listed lead", e.entry("L1").Lead, whole)
	e.equal("claimed lead", e.claimOne(e.acquire("a")).Lead, whole)
}

func captureSame(e *env) {
	e.queue("frozen", "queued", "failed", "cleared", "flying")
	lease := e.acquire("a")
	claimed := e.claim(lease, 5)
	e.settle(lease, claimed[0], &leadtype.Outcome{Stage: leadtype.PreSync, At: start})
	e.settle(lease, claimed[1], retry("queued", start.Add(time.Hour)))
	e.settle(lease, claimed[2], failed("failed", leadtype.DataValueValidation))
	e.settle(lease, claimed[3], cleared("cleared"))
	before := e.list(store.Filter{})
	for _, entry := range before {
		report := e.capture(store.StateQueued, lead(entry.Lead.ID))
		e.equal("report", []int{report.New, report.Replaced, report.Same}, []int{0, 0, 1})
	}
	e.equal("entries", e.list(store.Filter{}), before)
	e.settle(lease, claimed[4], cleared("flying"))
	e.at("flying", leadtype.Cleared, "")
}

func captureOther(e *env) {
	e.queue("frozen", "queued", "failed", "cleared")
	lease := e.acquire("a")
	claimed := e.claim(lease, 4)
	outcomes := []*leadtype.Outcome{
		{Stage: leadtype.PreSync, At: start}, retry("queued", start.Add(time.Hour)),
		failed("failed", leadtype.Unknown), cleared("cleared"),
	}
	for i, c := range claimed {
		e.settleWith(lease, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation,
			Outcome: outcomes[i], Intents: []leadtype.Intent{intent("k")}})
	}
	for i, c := range claimed {
		before := e.entry(c.Lead.ID)
		report := e.capture(store.StateQueued, changed(c.Lead.ID))
		e.equal("report", []int{report.New, report.Replaced, report.Same}, []int{0, 1, 0})
		after := e.at(c.Lead.ID, leadtype.PreSync, store.StateQueued)
		e.equal("lead", after.Lead, changed(c.Lead.ID))
		e.equal("attempts", after.Attempts, 0)
		e.equal("retry at", after.RetryAt, time.Time{})
		e.equal("last outcome", after.Last, before.Last)
		again := e.claimOne(lease)
		e.equal("intents", again.Intents, []leadtype.Intent{intent("k")})
		e.equal("attempts of the claim", again.Attempts, 1)
		e.settle(lease, again, outcomes[i])
	}
	e.capture(store.StateFrozen, lead("cleared"))
	e.at("cleared", leadtype.PreSync, store.StateFrozen)
}

func captureWaiting(e *env) {
	e.capture(store.StateWaiting, lead("L1"))
	e.equal("same", e.capture(store.StateWaiting, lead("L1")).Same, 1)
	e.at("L1", leadtype.PreSync, store.StateWaiting)
	e.equal("replaced", e.capture(store.StateQueued, lead("L1")).Replaced, 1)
	e.at("L1", leadtype.PreSync, store.StateQueued)
}

func captureInFlight(e *env) {
	for _, state := range []store.State{store.StateQueued, store.StateFrozen, store.StateWaiting} {
		id := leadtype.LeadID(state)
		e.queue(id)
		lease := e.acquire("a")
		first := e.claimOne(lease)
		e.equal("replaced", e.capture(state, changed(id)).Replaced, 1)
		e.at(id, leadtype.PreSync, store.StateInFlight)
		e.equal("claimed again", len(e.claim(lease, 10)), 0)
		e.settleWith(lease, store.Settlement{LeadID: id, Generation: first.Generation,
			Outcome: cleared(id), Intents: []leadtype.Intent{intent("k")}})
		entry := e.at(id, leadtype.PreSync, state)
		e.equal("lead", entry.Lead, changed(id))
		e.equal("attempts", entry.Attempts, 0)
		e.equal("last outcome", entry.Last, cleared(id))
		if state != store.StateQueued {
			continue
		}
		second := e.claimOne(lease)
		e.equal("intents", second.Intents, []leadtype.Intent{intent("k")})
		e.settle(lease, second, cleared(id))
		e.at(id, leadtype.Cleared, "")
	}
}

func captureInFlightLost(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	e.claimOne(lease)
	e.capture(store.StateFrozen, changed("L1"))
	e.clock.turn(ttl)
	e.acquire("b")
	e.at("L1", leadtype.PreSync, store.StateFrozen)
}

func captureStrategy(e *env) {
	e.queue("L1")
	other := changed("L1")
	other.Strategy = "other"
	e.capture(store.StateQueued, other)
	e.equal("strategy", e.entry("L1").Lead.Strategy, "s")
	same := changed("L1")
	same.Strategy = "third"
	e.equal("a different strategy is not new data", e.capture(store.StateQueued, same).Same, 1)
	e.equal("claimed strategy", e.claimOne(e.acquire("a")).Lead.Strategy, "s")
}

func captureStrategies(e *env) {
	of := func(id leadtype.LeadID, event, strategy string) *leadtype.Lead {
		l := lead(id)
		l.EventID, l.Strategy = event, strategy
		return l
	}
	report := e.capture(store.StateQueued, of("L1", "expo", "z"), of("L2", "fair", "m"), of("L3", "", "m"))
	e.equal("strategies", report.Strategies, map[string][]string{"expo": {"z"}, "fair": {"m"}, "": {"m"}})
	report = e.capture(store.StateQueued, of("L4", "expo", "a"), of("L5", "expo", "m"))
	e.equal("strategies, sorted, of the captured events only", report.Strategies,
		map[string][]string{"expo": {"a", "m", "z"}})
	report = e.capture(store.StateQueued, of("L1", "expo", "z"))
	e.equal("strategies of the event of an unchanged lead", report.Strategies,
		map[string][]string{"expo": {"a", "m", "z"}})
	report = e.capture(store.StateQueued, of("L1", "fair", "z"))
	e.equal("strategies of the event that a lead moved to", report.Strategies, map[string][]string{"fair": {"m", "z"}})
	report = e.capture(store.StateQueued, of("L6", "expo", "a"))
	e.equal("strategies of the event that a lead left", report.Strategies, map[string][]string{"expo": {"a", "m"}})
}

func captureTwice(e *env) {
	report := e.capture(store.StateQueued, lead("L1"), changed("L1"))
	e.equal("report", []int{report.New, report.Replaced, report.Same}, []int{1, 1, 0})
	e.equal("lead", e.entry("L1").Lead, changed("L1"))
}

func captureNothing(e *env) {
	report := e.capture(store.StateQueued)
	e.equal("report", []int{report.New, report.Replaced, report.Same}, []int{0, 0, 0})
	e.equal("strategies", len(report.Strategies), 0)
	e.equal("entries", len(e.list(store.Filter{})), 0)
}

func captureCopies(e *env) {
	given := lead("L1")
	given.Answers = map[string][]string{"q": {"a"}}
	given.OtherEmails = []string{"b@example.com"}
	want := lead("L1")
	want.Answers = map[string][]string{"q": {"a"}}
	want.OtherEmails = []string{"b@example.com"}
	e.capture(store.StateQueued, given)
	change := func(l *leadtype.Lead) {
		l.Answers["q"][0] = "changed by the caller"
		l.OtherEmails[0] = "changed by the caller"
	}
	change(given)
	change(e.entry("L1").Lead)
	lease := e.acquire("a")
	claimed := e.claimOne(lease)
	change(claimed.Lead)
	e.equal("lead", e.entry("L1").Lead, want)

	intents := []leadtype.Intent{intent("k")}
	outcome := failed("L1", leadtype.Unknown)
	e.settleWith(lease, store.Settlement{LeadID: "L1", Generation: claimed.Generation, Outcome: outcome, Intents: intents})
	intents[0].Key = "changed by the caller"
	outcome.Err.Fields[0] = "changed by the caller"
	e.entry("L1").Last.Err.Fields[0] = "changed by the caller"
	e.push(store.Filter{})
	again := e.claimOne(lease)
	e.equal("intents", again.Intents, []leadtype.Intent{intent("k")})
	e.equal("outcome", again.Last, failed("L1", leadtype.Unknown))
}

func captureSequence(e *env) {
	e.queue("L3", "L1")
	e.queue("L2", "L1")
	e.capture(store.StateQueued, changed("L3"))
	for i, entry := range e.list(store.Filter{}) {
		e.equal("sequence", entry.Sequence, int64(i+1))
		e.equal("lead", entry.Lead.ID, []leadtype.LeadID{"L3", "L1", "L2"}[i])
	}
}
