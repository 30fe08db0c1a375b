// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

var damageTests = map[string]func(*env){
	"DamagedLeadIsClaimedAndListedAsUnreadable": damagedIsSeen,
	"DamagedLeadStopsNoOther":                   damagedAmongOthers,
	"DamagedLeadIsHealedByACapture":             damagedHeals,
	"DamagedLeadTakesNoActivities":              damagedActivities,
	"DamagedLeadIsForgotten":                    damagedForgotten,
	"DamagedOutcomeIsCountedAndInTheHistory":    damagedOutcome,
	"DamagedLeadsDoNotKeepALeaseFromPassing":    damagedInFlight,
	"DamagedLeadsDoNotKeepAnythingFromExpiring": damagedExpires,
	"ActivitiesOfALeadAreBounded":               manyActivities,
	"ActivitiesOfOlderNewsAreBounded":           manyOldActivities,
}

// damages are texts that a part may be damaged to. They cannot be decoded for different
// reasons.
var damages = map[string]string{
	"truncated":         `{"id":"L1","email":"a@exa`,
	"not JSON":          "\x00\x01\x02 not JSON",
	"another type":      `17`,
	"a field of a type": `{"id":"L1","leadId":"L1","firstName":{"a":1},"stage":{"a":1}}`,
	"nested too deep": `{"id":"L1","custom":{"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `},` +
		`"parts":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`,
	"a time of no sense":   `{"id":"L1","capturedAt":"yesterday","at":"yesterday"}`,
	"a string of no sense": `"L1"`,
}

// parts are the parts that may be damaged.
var parts = []string{store.PartLead, store.PartActivities, store.PartIntents, store.PartOutcome}

// damage damages a part of a lead. It skips the test for stores that cannot be damaged, and
// returns false where the part cannot.
func (e *env) damage(id leadtype.LeadID, part, text string) bool {
	e.t.Helper()
	damager, ok := e.store.(Damager)
	if !ok {
		e.t.Skip("the store is no Damager")
	}
	err := damager.Damage(e.ctx(), connection, id, part, text)
	if errors.Is(err, ErrUndamaged) {
		return false
	}
	e.noError(err)
	return true
}

// eachDamage calls check for each way to damage a lead, which is queued each time.
func (e *env) eachDamage(check func(lease store.Lease, id leadtype.LeadID, part string)) {
	e.t.Helper()
	n := 0
	for _, part := range parts {
		for _, name := range slices.Sorted(maps.Keys(damages)) {
			n++
			id := leadtype.LeadID(fmt.Sprintf("%s %d", name, n))
			lease := e.acquire("a")
			e.queue(id)
			e.settleWith(lease, store.Settlement{LeadID: id, Generation: e.claimOne(lease).Generation,
				Outcome: cleared(id), Intents: []leadtype.Intent{intent("k")}})
			e.push(store.Filter{Leads: []leadtype.LeadID{id}})
			if e.damage(id, part, damages[name]) {
				check(lease, id, part)
			}
			e.noError(e.store.Forget(e.ctx(), connection, id, ""))
		}
	}
}

func (e *env) unreadable(what string, err *leadtype.Error, id leadtype.LeadID, part string) {
	e.t.Helper()
	if err == nil {
		e.t.Fatalf("%s of %q, damaged in its %s: no error", what, id, part)
	}
	e.errorIs(err, leadtype.ErrUnreadable)
	e.equal(what, err.Error(), store.Unreadable(id, part).Error())
}

// broken is the outcome of a lead that cannot be read.
func broken(id leadtype.LeadID, part string) *leadtype.Outcome {
	return &leadtype.Outcome{LeadID: id, Stage: leadtype.Failed, Err: store.Unreadable(id, part), At: start}
}

func damagedIsSeen(e *env) {
	e.eachDamage(func(lease store.Lease, id leadtype.LeadID, part string) {
		entry := e.entry(id)
		e.unreadable("listed", entry.Unreadable, id, part)
		e.equal("id", entry.Lead.ID, id)
		e.equal("strategy", entry.Lead.Strategy, "s")
		e.equal("event", entry.Lead.EventID, "expo")
		e.equal("outcome", entry.Last != nil, part != store.PartOutcome)
		e.equal("intents", len(entry.Intents) == 1, part != store.PartIntents)
		e.equal("data", entry.Lead.Email != "", part != store.PartLead)

		c := e.claimOne(lease)
		e.unreadable("claimed", c.Unreadable, id, part)
		e.equal("id", c.Lead.ID, id)
		e.equal("outcome", c.Last != nil, part != store.PartOutcome)
		e.equal("intents", len(c.Intents) == 1, part != store.PartIntents)
		e.settleWith(lease, store.Settlement{LeadID: id, Generation: c.Generation, Outcome: broken(id, part),
			Intents: c.Intents})
		e.errorIs(e.at(id, leadtype.Failed, "").Last.Err, leadtype.ErrUnreadable)
		e.equal("cause", len(e.list(store.Filter{Causes: []leadtype.CauseKey{store.UnreadableCause()}})), 1)
		e.equal("claimed again", len(e.claim(lease, 10)), 0)
	})
}

func damagedAmongOthers(e *env) {
	e.queue("L1", "L2", "L3")
	if !e.damage("L2", store.PartLead, damages["truncated"]) {
		e.t.Skip("the data is not kept as text")
	}
	e.equal("listed", entryIDs(e.list(store.Filter{})), []leadtype.LeadID{"L1", "L2", "L3"})
	e.equal("counted", e.count(store.Filter{}).Groups[0].Leads, 3)
	events, err := e.store.CountEvents(e.ctx(), connection, store.Filter{})
	e.noError(err)
	e.equal("events", events, []store.EventCount{{Event: "expo", Stages: map[leadtype.Stage]int{leadtype.PreSync: 3}}})
	lease := e.acquire("a")
	claimed := e.claim(lease, 10)
	e.equal("claimed", claimedIDs(claimed), []leadtype.LeadID{"L1", "L2", "L3"})
	e.equal("the others", claimed[0].Unreadable == nil && claimed[2].Unreadable == nil, true)
	e.settle(lease, claimed[0], cleared("L1"))
	e.settle(lease, claimed[2], cleared("L3"))
}

func damagedHeals(e *env) {
	e.eachDamage(func(lease store.Lease, id leadtype.LeadID, part string) {
		c := e.claimOne(lease)
		e.settle(lease, c, broken(id, part))
		report := e.capture(store.StateQueued, lead(id)) // the same data as at first
		e.equal("replaced", report.Replaced, 1)
		e.equal("entry", e.entry(id).Unreadable, (*leadtype.Error)(nil))
		c = e.claimOne(lease)
		e.equal("error", c.Unreadable, (*leadtype.Error)(nil))
		e.equal("lead", c.Lead, lead(id))
		e.settle(lease, c, cleared(id))
		e.equal("the same", e.capture(store.StateQueued, lead(id)).Same, 1)
	})
}

func damagedActivities(e *env) {
	e.eachDamage(func(lease store.Lease, id leadtype.LeadID, part string) {
		err := e.store.AddActivities(e.ctx(), connection, id, store.StateQueued,
			[]leadtype.Activity{{ID: "a", Kind: leadtype.ActivityNote}})
		if part == store.PartLead || part == store.PartActivities {
			e.errorIs(err, leadtype.ErrUnreadable)
			return
		}
		e.noError(err)
		e.equal("activities", len(e.entry(id).Lead.Activities), 1)
	})
}

func damagedForgotten(e *env) {
	e.eachDamage(func(_ store.Lease, id leadtype.LeadID, part string) {
		e.noError(e.store.Forget(e.ctx(), connection, id, "", store.Suppress))
		e.equal("leads", len(e.list(store.Filter{})), 0)
		e.equal("refused", e.refused(person(id, "")), []int{0})
		e.equal("the address is not known", len(e.refused(lead("other"))) == 0, part == store.PartLead)
		_, err := e.store.Unsuppress(e.ctx(), connection, id, "", "")
		e.noError(err)
		e.noError(e.store.Forget(e.ctx(), connection, "other", ""))
	})
}

func damagedOutcome(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, failed("L1", leadtype.OwnerInvalid))
	if !e.damage("L1", store.PartOutcome, damages["truncated"]) {
		e.t.Skip("the outcome is not kept as text")
	}
	groups := e.count(store.Filter{}).Groups
	e.equal("groups", len(groups), 1)
	e.equal("code", groups[0].Code, leadtype.OwnerInvalid)
	e.equal("sample", groups[0].Sample, (*leadtype.Outcome)(nil))
	e.equal("history", len(e.history("L1")), 2)
	e.noError(e.store.Rebind(e.ctx(), lease, orgB, ""))
	e.equal("pushed", e.push(store.Filter{}), 1)
}

// damagedInFlight: the claims of leads with damaged intents end like any.
func damagedInFlight(e *env) {
	e.eachDamage(func(lease store.Lease, id leadtype.LeadID, part string) {
		e.equal("claimed", len(e.claim(lease, 10)), 1)
		e.noError(e.store.Release(e.ctx(), lease))
		lease = e.acquire("a")
		e.equal("claimed again", len(e.claim(lease, 10)), 1)
		e.clock.turn(2 * ttl)
		lease = e.acquire("b")
		e.at(id, leadtype.PreSync, store.StateQueued)
		e.noError(e.store.Release(e.ctx(), lease))
	})
}

func damagedExpires(e *env) {
	lease := e.acquire("a")
	e.settleAs(lease, ambiguous("L1"))
	e.settleAs(lease, sharing("L2", recordA))
	e.clock.turn(time.Second)
	if !e.damage("L1", store.PartOutcome, damages["truncated"]) {
		e.t.Skip("the outcome is not kept as text")
	}
	e.equal("expired", e.expire(e.clock.now(), 10), 2)
	e.equal("values", e.holds(e.entry("L2"), secret), false)
	e.equal("expired again", e.expire(e.clock.now(), 10), 0)
	e.settleAs(lease, sharing("L3", recordB))
	e.equal("damaged", e.damage("L3", store.PartOutcome, damages["not JSON"]), true)
	e.settleAs(lease, &leadtype.Outcome{LeadID: "gone", Stage: leadtype.Cleared, ID: recordB, Object: "Lead", At: start})
	e.noError(e.store.Forget(e.ctx(), connection, "gone", ""))
	records, err := e.store.Records(e.ctx(), connection, []salesforce.ID{recordA})
	e.noError(err)
	e.equal("records", len(records), 0)
}

// manyActivities: a lead takes no more activities than leadtype.MaxActivities, those that
// it has included.
func manyActivities(e *env) {
	first := lead("L1")
	for i := range leadtype.MaxActivities - 1 {
		first.Activities = append(first.Activities, leadtype.Activity{ID: fmt.Sprint(i), Kind: leadtype.ActivityNote})
	}
	e.capture(store.StateQueued, first)
	add := func(ids ...string) error {
		var activities []leadtype.Activity
		for _, id := range ids {
			activities = append(activities, leadtype.Activity{ID: id, Kind: leadtype.ActivityNote})
		}
		return e.store.AddActivities(e.ctx(), connection, "L1", store.StateQueued, activities)
	}
	e.errorIs(add("new", "newer"), leadtype.DataValueValidation)
	e.noError(add("new"))
	e.errorIs(add("newer"), leadtype.DataValueValidation)
	e.noError(add("new", "7"))
	e.equal("activities", len(e.entry("L1").Lead.Activities), leadtype.MaxActivities)
	e.queue("L2")
	large := []leadtype.Activity{{ID: "large", Kind: leadtype.ActivityNote,
		Notes: strings.Repeat("n", leadtype.MaxLeadJSON)}}
	e.errorIs(e.store.AddActivities(e.ctx(), connection, "L2", store.StateQueued, large), leadtype.DataValueValidation)
}

// manyOldActivities: older news bring only so many activities.
func manyOldActivities(e *env) {
	newest := lead("L1")
	newest.Revision = 1 << 20
	e.capture(store.StateQueued, newest)
	older := func(revision int64, n int) *leadtype.Lead {
		l := lead("L1")
		l.Revision = revision
		for i := range n {
			l.Activities = append(l.Activities, leadtype.Activity{ID: fmt.Sprintf("%d/%d", revision, i),
				Kind: leadtype.ActivityNote})
		}
		return l
	}
	e.equal("stale", e.capture(store.StateQueued, older(1, leadtype.MaxActivities)).Stale, 1)
	report := e.capture(store.StateQueued, lead("L2"), older(2, 1))
	e.equal("full", report.FullAt, []int{1})
	e.equal("new", report.New+report.Stale, 1)
	e.equal("activities", len(e.entry("L1").Lead.Activities), leadtype.MaxActivities)
	e.equal("nothing new", e.capture(store.StateQueued, older(1, 10)).Stale, 1)
}
