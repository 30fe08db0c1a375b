// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
)

// pageSize is how many outcomes are read at a time: each may be large.
const pageSize = 1000

// Push implements leadsync.Store.
func (s *Store) Push(ctx context.Context, connection string, filter store.Filter, by string,
	asks ...leadtype.Ask) (int, error) {
	ask := leadtype.Ask{}.Join(asks...)
	w, order := paged(connection, filter)
	selection := `SELECT sequence FROM leadsync.lead WHERE ` + w.text + order
	pushed := 0
	err := s.tx(ctx, "push", connection, lockConnection, func(ctx context.Context, t *transaction) error {
		pushed = 0
		if t.id == 0 {
			return nil
		}
		args := slices.Clone(w.args)
		among := selection
		if ask.Owed || len(ask.Over) > 0 {
			sequences, err := t.ask(ctx, selection, args, ask)
			if err != nil {
				return err
			}
			among, args = `SELECT unnest($2::int8[])`, []any{escape(connection), sequences}
		}
		page := &where{args: args}
		var err error
		pushed, err = t.count(ctx, `WITH pushed AS (
				UPDATE leadsync.lead SET stage = 'pre-sync', state = 'queued', retry_at = 0, attempts = 0, waited = false,
					since = `+page.arg(t.now)+`::int8
				WHERE connection = `+connectionID+` AND state <> 'in-flight' AND sequence IN (`+among+`)
				RETURNING connection, sequence, generation, since)
			INSERT INTO leadsync.history (connection, sequence, at, change, stage, state, generation, by_whom)
			SELECT connection, sequence, since, 'pushed', 'pre-sync', 'queued', generation, `+page.arg(escape(by))+`::text
			FROM pushed ORDER BY sequence`,
			page.args...)
		if pushed > 0 {
			t.change(pushed)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return pushed, nil
}

// ask enters what a person asks for into the last outcomes of leads that are not in flight,
// and returns these leads.
func (t *transaction) ask(ctx context.Context, selection string, args []any, ask leadtype.Ask) ([]int64, error) {
	var all []int64
	err := t.query(ctx, func(rows pgx.Rows) error {
		var sequence int64
		err := rows.Scan(&sequence)
		all = append(all, sequence)
		return err
	}, selection, args...)
	if err != nil {
		return nil, err
	}
	for page := range slices.Chunk(all, pageSize) {
		if err := t.askPage(ctx, page, ask); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// askPage enters it into a page of them. The steps of the history that refer to these outcomes keep what was asked for
// then. What cannot be read stays.
func (t *transaction) askPage(ctx context.Context, sequences []int64, ask leadtype.Ask) error {
	var changed []int64
	var outcomes, before []string
	err := t.query(ctx, func(rows pgx.Rows) error {
		var sequence int64
		var last string
		if err := rows.Scan(&sequence, &last); err != nil {
			return err
		}
		outcome, err := stored.DecodeOutcome(last)
		if err != nil || outcome == nil || !outcome.Heeds(ask) {
			return nil //nolint:nilerr // it stays as it is
		}
		was, own := outcome.Ask, ask
		if was != nil {
			own = was.Join(ask)
		}
		outcome.Ask = &own
		whole, err := json.Marshal(outcome)
		if err != nil {
			return err
		}
		kept, err := json.Marshal(was)
		changed, outcomes, before = append(changed, sequence), append(outcomes, string(whole)), append(before, string(kept))
		return err
	}, `SELECT sequence, outcome FROM leadsync.lead
		WHERE connection = $1 AND sequence = ANY ($2::int8[]) AND state <> 'in-flight' AND outcome <> ''
		ORDER BY sequence FOR UPDATE`, t.id, sequences)
	if err != nil || len(changed) == 0 {
		return err
	}
	b := t.batch()
	b.exec(given(`$2::int8[], $3::text[]`, `sequence, ask`)+`, found AS MATERIALIZED (
			SELECT given.*, one.id FROM given CROSS JOIN LATERAL (SELECT id FROM leadsync.history
				WHERE history.connection = given.connection AND history.sequence = given.sequence
					AND history.outcome = '`+stored.LastOutcome+`' LIMIT 1) AS one)
		UPDATE leadsync.history SET outcome = '`+stored.LastOutcome+`' || v.ask FROM found AS v
		WHERE history.connection = v.connection AND history.sequence = v.sequence AND history.id = v.id`,
		t.id, changed, before)
	b.exec(given(`$2::int8[], $3::text[]`, `sequence, outcome`)+
		`UPDATE leadsync.lead SET outcome = v.outcome FROM given AS v
		WHERE lead.connection = v.connection AND lead.sequence = v.sequence`, t.id, changed, outcomes)
	return t.send(ctx, b)
}
