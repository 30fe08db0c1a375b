// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

var leaseTests = map[string]func(*env){
	"LeaseIsExclusiveWhileItLasts":         leaseExclusive,
	"LeaseIsRenewedByItsOwner":             leaseRenewed,
	"LeasePassesOnWhenItRanOut":            leasePasses,
	"LeaseThatNobodyTookSettlesAndRenews":  leaseRanOut,
	"LeaseThatWasTakenOverDoesNothingMore": leaseTakenOver,
	"IntentsOfADeadClaimCountFromItsEnd":   leaseStampsIntents,
	"LeaseLostByManyWorkersChangesNothing": leaseFiftyStale,
	"LeaseIsGivenBack":                     leaseReleased,
	"LeaseIsCheckedAgainstTheStores":       leaseForged,
	"LeaseGoesToOneOfManyAtOnce":           leaseRace,
	"LeaseIsKeptForWhoWaits":               leaseWanted,
	"LeaseIsNotKeptForWhoGaveUp":           leaseNotWanted,
}

func leaseExclusive(e *env) {
	lease := e.acquire("a")
	e.equal("lease", lease, store.Lease{Connection: connection, Owner: "a", Epoch: lease.Epoch, Until: start.Add(ttl)})
	_, err := e.store.Acquire(e.ctx(), connection, "b", ttl)
	e.errorIs(err, store.ErrLeaseHeld)
	e.clock.turn(ttl - time.Millisecond)
	_, err = e.store.Acquire(e.ctx(), connection, "b", ttl)
	e.errorIs(err, store.ErrLeaseHeld)
	_, err = e.store.Acquire(e.ctx(), "another org", "b", ttl)
	e.noError(err)
}

func leaseRenewed(e *env) {
	first := e.acquire("a")
	e.queue("L1")
	claimed := e.claimOne(first)
	e.clock.turn(ttl / 2)
	second := e.acquire("a")
	e.equal("epoch", second.Epoch, first.Epoch)
	e.equal("until", second.Until, start.Add(ttl/2+ttl))
	e.clock.turn(ttl - time.Millisecond)
	_, err := e.store.Acquire(e.ctx(), connection, "b", ttl)
	e.errorIs(err, store.ErrLeaseHeld)
	e.noError(e.store.Journal(e.ctx(), first, map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("k")}}))
	e.settle(first, claimed, cleared("L1"))
}

func leasePasses(e *env) {
	e.queue("L1", "L2")
	first := e.acquire("a")
	before := e.claim(first, 1)
	e.noError(e.store.Journal(e.ctx(), first, map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("k")}}))
	e.clock.turn(ttl)
	second := e.acquire("b")
	if second.Epoch <= first.Epoch {
		e.t.Fatalf("epoch %d after %d", second.Epoch, first.Epoch)
	}
	e.at("L1", leadtype.PreSync, store.StateQueued)
	after := e.claim(second, 10)
	e.equal("claimed", claimedIDs(after), []leadtype.LeadID{"L1", "L2"})
	e.equal("intents", after[0].Intents, []leadtype.Intent{intentAt("k", start.Add(ttl))})
	e.equal("attempts", after[0].Attempts, 2)
	if after[0].Generation <= before[0].Generation {
		e.t.Fatalf("generation %d after %d", after[0].Generation, before[0].Generation)
	}
	_, err := e.store.Acquire(e.ctx(), connection, "a", ttl)
	e.errorIs(err, store.ErrLeaseHeld)
}

// leaseStampsIntents: a batch may retry until its lease ends, so a create may have
// been sent until then.
func leaseStampsIntents(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("dead")
	claimed := e.claim(lease, 2)
	late := intentAt("late", start.Add(time.Hour))
	e.noError(e.store.Journal(e.ctx(), lease,
		map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("k"), late}, "L2": {intent("k")}}))
	e.settleWith(lease, store.Settlement{LeadID: "L2", Generation: claimed[1].Generation, Outcome: retry("L2", start),
		Intents: []leadtype.Intent{intent("k")}})
	e.clock.turn(ttl / 2)
	e.equal("until", e.acquire("dead").Until, start.Add(ttl/2+ttl))
	e.clock.turn(10 * ttl)

	lease = e.acquire("next")
	claimed = e.claim(lease, 2)
	e.equal("intents", claimed[0].Intents, []leadtype.Intent{intentAt("k", start.Add(ttl/2+ttl)), late})
	e.equal("intents of a claim that was settled", claimed[1].Intents, []leadtype.Intent{intent("k")})
	e.clock.turn(time.Second)
	e.noError(e.store.Release(e.ctx(), lease))
	claimed = e.claim(e.acquire("third"), 2)
	e.equal("intents given back", claimed[1].Intents, []leadtype.Intent{intentAt("k", e.clock.now())})
}

func leaseRanOut(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 1)
	e.clock.turn(ttl)
	_, err := e.store.Claim(e.ctx(), lease, 10)
	e.errorIs(err, store.ErrLeaseLost)
	err = e.store.Journal(e.ctx(), lease, map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("k")}})
	e.errorIs(err, store.ErrLeaseLost)
	e.at("L2", leadtype.PreSync, store.StateQueued)
	again := e.acquire("a")
	e.equal("epoch", again.Epoch, lease.Epoch)
	e.at("L1", leadtype.PreSync, store.StateInFlight)
	e.clock.turn(2 * ttl)
	e.settle(lease, claimed[0], cleared("L1"))
	e.at("L1", leadtype.Cleared, "")
}

func leaseTakenOver(e *env) {
	e.queue("L1", "L2")
	old := e.acquire("a")
	claimed := e.claim(old, 1)
	e.clock.turn(ttl)
	current := e.acquire("b")
	e.claim(current, 1)
	before := e.list(store.Filter{})

	_, err := e.store.Claim(e.ctx(), old, 10)
	e.errorIs(err, store.ErrLeaseLost)
	err = e.store.Journal(e.ctx(), old, map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("old")}})
	e.errorIs(err, store.ErrLeaseLost)
	_, err = e.store.Settle(e.ctx(), old, []store.Settlement{
		{LeadID: "L1", Generation: claimed[0].Generation, Outcome: cleared("L1"), Intents: []leadtype.Intent{intent("old")}}})
	e.errorIs(err, store.ErrLeaseLost)
	e.errorIs(e.store.Release(e.ctx(), old), store.ErrLeaseLost)

	e.equal("entries", e.list(store.Filter{}), before)
	e.noError(e.store.Release(e.ctx(), current))
	again := e.claim(e.acquire("c"), 10)
	e.equal("claimed", claimedIDs(again), []leadtype.LeadID{"L1", "L2"})
	e.equal("intents", len(again[0].Intents), 0)
}

// leaseFiftyStale pauses one worker after another past its lease, and lets all of
// them continue at the end.
func leaseFiftyStale(e *env) {
	const workers = 50
	e.queue("L1", "L2")
	var leases []store.Lease
	var claims []store.Claimed
	for i := range workers {
		leases = append(leases, e.acquire(fmt.Sprint("worker ", i)))
		claims = append(claims, e.claim(leases[i], 1)...)
		e.clock.turn(ttl)
	}
	current := e.acquire("current")
	e.claim(current, 1)
	before, steps := e.list(store.Filter{}), e.history("L1")
	for i, lease := range leases {
		_, err := e.store.Settle(e.ctx(), lease, []store.Settlement{
			{LeadID: "L1", Generation: claims[i].Generation, Outcome: cleared("L1"), Intents: []leadtype.Intent{intent("old")}}})
		e.errorIs(err, store.ErrLeaseLost)
		e.errorIs(e.store.Journal(e.ctx(), lease, map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("old")}}),
			store.ErrLeaseLost)
		stale, err := e.store.Settle(e.ctx(), current,
			[]store.Settlement{{LeadID: "L1", Generation: claims[i].Generation, Outcome: cleared("L1")}})
		e.noError(err)
		e.equal("stale", stale, []leadtype.LeadID{"L1"})
	}
	e.equal("claims", len(claims), workers)
	e.equal("entries", e.list(store.Filter{}), before)
	e.equal("history", e.history("L1"), steps)
}

func leaseReleased(e *env) {
	e.queue("L1")
	lease := e.acquire("a")
	claimed := e.claimOne(lease)
	e.noError(e.store.Release(e.ctx(), lease))
	e.at("L1", leadtype.PreSync, store.StateQueued)
	e.errorIs(e.store.Release(e.ctx(), lease), store.ErrLeaseLost)
	_, err := e.store.Settle(e.ctx(), lease, []store.Settlement{
		{LeadID: "L1", Generation: claimed.Generation, Outcome: cleared("L1")}})
	e.errorIs(err, store.ErrLeaseLost)
	again := e.acquire("a")
	if again.Epoch <= lease.Epoch {
		e.t.Fatalf("epoch %d after %d", again.Epoch, lease.Epoch)
	}
	_, err = e.store.Claim(e.ctx(), lease, 10)
	e.errorIs(err, store.ErrLeaseLost)
	e.noError(e.store.Release(e.ctx(), again))
	e.acquire("b")
}

func leaseForged(e *env) {
	e.queue("L1")
	if _, err := e.store.Acquire(e.ctx(), connection, "", ttl); err == nil {
		e.t.Fatal("Acquire accepted a lease without an owner")
	}
	none := store.Lease{Connection: connection}
	_, err := e.store.Claim(e.ctx(), none, 1)
	e.errorIs(err, store.ErrLeaseLost)
	e.errorIs(e.store.Release(e.ctx(), none), store.ErrLeaseLost)
	lease := e.acquire("a")
	lease.Owner = "b"
	_, err = e.store.Claim(e.ctx(), lease, 1)
	e.errorIs(err, store.ErrLeaseLost)
	lease.Owner, lease.Until = "a", start.Add(24*time.Hour)
	e.clock.turn(ttl)
	_, err = e.store.Claim(e.ctx(), lease, 1)
	e.errorIs(err, store.ErrLeaseLost)
	e.at("L1", leadtype.PreSync, store.StateQueued)
}

func leaseRace(e *env) {
	owners := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	errs := make([]error, len(owners))
	var wg sync.WaitGroup
	for i, owner := range owners {
		wg.Go(func() { _, errs[i] = e.store.Acquire(e.ctx(), connection, owner, ttl) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		e.errorIs(err, store.ErrLeaseHeld)
	}
	e.equal("winners", won, 1)
}

func (e *env) want(owner string) (store.Lease, error) {
	return e.store.Want(e.ctx(), connection, owner, ttl)
}

func leaseWanted(e *env) {
	lease, err := e.want("a") // it is free
	e.noError(err)
	e.equal("lease", lease, store.Lease{Connection: connection, Owner: "a", Epoch: lease.Epoch, Until: start.Add(ttl)})
	_, err = e.store.Acquire(e.ctx(), connection, "b", ttl)
	e.errorIs(err, store.ErrLeaseHeld)
	e.equal("wanted", e.acquire("a").Wanted, false)
	_, err = e.want("b")
	e.errorIs(err, store.ErrLeaseHeld)
	_, err = e.want("c") // too late
	e.errorIs(err, store.ErrLeaseHeld)
	_, err = e.store.Want(e.ctx(), "another org", "c", ttl)
	e.noError(err)
	renewed := e.acquire("a")
	e.equal("wanted", renewed.Wanted, true)
	e.equal("epoch", renewed.Epoch, lease.Epoch)

	e.noError(e.store.Release(e.ctx(), renewed))
	for _, other := range []string{"a", "c", "d"} {
		_, err = e.store.Acquire(e.ctx(), connection, other, ttl)
		e.errorIs(err, store.ErrLeaseHeld)
	}
	_, err = e.want("c")
	e.errorIs(err, store.ErrLeaseHeld)
	next, err := e.want("b")
	e.noError(err)
	e.equal("wanted", next.Wanted, false)
	if next.Epoch <= lease.Epoch {
		e.t.Fatalf("epoch %d after %d", next.Epoch, lease.Epoch)
	}
	_, err = e.want("c")
	e.errorIs(err, store.ErrLeaseHeld)
	e.clock.turn(ttl) // the lease runs out, and c has given up
	e.acquire("d")
}

func leaseNotWanted(e *env) {
	lease := e.acquire("a")
	_, err := e.want("b")
	e.errorIs(err, store.ErrLeaseHeld)
	e.clock.turn(store.WantFor - time.Millisecond)
	_, err = e.want("c")
	e.errorIs(err, store.ErrLeaseHeld)
	_, err = e.want("b") // asks again
	e.errorIs(err, store.ErrLeaseHeld)
	e.clock.turn(store.WantFor - time.Millisecond)
	e.equal("wanted", e.acquire("a").Wanted, true)
	e.noError(e.store.Release(e.ctx(), lease))
	_, err = e.store.Acquire(e.ctx(), connection, "a", ttl)
	e.errorIs(err, store.ErrLeaseHeld)
	e.clock.turn(time.Millisecond)
	e.acquire("a")

	_, err = e.want("b")
	e.errorIs(err, store.ErrLeaseHeld)
	e.noError(e.store.Release(e.ctx(), e.acquire("a")))
	if e.acquire("b").Wanted { // by Acquire as well
		e.t.Fatal("the lease is wanted by its own holder")
	}
}
