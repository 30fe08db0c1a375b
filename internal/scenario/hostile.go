// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"testing"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A Hostile is an org and a store, and processes that end while they write. It belongs
// into a bubble of package synctest.
type Hostile struct {
	T     testing.TB
	Org   *sftest.Org
	Death Death
	Keys  bool
	Cfg   leadsync.Config
	// Open opens the store as a process does that begins; the one before has ended.
	Open func() leadsync.Store
}

// A Story is what happens to some leads while processes end. It reports what is wrong in
// the end.
type Story struct {
	Name string
	Run  func(h *Hostile)
}

// Start returns a Hostile for a story.
func Start(t testing.TB, death Death, keys bool, open func() leadsync.Store) *Hostile {
	t.Helper()
	h := &Hostile{T: t, Org: sftest.NewOrg(t, sftest.WithNow(time.Now)), Death: death, Keys: keys, Open: open}
	if keys {
		h.Org.AddExternalID("Lead", "Contact", "Account", "Task")
	}
	return h
}

func (h *Hostile) process(death Death) *leadsync.Syncer {
	h.T.Helper()
	h.Cfg.Store = h.Open()
	return NewMortal(h.T, h.Org, h.Cfg, death).Syncer
}

// Interrupted does something in a process that ends while it syncs what was done.
func (h *Hostile) Interrupted(do func(s *leadsync.Syncer)) {
	h.T.Helper()
	s := h.process(h.Death)
	do(s)
	DrainFor(h.T, s, 20*time.Second)
	<-time.After(time.Hour)
}

// Settled does something in a process that syncs until no lead waits, and returns the
// leads.
func (h *Hostile) Settled(do func(s *leadsync.Syncer)) []leadsync.Entry {
	h.T.Helper()
	s := h.process("")
	do(s)
	Rounds(h.T, s)
	<-time.After(time.Hour)
	return StoredIn(h.T, s)
}

// Captures captures leads.
func (h *Hostile) Captures(leads ...*leadsync.Lead) func(s *leadsync.Syncer) {
	return func(s *leadsync.Syncer) {
		h.T.Helper()
		_, err := s.Capture(h.T.Context(), leads...)
		fatal(h.T, err)
	}
}

// Chooses chooses a record for a lead.
func (h *Hostile) Chooses(lead leadsync.LeadID, record string) func(s *leadsync.Syncer) {
	return func(s *leadsync.Syncer) {
		h.T.Helper()
		fatal(h.T, s.Choose(h.T.Context(), lead, salesforce.ID(record)))
	}
}

// Cleared reports leads that did not clear, or have a warning of a kind that says what is
// not so: nobody but the processes has written to the records.
func (h *Hostile) Cleared(entries []leadsync.Entry) {
	h.T.Helper()
	for _, e := range entries {
		if e.Stage != leadsync.Cleared || len(e.Intents) > 0 {
			h.T.Errorf("%s is %s, %d intents: %v", e.Lead.ID, e.Stage, len(e.Intents), e.Last.Err)
		}
		for _, w := range e.Last.Warnings {
			if w.Kind == leadtype.KeptEdited || w.Kind == leadtype.KeptCleared {
				h.T.Errorf("%s: %s", e.Lead.ID, w.String())
			}
		}
	}
}

// Equal reports a difference.
func (h *Hostile) Equal(what string, got, want any) {
	h.T.Helper()
	if got != want {
		h.T.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TaskOf reports leads whose Tasks are not one, on the lead's record, with its note.
func (h *Hostile) TaskOf(e leadsync.Entry) {
	h.T.Helper()
	on := h.TasksOf(e)
	if len(on) != 1 || on[0] != string(e.Last.ID) {
		h.T.Errorf("the Tasks of %s are on %v, its record is %s", e.Lead.ID, on, e.Last.ID)
	}
}

// TasksOf returns the records that have a Task with a lead's note.
func (h *Hostile) TasksOf(e leadsync.Entry) []any {
	var on []any
	for _, task := range h.Org.Rows("Task") {
		if task["Description"] == e.Lead.Activities[0].Notes {
			on = append(on, task["WhoId"])
		}
	}
	return on
}
