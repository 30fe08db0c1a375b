// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/packed"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
)

// queuedAtOnce, queuedDue and waitingDue select the leads that can be claimed. Each reads an index of
// its own.
const (
	queuedAtOnce = `SELECT id, sequence FROM lead WHERE connection = ?1 AND state = 'queued' AND retry_at <= 0
		ORDER BY sequence LIMIT ?3`
	queuedDue = `SELECT id, sequence FROM lead WHERE connection = ?1 AND state = 'queued' AND retry_at > 0
		AND retry_at <= ?2 ORDER BY sequence LIMIT ?3`
	waitingDue = `SELECT id, sequence FROM lead WHERE connection = ?1 AND state = 'waiting' AND retry_at > 0
		AND retry_at <= ?2 ORDER BY sequence LIMIT ?3`
)

// claimable reads the leads that can be claimed.
const claimable = `WITH due AS MATERIALIZED (SELECT * FROM (` + queuedAtOnce + `)
		UNION ALL SELECT * FROM (` + queuedDue + `) UNION ALL SELECT * FROM (` + waitingDue + `) ORDER BY sequence LIMIT ?3)
	SELECT lead.id, lead.sequence, tally, generation + 1, attempts + 1, waited OR state = 'waiting', since,
		` + leadColumns + ` FROM due CROSS JOIN lead ON lead.id = due.id`

// Claim implements leadsync.Store.
func (s *Store) Claim(ctx context.Context, lease store.Lease, limit int) ([]store.Claimed, error) {
	var claimed []store.Claimed
	err := s.tx(ctx, "claim", func(tx *multirow.Tx) error {
		if err := s.valid(ctx, tx, lease); err != nil {
			return err
		}
		var err error
		claimed, err = s.claim(ctx, tx, lease.Connection, max(limit, 0))
		return err
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// claim claims the leads that are due.
func (s *Store) claim(ctx context.Context, tx *multirow.Tx, connection string, limit int) ([]store.Claimed, error) {
	rows, err := readDue(ctx, tx, connection, s.now().UnixMicro(), limit)
	if err != nil {
		return nil, err
	}
	counts := tally.New(tx)
	of := make(map[int64][]int64) // rows by tally
	claimed := make([]store.Claimed, len(rows))
	for i := range rows {
		of[rows[i].tally], claimed[i] = append(of[rows[i].tally], rows[i].id), rows[i].Claimed
	}
	for from, ids := range of {
		key, err := counts.Key(ctx, from)
		if err != nil {
			return nil, err
		}
		key.State = store.StateInFlight
		to, err := counts.Of(ctx, key)
		if err != nil {
			return nil, err
		}
		list, err := json.Marshal(ids)
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `UPDATE OR FAIL lead SET state = 'in-flight', retry_at = 0, generation = generation + 1,
			attempts = attempts + 1, gathers = 0, waited = iif(state = 'waiting', 1, waited), tally = ?
			WHERE id IN (SELECT value FROM json_each(?))`, to, string(list))
		if err != nil {
			return nil, err
		}
		counts.Move(from, to, len(ids))
	}
	return claimed, counts.Write(ctx)
}

// A dueRow is a lead that can be claimed, as it is when it is.
type dueRow struct {
	store.Claimed
	id, tally, sequence int64
}

// readDue reads the leads that can be claimed, in order.
func readDue(ctx context.Context, tx *multirow.Tx, connection string, now int64, limit int) ([]dueRow, error) {
	rows, err := tx.Query(ctx, claimable, connection, now, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []dueRow
	var c dueRow // of the row
	var text stored.Text
	var since int64
	into := append([]any{&c.id, &c.sequence, &c.tally, &c.Generation, &c.Attempts, &c.Waited, &since}, dest(&text)...)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		c.Since = stored.FromMicros(since)
		v := text.Read()
		c.Lead, c.Intents, c.Last, c.Unreadable = v.Lead, v.Intents, v.Last, v.Unreadable
		found = append(found, c)
	}
	slices.SortFunc(found, func(a, b dueRow) int { return cmp.Compare(a.sequence, b.sequence) })
	return found, rows.Err()
}

// journalLeads journals intents of leads in flight.
var journalLeads = multirow.Statement{Before: `WITH own (name) AS (SELECT ?1)
	UPDATE OR FAIL lead SET intents = v.column3, held_since = iif(held_since = 0, v.column4, held_since) FROM (VALUES `,
	After: `) AS v WHERE connection = (SELECT name FROM own) AND lead_id = v.column1
	AND (` + query.ID + ` = v.column2) IS TRUE AND state = 'in-flight'`, Columns: 4}

// Journal implements leadsync.Store.
func (s *Store) Journal(ctx context.Context, lease store.Lease, intents map[leadtype.LeadID][]leadtype.Intent) error {
	return s.tx(ctx, "journal", func(tx *multirow.Tx) error {
		if err := s.valid(ctx, tx, lease); err != nil {
			return err
		}
		rows := multirow.Writer{Tx: tx, Statement: journalLeads, Shared: []any{lease.Connection}}
		now := stored.Micros(s.now())
		for _, id := range slices.Sorted(maps.Keys(intents)) { // in the order of the index, and often of the rows
			list := intents[id]
			text, err := stored.EncodeIntents(list)
			if err != nil {
				return err
			}
			since := int64(0)
			if slices.ContainsFunc(list, func(i leadtype.Intent) bool { return i.HoldsValues() }) {
				since = now
			}
			text = packed.Pack(text)
			for _, key := range query.KeysOf(id, s.unfolded) {
				if err := rows.Add(ctx, key, string(id), text, since); err != nil {
					return err
				}
			}
		}
		if err := rows.Flush(ctx); err != nil {
			return err
		}
		if rows.Affected < int64(len(intents)) {
			return store.ErrLeaseLost
		}
		return nil
	})
}
