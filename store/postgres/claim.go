// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// textColumns are those that scanText reads.
const textColumns = stored.TextColumns

func scanText(t *stored.Text) []any {
	return []any{text(&t.ID), text(&t.Event), text(&t.Strategy), &t.Data, &t.Activities, &t.Intents, &t.Outcome}
}

// claimDue claims leads. Each of the three lists reads an index of its own. Rows that others
// hold, or have changed since the statement began, are passed over: a row that is locked is found by its place.
const claimDue = `WITH queued AS MATERIALIZED (
		SELECT sequence, ctid AS place FROM leadsync.lead
		WHERE connection = $1 AND state = 'queued' AND retry_at <= 0
		ORDER BY sequence LIMIT $3 FOR UPDATE SKIP LOCKED),
	later AS MATERIALIZED (
		SELECT sequence, ctid AS place FROM leadsync.lead
		WHERE connection = $1 AND state = 'queued' AND retry_at > 0 AND retry_at <= $2
		ORDER BY sequence LIMIT $3 FOR UPDATE SKIP LOCKED),
	waiting AS MATERIALIZED (
		SELECT sequence, ctid AS place FROM leadsync.lead
		WHERE connection = $1 AND state = 'waiting' AND retry_at > 0 AND retry_at <= $2
		ORDER BY sequence LIMIT $3 FOR UPDATE SKIP LOCKED),
	due AS MATERIALIZED (SELECT place FROM (
		SELECT * FROM queued UNION ALL SELECT * FROM later UNION ALL SELECT * FROM waiting) AS either
		ORDER BY sequence LIMIT $3)
	UPDATE leadsync.lead SET state = 'in-flight', retry_at = 0, generation = generation + 1, attempts = attempts + 1,
		gathers = false, waited = waited OR state = 'waiting'
	FROM due WHERE lead.ctid = due.place
	RETURNING lead.sequence, lead.generation, lead.attempts, lead.waited, lead.since, ` + textColumns

// Claim implements leadsync.Store.
func (s *Store) Claim(ctx context.Context, lease store.Lease, limit int) ([]store.Claimed, error) {
	var claimed []store.Claimed
	err := s.tx(ctx, "claim", lease.Connection, lockLease, func(ctx context.Context, t *transaction) error {
		if err := t.valid(lease); err != nil {
			return err
		}
		var err error
		claimed, err = t.claim(ctx, max(limit, 0))
		return err
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func (t *transaction) claim(ctx context.Context, limit int) ([]store.Claimed, error) {
	type numbered struct {
		store.Claimed
		sequence int64
	}
	var found []numbered // unsorted: RETURNING has no order
	err := t.query(ctx, func(rows pgx.Rows) error {
		var c numbered
		var since int64
		var columns stored.Text
		err := rows.Scan(append([]any{&c.sequence, &c.Generation, &c.Attempts, &c.Waited, &since},
			scanText(&columns)...)...)
		v := columns.Read()
		c.Since = stored.FromMicros(since)
		c.Lead, c.Intents, c.Last, c.Unreadable = v.Lead, v.Intents, v.Last, v.Unreadable
		found = append(found, c)
		return err
	}, claimDue, t.id, t.now, limit)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Compare(a.sequence, b.sequence) })
	claimed := make([]store.Claimed, len(found))
	for i, c := range found {
		claimed[i] = c.Claimed
	}
	return claimed, nil
}

// Journal implements leadsync.Store.
func (s *Store) Journal(ctx context.Context, lease store.Lease, intents map[leadtype.LeadID][]leadtype.Intent) error {
	var ids, folded, texts []string
	var holds []bool // values, which expire
	for id, list := range intents {
		encoded, err := stored.EncodeIntents(list)
		if err != nil {
			return wrap(ctx, "journal", err)
		}
		ids, folded, texts = append(ids, escape(id)), append(folded, fold(id)), append(texts, encoded)
		holds = append(holds, slices.ContainsFunc(list, func(i leadtype.Intent) bool { return i.HoldsValues() }))
	}
	return s.tx(ctx, "journal", lease.Connection, lockLease, func(ctx context.Context, t *transaction) error {
		if err := t.valid(lease); err != nil || len(ids) == 0 {
			return err
		}
		n, err := t.count(ctx,
			given(`$2::text[], $3::text[], $4::bool[], $6::text[]`, `of_lead, intents, holds, of_folded`)+`,
			found AS MATERIALIZED (
				SELECT one.connection, one.sequence, given.intents, holds FROM given CROSS JOIN LATERAL (`+leadOf+`) AS one
				ORDER BY one.sequence),
			held AS MATERIALIZED (
				SELECT found.*, one.state FROM found CROSS JOIN LATERAL (SELECT state FROM leadsync.lead
					WHERE connection = found.connection AND sequence = found.sequence LIMIT 1 FOR UPDATE) AS one)
			UPDATE leadsync.lead SET intents = held.intents,
				held_since = CASE WHEN held_since = 0 AND holds THEN $5 ELSE held_since END
			FROM held WHERE lead.connection = held.connection AND lead.sequence = held.sequence
				AND held.state = 'in-flight'`, t.id, ids, texts, holds, t.now, folded)
		if err == nil && n < len(ids) {
			err = store.ErrLeaseLost
		}
		return err
	})
}
