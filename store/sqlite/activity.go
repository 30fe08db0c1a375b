// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/leadsync/leadsync/leadtype"
	"github.com/leadsync/leadsync/store"
	"github.com/leadsync/leadsync/store/internal/stored"
	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
	"github.com/leadsync/leadsync/store/sqlite/internal/query"
	"github.com/leadsync/leadsync/store/sqlite/internal/tally"
)

// AddActivities implements leadsync.Store.
func (s *Store) AddActivities(ctx context.Context, connection string, lead leadtype.LeadID, state store.State,
	activities []leadtype.Activity) error {
	found := false // reported after the commit, so that the calls of others still commit
	err := s.commit(ctx, &captureCall{add: func(ctx context.Context, tx *multirow.Tx) error {
		var err error
		found, err = s.addNew(ctx, tx, connection, lead, state, activities)
		return err
	}})
	if err == nil && !found {
		err = wrap(ctx, "capture", store.ErrNoLead)
	}
	return err
}

// addNew adds the activities that the lead does not have. It reports false when the
// lead does not exist.
func (s *Store) addNew(ctx context.Context, tx *multirow.Tx, connection string, lead leadtype.LeadID, state store.State,
	activities []leadtype.Activity) (bool, error) {
	var id int64
	var data, later string
	err := tx.QueryRowContext(ctx, `SELECT id, data, activities FROM lead WHERE `+query.Named, connection, string(lead),
		lead.Folded()).Scan(&id, unpacked{&data}, &later)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	text, err := stored.AppendActivities(lead, data, later, activities)
	if err == nil && text != "" {
		err = s.addActivities(ctx, tx, id, state, text)
	}
	return true, err
}

// addActivities writes the later activities of a lead, and queues the lead if they
// have to be synced.
func (s *Store) addActivities(ctx context.Context, tx *multirow.Tx, id int64, state store.State,
	activities string) error {
	now := stored.Micros(s.now())
	_, err := tx.ExecContext(ctx, `UPDATE lead SET activities = ?1 WHERE id = ?2`, activities, id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE lead SET stage = 'pre-sync', state = ?1, retry_at = 0, attempts = 0, since = ?2
		WHERE id = ?3 AND stage = 'cleared' AND action <> 'dismissed'`, string(state), now, id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx,
		`UPDATE lead SET next_state = ?1 WHERE id = ?2 AND state = 'in-flight' AND next_state = ''`, string(state), id)
	if err != nil {
		return err
	}
	if err := tally.Recount(ctx, tx, `SELECT ?`, id); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO history (lead, at, change, stage, state, generation)
		SELECT id, ?1, ?2, stage, iif(next_state = '', state, next_state), generation FROM lead WHERE id = ?3`,
		now, string(store.StepActivities), id)
	return err
}
