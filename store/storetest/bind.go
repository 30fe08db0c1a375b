// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"sync"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

const (
	orgA salesforce.ID = "00D00000000000AEAY"
	orgB salesforce.ID = "00D00000000000BEAY"
)

var bindTests = map[string]func(*env){
	"BindKeepsTheFirstOrg":                bind,
	"BindOfOneConnectionIsNotTheOthers":   bindOther,
	"BindLetsOneOfManyCallersWin":         bindRace,
	"RebindDropsWhatIsKnownOfTheRecords":  rebind,
	"RebindToTheSameOrgDropsNothing":      rebindSame,
	"RebindWorksUnderAValidLeaseOnly":     rebindLease,
	"RebindEndsTheClaimsOfLeadsInFlight":  rebindInFlight,
	"RebindOfOneConnectionIsNotTheOthers": rebindOther,
}

func (e *env) bind(connection string, org salesforce.ID) salesforce.ID {
	e.t.Helper()
	bound, err := e.store.Bind(e.ctx(), connection, org)
	e.noError(err)
	return bound
}

func bind(e *env) {
	e.equal("of a new connection", e.bind(connection, ""), salesforce.ID(""))
	e.equal("bound", e.bind(connection, orgA), orgA)
	e.equal("bound already", e.bind(connection, orgB), orgA)
	e.equal("asked", e.bind(connection, ""), orgA)
	e.queue("L1") // no other method asks
	e.equal("claimed", len(e.claim(e.acquire("a"), 10)), 1)
}

func bindOther(e *env) {
	e.equal("bound", e.bind(connection, orgA), orgA)
	e.equal("the other", e.bind("other", ""), salesforce.ID(""))
	e.equal("the other", e.bind("other", orgB), orgB)
	e.equal("this one", e.bind(connection, ""), orgA)
}

func bindRace(e *env) {
	got := make([]salesforce.ID, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			org := orgA
			if i%2 == 0 {
				org = orgB
			}
			bound, err := e.store.Bind(e.ctx(), connection, org)
			if err != nil {
				e.t.Errorf("unexpected error: %v", err)
			}
			got[i] = bound
		})
	}
	wg.Wait()
	for _, org := range got {
		e.equal("bound", org, got[0])
	}
}

// known is an outcome with all that is true of one org only.
func known(id leadtype.LeadID, stage leadtype.Stage) *leadtype.Outcome {
	out := cleared(id)
	out.AccountID, out.Stage = "001000000000001AAA", stage
	out.Parts = []leadtype.Part{{Kind: leadtype.PartPerson, Object: "Lead", ID: out.ID}}
	out.Trace = leadtype.MatchTrace{Strategy: "s", Choice: leadtype.Choice{Chosen: out.ID}}
	if stage == leadtype.Failed {
		out.Err = failed(id, leadtype.DuplicateRecord).Err
		out.Err.Err = &salesforce.Error{HTTPStatus: 400, Code: "DUPLICATES_DETECTED",
			Duplicates: []salesforce.Duplicate{{ID: out.ID}}}
	}
	return out
}

func rebind(e *env) {
	e.bind(connection, orgA)
	e.queue("cleared", "failed", "new", "unanswered")
	lease := e.acquire("a")
	claimed := e.claim(lease, 4)
	e.settle(lease, claimed[0], known("cleared", leadtype.Cleared))
	e.settle(lease, claimed[1], known("failed", leadtype.Failed))
	e.settle(lease, claimed[2], nil)
	e.settleWith(lease, store.Settlement{LeadID: "unanswered", Generation: 1, Intents: []leadtype.Intent{intent("k")}})
	remembered := leadtype.RecordMemory{ID: "00Q000000000001AAA", Lead: "cleared"}
	e.noError(e.store.Remember(e.ctx(), connection, []leadtype.RecordMemory{remembered}))
	e.noError(e.store.Remember(e.ctx(), "other", []leadtype.RecordMemory{remembered}))
	e.noError(e.store.SetRunState(e.ctx(), lease, []byte("paused")))
	untouched := e.entry("new")
	version := e.count(store.Filter{}).Version
	e.clock.turn(time.Second)

	e.noError(e.store.Rebind(e.ctx(), lease, orgB, by))
	e.equal("bound", e.bind(connection, orgA), orgB)
	e.equal("new", e.entry("new"), untouched)
	entry := e.at("cleared", leadtype.Cleared, "")
	e.equal("of the cleared lead", entry.Last, known("cleared", leadtype.Cleared).Rebound())
	e.equal("id", entry.Last.ID, salesforce.ID(""))
	e.equal("warnings", len(entry.Last.Warnings), 1)
	entry = e.at("failed", leadtype.Failed, "")
	e.equal("of the failed lead", entry.Last, known("failed", leadtype.Failed).Rebound())
	e.equal("by code", entryIDs(e.list(store.Filter{Codes: []leadtype.Code{leadtype.DuplicateRecord}})),
		[]leadtype.LeadID{"failed"})
	e.equal("by cause", entryIDs(e.list(store.Filter{Causes: []leadtype.CauseKey{entry.Last.CauseKey()}})),
		[]leadtype.LeadID{"failed"})
	e.equal("intents", len(e.list(store.Filter{Unanswered: true})), 0)
	records, err := e.store.Records(e.ctx(), connection, []salesforce.ID{remembered.ID})
	e.noError(err)
	e.equal("records", len(records), 0)
	state, err := e.store.RunState(e.ctx(), connection)
	e.noError(err)
	e.equal("run state", len(state), 0)
	e.at("unanswered", leadtype.PreSync, store.StateQueued)
	e.equal("unchanged", entryIDs(e.list(store.Filter{Version: version})), []leadtype.LeadID{"new"})
	steps := e.history("cleared")
	e.equal("the last step", steps[len(steps)-1], store.Step{At: e.clock.now(), Kind: store.StepRebound,
		By: by, Stage: leadtype.Cleared, Generation: 1, Outcome: known("cleared", leadtype.Cleared).Rebound()})
}

func rebindSame(e *env) {
	e.bind(connection, orgA)
	e.queue("L1")
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), known("L1", leadtype.Cleared))
	e.noError(e.store.Rebind(e.ctx(), lease, orgA, by))
	e.equal("outcome", e.entry("L1").Last, known("L1", leadtype.Cleared))
	e.equal("steps of the connection", len(e.history("")), 0)
}

func rebindLease(e *env) {
	e.bind(connection, orgA)
	lease := e.acquire("a")
	e.clock.turn(ttl)
	e.errorIs(e.store.Rebind(e.ctx(), lease, orgB, ""), store.ErrLeaseLost)
	newer := e.acquire("b")
	e.errorIs(e.store.Rebind(e.ctx(), lease, orgB, ""), store.ErrLeaseLost)
	e.equal("bound", e.bind(connection, ""), orgA)
	e.noError(e.store.Rebind(e.ctx(), newer, orgB, ""))
	e.noError(e.store.Release(e.ctx(), newer))
	e.errorIs(e.store.Rebind(e.ctx(), newer, orgA, ""), store.ErrLeaseLost)
	e.equal("bound", e.bind(connection, ""), orgB)
}

func rebindInFlight(e *env) {
	e.bind(connection, orgA)
	e.queue("L1")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.noError(e.store.Rebind(e.ctx(), lease, orgB, ""))
	stale, err := e.store.Settle(e.ctx(), lease,
		[]store.Settlement{{LeadID: "L1", Generation: c.Generation, Outcome: known("L1", leadtype.Cleared)}})
	e.noError(err)
	e.equal("stale", stale, []leadtype.LeadID{"L1"})
	e.at("L1", leadtype.PreSync, store.StateQueued)
}

func rebindOther(e *env) {
	e.bind(connection, orgA)
	e.queue("L1")
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), known("L1", leadtype.Cleared))
	other, err := e.store.Acquire(e.ctx(), "other", "a", ttl)
	e.noError(err)
	e.noError(e.store.Rebind(e.ctx(), other, orgB, ""))
	e.equal("outcome", e.entry("L1").Last, known("L1", leadtype.Cleared))
	e.equal("bound", e.bind(connection, ""), orgA)
	e.equal("the other", e.bind("other", ""), orgB)
}
