// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/memory"
)

var parityTests = map[string]func(*env){
	"DoesWhatTheMemoryStoreDoes": doesTheSame,
}

// A pair is the store under test and a memory.Store that receives the same calls.
type pair struct {
	*env
	random *rand.Rand
	memory store.Store
	leases map[string]store.Lease // the last one of each owner
	claims []store.Claimed        // current and stale ones
	leads  []leadtype.LeadID
	last   string // the last call
}

// doesTheSame makes random calls to both stores, including calls that a Syncer never
// makes.
func doesTheSame(e *env) {
	for seed := range uint64(5) {
		e.clock.turn(time.Hour)
		w := &pair{env: e, random: rand.New(rand.NewPCG(seed, 0)), memory: memory.New(e.clock.now),
			leases: make(map[string]store.Lease)}
		for n := range 6 {
			w.leads = append(w.leads, leadtype.LeadID(fmt.Sprintf("L%d", n)))
		}
		connection := fmt.Sprintf("org %d", seed)
		for range 150 {
			w.step(connection)
			w.look(connection)
		}
	}
}

// both makes a call to both stores, and requires the same result.
func (w *pair) both(what string, call func(store.Store) (any, error)) any {
	w.t.Helper()
	w.last = what
	got, err := call(w.store)
	want, wantErr := call(w.memory)
	for _, known := range []error{store.ErrLeaseHeld, store.ErrLeaseLost, store.ErrInFlight, store.ErrNoLead} {
		w.equal(what+": whether the error is "+known.Error(), errors.Is(err, known), errors.Is(wantErr, known))
	}
	w.equal(what+": whether there is an error", err != nil, wantErr != nil)
	one, other := fromDifference(asJSON(got), asJSON(want))
	w.equal(what, one, other)
	return want
}

// fromDifference drops most of the common prefix of two long results.
func fromDifference(a, b string) (string, string) {
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	same = max(0, same-200)
	return a[same:], b[same:]
}

func asJSON(v any) string {
	if list := reflect.ValueOf(v); list.Kind() == reflect.Slice && list.Len() == 0 {
		return "none" // nil or empty
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// look compares everything that can be read.
func (w *pair) look(connection string) {
	w.t.Helper()
	ctx, after := w.ctx(), " after "+w.last
	w.both("list"+after, func(s store.Store) (any, error) { return s.List(ctx, connection, store.Filter{}) })
	w.both("count"+after, func(s store.Store) (any, error) {
		counts, err := s.Count(ctx, connection, store.Filter{})
		return keyed(counts.Groups), err
	})
	w.both("count events"+after, func(s store.Store) (any, error) {
		return s.CountEvents(ctx, connection, store.Filter{})
	})
	w.both("count warnings"+after, func(s store.Store) (any, error) {
		return s.CountWarnings(ctx, connection, store.Filter{})
	})
	w.both("due"+after, func(s store.Store) (any, error) {
		wait, waits, err := s.Due(ctx, connection)
		return []any{wait, waits}, err
	})
	w.both("records"+after, func(s store.Store) (any, error) {
		return s.Records(ctx, connection, []salesforce.ID{recordA, recordB, recordC})
	})
	id := pick(w.random, append(w.leads, ""))
	w.both("history"+after, func(s store.Store) (any, error) { return s.History(ctx, connection, id) })
}

// record returns something to remember.
func (w *pair) record(lead leadtype.LeadID) leadtype.RecordMemory {
	record := leadtype.RecordMemory{ID: pick(w.random, []salesforce.ID{recordA, recordB, recordC}),
		Lead: pick(w.random, []leadtype.LeadID{"", lead})}
	if w.random.IntN(2) == 0 {
		record.Note(pick(w.random, []*salesforce.Field{emailField, phoneField}), fmt.Sprint(w.random.IntN(3)), start)
	}
	return record
}

// step makes one random call.
func (w *pair) step(connection string) {
	w.t.Helper()
	ctx, id := w.ctx(), pick(w.random, w.leads)
	owner := pick(w.random, []string{"a", "b"})
	codes := []leadtype.Code{leadtype.OwnerInvalid, leadtype.RateLimit}
	states := []store.State{store.StateQueued, store.StateFrozen, store.StateWaiting}
	switch w.random.IntN(14) {
	case 0, 1, 2:
		captured := w.captured(id)
		w.both("capture", func(s store.Store) (any, error) { return s.Capture(ctx, connection, captured) })
	case 3:
		state, activities := pick(w.random, states[:2]), []leadtype.Activity{call(fmt.Sprint(w.random.IntN(5)))}
		w.both("add activities", func(s store.Store) (any, error) {
			return nil, s.AddActivities(ctx, connection, id, state, activities)
		})
	case 4, 5:
		lease := w.both("acquire", func(s store.Store) (any, error) {
			return s.Acquire(ctx, connection, owner, ttl)
		}).(store.Lease)
		if lease.Owner != "" {
			w.leases[owner] = lease
		}
	case 6, 7:
		limit := w.random.IntN(4)
		claimed := w.both("claim", func(s store.Store) (any, error) {
			return s.Claim(ctx, w.leases[owner], limit)
		}).([]store.Claimed)
		w.claims = append(w.claims, claimed...)
	case 8:
		intents := map[leadtype.LeadID][]leadtype.Intent{id: {intentAt("k", w.clock.now())}}
		w.both("journal", func(s store.Store) (any, error) { return nil, s.Journal(ctx, w.leases[owner], intents) })
	case 9, 10:
		if len(w.claims) == 0 {
			return
		}
		c := pick(w.random, w.claims)
		settlement := store.Settlement{LeadID: c.Lead.ID, Generation: c.Generation, Intents: c.Intents,
			Free: w.random.IntN(2) == 0, Records: []leadtype.RecordMemory{w.record(c.Lead.ID)},
			Outcome: pick(w.random, []*leadtype.Outcome{nil, cleared(c.Lead.ID), failed(c.Lead.ID, pick(w.random, codes)),
				retry(c.Lead.ID, w.clock.now().Add(time.Minute)), {LeadID: c.Lead.ID, Stage: leadtype.PreSync, At: start},
				owing(c.Lead.ID)})}
		w.both("settle", func(s store.Store) (any, error) {
			return s.Settle(ctx, w.leases[owner], []store.Settlement{settlement})
		})
	case 11:
		filter := pick(w.random,
			[]store.Filter{{Codes: codes[:1]}, {Leads: []leadtype.LeadID{id}}, {Event: "expo", Limit: 2}, {States: states[1:]}})
		ask := pick(w.random, []leadtype.Ask{{}, {Owed: true}, {Over: []string{"Lead.Title"}}})
		by := pick(w.random, []string{"", "ada"})
		w.both("push", func(s store.Store) (any, error) { return s.Push(ctx, connection, filter, by, ask) })
	case 12:
		resolution := store.Resolution{LeadID: id, Generation: int64(w.random.IntN(4)),
			Outcome: pick(w.random, []*leadtype.Outcome{cleared(id), {LeadID: id, Stage: leadtype.PreSync, At: start}}),
			By:      pick(w.random, []string{"", "ada"})}
		w.both("resolve", func(s store.Store) (any, error) {
			return s.Resolve(ctx, connection, []store.Resolution{resolution})
		})
	case 13:
		w.seldom(connection, id, owner)
	}
}

// captured returns a capture of a lead, with or without what Merge compares.
func (w *pair) captured(id leadtype.LeadID) []store.Captured {
	states := []store.State{store.StateQueued, store.StateFrozen, store.StateWaiting}
	lead := version(id, w.random.IntN(3))
	lead.EventID = pick(w.random, []string{"", "expo"})
	lead.Revision = int64(w.random.IntN(3))
	if w.random.IntN(3) == 0 {
		lead.EnrichedAt = start
	}
	captured := store.Captured{Lead: lead, State: pick(w.random, states), Then: pick(w.random, states[:2]),
		Force: w.random.IntN(8) == 0}
	if w.random.IntN(2) == 0 {
		captured.DueAt = w.clock.now().Add(ttl)
	}
	return []store.Captured{captured}
}

// seldom makes calls that, made often, would leave few leads to work with.
func (w *pair) seldom(connection string, id leadtype.LeadID, owner string) {
	w.t.Helper()
	switch w.random.IntN(7) {
	case 6:
		w.both("forget and suppress", func(s store.Store) (any, error) {
			return nil, s.Forget(w.ctx(), connection, id, "ada", store.Suppress)
		})
		w.both("unsuppress", func(s store.Store) (any, error) { return s.Unsuppress(w.ctx(), connection, id, "", "zoe") })
	case 5:
		step := store.Step{Kind: store.StepMode, By: "ada", Mode: leadtype.Manual}
		to := pick(w.random, [][]leadtype.LeadID{{""}, {id, "", id}, nil})
		w.both("note", func(s store.Store) (any, error) { return nil, s.Note(w.ctx(), connection, step, to...) })
	case 4:
		records := []leadtype.RecordMemory{w.record(id), w.record(id)}
		w.both("remember", func(s store.Store) (any, error) { return nil, s.Remember(w.ctx(), connection, records) })
	case 0:
		w.both("release", func(s store.Store) (any, error) { return nil, s.Release(w.ctx(), w.leases[owner]) })
	case 1:
		w.both("forget", func(s store.Store) (any, error) { return nil, s.Forget(w.ctx(), connection, id, "ada") })
	case 2:
		before := w.clock.now().Add(-time.Minute)
		w.both("prune", func(s store.Store) (any, error) { return s.Prune(w.ctx(), connection, before) })
	case 3:
		w.clock.turn(pick(w.random, []time.Duration{time.Microsecond, ttl / 2, ttl, 2 * ttl}))
	}
}
