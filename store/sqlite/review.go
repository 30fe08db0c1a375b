// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
)

// Count implements leadsync.Store.
func (s *Store) Count(ctx context.Context, connection string, filter store.Filter) (store.Counts, error) {
	counts, err := s.count(ctx, connection, filter)
	if err != nil {
		return store.Counts{}, wrap(ctx, "count", err)
	}
	return counts, nil
}

func (s *Store) count(ctx context.Context, connection string, filter store.Filter) (store.Counts, error) {
	text, args, err := query.Counting(connection, filter)
	if err != nil {
		return store.Counts{}, err
	}
	rows, err := s.read.QueryContext(ctx, text, args...)
	if err != nil {
		return store.Counts{}, err
	}
	defer rows.Close()
	var counts store.Counts
	for rows.Next() {
		var c store.Count
		var since int64
		var outcome string
		if err := rows.Scan(&counts.Version, &c.Stage, &c.State, &c.Action, &c.Code, &c.Cause, &c.Leads, &since, &c.Oldest,
			unpacked{&outcome}); err != nil {
			return store.Counts{}, err
		}
		if c.Leads == 0 {
			continue // no lead: the row only carries the version
		}
		c.Since = stored.FromMicros(since)
		if c.Sample, err = stored.DecodeOutcome(outcome); err != nil {
			c.Sample = nil // the others are counted all the same
		}
		counts.Groups = append(counts.Groups, c)
	}
	return counts, rows.Err()
}

// CountWarnings implements leadsync.Store.
func (s *Store) CountWarnings(ctx context.Context, connection string,
	filter store.Filter) ([]store.WarningCount, error) {
	counts, err := s.countWarnings(ctx, connection, filter)
	if err != nil {
		return nil, wrap(ctx, "count the warnings", err)
	}
	return counts, nil
}

func (s *Store) countWarnings(ctx context.Context, connection string,
	filter store.Filter) ([]store.WarningCount, error) {
	text, args, err := query.CountingWarnings(connection, filter)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var counts []store.WarningCount
	for rows.Next() {
		var term, outcome string
		var leads int
		if err := rows.Scan(&term, &leads, unpacked{&outcome}); err != nil {
			return nil, err
		}
		if kind, ok := strings.CutPrefix(term, stored.TermKind); ok {
			counts = append(counts, store.WarningCount{Kind: leadtype.WarningKind(kind), Leads: leads})
			continue
		}
		cause := leadtype.CauseKey(strings.TrimPrefix(term, stored.TermCause))
		last, err := stored.DecodeOutcome(outcome)
		if err != nil {
			last = nil // the others are counted all the same
		}
		i := slices.IndexFunc(counts, func(c store.WarningCount) bool { return c.Kind == cause.WarningKind() })
		counts[i].Causes = append(counts[i].Causes,
			store.WarningCauseCount{Cause: cause, Leads: leads, Sample: store.SampleWarning(last, cause)})
	}
	return counts, rows.Err()
}

// CountEvents implements leadsync.Store.
func (s *Store) CountEvents(ctx context.Context, connection string, filter store.Filter) ([]store.EventCount, error) {
	counts, err := s.countEvents(ctx, connection, filter)
	if err != nil {
		return nil, wrap(ctx, "count events", err)
	}
	return counts, nil
}

func (s *Store) countEvents(ctx context.Context, connection string, filter store.Filter) ([]store.EventCount, error) {
	text, args, err := query.CountingEvents(connection, filter)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var counts []store.EventCount
	for rows.Next() {
		var event string
		var stage leadtype.Stage
		var leads int
		if err := rows.Scan(&event, &stage, &leads); err != nil {
			return nil, err
		}
		if n := len(counts); n == 0 || counts[n-1].Event != event {
			counts = append(counts, store.EventCount{Event: event, Stages: make(map[leadtype.Stage]int)})
		}
		counts[len(counts)-1].Stages[stage] = leads
	}
	return counts, rows.Err()
}

// Resolve implements leadsync.Store.
func (s *Store) Resolve(ctx context.Context, connection string,
	resolutions []store.Resolution) ([]leadtype.LeadID, error) {
	var stale []leadtype.LeadID
	err := s.tx(ctx, "resolve", func(tx *multirow.Tx) error {
		outcomes := newOutcomeWriter(tx, connection)
		for _, r := range resolutions {
			done, err := s.resolve(ctx, tx, outcomes, connection, r)
			if err != nil {
				return err
			}
			if !done {
				stale = append(stale, r.LeadID)
			}
		}
		return outcomes.finish(ctx)
	})
	if err != nil {
		return nil, err
	}
	return stale, nil
}

// resolve resolves one lead. It reports false when the lead is no longer failed.
func (s *Store) resolve(ctx context.Context, tx *multirow.Tx, outcomes *outcomeWriter, connection string,
	r store.Resolution) (bool, error) {
	outcome, err := encode(r.Outcome)
	if err != nil {
		return false, err
	}
	state := store.State("")
	if r.Outcome.Stage == leadtype.PreSync {
		state = store.StateQueued
	}
	now := stored.Micros(s.now())
	before, err := outcomes.before(ctx, r.LeadID)
	if err != nil {
		return false, err
	}
	var lead leadKey
	err = tx.QueryRowContext(ctx, `UPDATE lead SET stage = ?4, state = ?5, retry_at = 0, attempts = 0, since = ?6,
			outcome = ?7, action = ?8, code = ?9, cause = ?10, terms = ?11
		WHERE `+query.Named+` AND stage = 'failed' AND generation = ?12 RETURNING id, sequence, event`,
		connection, string(r.LeadID), r.LeadID.Folded(), string(r.Outcome.Stage), string(state), now, outcome.outcome,
		outcome.action, outcome.code, outcome.cause, outcome.terms, r.Generation).Scan(&lead.id, &lead.sequence, &lead.event)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := tally.Recount(ctx, tx, `SELECT ?`, lead.id); err != nil {
		return false, err
	}
	if err := outcomes.note(ctx, lead, r.Outcome, before, outcome.terms.String); err != nil {
		return false, err
	}
	if err := outcomes.holdSince(ctx, lead.id, r.Outcome, now); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, insertHistory, lead.id, now, string(store.StepResolved), string(r.Outcome.Stage),
		string(state), r.Generation,
		outcome.action.String, outcome.code.String, outcome.step, r.By)
	return err == nil, err
}

// History implements leadsync.Store.
func (s *Store) History(ctx context.Context, connection string, lead leadtype.LeadID) ([]store.Step, error) {
	steps, err := s.history(ctx, connection, lead)
	if err != nil {
		return nil, wrap(ctx, "read the history", err)
	}
	return steps, nil
}

func (s *Store) history(ctx context.Context, connection string, lead leadtype.LeadID) ([]store.Step, error) {
	text := `SELECT at, change, history.stage, history.state, history.generation, history.outcome,
			iif(` + refersToLast + `, lead.outcome, ''), by_whom, '' FROM lead JOIN history ON history.lead = lead.id
		WHERE ` + query.Named + ` ORDER BY history.id`
	if lead == "" {
		text = `SELECT at, change, '', '', 0, '', '', by_whom, mode FROM decision
			WHERE connection = ?1 AND ?2 = '' AND ?3 = '' ORDER BY id`
	}
	rows, err := s.read.QueryContext(ctx, text, connection, string(lead), lead.Folded())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var steps []store.Step
	for rows.Next() {
		var step store.Step
		var at int64
		var outcome, last string
		if err := rows.Scan(&at, &step.Kind, &step.Stage, &step.State, &step.Generation, unpacked{&outcome}, unpacked{&last},
			&step.By, &step.Mode); err != nil {
			return nil, err
		}
		step.At = stored.FromMicros(at)
		if step.Outcome, err = stored.StepOutcome(outcome, last); err != nil {
			step.Outcome = store.UnreadableOutcome(lead, step.Stage)
		}
		steps = append(steps, step)
	}
	return steps, rows.Err()
}

// Note implements leadsync.Store.
func (s *Store) Note(ctx context.Context, connection string, step store.Step, leads ...leadtype.LeadID) error {
	return s.tx(ctx, "note a step", func(tx *multirow.Tx) error {
		now := stored.Micros(s.now())
		for _, lead := range leads {
			note := noteStep
			if lead == "" {
				note = noteDecision
			}
			_, err := tx.ExecContext(ctx, note, connection, string(lead), lead.Folded(), now, string(step.Kind), step.By,
				string(step.Mode))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// decide adds a step to the connection's own history.
func (s *Store) decide(ctx context.Context, tx *multirow.Tx, connection string, step store.Step) error {
	_, err := tx.ExecContext(ctx, noteDecision, connection, "", "", stored.Micros(s.now()), string(step.Kind), step.By,
		string(step.Mode))
	return err
}

// noteStep and noteDecision add a step to the history of a lead, and to the connection's own.
const (
	noteStep = `INSERT INTO history (lead, at, change, stage, state, generation, by_whom)
		SELECT id, ?4, ?5, stage, state, generation, ?6 FROM lead WHERE ` + query.Named
	noteDecision = `INSERT INTO decision (connection, at, change, by_whom, mode) SELECT ?1, ?4, ?5, ?6, ?7
		WHERE ?2 = '' AND ?3 = ''`
)
