// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/turn"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A step is one thing that happens to a world.
type step struct {
	what   happening
	lead   int           // captured, passed, merged: which one
	with   int           // merged: whose record is merged into that of lead
	second bool          // captured, fated, restarted: in the second store, not the first
	fault  modelFault    // faulty
	fate   fate          // fated, and faulty: of the process that makes the call
	wait   time.Duration // waited
}

// GoString says briefly what happens, for a schedule that went wrong.
func (s step) GoString() string {
	text := [...]string{"captured", "faulty", "fated", "waited", "restarted", "passed", "merged"}[s.what]
	switch s.what {
	case captured, passed:
		text += fmt.Sprintf(" %d", s.lead)
	case merged:
		text += fmt.Sprintf(" %d of %d", s.lead, s.with)
	case waited:
		text += " " + s.wait.String()
	case faulty, fated:
		if s.what == faulty {
			text += fmt.Sprintf(" %+v", s.fault)
		}
		if s.fate.what != unharmed {
			text += fmt.Sprintf(" %+v", s.fate)
		}
	}
	if s.second {
		text += " in the second store"
	}
	return "{" + text + "}"
}

// A happening is a kind of step.
type happening int

const (
	captured  happening = iota // the host captures a lead, again with other data
	faulty                     // the next call of the org's will go wrong
	fated                      // the process meets a fate
	waited                     // time passes
	restarted                  // another process begins beside what there is
	passed                     // the host passes a lead to Sync
	merged                     // a user merges the records of two leads
)

// A world is an org, and the stores and processes that work on it.
type world struct {
	*system // the first store

	org      *modelOrg
	client   modelClient // of the processes: the org
	cfg      leadsync.Config
	audience audience
	second   *system // nil where there is none

	mu sync.Mutex
	// unsynced are the calls of Sync whose lead has not cleared, the last of each.
	unsynced map[int]*call
	// unanswered are the leads that Sync left with a create without an answer.
	unanswered map[int]bool
	// merges are the people whose records were merged into those of others.
	merges map[string]string
	// counted is what summaries counted.
	counted map[string]bool
	// hasty takes the turns from Sync, for controls.
	hasty bool
}

// A system is a host with a store, and processes that come and go.
type system struct {
	store    leadsync.Store
	procs    []*process
	audience audience // of its leads
	// reader looks at the store and runs nothing.
	reader *leadsync.Syncer
	// leads are what the host has captured, by number; those it has no
	// acknowledgement for are captured again later, as every host must.
	leads  map[int]*leadsync.Lead
	unsure map[int]bool
	// versions are how often the host has changed each lead.
	versions map[int]int
}

// newWorld makes a world for a bubble of testing/synctest.
func newWorld(m *modelSchema, a audience) *world {
	org, first := newModelOrg(m), newSystem(a)
	w := &world{
		system: first, org: org, client: org, audience: a, unsynced: make(map[int]*call), unanswered: make(map[int]bool),
		merges: make(map[string]string), counted: make(map[string]bool),
		cfg: leadsync.Config{Store: first.store, Strategy: m.strategy, Campaigns: m.links(), LeaseTTL: time.Minute,
			Gather: leadsync.NoGather,
			Poll:   time.Minute, BatchSize: 3},
	}
	if a.second != noSecond {
		if a.second == otherPeople {
			a.system = "B"
		}
		w.second = newSystem(a)
	}
	if a.second == sameLeads {
		w.second.versions = first.versions
	}
	return w
}

func newSystem(a audience) *system {
	store := memory.New(nil)
	reader, err := leadsync.New(&processClient{}, &leadsync.Config{Store: store})
	if err != nil {
		panic(err)
	}
	return &system{store: store, audience: a, reader: reader, leads: make(map[int]*leadsync.Lead),
		unsure: make(map[int]bool), versions: make(map[int]int)}
}

// systems are all hosts of the world.
func (w *world) systems() []*system {
	if w.second == nil {
		return []*system{w.system}
	}
	return []*system{w.system, w.second}
}

// at returns the system of a step.
func (w *world) at(s step) *system {
	if s.second && w.second != nil {
		return w.second
	}
	return w.system
}

// live runs the steps, heals everything, and says what was lost, doubled, mixed or
// miscounted.
func (w *world) live(ctx context.Context, steps []step) error {
	defer func() {
		for _, of := range w.systems() {
			for _, p := range of.procs {
				p.cancel()
				<-p.done
				p.syncs.Wait()
			}
		}
	}()
	for _, of := range w.systems() {
		w.start(ctx, of)
	}
	for i, s := range steps {
		w.take(ctx, s)
		synctest.Wait()
		if err := w.check(ctx); err != nil {
			return fmt.Errorf("after step %d: %w", i, err)
		}
	}
	return w.heal(ctx)
}

func (w *world) start(ctx context.Context, of *system) {
	cfg := w.cfg
	if of == w.second {
		cfg.Store = of.store
	}
	if w.audience.second == otherPeople && cfg.KeyPrefix == "" {
		cfg.KeyPrefix = cmp.Or(of.audience.system, "A")
	}
	latency := time.Duration(0)
	if w.audience.synced || w.second != nil {
		latency = time.Second // what is done at once overlaps
	}
	client := func(p *process) leadsync.Client { return &processClient{p: p, org: w.client, latency: latency} }
	of.procs = append(of.procs, start(ctx, cfg, client))
}

// current returns a process that is alive.
func (w *world) current(ctx context.Context, of *system) *process {
	for _, p := range slices.Backward(of.procs) {
		if p.alive() {
			return p
		}
	}
	w.start(ctx, of)
	return of.procs[len(of.procs)-1]
}

func (w *world) take(ctx context.Context, s step) {
	of := w.at(s)
	switch s.what {
	case captured:
		of.change(s.lead)
		w.capture(ctx, of, s.lead)
	case faulty:
		w.org.fail(s.fault)
		if s.fate.what != unharmed {
			w.current(ctx, of).meet(s.fate)
		}
	case fated:
		w.current(ctx, of).meet(s.fate)
	case waited:
		time.Sleep(s.wait)
	case restarted:
		w.start(ctx, of)
	case passed:
		of.change(s.lead)
		w.sync(ctx, s.lead)
	case merged:
		w.merge(ctx, s.lead, s.with)
	}
}

// change gives the host other data of a lead.
func (s *system) change(n int) {
	s.versions[n]++
	s.leads[n] = s.audience.lead(n, s.versions[n])
}

// capture captures a lead as the host has it.
func (w *world) capture(ctx context.Context, of *system, n int) {
	_, err := w.current(ctx, of).syncer.Capture(ctx, of.leads[n])
	of.unsure[n] = err != nil
}

// A call is one of Sync.
type call struct{ process *process }

// sync passes a lead to Sync, beside whatever runs.
func (w *world) sync(ctx context.Context, n int) {
	p, lead := w.current(ctx, w.system), w.leads[n]
	this := &call{p}
	w.mu.Lock()
	defer w.mu.Unlock()
	if last := w.unsynced[n]; last != nil && !last.process.alive() {
		w.unanswered[n] = true
	}
	w.unsynced[n] = this
	p.syncs.Go(func() {
		ctx := p.ctx
		if w.hasty {
			ctx = turn.Apart(ctx)
		}
		outcomes, err := p.syncer.Sync(ctx, lead)
		w.mu.Lock()
		defer w.mu.Unlock()
		if outcomes[0].Code() == leadtype.UncertainWrite {
			w.unanswered[n] = true
		}
		if err == nil && p.alive() && outcomes[0].Stage == leadsync.Cleared && w.unsynced[n] == this {
			delete(w.unsynced, n)
		}
	})
}

// excused returns the people whom Sync may have doubled: it keeps no journal, so nothing
// tells another process of a create without an answer. A key keeps one lead single, and
// other leads of the person have keys of their own.
func (w *world) excused() map[string]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	people := make(map[string]bool)
	for n := range w.unanswered {
		if len(w.procs) > 1 && (!w.org.keyFields || n == firstSynced) {
			people[w.audience.person(n)] = true
		}
	}
	return people
}

// waiting returns the leads that were passed to Sync and have not cleared.
func (w *world) waiting() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.unsynced))
}

// merge merges the records of two of the cleared leads, counted from any two numbers. It
// leaves those of the person of 0 and 1 alone: a lead that is not in the store yet would
// not find the survivor by its address.
func (w *world) merge(ctx context.Context, into, from int) {
	entries, err := w.store.List(ctx, "default", leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared}})
	entries = slices.DeleteFunc(entries, func(e leadsync.Entry) bool { return w.audience.person(numberOf(&e)) == "1" })
	if err != nil || len(entries) < 2 {
		return
	}
	one, other := entries[into%len(entries)], entries[from%len(entries)]
	if w.org.merge(one.Last.ID, other.Last.ID) {
		w.merges[w.group(w.audience.person(numberOf(&other)))] = w.group(w.audience.person(numberOf(&one)))
	}
}

// numberOf returns the number of a lead.
func numberOf(e *leadsync.Entry) (n int) {
	_, _ = fmt.Sscanf(string(e.Lead.ID), "L%d", &n)
	return n
}

// group names the people who share a record with a person since records were merged.
func (w *world) group(person string) string {
	for w.merges[person] != "" {
		person = w.merges[person]
	}
	return person
}

// heal lets everything go well until all leads are cleared, and compares the org
// with the host's list.
func (w *world) heal(ctx context.Context) error {
	w.org.heal()
	for _, of := range w.systems() {
		for _, p := range of.procs {
			p.meet(fate{})
		}
	}
	time.Sleep(20 * time.Minute) // stopped processes continue, and late writes arrive
	if w.audience.second == sameLeads {
		w.share()
	}
	for _, of := range w.systems() {
		for n := range of.audience.captures() {
			if of.unsure[n] {
				w.capture(ctx, of, n)
			}
		}
		w.current(ctx, of)
	}
	err := errors.New("nothing was tried")
	for range 10 {
		if err == nil {
			break
		}
		for _, n := range w.waiting() {
			w.sync(ctx, n)
		}
		for _, of := range w.systems() {
			if _, err := of.store.Push(ctx, "default",
				leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}}, ""); err != nil {
				return err
			}
		}
		time.Sleep(time.Hour)
		err = w.cleared(ctx)
	}
	if err != nil {
		return err
	}
	return errors.Join(w.checkOrg(), w.check(ctx))
}

// share gives both hosts all leads as they were changed last.
func (w *world) share() {
	for n := range w.audience.captures() {
		if w.versions[n] == 0 {
			continue
		}
		for _, of := range w.systems() {
			of.leads[n], of.unsure[n] = of.audience.lead(n, w.versions[n]), true
		}
	}
}

// cleared says which lead is not cleared.
func (w *world) cleared(ctx context.Context) error {
	if waiting := w.waiting(); len(waiting) > 0 {
		return fmt.Errorf("%d leads that were passed to Sync are not cleared", len(waiting))
	}
	for _, of := range w.systems() {
		if err := of.cleared(ctx); err != nil {
			return err
		}
	}
	return nil
}

// cleared says which captured lead is not cleared.
func (s *system) cleared(ctx context.Context) error {
	entries, err := s.store.List(ctx, "default", leadsync.Filter{})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Stage != leadsync.Cleared {
			return fmt.Errorf("%s is %s: %v", e.Lead.ID, e.Stage, e.Last.Err)
		}
	}
	captured := 0
	for n := range s.leads {
		if n < s.audience.captures() {
			captured++
		}
	}
	if len(entries) != captured {
		return fmt.Errorf("%d leads in the store of %d", len(entries), captured)
	}
	return nil
}

// check looks for what holds at every moment.
func (w *world) check(ctx context.Context) error {
	for _, of := range w.systems() {
		if err := errors.Join(w.checkCleared(ctx, of), w.checkCounts(ctx, of)); err != nil {
			return err
		}
	}
	return nil
}

// recount adds a lead to the counts, by its history.
func recount(steps []store.Step, counts map[string]int) {
	last := steps[len(steps)-1]
	counts[string(last.Stage)]++
	var outcome *leadsync.Outcome
	for _, s := range steps {
		if s.Outcome != nil {
			outcome = s.Outcome
		}
	}
	switch last.Stage {
	case leadsync.Cleared:
		counts["cleared "+string(outcome.Action)]++
	case leadsync.Failed:
		counts["failed "+string(outcome.Code())]++
	}
}
