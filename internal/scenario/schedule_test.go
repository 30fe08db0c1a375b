// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
)

// sized returns how often a test repeats: the second number where
// LEADSYNC_TEST_FULL is set, else the first.
func sized(small, full int) int {
	if os.Getenv("LEADSYNC_TEST_FULL") != "" {
		return full
	}
	return small
}

// anyStep draws a step of a usual audience.
func anyStep(r *rapid.T) step { return audience{}.step(r) }

// step draws a step. Half of them capture or let time pass, so that there is something
// to go wrong.
func (a audience) step(r *rapid.T) step {
	minutes := func(what string, most int) time.Duration {
		return time.Duration(rapid.IntRange(1, 60*most).Draw(r, what)) * time.Second
	}
	lead := func(what string) int { return rapid.IntRange(0, a.captures()-1).Draw(r, what) }
	last := 19
	if a.synced || a.merges {
		last = 23
	}
	second := a.second != noSecond && rapid.Bool().Draw(r, "second")
	switch rapid.IntRange(0, last).Draw(r, "step") {
	default:
		return step{what: captured, lead: lead("lead"), second: second}
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
		s := step{what: faulty, fault: f, second: second}
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
		return step{what: fated, fate: f, second: second}
	case 19:
		return step{what: restarted, second: second}
	case 20, 21, 22, 23:
		if a.synced {
			return step{what: passed, lead: rapid.IntRange(firstSynced, lastSynced).Draw(r, "lead")}
		}
		return step{what: merged, lead: lead("into"), with: lead("from")}
	}
}

// lives runs a schedule in a bubble of its own.
func lives(t *testing.T, m *modelSchema, steps []step, change func(*world)) error {
	t.Helper()
	return livesWith(t, m, audience{}, steps, change)
}

// livesWith runs a schedule of an audience in a bubble of its own.
func livesWith(t *testing.T, m *modelSchema, a audience, steps []step, change func(*world)) error {
	t.Helper()
	var err error
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(m, a)
		if change != nil {
			change(w)
		}
		err = w.live(t.Context(), steps)
	})
	return err
}

// TestSchedulesLoseDoubleAndMixNothing draws what hosts, networks and processes do,
// in any order, with the real Syncer on a memory.Store in virtual time, and people who
// are hard to tell apart. Whatever is cleared is in the org at every moment; after
// healing everything is cleared, in the org once, and on the record of its own person.
// Summaries add up throughout.
func TestSchedulesLoseDoubleAndMixNothing(t *testing.T) {
	t.Parallel()
	const perTest, settings = 100, 6 // rapid's default, and the subtests below
	for _, strategy := range []leadsync.Strategy{
		leadsync.LeadsAndContacts, leadsync.LeadsOnly, leadsync.AccountsAndContacts} {
		for _, keyFields := range []bool{false, true} {
			m := learnSchema(t, strategy, keyFields)
			for i := range sized(1, 10_000/perTest/settings+1) {
				t.Run(fmt.Sprintf("%s/keys %t/%d", strategy.Name(), keyFields, i), func(t *testing.T) {
					t.Parallel()
					rapid.Check(t, func(r *rapid.T) {
						a := rapid.SampledFrom(audiences(keyFields)).Draw(r, "audience")
						steps := rapid.SliceOfN(rapid.Custom(a.step), 1, 25).Draw(r, "steps")
						require.NoError(r, livesWith(t, m, a, steps, nil))
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
	for seed := range sized(16, 250) {
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

// A Store that takes long over a capture holds up nothing else: Run waited for it to
// look for what expires.
func TestRunDoesNotWaitForASlowCapture(t *testing.T) {
	t.Parallel()
	m := learnSchema(t, leadsync.LeadsAndContacts, false)
	require.NoError(t, lives(t, m, []step{
		{what: fated, fate: fate{call: "capture", what: stopped, pause: time.Minute}}, {what: captured}}, nil))
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

// TestUnansweredCreateIsFoundAfterItsLeadChanged: the lead has another company than the
// record that a process left, which may be in another account, or may have been
// overwritten by the process after that.
func TestUnansweredCreateIsFoundAfterItsLeadChanged(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]step{
		"before a process finds it": {
			{what: fated, fate: fate{call: "settle", what: killedBefore}}, {what: captured, lead: 4}, {what: captured, lead: 4}},
		"before the process that updated it settles": {
			{what: fated, fate: fate{call: "write", what: killedAfter}}, {what: captured, lead: 4},
			{what: fated, fate: fate{call: "settle", what: killedBefore}}, {what: captured, lead: 4},
			{what: waited, wait: 4 * time.Minute}},
		"among namesakes": {
			{what: fated, fate: fate{call: "write", what: killedAfter}}, {what: captured, lead: 6}, {what: captured, lead: 7},
			{what: fated, fate: fate{call: "write", others: 1, what: killedAfter}},
			{what: captured, lead: 6}, {what: captured, lead: 7}, {what: waited, wait: 4 * time.Minute}},
	} {
		for _, strategy := range []leadsync.Strategy{leadsync.LeadsAndContacts, leadsync.AccountsAndContacts} {
			t.Run(name+"/"+strategy.Name(), func(t *testing.T) {
				t.Parallel()
				m := learnSchema(t, strategy, false)
				require.NoError(t, livesWith(t, m, audience{moves: true, namesakes: true}, steps, nil))
			})
		}
	}
}

// TestUnansweredCreateIsCorrected: the address that a process sent is still ours when the
// next one finds the record, which gets the right one.
func TestUnansweredCreateIsCorrected(t *testing.T) {
	t.Parallel()
	for _, keyFields := range []bool{false, true} {
		for name, steps := range map[string][]step{
			"before it is found": {
				{what: fated, fate: fate{call: "write", what: killedAfter}}, {what: captured, lead: 5}, {what: captured, lead: 5}},
			"after it was found": {
				{what: fated, fate: fate{call: "write", what: killedAfter}}, {what: captured, lead: 5},
				{what: restarted}, {what: waited, wait: 4 * time.Minute}, {what: captured, lead: 5}},
			"by an update that is lost": {
				{what: faulty, fault: modelFault{loss: lostAfter}}, {what: captured, lead: 5},
				{what: faulty, fault: modelFault{loss: lostBefore}}, {what: captured, lead: 5}},
			"after it was settled": {
				{what: fated, fate: fate{call: "settle", what: killedAfter}}, {what: captured, lead: 5}, {what: captured, lead: 5}},
		} {
			t.Run(fmt.Sprintf("keys %t/%s", keyFields, name), func(t *testing.T) {
				t.Parallel()
				m := learnSchema(t, leadsync.LeadsAndContacts, keyFields)
				require.NoError(t, livesWith(t, m, audience{corrections: true}, steps, nil))
			})
		}
	}
}

// TestRecordsAreRememberedInTheOrderOfTheWrites has two leads of one person, whose requests
// fail, so that they are tried one by one, and the one that was claimed first comes last.
func TestRecordsAreRememberedInTheOrderOfTheWrites(t *testing.T) {
	t.Parallel()
	m := learnSchema(t, leadsync.AccountsAndContacts, false)
	hard := audience{namesakes: true, moves: true, corrections: true, second: otherPeople}
	require.NoError(t, livesWith(t, m, hard, []step{
		{what: fated, fate: fate{call: "acquire", others: 2, what: killedAfter}, second: true},
		{what: faulty, fault: modelFault{loss: lostAfter}},
		{what: captured, lead: 0, second: true}, {what: captured, lead: 1, second: true},
		{what: waited, wait: 177 * time.Second},
		{what: captured, lead: 4, second: true},
		{what: faulty, fault: modelFault{loss: lostBefore}, second: true},
		{what: fated, fate: fate{call: "capture", what: stopped, pause: 14 * time.Second}},
		{what: captured, lead: 0, second: true}, {what: captured, lead: 1, second: true},
		{what: captured, lead: 5}, {what: captured, lead: 0, second: true},
	}, nil))
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
