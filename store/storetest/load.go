// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

var loadTests = map[string]func(*env){
	"StoreTakesBatchesOfAThousand":        thousand,
	"StoreClaimsEachLeadOnceAmidCaptures": concurrentCaptures,
	"StoreCountsOneOfManyEqualCaptures":   concurrentSame,
}

func connectionsApart(e *env) {
	mine := lead("L1")
	e.capture(store.StateQueued, mine)
	other := changed("L1")
	other.Strategy = "other"
	report, err := e.store.Capture(e.ctx(), "other", []store.Captured{{Lead: other, State: store.StateFrozen}})
	e.noError(err)
	e.equal("new", report.New, 1)
	e.equal("strategies", report.Strategies, map[string][]string{"expo": {"other"}})
	n, err := e.store.Push(e.ctx(), "third", store.Filter{}, "")
	e.noError(err)
	e.equal("pushed in an empty connection", n, 0)

	lease := e.acquire("a")
	otherLease, err := e.store.Acquire(e.ctx(), "other", "a", ttl)
	e.noError(err)
	claimed := e.claimOne(lease)
	e.equal("lead", claimed.Lead, mine)
	none, err := e.store.Claim(e.ctx(), otherLease, 10)
	e.noError(err)
	e.equal("claimed of the other", len(none), 0)
	e.noError(e.store.Release(e.ctx(), otherLease))
	e.at("L1", leadtype.PreSync, store.StateInFlight)
	e.settle(lease, claimed, cleared("L1"))
	entries, err := e.store.List(e.ctx(), "other", store.Filter{})
	e.noError(err)
	e.equal("entries of the other", entries,
		[]store.Entry{{Sequence: 1, Lead: other, Stage: leadtype.PreSync, State: store.StateFrozen, Since: start}})
	_, waits, err := e.store.Due(e.ctx(), "other")
	e.noError(err)
	e.equal("due in the other", waits, false)
}

func hostileText(e *env) {
	texts := []string{
		`'; DROP TABLE lead; --`, `"quoted" \ back`, "nul\x00inside", "nul\x00other", "\x00", "line\nbreak\ttab\r",
		"emoji 👩‍🚀",
		"עברית \u202eabc", "%_*?[a-z]", `{"json":["1"]}`, "\u2028<script>&amp;", "İıſK", " space ",
		strings.Repeat("ü", 1<<19),
	}
	for i, text := range texts {
		name := text[:min(len(text), 250)]
		hostile := &leadtype.Lead{ID: leadtype.LeadID(name), EventID: name, Strategy: name, Notes: text,
			Custom: map[string]any{name: text}, Answers: map[string][]string{name: {text}}}
		report := e.capture(store.StateQueued, hostile)
		e.equal("new", report.New, 1)
		e.equal("strategies", report.Strategies, map[string][]string{name: {name}})
		e.equal("same", e.capture(store.StateQueued, hostile).Same, 1)
		e.equal("sequence", e.entry(hostile.ID).Sequence, int64(i+1))
		byEvent := e.list(store.Filter{Event: name})
		e.equal("entries of the event", len(byEvent), 1)
		e.equal("lead", byEvent[0].Lead, hostile)

		owned, err := e.store.Acquire(e.ctx(), name, name, ttl)
		e.noError(err)
		e.equal("lease", []string{owned.Connection, owned.Owner}, []string{name, name})
		lease := e.acquire("a")
		claimed := e.claimOne(lease)
		e.equal("claimed", claimed.Lead, hostile)
		outcome := failed(hostile.ID, leadtype.Code(name))
		outcome.Err.Reason = text
		e.settleWith(lease, store.Settlement{LeadID: hostile.ID, Generation: claimed.Generation,
			Outcome: outcome, Intents: []leadtype.Intent{intent(text)}})
		byCode := e.list(store.Filter{Codes: []leadtype.Code{leadtype.Code(name)}})
		e.equal("entries of the code", len(byCode), 1)
		e.equal("outcome", byCode[0].Last, outcome)
		e.equal("pushed", e.push(store.Filter{Leads: []leadtype.LeadID{hostile.ID}}), 1)
		claimed = e.claimOne(lease)
		e.equal("intents", claimed.Intents, []leadtype.Intent{intent(text)})
		e.settle(lease, claimed, cleared(hostile.ID))
	}
}

func cancelledContext(e *env) {
	e.queue("L1", "L2")
	lease := e.acquire("a")
	claimed := e.claim(lease, 1)
	before := e.list(store.Filter{})
	ctx, cancel := context.WithCancel(e.ctx())
	cancel()
	calls := map[string]func() error{
		"Capture": func() error {
			_, err := e.store.Capture(ctx, connection, []store.Captured{{Lead: lead("L3"), State: store.StateQueued}})
			return err
		},
		"Acquire": func() error { _, err := e.store.Acquire(ctx, "other", "a", ttl); return err },
		"Claim":   func() error { _, err := e.store.Claim(ctx, lease, 10); return err },
		"Journal": func() error {
			return e.store.Journal(ctx, lease, map[leadtype.LeadID][]leadtype.Intent{"L1": {intent("k")}})
		},
		"Settle": func() error {
			_, err := e.store.Settle(ctx, lease, []store.Settlement{
				{LeadID: "L1", Generation: claimed[0].Generation, Outcome: cleared("L1")}})
			return err
		},
		"Remember": func() error {
			return e.store.Remember(ctx, connection, []leadtype.RecordMemory{{ID: recordA}})
		},
		"Records": func() error { _, err := e.store.Records(ctx, connection, []salesforce.ID{recordA}); return err },
		"Push":    func() error { _, err := e.store.Push(ctx, connection, store.Filter{}, ""); return err },
		"List":    func() error { _, err := e.store.List(ctx, connection, store.Filter{}); return err },
		"Due":     func() error { _, _, err := e.store.Due(ctx, connection); return err },
		"Count":   func() error { _, err := e.store.Count(ctx, connection, store.Filter{}); return err },
		"Resolve": func() error { _, err := e.store.Resolve(ctx, connection, nil); return err },
		"Prune":   func() error { _, err := e.store.Prune(ctx, connection, start); return err },
		"AddActivities": func() error {
			return e.store.AddActivities(ctx, connection, "L1", store.StateQueued, []leadtype.Activity{call("A")})
		},
		"CountWarnings": func() error {
			_, err := e.store.CountWarnings(ctx, connection, store.Filter{})
			return err
		},
		"CountEvents": func() error { _, err := e.store.CountEvents(ctx, connection, store.Filter{}); return err },
		"History":     func() error { _, err := e.store.History(ctx, connection, "L1"); return err },
		"Forget":      func() error { return e.store.Forget(ctx, connection, "L2", "") },
		"Note":        func() error { return e.store.Note(ctx, connection, store.Step{Kind: store.StepMode}, "", "L1") },
		"Release":     func() error { return e.store.Release(ctx, lease) },
	}
	for name, call := range calls {
		if err := call(); err == nil {
			e.t.Errorf("%s ignored its cancelled context", name)
		} else {
			e.errorIs(err, context.Canceled)
		}
	}
	e.equal("entries", e.list(store.Filter{}), before)
	_, err := e.store.Acquire(e.ctx(), "other", "b", ttl)
	e.noError(err)
	e.settle(lease, claimed[0], cleared("L1"))
}

func thousand(e *env) {
	const n = 1000
	leads := make([]*leadtype.Lead, n)
	ids := make([]leadtype.LeadID, n)
	for i := range leads {
		ids[i] = leadtype.LeadID(fmt.Sprintf("L%d", i))
		leads[i] = lead(ids[i])
	}
	e.equal("new", e.capture(store.StateFrozen, leads...).New, n)
	e.equal("pushed", e.push(store.Filter{Leads: ids}), n)
	lease := e.acquire("a")
	claimed := e.claim(lease, n)
	e.equal("claimed in order", claimedIDs(claimed), ids)
	intents := make(map[leadtype.LeadID][]leadtype.Intent, n)
	settlements := make([]store.Settlement, n)
	for i, c := range claimed {
		intents[c.Lead.ID] = []leadtype.Intent{intent("k")}
		settlements[i] = store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: cleared(c.Lead.ID)}
	}
	e.noError(e.store.Journal(e.ctx(), lease, intents))
	stale, err := e.store.Settle(e.ctx(), lease, settlements)
	e.noError(err)
	e.equal("stale", len(stale), 0)
	e.equal("cleared", len(e.list(store.Filter{Stages: []leadtype.Stage{leadtype.Cleared}, Leads: ids})), n)
	e.equal("same", e.capture(store.StateQueued, leads...).Same, n)
}

func concurrentCaptures(e *env) {
	const callers, each = 8, 25
	var wg sync.WaitGroup
	errs := make([]error, callers)
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				id := leadtype.LeadID(fmt.Sprintf("L%d-%d", c, i))
				_, err := e.store.Capture(e.ctx(), connection, []store.Captured{{Lead: lead(id), State: store.StateQueued}})
				if err != nil {
					errs[c] = err
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	claims := make(map[leadtype.LeadID]int)
	lease := e.acquire("a")
	drain := func() int {
		batch := e.claim(lease, 7)
		for _, c := range batch {
			claims[c.Lead.ID]++
			e.settle(lease, c, cleared(c.Lead.ID))
		}
		return len(batch)
	}
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
			drain()
		}
	}
	for drain() > 0 {
	}
	e.due("all cleared", -1)
	for _, err := range errs {
		e.noError(err)
	}
	e.equal("leads claimed", len(claims), callers*each)
	for id, n := range claims {
		e.equal("claims of "+string(id), n, 1)
	}
	for i, entry := range e.list(store.Filter{}) {
		e.equal("sequence", entry.Sequence, int64(i+1))
		e.equal("stage", entry.Stage, leadtype.Cleared)
	}
}

func concurrentSame(e *env) {
	const callers = 16
	reports := make([]store.CaptureReport, callers)
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			reports[i], errs[i] = e.store.Capture(e.ctx(), connection,
				[]store.Captured{{Lead: lead("L1"), State: store.StateQueued}, {Lead: lead("L2"), State: store.StateQueued}})
		})
	}
	wg.Wait()
	fresh, same := 0, 0
	for i, report := range reports {
		e.noError(errs[i])
		fresh += report.New
		same += report.Same
	}
	e.equal("new and same", []int{fresh, same}, []int{2, 2*callers - 2})
}
