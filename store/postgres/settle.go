// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// A claimKey is one claim of a lead.
type claimKey struct {
	lead       leadtype.LeadID
	generation int64
}

// settled are settlements by their claims, the first where a claim has several, and their
// columns.
type settled struct {
	of                                    map[claimKey]*target
	ids, folded, intents, outcomes, terms []string
	generations, retryAts, made           []int64
	kinds                                 settledKinds
}

// A settledKind is what many settlements have in common.
type settledKind struct {
	stage, state, code, action, cause string
	free                              int64
	given, expires                    bool
}

// settledKinds are those of some settlements, and their columns: the server has less to read of each settlement.
type settledKinds struct {
	number                                 map[settledKind]int64 // from 1
	stages, states, codes, actions, causes []string
	free                                   []int64
	given, expires                         []bool
}

// add returns the number of a kind.
func (k *settledKinds) add(kind settledKind) int64 {
	if number := k.number[kind]; number != 0 {
		return number
	}
	k.stages, k.states = append(k.stages, escape(kind.stage)), append(k.states, escape(kind.state))
	k.codes, k.actions = append(k.codes, escape(kind.code)), append(k.actions, escape(kind.action))
	k.causes, k.free = append(k.causes, escape(kind.cause)), append(k.free, kind.free)
	k.given, k.expires = append(k.given, kind.given), append(k.expires, kind.expires)
	k.number[kind] = int64(len(k.stages))
	return k.number[kind]
}

// A target is what a settlement makes of its lead, and whether it did.
type target struct {
	stored.Target
	outcome *leadtype.Outcome
	records []leadtype.RecordMemory
	by      string
	done    bool
}

// newSettled encodes settlements.
func newSettled(settlements []store.Settlement) (*settled, error) {
	s := &settled{of: make(map[claimKey]*target, len(settlements)),
		kinds: settledKinds{number: make(map[settledKind]int64)}}
	for _, settlement := range settlements {
		key := claimKey{settlement.LeadID, settlement.Generation}
		if s.of[key] != nil {
			continue
		}
		to, err := stored.NewTarget(settlement)
		if err != nil {
			return nil, err
		}
		s.of[key] = &target{Target: to, outcome: settlement.Outcome, records: settlement.Records}
		kind := settledKind{stage: string(to.Stage), state: string(to.State), code: string(to.Code),
			action: string(to.Action), cause: string(to.Cause), given: to.Given,
			expires: to.Given && settlement.Outcome.Expires()}
		if settlement.Free {
			kind.free = 1
		}
		s.made = append(s.made, s.kinds.add(kind))
		s.ids, s.folded = append(s.ids, escape(settlement.LeadID)), append(s.folded, fold(settlement.LeadID))
		s.generations, s.retryAts = append(s.generations, settlement.Generation), append(s.retryAts, to.RetryAt)
		s.intents, s.outcomes = append(s.intents, to.Intents), append(s.outcomes, to.Whole)
		s.terms = append(s.terms, array(escapeAll(to.Terms)))
	}
	return s, nil
}

// Settle implements leadsync.Store.
func (s *Store) Settle(ctx context.Context, lease store.Lease,
	settlements []store.Settlement) ([]leadtype.LeadID, error) {
	var stale []leadtype.LeadID
	err := s.tx(ctx, "settle", lease.Connection, lockLease|lockConnection,
		func(ctx context.Context, t *transaction) error {
			stale = nil
			if err := t.held(lease); err != nil || len(settlements) == 0 {
				return err
			}
			list, err := newSettled(settlements)
			if err != nil {
				return err
			}
			b := t.batch()
			if err := t.settle(ctx, b, list); err != nil {
				return err
			}
			var records []leadtype.RecordMemory
			for _, settlement := range settlements {
				to := list.of[claimKey{settlement.LeadID, settlement.Generation}]
				if !to.done {
					stale = append(stale, settlement.LeadID)
					continue
				}
				records = append(records, to.records...)
				to.done = false // another settlement of the claim is stale
			}
			if err := t.remember(ctx, b, records); err != nil {
				return err
			}
			return t.end(ctx, b)
		})
	if err != nil {
		return nil, err
	}
	return stale, nil
}

// settleLeads settles claims that are not stale. A lead that was captured in flight takes the
// state of that capture.
func settleLeads() string {
	return given(`$4::text[], $5::text[], $6::int8[], $7::int8[], $8::int8[], $9::text[], $10::text[], $3::text[]`,
		`of_lead, of_folded, of_generation, made, to_retry_at, to_intents, to_outcome, to_terms`) + `,
	found AS MATERIALIZED (
		SELECT given.*, state, generation, last, terms, place, ($11::text[])[made] AS to_stage,
			($12::text[])[made] AS to_state, ($13::text[])[made] AS to_code, ($14::text[])[made] AS to_action,
			($15::text[])[made] AS to_cause, ($16::int8[])[made] AS free, ($17::bool[])[made] AS given,
			($18::bool[])[made] AS expires
		FROM given CROSS JOIN LATERAL (` + leadOf + `) AS one)
	UPDATE leadsync.lead SET
		stage = CASE WHEN next_state = '' THEN v.to_stage ELSE 'pre-sync' END,
		state = CASE WHEN next_state = '' THEN v.to_state ELSE next_state END,
		retry_at = CASE WHEN next_state = '' THEN v.to_retry_at ELSE next_at END, next_state = '', next_at = 0,
		waited = waited AND NOT v.given, attempts = greatest(0, attempts - v.free), intents = v.to_intents,
		outcome = CASE WHEN v.given THEN v.to_outcome ELSE outcome END, code = CASE WHEN v.given THEN v.to_code ELSE code END,
		action = CASE WHEN v.given THEN v.to_action ELSE action END, cause = CASE WHEN v.given THEN v.to_cause ELSE cause END,
		since = CASE WHEN next_state = '' AND v.to_stage <> 'pre-sync' THEN $2 ELSE since END,
		held_since = CASE WHEN v.expires AND held_since = 0 THEN $2 ELSE held_since END,
		terms = CASE WHEN v.given THEN v.to_terms ELSE lead.terms END
	FROM found AS v WHERE lead.ctid = v.place AND v.state = 'in-flight'
		AND v.generation = v.of_generation
	RETURNING lead_id, lead.sequence, stage, lead.state, lead.generation, v.last, v.terms`
}

// settle settles leads, marks what was done, and adds to b what is noted of it.
func (t *transaction) settle(ctx context.Context, b *batch, list *settled) error {
	var outcomes outcomeList
	var steps stepList
	kinds := &list.kinds
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
		if to.Given {
			outcomes.add(sequence, last, gone, to.outcome, to.Terms)
		}
		steps.add(sequence, to.Change, stage, state, key.generation, stepOutcome(&to.Outcome), "")
		return nil
	}, settleLeads(), t.id, t.now, list.terms, list.ids, list.folded, list.generations, list.made, list.retryAts,
		list.intents, list.outcomes, kinds.stages, kinds.states, kinds.codes, kinds.actions, kinds.causes, kinds.free,
		kinds.given, kinds.expires)
	if err != nil || len(steps.sequences) == 0 {
		return err
	}
	t.change(len(steps.sequences))
	if err := outcomes.write(ctx, b, t); err != nil {
		return err
	}
	steps.insert(b, t)
	return nil
}
