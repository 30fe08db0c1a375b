// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// resolved are resolutions by the last claims of their leads, the first where there are
// several, and their columns.
type resolved struct {
	of                                                                   map[claimKey]*target
	ids, folded, stages, states, outcomes, codes, actions, causes, terms []string
	generations                                                          []int64
	expires                                                              []bool
}

func newResolved(resolutions []store.Resolution) (*resolved, error) {
	r := &resolved{of: make(map[claimKey]*target, len(resolutions))}
	for _, resolution := range resolutions {
		key := claimKey{resolution.LeadID, resolution.Generation}
		if r.of[key] != nil {
			continue
		}
		to, err := stored.EncodeOutcome(resolution.Outcome)
		if err != nil {
			return nil, err
		}
		state := store.State("")
		if resolution.Outcome.Stage == leadtype.PreSync {
			state = store.StateQueued
		}
		r.of[key] = &target{Target: stored.Target{Outcome: to}, outcome: resolution.Outcome, by: resolution.By}
		r.ids, r.generations = append(r.ids, escape(resolution.LeadID)), append(r.generations, resolution.Generation)
		r.folded = append(r.folded, fold(resolution.LeadID))
		r.stages, r.states = append(r.stages, escape(resolution.Outcome.Stage)), append(r.states, escape(state))
		r.outcomes, r.codes = append(r.outcomes, to.Whole), append(r.codes, escape(to.Code))
		r.actions, r.causes = append(r.actions, escape(to.Action)), append(r.causes, escape(to.Cause))
		r.terms = append(r.terms, array(escapeAll(to.Terms)))
		r.expires = append(r.expires, resolution.Outcome.Expires())
	}
	return r, nil
}

// Resolve implements leadsync.Store.
func (s *Store) Resolve(ctx context.Context, connection string,
	resolutions []store.Resolution) ([]leadtype.LeadID, error) {
	var stale []leadtype.LeadID
	err := s.tx(ctx, "resolve", connection, lockConnection, func(ctx context.Context, t *transaction) error {
		stale = nil
		list, err := newResolved(resolutions)
		if err != nil {
			return err
		}
		if err := t.resolve(ctx, list); err != nil {
			return err
		}
		for _, r := range resolutions {
			to := list.of[claimKey{r.LeadID, r.Generation}]
			if !to.done {
				stale = append(stale, r.LeadID)
			}
			to.done = false // another resolution of the claim is stale
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return stale, nil
}

// resolveLeads resolves leads that are still failed.
func resolveLeads() string {
	return given(`$4::text[], $5::int8[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
	$12::bool[], $3::text[], $13::text[]`, `of_lead, of_generation, to_stage, to_state, to_outcome, to_code, to_action,
	to_cause, expires, to_terms, of_folded`) + `, found AS MATERIALIZED (
		SELECT given.*, sequence, last, terms FROM given CROSS JOIN LATERAL (` + leadOf + `) AS one)
	UPDATE leadsync.lead SET stage = v.to_stage, state = v.to_state, retry_at = 0, attempts = 0,
		since = $2, waited = false, outcome = v.to_outcome, code = v.to_code, action = v.to_action, cause = v.to_cause,
		held_since = CASE WHEN v.expires AND held_since = 0 THEN $2 ELSE held_since END, terms = v.to_terms
	FROM found AS v WHERE lead.connection = v.connection AND lead.sequence = v.sequence AND stage || '' = 'failed'
		AND generation = v.of_generation
	RETURNING lead_id, lead.sequence, stage, state, generation, v.last, v.terms`
}

// resolve resolves leads, and marks what was done.
func (t *transaction) resolve(ctx context.Context, list *resolved) error {
	var outcomes outcomeList
	var steps stepList
	err := t.query(ctx, func(rows pgx.Rows) error {
		var key claimKey
		var sequence int64
		var stage leadtype.Stage
		var state store.State
		var last, gone string // the outcome that it had, and its terms
		err := rows.Scan(text(&key.lead), &sequence, text(&stage), text(&state), &key.generation, &last, &gone)
		if err != nil {
			return err
		}
		to := list.of[key]
		to.done = true
		outcomes.add(sequence, last, gone, to.outcome, to.Terms)
		steps.add(sequence, store.StepResolved, stage, state, key.generation, stepOutcome(&to.Outcome), to.by)
		return nil
	}, resolveLeads(), t.id, t.now, list.terms, list.ids, list.generations, list.stages, list.states, list.outcomes,
		list.codes, list.actions, list.causes, list.expires, list.folded)
	if err != nil || len(steps.sequences) == 0 {
		return err
	}
	t.change(len(steps.sequences))
	b := t.batch()
	if err := outcomes.write(ctx, b, t); err != nil {
		return err
	}
	steps.insert(b, t)
	return t.send(ctx, b)
}
