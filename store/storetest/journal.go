// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

var journalTests = map[string]func(*env){
	"JournalKeepsTheValuesBefore":           journalKeepsValues,
	"ForgetRemovesValuesFromJournals":       forgetJournalled,
	"ForgetRemovesWhatOnlyAJournalTellsOf":  forgetByJournal,
	"ForgetRefusesWhileAJournalIsInFlight":  forgetJournalledInFlight,
	"ExpireRemovesValuesFromJournals":       expireJournalled,
	"ExpireLeavesAJournalWithoutTheUpdates": expireUpdates,
}

// update is the intent of an update that replaces what another lead wrote.
func update(record salesforce.ID) leadtype.Intent {
	return leadtype.Intent{Kind: leadtype.PartPerson, Object: "Lead", Record: record, Update: true,
		Fields: map[string]string{"Title": "digest"}, PlannedAt: start, SentAt: start,
		Changes: []leadtype.FieldChange{{Field: "Description", Before: secret, After: "other",
			Reason: "overwrite from notes"}}}
}

// bare is update without the values.
func bare(record salesforce.ID) leadtype.Intent {
	intent := update(record)
	intent.Changes = nil
	return intent
}

// interrupt claims a lead, journals intents for it and gives the lease back.
func (e *env) interrupt(id leadtype.LeadID, intents ...leadtype.Intent) {
	e.t.Helper()
	e.queue(id)
	lease := e.acquire("interrupted")
	e.claimOne(lease)
	e.noError(e.store.Journal(e.ctx(), lease, map[leadtype.LeadID][]leadtype.Intent{id: intents}))
	e.noError(e.store.Release(e.ctx(), lease))
}

func journalKeepsValues(e *env) {
	replaced := update(recordB)
	replaced.Replaced = salesforce.Fields{"Company__c": string(recordA)}
	e.interrupt("L1", update(recordA), replaced)
	e.equal("intents", e.claimOne(e.acquire("next")).Intents, []leadtype.Intent{update(recordA), replaced})
	e.equal("values in the history", e.holds(e.history("L1"), secret), false)
}

func forgetJournalled(e *env) {
	e.interrupt("other", update(recordA), update(recordB), intent("k"))
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.settleWith(lease, store.Settlement{LeadID: "other", Generation: c.Generation, Intents: c.Intents,
		Outcome: retry("other", start.Add(time.Hour))})
	e.settleAs(lease, &leadtype.Outcome{LeadID: "gone", Stage: leadtype.Cleared, Action: leadtype.Created,
		Object: "Lead", ID: recordA[:15], At: start})
	e.noError(e.store.Forget(e.ctx(), connection, "gone", ""))
	e.equal("intents", e.entry("other").Intents, []leadtype.Intent{bare(recordA), update(recordB), intent("k")})
	e.settleAs(lease, cleared("none")) // which has no record
	e.noError(e.store.Forget(e.ctx(), connection, "none", ""))
	e.equal("intents", e.entry("other").Intents, []leadtype.Intent{bare(recordA), update(recordB), intent("k")})
}

// forgetByJournal: no outcome says that the record is the lead's, as its process ended.
func forgetByJournal(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, sharing("other", recordA))
	e.noError(e.store.Release(e.ctx(), lease))
	e.interrupt("gone", update(recordA))
	e.equal("values", e.holds(e.entry("other"), secret), true)
	e.noError(e.store.Forget(e.ctx(), connection, "gone", ""))
	e.equal("values", e.holds(e.entry("other"), secret), false)
}

func forgetJournalledInFlight(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, sharing("gone", recordA))
	e.queue("other")
	c := e.claimOne(lease)
	e.noError(e.store.Journal(e.ctx(), lease, map[leadtype.LeadID][]leadtype.Intent{"other": {update(recordA)}}))
	e.errorIs(e.store.Forget(e.ctx(), connection, "gone", ""), store.ErrInFlight)
	e.settle(lease, c, nil)
	e.noError(e.store.Forget(e.ctx(), connection, "gone", ""))
}

func expireJournalled(e *env) {
	e.interrupt("L1", update(recordA), intent("k"))
	e.clock.turn(time.Hour)
	e.equal("too recent", e.expire(start, 10), 0)
	e.equal("values", e.holds(e.entry("L1"), secret), true)
	e.equal("expired", e.expire(e.clock.now(), 10), 1)
	e.equal("intents", e.entry("L1").Intents, []leadtype.Intent{bare(recordA), intent("k")})
	e.equal("expired again", e.expire(e.clock.now(), 10), 0)
}

// expireUpdates: an update that is nothing but its values is gone with them.
func expireUpdates(e *env) {
	forced := update(recordA)
	forced.Fields = nil
	e.interrupt("L1", forced)
	e.clock.turn(time.Hour)
	e.equal("expired", e.expire(e.clock.now(), 10), 1)
	e.equal("intents", len(e.entry("L1").Intents), 0)
	e.equal("unanswered", len(e.list(store.Filter{Unanswered: true})), 0)
}
