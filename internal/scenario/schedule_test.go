// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// sized returns how often a test repeats: the second number where
// LEADSYNC_TEST_FULL is set, as in CI, else the first. Under the race detector,
// which makes these tests several times slower, it is always the first: CI runs
// them without it too.
func sized(small, full int) int {
	if os.Getenv("LEADSYNC_TEST_FULL") != "" && !raceDetector() {
		return full
	}
	return small
}

// raceDetector reports whether the test was built with -race.
func raceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// A step is one thing that happens to a world.
type step struct {
	what  happening
	lead  int           // captured: which one
	fault modelFault    // faulty
	fate  fate          // fated, and faulty: of the process that makes the call
	wait  time.Duration // waited
}

// A happening is a kind of step.
type happening int

const (
	captured  happening = iota // the host captures a lead, again with other data
	faulty                     // the next call of the org's will go wrong
	fated                      // the process meets a fate
	waited                     // time passes
	restarted                  // another process begins beside what there is
)

// A world is an org, a store, and processes that come and go.
type world struct {
	org    *modelOrg
	client modelClient // of the processes: the org
	store  leadsync.Store
	cfg    leadsync.Config
	procs  []*process
	// reader looks at the store and runs nothing.
	reader *leadsync.Syncer
	// leads are what the host has captured, by number; those it has no
	// acknowledgement for are captured again later, as every host must.
	leads  map[int]*leadsync.Lead
	unsure map[int]bool
	// counted is what summaries counted.
	counted map[string]bool
}

// newWorld makes a world for a bubble of testing/synctest.
func newWorld(m *modelSchema) *world {
	store := memory.New(nil)
	reader, err := leadsync.New(&processClient{}, &leadsync.Config{Store: store})
	if err != nil {
		panic(err)
	}
	org := newModelOrg(m)
	return &world{
		org: org, client: org, store: store, reader: reader, leads: make(map[int]*leadsync.Lead), unsure: make(map[int]bool),
		counted: make(map[string]bool),
		cfg: leadsync.Config{Store: store, Strategy: m.strategy, Campaigns: m.links(), LeaseTTL: time.Minute,
			Poll: time.Minute, BatchSize: 3},
	}
}

// live runs the steps, heals everything, and says what was lost, doubled or
// miscounted.
func (w *world) live(ctx context.Context, steps []step) error {
	defer func() {
		for _, p := range w.procs {
			p.cancel()
			<-p.done
		}
	}()
	w.start(ctx)
	for i, s := range steps {
		w.take(ctx, s)
		synctest.Wait()
		if err := errors.Join(w.checkCleared(ctx), w.checkCounts(ctx)); err != nil {
			return fmt.Errorf("after step %d: %w", i, err)
		}
	}
	return w.heal(ctx)
}

func (w *world) start(ctx context.Context) {
	client := func(p *process) leadsync.Client { return &processClient{p: p, org: w.client} }
	w.procs = append(w.procs, start(ctx, w.cfg, client))
}

// current returns a process that is alive.
func (w *world) current(ctx context.Context) *process {
	for _, p := range slices.Backward(w.procs) {
		if p.alive() {
			return p
		}
	}
	w.start(ctx)
	return w.procs[len(w.procs)-1]
}

func (w *world) take(ctx context.Context, s step) {
	switch s.what {
	case captured:
		w.capture(ctx, s.lead, true)
	case faulty:
		w.org.fail(s.fault)
		if s.fate.what != unharmed {
			w.current(ctx).meet(s.fate)
		}
	case fated:
		w.current(ctx).meet(s.fate)
	case waited:
		time.Sleep(s.wait)
	case restarted:
		w.start(ctx)
	}
}

// capture captures a lead, with other data where changed is set.
func (w *world) capture(ctx context.Context, n int, changed bool) {
	lead := w.leads[n]
	if changed {
		lead = nextLead(n, lead)
		w.leads[n] = lead
	}
	_, err := w.current(ctx).syncer.Capture(ctx, lead)
	w.unsure[n] = err != nil
}

// crowdSize is how many leads a schedule may capture: 0 and 1 are one person, 2
// and 3 colleagues of theirs, and 4 has no e-mail address.
const crowdSize = 6

// nextLead returns a lead with other data than last, and from the second time on
// with a second activity.
func nextLead(n int, last *leadsync.Lead) *leadsync.Lead {
	version := 1
	if last != nil {
		_, _ = fmt.Sscanf(last.JobTitle, "title %d", &version)
		version++
	}
	person, company := max(n, 1), n/4
	lead := &leadsync.Lead{
		ID: leadsync.LeadID(fmt.Sprintf("L%d", n)), LastName: fmt.Sprintf("Person %d", person),
		Company:  fmt.Sprintf("Company %d", company),
		JobTitle: fmt.Sprintf("title %d", version), CapturedAt: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC),
		Activities: []leadsync.Activity{{Kind: leadsync.ActivityCall, Notes: fmt.Sprintf("call of L%d", n)}},
	}
	if n != 4 {
		lead.Email = fmt.Sprintf("p%d@company%d.example", person, company)
	}
	if version > 1 {
		lead.Activities = append(lead.Activities,
			leadsync.Activity{Kind: leadsync.ActivityNote, Notes: fmt.Sprintf("note of L%d", n)})
	}
	return lead
}

// heal lets everything go well until all leads are cleared, and compares the org
// with the host's list.
func (w *world) heal(ctx context.Context) error {
	w.org.heal()
	for _, p := range w.procs {
		p.meet(fate{})
	}
	time.Sleep(20 * time.Minute) // stopped processes continue, and late writes arrive
	for n := range crowdSize {
		if w.unsure[n] {
			w.capture(ctx, n, false)
		}
	}
	w.current(ctx)
	for range 10 {
		if _, err := w.store.Push(ctx, "default", leadsync.Filter{Stages: []leadsync.Stage{leadsync.Failed}}); err != nil {
			return err
		}
		time.Sleep(time.Hour)
	}
	entries, err := w.store.List(ctx, "default", leadsync.Filter{})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Stage != leadsync.Cleared {
			return fmt.Errorf("%s is %s: %v", e.Lead.ID, e.Stage, e.Last.Err)
		}
	}
	if len(entries) != len(w.leads) {
		return fmt.Errorf("%d leads in the store of %d", len(entries), len(w.leads))
	}
	return errors.Join(w.checkOrg(), w.checkCounts(ctx))
}

// checkOrg compares the org with the host's list: everything once, and as it was
// captured last.
func (w *world) checkOrg() error {
	people, companies, tasks := make(map[string]bool), make(map[string]bool), []string(nil)
	titles := make(map[string][]string)
	for _, lead := range w.leads {
		people[lead.LastName], companies[lead.Company] = true, true
		titles[lead.LastName] = append(titles[lead.LastName], lead.JobTitle)
		for _, a := range lead.Activities {
			tasks = append(tasks, a.Notes)
		}
	}
	slices.Sort(tasks)
	object := salesforce.Object("Lead")
	want := map[salesforce.Object][]string{"Lead LastName": slices.Sorted(maps.Keys(people)), "Task Description": tasks}
	if w.org.strategy == leadsync.AccountsAndContacts {
		object = "Contact"
		want = map[salesforce.Object][]string{"Contact LastName": want["Lead LastName"], "Task Description": tasks,
			"Account Name": slices.Sorted(maps.Keys(companies))}
	}
	var errs []error
	for what, values := range want {
		of, field, _ := strings.Cut(string(what), " ")
		if got := w.org.texts(salesforce.Object(of), field); !slices.Equal(got, values) {
			errs = append(errs, fmt.Errorf("%s: the org has %q, the host %q", what, got, values))
		}
	}
	if members := w.org.texts("CampaignMember", "Id"); len(members) != len(people) {
		errs = append(errs, fmt.Errorf("%d members of %d people", len(members), len(people)))
	}
	for _, row := range w.org.rows[object] {
		if !slices.Contains(titles[row.Text("LastName")], row.Text("Title")) {
			errs = append(errs, fmt.Errorf("%s has the title %q, the host %q", row.Text("LastName"), row.Text("Title"),
				titles[row.Text("LastName")]))
		}
	}
	return errors.Join(errs...)
}

// checkCleared looks for what cleared leads promise.
func (w *world) checkCleared(ctx context.Context) error {
	entries, err := w.store.List(ctx, "default", leadsync.Filter{Stages: []leadsync.Stage{leadsync.Cleared}})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(w.org.texts(e.Last.Object, "Id"), string(e.Last.ID)) {
			return fmt.Errorf("%s is cleared, and its %s is not in the org", e.Lead.ID, e.Last.Object)
		}
		for _, a := range e.Lead.Activities {
			if !slices.Contains(w.org.texts("Task", "Description"), a.Notes) {
				return fmt.Errorf("%s is cleared, and a task of it is not in the org", e.Lead.ID)
			}
		}
	}
	return nil
}

// checkCounts counts the leads once more, from nothing but their histories.
func (w *world) checkCounts(ctx context.Context) error {
	summary, err := w.reader.Summary(ctx, leadsync.Filter{})
	if err != nil {
		return err
	}
	want := make(map[string]int)
	for n := range w.leads {
		steps, err := w.store.History(ctx, "default", leadsync.LeadID(fmt.Sprintf("L%d", n)))
		if err != nil {
			return err
		}
		if len(steps) > 0 {
			recount(steps, want)
		}
	}
	got := map[string]int{}
	for stage, count := range summary.Stages {
		got[string(stage)] += count
	}
	for action, count := range summary.Actions {
		got["cleared "+string(action)] += count
	}
	for _, group := range summary.Groups {
		got["failed "+string(group.Code)] += group.Count
	}
	maps.DeleteFunc(got, func(_ string, n int) bool { return n == 0 })
	for what := range got {
		w.counted[what] = true
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("the summary counts %v, the histories %v", got, want)
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

// anyStep draws a step. Half of them capture or let time pass, so that there is
// something to go wrong.
func anyStep(r *rapid.T) step {
	minutes := func(what string, most int) time.Duration {
		return time.Duration(rapid.IntRange(1, 60*most).Draw(r, what)) * time.Second
	}
	switch rapid.IntRange(0, 19).Draw(r, "step") {
	default:
		return step{what: captured, lead: rapid.IntRange(0, crowdSize-1).Draw(r, "lead")}
	case 7, 8, 9, 10:
		return step{what: waited, wait: minutes("wait", 4)}
	case 11, 12, 13, 14:
		f := modelFault{reads: rapid.IntRange(0, 4).Draw(r, "reads") == 4,
			loss: rapid.SampledFrom([]loss{commitLater, lostAfter, lostBefore, notLost}).Draw(r, "loss")}
		switch f.loss {
		case commitLater:
			f.late = minutes("late", 9)
		case notLost:
			f.row = rapid.IntRange(0, 2).Draw(r, "row")
			f.code = rapid.SampledFrom([]salesforce.StatusCode{"UNABLE_TO_LOCK_ROW", "STRING_TOO_LONG",
				"FIELD_CUSTOM_VALIDATION_EXCEPTION"}).Draw(r, "code")
		}
		s := step{what: faulty, fault: f}
		if rapid.IntRange(0, 2).Draw(r, "killed") == 2 {
			s.fate = fate{call: "write", what: killedAfter}
		}
		return s
	case 15, 16, 17, 18:
		f := fate{call: rapid.SampledFrom(calls).Draw(r, "call"), others: rapid.IntRange(0, 2).Draw(r, "others"),
			what: rapid.SampledFrom([]doom{killedBefore, killedAfter, stopped}).Draw(r, "doom")}
		if f.what == stopped {
			f.pause = minutes("pause", 3)
		}
		return step{what: fated, fate: f}
	case 19:
		return step{what: restarted}
	}
}

// lives runs a schedule in a bubble of its own.
func lives(t *testing.T, m *modelSchema, steps []step, change func(*world)) error {
	t.Helper()
	var err error
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(m)
		if change != nil {
			change(w)
		}
		err = w.live(t.Context(), steps)
	})
	return err
}

// TestSchedulesLoseAndDoubleNothing draws what hosts, networks and processes do,
// in any order, with the real Syncer on a memory.Store in virtual time. Whatever
// is cleared is in the org at every moment; after healing everything is cleared,
// and in the org once. Summaries add up throughout.
func TestSchedulesLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	const perTest = 100 // rapid's default
	for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.AccountsAndContacts} {
		for _, keyFields := range []bool{false, true} {
			m := learnSchema(t, strategy, keyFields)
			for i := range sized(1, 10_000/perTest/4) {
				t.Run(fmt.Sprintf("%s/keys %t/%d", strategy.Name(), keyFields, i), func(t *testing.T) {
					t.Parallel()
					rapid.Check(t, func(r *rapid.T) {
						steps := rapid.SliceOfN(rapid.Custom(anyStep), 1, 25).Draw(r, "steps")
						require.NoError(r, lives(t, m, steps, nil))
					})
				})
			}
		}
	}
}

// TestSummaryEqualsARecountFromTheHistory counts after every step of a random run,
// while leads are in all stages, and again in the end.
func TestSummaryEqualsARecountFromTheHistory(t *testing.T) {
	t.Parallel()
	m := learnSchema(t, leadsync.AccountsAndContacts, false)
	draw := rapid.SliceOfN(rapid.Custom(anyStep), 10, 40)
	counted := make(map[string]bool)
	for seed := range sized(50, 500) {
		require.NoError(t, lives(t, m, draw.Example(seed), func(w *world) { w.counted = counted }))
	}
	for _, what := range []string{"pre-sync", "failed", "failed DATA_VALUE_VALIDATION", "cleared", "cleared created",
		"cleared updated"} {
		require.True(t, counted[what], "no run counted %s", what)
	}
}

// A miscountingStore leaves a lead out of its first count.
type miscountingStore struct{ leadsync.Store }

func (s miscountingStore) Count(ctx context.Context, connection string, filter leadsync.Filter) (store.Counts, error) {
	counts, err := s.Store.Count(ctx, connection, filter)
	if len(counts.Groups) > 0 {
		counts.Groups[0].Leads--
	}
	return counts, err
}

// The control of the recount.
func TestRecountNoticesALeadThatIsNotCounted(t *testing.T) {
	t.Parallel()
	m := learnSchema(t, leadsync.LeadsAndContacts, false)
	err := lives(t, m, []step{{what: captured}}, func(w *world) {
		reader, err := leadsync.New(&processClient{}, &leadsync.Config{Store: miscountingStore{w.store}})
		require.NoError(t, err)
		w.reader = reader
	})
	require.ErrorContains(t, err, "the summary counts")
}

// TestUnansweredCreateIsFoundByNameAlone: only the journal and its name identify the
// record that a process left.
func TestUnansweredCreateIsFoundByNameAlone(t *testing.T) {
	t.Parallel()
	m := learnSchema(t, leadsync.LeadsAndContacts, false)
	dies := fate{call: "write", what: killedAfter}
	for name, steps := range map[string][]step{
		"as old as the last batch of a dead process": {
			{what: faulty, fault: modelFault{reads: true, loss: lostAfter}, fate: dies},
			{what: captured, lead: 4}, {what: waited, wait: 2 * time.Second}, {what: captured, lead: 4}},
		"after an update of it was lost too": {
			{what: faulty, fault: modelFault{loss: lostAfter}}, {what: captured, lead: 4},
			{what: faulty, fault: modelFault{loss: lostBefore}, fate: dies}, {what: captured, lead: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, lives(t, m, steps, nil))
		})
	}
}

// TestUnansweredCreateKeepsItsKey: the create of a person or a company may still
// be applied with the key that it was sent with, so it must not be created with
// another, be it for another lead or by a later process.
func TestUnansweredCreateKeepsItsKey(t *testing.T) {
	t.Parallel()
	lost := modelFault{loss: commitLater, late: 2 * time.Minute}
	for name, test := range map[string]struct {
		strategy leadsync.Strategy
		steps    []step
	}{
		"another lead of the person": {leadsync.LeadsAndContacts, []step{
			{what: faulty, fault: lost}, {what: captured, lead: 0}, {what: captured, lead: 1}}},
		"another lead of the company": {leadsync.AccountsAndContacts, []step{
			{what: faulty, fault: lost}, {what: captured, lead: 4}, {what: captured, lead: 5}}},
		"a company that the next process knows by its domain": {leadsync.AccountsAndContacts, []step{
			{what: faulty, fault: lost, fate: fate{call: "write", what: killedAfter}}, {what: captured, lead: 4},
			{what: restarted}, {what: captured, lead: 5}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, lives(t, learnSchema(t, test.strategy, true), test.steps, nil))
		})
	}
}
