// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// A recounter runs random operations on a store.
type recounter struct {
	*env
	random  *rand.Rand
	lease   store.Lease
	claimed []store.Claimed
	org     int
	version int64 // of an earlier count
}

// countRecount runs random operations and compares the counts with the list and
// the history.
func countRecount(e *env) {
	r := &recounter{env: e, random: rand.New(rand.NewPCG(1, 2)), lease: e.acquire("a")}
	operations := []func(n int){r.captureOne, r.captureOne, r.claimSome, r.claimSome, r.settleAll, r.settleAll, r.pushSome,
		r.resolveOne, r.addOne, r.prune, r.forgetOne, r.rebindSeldom}
	for n := range 600 {
		e.clock.turn(time.Millisecond)
		operations[r.random.IntN(len(operations))](n)
		if n%20 == 0 {
			r.agree()
		}
	}
	r.agree()
}

func (r *recounter) id() leadtype.LeadID {
	return leadtype.LeadID(fmt.Sprintf("L%d", r.random.IntN(40)))
}

func (r *recounter) code() leadtype.Code {
	return pick(r.random, []leadtype.Code{leadtype.OwnerInvalid, leadtype.NoTagMapping, leadtype.RateLimit})
}

func (r *recounter) captureOne(n int) {
	captured := version(r.id(), n%3)
	captured.EventID = pick(r.random, []string{"expo", "gala", ""})
	r.capture(pick(r.random, []store.State{store.StateQueued, store.StateFrozen, store.StateWaiting}), captured)
}

func (r *recounter) claimSome(int) {
	r.lease = r.acquire("a")
	r.claimed = append(r.claimed, r.claim(r.lease, r.random.IntN(5))...)
}

func (r *recounter) settleAll(int) {
	for _, c := range r.claimed {
		outcome := pick(r.random, []*leadtype.Outcome{nil, cleared(c.Lead.ID), failed(c.Lead.ID, r.code()),
			failed(c.Lead.ID, r.code()), retry(c.Lead.ID, r.clock.now())})
		if outcome != nil && r.random.IntN(2) == 0 {
			outcome.Warnings = pick(r.random, [][]leadtype.Warning{
				{{Kind: leadtype.Unfit, Field: "Title", Reason: "r"}},
				{{Kind: leadtype.Unfit, Field: "Title", Reason: "r"}, {Kind: leadtype.KeptExisting, Field: "Phone"}}})
		}
		r.settle(r.lease, c, outcome)
	}
	r.claimed = nil
}

func (r *recounter) pushSome(int) {
	r.push(store.Filter{Codes: []leadtype.Code{r.code()}, Limit: 3})
}

func (r *recounter) resolveOne(int) {
	for _, entry := range r.list(store.Filter{Stages: []leadtype.Stage{leadtype.Failed}, Limit: 1}) {
		outcome := pick(r.random,
			[]*leadtype.Outcome{cleared(entry.Lead.ID), {LeadID: entry.Lead.ID, Stage: leadtype.PreSync, At: start}})
		r.resolve(entry.Lead.ID, entry.Generation, outcome)
	}
}

func (r *recounter) addOne(int) {
	err := r.store.AddActivities(r.ctx(), connection, r.id(),
		pick(r.random, []store.State{store.StateQueued, store.StateFrozen}),
		[]leadtype.Activity{call(fmt.Sprint(r.random.IntN(5)))})
	if err != nil {
		r.errorIs(err, store.ErrNoLead)
	}
}

func (r *recounter) prune(int) {
	_, err := r.store.Prune(r.ctx(), connection, r.clock.now().Add(-20*time.Millisecond))
	r.noError(err)
}

func (r *recounter) forgetOne(int) {
	if err := r.store.Forget(r.ctx(), connection, r.id(), ""); err != nil {
		r.errorIs(err, store.ErrInFlight)
	}
}

// rebindSeldom binds the connection to another org, which ends the claims.
func (r *recounter) rebindSeldom(int) {
	if r.random.IntN(4) > 0 {
		return
	}
	r.lease, r.claimed = r.acquire("a"), nil
	r.org++
	r.noError(r.store.Rebind(r.ctx(), r.lease, salesforce.ID(fmt.Sprintf("00D%012dAAA", r.org)), ""))
}

// agree requires that the counts add up to the list, by whatever they are selected, and that each
// lead is in the stage and state of its last history step.
func (r *recounter) agree() {
	r.t.Helper()
	entries := r.list(store.Filter{})
	counts := r.count(store.Filter{})
	for _, filter := range []store.Filter{{}, {Event: "gala"}, {Version: r.version}, {Version: counts.Version},
		{Event: "expo", Version: r.version}, {Stages: []leadtype.Stage{leadtype.Failed}, Version: r.version}} {
		r.agreeWith(filter)
	}
	r.version = counts.Version
	for _, entry := range entries {
		steps := r.history(entry.Lead.ID)
		last := steps[len(steps)-1]
		r.equal("stage of "+string(entry.Lead.ID), last.Stage, entry.Stage)
		if entry.State != store.StateInFlight {
			r.equal("state of "+string(entry.Lead.ID), last.State, entry.State)
		}
	}
}

// agreeWith requires that the counts of a filter add up to its list.
func (r *recounter) agreeWith(filter store.Filter) {
	r.t.Helper()
	entries := r.list(filter)
	what := fmt.Sprintf("%+v", filter)
	groups := r.count(filter).Groups
	r.equal("counts of "+what, keyed(groups), recount(entries))
	of := make(map[leadtype.LeadID]store.Entry)
	events := make(map[string]map[leadtype.Stage]int)
	warned := make(map[leadtype.CauseKey]int)
	for _, entry := range entries {
		of[entry.Lead.ID] = entry
		if events[entry.Lead.EventID] == nil {
			events[entry.Lead.EventID] = make(map[leadtype.Stage]int)
		}
		events[entry.Lead.EventID][entry.Stage]++
		for _, kind := range entry.Last.WarningKinds() {
			warned[leadtype.CauseKey(kind)]++
		}
		for _, cause := range entry.Last.WarningCauses() {
			warned[cause]++
		}
	}
	for _, group := range groups {
		r.equal("since of the oldest of "+what, of[group.Oldest].Since, group.Since)
		r.equal("stage of the oldest of "+what, of[group.Oldest].Stage, group.Stage)
	}
	counted, err := r.store.CountEvents(r.ctx(), connection, filter)
	r.noError(err)
	stages := make(map[string]map[leadtype.Stage]int)
	for _, count := range counted {
		stages[count.Event] = count.Stages
	}
	r.equal("events of "+what, stages, events)
	warnings, err := r.store.CountWarnings(r.ctx(), connection, filter)
	r.noError(err)
	r.equal("warnings of "+what, r.warned(what, warnings), warned)
}
