// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"
	"sync"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/salesforce"
)

// A ledger is the Sink of a run: it keeps the latest outcomes of this run's leads.
// It is safe for concurrent use.
type ledger struct {
	progress func(done int)

	mu      sync.Mutex
	leads   map[leadsync.LeadID]bool // those of this run
	last    map[leadsync.LeadID]fate
	records map[record]leadsync.Action
	example *leadsync.Outcome                     // the most instructive match so far
	kept    map[leadsync.LeadID]*leadsync.Outcome // the outcomes of the leads that it has keys of
}

// A fate is the latest outcome of a lead in this run.
type fate struct {
	stage    leadsync.Stage
	action   leadsync.Action
	warnings []leadtype.Warning
}

// A record is one that the run wrote or found up to date. It is counted once, also
// when several leads share it.
type record struct {
	object salesforce.Object
	id     salesforce.ID
}

func newLedger(leads []*leadsync.Lead, progress func(done int)) *ledger {
	l := &ledger{
		progress: progress,
		leads:    make(map[leadsync.LeadID]bool, len(leads)),
		last:     make(map[leadsync.LeadID]fate, len(leads)),
		records:  make(map[record]leadsync.Action),
		kept:     make(map[leadsync.LeadID]*leadsync.Outcome),
	}
	for _, lead := range leads {
		l.leads[lead.ID] = true
	}
	return l
}

// Record notes the outcomes of a batch.
func (l *ledger) Record(_ context.Context, outcomes []*leadsync.Outcome) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range outcomes {
		if l.leads[o.LeadID] {
			l.note(o)
		}
	}
	done := 0
	for _, f := range l.last {
		if f.stage != leadsync.PreSync {
			done++
		}
	}
	l.progress(done)
	return nil
}

func (l *ledger) note(o *leadsync.Outcome) {
	l.last[o.LeadID] = fate{stage: o.Stage, action: o.Action, warnings: o.Warnings}
	if _, keep := l.kept[o.LeadID]; keep {
		l.kept[o.LeadID] = o
	}
	for _, part := range o.Parts {
		key := record{part.Object, part.ID}
		if slices.Index(ranks, part.Action) > slices.Index(ranks, l.records[key]) {
			l.records[key] = part.Action
		}
	}
	if l.example == nil || instructive(o) > instructive(l.example) {
		l.example = o
	}
}

// ranks orders the actions on a record during a run: one that was created and then
// updated counts as created.
var ranks = []leadsync.Action{"", leadsync.Unchanged, leadsync.Updated, leadsync.Created}

// instructive scores how much the match of a lead shows to a reader.
func instructive(o *leadsync.Outcome) int {
	points := 0
	for _, probe := range o.Trace.Probes {
		for _, c := range probe.Candidates {
			points++
			if c.Note != "" {
				points += 3 // it was converted, merged or passed over
			}
		}
	}
	if o.Stage == leadsync.Cleared {
		points += 5
	}
	return points
}
