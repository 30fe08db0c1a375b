package storetest

import (
	"errors"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
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
	e.settle(lease, claimed[1], failed("L2", leadsync.NoTagMapping))
	e.settle(lease, claimed[2], retry("L3", start.Add(time.Hour)))
	e.settle(lease, claimed[3], &leadsync.Outcome{LeadID: "L4", Stage: leadsync.PreSync, At: start})
	e.at("L1", leadsync.Cleared, "")
	e.at("L2", leadsync.Failed, "")
	e.at("L3", leadsync.PreSync, leadsync.StateQueued)
	e.at("L4", leadsync.PreSync, leadsync.StateFrozen)
	for _, entry := range e.list(leadsync.Filter{Leads: []leadsync.LeadID{"L1", "L2", "L4"}}) {
		e.equal("retry at", entry.RetryAt, time.Time{})
	}
}

func settleWhole(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	outcome := &leadsync.Outcome{
		LeadID: "L1", EventID: "expo", Stage: leadsync.Failed, Object: "Contact", ID: "003000000000001AAA",
		AccountID: "001000000000001AAA",
		Parts: []leadsync.Part{
			{Kind: leadsync.PartPerson, Object: "Contact", ID: "003000000000001AAA", Action: leadsync.Updated},
			{Kind: leadsync.PartTask, Object: "Task", Key: "A1", Err: &leadsync.Error{Op: "create", Code: leadsync.OwnerInvalid}},
		},
		Trace: leadsync.MatchTrace{Strategy: "s", Rule: "first hit", Probes: []leadsync.ProbeTrace{
			{Probe: leadsync.Probe{Object: "Contact", Field: "Email"}, Hit: true,
				Candidates: []leadsync.Candidate{{Object: "Contact", ID: "003000000000001AAA"}}}}},
		Warnings: []leadsync.Warning{{Code: leadsync.DataValueValidation, Object: "Contact", Field: "Title", Reason: "cut to 128 characters"}},
		Err: &leadsync.Error{Op: "create", Code: leadsync.OwnerInvalid, LeadID: "L1", Fields: []string{"OwnerId"},
			Err: &salesforce.Error{HTTPStatus: 200, Code: "INACTIVE_OWNER_OR_USER", Message: "raw text", RequestID: "r"}},
		At: start,
	}
	e.settle(lease, e.claimOne(lease), outcome)
	last := e.entry("L1").Last
	e.equal("outcome", last, outcome)
	var raw *salesforce.Error
	e.equal("the raw error is kept", errors.As(last.Err, &raw) && raw.Message == "raw text", true)
	e.push(leadsync.Filter{})
	e.equal("claimed outcome", e.claimOne(lease).Last, outcome)
}

func settleNil(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	e.settle(lease, claimed[0], retry("L1", start))
	e.settleWith(lease, leadsync.Settlement{LeadID: "L2", Generation: claimed[1].Generation, Free: true,
		Intents: []leadsync.Intent{intent("k")}})
	entry := e.at("L2", leadsync.PreSync, leadsync.StateQueued)
	e.equal("last outcome", entry.Last, (*leadsync.Outcome)(nil))
	e.equal("attempts", entry.Attempts, 0)
	claimed = e.claim(lease, 2)
	e.equal("claimed", claimedIDs(claimed), []leadsync.LeadID{"L1", "L2"})
	e.equal("intents", claimed[1].Intents, []leadsync.Intent{intent("k")})
	e.settle(lease, claimed[0], nil)
	entry = e.at("L1", leadsync.PreSync, leadsync.StateQueued)
	e.equal("last outcome", entry.Last, retry("L1", start))
	e.equal("attempts", entry.Attempts, 2)
	e.equal("retry at", entry.RetryAt, time.Time{})
	e.equal("still found by its code", len(e.list(leadsync.Filter{Codes: []leadsync.Code{leadsync.RowContention}})), 1)
}

func settleIntents(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.noError(e.store.Journal(e.ctx(), lease, map[leadsync.LeadID][]leadsync.Intent{"L1": {intent("one"), intent("two")}}))
	e.settleWith(lease, leadsync.Settlement{LeadID: "L1", Generation: c.Generation,
		Outcome: retry("L1", start), Intents: []leadsync.Intent{intent("two")}})
	c = e.claimOne(lease)
	e.equal("intents", c.Intents, []leadsync.Intent{intent("two")})
	e.settle(lease, c, retry("L1", start))
	e.equal("intents", len(e.claimOne(lease).Intents), 0)
}

func settleStale(e *env) {
	e.queue("L1", "L2", "L3")
	lease := e.acquire("a")
	claimed := e.claim(lease, 2)
	e.settle(lease, claimed[0], retry("L1", start))
	again := e.claim(lease, 1)
	settle := func(id leadsync.LeadID, generation int64) leadsync.Settlement {
		return leadsync.Settlement{LeadID: id, Generation: generation, Outcome: cleared(id), Intents: []leadsync.Intent{intent("k")}}
	}
	stale, err := e.store.Settle(e.ctx(), lease, []leadsync.Settlement{
		settle("L1", claimed[0].Generation), settle("L2", claimed[1].Generation), settle("L3", 0), settle("stranger", 1)})
	e.noError(err)
	e.equal("stale", stale, []leadsync.LeadID{"L1", "L3", "stranger"})
	e.at("L1", leadsync.PreSync, leadsync.StateInFlight)
	e.at("L2", leadsync.Cleared, "")
	e.at("L3", leadsync.PreSync, leadsync.StateQueued)
	e.settle(lease, again[0], cleared("L1"))
	stale, err = e.store.Settle(e.ctx(), lease, []leadsync.Settlement{settle("L1", again[0].Generation)})
	e.noError(err)
	e.equal("settled twice", stale, []leadsync.LeadID{"L1"})
}
