// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var countTests = map[string]func(*env){
	"CountDividesLeadsByWhatTheyShare": countDivides,
	"CountSelectsLikeList":             countFilters,
	"CountWarningsCountsLeads":         countWarnings,
	"CountEventsCountsStages":          countEvents,
	"CountOfNothingHasNoGroups":        countNothing,
	"CountAgreesWithARecount":          countRecount,
	"SinceIsWhenALeadCameIntoItsStage": since,
	"SinceOutlivesAReCaptureInFlight":  sinceInFlight,
	"AFailureWithoutAnErrorIsUnknown":  countUnknown,
	"PushedLeadsKeepTheirLastCode":     countPushed,
}

// keyed makes counts comparable: sorted, and without what may differ.
func keyed(groups []store.Count) []store.Count {
	groups = slices.Clone(groups)
	for i := range groups {
		groups[i].Oldest, groups[i].Since, groups[i].Sample = "", time.Time{}, nil
	}
	slices.SortFunc(groups, func(a, b store.Count) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return groups
}

// recount counts what List returns.
func recount(entries []store.Entry) []store.Count {
	n := make(map[store.Count]int)
	for _, entry := range entries {
		alike := store.Count{Stage: entry.Stage, State: entry.State}
		if entry.Last != nil {
			alike.Action, alike.Code, alike.Cause = entry.Last.Action, entry.Last.Code(), entry.Last.CauseKey()
		}
		n[alike]++
	}
	var groups []store.Count
	for alike, leads := range n {
		alike.Leads = leads
		groups = append(groups, alike)
	}
	return keyed(groups)
}

func countDivides(e *env) {
	e.queue("L1", "L2", "L3", "L4", "L5")
	lease := e.acquire("a")
	claimed := e.claim(lease, 10)
	other := failed("L4", leadtype.OwnerInvalid)
	other.Err.Fields = []string{"OwnerId"}
	e.settle(lease, claimed[0], cleared("L1"))
	e.settle(lease, claimed[3], other)
	e.clock.turn(time.Second)
	e.settle(lease, claimed[2], failed("L3", leadtype.OwnerInvalid))
	e.clock.turn(time.Second)
	e.settle(lease, claimed[1], failed("L2", leadtype.OwnerInvalid))
	groups := e.count(store.Filter{}).Groups
	slices.SortFunc(groups, func(a, b store.Count) int { return cmp.Compare(a.Oldest, b.Oldest) })
	plain := failed("L3", leadtype.OwnerInvalid)
	e.equal("groups", groups, []store.Count{
		{Stage: leadtype.Cleared, Action: leadtype.Created, Leads: 1, Oldest: "L1", Since: start, Sample: cleared("L1")},
		{Stage: leadtype.Failed, Code: leadtype.OwnerInvalid, Cause: plain.CauseKey(), Leads: 2, Oldest: "L3",
			Since: start.Add(time.Second), Sample: plain},
		{Stage: leadtype.Failed, Code: leadtype.OwnerInvalid, Cause: other.CauseKey(), Leads: 1, Oldest: "L4", Since: start,
			Sample: other},
		{Stage: leadtype.PreSync, State: store.StateInFlight, Leads: 1, Oldest: "L5", Since: start},
	})
}

func countFilters(e *env) {
	e.fill()
	for _, c := range filterCases {
		whole := c.filter
		whole.After, whole.Limit = 0, 0
		e.equal(c.name, keyed(e.count(c.filter).Groups), recount(e.list(whole)))
	}
}

// countEvents compares the counts of each filter with its list.
func countEvents(e *env) {
	e.fill()
	e.capture(store.StateQueued, &leadtype.Lead{ID: "of no event", Strategy: "s"})
	for _, c := range append(filterCases, filterCases[0]) {
		whole := c.filter
		whole.After, whole.Limit = 0, 0
		want := make(map[string]map[leadtype.Stage]int)
		for _, entry := range e.list(whole) {
			event := entry.Lead.EventID
			if want[event] == nil {
				want[event] = make(map[leadtype.Stage]int)
			}
			want[event][entry.Stage]++
		}
		counts, err := e.store.CountEvents(e.ctx(), connection, c.filter)
		e.noError(err)
		got := make(map[string]map[leadtype.Stage]int)
		for i, count := range counts {
			got[count.Event] = count.Stages
			if i > 0 && counts[i-1].Event >= count.Event {
				e.t.Fatalf("%s: event %q follows %q", c.name, count.Event, counts[i-1].Event)
			}
		}
		e.equal(c.name, got, want)
	}
}

// countWarnings compares the counts of each filter with its list.
func countWarnings(e *env) {
	e.fill()
	for _, c := range append(filterCases, filterCases[0]) {
		whole := c.filter
		whole.After, whole.Limit = 0, 0
		leads := make(map[leadtype.CauseKey]int) // and by kind
		for _, entry := range e.list(whole) {
			for _, kind := range entry.Last.WarningKinds() {
				leads[leadtype.CauseKey(kind)]++
			}
			for _, cause := range entry.Last.WarningCauses() {
				leads[cause]++
			}
		}
		counts, err := e.store.CountWarnings(e.ctx(), connection, c.filter)
		e.noError(err)
		e.equal(c.name, e.warned(c.name, counts), leads)
	}
	all, err := e.store.CountWarnings(e.ctx(), connection, store.Filter{})
	e.noError(err)
	one := func(w leadtype.Warning) store.WarningCauseCount {
		return store.WarningCauseCount{Cause: w.CauseKey(), Leads: 1, Sample: w}
	}
	unfit := []store.WarningCauseCount{one(leadtype.Warning{Kind: leadtype.Unfit, Field: "Title", Reason: "r"}),
		one(leadtype.Warning{Kind: leadtype.Unfit, Field: "Phone", Reason: "r"})}
	slices.SortFunc(unfit, func(a, b store.WarningCauseCount) int { return cmp.Compare(a.Cause, b.Cause) })
	e.equal("all", all, []store.WarningCount{
		{Kind: leadtype.KeptExisting, Leads: 1,
			Causes: []store.WarningCauseCount{one(leadtype.Warning{Kind: leadtype.KeptExisting, Field: "Phone"})}},
		{Kind: leadtype.Locked, Leads: 1, Causes: []store.WarningCauseCount{
			one(leadtype.Warning{Kind: leadtype.Locked, Code: leadtype.ConnectionPermission, Reason: "r"})}},
		{Kind: leadtype.Unfit, Leads: 1, Causes: unfit}})
}

// warned returns the leads of each kind and of each cause, and requires that these are in
// order.
func (e *env) warned(what string, counts []store.WarningCount) map[leadtype.CauseKey]int {
	e.t.Helper()
	leads := make(map[leadtype.CauseKey]int)
	for i, count := range counts {
		leads[leadtype.CauseKey(count.Kind)] = count.Leads
		if i > 0 && counts[i-1].Kind >= count.Kind {
			e.t.Fatalf("%s: kind %q follows %q", what, count.Kind, counts[i-1].Kind)
		}
		for j, cause := range count.Causes {
			leads[cause.Cause] = cause.Leads
			if j > 0 && count.Causes[j-1].Cause >= cause.Cause || cause.Cause.WarningKind() != count.Kind {
				e.t.Fatalf("%s: cause %q is out of place", what, cause.Cause)
			}
		}
	}
	return leads
}

func countNothing(e *env) {
	e.equal("groups", len(e.count(store.Filter{}).Groups), 0)
	e.queue("L1")
	before := e.count(store.Filter{Event: "gala"})
	e.equal("groups", len(before.Groups), 0)
	e.queue("L2")
	if after := e.count(store.Filter{Event: "gala"}); after.Version <= before.Version {
		e.t.Fatalf("version %d after version %d, although a lead was captured", after.Version, before.Version)
	}
}

func countUnknown(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	outcome := &leadtype.Outcome{LeadID: "L1", Stage: leadtype.Failed, At: start}
	e.settle(lease, e.claimOne(lease), outcome)
	group := e.count(store.Filter{}).Groups[0]
	e.equal("code", group.Code, leadtype.Unknown)
	e.equal("selected", len(e.list(store.Filter{Codes: []leadtype.Code{leadtype.Unknown},
		Causes: []leadtype.CauseKey{group.Cause}})), 1)
}

func countPushed(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), failed("L1", leadtype.OwnerInvalid))
	e.push(store.Filter{})
	group := e.count(store.Filter{}).Groups[0]
	e.equal("stage", group.Stage, leadtype.PreSync)
	e.equal("code", group.Code, leadtype.OwnerInvalid)
}

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

// version returns lead(id) with different data for each n.
func version(id leadtype.LeadID, n int) *leadtype.Lead {
	l := lead(id)
	l.Notes = fmt.Sprint(n)
	return l
}

func since(e *env) {
	at := start
	want := func(what string) {
		e.t.Helper()
		e.equal("since "+what, e.entry("L1").Since, at)
		e.equal("counted since "+what, e.count(store.Filter{}).Groups[0].Since, at)
		e.clock.turn(time.Second)
	}
	e.queue("L1")
	want("its capture")
	e.queue("L1")
	want("the same capture")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	want("its claim")
	e.settle(lease, c, retry("L1", e.clock.now()))
	want("an attempt that left it in Pre-Sync")
	e.settle(lease, e.claimOne(lease), nil)
	want("its return")

	at = e.clock.now()
	e.settle(lease, e.claimOne(lease), failed("L1", leadtype.OwnerInvalid))
	want("its failure")
	at = e.clock.now()
	e.push(store.Filter{})
	want("its push")
	at = e.clock.now()
	e.capture(store.StateFrozen, changed("L1"))
	want("its capture with other data")
}

func sinceInFlight(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.clock.turn(time.Second)
	e.capture(store.StateQueued, changed("L1"))
	e.clock.turn(time.Second)
	e.settle(lease, c, cleared("L1"))
	e.equal("since", e.at("L1", leadtype.PreSync, store.StateQueued).Since, start.Add(time.Second))
}
