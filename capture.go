// SPDX-License-Identifier: Apache-2.0

package leadsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/leadsync/leadsync/internal/verdict"
	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
)

// Capture stores leads, to be synced by Run or Drain. A lead is safe once Capture has returned,
// and capturing one again does no harm: data that is the same changes nothing, other data
// replaces the old, its activities too, and is synced. CaptureActivities adds later activities.
//
// Captures may arrive in any order. Of one that is older than what the Store has, by
// Revision or UpdatedAt, or that lacks the EnrichedAt of what the Store has, only what is
// unknown is taken: see store.Merge. The report counts it as Stale. CaptureForced takes it
// whole.
//
// A lead without a Strategy is given the name of Config.Strategy, and keeps the
// strategy of its first capture from then on; a name that is not known is kept too,
// and such a lead waits in Pre-Sync. The leads given are not changed.
//
// Capture needs no connection to Salesforce. Where the client knows its org without a
// request, as *salesforce.Client does once it has a token, Capture refuses all leads with
// AUTHENTICATION if the connection belongs to another org: see Rebind. It waits at most 2
// seconds for the client to name its org, at most once a minute.
//
// Leads that are unfit to be synced, or have the id of an earlier one in the
// call, are left out, and so are those that were forgotten with store.Suppress, and new
// ones whose id differs from that of a lead in the Store only in case or in what else
// LeadID.Folded leaves out, because people and other databases would take the two for
// one: the error names the other. The error is a *BatchError with a *Error for each by
// its index, around store.ErrSuppressed for those suppressed, and the others are stored.
// When the store fails, the error is a *Error
// around the store's, or the context's own, and it is unknown whether they are
// stored: capture them again.
func (s *Syncer) Capture(ctx context.Context, leads ...*Lead) (store.CaptureReport, error) {
	return s.capture(ctx, leads, false, nil)
}

// CaptureBy is Capture, but in stores the leads, in place of Config.Store: in a transaction of the
// host, for example. Where a batch has come together, earlier leads do not become due with it.
func (s *Syncer) CaptureBy(ctx context.Context, in store.CaptureFunc, leads ...*Lead) (store.CaptureReport, error) {
	return s.capture(ctx, leads, false, in)
}

// CaptureForced is Capture, but takes each lead whole, also where the Store has newer or
// enriched data: after a restore of the host's database, for example, or to correct
// by hand what enrichment found. With Config.WaitForEnrichment a lead without EnrichedAt
// waits again.
func (s *Syncer) CaptureForced(ctx context.Context, leads ...*Lead) (store.CaptureReport, error) {
	return s.capture(ctx, leads, true, nil)
}

func (s *Syncer) capture(ctx context.Context, leads []*Lead, force bool,
	in store.CaptureFunc) (store.CaptureReport, error) {
	if err := s.sessions.Belongs(ctx); err != nil {
		return store.CaptureReport{}, verdict.CallError(ctx, "capture", err)
	}
	refused := make(map[int]error)
	taken := make(map[LeadID]bool, len(leads))
	good, indexes := make([]*Lead, 0, len(leads)), make([]int, 0, len(leads))
	for i, lead := range leads {
		if err := checkCapture(lead, taken); err != nil {
			refused[i] = err
			continue
		}
		taken[lead.ID] = true
		good, indexes = append(good, lead), append(indexes, i)
	}
	report, err := s.store(ctx, good, force, in)
	if err != nil {
		return store.CaptureReport{}, verdict.StoreError(ctx, "capture", err)
	}
	s.runner.State.Wake()
	report.Warnings = verdict.MixedStrategies(report.Strategies)
	maps.Copy(refused, refusedIn(&report, good, indexes))
	if len(refused) > 0 {
		return report, &BatchError{Failed: refused}
	}
	return report, nil
}

// refusedIn returns why the Store refused leads, by their index in the call, which is
// indexes[i] for leads[i]. It gives the report these indexes too.
func refusedIn(report *store.CaptureReport, leads []*Lead, indexes []int) map[int]error {
	refused := make(map[int]error)
	for k, i := range report.SuppressedAt {
		report.SuppressedAt[k] = indexes[i]
		refused[indexes[i]] = &Error{Op: "capture", LeadID: leads[i].ID, Code: DataValueValidation,
			Fields: []string{"id", "email", "otherEmails"}, Err: store.ErrSuppressed}
	}
	for k, i := range report.FullAt {
		report.FullAt[k] = indexes[i]
		refused[indexes[i]] = &Error{Op: "capture", LeadID: leads[i].ID, Code: DataValueValidation,
			Fields: []string{"activities", "qualifiers"}, Reason: fmt.Sprintf("with what the store keeps of it, the lead has "+
				"more than %d activities, or more than %d bytes as JSON", leadtype.MaxActivities, leadtype.MaxLeadJSON)}
	}
	if len(report.Alike) == 0 {
		return refused
	}
	alike := make(map[int]LeadID, len(report.Alike))
	for i, other := range report.Alike {
		alike[indexes[i]] = other
		refused[indexes[i]] = &Error{Op: "capture", LeadID: leads[i].ID, Code: DataValueValidation, Fields: []string{"id"},
			Reason: fmt.Sprintf("differs from the id of lead %q only in case, spaces or the like", string(other))}
	}
	report.Alike = alike
	return refused
}

// checkCapture returns why a lead cannot be stored, nil when it can.
func checkCapture(lead *Lead, taken map[LeadID]bool) error {
	if err := checkAmong(lead, taken, "capture"); err != nil {
		return err
	}
	if err := lead.CheckJSON(); err != nil {
		return verdict.AsOwn("capture", err)
	}
	return nil
}

// store stores leads that are fit, in the state that the mode asks for, by in or the Store.
func (s *Syncer) store(ctx context.Context, leads []*Lead, force bool,
	in store.CaptureFunc) (report store.CaptureReport, err error) {
	err = s.runner.State.Under(func(mode Mode) error {
		own, captured := make([]Lead, len(leads)), make([]store.Captured, len(leads))
		queued := 0
		for i, lead := range leads {
			own[i] = *lead
			own[i].Strategy = cmp.Or(lead.Strategy, s.pipeline.matcher.Default)
			captured[i] = s.captured(&own[i], mode)
			captured[i].Force = force
			if captured[i].State == store.StateQueued {
				queued++
			}
		}
		full := s.gather(captured, queued)
		if in != nil { // which may keep the Store's lock on the connection
			report, err = in(ctx, s.cfg.Connection, captured)
			return err
		}
		report, err = s.cfg.Store.Capture(ctx, s.cfg.Connection, captured)
		if err == nil && full {
			// If it fails, they are due a little later.
			_, _ = s.cfg.Store.Hasten(ctx, s.cfg.Connection)
		}
		return err
	})
	return report, err
}

// gather lets queued leads wait for others. full reports that a batch has come together, so
// that those that wait already are due too.
func (s *Syncer) gather(captured []store.Captured, queued int) (full bool) {
	due, full := s.gatherer.Due(queued)
	for i := range captured {
		if captured[i].State == store.StateQueued {
			captured[i].DueAt = due
		}
	}
	return full
}

// captured returns a lead with the state to store it in under a mode.
func (s *Syncer) captured(lead *Lead, mode Mode) store.Captured {
	state := store.StateQueued
	if mode == Manual {
		state = store.StateFrozen
	}
	if !s.cfg.WaitForEnrichment || !lead.EnrichedAt.IsZero() {
		return store.Captured{Lead: lead, State: state, Consents: s.set.ConsentSources()}
	}
	waits := store.Captured{Lead: lead, State: store.StateWaiting, Then: state, Consents: s.set.ConsentSources()}
	if s.cfg.EnrichWithin > 0 {
		waits.DueAt = s.cfg.Now().Add(s.cfg.EnrichWithin)
	}
	return waits
}

// CaptureActivities stores activities of a lead that was captured before. Each is
// logged once, however often it is passed: one that the lead already has (by its ID,
// or without one by its content) changes nothing. When the lead is cleared it is
// queued again, or frozen under Manual, and only what is new is written. A lead
// that is being synced is synced once more after that. The activities of any other
// lead wait with it, also when it failed or was dismissed. Capturing the lead
// again takes none of them away.
//
// The error is a *Error: one that names the activity that is unfit to be logged, or says
// that the lead would have more activities than leadtype.MaxActivities or
// leadtype.MaxLeadJSON allow, around leadtype.ErrUnreadable when it is not known which it
// has, or around store.ErrNoLead when the lead was never captured, or around the store's;
// or the context's own. Capture them again then: it is unknown whether they are stored.
func (s *Syncer) CaptureActivities(ctx context.Context, lead LeadID, activities ...Activity) error {
	if err := s.sessions.Belongs(ctx); err != nil {
		return verdict.CallError(ctx, "capture activities", err)
	}
	for i := range activities {
		if err := activities[i].Check(); err != nil {
			refused := verdict.AsOwn("capture activities", err)
			refused.LeadID, refused.Fields = lead, []string{fmt.Sprintf("activities[%d]", i)}
			return refused
		}
	}
	err := s.runner.State.Under(func(mode Mode) error {
		state := store.StateQueued
		if mode == Manual {
			state = store.StateFrozen
		}
		return s.cfg.Store.AddActivities(ctx, s.cfg.Connection, lead, state, activities)
	})
	var refused *Error
	if errors.As(err, &refused) {
		return verdict.AsOwn("capture activities", refused)
	}
	if errors.Is(err, store.ErrNoLead) {
		return &Error{Op: "capture activities", LeadID: lead, Code: DataValueValidation, Fields: []string{"id"},
			Reason: "capture the lead first", Err: store.ErrNoLead}
	}
	s.runner.State.Wake()
	return verdict.StoreError(ctx, "capture activities", err)
}
