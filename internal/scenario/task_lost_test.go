// SPDX-License-Identifier: Apache-2.0

package scenario_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/internal/scenario"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/mapping"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

// A changedTask is what changes between the create of Tasks and its retry.
type changedTask struct {
	first, second *leadsync.Mapping // nil: without rules for Tasks
	edit          func(*leadsync.Activity)
	fails         bool // the second mapping fails new Tasks
}

func changedTasks() map[string]changedTask {
	day := leadsync.Rule{Source: "capturedAt", Field: "ActivityDate", Transforms: []string{"addDays:30"}}
	later := leadsync.Rule{Source: "capturedAt", Field: "ActivityDate", Transforms: []string{"addDays:60"}}
	text := leadsync.Rule{Source: "eventName", Field: "Description", Write: mapping.Append}
	unfit := leadsync.Rule{Source: "custom.stage", Field: "Priority", Unmapped: mapping.HoldUnmapped,
		Values: map[string]string{"hot": "High"}}
	return map[string]changedTask{
		"nothing":               {},
		"rules came":            {second: withTasks(day, text)},
		"rules went":            {first: withTasks(day, text)},
		"another day":           {first: withTasks(day), second: withTasks(later)},
		"another text":          {first: withTasks(day, text), second: withTasks(day)},
		"a rule fails the Task": {first: withTasks(text), second: withTasks(unfit), fails: true},
		"edited notes":          {edit: func(a *leadsync.Activity) { a.Notes = "called back twice" }},
		"no notes":              {edit: func(a *leadsync.Activity) { a.Notes = "" }},
		"edited time":           {edit: func(a *leadsync.Activity) { a.At = a.At.AddDate(0, -1, 0) }},
		"edited kind":           {edit: func(a *leadsync.Activity) { a.Kind = leadsync.ActivityMeeting }},
	}
}

// calledTwice is a lead with two calls of the same content.
func calledTwice() *leadsync.Lead {
	lead := called()
	lead.Custom = map[string]any{"stage": "cold"}
	lead.Activities[0].At = lead.CapturedAt
	lead.Activities = append(lead.Activities, lead.Activities[0])
	lead.Activities[1].ID = "a2"
	return lead
}

// A taskLoss is how the create of Tasks got no response.
type taskLoss struct {
	committed bool
	known     bool // the person was there before
	dies      bool // the process, before it could settle
}

// losses are ways to lose the answer.
func losses() []taskLoss {
	return []taskLoss{{committed: true, known: true, dies: true}, {committed: true}, {known: true}}
}

// with loses the answer to the create of a lead's Tasks, changes what changes, and tries
// the lead again in another process. It returns the org, and what is stored of the lead.
func (c *changedTask) with(t *testing.T, loss taskLoss, kept store.Store) (*sftest.Org, leadsync.Entry) {
	t.Helper()
	org := sftest.NewOrg(t)
	lead := calledTwice()
	if loss.known {
		scenario.InsertLead(org, lead.LastName, lead.Email)
	}
	// A new person is in the same call.
	org.Fail(losing(sftest.Fault{DropAfter: loss.committed, DropBefore: !loss.committed}, 0, 1))
	mapper := func(m *leadsync.Mapping) leadsync.Mapper {
		if m == nil {
			return leadsync.DefaultMapping()
		}
		return m
	}
	first := leadsync.Config{Store: kept, Mapper: mapper(c.first)}
	if loss.dies {
		first.Store = &failingSettle{Store: kept, left: 1000}
	}
	captureAndRun(t, timelessSyncer(t, org, &first), time.Second, lead)

	second := timelessSyncer(t, org, &leadsync.Config{Store: kept, Mapper: mapper(c.second)})
	require.NotEqual(t, leadsync.Cleared, onlyEntry(t, second).Stage)
	require.Equal(t, loss.committed, org.Count("Task") == 2)
	edited := *lead
	edited.Activities = slices.Clone(lead.Activities)
	if c.edit != nil {
		c.edit(&edited.Activities[0])
	}
	captureAndRun(t, second, time.Hour, &edited)
	return org, onlyEntry(t, second)
}

// captureAndRun captures a lead and runs for some time.
func captureAndRun(t *testing.T, s *leadsync.Syncer, long time.Duration, lead *leadsync.Lead) {
	t.Helper()
	captureIn(t, s, lead)
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	require.NoError(t, s.Run(ctx))
}

// What a Task was to hold is journalled: when the rules or the activity change before the
// retry, the Task that is there is still known for the activity's.
func TestALostTaskIsLoggedOnceWhateverChanges(t *testing.T) {
	t.Parallel()
	for name, change := range changedTasks() {
		for _, loss := range losses() {
			t.Run(fmt.Sprintf("%s/%+v", name, loss), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					org, entry := change.with(t, loss, memory.New(nil))
					want, stage := 2, leadsync.Cleared
					if change.fails && !loss.committed {
						want, stage = 0, leadsync.Failed
					}
					require.Equal(t, stage, entry.Stage, "%v", entry.Last.Err)
					require.Equal(t, want, org.Count("Task"))
				})
			})
		}
	}
}

// A journalWithoutContent is a store as earlier versions left it.
type journalWithoutContent struct {
	leadsync.Store
}

func (s *journalWithoutContent) Journal(ctx context.Context, lease store.Lease,
	intents map[leadsync.LeadID][]leadtype.Intent) error {
	for lead, list := range intents {
		intents[lead] = withoutContent(list)
	}
	return s.Store.Journal(ctx, lease, intents)
}

func (s *journalWithoutContent) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadsync.LeadID, error) {
	for i := range settlements {
		settlements[i].Intents = withoutContent(settlements[i].Intents)
	}
	return s.Store.Settle(ctx, lease, settlements)
}

func withoutContent(intents []leadtype.Intent) []leadtype.Intent {
	intents = slices.Clone(intents)
	for i := range intents {
		intents[i].Content = ""
	}
	return intents
}

// The journals of earlier versions do not have it: a Task that nothing has changed is known,
// and, which is the control, the others are logged twice.
func TestALostTaskOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"nothing": 2, "another day": 4, "another text": 4, "edited notes": 3,
		"edited kind": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				change := changedTasks()[name]
				org, entry := change.with(t, taskLoss{committed: true, known: true},
					&journalWithoutContent{Store: memory.New(nil)})
				require.Equal(t, leadsync.Cleared, entry.Stage, "%v", entry.Last.Err)
				require.Equal(t, want, org.Count("Task"))
			})
		})
	}
}

// Sync without a Store remembers it in the process.
func TestALostTaskIsLoggedOnceWithoutAStore(t *testing.T) {
	t.Parallel()
	for name, change := range changedTasks() {
		if change.edit == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := sftest.NewOrg(t)
				org.Fail(losing(sftest.Fault{DropAfter: true}, 0, 1))
				syncer := timelessSyncer(t, org, nil)
				lead := calledTwice()
				_, err := syncer.Sync(t.Context(), lead)
				require.ErrorIs(t, err, leadsync.UncertainWrite)
				change.edit(&lead.Activities[0])
				time.Sleep(time.Minute)
				scenario.SyncOne(t, syncer, lead)
				require.Equal(t, 2, org.Count("Task"))
			})
		})
	}
}
