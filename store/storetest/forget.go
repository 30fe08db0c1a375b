// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

var forgetTests = map[string]func(*env){
	"ForgetRemovesALeadWhole":              forget,
	"ForgetRefusesALeadInFlight":           forgetInFlight,
	"ForgetTakesALeadOfADeadClaim":         forgetDead,
	"ForgetGivesNoSequenceOrVersionTwice":  forgetNumbers,
	"ForgetKeepsToItsConnection":           forgetConnection,
	"ForgetRemovesValuesOfSharedRecords":   forgetShared,
	"ForgetRemovesQuotesOfSharedRecords":   forgetQuotes,
	"ForgetRefusesWhileARecordIsInFlight":  forgetSharedInFlight,
	"ForgetLeavesTheImagesOfOtherRecords":  forgetOthers,
	"SuppressRefusesTheIDAndTheAddress":    suppress,
	"SuppressTakesALeadThatIsNotThere":     suppressStranger,
	"SuppressKeepsToItsConnection":         suppressConnection,
	"UnsuppressLiftsWhatALeadLeft":         unsuppress,
	"UnsuppressLeavesTheAddressOfAnother":  unsuppressShared,
	"ExpireRemovesImagesAndCandidates":     expire,
	"ExpireTakesTheOldestOfAFew":           expireLimit,
	"ExpireLeavesWhatIsInFlight":           expireInFlight,
	"ExpireTakesAStepThatWasNotTheLast":    expireHistory,
	"ExpireKeepsToItsConnectionAndItsTime": expireOther,
}

func forget(e *env) {
	e.fail("L1", "L2")
	other := lead("L1")
	other.EventID, other.Strategy = "fair", "rare"
	e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
	e.noError(e.store.Forget(e.ctx(), connection, "L1", "")) // has been forgotten already
	e.equal("left", entryIDs(e.list(store.Filter{})), []leadtype.LeadID{"L2"})
	e.equal("history", len(e.history("L1")), 0)
	e.equal("counted", e.count(store.Filter{}).Groups[0].Leads, 1)
	e.equal("sample", e.count(store.Filter{}).Groups[0].Oldest, leadtype.LeadID("L2"))
	stale, err := e.store.Resolve(e.ctx(), connection,
		[]store.Resolution{{LeadID: "L1", Generation: 1, Outcome: cleared("L1")}})
	e.noError(err)
	e.equal("resolved", stale, []leadtype.LeadID{"L1"})

	report := e.capture(store.StateQueued, other)
	e.equal("new", report.New, 1)
	entry := e.entry("L1")
	e.equal("lead", entry.Lead, other)
	e.equal("generation", entry.Generation, int64(0))
	e.equal("last outcome", entry.Last, (*leadtype.Outcome)(nil))
	e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
	other = lead("L3")
	other.EventID = "fair"
	e.equal("strategies", e.capture(store.StateQueued, other).Strategies, map[string][]string{"fair": {"s"}})
}

func forgetInFlight(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.errorIs(e.store.Forget(e.ctx(), connection, "L1", ""), store.ErrInFlight)
	e.settle(lease, c, cleared("L1"))
	e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
}

// forgetDead: the lease of a lead in flight ran out and no one took it over, so
// Forget must not wait for the settlement.
func forgetDead(e *env) {
	e.queue("L1")
	lease := e.acquire("dead")
	c := e.claimOne(lease)
	e.clock.turn(ttl - time.Microsecond)
	e.errorIs(e.store.Forget(e.ctx(), connection, "L1", ""), store.ErrInFlight)
	e.clock.turn(time.Microsecond)
	e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
	e.queue("L1")
	stale, err := e.store.Settle(e.ctx(), lease,
		[]store.Settlement{{LeadID: "L1", Generation: c.Generation, Outcome: cleared("L1")}})
	e.noError(err)
	e.equal("stale", stale, []leadtype.LeadID{"L1"})
	e.at("L1", leadtype.PreSync, store.StateQueued)
}

func forgetNumbers(e *env) {
	e.queue("L1", "L2", "L3")
	e.noError(e.store.Forget(e.ctx(), connection, "L2", ""))
	e.noError(e.store.Forget(e.ctx(), connection, "L3", ""))
	version := e.count(store.Filter{}).Version
	e.queue("L4")
	e.equal("sequence", e.entry("L4").Sequence, int64(4))
	e.equal("unchanged", entryIDs(e.list(store.Filter{Version: version})), []leadtype.LeadID{"L1"})

	version = e.count(store.Filter{}).Version
	e.noError(e.store.Forget(e.ctx(), connection, "L4", ""))
	e.push(store.Filter{})
	e.equal("unchanged", len(e.list(store.Filter{Version: version})), 0)
	e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
	e.queue("L5")
	e.equal("sequence of the only one", e.entry("L5").Sequence, int64(5))
}

func forgetConnection(e *env) {
	e.queue("L1")
	_, err := e.store.Capture(e.ctx(), "other", []store.Captured{{Lead: lead("L1"), State: store.StateQueued}})
	e.noError(err)
	e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
	entries, err := e.store.List(e.ctx(), "other", store.Filter{})
	e.noError(err)
	e.equal("of the other", entryIDs(entries), []leadtype.LeadID{"L1"})
	steps, err := e.store.History(e.ctx(), "other", "L1")
	e.noError(err)
	e.equal("steps of the other", len(steps), 1)
}

const secret = "what another lead wrote"

// sharing is the outcome of a lead that changed a record of others.
func sharing(id leadtype.LeadID, records ...salesforce.ID) *leadtype.Outcome {
	out := cleared(id)
	out.Action, out.ID = leadtype.Updated, records[0]
	for _, record := range records {
		out.Parts = append(out.Parts, leadtype.Part{Kind: leadtype.PartPerson, Object: "Lead", ID: record,
			Action: leadtype.Updated, Changes: []leadtype.FieldChange{{Field: "Description", Before: secret,
				After: secret + " and more", Reason: "append from notes"}}})
	}
	return out
}

// settleAs captures a lead and settles it with an outcome.
func (e *env) settleAs(lease store.Lease, outcome *leadtype.Outcome) {
	e.t.Helper()
	e.queue(outcome.LeadID)
	e.settle(lease, e.claimOne(lease), outcome)
}

// holds reports whether the JSON of v has a text.
func (e *env) holds(v any, text string) bool {
	e.t.Helper()
	data, err := json.Marshal(v)
	e.noError(err)
	return strings.Contains(string(data), text)
}

func forgetShared(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, sharing("other", recordB, recordA))
	e.settleAs(lease, &leadtype.Outcome{LeadID: "gone", Stage: leadtype.Cleared, Action: leadtype.Created,
		Object: "Lead", ID: recordA[:15], At: start})
	version := e.count(store.Filter{}).Version
	e.noError(e.store.Forget(e.ctx(), connection, "gone", ""))
	last := e.entry("other").Last
	e.equal("of another record", last.Parts[0], sharing("other", recordB).Parts[0])
	e.equal("of the shared record", last.Parts[1].Changes, []leadtype.FieldChange{{Field: "Description", Removed: true,
		Reason: "append from notes"}})
	e.equal("unchanged", entryIDs(e.list(store.Filter{Version: version})), []leadtype.LeadID{"other"})
	e.noError(e.store.Forget(e.ctx(), connection, "gone", ""))

	// What a lead did earlier, before its record was another, counts too.
	e.settleAs(lease, sharing("moved", recordC))
	e.capture(store.StateQueued, changed("moved"))
	e.settle(lease, e.claimOne(lease), sharing("moved", recordA))
	e.settleAs(lease, sharing("last", recordC))
	e.noError(e.store.Forget(e.ctx(), connection, "moved", ""))
	e.equal("values", e.holds(e.entry("last"), secret), false)
	e.equal("values of the other record", e.holds(e.entry("other"), secret), true)
}

func forgetQuotes(e *env) {
	lease := e.acquire("a")
	refused := sharing("other", recordA)
	refused.Stage, refused.Parts[0].Changes = leadtype.Failed, nil
	refused.Err = &leadtype.Error{Op: "update", Code: leadtype.DataValueValidation,
		Err: &salesforce.Error{HTTPStatus: 200, Code: "STRING_TOO_LONG", Message: secret, Fields: []string{"Description"}}}
	refused.Parts[0].Err = refused.Err
	e.settleAs(lease, refused)
	e.equal("values", e.holds(e.entry("other"), secret), true)
	e.settleAs(lease, sharing("gone", recordA))
	e.noError(e.store.Forget(e.ctx(), connection, "gone", ""))
	entry := e.entry("other")
	e.equal("values", e.holds(entry, secret), false)
	e.equal("code", entry.Last.Code(), leadtype.DataValueValidation)
}

func forgetSharedInFlight(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, sharing("other", recordA))
	e.settleAs(lease, sharing("gone", recordA))
	e.push(store.Filter{Leads: []leadtype.LeadID{"other"}})
	c := e.claimOne(lease)
	e.errorIs(e.store.Forget(e.ctx(), connection, "gone", "", store.Suppress), store.ErrInFlight)
	e.equal("leads", len(e.list(store.Filter{})), 2)
	e.equal("suppressed", e.capture(store.StateQueued, lead("gone")).Suppressed, 0)
	e.settle(lease, c, nil)
	e.noError(e.store.Forget(e.ctx(), connection, "gone", ""))
	e.equal("values", e.holds(e.entry("other"), secret), false)
}

func forgetOthers(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, sharing("other", recordB))
	e.settleAs(lease, sharing("gone", recordA))
	e.queue("waiting")
	e.noError(e.store.Forget(e.ctx(), connection, "gone", ""))
	e.noError(e.store.Forget(e.ctx(), connection, "waiting", ""))
	e.equal("outcome", e.entry("other").Last, sharing("other", recordB))
}

func person(id leadtype.LeadID, email string, others ...string) *leadtype.Lead {
	l := lead(id)
	l.Email, l.OtherEmails = email, others
	return l
}

// refused captures leads and returns the indexes of those that were suppressed.
func (e *env) refused(leads ...*leadtype.Lead) []int {
	e.t.Helper()
	report := e.capture(store.StateQueued, leads...)
	e.equal("counted", report.Suppressed, len(report.SuppressedAt))
	e.equal("new, replaced or the same", report.New+report.Replaced+report.Same, len(leads)-report.Suppressed)
	return report.SuppressedAt
}

func suppress(e *env) {
	e.capture(store.StateQueued, person("L1", " Ada@Example.com"), person("L2", "grace@example.com"))
	e.noError(e.store.Forget(e.ctx(), connection, "L1", "", store.Suppress))
	e.equal("refused", e.refused(person("L2", "grace@example.com"), person("L1", "new@example.com"),
		person("L3", "ada@example.com "), person("L4", ""),
		person("L5", "x@example.com", "y@example.com", "ADA@example.com")), []int{1, 2, 4})
	e.equal("leads", entryIDs(e.list(store.Filter{})), []leadtype.LeadID{"L2", "L4"})
	e.equal("a lead that is there", e.refused(person("L2", "ada@example.com")), []int{0})
	e.equal("its data", e.entry("L2").Lead.Email, "grace@example.com")
	e.errorIs(e.store.AddActivities(e.ctx(), connection, "L1", store.StateQueued,
		[]leadtype.Activity{{Kind: leadtype.ActivityNote}}), store.ErrNoLead)
	e.noError(e.store.Forget(e.ctx(), connection, "L2", ""))
	e.equal("forgotten without", len(e.refused(person("L2", "grace@example.com"))), 0)
}

func suppressStranger(e *env) {
	e.noError(e.store.Forget(e.ctx(), connection, "L1", "", store.Suppress))
	e.noError(e.store.Forget(e.ctx(), connection, "L1", "", store.Suppress))
	e.equal("refused", e.refused(lead("L1"), lead("L2")), []int{0})
	e.queue("L3")
	e.noError(e.store.Forget(e.ctx(), connection, "L3", ""))
	e.noError(e.store.Forget(e.ctx(), connection, "L3", "", store.Suppress))
	e.equal("refused", e.refused(lead("L3")), []int{0})
}

func suppressConnection(e *env) {
	e.capture(store.StateQueued, person("L1", "ada@example.com"))
	e.noError(e.store.Forget(e.ctx(), connection, "L1", "", store.Suppress))
	report, err := e.store.Capture(e.ctx(), "other",
		[]store.Captured{{Lead: person("L1", "ada@example.com"), State: store.StateQueued}})
	e.noError(err)
	e.equal("of the other", report.New, 1)
	n, err := e.store.Unsuppress(e.ctx(), "other", "L1", "ada@example.com", "")
	e.noError(err)
	e.equal("lifted", n, 0)
	e.equal("refused", e.refused(person("L1", "")), []int{0})
}

func (e *env) unsuppress(id leadtype.LeadID, email string) int {
	e.t.Helper()
	n, err := e.store.Unsuppress(e.ctx(), connection, id, email, "")
	e.noError(err)
	return n
}

func unsuppress(e *env) {
	e.equal("lifted", e.unsuppress("L1", "ada@example.com"), 0)
	ada := person("L1", "ada@example.com")
	for _, by := range []struct {
		id    leadtype.LeadID
		email string
	}{{id: "L1"}, {email: " ADA@example.com"}, {"L1", "ada@example.com"}} {
		e.capture(store.StateQueued, ada)
		e.noError(e.store.Forget(e.ctx(), connection, "L1", "", store.Suppress))
		e.equal("another", e.unsuppress("L2", "grace@example.com"), 0)
		e.equal("an empty id and address", e.unsuppress("", ""), 0)
		e.equal("refused", e.refused(ada, person("L9", "ada@example.com")), []int{0, 1})
		e.equal("lifted", e.unsuppress(by.id, by.email), 1)
		e.equal("refused", len(e.refused(ada)), 0)
		e.noError(e.store.Forget(e.ctx(), connection, "L1", ""))
	}
}

func unsuppressShared(e *env) {
	e.capture(store.StateQueued, person("L1", "info@example.com"), person("L2", "info@example.com"))
	e.noError(e.store.Forget(e.ctx(), connection, "L1", "", store.Suppress))
	e.noError(e.store.Forget(e.ctx(), connection, "L2", "", store.Suppress))
	e.equal("lifted", e.unsuppress("L1", ""), 1)
	e.equal("refused", e.refused(person("L1", "info@example.com"), person("L1", "")), []int{0})
	e.equal("lifted", e.unsuppress("", "info@example.com"), 1)
	e.equal("refused", len(e.refused(person("L1", "info@example.com"))), 0)
}

// ambiguous is the outcome of a lead that is held for a person to choose.
func ambiguous(id leadtype.LeadID) *leadtype.Outcome {
	out := failed(id, leadtype.AmbiguousMatch)
	out.Err.Object = "Lead"
	out.Trace.Probes = []leadtype.ProbeTrace{{Probe: leadtype.Probe{Object: "Lead", Field: "Email"}, Hit: true,
		Candidates: []leadtype.Candidate{{Object: "Lead", ID: recordA}, {Object: "Lead", ID: recordB}}}}
	return out
}

func (e *env) expire(before time.Time, limit int) int {
	e.t.Helper()
	n, err := e.store.Expire(e.ctx(), connection, before, limit)
	e.noError(err)
	return n
}

func expire(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, sharing("image", recordA))
	e.settleAs(lease, ambiguous("held"))
	e.settleAs(lease, cleared("other"))
	e.queue("new")
	e.clock.turn(time.Hour)
	version := e.count(store.Filter{}).Version
	e.equal("too recent", e.expire(start, 10), 0)
	e.equal("values", e.holds(e.entry("image"), secret), true)

	e.equal("expired", e.expire(start.Add(time.Second), 10), 2)
	e.equal("image", e.entry("image").Last, sharing("image", recordA).Expired())
	e.equal("values", e.holds(e.entry("image"), secret), false)
	e.equal("held", e.entry("held").Last, ambiguous("held").Expired())
	e.equal("candidates", e.holds(e.entry("held"), string(recordB)) || e.holds(e.history("held"), string(recordB)), false)
	e.equal("other", e.entry("other").Last, cleared("other"))
	e.equal("changed", len(e.list(store.Filter{Version: version})), 4)
	e.at("held", leadtype.Failed, "")
	e.equal("by code", len(e.list(store.Filter{Codes: []leadtype.Code{leadtype.AmbiguousMatch}})), 1)
	e.equal("expired again", e.expire(e.clock.now(), 10), 0)
}

func expireLimit(e *env) {
	lease := e.acquire("a")
	for _, id := range []leadtype.LeadID{"L2", "L1", "L3"} {
		e.settleAs(lease, ambiguous(id))
		e.clock.turn(time.Second)
	}
	e.equal("none", e.expire(e.clock.now(), 0), 0)
	e.equal("expired", e.expire(e.clock.now(), 2), 2)
	e.equal("the youngest", e.entry("L3").Last, ambiguous("L3"))
	e.equal("the oldest", e.entry("L2").Last, ambiguous("L2").Expired())
	e.equal("the rest", e.expire(e.clock.now(), 2), 1)
	e.equal("nothing", e.expire(e.clock.now(), 2), 0)
}

func expireInFlight(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, sharing("L1", recordA))
	e.clock.turn(time.Second)
	e.push(store.Filter{})
	c := e.claimOne(lease)
	e.equal("in flight", e.expire(e.clock.now(), 10), 0)
	e.settle(lease, c, nil)
	e.equal("expired", e.expire(e.clock.now(), 10), 1)
	e.equal("values", e.holds(e.entry("L1"), secret), false)
}

// expireHistory: the lead failed twice. The first time expires before the second.
func expireHistory(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, ambiguous("L1"))
	e.clock.turn(time.Hour)
	between := e.clock.now()
	e.push(store.Filter{})
	e.clock.turn(time.Hour)
	lease = e.acquire("a")
	e.settle(lease, e.claimOne(lease), ambiguous("L1"))
	e.equal("expired", e.expire(between, 10), 1)
	steps := e.history("L1")
	e.equal("first", steps[1].Outcome, ambiguous("L1").Expired())
	e.equal("last", steps[len(steps)-1].Outcome, ambiguous("L1"))
	e.equal("entry", e.entry("L1").Last, ambiguous("L1"))
	e.equal("expired again", e.expire(between, 10), 0)
	e.equal("the rest", e.expire(e.clock.now().Add(time.Second), 10), 1)
	e.equal("candidates", e.holds(e.entry("L1"), string(recordB)) || e.holds(e.history("L1"), string(recordB)), false)
}

func expireOther(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, ambiguous("L1"))
	n, err := e.store.Expire(e.ctx(), "other", e.clock.now().Add(time.Hour), 10)
	e.noError(err)
	e.equal("of the other", n, 0)
	e.equal("at that moment", e.expire(e.clock.now(), 10), 0)
	e.equal("entry", e.entry("L1").Last, ambiguous("L1"))
}
