// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

var settleTests = map[string]func(*env){
	"SettleMovesALeadToItsOutcomesStage":      settleStages,
	"SettleKeepsTheWholeOutcome":              settleWhole,
	"SettleWithoutAnOutcomeKeepsTheLast":      settleNil,
	"SettleReplacesTheIntents":                settleIntents,
	"SettleLeavesStaleLeadsAndSettlesTheRest": settleStale,
}

func settleStages(e *env) {
	e.queue("L1", "L2", "L3", "L4")
	lease := e.acquire("a")
	claimed := e.claim(lease, 4)
	e.settle(lease, claimed[0], cleared("L1"))
	e.settle(lease, claimed[1], failed("L2", leadtype.NoTagMapping))
	e.settle(lease, claimed[2], retry("L3", start.Add(time.Hour)))
	e.settle(lease, claimed[3], &leadtype.Outcome{LeadID: "L4", Stage: leadtype.PreSync, At: start})
	e.at("L1", leadtype.Cleared, "")
	e.at("L2", leadtype.Failed, "")
	e.at("L3", leadtype.PreSync, store.StateQueued)
	e.at("L4", leadtype.PreSync, store.StateFrozen)
	for _, entry := range e.list(store.Filter{Leads: []leadtype.LeadID{"L1", "L2", "L4"}}) {
		e.equal("retry at", entry.RetryAt, time.Time{})
	}
}

func settleWhole(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	outcome := &leadtype.Outcome{
		LeadID: "L1", EventID: "expo", Stage: leadtype.Failed, Object: "Contact", ID: "003000000000001AAA",
		AccountID: "001000000000001AAA",
		Parts: []leadtype.Part{
			{Kind: leadtype.PartPerson, Object: "Contact", ID: "003000000000001AAA", Action: leadtype.Updated},
			{Kind: leadtype.PartTask, Object: "Task", Key: "A1",
				Err: &leadtype.Error{Op: "create", Code: leadtype.OwnerInvalid}},
		},
		Trace: leadtype.MatchTrace{Strategy: "s", Rule: "first hit", Probes: []leadtype.ProbeTrace{
			{Probe: leadtype.Probe{Object: "Contact", Field: "Email"}, Hit: true,
				Candidates: []leadtype.Candidate{{Object: "Contact", ID: "003000000000001AAA"}}}}},
		Warnings: []leadtype.Warning{{Kind: leadtype.Truncated, Code: leadtype.DataValueValidation, Object: "Contact",
			Field:  "Title",
			Reason: "cut to 128 characters"}},
		Err: &leadtype.Error{Op: "create", Code: leadtype.OwnerInvalid, LeadID: "L1", Fields: []string{"OwnerId"},
			Err: &salesforce.Error{HTTPStatus: 200, Code: "INACTIVE_OWNER_OR_USER", Message: "raw text", RequestID: "r"}},
		At: start,
	}
	e.settle(lease, e.claimOne(lease), outcome)
	last := e.entry("L1").Last
	e.equal("outcome", last, outcome)
	var raw *salesforce.Error
	e.equal("the raw error is kept", errors.As(last.Err, &raw) && raw.Message == "raw text", true)
	e.push(store.Filter{})
	e.equal("claimed outcome", e.claimOne(lease).Last, outcome)
}

func settleNil(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	e.settle(lease, claimed[0], retry("L1", start))
	e.settleWith(lease, store.Settlement{LeadID: "L2", Generation: claimed[1].Generation, Free: true,
		Intents: []leadtype.Intent{intent("k")}})
	entry := e.at("L2", leadtype.PreSync, store.StateQueued)
	e.equal("last outcome", entry.Last, (*leadtype.Outcome)(nil))
	e.equal("attempts", entry.Attempts, 0)
	claimed = e.claim(lease, 2)
	e.equal("claimed", claimedIDs(claimed), []leadtype.LeadID{"L1", "L2"})
	e.equal("intents", claimed[1].Intents, []leadtype.Intent{intent("k")})
	e.settle(lease, claimed[0], nil)
	entry = e.at("L1", leadtype.PreSync, store.StateQueued)
	e.equal("last outcome", entry.Last, retry("L1", start))
	e.equal("attempts", entry.Attempts, 2)
	e.equal("retry at", entry.RetryAt, time.Time{})
	e.equal("still found by its code", len(e.list(store.Filter{Codes: []leadtype.Code{leadtype.RowContention}})), 1)
}

func settleIntents(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.noError(e.store.Journal(e.ctx(), lease, map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("one"), intent("two")}}))
	e.settleWith(lease, store.Settlement{LeadID: "L1", Generation: c.Generation,
		Outcome: retry("L1", start), Intents: []leadtype.Intent{intent("two")}})
	c = e.claimOne(lease)
	e.equal("intents", c.Intents, []leadtype.Intent{intent("two")})
	e.settle(lease, c, retry("L1", start))
	e.equal("intents", len(e.claimOne(lease).Intents), 0)
}

func settleStale(e *env) {
	e.queue("L1", "L2", "L3")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	e.settle(lease, claimed[0], retry("L1", start))
	again := e.claim(lease, 1)
	settle := func(id leadtype.LeadID, generation int64) store.Settlement {
		return store.Settlement{LeadID: id, Generation: generation, Outcome: cleared(id),
			Intents: []leadtype.Intent{intent("k")}}
	}
	stale, err := e.store.Settle(e.ctx(), lease, []store.Settlement{
		settle("L1", claimed[0].Generation), settle("L2", claimed[1].Generation), settle("L3", 0), settle("stranger", 1)})
	e.noError(err)
	e.equal("stale", stale, []leadtype.LeadID{"L1", "L3", "stranger"})
	e.at("L1", leadtype.PreSync, store.StateInFlight)
	e.at("L2", leadtype.Cleared, "")
	e.at("L3", leadtype.PreSync, store.StateQueued)
	e.settle(lease, again[0], cleared("L1"))
	stale, err = e.store.Settle(e.ctx(), lease, []store.Settlement{settle("L1", again[0].Generation)})
	e.noError(err)
	e.equal("settled twice", stale, []leadtype.LeadID{"L1"})
}
