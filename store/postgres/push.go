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
		err := t.rewrite(ctx, page, func(last *leadtype.Outcome) (*leadtype.Outcome, error) {
			if !last.Heeds(ask) {
				return nil, nil
			}
			own := ask
			if last.Ask != nil {
				own = last.Ask.Join(ask)
			}
			last.Ask = &own
			return last, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// rewrite replaces the last outcomes of leads that are not in flight by what change returns,
// unless that is nil. Those that cannot be read stay.
func (t *transaction) rewrite(ctx context.Context, sequences []int64,
	change func(last *leadtype.Outcome) (*leadtype.Outcome, error)) error {
	var changed []int64
	var outcomes []string
	err := t.query(ctx, func(rows pgx.Rows) error {
		var sequence int64
		var last string
		if err := rows.Scan(&sequence, &last); err != nil {
			return err
		}
		outcome, err := stored.DecodeOutcome(last)
		if err != nil || outcome == nil {
			return nil //nolint:nilerr // it stays as it is
		}
		if outcome, err = change(outcome); err != nil || outcome == nil {
			return err
		}
		whole, err := json.Marshal(outcome)
		changed, outcomes = append(changed, sequence), append(outcomes, string(whole))
		return err
	}, `SELECT sequence, outcome FROM leadsync.lead
		WHERE connection = $1 AND sequence = ANY ($2::int8[]) AND state <> 'in-flight' AND outcome <> ''
		ORDER BY sequence FOR UPDATE`, t.id, sequences)
	if err != nil || len(changed) == 0 {
		return err
	}
	return t.exec(ctx, given(`$2::int8[], $3::text[]`, `sequence, outcome`)+
		`UPDATE leadsync.lead SET outcome = v.outcome FROM given AS v
		WHERE lead.connection = v.connection AND lead.sequence = v.sequence`, t.id, changed, outcomes)
}
