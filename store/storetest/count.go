package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/leadsync/leadsync"
)

var countTests = map[string]func(*env){
	"CountDividesLeadsByWhatTheyShare": countDivides,
	"CountSelectsLikeList":             countFilters,
	"CountEventsCountsStages":          countEvents,
	"CountOfNothingHasNoGroups":        countNothing,
	"CountAgreesWithARecount":          countRecount,
	"SinceIsWhenALeadCameIntoItsStage": since,
	"SinceOutlivesAReCaptureInFlight":  sinceInFlight,
	"AFailureWithoutAnErrorIsUnknown":  countUnknown,
	"PushedLeadsKeepTheirLastCode":     countPushed,
}

// keyed makes counts comparable: in order, and without what may differ.
func keyed(groups []leadsync.Count) []leadsync.Count {
	groups = slices.Clone(groups)
	for i := range groups {
		groups[i].Oldest, groups[i].Since, groups[i].Sample = "", time.Time{}, nil
	}
	slices.SortFunc(groups, func(a, b leadsync.Count) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return groups
}

// recount counts what List returns.
func recount(entries []leadsync.Entry) []leadsync.Count {
	n := make(map[leadsync.Count]int)
	for _, entry := range entries {
		alike := leadsync.Count{Stage: entry.Stage, State: entry.State}
		if entry.Last != nil {
			alike.Action, alike.Code, alike.Cause = entry.Last.Action, entry.Last.Code(), entry.Last.CauseKey()
		}
		n[alike]++
	}
	var groups []leadsync.Count
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
	other := failed("L4", leadsync.OwnerInvalid)
	other.Err.Fields = []string{"OwnerId"}
	e.settle(lease, claimed[0], cleared("L1"))
	e.settle(lease, claimed[3], other)
	e.clock.turn(time.Second)
	e.settle(lease, claimed[2], failed("L3", leadsync.OwnerInvalid))
	e.clock.turn(time.Second)
	e.settle(lease, claimed[1], failed("L2", leadsync.OwnerInvalid))
	groups := e.count(leadsync.Filter{}).Groups
	slices.SortFunc(groups, func(a, b leadsync.Count) int { return cmp.Compare(a.Oldest, b.Oldest) })
	plain := failed("L3", leadsync.OwnerInvalid)
	e.equal("groups", groups, []leadsync.Count{
		{Stage: leadsync.Cleared, Action: leadsync.Created, Leads: 1, Oldest: "L1", Since: start, Sample: cleared("L1")},
		{Stage: leadsync.Failed, Code: leadsync.OwnerInvalid, Cause: plain.CauseKey(), Leads: 2, Oldest: "L3", Since: start.Add(time.Second), Sample: plain},
		{Stage: leadsync.Failed, Code: leadsync.OwnerInvalid, Cause: other.CauseKey(), Leads: 1, Oldest: "L4", Since: start, Sample: other},
		{Stage: leadsync.PreSync, State: leadsync.StateInFlight, Leads: 1, Oldest: "L5", Since: start},
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

// countEvents wants the counts of each filter to be those of its list.
func countEvents(e *env) {
	e.fill()
	e.capture(leadsync.StateQueued, &leadsync.Lead{ID: "of no event", Strategy: "s"})
	for _, c := range append(filterCases, filterCases[0]) {
		whole := c.filter
		whole.After, whole.Limit = 0, 0
		want := make(map[string]map[leadsync.Stage]int)
		for _, entry := range e.list(whole) {
			event := entry.Lead.EventID
			if want[event] == nil {
				want[event] = make(map[leadsync.Stage]int)
			}
			want[event][entry.Stage]++
		}
		counts, err := e.store.CountEvents(e.ctx(), connection, c.filter)
		e.noError(err)
		got := make(map[string]map[leadsync.Stage]int)
		for i, count := range counts {
			got[count.Event] = count.Stages
			if i > 0 && counts[i-1].Event >= count.Event {
				e.t.Fatalf("%s: event %q after %q", c.name, count.Event, counts[i-1].Event)
			}
		}
		e.equal(c.name, got, want)
	}
}

func countNothing(e *env) {
	e.equal("groups", len(e.count(leadsync.Filter{}).Groups), 0)
	e.queue("L1")
	before := e.count(leadsync.Filter{Event: "gala"})
	e.equal("groups", len(before.Groups), 0)
	e.queue("L2")
	if after := e.count(leadsync.Filter{Event: "gala"}); after.Version <= before.Version {
		e.t.Fatalf("version %d after %d, though a lead was captured", after.Version, before.Version)
	}
}

func countUnknown(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	outcome := &leadsync.Outcome{LeadID: "L1", Stage: leadsync.Failed, At: start}
	e.settle(lease, e.claimOne(lease), outcome)
	group := e.count(leadsync.Filter{}).Groups[0]
	e.equal("code", group.Code, leadsync.Unknown)
	e.equal("selected", len(e.list(leadsync.Filter{Codes: []leadsync.Code{leadsync.Unknown}, Causes: []leadsync.CauseKey{group.Cause}})), 1)
}

func countPushed(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	e.settle(lease, e.claimOne(lease), failed("L1", leadsync.OwnerInvalid))
	e.push(leadsync.Filter{})
	group := e.count(leadsync.Filter{}).Groups[0]
	e.equal("stage", group.Stage, leadsync.PreSync)
	e.equal("code", group.Code, leadsync.OwnerInvalid)
}

// countRecount does anything in any order and wants the counts to be those of
// the list and of the history.
func countRecount(e *env) {
	random := rand.New(rand.NewPCG(1, 2))
	codes := []leadsync.Code{leadsync.OwnerInvalid, leadsync.NoTagMapping, leadsync.RateLimit}
	id := func() leadsync.LeadID { return leadsync.LeadID(fmt.Sprintf("L%d", random.IntN(40))) }
	lease := e.acquire("a")
	var claimed []leadsync.Claimed
	for n := range 600 {
		e.clock.turn(time.Millisecond)
		switch random.IntN(11) {
		case 0, 1:
			e.capture(pick(random, []leadsync.State{leadsync.StateQueued, leadsync.StateFrozen, leadsync.StateWaiting}), version(id(), n%3))
		case 2, 3:
			lease = e.acquire("a")
			claimed = append(claimed, e.claim(lease, random.IntN(5))...)
		case 4, 5:
			for _, c := range claimed {
				outcome := pick(random, []*leadsync.Outcome{nil, cleared(c.Lead.ID), failed(c.Lead.ID, pick(random, codes)),
					failed(c.Lead.ID, pick(random, codes)), retry(c.Lead.ID, e.clock.now())})
				e.settle(lease, c, outcome)
			}
			claimed = nil
		case 6:
			e.push(leadsync.Filter{Codes: []leadsync.Code{pick(random, codes)}, Limit: 3})
		case 7:
			for _, entry := range e.list(leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}, Limit: 1}) {
				outcome := pick(random, []*leadsync.Outcome{cleared(entry.Lead.ID), {LeadID: entry.Lead.ID, Stage: leadsync.PreSync, At: start}})
				e.resolve(entry.Lead.ID, entry.Generation, outcome)
			}
		case 8:
			err := e.store.AddActivities(e.ctx(), connection, id(), pick(random, []leadsync.State{leadsync.StateQueued, leadsync.StateFrozen}),
				[]leadsync.Activity{call(fmt.Sprint(random.IntN(5)))})
			if err != nil {
				e.errorIs(err, leadsync.ErrNoLead)
			}
		case 9:
			_, err := e.store.Prune(e.ctx(), connection, e.clock.now().Add(-20*time.Millisecond))
			e.noError(err)
		case 10:
			if err := e.store.Forget(e.ctx(), connection, id()); err != nil {
				e.errorIs(err, leadsync.ErrInFlight)
			}
		}
		if n%20 == 0 {
			e.agree()
		}
	}
	e.agree()
}

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

// version is lead(id) with data of its own for each n.
func version(id leadsync.LeadID, n int) *leadsync.Lead {
	l := lead(id)
	l.Notes = fmt.Sprint(n)
	return l
}

// agree wants the count to be the sum of the list, and each lead to be where its
// history ends.
func (e *env) agree() {
	e.t.Helper()
	entries := e.list(leadsync.Filter{})
	e.equal("counts", keyed(e.count(leadsync.Filter{}).Groups), recount(entries))
	for _, entry := range entries {
		steps := e.history(entry.Lead.ID)
		last := steps[len(steps)-1]
		e.equal("stage of "+string(entry.Lead.ID), last.Stage, entry.Stage)
		if entry.State != leadsync.StateInFlight {
			e.equal("state of "+string(entry.Lead.ID), last.State, entry.State)
		}
	}
}

func since(e *env) {
	at := start
	want := func(what string) {
		e.t.Helper()
		e.equal("since "+what, e.entry("L1").Since, at)
		e.equal("counted since "+what, e.count(leadsync.Filter{}).Groups[0].Since, at)
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
	want("an attempt that left it waiting")
	e.settle(lease, e.claimOne(lease), nil)
	want("its return")

	at = e.clock.now()
	e.settle(lease, e.claimOne(lease), failed("L1", leadsync.OwnerInvalid))
	want("its failure")
	at = e.clock.now()
	e.push(leadsync.Filter{})
	want("its push")
	at = e.clock.now()
	e.capture(leadsync.StateFrozen, changed("L1"))
	want("its capture with other data")
}

func sinceInFlight(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	c := e.claimOne(lease)
	e.clock.turn(time.Second)
	e.capture(leadsync.StateQueued, changed("L1"))
	e.clock.turn(time.Second)
	e.settle(lease, c, cleared("L1"))
	e.equal("since", e.at("L1", leadsync.PreSync, leadsync.StateQueued).Since, start.Add(time.Second))
}
