// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var newsTests = map[string]func(*env){
	"CaptureOfOlderNewsTakesOnlyWhatIsUnknown":    captureOlder,
	"CaptureOfOlderNewsKeepsActivities":           captureOlderActivities,
	"CaptureComparesRevisionsBeforeTimes":         captureOrder,
	"CaptureKeepsTheRevisionOrTimeThatItLacks":    captureMarks,
	"CaptureTakesAClockThatIsWrongForNow":         captureAhead,
	"CapturedAtOfAWrongClockIsNow":                captureClock,
	"CaptureNeverLosesEnrichedData":               captureLate,
	"CaptureCorrectsTheAddressOfEnrichedData":     captureEnrichedCorrection,
	"CaptureByForceTakesALeadWhole":               captureForced,
	"LeadsThatWaitForEnrichmentAreDueInTheirTime": waitingDue,
	"LeadsThatWaitForEnrichmentKeepTheirTime":     waitingKeeps,
	"LeadsThatWaitForEnrichmentArePushed":         waitingPushed,
}

// revised returns lead(id) of a revision, with that as its notes.
func revised(id leadtype.LeadID, revision int64, notes string) *leadtype.Lead {
	l := lead(id)
	l.Revision, l.Notes = revision, notes
	return l
}

func (e *env) captureAs(c store.Captured) store.CaptureReport {
	e.t.Helper()
	report, err := e.store.Capture(e.ctx(), connection, []store.Captured{c})
	e.noError(err)
	return report
}

// reported requires the numbers of new, replaced, same and stale leads.
func (e *env) reported(what string, report store.CaptureReport, want ...int) {
	e.t.Helper()
	e.equal(what, []int{report.New, report.Replaced, report.Same, report.Stale}, want)
}

func captureOlder(e *env) {
	e.capture(store.StateQueued, revised("L1", 3, "third"))
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), cleared("L1"))
	e.reported("older", e.capture(store.StateQueued, revised("L1", 2, "second")), 0, 0, 0, 1)
	e.equal("lead", e.at("L1", leadtype.Cleared, "").Lead, revised("L1", 3, "third"))
	e.equal("steps", len(e.history("L1")), 2)

	asked := revised("L1", 1, "first")
	asked.EventID = "fair"
	asked.Answers = map[string][]string{"budget": {"low"}}
	e.reported("older, with an answer", e.capture(store.StateQueued, asked), 0, 0, 0, 1)
	want := revised("L1", 3, "third")
	want.Answers = asked.Answers
	entry := e.at("L1", leadtype.PreSync, store.StateQueued)
	e.equal("lead", entry.Lead, want)
	e.equal("last outcome", entry.Last, cleared("L1"))

	other := revised("L1", 2, "second")
	other.Answers = map[string][]string{"budget": {"high"}}
	e.reported("older, with another answer", e.capture(store.StateQueued, other), 0, 0, 0, 1)
	e.equal("lead", e.entry("L1").Lead, want)
	e.reported("the same revision, without it", e.capture(store.StateQueued, revised("L1", 3, "third")), 0, 0, 1, 0)
	e.equal("lead", e.entry("L1").Lead, want)
	e.reported("newer", e.capture(store.StateQueued, revised("L1", 4, "fourth")), 0, 1, 0, 0)
	e.equal("lead", e.entry("L1").Lead, revised("L1", 4, "fourth"))
}

func captureOlderActivities(e *env) {
	current := revised("L1", 3, "third")
	current.Activities = []leadtype.Activity{call("A")}
	e.capture(store.StateQueued, current)
	e.noError(e.store.AddActivities(e.ctx(), connection, "L1", store.StateQueued, []leadtype.Activity{call("B")}))
	lease := e.acquire("a")
	claimed := e.claimOne(lease)
	old := revised("L1", 2, "second")
	old.Activities = []leadtype.Activity{call("A"), call("B"), call("C")}
	e.reported("older, in flight", e.capture(store.StateQueued, old), 0, 0, 0, 1)
	e.settle(lease, claimed, cleared("L1"))
	want := revised("L1", 3, "third")
	want.Activities = []leadtype.Activity{call("A"), call("B"), call("C")}
	e.equal("lead", e.at("L1", leadtype.PreSync, store.StateQueued).Lead, want)
	e.settle(lease, e.claimOne(lease), cleared("L1"))
	e.reported("once more", e.capture(store.StateQueued, old), 0, 0, 0, 1)
	e.at("L1", leadtype.Cleared, "")
	e.capture(store.StateQueued, revised("L1", 4, "fourth"))
	want = revised("L1", 4, "fourth")
	want.Activities = []leadtype.Activity{call("B"), call("C")}
	e.equal("a newer lead keeps them", e.entry("L1").Lead, want)
}

func captureOrder(e *env) {
	at := func(revision int64, hour int, notes string) *leadtype.Lead {
		l := revised("L1", revision, notes)
		if hour > 0 {
			l.UpdatedAt = start.Add(time.Duration(hour-24) * time.Hour)
		}
		return l
	}
	for _, c := range []struct {
		lead *leadtype.Lead
		want []int
	}{
		{at(2, 5, "one"), []int{1, 0, 0, 0}},
		{at(3, 4, "a greater revision, an earlier time"), []int{0, 1, 0, 0}},
		{at(2, 9, "a smaller revision, a later time"), []int{0, 0, 0, 1}},
		{at(0, 3, "no revision, an earlier time"), []int{0, 0, 0, 1}},
		{at(0, 6, "no revision, a later time"), []int{0, 1, 0, 0}},
		{at(1, 6, "a smaller revision than before, the same time"), []int{0, 0, 0, 1}},
		{at(3, 0, "the same revision as before"), []int{0, 1, 0, 0}},
		{at(3, 5, "that revision, an earlier time"), []int{0, 0, 0, 1}},
		{at(0, 5, "an earlier time than before"), []int{0, 0, 0, 1}},
		{at(0, 0, "nothing"), []int{0, 1, 0, 0}},
		{at(2, 0, "a smaller revision than before nothing"), []int{0, 0, 0, 1}},
		{at(3, 6, "the same as before nothing"), []int{0, 1, 0, 0}},
	} {
		e.reported(c.lead.Notes, e.capture(store.StateQueued, c.lead), c.want...)
		e.equal(c.lead.Notes+": taken", e.entry("L1").Lead.Notes == c.lead.Notes, c.want[3] == 0)
	}
	e.captureAs(store.Captured{Lead: at(0, 0, "by force"), State: store.StateQueued, Force: true})
	e.reported("after force, nothing is known", e.capture(store.StateQueued, at(1, 1, "small and early")), 0, 1, 0, 0)
}

// captureMarks: of the revision and the time, a capture that lacks one does not erase it.
func captureMarks(e *env) {
	timed := lead("L1")
	timed.UpdatedAt = start.Add(-time.Hour)
	e.capture(store.StateQueued, revised("L1", 5, "by revision"))
	e.reported("a time alone", e.capture(store.StateQueued, timed), 0, 1, 0, 0)
	want := lead("L1")
	want.Revision, want.UpdatedAt = 5, timed.UpdatedAt
	e.equal("lead", e.entry("L1").Lead, want)
	e.reported("the time alone, again", e.capture(store.StateQueued, timed), 0, 0, 1, 0)
	e.reported("a smaller revision", e.capture(store.StateQueued, revised("L1", 4, "late")), 0, 0, 0, 1)
	e.reported("a greater revision", e.capture(store.StateQueued, revised("L1", 6, "news")), 0, 1, 0, 0)
	want = revised("L1", 6, "news")
	want.UpdatedAt = timed.UpdatedAt
	e.equal("lead", e.entry("L1").Lead, want)
	timed.UpdatedAt = start.Add(-2 * time.Hour)
	e.reported("an earlier time alone", e.capture(store.StateQueued, timed), 0, 0, 0, 1)
	e.equal("lead", e.entry("L1").Lead, want)
}

func captureAhead(e *env) {
	ahead := lead("L1")
	ahead.UpdatedAt = start.AddDate(10, 0, 0)
	e.reported("ten years ahead", e.capture(store.StateQueued, ahead), 1, 0, 0, 0)
	e.equal("updated at", e.entry("L1").Lead.UpdatedAt.Equal(start), true)
	e.clock.turn(time.Hour)
	e.reported("once more", e.capture(store.StateQueued, ahead), 0, 0, 1, 0)
	later := changed("L1")
	later.UpdatedAt = start.Add(time.Minute)
	e.reported("later than that", e.capture(store.StateQueued, later), 0, 1, 0, 0)
	soon := lead("L1")
	soon.UpdatedAt = start.Add(24 * time.Hour)
	e.reported("less than a day ahead", e.capture(store.StateQueued, soon), 0, 1, 0, 0)
	e.reported("earlier than that", e.capture(store.StateQueued, later), 0, 0, 0, 1)
}

// captureClock: a clock that was wrong when the lead was captured makes no other lead older.
func captureClock(e *env) {
	zone := time.FixedZone("", 2*60*60)
	ahead := func(title string) *leadtype.Lead {
		l := lead("L1")
		l.JobTitle, l.CapturedAt = title, start.AddDate(73, 0, 0).In(zone)
		return l
	}
	at := func(want time.Time) {
		e.t.Helper()
		got := e.entry("L1").Lead.CapturedAt
		e.equal("captured at", got.Equal(want), true)
		_, offset := got.Zone()
		e.equal("the zone of the event", offset, 2*60*60)
	}
	e.reported("ahead", e.capture(store.StateQueued, ahead("CTO")), 1, 0, 0, 0)
	at(start)
	e.clock.turn(time.Hour)
	e.reported("once more", e.capture(store.StateQueued, ahead("CTO")), 0, 0, 1, 0)
	at(start)
	e.reported("corrected", e.capture(store.StateQueued, ahead("CEO")), 0, 1, 0, 0)
	at(start.Add(time.Hour))
	soon := lead("L1")
	soon.CapturedAt = start.Add(25 * time.Hour).In(zone)
	e.reported("no more than a day ahead", e.capture(store.StateQueued, soon), 0, 1, 0, 0)
	at(start.Add(25 * time.Hour))
}

// enriched returns a lead with what enrichment found.
func enriched(id leadtype.LeadID) *leadtype.Lead {
	l := lead(id)
	l.EnrichedAt, l.JobTitle, l.Company, l.City = start, "CTO", "Engines Ltd", "London"
	l.Custom = map[string]any{"persona": "buyer"}
	return l
}

func captureLate(e *env) {
	e.capture(store.StateQueued, enriched("L1"))
	raw := lead("L1")
	waits := store.Captured{Lead: raw, State: store.StateWaiting, Then: store.StateFrozen, DueAt: start.Add(time.Hour)}
	e.reported("late", e.captureAs(waits), 0, 0, 0, 1)
	e.equal("lead", e.at("L1", leadtype.PreSync, store.StateQueued).Lead, enriched("L1"))

	raw.JobTitle, raw.Phone, raw.Street, raw.Notes = "Manager", "1", "Baker Street", "wants a demo"
	raw.Custom = map[string]any{"persona": "none", "badge": "VIP"}
	raw.Answers = map[string][]string{"budget": {"low"}}
	e.reported("late, with more", e.captureAs(waits), 0, 0, 0, 1)
	want := enriched("L1")
	want.Phone, want.Notes, want.Answers = "1", "wants a demo", raw.Answers
	want.Custom["badge"] = "VIP"
	entry := e.at("L1", leadtype.PreSync, store.StateFrozen)
	e.equal("lead", entry.Lead, want)
	e.equal("retry at", entry.RetryAt, time.Time{})
}

func captureEnrichedCorrection(e *env) {
	stored := enriched("L1")
	stored.Revision = 3
	e.capture(store.StateQueued, stored)
	raw := revised("L1", 4, "")
	raw.Email, raw.JobTitle = "right@example.com", "Manager"
	e.reported("newer, not enriched", e.capture(store.StateQueued, raw), 0, 0, 0, 1)
	want := enriched("L1")
	want.Revision, want.Email = 4, "right@example.com"
	e.equal("lead", e.entry("L1").Lead, want)
	raw.Revision, raw.Email = 2, "wrong@example.com"
	e.reported("older, not enriched", e.capture(store.StateQueued, raw), 0, 0, 0, 1)
	e.equal("lead", e.entry("L1").Lead, want)
}

func captureForced(e *env) {
	stored := enriched("L1")
	stored.Revision = 7
	stored.Activities = []leadtype.Activity{call("A")}
	e.capture(store.StateQueued, stored)
	raw := revised("L1", 1, "first")
	e.reported("by force", e.captureAs(store.Captured{Lead: raw, State: store.StateWaiting, Force: true}), 0, 1, 0, 0)
	e.equal("lead", e.at("L1", leadtype.PreSync, store.StateWaiting).Lead, raw)
}

// wait captures leads that wait for enrichment until a time.
func (e *env) wait(until time.Time, leads ...*leadtype.Lead) store.CaptureReport {
	e.t.Helper()
	captured := make([]store.Captured, len(leads))
	for i, l := range leads {
		captured[i] = store.Captured{Lead: l, State: store.StateWaiting, DueAt: until}
	}
	report, err := e.store.Capture(e.ctx(), connection, captured)
	e.noError(err)
	return report
}

func waitingDue(e *env) {
	e.wait(start.Add(time.Hour), lead("L1"))
	e.queue("L2")
	e.wait(start.Add(time.Hour), lead("L3"))
	e.wait(time.Time{}, lead("never"))
	e.equal("retry at", e.at("L1", leadtype.PreSync, store.StateWaiting).RetryAt, start.Add(time.Hour))
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), cleared("L2"))
	e.due("nothing but enrichment", -1)
	e.clock.turn(time.Hour - time.Microsecond)
	e.equal("claimed before the time", len(e.claim(e.acquire("a"), 10)), 0)
	e.due("just before the time", -1)
	e.clock.turn(time.Microsecond)
	e.due("at the time", 0)
	e.capture(store.StateQueued, changed("L2"))
	lease = e.acquire("a")
	claimed := e.claim(lease, 2)
	e.equal("claimed in order", claimedIDs(claimed), []leadtype.LeadID{"L1", "L2"})
	e.equal("waited", []bool{claimed[0].Waited, claimed[1].Waited}, []bool{true, false})
	e.settle(lease, claimed[0], nil)
	claimed = e.claim(lease, 10)
	e.equal("claimed", claimedIDs(claimed), []leadtype.LeadID{"L1", "L3"})
	e.equal("waited, and was given back", claimed[0].Waited, true)
	e.settle(lease, claimed[0], retry("L1", e.clock.now()))
	e.equal("waited, and was tried", e.claimOne(lease).Waited, false)
	e.clock.turn(ttl)
	claimed = e.claim(e.acquire("b"), 10)
	e.equal("claimed", claimedIDs(claimed), []leadtype.LeadID{"L1", "L2", "L3"})
	e.equal("waited, and lost its claim", claimed[2].Waited, true)
	e.at("never", leadtype.PreSync, store.StateWaiting)
}

func waitingKeeps(e *env) {
	e.wait(start.Add(time.Hour), lead("L1"))
	e.reported("with other data", e.wait(start.Add(3*time.Hour), changed("L1")), 0, 1, 0, 0)
	e.equal("retry at", e.entry("L1").RetryAt, start.Add(time.Hour))
	e.wait(time.Time{}, lead("L1"))
	e.equal("retry at, after one without", e.entry("L1").RetryAt, start.Add(time.Hour))

	old := revised("L1", 1, "first")
	old.Answers = map[string][]string{"budget": {"low"}}
	e.wait(start.Add(2*time.Hour), revised("L1", 2, "second"))
	old.EnrichedAt = start
	e.reported("older news that is enriched", e.captureAs(store.Captured{Lead: old, State: store.StateQueued,
		DueAt: start.Add(time.Second)}), 0, 0, 0, 1)
	entry := e.at("L1", leadtype.PreSync, store.StateWaiting)
	e.equal("retry at, after older news", entry.RetryAt, start.Add(time.Hour))

	e.queue("L2")
	lease := e.acquire("a")
	claimed := e.claimOne(lease)
	e.wait(start.Add(2*time.Hour), changed("L2"))
	e.settle(lease, claimed, cleared("L2"))
	entry = e.at("L2", leadtype.PreSync, store.StateWaiting)
	e.equal("retry at, captured in flight", entry.RetryAt, start.Add(2*time.Hour))
	e.push(store.Filter{Leads: []leadtype.LeadID{"L2"}})
	e.claimOne(lease)
	e.wait(start.Add(4*time.Hour), lead("L2"))
	e.clock.turn(ttl)
	e.acquire("b")
	entry = e.at("L2", leadtype.PreSync, store.StateWaiting)
	e.equal("retry at, after a lost claim", entry.RetryAt, start.Add(4*time.Hour))

	e.captureAs(store.Captured{Lead: lead("L3"), State: store.StateQueued, DueAt: start.Add(8 * time.Hour)})
	e.equal("retry at of a queued lead", e.entry("L3").RetryAt, start.Add(8*time.Hour))
	e.captureAs(store.Captured{Lead: changed("L3"), State: store.StateQueued, DueAt: start.Add(9 * time.Hour)})
	e.equal("retry at of one that was due before", e.entry("L3").RetryAt, start.Add(8*time.Hour))
	e.capture(store.StateQueued, lead("L3"))
	e.equal("retry at of one that is due at once", e.entry("L3").RetryAt, time.Time{})
	e.captureAs(store.Captured{Lead: lead("L4"), State: store.StateFrozen, DueAt: start.Add(8 * time.Hour)})
	e.equal("retry at of a frozen lead", e.entry("L4").RetryAt, time.Time{})
}

func waitingPushed(e *env) {
	e.wait(start.Add(time.Hour), lead("L1"), lead("L2"))
	e.equal("pushed", e.push(store.Filter{Leads: []leadtype.LeadID{"L1"}}), 1)
	entry := e.at("L1", leadtype.PreSync, store.StateQueued)
	e.equal("retry at", entry.RetryAt, time.Time{})
	lease := e.acquire("a")
	claimed := e.claimOne(lease)
	e.equal("waited", claimed.Waited, false)
	e.settle(lease, claimed, cleared("L1"))
	e.reported("the same data", e.wait(start.Add(time.Hour), lead("L1")), 0, 0, 1, 0)
	e.at("L1", leadtype.Cleared, "")
	e.clock.turn(time.Hour)
	lease = e.acquire("a")
	e.settle(lease, e.claimOne(lease), nil)
	e.push(store.Filter{Leads: []leadtype.LeadID{"L2"}})
	e.equal("waited, and was pushed", e.claimOne(lease).Waited, false)
}
