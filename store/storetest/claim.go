// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var claimTests = map[string]func(*env){
	"ClaimFollowsTheOrderOfCapture":        claimOrder,
	"ClaimTakesOnlyQueuedLeads":            claimQueued,
	"ClaimWaitsForRetryAt":                 claimDue,
	"ClaimCountsAttemptsAndGenerations":    claimCounts,
	"JournalReplacesTheIntentsOfALead":     journalReplaces,
	"JournalIsForLeadsInFlightOnly":        journalInFlight,
	"DueIsWhenTheNextLeadCanBeClaimed":     due,
	"DueOfALeadInFlightIsTheEndOfTheLease": dueInFlight,
}

func claimOrder(e *env) {
	e.queue("L5", "L1", "L4")
	e.queue("L2")
	e.capture(store.StateQueued, changed("L5"))
	lease := e.acquire("a")
	e.equal("none", len(e.claim(lease, 0)), 0)
	e.equal("first", claimedIDs(e.claim(lease, 3)), []leadtype.LeadID{"L5", "L1", "L4"})
	e.equal("second", claimedIDs(e.claim(lease, 3)), []leadtype.LeadID{"L2"})
	e.equal("third", len(e.claim(lease, 3)), 0)
}

func claimQueued(e *env) {
	e.capture(store.StateFrozen, lead("frozen"))
	e.capture(store.StateWaiting, lead("waiting"))
	e.queue("failed", "cleared")
	lease := e.acquire("a")
	claimed := e.claim(lease, 10)
	e.equal("claimed", claimedIDs(claimed), []leadtype.LeadID{"failed", "cleared"})
	for _, c := range claimed {
		e.at(c.Lead.ID, leadtype.PreSync, store.StateInFlight)
	}
	e.settle(lease, claimed[0], failed("failed", leadtype.Unknown))
	e.settle(lease, claimed[1], cleared("cleared"))
	e.equal("claimed a second time", len(e.claim(lease, 10)), 0)
}

func claimDue(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	at := start.Add(10*time.Second + 1500*time.Nanosecond) // more precise than a store has to keep
	e.settle(lease, e.claim(lease, 1)[0], retry("L1", at))
	entry := e.at("L1", leadtype.PreSync, store.StateQueued)
	e.equal("retry at", entry.RetryAt.Sub(at).Abs() < time.Microsecond, true)
	e.equal("before its time", claimedIDs(e.claim(lease, 10)), []leadtype.LeadID{"L2"})
	e.clock.turn(10*time.Second + time.Microsecond)
	e.equal("still before its time", len(e.claim(lease, 10)), 0)
	e.clock.turn(time.Microsecond)
	c := e.claimOne(lease)
	e.equal("lead", c.Lead.ID, leadtype.LeadID("L1"))
	e.equal("last outcome", c.Last, retry("L1", at))
}

func claimCounts(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	var generation int64
	next := func(attempts int) store.Claimed {
		c := e.claimOne(lease)
		e.equal("attempts", c.Attempts, attempts)
		e.equal("attempts of the entry", e.entry("L1").Attempts, attempts)
		e.equal("since", !c.Since.IsZero() && c.Since.Equal(e.entry("L1").Since), true)
		if c.Generation <= generation {
			e.t.Fatalf("generation %d after %d", c.Generation, generation)
		}
		generation = c.Generation
		return c
	}
	e.settle(lease, next(1), retry("L1", start))
	second := next(2)
	e.settleWith(lease, store.Settlement{LeadID: "L1", Generation: second.Generation, Outcome: retry("L1", start),
		Free: true})
	e.equal("attempts after a free one", e.entry("L1").Attempts, 1)
	e.settle(lease, next(2), failed("L1", leadtype.Unknown))
	e.clock.turn(time.Second)
	e.push(store.Filter{})
	e.equal("attempts after a push", e.entry("L1").Attempts, 0)
	fourth := next(1)
	e.capture(store.StateQueued, changed("L1"))
	e.settleWith(lease, store.Settlement{LeadID: "L1", Generation: fourth.Generation, Free: true})
	e.equal("attempts after a capture in flight", e.entry("L1").Attempts, 0)
	next(1)
}

func journalReplaces(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	e.claim(lease, 2)
	journal := func(intents map[leadtype.LeadID][]leadtype.Intent) {
		e.t.Helper()
		e.noError(e.store.Journal(e.ctx(), lease, intents))
	}
	journal(nil)
	journal(map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("one"), intent("two")}, "L2": {intent("one")}})
	journal(map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("three")}, "L2": nil})
	e.noError(e.store.Release(e.ctx(), lease))
	again := e.claim(e.acquire("b"), 2)
	e.equal("intents", again[0].Intents, []leadtype.Intent{intent("three")})
	e.equal("removed intents", len(again[1].Intents), 0)
}

func journalInFlight(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	e.claim(lease, 1)
	for _, id := range []leadtype.LeadID{"L2", "stranger"} {
		err := e.store.Journal(e.ctx(), lease, map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("k")}, id: {intent("k")}})
		e.errorIs(err, store.ErrLeaseLost)
	}
	e.noError(e.store.Release(e.ctx(), lease))
	for _, c := range e.claim(e.acquire("b"), 2) {
		e.equal("intents", len(c.Intents), 0)
	}
}

// due requires that the next lead is due after want, or that none is due if want is
// negative.
func (e *env) due(what string, want time.Duration) {
	e.t.Helper()
	wait, waits, err := e.store.Due(e.ctx(), connection)
	e.noError(err)
	e.equal(what+": a lead waits", waits, want >= 0)
	e.equal(what, wait, max(0, want))
}

func due(e *env) {
	e.due("empty store", -1)
	e.capture(store.StateFrozen, lead("frozen"))
	e.capture(store.StateWaiting, lead("waiting"))
	e.due("none queued", -1)
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	e.settle(lease, claimed[0], retry("L1", start.Add(20*time.Second)))
	e.settle(lease, claimed[1], retry("L2", start.Add(10*time.Second)))
	e.due("the first of two", 10*time.Second)
	e.queue("L3")
	e.due("one due already", 0)
	e.clock.turn(time.Minute)
	e.due("all overdue", 0)
	lease = e.acquire("a")
	for _, c := range e.claim(lease, 10) {
		e.settle(lease, c, cleared(c.Lead.ID))
	}
	e.due("all cleared", -1)
}

func dueInFlight(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	e.claimOne(lease)
	e.due("in flight", ttl)
	e.queue("L2")
	e.settle(lease, e.claimOne(lease), retry("L2", start.Add(ttl/2)))
	e.due("queued before that", ttl/2)
	e.noError(e.store.Release(e.ctx(), lease))
	e.due("released", 0)
}
