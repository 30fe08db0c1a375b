// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// connection is the connection of most tests.
const connection = "org"

// ttl is how long leases last here.
const ttl = time.Minute

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// A clock shows the same time until it is turned.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// An env is the environment of one test. Its methods fail the test on an unexpected
// error.
type env struct {
	t     *testing.T
	store store.Store
	clock *clock
}

func (e *env) ctx() context.Context { return e.t.Context() }

func (e *env) noError(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatalf("unexpected error: %v", err)
	}
}

func (e *env) errorIs(err, want error) {
	e.t.Helper()
	if !errors.Is(err, want) {
		e.t.Fatalf("got error %v, want %v", err, want)
	}
}

func (e *env) equal(what string, got, want any) {
	e.t.Helper()
	if !reflect.DeepEqual(got, want) {
		e.t.Fatalf("%s:\n got %s\nwant %s", what, show(got), show(want))
	}
}

// show formats a value for a failure message, cut to a readable length.
func show(v any) string {
	text := fmt.Sprintf("%+v", v)
	if len(text) > 2000 {
		text = text[:2000] + "..."
	}
	return text
}

func (e *env) capture(state store.State, leads ...*leadtype.Lead) store.CaptureReport {
	e.t.Helper()
	captured := make([]store.Captured, len(leads))
	for i, l := range leads {
		captured[i] = store.Captured{Lead: l, State: state}
	}
	report, err := e.store.Capture(e.ctx(), connection, captured)
	e.noError(err)
	return report
}

// queue captures leads with these ids.
func (e *env) queue(ids ...leadtype.LeadID) {
	e.t.Helper()
	leads := make([]*leadtype.Lead, len(ids))
	for i, id := range ids {
		leads[i] = lead(id)
	}
	e.capture(store.StateQueued, leads...)
}

func (e *env) acquire(owner string) store.Lease {
	e.t.Helper()
	lease, err := e.store.Acquire(e.ctx(), connection, owner, ttl)
	e.noError(err)
	return lease
}

func (e *env) claim(lease store.Lease, limit int) []store.Claimed {
	e.t.Helper()
	claimed, err := e.store.Claim(e.ctx(), lease, limit)
	e.noError(err)
	return claimed
}

// claimOne claims and requires exactly one lead.
func (e *env) claimOne(lease store.Lease) store.Claimed {
	e.t.Helper()
	claimed := e.claim(lease, 10)
	e.equal("leads claimed", len(claimed), 1)
	return claimed[0]
}

// settle settles a claim and requires that it is not stale.
func (e *env) settle(lease store.Lease, c store.Claimed, outcome *leadtype.Outcome) {
	e.t.Helper()
	e.settleWith(lease, store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Outcome: outcome})
}

func (e *env) settleWith(lease store.Lease, s store.Settlement) {
	e.t.Helper()
	stale, err := e.store.Settle(e.ctx(), lease, []store.Settlement{s})
	e.noError(err)
	e.equal("stale leads", len(stale), 0)
}

func (e *env) list(filter store.Filter) []store.Entry {
	e.t.Helper()
	entries, err := e.store.List(e.ctx(), connection, filter)
	e.noError(err)
	return entries
}

func (e *env) push(filter store.Filter, asks ...leadtype.Ask) int {
	e.t.Helper()
	n, err := e.store.Push(e.ctx(), connection, filter, "", asks...)
	e.noError(err)
	return n
}

func (e *env) count(filter store.Filter) store.Counts {
	e.t.Helper()
	counts, err := e.store.Count(e.ctx(), connection, filter)
	e.noError(err)
	return counts
}

// resolve resolves a lead and requires that it is not stale.
func (e *env) resolve(id leadtype.LeadID, generation int64, outcome *leadtype.Outcome) {
	e.t.Helper()
	stale, err := e.store.Resolve(e.ctx(), connection,
		[]store.Resolution{{LeadID: id, Generation: generation, Outcome: outcome}})
	e.noError(err)
	e.equal("stale leads", len(stale), 0)
}

func (e *env) history(id leadtype.LeadID) []store.Step {
	e.t.Helper()
	steps, err := e.store.History(e.ctx(), connection, id)
	e.noError(err)
	return steps
}

// entry returns the entry of one lead.
func (e *env) entry(id leadtype.LeadID) store.Entry {
	e.t.Helper()
	entries := e.list(store.Filter{Leads: []leadtype.LeadID{id}})
	e.equal("entries", len(entries), 1)
	return entries[0]
}

// at requires that a lead is in a stage and state.
func (e *env) at(id leadtype.LeadID, stage leadtype.Stage, state store.State) store.Entry {
	e.t.Helper()
	entry := e.entry(id)
	e.equal("stage", entry.Stage, stage)
	e.equal("state", entry.State, state)
	return entry
}

func lead(id leadtype.LeadID) *leadtype.Lead {
	return &leadtype.Lead{ID: id, EventID: "expo", Email: "a@example.com", Strategy: "s"}
}

// changed returns lead(id) with different data.
func changed(id leadtype.LeadID) *leadtype.Lead {
	l := lead(id)
	l.Notes = "changed"
	return l
}

func cleared(id leadtype.LeadID) *leadtype.Outcome {
	return &leadtype.Outcome{LeadID: id, Stage: leadtype.Cleared, Action: leadtype.Created,
		Object: "Lead", ID: "00Q000000000001AAA", At: start}
}

func failed(id leadtype.LeadID, code leadtype.Code) *leadtype.Outcome {
	return &leadtype.Outcome{LeadID: id, Stage: leadtype.Failed, At: start,
		Err: &leadtype.Error{Op: "create", Code: code, LeadID: id, Fields: []string{"Email"}}}
}

func retry(id leadtype.LeadID, at time.Time) *leadtype.Outcome {
	outcome := failed(id, leadtype.RowContention)
	outcome.Stage, outcome.RetryAt = leadtype.PreSync, at
	return outcome
}

func intent(key string) leadtype.Intent {
	return leadtype.Intent{Kind: leadtype.PartTask, Object: "Task", Key: key, PlannedAt: start.Add(-time.Second),
		SentAt: start, Content: "digest",
		Person: leadtype.SentPerson{Email: "ada@example.com", FirstName: "Ada", LastName: "Lovelace", Company: "Engines"}}
}

func intentAt(key string, at time.Time) leadtype.Intent {
	i := intent(key)
	i.SentAt = at
	return i
}

func entryIDs(entries []store.Entry) []leadtype.LeadID {
	ids := make([]leadtype.LeadID, len(entries))
	for i, entry := range entries {
		ids[i] = entry.Lead.ID
	}
	return ids
}

func claimedIDs(claimed []store.Claimed) []leadtype.LeadID {
	ids := make([]leadtype.LeadID, len(claimed))
	for i, c := range claimed {
		ids[i] = c.Lead.ID
	}
	return ids
}
